"""Standings are checked, 'in part' is never met, and gaps are ranked by the money they touch."""

import pytest

from workbench.distributions import Point
from workbench.errors import WorkbenchError
from workbench.files.catalogues.controls import shipped_controls
from workbench.files.catalogues.frameworks import shipped_frameworks
from workbench.frameworks.controls import Control, Controls, Effect
from workbench.frameworks.effects import Effects
from workbench.frameworks.readiness import (
    Readiness,
    Standing,
    blank,
    statement_of_applicability,
)
from workbench.models.scenario import Scenario
from workbench.models.study import Study
from workbench.reports.framework_record import readiness_record, readiness_text

ISO = "iso42001_2023"
FRAMEWORKS = shipped_frameworks()


def standing(id, status="open", **more):
    if status == "met":
        more = {"evidence": "DOC-1"} | more
    return Standing(ISO, id, status, **more)


def costing(id, average):
    return Scenario.fair(id, id, loss_event_frequency=Point(1.0), loss_magnitude=Point(average))


def test_every_assessed_requirement_is_counted_once():
    readiness = Readiness(
        FRAMEWORKS,
        (
            standing("A.2.2", "met"),
            standing("A.2.3", "in part"),
            standing("A.2.4", "not applicable", justification="no policy to review yet"),
        ),
    )
    tally = readiness.tally(ISO)
    assert (tally.met, tally.in_part, tally.unmet, tally.not_applicable) == (1, 1, 0, 1)
    assert tally.applicable + tally.not_applicable == len(FRAMEWORKS[ISO].assessed())
    gaps = {one.id for one in readiness.gaps(ISO)}
    assert "A.2.3" in gaps
    assert not gaps & {"A.2.2", "A.2.4"}
    assert len(gaps) == tally.applicable - tally.met


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"status": "almost"}, "the status of"),
        ({"status": "not applicable"}, "a reason why it does not apply"),
        ({"status": "met", "evidence": " "}, "has evidence that it is met"),
        ({"status": "open", "maturity": 6}, "from 0 to 5"),
        ({"status": "open", "due": "soon"}, "due of"),
    ],
)
def test_a_standing_that_says_too_little_is_refused(fields, rule):
    with pytest.raises(WorkbenchError, match=rule):
        standing("A.2.2", **fields)


def test_unknown_and_repeated_requirements_are_refused():
    with pytest.raises(WorkbenchError, match=r"Such as A\.9\."):
        Readiness(FRAMEWORKS, (standing("A.9.9"),))
    with pytest.raises(WorkbenchError, match="stands once"):
        Readiness(FRAMEWORKS, (standing("A.2.2"), standing("A.2.2")))


def test_the_statement_of_applicability_names_all_38_controls_and_why():
    readiness = Readiness(
        FRAMEWORKS, (standing("A.10.4", "not applicable", justification="no customers of our AI"),)
    )
    rows = statement_of_applicability(readiness, shipped_controls())
    assert len(rows) == 38
    assert [r.requirement.id for r in rows if not r.included] == ["A.10.4"]
    assert all(r.justification for r in rows)


def test_gaps_are_ranked_by_what_their_missing_controls_touch():
    def control(id, requirement, *threats):
        effect = Effect("vulnerability", 0.1, 0.2)
        return Control(id, id, "x", "preventive", (effect,), {ISO: (requirement,)}, threats)

    controls = Controls(
        (
            control("C-1", "A.2.2", "T-1"),
            control("C-2", "A.2.3", "T-1", "T-2"),
            control("C-3", "A.2.3"),
        )
    )
    readiness = Readiness(FRAMEWORKS, (standing("A.2.2"), standing("A.2.3", "in part")))
    study = Study(scenarios=(costing("S-1", 100.0), costing("S-2", 50.0)))
    ties = {"S-1": ("T-1",), "S-2": ("T-2",)}
    first, second, *rest = Effects(study, controls, ties).gaps(readiness)
    assert (first.requirement.id, first.money, first.controls) == ("A.2.3", 150.0, ("C-2", "C-3"))
    assert (second.requirement.id, second.money) == ("A.2.2", 100.0)
    assert all(gap.money == 0 for gap in rest)
    without = Effects(study, controls, ties, in_place=("C-2",)).gaps(readiness)
    assert without[0].requirement.id == "A.2.2"
    one_behind_both = Effects(study, controls, {"S-1": ("T-1", "T-2")}).gaps(readiness)
    assert [gap.money for gap in one_behind_both[:2]] == [100.0, 100.0], "a scenario counts once"


def test_what_was_due_before_the_day_and_is_not_met_is_overdue_and_told():
    rows = (
        standing("A.2.2", "met", due="2026-11-01"),
        standing("A.2.3", "in part", due="2026-11-01"),
        standing("A.2.4", due="2026-11-29"),
        standing("A.3.2", "not applicable", justification="one person", due="2026-11-01"),
    )
    readiness = Readiness(FRAMEWORKS, rows)
    assert [one.id for one in readiness.overdue(ISO, "2026-11-29")] == ["A.2.3"]
    assert [one.id for one in readiness.overdue(ISO, "2026-11-30")] == ["A.2.3", "A.2.4"]
    text = readiness_text(readiness, "2026-11-29")
    assert "1 not applicable, 1 overdue on 2026-11-29\n" in text
    assert "  in part, overdue since 2026-11-01: A.2.3 " in text
    record = readiness_record(readiness, shipped_controls(), "2026-11-30")["frameworks"][ISO]
    assert record["overdue"] == ["A.2.3", "A.2.4"]


def test_a_blank_form_has_a_row_for_everything_assessed():
    rows = blank(FRAMEWORKS["soc2_tsc_2017_2022"])
    assert len(rows) == 61
    assert Readiness(FRAMEWORKS, tuple(rows)).tally("soc2_tsc_2017_2022").unmet == 61


def test_the_profile_of_the_ai_rmf_has_now_and_then():
    one = Standing("nist_ai_rmf", "GOVERN 1.1", "in part", maturity=2, target=4)
    rows = Readiness(FRAMEWORKS, (one,)).profile()
    assert len(rows) == 72
    assert rows[0] == ("GOVERN 1.1", 2, 4)
    assert rows[1][1:] == (None, None)


def test_a_requirement_stands_once_by_whichever_name_of_its_framework():
    twice = (Standing("iso42001", "A.2.2", "open"), Standing("iso42001_2023", "A.2.2", "in part"))
    with pytest.raises(WorkbenchError, match="a requirement stands once"):
        Readiness(shipped_frameworks(), twice)
