"""Terms of an event that is a sum of amounts: what a table holds is cut as closed forms are."""

import numpy as np
import pytest

from workbench.distributions import Gamma, LogNormal, Lomax, Pareto, Point, WithTerms
from workbench.engines import exact
from workbench.engines.plan import CompoundPlan
from workbench.engines.sums import Sum, total

pytestmark = pytest.mark.pure

KNOWN = 2e4
TERMS = [
    {"limit": 1e5},
    {"limit": 1e7},
    {"deductible": 5e4},
    {"deductible": 3e4, "limit": 2e5, "share": 0.5},
]


def assert_same_years(events: Sum, wanted: WithTerms, rate: float = 0.3) -> None:
    """Check the years of two ways to say the same event, alone and beside another loss."""
    other = CompoundPlan("other", Point(0.5), Gamma(2.0, 4e4))
    for beside in ((), (other,)):
        found, known = (
            exact.portfolio([CompoundPlan("A", Point(rate), event), *beside])
            for event in (events, wanted)
        )
        assert found.prob_no_loss() == pytest.approx(known.prob_no_loss(), abs=1e-6)
        for level in (0.8, 0.9, 0.95, 0.99, 0.995):
            error = found.var_error(level) + known.var_error(level)
            assert found.var(level) == pytest.approx(known.var(level), rel=1e-4, abs=error)
        for name in ("mean", "sd", "tvar95"):
            if np.isfinite(known.figure(name)):
                error = found.error(name) + known.error(name)
                assert found.figure(name) == pytest.approx(known.figure(name), rel=1e-5, abs=error)
        for loss in (3e4, 2e5, 9e5):
            gap = float(found.exceedance(loss) - known.exceedance(loss))
            assert abs(gap) < 1e-5 + found.exceedance_error(loss) + known.exceedance_error(loss)


@pytest.mark.daily(4)
@pytest.mark.parametrize("terms", TERMS, ids=str)
@pytest.mark.parametrize("alpha", [0.9, 1.2, 1.9, 4.0])
def test_a_known_amount_more_is_a_deductible_less(alpha: float, terms: dict[str, float]) -> None:
    """min((c + X - d)+, l) = min((X - (d - c))+, l) for d >= c; without d it starts at c."""
    heavy = Lomax(alpha, 5e4)
    cut = {"deductible": KNOWN} | terms
    events = WithTerms(Sum((heavy, Point(KNOWN))), **cut)
    assert_same_years(events, WithTerms(heavy, **(cut | {"deductible": cut["deductible"] - KNOWN})))


@pytest.mark.parametrize("terms", TERMS, ids=str)
def test_two_gammas_of_one_scale_are_one(terms: dict[str, float]) -> None:
    events = total((Gamma(0.7, 6e4), Gamma(1.1, 6e4)))
    assert_same_years(WithTerms(events, **terms), WithTerms(Gamma(1.8, 6e4), **terms))


@pytest.mark.parametrize("alpha", [1.03, 1.1, 1.2, 2.05, 2.2, 2.5])
def test_what_lies_beyond_the_table_is_not_lost(alpha: float) -> None:
    """R >= d, so that E[(R - d)+] = E[R] - d and its variance is that of R."""
    least = 1e5
    events = total((Pareto(alpha, least), LogNormal(9, 0.8)))
    cut = WithTerms(events, deductible=least / 2)
    assert cut.mean() == pytest.approx(events.mean() - least / 2, rel=1e-7)
    if alpha > 2:
        assert cut.variance() == pytest.approx(events.variance(), rel=1e-6)
    year = exact.portfolio([CompoundPlan("A", Point(0.4), cut)])
    assert year.mean() == pytest.approx(0.4 * (events.mean() - least / 2), rel=1e-7)


@pytest.mark.parametrize("alpha", [0.9, 1.2, 1.9, 4.0])
def test_a_layer_of_a_table_is_the_integral_of_its_curve(alpha: float) -> None:
    table = Sum((Lomax(alpha, 5e4), Gamma(1.5, 2e4))).table()
    low, high = np.array([0.0, 1e4, 5e4, 1e5]), np.array([3e4, 2e4, 6e5, 1.001e5])
    first, second = table.layer_moments(low, high)
    for a, b, one, two in zip(low, high, first, second, strict=True):
        places = table.nodes()[0]
        edges = np.concatenate([[a], places[(places > a) & (places < b)], [b]])
        t, w = np.polynomial.legendre.leggauss(4)
        x = (edges[:-1, None] + edges[1:, None]) / 2 + np.diff(edges)[:, None] / 2 * t
        weights = np.diff(edges)[:, None] / 2 * w
        height = table.exceedance(x.ravel()).reshape(x.shape)
        assert one == pytest.approx(float((weights * height).sum()), rel=1e-9)
        wanted = float((weights * 2 * (x - a) * height).sum())
        assert two == pytest.approx(wanted, rel=1e-9, abs=1e-13 * b**2)


def test_cells_of_a_table_hold_no_noise() -> None:
    """The masses of narrow cells of a heavy sum are those that its curve has there."""
    events = Sum((Lomax(1.2, 5e4), Gamma(1.5, 2e4)))
    edges = np.linspace(0, 2e5, 4097)
    first, second = events.layer_moments(edges, 8e5)
    step = edges[1] / 2
    m2 = (second[:-1] - second[1:]) / step**2 - 4 * first[1:] / step - 4 * events.sf(edges[1:])
    m1 = (first[:-1] - first[1:]) / step - 2 * events.sf(edges[1:])
    assert (m1 > -1e-9).all()
    assert (m2 > -1e-7).all()
    assert (m2 < 2 * m1 + 1e-7).all()  # u lies in 0..2
