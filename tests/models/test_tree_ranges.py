"""Ranges of the tree's nodes: what is believed of the average year, by a second method."""

import json
import math

import numpy as np
import pytest

from workbench.distributions import LogNormal, Pareto, Pert, Point, Uniform, product
from workbench.errors import WorkbenchError
from workbench.models import Asset, Scenario, SecondaryLoss, Study, Terms
from workbench.models.tree import LossEvents, LossForms, ThreatEvents, Vulnerability
from workbench.models.tree_edits import state, stated
from workbench.models.tree_nodes import average_belief, ends, fair_tree, find
from workbench.models.views import mean_belief

pytestmark = pytest.mark.pure

ARO, EF, AMOUNT = Pert(0.1, 0.5, 2), Pert(0.01, 0.1, 0.6), Pert(1e4, 1e5, 1e6)
SECONDARY = SecondaryLoss(Pert(0.05, 0.1, 0.3), LogNormal.from_interval(1e4, 5e5))
PLAIN = Scenario.fair("S", "s", loss_event_frequency=ARO, loss_magnitude=AMOUNT)
FULL = Scenario.fair(
    "S",
    "s",
    loss_event_frequency=LossEvents(
        ThreatEvents(Pert(10, 40, 100), Pert(0.1, 0.2, 0.5)),
        Vulnerability(Pert(20, 50, 90), Pert(40, 60, 80)),
    ),
    loss_magnitude=LossForms(productivity=AMOUNT, response=Pert(1e3, 5e3, 5e4)),
    secondary=SecondaryLoss(Pert(0.05, 0.1, 0.3), LossForms(response=AMOUNT, reputation=AMOUNT)),
)
OWN = Scenario.classical("S", "s", aro=ARO, exposure_factor=EF, asset_value=Pert(1e6, 2e6, 9e6))
SHARED = Scenario.classical("S", "s", aro=Point(2.0), exposure_factor=EF, asset="x")
SCENARIOS = [PLAIN, PLAIN.replace(secondary=SECONDARY), FULL, OWN, SHARED]


def study(scenario: Scenario) -> Study:
    assets = (Asset("x", "x", Uniform(1e6, 3e6)),) if scenario.asset else ()
    return Study(assets=assets, scenarios=(scenario,))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=["plain", "secondary", "full", "own", "shared"])
def test_the_range_of_the_root_is_that_of_the_average_year(scenario: Scenario) -> None:
    made = study(scenario)
    root, belief = fair_tree(scenario, made), mean_belief(made)
    assert root.mean == pytest.approx(belief.mean(), rel=1e-9)
    assert root.low == pytest.approx(belief.var(0.05), rel=1e-3)
    assert root.high == pytest.approx(belief.var(0.95), rel=1e-3)


def test_the_range_of_a_plain_scenario_is_that_of_its_frequency() -> None:
    root = fair_tree(PLAIN, study(PLAIN))
    wanted = AMOUNT.mean() * ARO.ppf(np.array([0.05, 0.95]))
    assert [root.low, root.high] == pytest.approx(wanted)


def test_an_average_that_does_not_exist_or_meets_terms_has_no_range() -> None:
    endless = PLAIN.replace(loss_magnitude=Pareto(0.9, 1e4))
    secondary = PLAIN.replace(secondary=SecondaryLoss(Point(0.1), Pareto(0.9, 1e4)))
    terms = [Terms(limit=1e5), Terms(annual_deductible=1.0)]
    for scenario in (endless, secondary, *(PLAIN.replace(terms=one) for one in terms)):
        assert average_belief(scenario, study(scenario)) is None
    root = fair_tree(endless, study(endless))
    assert (root.mean, root.low, root.high) == (math.inf, None, None)


@pytest.mark.parametrize("factors", [2, 3, 5])
def test_a_product_of_lognormals_has_the_ends_of_a_lognormal(factors: int) -> None:

    belief = product(*(LogNormal(0.1 * k, 0.3 + 0.1 * k) for k in range(factors)), Uniform(1, 2))
    low, high = ends(belief)
    assert belief.cdf(low) == pytest.approx(0.05, rel=1e-3)
    assert belief.sf(high) == pytest.approx(0.05, rel=1e-3)


def test_stating_a_derived_node_keeps_what_it_gave() -> None:
    made = study(FULL)
    for path in (
        *("frequency", "threat_event_frequency", "vulnerability", "primary"),
        "secondary.magnitude",
    ):
        assert stated(FULL, path) is None
        flat = state(FULL, path)
        before, after = find(FULL, made, path), find(flat, study(flat), path)
        assert after.how == "stated"
        assert after.mean == pytest.approx(before.mean, rel=1e-9)
        assert [after.low, after.high] == pytest.approx([before.low, before.high], rel=1e-3)
        root = fair_tree(flat, study(flat))
        assert root.mean == pytest.approx(fair_tree(FULL, made).mean, rel=1e-9)
    for path in ("threat_event_frequency", "vulnerability"):
        with pytest.raises(WorkbenchError):
            state(PLAIN.replace(secondary=SECONDARY), path)


@pytest.mark.parametrize(
    "terms",
    [Terms(), Terms(5, 7), Terms(share=0.5), Terms(annual_deductible=3), Terms(1, 2, 1, 3, 4)],
)
def test_terms_are_read_back_from_their_data_and_whole_numbers_are_numbers(terms: Terms) -> None:
    data = terms.to_dict()
    assert Terms(**data) == terms
    as_floats = Terms(**{name: float(value) for name, value in data.items()})
    assert json.dumps(as_floats.to_dict()) == json.dumps(data)
    assert Terms().to_dict() == {}
