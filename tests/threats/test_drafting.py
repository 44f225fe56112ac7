"""Threats become draft scenarios whose every range is a placeholder that says so."""

from dataclasses import replace

import pytest

from tests.threats.test_applying import SYSTEM, threat
from workbench.files import parse_study, study_yaml
from workbench.files.catalogues.threats import shipped_threats
from workbench.models.portfolio import simulate
from workbench.threats import Catalogue, drafts_of, threats_to
from workbench.threats.drafting import TO_BE_ELICITED, to_be_elicited
from workbench.threats.figures import mitigations, uncovered
from workbench.threats.system_edits import with_component
from workbench.threats.ties import Tie, Ties


@pytest.fixture(scope="module")
def drafts():
    return drafts_of(threats_to(SYSTEM, shipped_threats()))


def test_every_field_of_every_draft_is_to_be_elicited(drafts):
    for draft in drafts.drafts:
        stated = {a.field for a in draft.scenario.assumptions}
        assert {"threat_event_frequency", "vulnerability"} < stated
        assert all(a.owner == TO_BE_ELICITED for a in draft.scenario.assumptions)
        assert all(a.reason and a.source.startswith("STAI-") for a in draft.scenario.assumptions)
    study = drafts.study()
    assert len(to_be_elicited(study.scenarios)) == sum(len(s.assumptions) for s in study.scenarios)
    assert "to be elicited" in study.name


def test_every_threat_that_touches_a_component_is_in_one_draft(drafts):
    report = threats_to(SYSTEM, shipped_threats())
    held = [one for draft in drafts.drafts for one in draft.threats]
    assert sorted(held) == [one.id for one in report.threats()]


def test_a_field_that_was_stated_is_no_longer_to_be_elicited(drafts):
    study = drafts.study()
    first = study.scenarios[0]
    stated = first.replace(assumptions=first.assumptions[1:])
    after = study.replace_scenario(stated)
    assert len(to_be_elicited(after.scenarios)) == len(to_be_elicited(study.scenarios)) - 1


def test_the_same_loss_event_is_drafted_once_and_the_merge_is_told():
    one = replace(threat("T-1", "rag_index", "I"), atlas=("AML.T0057",))
    same = replace(threat("T-2", "rag_index", "I"), atlas=("AML.T0057", "AML.T0024"))
    other = replace(threat("T-3", "rag_index", "T"), atlas=("AML.T0057",))
    found = drafts_of(threats_to(SYSTEM, Catalogue((one, same, other)))).drafts
    assert [draft.threats for draft in found] == [("T-1", "T-2"), ("T-3",)]
    assert found[0].merge() == "T-1, T-2 do the same by the same technique"
    assert found[1].merge() == ""


def test_drafts_are_simulated_as_a_portfolio_and_money_goes_to_elements(drafts):
    result = simulate(drafts.study(currency="EUR"))
    means = {name: loss.mean() for name, loss in result.scenarios.items()}
    assert result.portfolio.mean() == pytest.approx(sum(means.values()), rel=1e-6)
    tied = tuple(Tie(one.scenario.id, one.threats) for one in drafts.drafts)
    money = Ties(SYSTEM.id, tied).money(threats_to(SYSTEM, shipped_threats()), means)
    assert set(money) == {part.id for part in SYSTEM.components}
    touched = {element for draft in drafts.drafts for element in draft.elements}
    assert {element for element, amount in money.items() if amount > 0} == touched


def test_mitigations_are_ranked_by_threats_and_cover_only_when_in_place():
    report = threats_to(SYSTEM, Catalogue((threat("T-1", "rag_index"), threat("T-2", "rag_index"))))
    found = mitigations(report, {"A": ["T-1"], "B": ["T-1", "T-2"], "C": ["T-9"]}, ["A"])
    assert [one.control for one in found] == ["B", "A"]
    assert uncovered(report, found) == ["T-2"]


def test_a_study_of_drafts_reads_back_and_warns_that_nothing_was_elicited(drafts):
    study = drafts.study()
    loaded = parse_study("drafts.yaml", study_yaml(study).encode())
    assert loaded.study == study
    (warning,) = [line for line in loaded.warnings if "placeholders" in line]
    assert f"{len(to_be_elicited(study.scenarios))} ranges of" in warning


def test_people_are_reached_directly_by_mail_and_telephone():
    """A fraud on staff needs no way along the flows, and no other component on its way."""
    fraud = threat("T-voice", "end_user", "S", needs=("staff",))
    (draft,) = drafts_of(threats_to(SYSTEM, Catalogue((fraud,)))).drafts
    (attempts, *_) = draft.scenario.assumptions
    assert "people outside, who reach it directly" in attempts.reason


def test_what_is_stated_to_be_reachable_is_reached_directly_and_material_is_not():
    for outside, nearest in (
        ("reachable_when_built", "who reach it directly"),
        ("outside_material", "through other components or the supply chain"),
    ):
        one = threat("T-1", "mlops_ci", stage="training", outside=(outside,))
        stated = with_component(SYSTEM, "build", facts=(outside,))
        (draft,) = drafts_of(threats_to(stated, Catalogue((one,)))).drafts
        assert nearest in draft.scenario.assumptions[0].reason


def test_threats_that_ask_different_things_of_those_outside_are_not_the_same():
    one = threat("T-1", "mlops_ci", stage="training", outside=("outside_material",))
    other = threat("T-2", "mlops_ci", stage="training")
    pair = tuple(replace(each, atlas=("AML.T0010",)) for each in (one, other))
    assert len(drafts_of(threats_to(SYSTEM, Catalogue(pair))).drafts) == 2
