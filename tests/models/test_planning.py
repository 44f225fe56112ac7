"""Scenarios to plans: what is known of a secondary loss becomes part of the severity."""

import numpy as np
import pytest

from workbench.distributions import Discrete, Distribution, LogNormal, Point
from workbench.engines.plan import CompoundPlan
from workbench.errors import WorkbenchError
from workbench.models import Scenario, SecondaryLoss, Study, simulate
from workbench.models.planning import plan_of

pytestmark = pytest.mark.pure


def planned(magnitude: Distribution, share: float, amount: Distribution) -> CompoundPlan:
    scenario = Scenario.fair(
        "S-01",
        "s",
        loss_event_frequency=Point(0.3),
        loss_magnitude=magnitude,
        secondary=SecondaryLoss(Point(share), amount),
    )
    return plan_of(scenario, Study(scenarios=(scenario,)))


def test_a_secondary_loss_that_never_or_always_follows_is_none_or_a_sum() -> None:
    never, always = (planned(LogNormal(9, 1), share, Point(500.0)) for share in (0.0, 1.0))
    assert (never.severity, never.secondary) == (LogNormal(9, 1), None)
    assert always.secondary is None
    assert always.severity.mean() == pytest.approx(LogNormal(9, 1).mean() + 500)
    assert always.severity.support()[0] == 500


def test_single_values_with_a_known_share_are_a_list_of_their_own() -> None:
    plan = planned(Discrete([100, 200], [0.6, 0.4]), 0.3, Discrete([5, 10], [0.5, 0.5]))
    found = plan.severity.atoms()
    assert plan.secondary is None
    assert found is not None
    wanted = {100: 0.42, 200: 0.28, 105: 0.09, 110: 0.09, 205: 0.06, 210: 0.06}
    assert found[0].tolist() == sorted(wanted)
    assert found[1] == pytest.approx([wanted[int(value)] for value in found[0]])


def test_what_is_held_of_a_share_or_no_list_stays_a_secondary_loss() -> None:
    plan = planned(LogNormal(9, 1), 0.3, Point(500.0))
    assert plan.secondary is not None
    assert plan.severity == LogNormal(9, 1)


def test_an_engine_or_a_number_of_years_that_is_none_is_refused() -> None:
    scenario = Scenario.fair("S-01", "s", loss_event_frequency=Point(1), loss_magnitude=Point(1))
    study = Study(scenarios=(scenario,))
    with pytest.raises(WorkbenchError, match="an engine is auto, exact or montecarlo; got 'fast'"):
        simulate(study, engine="fast")
    with pytest.raises(WorkbenchError, match="100"):
        simulate(study, engine="montecarlo", years=99)
    years = simulate(study, engine="montecarlo", years=100).portfolio
    assert np.isfinite(years.mean())
