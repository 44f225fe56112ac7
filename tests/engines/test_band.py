"""The curves given what is held: closed forms draw by draw, and the laws of the draws."""

from types import ModuleType

import numpy as np
import pytest
from scipy import stats

from workbench.distributions import (
    Beta,
    Distribution,
    Gamma,
    LogNormal,
    Mixture,
    Pert,
    Point,
    Uniform,
)
from workbench.engines import exact
from workbench.engines.band import _held, _scales, _stratified, conditional_curves
from workbench.engines.counts import Bernoulli, Binomial, Count, NegativeBinomial, Poisson
from workbench.engines.plan import AnnualTerms, CompoundPlan, Secondary

pytestmark = pytest.mark.pure

SEED, DRAWS = 20261128, 12
LOSS = Gamma(2.0, 1e5)
AT = np.array([0.0, 3e4, 1e5, 4e5, 9e5, 2e6])


def plan(rate: Distribution, loss: Distribution = LOSS, **more: object) -> CompoundPlan:
    return CompoundPlan(str(more.pop("id", "S")), rate, loss, **more)


def curves(*plans: CompoundPlan, at: np.ndarray = AT) -> np.ndarray:
    return conditional_curves(list(plans), SEED, DRAWS, at)


def chances(count: Count, rate: float) -> np.ndarray:
    n = np.arange(200)
    match count:
        case Poisson():
            return stats.poisson.pmf(n, rate)
        case NegativeBinomial(dispersion=d):
            return stats.nbinom.pmf(n, rate / (d - 1), 1 / d)
        case Binomial(trials=k):
            return stats.binom.pmf(n, k, rate / k)
    return stats.binom.pmf(n, 1, rate)


@pytest.mark.parametrize(
    ("count", "rate"),
    [
        (Poisson(), Pert(0.2, 1.0, 4.0)),
        (NegativeBinomial(2.5), Pert(0.2, 1.0, 4.0)),
        (Binomial(6), Pert(0.2, 1.0, 4.0)),
        (Bernoulli(), Uniform(0.1, 0.9)),
    ],
    ids=str,
)
def test_each_curve_is_the_closed_form_at_its_own_rate(
    count: Count, rate: Distribution, closed: ModuleType
) -> None:
    one = plan(rate, count=count)
    found = curves(one)
    rates = _held(one, SEED, DRAWS).rates
    for curve, held in zip(found, rates, strict=True):
        series = closed.GammaSum(chances(count, float(held)), 2.0, 1e5)
        assert curve == pytest.approx([series.sf(x) for x in AT], abs=2e-5)


def test_an_annual_deductible_and_limit_cut_each_curve(closed: ModuleType) -> None:
    """P(min((L - d)+, limit) > x) = P(L > d + x) below the limit, and 0 from there on."""
    terms = AnnualTerms(deductible=2e5, limit=8e5)
    one = plan(Pert(0.2, 1.0, 4.0), annual=terms)
    found = curves(one, at=np.append(AT, [8e5, 8e5 - 1.0]))
    for curve, held in zip(found, _held(one, SEED, DRAWS).rates, strict=True):
        series = closed.GammaSum(chances(Poisson(), float(held)), 2.0, 1e5)
        # the cells of the annual grid are a few thousandths of the limit
        assert curve[0] == pytest.approx(series.sf(2e5), abs=2e-5)  # P(a year costs anything)
        assert curve[1:4] == pytest.approx([series.sf(2e5 + x) for x in AT[1:4]], abs=2e-3)
        assert curve[4:7].tolist() == [0.0, 0.0, 0.0]


def test_a_limited_year_beside_another_one_is_their_convolution() -> None:
    """Nothing is held: each curve is that of the exact engine; a limit without a deductible too."""
    other = plan(Point(0.7), LogNormal(12, 0.5), id="other")
    for terms in (AnnualTerms(limit=3e5), AnnualTerms(1e5, 3e5), AnnualTerms(1e5)):
        limited = plan(Point(1.5), annual=terms)
        wanted = exact.portfolio([limited, other])
        at = np.array([0.0, 1e5, 2.5e5, 5e5, 1e6])
        for curve in curves(limited, other, at=at):
            assert curve == pytest.approx(wanted.exceedance(at), abs=3e-3)
        assert curves(limited, other)[:, 0] == pytest.approx(1 - wanted.prob_no_loss(), abs=1e-5)


def test_a_held_share_is_that_of_each_draw() -> None:
    """With a share q of events that cost 1M more: a year without loss has chance exp(-rate)."""
    share, more = Beta(2.0, 3.0), Point(1e6)
    one = plan(Point(1.0), Point(1e5), secondary=Secondary(share, more))
    found = curves(one, at=np.array([0.0, 9.5e5]))
    q = _held(one, SEED, DRAWS).shares
    assert np.ptp(q) > 0.3
    assert found[:, 0] == pytest.approx(np.full(DRAWS, 1 - np.exp(-1)), abs=1e-12)
    # nine events of 0.1M and none of the others are rarer than 1e-5
    assert found[:, 1] == pytest.approx(1 - np.exp(-q), abs=3e-5)


