"""The assumption sheet: what is said, what is stale, and what nobody says."""

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.distributions import Pert, Point, Uniform
from workbench.errors import WorkbenchError
from workbench.models import (
    Asset,
    Assumption,
    Bernoulli,
    DiscreteCount,
    LossEvents,
    LossForms,
    Scenario,
    SecondaryLoss,
    Study,
    Terms,
    ThreatEvents,
    Vulnerability,
)
from workbench.models.assumptions import sheet

TODAY = "2026-11-24"
ONCE, NINE = Point(1), Point(9)


def said(field: str, **days: str) -> Assumption:
    return Assumption(field, "CISO", "Because.", "A survey.", "BEN-1", **days)


def fair(name: str = "S-1", frequency=ONCE, magnitude=NINE, **more) -> Scenario:
    return Scenario.fair(
        name, name, loss_event_frequency=frequency, loss_magnitude=magnitude, **more
    )


def rows(scenario: Scenario, *assets: Asset):
    return sheet(Study(scenarios=(scenario,), assets=assets), TODAY).rows


def test_every_stated_field_has_a_row_explained_or_not() -> None:
    belief = Pert(1, 2, 3)
    found = rows(fair(frequency=belief, assumptions=(said("loss_event_frequency"),)))
    assert [(row.field, row.without) for row in found] == [
        ("loss_event_frequency", False),
        ("loss_magnitude", True),
    ]
    assert found[0].value == belief.to_dict()
    assert found[0].assumption == said("loss_event_frequency")


def test_leaves_stand_in_place_of_the_nodes_that_are_derived_from_them() -> None:
    strength = Vulnerability(Uniform(0, 1), Point(0.5))
    tree = LossEvents(ThreatEvents(Point(0.9), Point(0.5)), strength)
    forms = LossForms(productivity=Point(3), response=Point(4))
    whole = fair(
        frequency=tree,
        magnitude=forms,
        secondary=SecondaryLoss(Point(0.1), LossForms(reputation=Point(5))),
        terms=Terms(deductible=2),
        count=Bernoulli(),
    )
    assert [row.field for row in rows(whole)] == [
        "contact_frequency",
        "probability_of_action",
        "threat_capability",
        "resistance_strength",
        "count",
        "primary_loss.productivity",
        "primary_loss.response",
        "secondary_loss.share",
        "secondary_loss.reputation",
        "terms",
    ]


@pytest.mark.parametrize(
    ("named", "explained"),
    [
        ("contact_frequency", {"contact_frequency"}),
        ("threat_event_frequency", {"contact_frequency", "probability_of_action"}),
        ("vulnerability", {"threat_capability", "resistance_strength"}),
        (
            "loss_event_frequency",
            {
                "contact_frequency",
                "probability_of_action",
                "threat_capability",
                "resistance_strength",
            },
        ),
        ("primary_loss", {"primary_loss.response", "primary_loss.productivity"}),
        ("loss_magnitude", {"primary_loss.response", "primary_loss.productivity"}),
        ("primary_loss.response", {"primary_loss.response"}),
        ("secondary_loss", {"secondary_loss.share", "secondary_loss.magnitude"}),
    ],
)
def test_an_assumption_about_a_node_explains_what_it_is_derived_from(named, explained) -> None:
    tree = LossEvents(ThreatEvents(Point(9), Point(0.5)), Vulnerability(Uniform(0, 1), Point(0.5)))
    whole = fair(
        frequency=tree,
        magnitude=LossForms(productivity=Point(3), response=Point(4)),
        secondary=SecondaryLoss(Point(0.1), Point(8)),
        assumptions=(said(named),),
    )
    found = rows(whole)
    assert {row.field for row in found if not row.without} == explained
    assert len(found) == 8


@pytest.mark.parametrize("named", ["aro", "loss_event_frequency", "frequency"])
def test_both_lenses_names_of_the_frequency_mean_it(named) -> None:
    classical = Scenario.classical(
        "S-1",
        "S-1",
        aro=Point(1),
        exposure_factor=Point(0.1),
        asset="db",
        assumptions=(said(named), said("asset")),
    )
    asset = Asset("db", "Records", Point(8))
    found = rows(classical, asset)
    assert [(row.field, row.without) for row in found] == [
        ("aro", False),
        ("exposure_factor", True),
        ("asset_value", False),
    ]
    assert found[2].value == asset.to_dict()


def test_a_discrete_count_is_the_frequency() -> None:
    found = rows(fair(frequency=None, count=DiscreteCount([0, 1], [0.5, 0.5])))
    assert [row.field for row in found] == ["count", "loss_magnitude"]


def test_an_assumption_about_no_field_is_listed_last() -> None:
    found = rows(fair(assumptions=(said("independence of the two systems"),)))
    assert found[-1].field == "independence of the two systems"
    assert found[-1].value is None
    assert [row.without for row in found] == [True, True, False]


def test_two_assumptions_about_one_field_are_two_rows() -> None:
    both = (said("loss_magnitude", date="2025-01-01"), said("loss_magnitude"))
    found = [row for row in rows(fair(assumptions=both)) if row.field == "loss_magnitude"]
    assert [row.assumption for row in found] == list(both)
    assert [row.undated for row in found] == [False, True]


@given(st.dates(), st.dates())
def test_stale_from_the_day_after_review(review: date, today: date) -> None:
    assumption = said("loss_magnitude", review_by=review.isoformat())
    study = Study(scenarios=(fair(assumptions=(assumption,)),))
    found = sheet(study, today.isoformat())
    assert (len(found.stale()) == 1) == (review < today)


def test_what_is_wrong_is_listed_by_kind_in_order_of_scenario() -> None:
    yesterday = (date.fromisoformat(TODAY) - timedelta(days=1)).isoformat()
    late = said("loss_event_frequency", date="2024-01-31", review_by=yesterday)
    fresh = said("loss_magnitude", date="2026-11-01", review_by=TODAY)
    study = Study(
        scenarios=(
            fair("B", assumptions=(late, fresh)),
            fair("A", assumptions=(said("frequency"),)),
        )
    )
    found = sheet(study, TODAY)
    assert [row.scenario for row in found.rows] == ["A", "A", "B", "B"]
    assert [(row.scenario, row.field) for row in found.stale()] == [("B", "loss_event_frequency")]
    assert [(row.scenario, row.field) for row in found.undated()] == [("A", "loss_event_frequency")]
    assert [(row.scenario, row.field) for row in found.without()] == [("A", "loss_magnitude")]


def test_plain_data() -> None:
    late = said("loss_magnitude", date="2024-01-31", review_by="2024-12-31")
    plain = sheet(Study(scenarios=(fair(assumptions=(late,)),)), TODAY).to_dict()
    assert json.loads(json.dumps(plain)) == plain
    first, second = plain["rows"]
    assert first["without_assumption"]
    assert second["stale"]
    assert second["reason"] == "Because."
    assert second["value"] == Point(9).to_dict()


@pytest.mark.parametrize("today", ["", "24.11.2026", "2026-13-01"])
def test_today_is_a_day(today) -> None:
    with pytest.raises(WorkbenchError, match="today is a day"):
        sheet(Study(scenarios=(fair(),)), today)
