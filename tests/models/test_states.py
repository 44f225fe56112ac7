"""Inherent, current and residual: states of one study, on common random words."""

import numpy as np
import pytest

from workbench.distributions import Gamma, LogNormal, Pert, Point, Uniform
from workbench.errors import WorkbenchError
from workbench.losses import SampledLosses
from workbench.models import (
    Asset,
    LossEvents,
    Scenario,
    SecondaryLoss,
    Study,
    Terms,
    ThreatEvents,
    simulate,
)

pytestmark = pytest.mark.pure

BASE = Scenario.fair(
    "a", "A", loss_event_frequency=Pert(0.2, 0.6, 2), loss_magnitude=Gamma(2.0, 1e5)
)
CONTROLLED = BASE.replace(
    inherent=BASE.replace(frequency=Pert(0.4, 1.2, 4)),
    residual=BASE.replace(terms=Terms(deductible=5e4, annual_limit=5e5)),
)
OTHER = Scenario.fair("b", "B", loss_event_frequency=Point(1.0), loss_magnitude=LogNormal(11, 1))
STUDY = Study(scenarios=(CONTROLLED, OTHER))


def test_each_state_is_the_study_with_that_state_written_in() -> None:
    assert STUDY.states() == ("inherent", "current", "residual")
    for name in STUDY.states():
        stated = getattr(CONTROLLED, name, None) or BASE
        by_hand = simulate(Study(scenarios=(stated.replace(inherent=None, residual=None), OTHER)))
        found = simulate(STUDY.at(name))
        assert found.portfolio.var(0.99) == by_hand.portfolio.var(0.99)
        assert found.portfolio.mean() == by_hand.portfolio.mean()
        assert STUDY.at(name).states() == ("current",)
    assert simulate(STUDY).portfolio.mean() == simulate(STUDY.at("current")).portfolio.mean()
    assert Study(scenarios=(OTHER,)).states() == ("current",)


def test_twice_the_rate_costs_twice_as_much_on_average() -> None:
    means = {name: simulate(STUDY.at(name)).scenarios["a"].mean() for name in STUDY.states()}
    # Pert(0.4, 1.2, 4) is twice Pert(0.2, 0.6, 2)
    assert means["inherent"] == pytest.approx(2 * means["current"], rel=1e-12)
    assert means["residual"] < means["current"]


def test_states_share_their_random_words() -> None:
    runs = {
        name: simulate(STUDY.at(name), engine="montecarlo", years=5000, keep_years=True)
        for name in STUDY.states()
    }
    samples = {name: run.scenarios for name, run in runs.items()}

    def years(name: str, id: str) -> np.ndarray:
        losses = samples[name][id]
        assert isinstance(losses, SampledLosses)
        return losses.annual

    # what does not change has the same years; terms act on the very same losses
    assert np.array_equal(years("inherent", "b"), years("residual", "b"))
    assert (years("residual", "a") <= years("current", "a") + 1e-6).all()
    assert years("residual", "a").max() <= 5e5
    # in each year twice the rate, by the same word, is at least as many events
    quiet = years("inherent", "a") == 0
    assert (years("current", "a")[quiet] == 0).all()
    correlation = np.corrcoef(years("inherent", "a"), years("current", "a"))[0, 1]
    assert correlation > 0.3


def test_a_state_restates_what_the_scenario_states() -> None:
    for wrong in (
        BASE.replace(id="z"),
        BASE.replace(frequency=LossEvents(Pert(1, 2, 3), Uniform(0, 1))),
        Scenario.classical(
            "a", "A", aro=Point(1.0), exposure_factor=Uniform(0, 1), asset_value=Point(1e5)
        ),
        CONTROLLED,
    ):
        with pytest.raises(WorkbenchError, match="state of scenario a"):
            BASE.replace(inherent=wrong)
    kept = BASE.replace(residual=BASE.replace(secondary=SecondaryLoss(Point(0.2), Point(1e5))))
    more = simulate(Study(scenarios=(kept,)).at("residual")).portfolio.mean()
    assert more == pytest.approx(BASE.rate().mean() * 2.2e5, rel=1e-9)
    with pytest.raises(WorkbenchError, match="a state is known"):
        BASE.at("future")


def test_states_of_a_tree_with_a_shared_asset() -> None:
    asset = Asset("A", "A", Uniform(1e6, 2e6))
    node = LossEvents(ThreatEvents(Pert(2, 6, 20), Uniform(0.1, 0.3)), Uniform(0.2, 0.6))
    base = Scenario.classical("a", "A", aro=node, exposure_factor=Uniform(0, 1), asset="A")
    better = base.replace(frequency=LossEvents(node.threat_event_frequency, Uniform(0.1, 0.3)))
    study = Study(scenarios=(base.replace(residual=better),), assets=(asset,))
    now, then = (simulate(study.at(name)).portfolio for name in ("current", "residual"))
    assert then.mean() == pytest.approx(now.mean() / 2, rel=1e-9)
    assert then.var(0.95) < now.var(0.95)
