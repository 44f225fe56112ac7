"""The example lender's readiness: complete, known ids, each exclusion with its reason."""

import shutil
from dataclasses import replace

import pytest

from workbench.errors import WorkbenchError
from workbench.files import read_study
from workbench.files.catalogues.ai_act import shipped_act
from workbench.files.catalogues.controls import shipped_controls
from workbench.files.catalogues.statements import read_folder, read_statement, readiness_of
from workbench.files.catalogues.threats import shipped_threats
from workbench.files.catalogues.ties import shipped_ties
from workbench.files.messages import FileRefused
from workbench.files.sources import source_digest
from workbench.frameworks.ai_act_tiers import classify
from workbench.frameworks.effects import Effects
from workbench.frameworks.statement import Stated, Statement, Tie
from workbench.resources import bundled, example_study
from workbench.threats.ties import Safeguard, Ties
from workbench.threats.ties import Tie as SystemTie

STUDY = read_study(example_study()).study
FOLDER = readiness_of(example_study())
SIX = {
    "iso42001_2023": 70,
    "iso27001_2022": 123,
    "iso27701_2025": 99,
    "eu_ai_act_2024_1689": 34,
    "nist_ai_rmf_1_0": 72,
    "soc2_tsc_2017_2022": 61,
}


@pytest.mark.parametrize(("framework", "assessed"), SIX.items())
def test_every_assessed_requirement_is_stated_or_counted_as_not_stated(framework, assessed):
    tally = FOLDER.readiness.tally(framework)
    assert tally.applicable + tally.not_applicable == assessed
    assert (tally.unstated > 0) == (framework == "soc2_tsc_2017_2022")
    known = {one.id for one in FOLDER.readiness.frameworks[framework].assessed()}
    assert set(FOLDER.readiness.of(framework)) <= known


def test_every_standing_says_who_and_what_is_not_met_by_when():
    rows = FOLDER.readiness.standings
    assert {row.framework for row in rows} == set(SIX)
    assert all(row.owner for row in rows)
    assert all(bool(row.due) == (row.status in ("in part", "open")) for row in rows)
    assert all(bool(row.justification) == (row.status == "not applicable") for row in rows)
    assert all(row.evidence for row in rows if row.status in ("met", "in part"))
    late = [row for row in rows if row.maturity is not None and row.maturity > row.target]
    assert late == []


def test_every_scenario_stands_for_known_threats_and_every_control_is_known():
    threats = {threat.id for threat in shipped_threats()}
    statement = FOLDER.statement
    assert statement.unknown(STUDY, shipped_controls(), threats) == []
    assert set(statement.threats()) == {scenario.id for scenario in STUDY.scenarios}
    assert all(tie.why and tie.threats for tie in statement.ties)
    assert isinstance(statement.effects(STUDY, shipped_controls()), Effects)


def test_the_threat_model_and_the_readiness_say_the_same_of_scenarios_and_controls():
    threats, whole = FOLDER.statement.threats(), set(FOLDER.statement.controls_in_place())
    local = FOLDER.statement.in_place_at()
    apart = set(threats)
    for ties in shipped_ties().values():
        for tie in ties.scenarios:
            assert set(threats[tie.scenario]) == set(tie.threats), tie.scenario
            apart.discard(tie.scenario)
        for control in ties.controls:
            at = {tie.scenario for tie in ties.scenarios if control.control in local[tie.scenario]}
            wanted = {tie.scenario for tie in ties.scenarios if control.status == "in place"}
            assert at == wanted, control.control
            assert control.control not in whole
    assert apart == {"S-14"}, "unapproved tools have no system"


def test_a_scenario_of_two_systems_stands_for_the_threats_of_both_and_ones_own_word_counts():
    own = Statement("2026-11-24", "us", ties=(Tie("S-1", ("T-1",), "ours"),))
    first = Ties("a", (SystemTie("S-1", ("T-9",)), SystemTie("S-2", ("T-2", "T-3"))), ())
    second = Ties(
        "b",
        (SystemTie("S-2", ("T-3", "T-4"), "b"),),
        (Safeguard("C-1", "in place"), Safeguard("C-2", "planned")),
    )
    third = Ties("c", (SystemTie("S-1", ("T-9",)),), (Safeguard("C-1", "in place"),))
    found = own.joined([first, second])
    assert found.threats() == {"S-2": ("T-2", "T-3", "T-4"), "S-1": ("T-1",)}
    assert (found.controls_in_place(), found.in_place_at()) == ((), {"S-2": ("C-1",)})
    assert own.joined([third]).in_place_at() == {"S-1": ("C-1",)}
    assert own.joined([]) == own