def test_events_that_cost_nothing_leave_a_year_without_loss() -> None:
    """A worth of 0 leaves the secondary loss: P(L > 0 | share q) = 1 - exp(-rate q)."""
    share = Uniform(0.2, 0.8)
    one = plan(Point(2.0), scale=Point(0.0), secondary=Secondary(share, Point(1e5)))
    q = _held(one, SEED, DRAWS).shares
    assert curves(one)[:, 0] == pytest.approx(1 - np.exp(-2 * q), rel=1e-12)


@pytest.mark.parametrize("unit", [1e-6, 1e3])
def test_another_unit_of_money_changes_no_curve(unit: float) -> None:
    terms = AnnualTerms(2e5, 9e5)
    moved = AnnualTerms(2e5 * unit, 9e5 * unit)
    at = np.array([0.0, 1e3, 1e5, 7e5, 2e6])
    before = curves(plan(Pert(0.2, 1, 4), annual=terms), plan(Point(0.5), id="b"), at=at)
    loss = Gamma(2.0, 1e5 * unit)
    after = curves(
        plan(Pert(0.2, 1, 4), loss, annual=moved), plan(Point(0.5), loss, id="b"), at=at * unit
    )
    assert after == pytest.approx(before, abs=4e-3)  # grids are powers of two of the unit


def test_plans_on_one_asset_share_its_draw_and_others_do_not() -> None:
    worth = LogNormal(13, 1)

    def index(name: str, shared: str | None) -> list[int]:
        held = _held(plan(Point(1.0), id=name, scale=worth, shared=shared), SEED, DRAWS)
        return held.scale.tolist()

    assert index("a", "asset") == index("b", "asset")
    assert index("a", None) != index("b", None)
    assert index("asset", None) != index("a", "asset")  # one name, two purposes
    assert index("a", "asset") != index("a", "another")


def test_the_values_of_an_asset_are_its_quantiles_and_their_shares_sum_to_1() -> None:
    values, weights = _scales(Uniform(0.0, 80.0))
    assert weights.sum() == pytest.approx(1, rel=1e-12)
    assert values @ weights == pytest.approx(40, rel=1e-12)
    assert {4.0, 40.0, 76.0} <= set(values.round(9))  # 5 %, 50 % and 95 %
    # each stands for the middle of its part
    ends = np.concatenate([[0.0], np.cumsum(weights)])
    assert values / 80 == pytest.approx((ends[1:] + ends[:-1]) / 2, abs=1e-12)
    assert [v.tolist() for v in _scales(Point(3.0))] == [[3.0], [1.0]]


@pytest.mark.parametrize("draws", [1, 7, 64])
def test_stratified_words_have_one_in_each_part(draws: int) -> None:
    u = _stratified(SEED, "S", "band rate", draws)
    assert sorted(np.floor(u * draws)) == list(range(draws))
    assert ((u > 0) & (u < 1)).all()


def test_losses_from_cents_to_billions_are_read_off_fine_enough_grids(closed: ModuleType) -> None:
    """A wide belief about one event: every decade has its own grid."""
    one = plan(Point(0.4), LogNormal(8, 4), count=Bernoulli())
    at = np.geomspace(0.01, 1e9, 12)
    wanted = 0.4 * LogNormal(8, 4).sf(at)
    for curve in curves(one, at=at):
        assert curve == pytest.approx(wanted, abs=1e-3)
    assert np.array_equal(curves(one, at=at)[:, ::-1], curves(one, at=at[::-1]))


def test_nothing_but_zero_asked_is_answered() -> None:
    assert curves(plan(Point(1.0)), at=np.zeros(1)) == pytest.approx(1 - np.exp(-1), rel=1e-12)


def test_an_asset_that_may_be_worth_nothing_is_in_so_many_draws() -> None:
    """P(L > 0 | held) is 0 where it is, and 1 - exp(-rate) elsewhere: its average is exact."""
    worth = Mixture([Point(0.0), LogNormal(12, 0.5)], [0.6, 0.4])
    values, weights = _scales(worth)
    assert (values[0], weights[0]) == (0.0, pytest.approx(0.6))
    assert (values[1:] > 0).all()
    assert weights.sum() == pytest.approx(1)
    found = conditional_curves([plan(Point(0.5), Uniform(0, 1), scale=worth)], SEED, 400, AT[:1])
    assert sorted(set(found[:, 0].round(9))) == pytest.approx([0, 1 - np.exp(-0.5)])
    assert found.mean() == pytest.approx(0.4 * (1 - np.exp(-0.5)), rel=1e-9)
