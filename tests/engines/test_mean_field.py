"""Products of held beliefs: closed forms, moments, and the average year that is made of them."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import special

from workbench.distributions import (
    Discrete,
    Distribution,
    Gamma,
    LogNormal,
    Mixture,
    Pert,
    Point,
    Product,
    Uniform,
)
from workbench.distributions.quadrature import nodes
from workbench.engines import exact
from workbench.engines.counts import Once
from workbench.engines.ladder import tabulate_belief
from workbench.engines.mean_field import held_average
from workbench.engines.plan import CompoundPlan, EventTerms, Secondary
from workbench.engines.products import Computed, Held, multiplied
from workbench.losses import TabulatedLosses

pytestmark = pytest.mark.pure
LEVELS = (0.01, 0.05, 0.5, 0.9, 0.95, 0.99, 0.999)


def product(*beliefs: Distribution) -> TabulatedLosses:
    return multiplied([Held(belief) for belief in beliefs])


# four wide factors: weighting masses by their amounts made losses of rounding in the far tail
@example(logs=[(1.0, 0.875), (1.7006873244510623, 1.0), (0.0, 1.0), (0.0, 1.0)])
@example(logs=[(0.0, 1.0), (0.0, 0.5), (0.0, 0.75), (0.0, 1.0)])
@example(logs=[(0.0, 1.0)] * 4)
@given(st.lists(st.tuples(st.floats(-2, 3), st.floats(0.1, 1)), min_size=2, max_size=4))
def test_a_product_of_lognormals_is_lognormal(logs: list[tuple[float, float]]) -> None:
    found = product(*(LogNormal(mu, sigma) for mu, sigma in logs))
    known = LogNormal(sum(mu for mu, _ in logs), math.hypot(*(sigma for _, sigma in logs)))
    assert found.mean() == pytest.approx(known.mean(), rel=1e-12)
    assert found.sd() == pytest.approx(math.sqrt(known.variance()), rel=1e-9)
    for level in LEVELS:
        value = float(known.ppf(level))
        tail = value + float(known.excess_moments(value)[1]) / (1 - level)
        assert abs(found.var(level) - value) <= found.var_error(level)
        assert abs(found.tvar(level) - tail) <= found.tvar_error(level)
        assert found.var_error(level) <= (5e-4 if level < 0.05 else 2e-4) * value


@pytest.mark.parametrize("count", [2, 3, 5])
def test_a_product_of_uniforms(count: int) -> None:
    # -log of each is exponential, so that the sum of them is an Erlang
    found = product(*[Uniform(0, 1)] * count)
    for x in (0.001, 0.01, 0.1, 0.5, 0.9):
        known = 1 - float(special.gammaincc(count, -math.log(x)))
        assert abs(float(found.exceedance(x)) - known) <= found.exceedance_error(x)
        assert found.exceedance_error(x) < 5e-4


def test_two_uniforms_have_their_logarithm() -> None:
    found = product(Uniform(0, 1), Uniform(0, 1))
    for x in (0.05, 0.3, 0.8):
        known = 1 - x + x * math.log(x)
        assert float(found.exceedance(x)) == pytest.approx(known, abs=2e-5)


PERTS = [Pert(1, 10, 30), Pert(0.05, 0.3, 0.9), Pert(1e4, 5e4, 4e5)]


@pytest.mark.parametrize("power", [1, 2, 3])
def test_the_moments_of_three_perts_multiply(power: int) -> None:
    # Mellin: E[(XYZ)^k] = E[X^k] E[Y^k] E[Z^k], with E[L^k] = k int x^(k - 1) P(L > x) dx
    x, sf, _ = product(*PERTS).nodes()
    known = math.prod(float(w @ v**power) for v, w in (nodes(pert, 60) for pert in PERTS))
    below = x[1] ** power * sf[0]
    found = below + np.trapezoid(sf[1:], x[1:] ** power)
    assert found == pytest.approx(known, rel=2e-5)


def test_three_perts_by_a_second_method() -> None:
    # P(XYZ > x) = E[P(X > x / YZ)] over Gauss nodes of Y and of Z
    found = product(*PERTS)
    (y, v), (z, w) = (nodes(pert, 120) for pert in PERTS[1:])
    others, weights = np.outer(y, z).ravel(), np.outer(v, w).ravel()
    for level in LEVELS[1:-1]:
        value = found.var(level)
        known = float(weights @ PERTS[0].sf(value / others))
        assert known == pytest.approx(1 - level, abs=1e-5)
        assert found.var_error(level) < 1e-4 * value


def test_single_values_and_zero_among_the_factors() -> None:
    either = Mixture([Point(0), Point(2), LogNormal(0, 0.5)], [0.3, 0.3, 0.4])
    found = product(either, Gamma(2, 1), Discrete([1, 3], [0.5, 0.5]))
    assert found.prob_no_loss() == pytest.approx(0.3)
    assert found.mean() == pytest.approx((0.6 + 0.4 * LogNormal(0, 0.5).mean()) * 2 * 2)
    for x in (1.0, 5.0, 20.0):
        parts = (
            0.5 * (0.3 * float(Gamma(2, 2 * k).sf(x)) + 0.4 * float(mixed(k).sf(x))) for k in (1, 3)
        )
        known = math.fsum(parts)
        assert abs(float(found.exceedance(x)) - known) <= found.exceedance_error(x)
        above = (
            0.5 * (0.3 * float(Gamma(2, 2 * k).excess_moments(x)[1]) + 0.4 * excess_of_mixed(k, x))
            for k in (1, 3)
        )
        assert found.excess(x) == pytest.approx(math.fsum(above), rel=1e-4)


def excess_of_mixed(k: float, x: float) -> float:
    """E[(k L G - x)+] for a lognormal L by Gauss and Hermite, and a gamma G in closed form."""
    t, weights = np.polynomial.hermite_e.hermegauss(60)
    parts = [Gamma(2, k * math.exp(0.5 * at)).excess_moments(x)[1] for at in t]
    return float(weights @ np.array(parts)) / math.sqrt(2 * math.pi)


def test_a_table_of_a_belief_knows_both_sides_of_its_jumps() -> None:
    belief = Mixture([Uniform(0, 1), Point(2)], [0.6, 0.4])
    found = tabulate_belief(belief, size=16)
    assert found.exceedance(2 * (1 - 1e-9)) == pytest.approx(0.4, rel=1e-6)
    assert found.exceedance(2.0) == 0


def test_a_computed_loss_of_single_values_has_them_as_a_factor() -> None:
    belief = Discrete([0, 1, 3], [0.2, 0.5, 0.3])
    places, chances = Computed(tabulate_belief(belief)).jumps()
    assert places.tolist() == [0, 1, 3]
    assert chances == pytest.approx([0.2, 0.5, 0.3], rel=1e-12)


def mixed(k: float) -> Product:
    return Product([LogNormal(math.log(k), 0.5), Gamma(2, 1)])


def year(name: str, rate: Distribution, severity: Distribution, **more: object) -> CompoundPlan:
    return CompoundPlan(name, rate, severity, **more)


def test_the_average_of_a_portfolio_is_what_the_exact_engine_convolves() -> None:
    asset = LogNormal(14, 0.5)
    plans = [
        year("A", Pert(0.1, 1, 3), Uniform(0, 0.4), scale=asset, shared="x"),
        year("B", Gamma(2, 1), Pert(0, 0.1, 0.3), scale=asset, shared="x"),
        year("C", LogNormal(0, 1), Gamma(2, 1e5)),
    ]
    once = [CompoundPlan(p.id, Point(1.0), _times(p), Once(), p.scale, p.shared) for p in plans]
    found, known = held_average(plans), exact.portfolio(once)
    assert found is not None
    assert found.mean() == pytest.approx(known.mean(), rel=1e-9)
    assert found.sd() == pytest.approx(known.sd(), rel=1e-6)
    for level in (0.05, 0.5, 0.95, 0.99):
        both = found.var_error(level) + known.var_error(level)
        assert abs(found.var(level) - known.var(level)) <= both
        assert found.var_error(level) < 1e-3 * found.var(level)


def _times(plan: CompoundPlan) -> Distribution:
    belief = plan.rate.scaled_by(plan.severity.mean())
    assert belief is not None
    return belief


def test_a_held_share_adds_within_the_product() -> None:
    # rate x (a + b q) with q uniform on 0..1 is a product of two uniforms when a is 0
    secondary = Secondary(Uniform(0, 1), Point(100.0))
    found = held_average([year("A", Uniform(0, 1), Point(0.0), secondary=secondary)])
    assert found is not None
    for x in (0.1, 0.5):
        known = 1 - x + x * math.log(x)
        assert float(found.exceedance(100 * x)) == pytest.approx(known, abs=1e-4)


def test_what_is_no_product_is_left_to_others() -> None:
    share = Secondary(Uniform(0, 1), Point(1.0))
    one = year("A", Uniform(0, 1), Uniform(0, 1), scale=Gamma(2, 1), shared="x", secondary=share)
    assert held_average([one]) is None
    limited = year("A", Uniform(0, 1), Uniform(0, 1), scale=Gamma(2, 1), terms=EventTerms(limit=1))
    assert held_average([limited]) is None
    assert held_average([]) is None


def test_terms_of_an_event_act_on_what_a_known_scale_makes_larger() -> None:
    terms = EventTerms(limit=100.0)
    plan = CompoundPlan("a", Uniform(0, 1), Point(80.0), scale=Point(2.0), terms=terms)
    found = held_average([plan])
    assert found is not None
    assert found.mean() == pytest.approx(50, rel=1e-9)  # half an event of 160, limited to 100
    assert found.var(0.9) == pytest.approx(90, rel=1e-6)