def test_a_safeguard_of_one_system_counts_for_its_scenarios_and_the_organisations_for_all():
    """The red team of the chatbot is no red team of the agent: S-08 is halved, S-07 is not."""
    statement, controls = FOLDER.statement, shipped_controls()
    changes = statement.effects(STUDY, controls).study_with(["CTL-026"]).changes
    times = {one.scenario: one.times for one in changes if one.factor == "vulnerability"}
    size = {one: _middle(controls.control(one), "vulnerability") for one in ("CTL-013", "CTL-026")}
    assert times["S-08"] == pytest.approx(1 - size["CTL-026"])
    assert times["S-07"] == pytest.approx((1 - size["CTL-026"]) / (1 - size["CTL-013"]))
    for_all = replace(statement, in_place=(*statement.in_place, Stated("CTL-013", "everywhere")))
    changes = for_all.effects(STUDY, controls).study_with(["CTL-026"]).changes
    everywhere = {one.scenario: one.times for one in changes if one.factor == "vulnerability"}
    assert everywhere["S-08"] == everywhere["S-07"] == times["S-07"]


def _middle(control, factor):
    (one,) = (effect for effect in control.effects if effect.factor == factor)
    return (one.low + one.high) / 2


def test_what_is_left_aside_stays_aside_where_a_system_says_that_it_is_in_place():
    own = Statement("2026-11-24", "us", not_counted=(Stated("C-1", "losses are gross of it"),))
    found = own.joined([Ties("a", (), (Safeguard("C-1", "in place"),))])
    assert (found.controls_in_place(), found.not_counted) == ((), own.not_counted)
    assert found.at_systems == ()


def test_what_is_named_and_nowhere_known_is_told():
    lost = FOLDER.statement.unknown(STUDY, shipped_controls(), ())
    assert len(lost) == sum(len(tie.threats) for tie in FOLDER.statement.ties)
    smaller = STUDY.__class__(scenarios=STUDY.scenarios[:1])
    lost = FOLDER.statement.unknown(smaller, shipped_controls(), {t.id for t in shipped_threats()})
    assert len(lost) == len(FOLDER.statement.ties) - 1 == sum("not in the study" in x for x in lost)


def test_the_answers_are_those_of_the_three_systems_of_the_study():
    systems = {scenario.system for scenario in STUDY.scenarios}
    found = {a.system: classify(a, shipped_act(), FOLDER.statement.day) for a in FOLDER.answers}
    assert set(found) < systems
    assert {name: one.tier for name, one in found.items()} == {
        "Credit model": "high",
        "Customer chatbot": "transparency",
        "Document agent": "high",
    }
    assert "III.5.b" in found["Credit model"].tiers[0].articles
    assert all(
        one.date.day == "2027-12-02"
        for one in found["Credit model"].obligations
        if one.tier == "high"
    )


@pytest.fixture
def own(tmp_path):
    """Return a study of one's own, with a folder beside it."""
    study = tmp_path / "mine.yaml"
    study.write_bytes(example_study().read_bytes())
    shutil.copytree(bundled("datasets") / "readiness", tmp_path / "mine.readiness")
    shutil.copytree(bundled("datasets") / "systems", tmp_path / "mine.systems")
    return study


def test_ones_own_statement_stands_beside_ones_own_study(own):
    assert readiness_of(own).statement == FOLDER.statement
    assert readiness_of(own.with_name("other.yaml")) is None


def test_an_edit_of_what_is_stated_is_an_edit_of_the_pages_source(own):
    before = source_digest(own)
    answers = own.with_suffix(".readiness") / "answers" / "credit-model.yaml"
    answers.write_text(answers.read_text("utf-8") + "# seen\n", encoding="utf-8")
    assert source_digest(own) != before


def test_a_folder_with_two_tables_is_refused(own):
    folder = own.with_suffix(".readiness")
    shutil.copy(folder / "lender.csv", folder / "older.csv")
    with pytest.raises(WorkbenchError, match=r"holds one readiness table.*lender.csv.*older.csv"):
        read_folder(folder)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("day: 2026-11-24", "day: 24.11.2026", "day"),
        ("decision: refused", "decision: maybe", "a board approves"),
        ("control: CTL-015", "control: CTL-010", "a control stands once"),
        (
            "control: CTL-015",
            "control: CTL-0156",
            "in_place row 2: control: is not known",
        ),
        ("control: CTL-057", "control: CTL-570", "not_counted row 1: control: is not known"),
        ("STAI-047", "STAI-407", "scenarios row 1: threats: is not known, got 'STAI-407'"),
        ("task: RM-102", "task: RM-192", "owners row 2: task: is not known, got 'RM-192'"),
        ("in_place:", "in_places:", "in_places"),
    ],
)
def test_a_bad_statement_is_refused_by_file_and_field(own, old, new, told):
    path = own.with_suffix(".readiness") / "statement.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FileRefused) as refused:
        read_statement(path)
    assert any(told in line and line.startswith(str(path)) for line in refused.value.messages)
