"""What a study and its scenarios may state, and what follows from it for an edit."""

import math
from typing import Any

import pytest

from workbench.distributions import Beta, Pert, Point, Scaled
from workbench.engines.dependence import Shock
from workbench.errors import WorkbenchError
from workbench.models import Scenario, Study, simulate
from workbench.models.dependence import Dependence
from workbench.models.stability import FEWEST, MOST, seeds_of
from workbench.models.study import TolerancePoint
from workbench.models.tree_nodes import ENDS, ends
from workbench.models.whatif import LEAST, drivers, least_factor

pytestmark = pytest.mark.pure


def scenario(name: str = "S-01", rate: float = 1.0, amount: float = 5.0, **more: Any) -> Scenario:
    return Scenario.fair(
        name, "s", loss_event_frequency=Point(rate), loss_magnitude=Point(amount), **more
    )


@pytest.mark.parametrize("seed", [-1, 2**53, 1.5, True, "1", math.nan])
def test_a_seed_that_json_cannot_hold_is_refused(seed: Any) -> None:
    with pytest.raises(WorkbenchError, match=r"a seed is a whole number from 0 to 2\^53 - 1"):
        Study(scenarios=(scenario(),), seed=seed)


def test_the_smallest_and_the_largest_seed_are_kept() -> None:
    for seed in (0, 2**53 - 1):
        assert Study(scenarios=(scenario(),), seed=seed).seed == seed


def test_an_asset_that_the_study_does_not_have_is_refused() -> None:
    lost = Scenario("S-01", "s", Point(1.0), Pert(0, 0.1, 0.7), asset="A-9")
    with pytest.raises(WorkbenchError, match="A-9"):
        Study(scenarios=(lost,))


@pytest.mark.parametrize("more", [{}, {"exposure_factor": 1, "loss_magnitude": 1}])
def test_a_scenario_states_its_magnitude_one_way(more: dict[str, int]) -> None:
    given = {name: Pert(0, 0.1, 0.7) for name in more}
    with pytest.raises(WorkbenchError, match="states its magnitude one way"):
        Scenario("S-01", "s", Point(1.0), asset_value=Point(5.0) if more else None, **given)


@pytest.mark.parametrize("chance", [0.0, -0.1, 1.1, math.nan])
def test_a_tolerated_chance_lies_above_0(chance: float) -> None:
    with pytest.raises(WorkbenchError, match="tolerated probability"):
        TolerancePoint(1e5, chance)


@pytest.mark.parametrize("points", [[(1e5, 0.1), (2e5, 0.2)], [(1e5, 0.1), (1e5, 0.05)]])
def test_larger_losses_are_tolerated_no_more_often(points: list[tuple[float, float]]) -> None:
    with pytest.raises(WorkbenchError, match="toleran"):
        Study(scenarios=(scenario(),), tolerance=tuple(TolerancePoint(*one) for one in points))


def test_a_frequency_falls_no_lower_than_to_the_shocks_that_it_includes() -> None:
    free, hit = scenario("S-01", 0.8), scenario("S-02", 0.8)
    shocks = (Shock("outage", 0.2, {"S-02": 0.5}),)
    study = Study(scenarios=(free, hit), dependence=Dependence(shocks=shocks))
    assert least_factor(study, free) == LEAST
    assert least_factor(study, hit) == pytest.approx(0.1 / 0.8)


def test_what_costs_nothing_drives_nothing() -> None:
    result = simulate(Study(scenarios=(scenario("S-01", 1.0, 0.0), scenario("S-02"))))
    assert [(one.scenario.id, one.share) for one in drivers(result)] == [("S-02", 1.0)]


def test_as_many_seeds_as_are_allowed_follow_one_another() -> None:
    assert len(set(seeds_of(7, MOST))) == MOST
    assert seeds_of(7, FEWEST)[:2] == (7, 8)
    for count in (FEWEST - 1, MOST + 1):
        with pytest.raises(WorkbenchError, match="seeds"):
            seeds_of(7, count)


def test_the_ends_of_a_scaled_belief_are_scaled() -> None:
    base = Beta(2, 5)
    assert ends(Scaled(base, 10.0)) == pytest.approx([10 * float(base.ppf(u)) for u in ENDS])
