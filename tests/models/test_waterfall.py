"""What changed between two studies, shared out without an order."""

import math
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from workbench.distributions import LogNormal, Pareto, Pert, Point, Uniform
from workbench.engines import exact
from workbench.errors import WorkbenchError
from workbench.models import (
    Asset,
    Bernoulli,
    DiscreteCount,
    LossEvents,
    LossForms,
    NegativeBinomial,
    Scenario,
    SecondaryLoss,
    Study,
    Terms,
    ThreatEvents,
    Vulnerability,
    simulate,
)
from workbench.models.changes import changed_inputs
from workbench.models.planning import plans_of
from workbench.models.waterfall import between_runs, between_states, waterfall

RATE, LOSS = Pert(0.2, 0.5, 2), LogNormal.from_interval(1e4, 1e6)


def fair(name: str = "S-1", frequency=RATE, magnitude=LOSS, **more) -> Scenario:
    return Scenario.fair(
        name, name, loss_event_frequency=frequency, loss_magnitude=magnitude, **more
    )


def study(*scenarios: Scenario, assets=(), **more) -> Study:
    return Study(scenarios=scenarios, assets=assets, **more)


def names(before: Study, after: Study) -> list[str]:
    return [one.name for one in changed_inputs(before, after)]


def moves(found, measure: str) -> dict[str, float]:
    return {step.changed.name: step.moves[measure] for step in found.steps}


def test_two_factors_of_a_mean_share_their_interaction_equally() -> None:
    # v = rate x loss: from 2 x 10 to 3 x 14; Shapley gives each the average of its two steps
    before = study(fair(frequency=Point(2), magnitude=Point(10)))
    after = study(fair(frequency=Point(3), magnitude=Point(14)))
    found = moves(waterfall(before, after), "mean")
    assert found["S-1: loss event frequency"] == pytest.approx((10 + 14) / 2)
    assert found["S-1: loss magnitude"] == pytest.approx(4 * (2 + 3) / 2)


def test_three_factors_share_as_all_orders_do() -> None:
    def chain(rate: float, vulnerability: float, loss: float) -> Study:
        return study(
            fair(frequency=LossEvents(Point(rate), Point(vulnerability)), magnitude=Point(loss))
        )

    low, high = (2.0, 0.1, 100.0), (5.0, 0.4, 300.0)
    expected = np.zeros(3)
    for order in permutations(range(3)):
        now = list(low)
        for i in order:
            was = math.prod(now)
            now[i] = high[i]
            expected[i] += (math.prod(now) - was) / 6
    found = waterfall(chain(*low), chain(*high))
    labels = ["threat event frequency", "vulnerability", "loss magnitude"]
    assert [step.changed.name for step in found.steps] == [f"S-1: {name}" for name in labels]
    assert [step.moves["mean"] for step in found.steps] == pytest.approx(expected.tolist())


def test_the_mean_adds_over_scenarios_so_each_is_given_its_own_change() -> None:
    before = study(fair("A"), fair("B"), fair("C"))
    after = study(fair("A", Point(2)), fair("B", Point(0.1)), fair("C"))
    found = moves(waterfall(before, after), "mean")
    assert found == pytest.approx(
        {
            "A: loss event frequency": (2 - RATE.mean()) * LOSS.mean(),
            "B: loss event frequency": (0.1 - RATE.mean()) * LOSS.mean(),
        }
    )


def test_steps_add_up_to_the_change_of_every_measure() -> None:
    before = study(fair("A"), fair("B", magnitude=Uniform(0, 5e5)))
    after = study(fair("A", Point(2)), fair("C", Point(1), Point(2e5)))
    found = waterfall(before, after, measures=("mean", "tvar", "var"))
    for measure in ("mean", "tvar", "var"):
        assert math.fsum(moves(found, measure).values()) == pytest.approx(
            found.change(measure), rel=1e-12
        )
    ends = [exact.portfolio(plans_of(side)) for side in (before, after)]
    assert found.change("tvar") == ends[1].tvar(0.95) - ends[0].tvar(0.95)
    assert found.before["var"] == ends[0].var(0.95)


def test_alike_scenarios_with_alike_changes_are_given_the_same() -> None:
    before = study(*(fair(name) for name in "ABC"))
    after = study(*(fair(name, Point(3)) for name in "ABC"))
    found = waterfall(before, after)
    moved = [step.moves["tvar"] for step in found.steps]
    bound = max(step.bounds["tvar"] for step in found.steps)
    assert max(moved) - min(moved) <= bound + 1e-9 * moved[0]


