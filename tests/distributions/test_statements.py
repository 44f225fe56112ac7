"""Ways to state a belief: named constructors, plain data, refusals, equality."""

import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scipy import special

from workbench.distributions import (
    Beta,
    Distribution,
    Empirical,
    Gamma,
    LogNormal,
    Pert,
    Point,
    Scaled,
    Uniform,
    WithTerms,
    from_dict,
    scaled,
    triple,
)
from workbench.distributions.quadrature import nodes
from workbench.errors import WorkbenchError

pytestmark = pytest.mark.pure

amounts = st.floats(1e-6, 1e9)
factors = st.floats(1e-3, 1e3)
shapes = st.floats(0.1, 50)


def ordered(low: float, mode: float, high: float) -> list[float]:
    return sorted([low, mode, high])


@st.composite
def beliefs(draw: st.DrawFn) -> Distribution:
    """Any belief of this version, its parameters within ranges that people use."""
    a, b, c = ordered(draw(amounts), draw(amounts), draw(amounts))
    assume(a < c)
    simple = [
        Point(a),
        Uniform(a, c),
        Pert(a, b, c),
        Pert(a, a, c, draw(shapes)),
        LogNormal(math.log(b), draw(st.floats(0.05, 2.5))),
        Beta(draw(shapes), draw(shapes)),
        Gamma(draw(shapes), b),
        Empirical(draw(st.lists(amounts, min_size=1, max_size=6))),
        Empirical([a, b, c], draw(st.tuples(factors, factors, factors))),
    ]
    base = draw(st.sampled_from(simple))
    limit = draw(st.floats(0.01, 10)) * base.mean()
    derived = [base, Scaled(base, draw(factors)), WithTerms(base, a, limit, 0.5)]
    return draw(st.sampled_from(derived))


@given(beliefs())
def test_json_round_trip(belief: Distribution) -> None:
    text = json.dumps(belief.to_dict(), allow_nan=False)
    again = from_dict(json.loads(text))
    assert again == belief
    assert hash(again) == hash(belief)
    assert again.to_dict() == belief.to_dict()


@given(beliefs(), st.floats(1e-9, 1 - 1e-9))
@example(Beta(35.5, 34.75), 0.25)  # whose two functions round apart
def test_any_belief_keeps_the_laws_of_a_quantile(belief: Distribution, u: float) -> None:
    low, high = belief.support()
    x = float(belief.ppf(u))
    assert 0 <= low * (1 - 1e-12) <= x <= high * (1 + 1e-12)
    assert float(belief.cdf(x) + belief.sf(x)) == pytest.approx(1, abs=1e-14)
    assert float(belief.cdf(x * (1 + 1e-9))) >= u - 1e-6
    tail, first, second = (float(m) for m in belief.excess_moments(x))
    assert first**2 <= tail * second * (1 + 1e-6) + 1e-9 * belief.second_moment()  # Cauchy-Schwarz
    assert float(belief.limited_mean(x)) <= min(x, belief.mean()) + 1e-11 * belief.mean()


@given(beliefs(), factors)
def test_scaling_scales_every_quantile_and_moment(belief: Distribution, factor: float) -> None:
    other = scaled(belief, factor)
    u = np.array([0.01, 0.3, 0.5, 0.9, 0.999])
    assert other.ppf(u) == pytest.approx(factor * belief.ppf(u), rel=1e-9, abs=1e-300)
    assert other.mean() == pytest.approx(factor * belief.mean(), rel=1e-10, abs=1e-300)
    assert other.sd() == pytest.approx(factor * belief.sd(), rel=1e-6, abs=1e-9 * other.mean())
    at = belief.ppf(u)
    assert other.sf(factor * at * (1 + 1e-9)) == pytest.approx(belief.sf(at * (1 + 1e-9)), abs=1e-6)
    closed = (Point, Uniform, Pert, LogNormal, Gamma, Empirical)
    if isinstance(belief, closed):
        assert type(other) is type(belief)


