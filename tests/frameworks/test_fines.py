"""The ceiling of a fine bounds the magnitude of a scenario, and nothing else of it."""

import pytest

from workbench.distributions import LogNormal, Pert, Point
from workbench.errors import WorkbenchError
from workbench.frameworks.fines import below_the_ceiling, bounded_by_ceiling
from workbench.models.scenario import Scenario
from workbench.models.tree import LossForms, SecondaryLoss

FINE = LogNormal.from_interval(1e5, 6e7, 0.9)
FORMS = LossForms(fines_and_judgments=FINE, reputation=Pert(1e4, 5e4, 1e6))


def scenario(**fields):
    given = {"loss_magnitude": LossForms(response=Point(1e5)), "secondary": None} | fields
    return Scenario.fair("S", "S", loss_event_frequency=Pert(0.1, 0.2, 0.5), **given)


def test_no_fine_is_above_its_ceiling_and_those_below_keep_their_proportions():
    bounded = below_the_ceiling(FINE, 35e6)
    assert float(bounded.sf(35e6)) == 0
    share = float(FINE.cdf(35e6))
    for amount in (1e5, 1e6, 2e7):
        assert float(bounded.cdf(amount)) == pytest.approx(float(FINE.cdf(amount)) / share)
    assert below_the_ceiling(Pert(1, 2, 3), 3) == Pert(1, 2, 3)


def test_only_fines_are_bounded_wherever_they_are_stated():
    after = bounded_by_ceiling(scenario(secondary=SecondaryLoss(Point(0.2), FORMS)), 35e6)
    magnitude = after.secondary.magnitude
    assert float(magnitude.fines_and_judgments.sf(35e6)) == 0
    assert magnitude.reputation == FORMS.reputation
    assert after.loss_magnitude == scenario().loss_magnitude
    primary = bounded_by_ceiling(scenario(loss_magnitude=FORMS), 35e6)
    assert float(primary.loss_magnitude.fines_and_judgments.sf(35e6)) == 0


def test_a_scenario_without_fines_of_their_own_is_refused():
    for one in (scenario(), scenario(loss_magnitude=FINE)):
        with pytest.raises(WorkbenchError, match="fines and judgments by themselves"):
            bounded_by_ceiling(one, 35e6)
    with pytest.raises(WorkbenchError, match="a ceiling is above 0"):
        below_the_ceiling(FINE, 0)