def test_the_way_back_is_the_negative() -> None:
    before, after = (
        study(fair("A"), fair("B")),
        study(fair("A", Point(3)), fair("B", RATE, Point(9e5))),
    )
    there, back = (moves(waterfall(*way), "tvar") for way in ((before, after), (after, before)))
    assert {name: -value for name, value in back.items()} == pytest.approx(there, rel=1e-12)


def test_orders_above_seven_inputs_agree_with_all_subsets() -> None:
    # eight changes of one scenario each; the mean adds, so that every order says the same
    labels = "ABCDEFGH"
    before = study(*(fair(name, Point(1), Uniform(0, 10)) for name in labels))
    after = study(*(fair(name, Point(1 + i), Uniform(0, 10)) for i, name in enumerate(labels, 1)))
    found = waterfall(before, after, pairs=6)
    assert found.orders == 12
    for i, step in enumerate(found.steps, 1):
        assert step.moves["mean"] == pytest.approx(5 * i)
        assert step.errors["mean"] < 1e-9
    assert math.fsum(moves(found, "tvar").values()) == pytest.approx(found.change("tvar"))
    assert any(step.errors["tvar"] > 0 for step in found.steps)


def test_the_standard_error_covers_the_value_over_all_subsets(monkeypatch) -> None:
    before = study(fair("A"), fair("B", Point(0.3)), fair("C", magnitude=Uniform(0, 2e6)))
    after = study(
        fair("A", Point(3), Uniform(0, 3e6)),
        fair("B", Point(2), Point(4e5)),
        fair("C", Point(0.2), Uniform(0, 9e6)),
    )
    whole = waterfall(before, after)
    monkeypatch.setattr("workbench.models.waterfall.MOST_EXACT", 0)
    drawn = waterfall(before, after, pairs=40)
    scores = [
        (a.moves["tvar"] - b.moves["tvar"]) / a.errors["tvar"]
        for a, b in zip(drawn.steps, whole.steps, strict=True)
    ]
    assert len(scores) == 6
    assert np.sqrt(np.mean(np.square(scores))) < 2.5
    assert waterfall(before, after, pairs=40) == drawn  # seeded


def test_one_pair_of_orders_says_nothing_of_its_error(monkeypatch) -> None:
    monkeypatch.setattr("workbench.models.waterfall.MOST_EXACT", 0)
    found = waterfall(study(fair()), study(fair(frequency=Point(1))), pairs=1)
    assert found.steps[0].errors["mean"] == math.inf


def test_nothing_changed() -> None:
    found = waterfall(study(fair()), study(fair().replace(name="Renamed", owner="CISO")))
    assert found.steps == ()
    assert found.change("tvar") == 0


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ({"frequency": Point(2)}, {"frequency": Point(3)}, ["loss event frequency"]),
        (
            {"frequency": LossEvents(ThreatEvents(Point(9), Point(0.5)), Point(0.1))},
            {"frequency": LossEvents(ThreatEvents(Point(8), Point(0.4)), Point(0.1))},
            ["contact frequency", "probability of action"],
        ),
        (
            {"frequency": LossEvents(Point(9), Vulnerability(Uniform(0, 1), Point(0.5)))},
            {"frequency": LossEvents(Point(9), Vulnerability(Uniform(0, 1), Point(0.9)))},
            ["resistance strength"],
        ),
        (
            {"frequency": LossEvents(Point(9), Vulnerability(Uniform(0, 1), Point(0.5)))},
            {"frequency": LossEvents(Point(9), Point(0.2))},
            ["vulnerability"],
        ),
        ({}, {"frequency": LossEvents(Point(9), Point(0.2))}, ["loss event frequency"]),
        (
            {"magnitude": LossForms(productivity=Point(3), response=Point(4))},
            {"magnitude": LossForms(productivity=Point(3), response=Point(5), reputation=LOSS)},
            ["response", "reputation"],
        ),
        (
            {"magnitude": LossForms(productivity=Point(3))},
            {"magnitude": LossForms(response=Point(5))},
            ["magnitude"],  # without both there would be no form at all
        ),
        (
            {"secondary": SecondaryLoss(Point(0.1), Point(4))},
            {"secondary": SecondaryLoss(Point(0.2), Point(5))},
            ["secondary loss share", "secondary loss magnitude"],
        ),
        ({}, {"secondary": SecondaryLoss(Point(0.2), Point(5))}, ["secondary loss"]),
        ({}, {"terms": Terms(deductible=5), "count": NegativeBinomial(3.0)}, ["count", "terms"]),
        (
            {"frequency": Point(5)},
            {"frequency": Point(0.5), "count": Bernoulli()},
            ["frequency"],  # five events a year are no chance
        ),
        (
            {"frequency": None, "count": DiscreteCount([0, 1], [0.5, 0.5])},
            {"frequency": None, "count": DiscreteCount([0, 2], [0.5, 0.5])},
            ["frequency"],
        ),
    ],
)
def test_changes_are_named_by_the_leaf_that_was_edited(was, now, expected) -> None:
    before, after = study(fair(**was)), study(fair(**now))
    assert names(before, after) == [f"S-1: {name}" for name in expected]
    found = waterfall(before, after)
    assert math.fsum(moves(found, "mean").values()) == pytest.approx(found.change("mean"))
    assert found.after["mean"] == pytest.approx(exact.portfolio(plans_of(after)).mean())


