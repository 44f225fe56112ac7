"""Seed stability: stated errors are held against the spread between runs."""

import math

import numpy as np
import pytest
from scipy import stats

from workbench.distributions import Gamma, LogNormal, Pareto, Point
from workbench.errors import WorkbenchError
from workbench.losses import FIGURES
from workbench.models import Scenario, Study, simulate
from workbench.models.stability import FigureStability, limits, seeds_of, stability
from workbench.models.study import LARGEST_SEED

pytestmark = pytest.mark.pure


def study(rate: float, loss: object, seed: int = 1) -> Study:
    one = Scenario.fair("a", "a", loss_event_frequency=Point(rate), loss_magnitude=loss)
    return Study(scenarios=(one,), seed=seed)


LIGHT = study(3.0, Gamma(2, 1e5))


def test_the_errors_of_a_light_tail_are_borne_out() -> None:
    found = stability(LIGHT, years=4000)
    assert [one.name for one in found.figures] == list(FIGURES)
    assert {one.name: one.verdict() for one in found.figures} == dict.fromkeys(FIGURES, "borne out")


def test_each_run_is_a_simulation_with_its_own_seed() -> None:
    found = stability(LIGHT, seeds=5, years=500)
    runs = [simulate(LIGHT, engine="montecarlo", years=500, seed=s).portfolio for s in found.seeds]
    for one in found.figures:
        values = np.array([run.figure(one.name) for run in runs])
        assert one.mean == pytest.approx(values.mean())
        assert one.spread == pytest.approx(values.std(ddof=1), abs=1e-9)
        assert one.stated == np.median([run.error(one.name) for run in runs])
    assert found.seeds == (1, 2, 3, 4, 5)
    assert found == stability(LIGHT, seeds=5, years=500)


def test_what_one_run_has_not_seen_is_told() -> None:
    """A loss of 1 in 3,000 years makes the sd; most runs of 500 years do not hold it."""
    rare = Scenario.fair("b", "b", loss_event_frequency=Point(1 / 3000), loss_magnitude=Point(1e9))
    found = stability(Study(scenarios=(*LIGHT.scenarios, rare)), years=500)
    verdicts = {one.name: one.verdict() for one in found.figures}
    assert verdicts["sd"] == verdicts["mean"] == "too small"
    assert verdicts["p90"] == "borne out"


def test_what_does_not_exist_and_what_has_no_error_is_told_apart() -> None:
    found = stability(study(0.5, Pareto(1.5, 1e5)), years=2000)
    verdicts = {one.name: one.verdict() for one in found.figures}
    assert verdicts["sd"] == "does not exist"
    assert verdicts["mean"] == verdicts["tvar99"] == "none stated"
    assert verdicts["p95"] == "borne out"
    assert found.figure("p50").ratio() == 1, "it is 0 in every run, as its error says"


@pytest.mark.parametrize("seeds", [5, 20, 1000])
def test_the_limits_hold_a_right_error_as_often_as_they_say(seeds: int) -> None:
    low, high = limits(seeds)
    inside = stats.chi2(seeds - 1).cdf(np.array([low, high]) ** 2 * (seeds - 1))
    assert inside == pytest.approx([0.001, 0.999])


@pytest.mark.parametrize(
    ("spread", "stated", "verdict"),
    [
        (1.0, 1.0, "borne out"),
        (1.6, 1.0, "too small"),
        (0.5, 1.0, "too large"),
        (0.0, 0.0, "borne out"),
        (1.0, 0.0, "too small"),
        (1.0, math.inf, "none stated"),
    ],
)
def test_a_verdict_is_the_ratio_within_its_limits(
    spread: float, stated: float, verdict: str
) -> None:
    assert FigureStability("mean", 5.0, spread, stated, 20).verdict() == verdict


def test_seeds_follow_each_other_and_stay_seeds() -> None:
    assert seeds_of(7, 20) == tuple(range(7, 27))
    assert seeds_of(LARGEST_SEED - 1, 5) == (LARGEST_SEED - 1, LARGEST_SEED, 0, 1, 2)
    for seed in seeds_of(LARGEST_SEED, 5):
        LIGHT.with_seed(seed)


def test_progress_ends_where_all_runs_end() -> None:
    told: list[tuple[int, int]] = []
    stability(LIGHT, years=100, seeds=5, progress=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]
    assert len({total for _, total in told}) == 1


@pytest.mark.parametrize("seeds", [0, 4, 1001])
def test_too_few_and_too_many_seeds_are_refused(seeds: int) -> None:
    with pytest.raises(WorkbenchError, match=f"over 5 to 1,000 seeds; got {seeds}"):
        stability(LIGHT, seeds=seeds)


def test_what_simulate_refuses_is_refused() -> None:
    with pytest.raises(WorkbenchError, match="100 years or more"):
        stability(LIGHT, years=50)
    with pytest.raises(WorkbenchError, match="has scenarios"):
        stability(Study())
    with pytest.raises(WorkbenchError, match="known name; got 'p37'"):
        stability(LIGHT, years=100, seeds=5).figure("p37")


def test_lognormal_quantiles_are_borne_out_though_its_sd_is_far() -> None:
    found = stability(study(1.0, LogNormal(10, 1.5)), years=2000)
    assert [found.figure(n).verdict() for n in ("p90", "p95", "p99")] == ["borne out"] * 3