def test_scaling_by_nothing_by_one_and_twice() -> None:
    beta = Beta(2, 6)
    assert scaled(beta, 0) == Point(0)
    assert scaled(beta, 1) is beta
    assert scaled(scaled(beta, 4), 0.5) == Scaled(beta, 2)
    assert scaled(Pert(1, 2, 4, 7), 3) == Pert(3, 6, 12, 7)
    with pytest.raises(WorkbenchError, match="scale factor is 0 or more; got -2"):
        scaled(beta, -2)


@given(amounts, st.floats(1.001, 1e4), st.floats(0.05, 0.999))
def test_an_interval_holds_its_mass(low: float, ratio: float, mass: float) -> None:
    high = low * ratio
    tail = (1 - mass) / 2
    assume(math.log(ratio) < 2 * 10 * special.ndtri(1 - tail))  # sigma below 10
    belief = LogNormal.from_interval(low, high, mass)
    assert float(belief.ppf(tail)) == pytest.approx(low, rel=1e-12)
    assert float(belief.isf(tail)) == pytest.approx(high, rel=1e-12)


@given(amounts, st.floats(0.01, 20))
def test_a_mean_and_a_deviation_are_kept(mean: float, variation: float) -> None:
    belief = LogNormal.from_mean_sd(mean, variation * mean)
    assert belief.mean() == pytest.approx(mean, rel=1e-12)
    assert belief.sd() == pytest.approx(variation * mean, rel=1e-10)


@given(amounts, st.floats(1.001, 1e4), st.floats(0.501, 0.9999))
def test_a_median_and_a_quantile_are_kept(median: float, ratio: float, level: float) -> None:
    sigma = math.log(ratio) / special.ndtri(level)
    assume(sigma < 10)
    for quantile, p in ((median * ratio, level), (median / ratio, 1 - level)):
        belief = LogNormal.from_median_quantile(median, quantile, p)
        assert float(belief.ppf(0.5)) == pytest.approx(median, rel=1e-12)
        assert float(belief.ppf(p)) == pytest.approx(quantile, rel=1e-11)
        assert belief.sigma == pytest.approx(sigma, rel=1e-9)


def test_the_pert_is_voses_and_not_the_one_with_a_forced_deviation() -> None:
    # Vose: alpha = 1 + 2 * 15/45. The variant that forces sd = range/(shape + 2) says 11.25.
    belief = Pert(5, 20, 50, shape=2)
    assert belief.mean() == pytest.approx(23.75)
    assert belief.sd() == pytest.approx(9.921567416492215, rel=1e-12)
    assert abs(belief.sd() - 45 / 4) > 1
    alpha, beta, low, width = belief.beta_parameters()
    assert (alpha, beta, low, width) == pytest.approx((1 + 2 / 3, 1 + 4 / 3, 5, 45))


@pytest.mark.parametrize("mode", [0.0, 1.0, 2.5, 9.9, 10.0])
@pytest.mark.parametrize("shape", [0.5, 4.0, 30.0])
def test_a_pert_peaks_at_its_mode_with_a_finite_density(mode: float, shape: float) -> None:
    belief = Pert(0, mode, 10, shape)
    x = np.linspace(0, 10, 20_001)
    density = belief.pdf(x)
    assert np.isfinite(density).all()
    assert x[np.argmax(density)] == pytest.approx(mode, abs=1e-3)
    assert belief.mean() == pytest.approx((0 + shape * mode + 10) / (shape + 2))


def test_a_triple_is_a_pert_or_a_number_known_exactly() -> None:
    assert triple(1, 2, 3) == Pert(1, 2, 3)
    assert triple(2, 2, 2) == Point(2)
    assert triple(0, 0, 0) == Point(0)
    assert triple(2, 2, 3) == Pert(2, 2, 3)


