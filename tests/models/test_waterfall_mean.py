"""The mean of what changed, shared out scenario by scenario from closed forms."""

import math
from itertools import permutations

import numpy as np
import pytest

from workbench.distributions import Discrete, LogNormal, Pert, Point, Uniform
from workbench.engines import exact
from workbench.errors import WorkbenchError
from workbench.models import (
    Asset,
    Bernoulli,
    LossEvents,
    LossForms,
    Scenario,
    Study,
    Terms,
    ThreatEvents,
)
from workbench.models import waterfall as module
from workbench.models.changes import changed_inputs
from workbench.models.planning import plans_of
from workbench.models.tree import FORMS, NO_TERMS
from workbench.models.waterfall import _Years, waterfall

RATE, LOSS = Pert(0.2, 0.5, 2), LogNormal.from_interval(1e4, 1e6)
RATE_LEAVES = ("contact_frequency", "probability_of_action", "vulnerability")


def fair(name: str = "S-1", frequency=RATE, magnitude=LOSS, **more) -> Scenario:
    return Scenario.fair(
        name, name, loss_event_frequency=frequency, loss_magnitude=magnitude, **more
    )


def study(*scenarios: Scenario, assets=()) -> Study:
    return Study(scenarios=scenarios, assets=assets)


def moves(found, measure: str) -> dict[str, float]:
    return {step.changed.name: step.moves[measure] for step in found.steps}


def shared_study(rates=(1.0, 2.0), worth=2e6, *, terms=NO_TERMS) -> Study:
    rows = [
        Scenario.classical(
            name, name, aro=Pert(0.1, rate, 9), exposure_factor=Uniform(0.1, 0.3), asset="db"
        ).replace(terms=terms)
        for name, rate in zip("AB", rates, strict=True)
    ]
    return study(*rows, fair("C"), assets=(Asset("db", "Records", Pert(1e6, worth, 5e6)),))


@pytest.mark.parametrize("terms", [NO_TERMS, Terms(deductible=1e5)])
def test_the_mean_alone_is_that_of_whole_studies(terms) -> None:
    # a second method: the mean of every study between the two, by the engine of whole years
    before = shared_study(terms=terms)
    after = shared_study((2.0, 0.5), 3e6, terms=terms)
    inputs = changed_inputs(before, after)
    years = _Years(before, after, inputs, 0.95, ())
    means = [
        exact.portfolio(plans_of(years.study(chosen))).mean() for chosen in range(2 ** len(inputs))
    ]
    expected = np.zeros(len(inputs))
    for order in permutations(range(len(inputs))):
        chosen = 0
        for i in order:
            more = chosen | 1 << i
            expected[i] += (means[more] - means[chosen]) / math.factorial(len(inputs))
            chosen = more
    found = waterfall(before, after, measures=("mean",))
    assert [step.moves["mean"] for step in found.steps] == pytest.approx(
        expected.tolist(), rel=1e-4, abs=1.0
    )
    assert found.studies == 0
    assert found.orders is None
    assert math.fsum(moves(found, "mean").values()) == pytest.approx(found.change("mean"))


def test_thirty_changed_inputs_are_many_small_games_and_exact() -> None:
    labels = [f"S-{k:02}" for k in range(15)]
    before = study(*(fair(name, Point(2), Point(10)) for name in labels))
    after = study(*(fair(name, Point(3), Point(14)) for name in labels))
    found = waterfall(before, after, measures=("mean",))
    assert len(found.steps) == 30
    assert found.orders is None
    for step in found.steps:
        expected = 12 if step.changed.field == "loss_event_frequency" else 10
        assert step.moves["mean"] == pytest.approx(expected)
        assert step.errors["mean"] == 0


def test_many_inputs_of_one_scenario_are_averaged_over_orders_with_their_error() -> None:
    def forms(factor: float) -> Study:
        magnitude = LossForms(**{name: Point(factor * (i + 1)) for i, name in enumerate(FORMS)})
        rate = LossEvents(ThreatEvents(Point(factor * 3), Point(factor / 4)), Point(factor / 5))
        return study(fair(frequency=rate, magnitude=magnitude))

    found = waterfall(forms(1.0), forms(2.0), measures=("mean",))
    assert len(found.steps) == 9
    assert found.orders == 32
    assert math.fsum(moves(found, "mean").values()) == pytest.approx(found.change("mean"))
    rates = [step for step in found.steps if step.changed.field in RATE_LEAVES]
    whole = waterfall(forms(1.0), forms(2.0), measures=("mean",), pairs=2_000)
    exactly = [step for step in whole.steps if step.changed.field in RATE_LEAVES]
    for few, many in zip(rates, exactly, strict=True):
        scale = math.hypot(few.errors["mean"], many.errors["mean"])
        assert abs(few.moves["mean"] - many.moves["mean"]) < 4 * scale


def test_the_mean_beside_other_measures_is_the_mean_alone() -> None:
    before, after = shared_study(), shared_study((2.0, 0.5), 3e6)
    alone, both = waterfall(before, after, measures=("mean",)), waterfall(before, after)
    assert moves(alone, "mean") == moves(both, "mean")
    assert both.studies == 2 ** len(both.steps)


def test_terms_of_the_year_are_felt_by_the_mean_alone() -> None:
    # one event a year at most: E[min((L - d)+, limit)] = p min(X - d, limit)
    def one(chance: float, limit: float) -> Study:
        row = fair(frequency=Point(chance), magnitude=Point(100.0), count=Bernoulli())
        return study(row.replace(terms=Terms(annual_deductible=10, annual_limit=limit)))

    found = waterfall(one(0.2, 50), one(0.4, 70), measures=("mean",))
    assert moves(found, "mean") == pytest.approx(
        {"S-1: loss event frequency": 0.2 * 60, "S-1: terms": 20 * 0.3}
    )


def test_a_mean_after_terms_of_the_year_that_has_no_bound_is_refused() -> None:
    """Without them it has a closed form, whatever a limit cuts off."""
    worth = Asset("db", "db", LogNormal(14, 0.5))
    row = Scenario.classical(
        "A", "A", aro=Point(1.0), exposure_factor=Discrete([0.1, 1.0], [0.8, 0.2]), asset="db"
    )
    cut, kept = (
        row.replace(terms=Terms(limit=5e5, annual_limit=limit)) for limit in (1e6, math.inf)
    )
    today = study(row, assets=(worth,))
    waterfall(today, study(kept, assets=(worth,)), measures=("mean",))
    with pytest.raises(WorkbenchError, match="that are single values or nearly"):
        waterfall(today, study(cut, assets=(worth,)), measures=("mean",))


def test_years_are_counted_for_each_of_the_scenarios_that_change_in_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of 2^3 studies each scenario has its year computed in a third, the sum of them in all."""
    counted = []
    monkeypatch.setattr(module, "check_reached", lambda _, **more: counted.append(more["times"]))
    before, after = (study(*(fair(name, Point(rate)) for name in "ABC")) for rate in (1.0, 2.0))
    waterfall(before, after, measures=("tvar",))
    assert counted == [math.ceil(2**3 / 3)] * 2
