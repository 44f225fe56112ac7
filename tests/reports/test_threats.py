"""The threat model's page says what its systems, catalogue and study say, weak words marked."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape

import pytest

from workbench.errors import WorkbenchError
from workbench.files import read_study
from workbench.files.catalogues.system_text import text_of
from workbench.files.catalogues.threats import shipped_threats
from workbench.files.catalogues.ties import shipped_systems, shipped_ties
from workbench.files.sources import source_digest, systems_folder
from workbench.models.portfolio import simulate
from workbench.reports.threat_board import ThreatBoard, open_threat_board
from workbench.reports.threat_page import ABOUT, HOW_TO, NO_SYSTEMS
from workbench.reports.threat_record import reason_of, ruled_out_lines, threat_record, threat_text
from workbench.resources import example_study
from workbench.threats import (
    AISystem,
    Boundary,
    Catalogue,
    Component,
    Proof,
    Threat,
    drafts_of,
    threats_to,
)
from workbench.threats.ties import Safeguard, Tie, Ties

WHEN = datetime(2026, 11, 24, 9, 12, tzinfo=UTC)
AGENT, CHATBOT, CREDIT = "document-agent", "customer-chatbot", "credit-model"


@pytest.fixture(scope="module")
def board():
    return open_threat_board(computed=WHEN)


@pytest.fixture(scope="module")
def result():
    return simulate(read_study(example_study()).study)


def plain(html):
    return " ".join(unescape(re.sub(r"<[^<>]*>", " ", html)).split())


def averages(result, system):
    return sum(result.scenarios[s.id].mean() for s in result.study.scenarios if s.system == system)


def test_the_heading_counts_each_threat_once_and_names_the_costliest_system(board, result):
    touched = {t.id for one in board.systems.values() for t in one.report.threats()}
    costs = {name: averages(result, name) for name in ("Credit model", "Document agent")}
    assert max(costs, key=costs.get) == "Credit model"
    assert board.page.heading == (
        f"{len(touched)} of 134 known threats apply to our 3 AI systems; the credit model's "
        "scenarios cost the most, €1.14M in an average year."
    )


def test_a_name_that_begins_with_capitals_keeps_them_within_a_sentence(result):
    systems = [replace(one, name=f"KYC {one.name}") for one in shipped_systems()]
    board = ThreatBoard(result, systems, shipped_ties(), computed=WHEN)
    assert "the KYC Credit model's scenarios cost the most" in board.page.heading
    assert board.page.systems_heading.startswith("The KYC ")
    whys = [one.why for figures in board.systems.values() for one in figures.report.components]
    assert any("holds inference API" in why for why in whys)
    assert not any("inference api" in why for why in whys)


def test_a_systems_average_is_that_of_its_scenarios(board, result):
    for one in board.systems.values():
        assert one.average == pytest.approx(averages(result, one.system.name), rel=1e-12)
    lines = {line.id: line for line in board.page.systems}
    assert lines[AGENT].scenarios == "S-08, S-09, S-12"
    assert lines[CHATBOT].average == "€831k"
    assert lines[CHATBOT].error.startswith("error under €")


def test_no_component_carries_more_than_its_system(board):
    for one in board.systems.values():
        assert max(one.money.values()) <= one.average * (1 + 1e-12)
        assert sum(one.money.values()) > one.average, "they overlap, which the page says"
    assert "do not add up" in plain(board.blocks["worst"].words())
    assert "do not add up" in board.page.about


def test_components_are_ordered_by_money_and_then_by_threats(board):
    for one in board.systems.values():
        order = [(one.money[line.id], line.threats) for line in one.worst]
        assert order == sorted(order, reverse=True)
        assert one.worst[0].share == 1.0
        assert all(0 <= line.share <= 1 for line in one.worst)


def test_the_heat_table_counts_every_threat_once_in_its_last_column(board):
    for name, one in board.systems.items():
        rows = board.view(name).stride
        assert sum(row.total for row in rows) == len(one.report.threats())
        for letter in range(6):
            wanted = sum("STRIDE"[letter] in t.stride for t in one.report.threats())
            assert sum(row.cells[letter][0] for row in rows) == wanted
        assert max(tone for row in rows for _, tone in row.cells) == 4
        assert all((count == 0) == (tone == 0) for row in rows for count, tone in row.cells)


def test_a_component_lists_its_threats_with_why_and_money_those_with_money_first(board):
    story = board.systems[AGENT].element("tools")
    lines = [*story.top, *story.more]
    found = board.systems[AGENT].report.of("tools")
    assert sorted(line.id for line in lines) == sorted(f.threat.id for f in found)
    way = "reached by applicant -> upload -> pages -> gateway -> agent -> tools"
    assert {line.id: line.why for line in lines} == {
        f.threat.id: f.why.replace(way, "reached from outside") for f in found
    }
    assert any("reached from outside" in line.why for line in lines)
    tied = [bool(line.scenarios) for line in lines]
    assert tied == sorted(tied, reverse=True)
    assert ("Controlled by", "us") in story.facts
    assert dict(story.facts)["Reached by"].startswith("Applicant → ")


def test_a_component_tells_its_flows_across_a_boundary_and_what_goes_with_them(board):
    one = board.systems[AGENT]
    told = dict(one.element("upload").crossings)
    found = sorted(f.threat.id for f in one.report.of("applicant -> upload"))
    assert len(found) > 1
    assert told == {
        "Applicant → Upload page": f"documents, {len(found)} threats: {', '.join(found)}"
    }
    assert one.element("rules").crossings == (), "its flows stay inside"
    ends = [e for f in one.system.crossing() for e in (f.source, f.target)]
    counts = [len(one.element(part.id).crossings) for part in one.system.components]
    assert counts == [ends.count(part.id) for part in one.system.components]


def test_what_is_editorial_recalled_or_fits_weakly_is_marked_wherever_it_stands(board):
    catalogue = {threat.id: threat for threat in shipped_threats()}
    seen = set()
    for one in board.systems.values():
        for part in one.system.components:
            story = one.element(part.id)
            html = board.html("element", story=story)
            for line in (*story.top, *story.more):
                threat = catalogue[line.id]
                assert ("editorial" in line.marks) == (threat.proof.type == "editorial")
                assert ("recalled" in line.marks) == threat.proof.certainty.startswith("recalled")
                assert ("STRIDE fits weakly" in line.marks) == (threat.stride_fit == "weak")
                row = html.partition(f"<small>{line.id}")[2].partition("</th>")[0]
                assert all(f'<span class="tag">{word}</span>' in row for word in line.marks)
                seen |= set(line.marks)
    assert seen == {"editorial", "recalled", "STRIDE fits weakly"}


def test_a_control_is_in_place_where_the_study_says_so_and_covers_its_threats(board):
    view = board.view(CHATBOT)
    stated = {line.id: line.status for line in view.controls if line.status != "not stated"}
    ties = shipped_ties()[CHATBOT]
    assert stated == {one.control: one.status for one in ties.controls}
    one = board.systems[CHATBOT]
    covered = {t for m in one.against if m.in_place for t in m.threats}
    assert view.coverage_heading == (
        f"3 controls in place are against {len(covered)} of 45 threats; {45 - len(covered)} have "
        "none."
    )
    for line in one.element("prompt").top:
        assert (line.control == "in place") == (line.id in covered)


def test_a_control_that_several_systems_have_is_counted_once(result):
    same = (Safeguard("CTL-005", "in place"),)
    ties = {one.id: Ties(one.id, controls=same) for one in shipped_systems()}
    board = ThreatBoard(result, shipped_systems(), ties, computed=WHEN)
    assert "1 control is stated to be in place" in board.page.summary


def test_what_the_ties_name_and_is_not_there_stands_on_the_page(result):
    ties = {AGENT: Ties(AGENT, (Tie("S-99", ("STAI-043",)),)), "gone": Ties("gone")}
    state = ThreatBoard(result, shipped_systems(), ties, computed=WHEN).page.state
    assert "scenario S-99 is tied and not in the study" in state
    assert "system gone is tied and not described" in state
    whole = ThreatBoard(result, shipped_systems(), shipped_ties(), computed=WHEN).page.state
    assert not any("is tied" in one for one in whole)


def test_everything_that_was_ruled_out_is_listed_with_its_reason(board):
    for name, one in board.systems.items():
        view = board.view(name)
        assert [(a, c) for a, _, c in view.ruled_out] == [
            (r.threat.id, r.why) for r in one.report.ruled_out
        ]
        assert sum(line.threats for line in view.reasons) == len(one.report.ruled_out)


def test_a_threat_that_fails_in_two_ways_is_counted_as_such_and_counts_add_up():
    stranger = Threat(
        "T-1", "Stranger", "x", ("T",), "agent_orchestration", "operation", ("cyber_criminal",),
        ("response",), Proof("editorial"), needs=("acts",),
    )  # fmt: skip
    alone = replace(stranger, id="T-2", needs=())
    system = AISystem(
        "s", "S",
        (Component("a", "A", "agent", "in", facts=("acts",)), Component("b", "B", "agent", "in")),
        boundaries=(Boundary("in", "In", 2),),
    )  # fmt: skip
    report = threats_to(system, Catalogue((stranger, alone)))
    lines = ruled_out_lines(report, None)
    assert [line for line in lines if " because " in line] == [
        (
            "  1 because the system is not said to be what they need, elsewhere nobody who does it "
            "has a way to the component"
        ),
        "  1 because nobody who does it has a way to the component",
    ]


@pytest.mark.parametrize("system", shipped_systems(), ids=lambda s: s.id)
@pytest.mark.parametrize("most", [0, 1, 3, None])
def test_ruled_out_threats_are_counted_by_reason_and_a_few_of_each_are_named(system, most):
    report = threats_to(system, shipped_threats())
    lines = ruled_out_lines(report, most)
    whole = len(report.ruled_out)
    assert lines[0].startswith(f"Ruled out: {whole} threats")
    assert ("--all" in lines[0]) == (most is not None)
    counts = [int(line.split()[0]) for line in lines if " because " in line and "STAI" not in line]
    assert sum(counts) == whole
    named = [line for line in lines if line.startswith("    STAI-")]
    assert len(named) == sum(n if most is None else min(n, most) for n in counts)


def test_choosing_a_system_tells_every_slot_and_a_component_its_own(board):
    slots = {slot.name for block in board.blocks.values() for slot in block.slots()}
    told = board.chosen(CHATBOT)
    assert set(told) == slots
    assert all("Customer chatbot" in plain(h) for name, h in told.items() if name != "element")
    (name,) = board.chosen(f"{CHATBOT}/lookup")
    assert name == "element"
    assert "Account lookup" in plain(board.chosen(f"{CHATBOT}/lookup")["element"])


@pytest.mark.parametrize("one", ["", "nobody", f"{AGENT}/nobody", f"nobody/{AGENT}", "<b>"])
def test_what_is_not_there_changes_nothing(board, one):
    assert board.chosen(one) == {}


def test_a_diagram_counts_what_the_report_counts(board):
    for name, one in board.systems.items():
        diagram = board.diagram(name)
        assert {c["id"]: c["count"] for c in diagram["components"]} == {
            part.id: len(one.report.of(part.id)) for part in one.system.components
        }
        crossing = [flow["count"] for flow in diagram["flows"] if flow["crosses"]]
        assert crossing == [len(one.report.of(flow.id)) for flow in one.system.crossing()]


HOSTILE = "<img src=x onerror=alert(1)>&\"'"


def test_names_of_a_system_and_a_study_stay_text(result):
    (one,) = [s for s in shipped_systems() if s.id == AGENT]
    parts = tuple(replace(part, name=f"{HOSTILE} {part.id}") for part in one.components)
    hostile = replace(one, name=HOSTILE, components=parts)
    ties = {AGENT: Ties(AGENT, (Tie("S-08", ("STAI-044",), HOSTILE),))}
    board = ThreatBoard(result, [hostile], ties, computed=WHEN)
    html = "".join(
        part if isinstance(part, str) else getattr(part, "html", "")
        for block in board.blocks.values()
        for part in block.leaves()
    )
    assert "<img" not in html
    assert "onerror=alert(1)&gt;" in html


def test_a_study_without_systems_says_how_to_describe_them(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_bytes(example_study().read_bytes())
    board = open_threat_board(path, computed=WHEN)
    assert board.page.heading == NO_SYSTEMS
    assert board.page.summary == HOW_TO
    assert list(board.blocks) == ["lede", "footer"]


def test_systems_beside_a_study_are_read_and_an_edit_makes_the_page_another(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_bytes(example_study().read_bytes())
    before = source_digest(path)
    folder = systems_folder(path)
    folder.mkdir()
    (one,) = [s for s in shipped_systems() if s.id == AGENT]
    (folder / "mine.yaml").write_text(text_of(one), encoding="utf-8")
    assert source_digest(path) != before
    board = open_threat_board(path, computed=WHEN)
    assert list(board.systems) == [AGENT]
    assert board.page.heading.endswith("to our AI system; none of them is quantified yet.")
    assert f'data-source="{source_digest(path)}"' in board.html("lede")
    story = board.systems[AGENT].element("tools")
    assert not any(line.money for line in (*story.top, *story.more))
    (folder / "mine.yaml").write_text("system: 3", encoding="utf-8")
    with pytest.raises(WorkbenchError, match=r"mine\.yaml"):
        open_threat_board(path)


def test_the_reading_of_the_catalogue_is_marked_wherever_a_finding_is_told():
    system = next(one for one in shipped_systems() if one.id == CHATBOT)
    report = threats_to(system, shipped_threats())
    drafts = drafts_of(report)
    assert "our reading" in threat_record(report, drafts)["basis"]
    assert "[editorial: what a threat needs" in threat_text(report, drafts)
    assert "our reading of what each threat needs" in ABOUT


def test_a_threat_that_nobody_outside_reaches_is_ruled_out_for_one_kind_of_reason():
    """Not for what the system is: that what outsiders need is not said stands beside it."""
    office = Boundary("office", "Office", 1)
    cluster = AISystem("s", "S", (Component("c", "C", "compute", "office"),), boundaries=(office,))
    report = threats_to(cluster, shipped_threats())
    why = next(one.why for one in report.ruled_out if one.threat.id == "STAI-070")
    assert reason_of(why) == "nobody who does it has a way to the component"


def test_what_is_not_quantified_has_no_error(result):
    told = ThreatBoard(result, shipped_systems(), {}, computed=WHEN).html("systems")
    assert told.count("not quantified") == len(shipped_systems())
    assert "error" not in told