@pytest.mark.parametrize(
    ("data", "belief"),
    [
        (
            {"type": "lognormal", "low": 1e5, "high": 1e6},
            LogNormal.from_interval(1e5, 1e6, 0.9),
        ),
        (
            {"type": "lognormal", "low": 1e5, "high": 1e6, "mass": 0.8},
            LogNormal.from_interval(1e5, 1e6, 0.8),
        ),
        ({"type": "lognormal", "mean": 4, "sd": 9}, LogNormal.from_mean_sd(4, 9)),
        (
            {"type": "lognormal", "median": 4, "quantile": 9, "level": 0.95},
            LogNormal.from_median_quantile(4, 9, 0.95),
        ),
        ({"type": "pert", "low": 1, "mode": 2, "high": 3}, Pert(1, 2, 3)),
        ({"type": "empirical", "values": [2, 1]}, Empirical([1, 2])),
    ],
)
def test_other_statements_of_the_same_belief(data: dict[str, object], belief: object) -> None:
    assert from_dict(data) == belief


REFUSED = [
    (lambda: Point(-1), "0 or more; got -1"),
    (lambda: Point(float("nan")), "value is finite; got nan"),
    (lambda: Point("3"), "value is a number; got '3'"),
    (lambda: Point(True), "value is a number; got True"),
    (lambda: Point(10**400), "value is finite"),
    (lambda: Uniform(2, 2), "0 <= low < high; got"),
    (lambda: Uniform(-1, 2), "0 <= low < high; got"),
    (lambda: Pert(1, 5, 4), "low <= mode <= high"),
    (lambda: Pert(2, 2, 2), "low < high"),
    (lambda: Pert(0, 1, float("inf")), "high is finite"),
    (lambda: Pert(1, 2, 3, shape=0), "shape of a PERT is above 0; got 0"),
    (lambda: LogNormal(0, 0), "sigma > 0; got 0"),
    (lambda: LogNormal(700, 1), "second moment below 1e260"),
    (lambda: LogNormal.from_interval(0, 5), "0 < low < high"),
    (lambda: LogNormal.from_interval(5, 5), "0 < low < high"),
    (lambda: LogNormal.from_interval(1, 5, 90), "mass of an interval lies between 0 and 1; got 90"),
    (lambda: LogNormal.from_mean_sd(0, 5), "mean > 0 and sd > 0"),
    (lambda: LogNormal.from_median_quantile(2, 3, 0.5), "is not 0.5; got 0.5"),
    (lambda: LogNormal.from_median_quantile(2, 1, 0.9), "own side of the median"),
    (lambda: Beta(0, 1), "alpha > 0 and beta > 0"),
    (lambda: Gamma(1, 0), "shape > 0 and scale > 0"),
    (lambda: Empirical([]), "has a value"),
    (lambda: Empirical([1, -2]), "values are 0 or more; got -2"),
    (lambda: Empirical([1, 2], [1]), "one weight for each value; got '2 values, 1 weights'"),
    (lambda: Empirical([1, 2], [0, 0]), "not all 0"),
    (lambda: Scaled(Beta(1, 1), 0), "scale factor is above 0; got 0"),
    (lambda: Scaled(Beta(1, 1), "2"), "factor is a number; got '2'"),
    (lambda: WithTerms(Beta(1, 1), -1), "deductible is 0 or more; got -1"),
    (lambda: WithTerms(Beta(1, 1), 0, 0), "limit is above 0; got 0"),
    (lambda: WithTerms(Beta(1, 1), 0, 1, 1.5), "share lies above 0 and is at most 1; got 1.5"),
    (lambda: WithTerms(Beta(1, 1), "5"), "deductible is a number; got '5'"),
    (lambda: WithTerms(Beta(1, 1), 0, "5"), "limit is a number; got '5'"),
    (lambda: from_dict({"low": 1}), "mapping with a type"),
    (lambda: from_dict([1]), "mapping with a type"),
    (lambda: from_dict({"type": "cauchy"}), "this version knows; got 'cauchy'"),
    (lambda: from_dict({"type": "pert", "low": 1, "mode": 2}), "stated by low, mode, high"),
    (lambda: from_dict({"type": "point", "value": 1, "sd": 2}), "stated by value"),
    (
        lambda: from_dict({"type": "lognormal", "mu": 1, "sd": 2}),
        r"mu, sigma or low, high \[mass\]",
    ),
    (lambda: from_dict({"type": "empirical", "values": 5}), "values of an empirical belief"),
    (lambda: from_dict({"type": "empirical", "values": "123"}), "are a list; got '123'"),
    (lambda: from_dict({"type": "scaled", "base": 5, "factor": 2}), "mapping with a type; got 5"),
]


