"""Single losses and what is lost just beside them: closed forms where events are one or two."""

import math

import numpy as np
import pytest

from workbench.distributions import Distribution, Gamma, LogNormal, Point, Uniform
from workbench.distributions.mixtures import Mixture
from workbench.engines import exact
from workbench.engines.counts import Binomial
from workbench.engines.plan import AnnualTerms, CompoundPlan, EventTerms, Secondary

pytestmark = pytest.mark.pure

FINE = 1e6  # currency


@pytest.mark.parametrize("sigma", [0.3, 0.5, 1.0])
@pytest.mark.parametrize("usual", [1e3, 1e4, 1e5])
@pytest.mark.parametrize("rate", [0.1, 1.0])
def test_the_curve_is_within_its_bound_where_it_rises_beside_an_atom(
    rate: float, usual: float, sigma: float
) -> None:
    """Two occasions, each with a fine or a small loss: one of each is a fine and a little more."""
    small, p = LogNormal(math.log(usual), sigma), rate / 2
    severity = Mixture([Point(FINE), small], [0.5, 0.5])
    found = exact.compound(CompoundPlan("a", Point(rate), severity, Binomial(2)))
    more = np.concatenate([[0.0, 1.0], np.geomspace(10, 3e5, 60)])
    one, two = small.sf(FINE + more), small.sf(more)
    for x, lone, both in zip(FINE + more, one, two, strict=True):
        known = p * (1 - p) * lone + p * p * (both / 2 + 0.25)
        error = abs(float(found.exceedance(x)) - known) - p * p * lone  # two small ones, at most
        assert error <= found.exceedance_error(float(x))


SHARES = [Point(0.3), Uniform(0.2, 0.4)]


@pytest.mark.parametrize("share", SHARES, ids=repr)
def test_a_deductible_of_the_year_at_an_atom_pays_nothing_of_it(share: Distribution) -> None:
    """No loss is no event, or one that costs the atom and nothing on top."""
    secondary = Secondary(share, LogNormal(10, 1))
    plan = CompoundPlan(
        "a", Point(0.3), Point(5e4), secondary=secondary, annual=AnnualTerms(5e4, 1e6)
    )
    found = exact.compound(plan)
    known = math.exp(-0.3) * (1 + 0.3 * (1 - share.mean()))
    assert found.error("prob_no_loss") < 1e-5
    assert abs(found.prob_no_loss() - known) <= found.error("prob_no_loss")


def test_a_deductible_of_the_year_at_the_limit_of_an_event_pays_nothing_of_it() -> None:
    belief, rate, limit = LogNormal(11, 1), 0.3, 5e4
    plan = CompoundPlan(
        "a",
        Point(rate),
        belief,
        Binomial(1),
        terms=EventTerms(limit=limit),
        annual=AnnualTerms(limit / 2, limit / 2),
    )
    found = exact.compound(plan)
    assert found.error("prob_no_loss") < 1e-4
    known = 1 - rate * float(belief.sf(limit / 2))
    assert abs(found.prob_no_loss() - known) <= found.error("prob_no_loss")
    below = limit / 2 * (1 - 1e-9)
    error = abs(float(found.exceedance(below)) - rate * float(belief.sf(limit)))
    assert error <= found.exceedance_error(below) <= 2e-3


@pytest.mark.parametrize("rate", [Point(2.0), Gamma(2.0, 1.0)], ids=repr)
@pytest.mark.parametrize("share", SHARES, ids=repr)
def test_a_known_magnitude_with_a_secondary_loss_is_a_jump(
    share: Distribution, rate: Distribution
) -> None:
    """The atoms k v have the chance of k events without a secondary loss and of no others."""
    value, amount = 5e3, LogNormal(8, 1)
    plan = CompoundPlan("a", rate, Point(value), secondary=Secondary(share, amount))
    found = exact.compound(plan)
    times, weights = np.polynomial.legendre.leggauss(40)
    low, high = share.support()
    for k in (1, 2, 3):
        jump = float(found.exceedance(k * value * (1 - 1e-9)) - found.exceedance(k * value))
        held = low + (high - low) * (1 + times) / 2
        if isinstance(rate, Gamma):  # k events of a kind with the rate (1 - q) g, none with q g
            shape, scale = rate.shape, rate.scale
            chance = math.gamma(shape + k) / math.gamma(shape) / math.factorial(k)
            known = chance * ((1 - held) * scale) ** k / (1 + scale) ** (shape + k)
        else:
            mean = rate.mean()
            known = ((1 - held) * mean) ** k / math.factorial(k) * math.exp(-mean)
        assert jump == pytest.approx(float(weights @ known) / 2, abs=1e-9)
    for name in ("p90", "p95", "p99", "tvar95"):
        assert found.error(name) <= 1e-4 * found.figure(name)


def test_a_quantile_well_within_a_jump_is_known_to_rounding() -> None:
    severity = Mixture([Point(FINE), LogNormal(math.log(1e3), 0.5)], [0.5, 0.5])
    found = exact.compound(CompoundPlan("a", Point(0.3), severity))
    level = 1 - float(found.exceedance(FINE)) - 0.02
    assert found.var(level) == FINE
    assert found.var_error(level) <= 1e-6 * FINE
