"""Simulation: counts by inversion, addressed words, and agreement with the exact engine."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from workbench.distributions import (
    Beta,
    Empirical,
    Gamma,
    LogNormal,
    Lomax,
    Pert,
    Point,
    Uniform,
    WithTerms,
)
from workbench.engines import blocks, exact
from workbench.engines.counts import (
    Bernoulli,
    Binomial,
    DiscreteCount,
    NegativeBinomial,
    Once,
    Poisson,
    ZeroTruncated,
    count_from_dict,
    poisson_ppf,
)
from workbench.engines.montecarlo import simulate
from workbench.engines.plan import CompoundPlan, EventTerms, Secondary
from workbench.engines.streams import BLOCK, words
from workbench.engines.sums import total
from workbench.errors import WorkbenchError
from workbench.losses import FIGURES, QUANTILES, SampledLosses

pytestmark = pytest.mark.pure

ASSET = Pert(1e5, 3e5, 9e5)
PLANS = [
    CompoundPlan("a", Pert(0.1, 0.5, 3), LogNormal(9, 1)),
    CompoundPlan("b", Point(4), Beta(2, 6), scale=ASSET, shared="x"),
    CompoundPlan("c", Point(0.3), Gamma(2, 1e4), NegativeBinomial(3)),
    CompoundPlan("d", Uniform(0, 1), Beta(1, 9), Bernoulli(), scale=ASSET, shared="x"),
]


@pytest.mark.daily(3)
@pytest.mark.parametrize("rate", [1e-12, 1e-3, 0.4, 1.0, 7.3, 60.0, 2500.0, 99_000.0])
def test_poisson_counts_have_scipys_probabilities(rate: float) -> None:
    size = 50_000
    u = (np.arange(size) + 0.5) / size
    found = Counter(poisson_ppf(u, np.full(size, rate)).astype(int).tolist())
    for k, times in found.items():  # a share of equally spaced words errs by at most one of them
        assert times / size == pytest.approx(stats.poisson.pmf(k, rate), abs=1.01 / size)
    extreme = np.array([2.0**-54, 1 - 2.0**-53, 0.5])
    wanted = stats.poisson.ppf(extreme, rate)
    assert poisson_ppf(extreme, np.full(3, rate)) == pytest.approx(wanted, abs=1)


def test_a_rate_of_nothing_has_no_events() -> None:
    u = np.array([1e-9, 0.5, 1 - 1e-16])
    assert poisson_ppf(u, np.zeros(3)).tolist() == [0, 0, 0]


@pytest.mark.daily(1)
@pytest.mark.parametrize(("rate", "dispersion"), [(0.3, 1.2), (5, 2), (40, 9), (0.05, 30)])
def test_negative_binomial_counts(rate: float, dispersion: float) -> None:
    size = 300_000
    u, v = (words(5, "S", name, 0, size) for name in ("count", "cluster"))
    n = NegativeBinomial(dispersion).draw(np.full(size, rate), u, v)
    wanted = stats.nbinom(rate / (dispersion - 1), 1 / dispersion)
    assert wanted.var() == pytest.approx(dispersion * rate)
    assert n.mean() == pytest.approx(rate, abs=5 * np.sqrt(dispersion * rate / size))
    kurtosis = float(wanted.stats(moments="k"))
    spread = wanted.var() * np.sqrt((kurtosis + 2) / size)
    assert n.var() == pytest.approx(wanted.var(), abs=5 * spread)
    for k in range(4):
        p = wanted.pmf(k)
        assert np.mean(n == k) == pytest.approx(p, abs=5 * np.sqrt(p / size) + 1e-4)


def test_bernoulli_and_once() -> None:
    u = (np.arange(1000) + 0.5) / 1000
    assert Bernoulli().draw(np.full(1000, 0.3), u, u).sum() == 300
    assert Bernoulli().draw(np.ones(1000), u, u).sum() == 1000
    assert Once().draw(np.full(3, 0.2), u[:3], u[:3]).tolist() == [1, 1, 1]


COUNTS = [
    Poisson(),
    NegativeBinomial(2.5),
    Bernoulli(),
    Binomial(12),
    DiscreteCount([0, 1, 5], [0.5, 0.25, 0.25]),
    ZeroTruncated(Poisson()),
    ZeroTruncated(NegativeBinomial(3)),
    ZeroTruncated(Binomial(4)),
]


@pytest.mark.parametrize("count", COUNTS)
def test_a_count_reads_back_equal(count: object) -> None:
    assert count_from_dict(count.to_dict()) == count


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"type": "geometric"}, "this version knows"),
        ({}, "this version knows"),
        ("poisson", "this version knows"),
        ({"type": "poisson", "dispersion": 2}, "its type alone"),
        ({"type": "negative_binomial"}, "stated by"),
        ({"type": "negative_binomial", "dispersion": 1}, "above 1; got 1"),
        ({"type": "negative_binomial", "dispersion": "3"}, "above 1; got '3'"),
    ],
)
def test_a_wrong_count_is_refused(data: object, message: str) -> None:
    with pytest.raises(WorkbenchError, match=message):
        count_from_dict(data)


def test_words_are_uniform_addressed_and_a_prefix_of_more() -> None:
    many = words(1, "S-01", "rate", 0, 50_000)
    assert words(1, "S-01", "rate", 0, 100).tolist() == many[:100].tolist()
    assert 0 < many.min() < many.max() < 1
    assert stats.kstest(many, "uniform").pvalue > 1e-3
    others = [
        words(2, "S-01", "rate", 0, 50_000),
        words(1, "S-02", "rate", 0, 50_000),
        words(1, "S-01", "count", 0, 50_000),
        words(1, "S-01", "rate", 1, 50_000),
    ]
    for other in others:
        assert abs(np.corrcoef(many, other)[0, 1]) < 5 / np.sqrt(50_000)


def test_the_same_bytes_twice_and_in_any_order() -> None:
    one, two = simulate(PLANS, 20_000, 7), simulate(PLANS[::-1], 20_000, 7)
    assert list(one) == list(two) == ["a", "b", "c", "d"]
    assert all(one[k].tobytes() == two[k].tobytes() for k in one)
    other = simulate(PLANS, 20_000, 8)
    assert all((one[k] != other[k]).any() for k in one)


def test_another_scenario_disturbs_none() -> None:
    few, more = simulate(PLANS[:2], 18_000, 3), simulate(PLANS, 18_000, 3)
    assert all(few[k].tobytes() == more[k].tobytes() for k in few)


def test_fewer_years_are_the_first_of_more() -> None:
    years = BLOCK + 100
    more = simulate(PLANS[1:3], 2 * BLOCK, 3)
    for size in (1, 500, years):
        fewer = simulate(PLANS[1:3], size, 3)
        assert all(fewer[k].tolist() == more[k][:size].tolist() for k in fewer)


def test_many_events_in_parts_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = CompoundPlan("a", Point(3.0), Point(2.0))
    whole = simulate([plan], 1000, 1)["a"]
    monkeypatch.setattr(blocks, "AT_ONCE", 701)
    assert simulate([plan], 1000, 1)["a"].tolist() == whole.tolist()


def test_an_asset_is_drawn_once_for_those_who_share_it() -> None:
    sure = [
        CompoundPlan(i, Point(1), Point(0.5), Bernoulli(), scale=ASSET, shared=s)
        for i, s in (("a", "x"), ("b", "x"), ("c", "y"), ("x", None))
    ]
    drawn = simulate(sure, 3000, 1)
    assert drawn["a"].tolist() == drawn["b"].tolist()
    for other in ("c", "x"):  # another asset, and a scenario with the id of the asset
        assert abs(np.corrcoef(drawn["a"], drawn[other])[0, 1]) < 0.1


def test_progress_is_told_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    simulate(PLANS[:2], BLOCK + 1, 1, lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]
    with pytest.raises(WorkbenchError, match="a year or more; got 0"):
        simulate(PLANS, 0, 1)


@st.composite
def studies(draw: st.DrawFn) -> list[CompoundPlan]:
    rate = st.one_of(
        st.floats(0.02, 6).map(Point),
        st.floats(0.1, 2).map(lambda m: Pert(0, m, 4 * m)),
        st.floats(0.2, 2).map(lambda m: Gamma(2, m / 2)),
    )
    share = st.tuples(st.floats(0.6, 3), st.floats(1, 6)).map(lambda p: Beta(*p))
    money = st.one_of(
        st.floats(0.2, 1.0).map(lambda s: LogNormal(10, s)),
        st.floats(0.5, 5).map(lambda a: Gamma(a, 2e4)),
        st.just(Empirical([1e4, 2.5e4, 6e4])),
    )
    count = st.one_of(st.just(Poisson()), st.floats(1.1, 4).map(NegativeBinomial))
    plans = [CompoundPlan("a", draw(rate), draw(money), draw(count))]
    plans += [CompoundPlan(i, draw(rate), draw(share), scale=ASSET, shared="x") for i in "bc"]
    heavy = st.floats(0.8, 3).map(lambda alpha: Lomax(alpha, 3e4))
    event = total((draw(money), draw(st.one_of(money, heavy))))
    terms = draw(st.floats(0, 3e4)), draw(st.floats(2e4, 2e6)), draw(st.floats(0.2, 1))
    plans.append(CompoundPlan("d", draw(rate), WithTerms(event, *terms)))
    more = Secondary(Beta(2, 5), draw(st.one_of(money, heavy)))
    plans.append(CompoundPlan("e", draw(rate), event, secondary=more, terms=EventTerms(*terms)))
    return plans


LATTICE = 5e3  # of which 10,000, 25,000 and 60,000 are multiples


@settings(max_examples=40 if settings().max_examples > 25 else 1)
@given(studies(), st.integers(0, 2**63 - 1))
def test_simulation_agrees_with_the_exact_engine(plans: list[CompoundPlan], seed: int) -> None:
    annual = simulate(plans, 40_000, seed)
    pairs = [(exact.compound(p), SampledLosses(annual[p.id])) for p in plans]
    pairs.append((exact.portfolio(plans), SampledLosses(sum(annual.values()))))
    for known, sample in pairs:
        for name in FIGURES:
            # 9 figures of 6 results, twice: by chance 1 run in 16,000 passes 5 standard errors
            allowed = 5 * sample.error(name) + known.error(name) + 1e-9 * known.mean()
            # a quantile of a sample of single values lies on one of them, or on its neighbour
            atoms = max(2e-3 * known.figure(name), known.step * LATTICE) if name in QUANTILES else 0
            assert abs(sample.figure(name) - known.figure(name)) <= allowed + atoms, name


def test_standard_errors_are_honest() -> None:
    plan = CompoundPlan("a", Pert(0.2, 1, 4), LogNormal(9, 0.8))
    annual = simulate([plan], 200 * 3000, 11)["a"].reshape(200, 3000)
    runs = [SampledLosses(year) for year in annual]
    for name in ("mean", "sd", "p50", "p90", "p95", "p99", "tvar95", "tvar99", "prob_no_loss"):
        spread = np.std([run.figure(name) for run in runs], ddof=1)
        told = np.mean([run.error(name) for run in runs])
        assert told == pytest.approx(spread, rel=0.25), name
    assert np.mean([r.var_error(0.9) for r in runs]) == pytest.approx(
        np.std([r.var(0.9) for r in runs]), rel=0.25
    )
    x = runs[0].var(0.97)
    assert np.mean([r.exceedance_error(x) for r in runs]) == pytest.approx(
        np.std([float(r.exceedance(x)) for r in runs]), rel=0.25
    )
