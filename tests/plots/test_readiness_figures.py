"""Coverage, ribbons, roadmap and months as plain values: nothing is lost, nothing is overstated."""

import json
from collections import Counter
from itertools import pairwise

import pytest

from workbench.files.catalogues.crosswalks import shipped_crosswalk
from workbench.files.catalogues.frameworks import shipped_frameworks
from workbench.files.catalogues.plans import shipped_roadmap
from workbench.frameworks.coverage import Record, coverage, matrix
from workbench.frameworks.crosswalk import Crosswalk, Row
from workbench.frameworks.groups import SIX, group_of, heading, short_name
from workbench.frameworks.roadmap import Phase, Roadmap, Task
from workbench.plots.coverage import coverage_table, tones_shown
from workbench.plots.gantt import gantt
from workbench.plots.monthly import Month, monthly_loss
from workbench.plots.sankey import MOST_GROUPS, MOST_LINKS, OTHER, ribbons, sankey
from workbench.reports.crosswalk_words import flow

FRAMEWORKS, CROSSWALK = shipped_frameworks(), shipped_crosswalk()
NAMES = {one: short_name(FRAMEWORKS, one) for one in SIX}
FOUND = matrix(CROSSWALK, FRAMEWORKS, SIX)


def tokens(figure):
    """Return every colour that a figure names outright: it should name none."""
    text = json.dumps(figure)
    return [word for word in text.split('"') if word.startswith(("#", "rgb"))]


def row(source, target, relationship="intersects"):
    return Row(("a", source), ("b", target), relationship, 5, "editorial", "test")


# coverage


def test_each_cell_of_the_matrix_counts_every_requirement_of_its_column_once():
    table = coverage_table(FOUND, NAMES)
    sizes = {one: size for one, _, size in table.columns}
    assert sizes == {one: len(FRAMEWORKS[one].assessed()) for one in SIX}
    for source, _, cells in table.rows:
        for target, cell in zip(SIX, cells, strict=True):
            if source == target:
                assert cell is None
            else:
                assert cell.size == sizes[target]
                assert cell.met == len(FOUND[source, target].met())
                assert str(cell.candidates) in cell.words()


def test_candidates_never_darken_a_cell_and_evidence_does():
    source, target = FRAMEWORKS["iso42001_2023"], FRAMEWORKS["nist_ai_rmf_1_0"]
    bare = coverage(CROSSWALK, source, target)
    assert len(bare.candidates) == 72
    records = [
        Record(target.id, one, "seen", "an auditor", "2026-11-24") for one in bare.candidates
    ]
    full = coverage(CROSSWALK, source, target, records=records[:36])
    tables = [coverage_table({(source.id, target.id): one}, NAMES) for one in (bare, full)]
    first, second = (t.rows[0][2][4] for t in tables)
    assert (first.tone, first.met, first.candidates, first.related) == (0, 0, 72, 1.0)
    assert (second.tone, second.met, second.candidates, second.related) == (4, 36, 36, 0.5)
    assert "36 by evidence of their own" in second.words()
    assert [tone for tone, _ in tones_shown(tables[1])] == [4]


# ribbons


@pytest.mark.parametrize("pair", [p for p in FOUND if p[0] < p[1]], ids="-".join)
def test_the_ribbons_between_two_frameworks_hold_every_row_and_stay_few(pair):
    rows = CROSSWALK.between(*pair)
    links = ribbons(rows, lambda place: group_of(FRAMEWORKS, place))
    assert sum(link.rows for link in links) == len(rows)
    assert sum(link.rows for link in links if link.inherits) == sum(r.inherits for r in rows)
    for side in ("source", "target"):
        assert len({getattr(link, side) for link in links}) <= MOST_GROUPS + 1
    assert len(links) <= MOST_LINKS + 2 * MOST_GROUPS


