"""Tolerance: what a verdict needs, where a curve is passed, on losses that are known outright."""

import numpy as np
import pytest
from numpy.typing import ArrayLike

from workbench.distributions import Distribution, LogNormal, Point
from workbench.errors import WorkbenchError
from workbench.losses import LossDistribution, SampledLosses
from workbench.models import Scenario, Study, TolerancePoint, simulate
from workbench.models.tolerance import Breach, ToleranceCurve, breaches, most_exceeded, verdict

pytestmark = pytest.mark.pure


class Power(LossDistribution):
    """P(L > x) = min(1, (least / x)^alpha), told with an error of its own."""

    def __init__(self, least: float, alpha: float, error: float = 0.0) -> None:
        self.least, self.alpha, self.error = least, alpha, error

    def exceedance(self, loss: ArrayLike) -> np.ndarray:
        return np.minimum(1.0, (self.least / np.asarray(loss, dtype=float)) ** self.alpha)

    def exceedance_error(self, loss: float) -> float:
        return self.error

    def var(self, level: float) -> float:
        return self.least * (1 - level) ** (-1 / self.alpha)


Power.__abstractmethods__ = frozenset()  # the rest of a distribution is not asked for here
LINE = ToleranceCurve((TolerancePoint(1e5, 0.5), TolerancePoint(1e6, 0.05)))  # slope -1


@pytest.mark.parametrize(
    ("chance", "tolerated", "error", "said"),
    [
        (0.25, 0.125, 0.0625, "too close to call"),  # two errors and no more
        (0.25, 0.125, 0.0624, "above"),
        (0.125, 0.25, 0.0624, "within"),
        (0.125, 0.25, 0.0625, "too close to call"),
        (0.25, 0.25, 0.0, "too close to call"),
        (1.0, 1.0, 0.1, "within"),  # whoever accepts every year is never passed
        (0.95, 1.0, 0.1, "within"),
    ],
)
def test_within_two_errors_nothing_is_said(
    chance: float, tolerated: float, error: float, said: str
) -> None:
    losses = Power(100.0 * chance, 1.0, error)
    assert float(losses.exceedance(100.0)) == chance
    assert verdict(losses, TolerancePoint(100.0, tolerated)) == said


def test_the_worst_point_is_passed_surely_and_by_the_largest_multiple() -> None:
    losses = Power(1e5, 1.0, 0.001)  # P(L > x) = 1e5 / x
    passed = TolerancePoint(1e6, 0.05)  # twice what is accepted
    far_passed = TolerancePoint(2e6, 0.01)  # five times
    close = TolerancePoint(1e8, 0.0001)  # ten times, and less than its error
    kept = TolerancePoint(5e5, 0.4)
    every_year = TolerancePoint(1e3, 1.0)
    assert most_exceeded(losses, [passed, far_passed, close, kept, every_year]) == far_passed
    assert most_exceeded(losses, [passed, close, kept]) == passed
    assert most_exceeded(losses, [kept, close]) == close
    assert most_exceeded(losses, [every_year, kept]) == kept
    assert most_exceeded(losses, [every_year]) is None
    assert most_exceeded(losses, []) is None


def test_two_points_make_a_curve_and_one_does_not() -> None:
    assert ToleranceCurve.of(Study(tolerance=LINE.points)) == LINE
    assert ToleranceCurve.of(Study(tolerance=LINE.points[:1])) is None


def test_the_line_of_the_last_two_points_goes_on_and_left_of_the_first_nothing_changes() -> None:
    bent = ToleranceCurve((TolerancePoint(1e4, 0.5), *LINE.points[1:], TolerancePoint(1e7, 5e-4)))
    # slopes -1/2 and -2 on log-log axes
    x = np.array([0.0, 1.0, 1e4, 1e5, 1e6, 1e7, 1e8])
    wanted = [0.5, 0.5, 0.5, 0.5 * 10**-0.5, 0.05, 5e-4, 5e-6]
    assert bent.probability(x) == pytest.approx(wanted, rel=1e-12)


