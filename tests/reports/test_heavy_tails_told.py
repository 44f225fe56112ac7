"""What does not exist leaves as null with its reason: in JSON, from both engines."""

import json
import math

import pytest

from workbench import (
    Burr,
    Distribution,
    GeneralisedPareto,
    Lomax,
    Metalog,
    Pareto,
    Point,
    Scenario,
    Study,
    simulate,
)
from workbench.losses import FIGURES, TAILS
from workbench.reports.result import result_json, result_record

HEAVY: list[tuple[Distribution, bool, bool]] = [  # whether the mean and the variance exist
    (Pareto(0.8, 1e4), False, False),
    (Pareto(1.5, 1e5), True, False),
    (Pareto(2.5, 1e5), True, True),
    (GeneralisedPareto(1.2, 1e4), False, False),
    (Burr(0.4, 2.0, 1e4), False, False),
    (Lomax(1.1, 1e5), True, False),
    (Metalog([math.log(1e5), 0.4, 0.5], lower=0.0), True, False),
]
NAMES = "pareto08 pareto15 pareto25 gpd12 burr08 lomax11 metalog".split()
each = pytest.mark.parametrize(("loss", "mean", "variance"), HEAVY, ids=NAMES)


def study(loss: Distribution) -> Study:
    scenario = Scenario.fair("S-1", "s", loss_event_frequency=Point(0.6), loss_magnitude=loss)
    return Study(scenarios=(scenario,))


@each
def test_what_does_not_exist_is_null_with_a_reason(
    loss: Distribution, mean: bool, variance: bool
) -> None:
    for engine in ("exact", "montecarlo"):
        record = result_record(simulate(study(loss), engine=engine, years=2000))
        text = result_json(record)
        assert "Infinity" not in text
        assert "NaN" not in text
        for one in (*record["scenarios"], record["portfolio"]):
            missing = {name for name in FIGURES if one[name] is None}
            wanted = (set() if mean else {"mean", *TAILS}) | (set() if variance else {"sd"})
            assert missing == wanted
            assert missing <= set(one["undefined"])
            for reason in one["undefined"].values():
                assert "does not exist" in reason or "needs a fourth moment" in reason
                assert "S-1" in reason
        assert json.loads(text)["portfolio"]["p99"] > 0


def test_a_figure_without_an_error_says_which_moment_or_how_many_years_it_needs() -> None:
    one = result_record(simulate(study(Pareto(2.5, 1e5)), engine="montecarlo", years=2000))
    assert one["portfolio"]["undefined"] == {
        "standard_error.sd": "a standard error of sd needs a fourth moment, which S-1 has not"
    }
    few = result_record(simulate(study(Lomax(9.0, 1e5)), engine="montecarlo", years=500))
    for told in (few["portfolio"], few["scenarios"][0]):
        assert set(told["undefined"]) == {"standard_error.p99", "standard_error.tvar99"}
        for reason in told["undefined"].values():
            assert reason.endswith("needs 10 simulated years or more that show the figure")