def test_all_715_rows_at_once_are_as_readable():
    rows = [
        Row(
            ("a", f"{r.source[0]}|{r.source[1]}"),
            ("b", f"{r.target[0]}|{r.target[1]}"),
            r.relationship,
            r.strength,
            r.basis,
            r.provenance,
        )
        for r in CROSSWALK.rows
    ]
    links = ribbons(rows, lambda place: place[1])  # every id a group of its own
    assert sum(link.rows for link in links) == 715
    assert len(links) <= MOST_LINKS + 2 * MOST_GROUPS
    names = [sorted({getattr(link, side) for link in links}) for side in ("source", "target")]
    figure = sankey(links, (names[0], names[1]), ("all", "all"))
    assert len(figure["data"]) == len(links)
    labels = figure["layout"]["annotations"]
    assert len(labels) <= 2 * (MOST_GROUPS + 2)
    across = [a["y"] for a in labels if a["xanchor"] == "right"]
    assert len(set(across)) == len(across), "no two names at one place"


def test_thin_links_end_in_other_and_none_is_dropped():
    rows = [row(f"s{i}", f"t{i}") for i in range(5) for _ in range(i + 1)]
    links = ribbons(rows, lambda place: place[1], most=2)
    assert [(k.source, k.target, k.rows) for k in links[:2]] == [("s4", "t4", 5), ("s3", "t3", 4)]
    assert {k.target for k in links[2:]} == {OTHER}
    assert sum(k.rows for k in links) == 15


def test_related_rows_are_never_drawn_as_inherited():
    rows = [
        row("1", "1", "equal"),
        row("1", "2", "subset"),
        row("2", "2", "superset"),
        row("3", "1"),
    ]
    links = ribbons(rows, lambda place: place[1])
    assert Counter((k.source, k.target, k.inherits) for k in links) == Counter(
        [("1", "1", True), ("1", "2", False), ("2", "2", True), ("3", "1", False)]
    )
    figure = sankey(links, (("1", "2", "3"), ("1", "2")), ("A", "B"))
    for trace in figure["data"]:
        is_blue = trace["fillcolor"] == "var(--residual)"
        assert is_blue == ("inherited" in trace["text"] and "nothing" not in trace["text"])


def test_a_ribbon_is_as_thick_as_its_rows_at_both_ends_and_groups_do_not_overlap():
    links = ribbons([row("1", "1"), row("1", "2"), row("2", "2")], lambda place: place[1])
    figure = sankey(links, (("1", "2"), ("1", "2")), ("A", "B"))
    for trace in figure["data"]:
        y = trace["y"]
        assert y[0] - y[-1] == pytest.approx(1 / 3, abs=1e-6)
        half = len(y) // 2
        assert y[half - 1] - y[half] == pytest.approx(1 / 3, abs=1e-6)
    for side in (0, 0.98):
        bars = sorted((s["y0"], s["y1"]) for s in figure["layout"]["shapes"] if s["x0"] == side)
        assert all(low[1] < high[0] for low, high in pairwise(bars))


def test_names_of_groups_are_escaped():
    links = ribbons([row("<b>x</b>", "$y")], lambda place: place[1])
    figure = sankey(links, (("<b>x</b>",), ("$y",)), ("<i>A</i>", "B"))
    text = json.dumps(figure)
    assert "<i>A" not in text
    assert "<b>x</b>" not in text
    assert "$y" not in text


def test_the_rows_of_an_edition_into_the_next_are_told_as_what_they_are():
    _, told, table = flow(CROSSWALK, FRAMEWORKS, "iso27001_2013", "iso27001_2022")
    assert told.startswith("58 of 115 rows let ISO 27001 inherit")
    assert sum(r[2] for r in table.rows) == 115
    _, told, _ = flow(CROSSWALK, FRAMEWORKS, "iso42001", "nist_ai_rmf")
    assert "All 154 rows" in told
    assert "nothing is inherited" in told
    figure, told, table = flow(Crosswalk(()), FRAMEWORKS, "iso42001_2023", "soc2_tsc_2017_2022")
    assert (figure["data"], told, table.rows) == ([], "No row relates ISO 42001 and SOC 2.", ())