def test_curves_that_cross_twice_have_the_breach_between() -> None:
    # (3e4 / x)^1/2 against 5e4 / x: above from x = 83,333 on, hence from the first point on
    (above,) = breaches(Power(3e4, 0.5), LINE)
    assert above == Breach(1e5, None, is_sure=True)
    # 1 until 3e5, then a fall of order 3: above until (3e5)^3 / x^3 = 5e4 / x
    (early,) = breaches(Power(3e5, 3.0), LINE)
    assert early.start == 1e5
    assert early.end == pytest.approx((3e5**3 / 5e4) ** 0.5, rel=1e-9)
    # a flat tail passes the line late: (1e3 / x)^1/2 = 5e4 / x at 2.5e6, right of the last point
    assert breaches(Power(1e3, 0.5), LINE) == []
    # and between the points where it crosses at 4e5: least = 5e4^2 / 4e5
    (late,) = breaches(Power(5e4**2 / 4e5, 0.5), LINE)
    assert late.start == pytest.approx(4e5, rel=1e-9)
    assert late.end is None
    # in two parts: steps of a sample
    sample = SampledLosses(np.array([0.0] * 60 + [2e5] * 30 + [3e6] * 10))
    first, second = breaches(sample, LINE)
    assert (first.start, first.end) == (pytest.approx(1.25e5, rel=1e-9), pytest.approx(2e5))
    assert second.start == pytest.approx(5e5, rel=1e-9)
    assert second.end == pytest.approx(3e6, rel=1e-9)


def test_a_breach_is_looked_for_ten_times_beyond_the_last_point_and_to_the_rarest_year() -> None:
    # slope -1 and a slope of -0.999 part slowly: where the line ends is not where looking ends
    steep = ToleranceCurve((TolerancePoint(1e5, 0.5), TolerancePoint(1e6, 0.005)))
    (near,) = breaches(Power(9e4, 2.2), steep)  # falls faster than the line: it ends
    # (9e4 / x)^2.2 = 0.5 (1e5 / x)^2
    assert near.end == pytest.approx((9e4**2.2 / (0.5 * 1e5**2)) ** 5, rel=1e-9)
    assert near.end < 1e7
    far = Power(1e5, 2.01)
    (one,) = breaches(far, steep)
    assert one.end is None  # it ends beyond 10 times the last point and the year of 1 in 100,000
    assert max(1e7, far.var(1 - 1e-5)) < (1e5**2.01 / (0.5 * 1e5**2)) ** 100


def test_a_breach_is_sure_where_it_passes_by_more_than_two_errors() -> None:
    def found(error: float) -> bool:
        (breach,) = breaches(Power(3e5, 3.0, error), LINE)
        return breach.is_sure

    # the largest gap is 1 - 5e4 / 3e5 = 0.8333 at 3e5
    assert found(0.41)
    assert not found(0.42)


POINTS = (TolerancePoint(1e5, 0.5), TolerancePoint(1e6, 0.05), TolerancePoint(1e7, 0.005))


def year(rate: float, magnitude: Distribution) -> LossDistribution:
    one = Scenario.fair("a", "a", loss_event_frequency=Point(rate), loss_magnitude=magnitude)
    return simulate(Study(scenarios=(one,))).portfolio


def test_tolerance_is_straight_on_two_logarithmic_axes() -> None:
    curve = ToleranceCurve(POINTS)
    at = np.array([1.0, 1e5, 10**5.5, 1e6, 1e7, 1e8])
    wanted = [0.5, 0.5, np.sqrt(0.5 * 0.05), 0.05, 0.005, 0.0005]
    assert curve.probability(at) == pytest.approx(wanted)
    assert ToleranceCurve.of(Study(tolerance=POINTS[::-1])) == curve
    assert ToleranceCurve.of(Study(tolerance=POINTS[:1])) is None
    with pytest.raises(WorkbenchError, match="two points or more; got 1"):
        ToleranceCurve(POINTS[:1])


def test_breaches_are_where_the_curves_cross() -> None:
    curve = ToleranceCurve(POINTS)
    losses = year(0.3, LogNormal(14, 0.6))
    found = breaches(losses, curve)
    assert found
    for breach in found:
        ends = [e for e in (breach.start, breach.end) if e]
        for x in ends:
            gap = [float(losses.exceedance(v) - curve.probability(v)) for v in (x * 0.99, x * 1.01)]
            assert gap[0] * gap[1] < 0
        middle = breach.start * 1.02 + 1
        assert float(losses.exceedance(middle)) > float(curve.probability(middle))


def test_breaches_from_the_first_tolerated_loss_to_the_end() -> None:
    curve = ToleranceCurve(POINTS)
    always = year(50.0, LogNormal(18, 2))
    (breach,) = breaches(always, curve)
    assert (breach.start, breach.end) == (POINTS[0].loss, None)
    never = year(1e-4, Point(10))
    assert breaches(never, curve) == []
    # what no point speaks of is no breach: half a million is lost often, and no point is below 1M
    often = year(40.0, LogNormal(9, 0.8))
    points = (TolerancePoint(2e6, 0.2), TolerancePoint(5e6, 0.02))
    assert breaches(often, ToleranceCurve(points)) == []
    sample = SampledLosses(np.array([0.0] * 80 + [2e6] * 20))
    (jump,) = breaches(sample, curve)
    assert jump.end == pytest.approx(2e6, rel=1e-6)
    assert float(curve.probability(jump.start)) == pytest.approx(0.2, rel=1e-6)