@pytest.mark.parametrize(("make", "message"), REFUSED, ids=[m for _, m in REFUSED])
def test_a_refusal_names_the_rule_the_value_and_the_remedy(make: object, message: str) -> None:
    with pytest.raises(WorkbenchError, match=message) as caught:
        make()
    text = str(caught.value)
    assert "; got " in text
    assert text.endswith(".")
    assert len(text.split("; got ", 1)[1].split(". ", 1)[-1]) > 8  # a remedy follows the value


def test_an_empirical_belief_sorts_merges_and_weighs() -> None:
    belief = Empirical([3, 1, 3, 2], [1, 2, 3, 0])
    assert belief == Empirical([1, 3], [1, 2])
    assert belief.values == (1, 3)
    assert belief.weights == pytest.approx((1 / 3, 2 / 3))
    assert Empirical([2, 1]) == Empirical([1, 2], [5, 5])


@pytest.mark.parametrize(
    ("deductible", "limit", "share"), list(itertools.product([0, 2.0], [3.0, math.inf], [1.0, 0.5]))
)
def test_terms_apply_in_the_order_deductible_limit_share(
    deductible: float, limit: float, share: float
) -> None:
    values = [0.0, 1.0, 2.0, 4.0, 10.0]
    found = WithTerms(Empirical(values), deductible, limit, share)
    paid = [share * min(max(v - deductible, 0), limit) for v in values]
    assert found.mean() == pytest.approx(np.mean(paid))
    assert found.variance() == pytest.approx(np.var(paid))
    for x in (0, 0.4, 1.0, 1.6, 20):
        assert float(found.sf(x)) == pytest.approx(np.mean(np.array(paid) > x))


@pytest.mark.parametrize(
    "belief",
    [
        Uniform(1, 4), Pert(1, 2, 8), Beta(0.3, 0.6), Beta(500, 5000), Beta(0.5, 0.5),
        Pert(0, 5, 50, shape=2000), Gamma(0.3, 2), Gamma(2000, 3), Gamma(1e5, 1), LogNormal(1, 0.8),
        Point(3), Empirical([1, 5, 6]), Scaled(Beta(2, 3), 7), WithTerms(Pert(1, 2, 8), 1.5, 3),
    ],
    ids=repr,
)  # fmt: skip
@pytest.mark.parametrize("size", [3, 24, 161])
def test_nodes_average_like_the_belief(belief: Distribution, size: int) -> None:
    size = max(size, 100) if isinstance(belief, LogNormal) else size
    values, weights = nodes(belief, size)
    rel = 1e-4 if isinstance(belief, WithTerms) else 1e-10
    assert weights.sum() == pytest.approx(1, rel=1e-12)
    assert weights @ values == pytest.approx(belief.mean(), rel=rel)
    around = weights @ (values - belief.mean()) ** 2
    assert around == pytest.approx(belief.variance(), rel=100 * rel, abs=1e-300)
    low, high = belief.support()
    assert values.min() >= low * (1 - 1e-12)
    assert values.max() <= high * (1 + 1e-12)