@pytest.mark.parametrize(
    ("framework", "id", "top"),
    [
        ("iso42001_2023", "A.6.2.6", "A.6"),
        ("iso42001_2023", "8.4", "8"),
        ("nist_ai_rmf_1_0", "MEASURE 2.11", "MEASURE 2"),
        ("soc2_tsc_2017_2022", "CC6.1", "CC6"),
        ("eu_ai_act_2024_1689", "14", "Chapter III, section 2"),
        ("eu_ai_act_2024_1689", "50", "Chapter IV"),
    ],
)
def test_a_requirement_stands_under_its_heading(framework, id, top):
    assert heading(FRAMEWORKS[framework], id) == top


# the roadmap and its months


def test_the_gantt_shows_every_task_in_its_months_and_every_wait():
    roadmap = shipped_roadmap()
    figure = gantt(roadmap)
    links, bars = figure["data"]
    assert len(bars["y"]) == len(roadmap.tasks) == 19
    for task, start, length in zip(roadmap.tasks, bars["base"], bars["x"], strict=True):
        assert (start, start + length) == (task.first - 1, task.last)
    assert links["x"].count(None) == sum(len(task.waits_for) for task in roadmap.tasks)
    assert len(figure["layout"]["shapes"]) == 3
    numbers = [
        a["text"] for a in figure["layout"]["annotations"] if a["text"].strip("</b>").isdigit()
    ]
    assert numbers == [f"<b>{len(t.controls)}</b>" for t in roadmap.tasks if t.controls]


def test_a_line_leads_from_the_end_of_a_task_to_one_that_waits_for_it():
    tasks = (
        Task("A", 1, "a", "", 1, 2),
        Task("B", 1, "b", "", 2, 4, ("A",)),
        Task("C", 1, "c", "", 5, 5, ("A",)),
    )
    links = gantt(Roadmap((Phase(1, "all", 1, 6),), tasks))["data"][0]
    first, second = links["x"][:4], links["x"][4:]
    assert first[0] == first[1] < 2
    assert first[2] == first[0], "B is at work by then: the line meets its bar"
    assert second[2] == 4, "C begins at the end of month 4"
    assert links["y"] == [2, 1, 1, None, 2, 0, 0, None]


def test_the_months_are_steps_that_end_at_the_last_loss():
    months = [
        Month(0, 0, 100.0, 100.0, 100.0),
        Month(1, 2, 99.5, 99.0, 100.0),
        Month(2, 5, 60.0, 50.0, 80.0),
    ]
    figure = monthly_loss(months, "EUR")
    band, line, dots = figure["data"]
    assert line["line"]["shape"] == "hv"
    assert line["y"] == [100.0, 99.5, 60.0]
    assert dots["x"] == [0, 2], "a step of half a per cent is not marked"
    assert all("assumption" in text for text in line["text"])
    assert min(band["y"]) == 50.0
    assert figure["layout"]["yaxis"]["range"][0] == 0, "bars of money begin at nothing"
    assert monthly_loss([], "EUR")["data"] == []


@pytest.mark.parametrize(
    "figure",
    [
        gantt(shipped_roadmap()),
        monthly_loss([Month(0, 0, 9.0, 9.0, 9.0), Month(1, 1, 5.0, 4.0, 6.0)], "EUR"),
        flow(CROSSWALK, FRAMEWORKS, "iso42001_2023", "nist_ai_rmf_1_0")[0],
    ],
    ids=("gantt", "months", "ribbons"),
)
def test_a_figure_is_plain_data_in_the_colours_of_the_page(figure):
    assert json.loads(json.dumps(figure)).keys() == {"data", "layout"}
    assert tokens(figure) == []
    assert figure["layout"]["meta"]["narrow_below"] > 0