def test_a_lens_that_changes_is_one_change_of_magnitude() -> None:
    classical = Scenario.classical(
        "S-1", "S-1", aro=RATE, exposure_factor=Point(0.1), asset_value=Point(1e6)
    )
    assert names(study(classical), study(fair())) == ["S-1: magnitude"]
    edited = classical.replace(
        exposure_factor=Point(0.2), asset_value=Point(2e6), frequency=Point(1)
    )
    assert names(study(classical), study(edited)) == [
        "S-1: aro",
        "S-1: exposure factor",
        "S-1: asset value",
    ]


def test_a_shared_asset_is_an_input_of_its_own() -> None:
    def priced(value: float) -> Study:
        rows = [
            Scenario.classical(n, n, aro=Point(1), exposure_factor=Point(0.1), asset="db")
            for n in "AB"
        ]
        return study(*rows, assets=(Asset("db", "Records", Point(value)),))

    found = waterfall(priced(1e6), priced(3e6))
    assert moves(found, "mean") == pytest.approx({"db: asset value": 2 * 0.1 * 2e6})


def test_added_and_removed_scenarios_bring_and_take_their_mean() -> None:
    asset = Asset("db", "Records", Point(1e6))
    new = Scenario.classical("C", "C", aro=Point(1), exposure_factor=Point(0.5), asset="db")
    found = waterfall(study(fair("A"), fair("B")), study(fair("A"), new, assets=(asset,)))
    assert moves(found, "mean") == pytest.approx(
        {"B: removed": -RATE.mean() * LOSS.mean(), "C: added": 5e5}
    )


def test_states_and_runs_are_compared_like_studies() -> None:
    safer = fair(frequency=Point(0.1))
    whole = study(fair(residual=safer))
    found = between_states(whole, "current", "residual")
    assert found == waterfall(study(fair()), study(safer))
    runs = simulate(study(fair())), simulate(study(safer))
    assert between_runs(*runs) == found


def test_plain_data_of_both_sides() -> None:
    (one,) = changed_inputs(study(fair()), study(fair(frequency=Point(2))))
    assert one.told() == (RATE.to_dict(), Point(2).to_dict())
    (one,) = changed_inputs(
        study(fair(frequency=Point(5))), study(fair(frequency=Point(0.5), count=Bernoulli()))
    )
    assert one.told()[1] == {"frequency": Point(0.5).to_dict(), "count": {"type": "bernoulli"}}


def test_a_mean_that_does_not_exist_is_refused_and_var_stands_in() -> None:
    heavy = Pareto(alpha=0.9, low=1e4)
    before, after = study(fair(magnitude=heavy)), study(fair(frequency=Point(2), magnitude=heavy))
    for measures in (("mean",), ("tvar",)):
        with pytest.raises(WorkbenchError, match=r'average does not exist.*\("var",\)'):
            waterfall(before, after, measures=measures)
    found = waterfall(before, after, measures=("var",))
    assert found.steps[0].moves["var"] == pytest.approx(found.change("var"))
    assert found.change("var") > 0


def test_a_mean_that_exists_at_both_ends_but_not_between_is_refused() -> None:
    heavy, limited = Pareto(alpha=0.9, low=1e4), Terms(limit=1e6)
    before, after = study(fair(magnitude=heavy, terms=limited)), study(fair())
    with pytest.raises(WorkbenchError, match="on the way between"):
        waterfall(before, after)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"level": 1.0}, "a level lies in"),
        ({"measures": ()}, "measures are some of"),
        ({"measures": ("median",)}, "measures are some of"),
        ({"pairs": 0}, "pairs of orders"),
    ],
)
def test_wrong_options_are_refused(options, message) -> None:
    with pytest.raises(WorkbenchError, match=message):
        waterfall(study(fair()), study(fair()), **options)


def test_two_currencies_are_refused() -> None:
    with pytest.raises(WorkbenchError, match="one currency"):
        waterfall(study(fair()), replace(study(fair()), currency="EUR"))
