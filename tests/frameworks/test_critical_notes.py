"""Where the source document is critically wrong, the product is right: one test a note."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from workbench.distributions import LogNormal, Pert, Point
from workbench.evidence import DIVERGENCES, Counted, Guarantee, Threshold, drift
from workbench.files.catalogues.ai_act import shipped_act
from workbench.files.catalogues.crosswalks import shipped_crosswalk
from workbench.files.catalogues.frameworks import shipped_frameworks
from workbench.files.source_notes import read_source_notes, shipped_notes
from workbench.frameworks import lint
from workbench.frameworks.ai_act import Answers
from workbench.frameworks.ai_act_tiers import classify
from workbench.frameworks.crosswalk import Crosswalk, Row
from workbench.models.portfolio import simulate
from workbench.models.scenario import Scenario
from workbench.models.severity_matrix import SeverityMatrix
from workbench.models.study import Study
from workbench.resources import bundled

FRAMEWORKS, CROSSWALK, ACT = shipped_frameworks(), shipped_crosswalk(), shipped_act()
ISO, AIMS, EU = "iso27001_2022", "iso42001_2023", "eu_ai_act_2024_1689"
OLD = {
    "SRC-05": ("A.9.4", {"A.8.3", "A.8.5", "A.5.17", "A.8.18", "A.8.4"}),
    "SRC-06": ("A.12.6", {"A.8.8", "A.8.19"}),
    "SRC-07": ("A.16.1", {"A.5.24", "A.5.25", "A.5.26", "A.5.27", "A.5.28", "A.6.8"}),
}
CLAUSES = {
    "SRC-15": ("6.1.2", "assessment"),
    "SRC-18": ("8.4", "impact assessment"),
    "SRC-19": ("4.2", "Interested parties"),
}


def test_every_critical_note_is_tested_here():
    critical = {n.id for n in read_source_notes(shipped_notes()) if n.severity == "critical"}
    named = re.findall(r"src_\d\d", Path(__file__).read_text("utf-8"))
    tested = {*OLD, *CLAUSES, *(name.upper().replace("_", "-") for name in named)}
    assert critical <= tested


@pytest.mark.parametrize(("old", "new"), OLD.values(), ids=list(OLD))
def test_a_number_of_2013_is_no_number_of_2022_and_leads_to_its_successors(old, new):
    assert not FRAMEWORKS.holds(ISO, old)
    group = FRAMEWORKS.requirement("iso27001_2013", old)
    assert set(group.facts["now"].split(", ")) == new
    row = Row((ISO, old), (AIMS, "A.2.2"), "intersects", 5, "editorial", "as the document has it")
    (fault,) = lint(Crosswalk((row,)), FRAMEWORKS)
    assert fault.kind == "edition mismatch"
    assert "but in iso27001_2013" in fault.what


@pytest.mark.parametrize(("clause", "word"), CLAUSES.values(), ids=list(CLAUSES))
def test_a_clause_of_42001_has_its_own_title(clause, word):
    assert word in FRAMEWORKS.requirement(AIMS, clause).title


def test_src_15_treatment_is_6_1_3_and_src_19_issues_are_4_1():
    assert "treatment" in FRAMEWORKS.requirement(AIMS, "6.1.3").title
    assert "context" in FRAMEWORKS.requirement(AIMS, "4.1").title
    assert FRAMEWORKS.requirement(AIMS, "A.8.2").parent == "A.8"


def test_src_10_the_printed_privacy_is_kept_by_a_mechanism_that_tells_all_and_ours_is_not():
    """As printed, the right side holds the left one: it bounds nothing, whatever epsilon is."""
    tells_all = np.eye(2)  # the output is the person's record itself
    printed = [
        epsilon * q + p >= p for epsilon in (0, 0.5, 3) for p, q in (tells_all, -tells_all + 1)
    ]
    assert np.all(printed)
    assert not any(Guarantee(epsilon, 0.99).holds(*tells_all) for epsilon in (0, 0.5, 3, 700))
    coin = np.array([0.75, 0.25])  # tell the truth or else toss a coin: Dwork and Roth 2014, 3.2
    assert Guarantee(math.log(3)).holds(coin, coin[::-1])
    assert not Guarantee(math.log(2.9)).holds(coin, coin[::-1])


def test_src_30_a_divergence_travels_with_its_settings_and_0_1_is_no_rule():
    rng, even = np.random.default_rng(30), np.full(50, 0.02)
    rows = [
        Counted(tuple(map(str, range(50))), even, rng.multinomial(200, even).astype(float), True)
        for _ in range(100)
    ]
    rule = Threshold(0.1, "the source document")
    found = [drift(one, smoothing=0, threshold=rule, replicates=200) for one in rows]
    assert found[0].without_drift == pytest.approx(0.1225)  # (50 - 1) / (2 x 200) nats
    assert np.mean([one.estimate > 0.1 for one in found]) > 0.75  # the document's rule: 88 %
    assert {one.verdict for one in found} == {"invalid"}
    assert (found[0].unit, found[0].cells, found[0].m) == ("nats", 50, 200)
    empty = Counted(("a", "b"), np.array([0.5, 0.5]), np.array([9.0, 0.0]), is_known=True)
    assert drift(empty, smoothing=0).estimate == math.inf
    assert {*DIVERGENCES} == {"kl", "psi", "js"}
    assert drift(empty, measure="js", base=2, smoothing=0).unit == "bits"


def test_src_16_no_framework_asks_for_a_sil():
    titles = [one.title for name in (AIMS, EU) for one in FRAMEWORKS[name]]
    assert not [t for t in titles if "SIL" in t.split()]
    device = classify(
        Answers("diagnosis", develops=True, annex_i="A", third_party_assessment=True),
        ACT,
        "2026-11-28",
    )
    assert (device.tiers[0].id, device.tiers[0].articles) == ("high", ("6(1)",))


def test_src_17_transparency_stands_in_chapter_iv_article_50():
    assert FRAMEWORKS.requirement(EU, "50").facts["chapter"] == "IV"
    found = classify(
        Answers("chatbot", develops=True, uses=True, interacts_with_people=True,
                generates_content=True, makes_deepfakes=True),
        ACT, "2026-11-28",
    )  # fmt: skip
    assert found.tiers[0].articles == ("50(1)", "50(2)", "50(4)")


def test_src_20_nothing_cures_a_prohibited_practice():
    assert len(ACT.practices) == 10
    for practice in ACT.practices:
        answers = Answers("x", develops=True, practices=(practice,), no_significant_risk=True)
        assert classify(answers, ACT, "2026-12-02").tier == "prohibited"
    controls = [row for row in CROSSWALK.rows if row.source[1].startswith("5.1.")]
    assert not [row for row in controls if row.inherits]


def test_src_21_the_matrix_is_a_rank_with_ties_and_28_of_300_pairs_turned():
    matrix = SeverityMatrix(levels=5)
    score = {(x, c): matrix.score(x, c) for x in range(1, 6) for c in range(1, 6)}
    assert score[1, 5] == score[5, 1] == 26
    assert score[3, 4] == 25
    cells = list(score)
    turned = sum(
        (score[a] - score[b]) * (a[0] * a[1] - b[0] * b[1]) < 0
        for i, a in enumerate(cells)
        for b in cells[:i]
    )
    assert turned == 28
    assert not [name for name in dir(matrix) if "money" in name or "loss" in name]


def test_src_34_ale_is_a_mean_of_the_classical_view_and_a_year_is_a_whole_distribution():
    scenario = Scenario.classical(
        "S", "S", aro=Pert(0.1, 0.5, 2), exposure_factor=Pert(0.1, 0.3, 0.8), asset_value=Point(1e6)
    )
    result = simulate(Study(scenarios=(scenario,)))
    ale = Pert(0.1, 0.5, 2).mean() * Pert(0.1, 0.3, 0.8).mean() * 1e6
    assert result.portfolio.mean() == pytest.approx(ale, rel=1e-9)
    assert result.portfolio.var(0.95) > 2 * ale
    rng = np.random.default_rng(5)
    counts = rng.poisson(Pert(0.1, 0.5, 2).ppf(rng.random(400_000)))
    shape = stats.beta(1 + 4 * 2 / 7, 1 + 4 * 5 / 7, loc=0.1, scale=0.7)
    shares = shape.rvs(counts.sum(), random_state=rng)
    years = 1e6 * np.bincount(np.repeat(np.arange(counts.size), counts), shares, counts.size)
    assert result.portfolio.var(0.95) == pytest.approx(np.quantile(years, 0.95), rel=0.01)
    fair = Scenario.fair(
        "S", "S", loss_event_frequency=Pert(0.1, 0.5, 2), loss_magnitude=LogNormal(10, 1)
    )
    assert fair.lens == "fair"


def test_src_36_the_route_to_conformity_is_the_one_of_the_point():
    def body(**answers):
        found = classify(Answers("x", develops=True, **answers), ACT, "2026-11-28")
        return None if found.route is None else found.route.notified_body

    internal = [point for point in ACT.areas if not point.startswith("III.1.")]
    assert {body(annex_iii=(point,)) for point in internal} == {"none"}
    assert body(annex_iii=("III.1.b",), standards="full") == "optional"
    assert body(annex_iii=("III.1.b",), standards="partly") == "required"
    assert body(interacts_with_people=True) is None


def test_src_39_no_shipped_figure_promises_faster_response_or_fewer_penalties():
    for path in (bundled("datasets") / "benchmarks").glob("*.json"):
        assert not re.search(r'"figure": (60|35|0\.6|0\.35)\b', path.read_text("utf-8"))
    note = next(n for n in read_source_notes(shipped_notes()) if n.id == "SRC-39")
    assert "refused as evidence" in note.action
