"""Blocks of years: the two forms of kernels, threads, workers and orders give the same bytes."""

import hashlib
import pickle
from collections.abc import Iterator

import numpy as np
import pytest

from workbench.distributions import (
    Array,
    Beta,
    Discrete,
    Empirical,
    Gamma,
    LogNormal,
    Mixture,
    Pert,
    Point,
    product,
)
from workbench.engines import blocks, exact, montecarlo, tail
from workbench.engines.blocks import UNTIED, Slab, year_blocks
from workbench.engines.cluster import simulate_slab
from workbench.engines.copulas import Copula
from workbench.engines.counts import Bernoulli, Binomial, NegativeBinomial
from workbench.engines.dependence import DependencePlan, Shock
from workbench.engines.kernels.either import plainly
from workbench.engines.kernels.layout import BLOCK
from workbench.engines.montecarlo import Simulation, slabs_of, summarise
from workbench.engines.plan import AnnualTerms, CompoundPlan, EventTerms, Secondary
from workbench.engines.sums import total
from workbench.engines.tied_years import Tied
from workbench.errors import WorkbenchError
from workbench.losses import SampledLosses

pytestmark = pytest.mark.pure

WORTH = Pert(1e5, 3e5, 9e5)
PLANS = [
    CompoundPlan("a", Point(0.44), LogNormal(10, 1.5)),
    CompoundPlan("b", Pert(1, 3, 9), Beta(2, 6), scale=WORTH, shared="x"),
    CompoundPlan("c", Gamma(2.0, 3.0), Pert(1e3, 2e3, 9e4), NegativeBinomial(3.0)),
    CompoundPlan("d", Point(0.4), Mixture((Point(5e5), LogNormal(9, 1)), (0.2, 0.8)), Bernoulli()),
    CompoundPlan(
        "e",
        Discrete([1.0, 4.0], [0.5, 0.5]),
        total((LogNormal(9, 1), Gamma(2, 1e4))),
        Binomial(6),
        secondary=Secondary(Beta(2, 5), LogNormal(11, 1)),
        terms=EventTerms(1e3, 1e6, 0.9),
        annual=AnnualTerms(1e4, 3e6),
    ),
    CompoundPlan("f", LogNormal(-2, 2.5), product(Beta(2, 5), LogNormal(9, 1))),
    CompoundPlan("g", Pert(1, 2, 5), Empirical([1e3, 2e3, 5e4]), factors=(1.0, 0.9)),
    CompoundPlan("h", Point(0.0), LogNormal(9, 1)),
]


def annual_losses(plan: CompoundPlan, seed: int, first: int, blocks: int) -> Array:
    """Return the years of some blocks, each of which is made in the place of the one before."""
    slab = Slab(first, blocks, blocks * BLOCK)
    return np.concatenate([block.copy() for block in year_blocks(plan, seed, slab)])


def digest(found: Simulation) -> str:
    """SHA-256 of all that a simulation returns."""
    all_of = hashlib.sha256(found.totals.tobytes())
    for name, histogram in found.scenarios.items():
        all_of.update(f"{name} {histogram.digest()}".encode())
    return all_of.hexdigest()


def test_compiled_and_plain_kernels_give_the_same_bytes() -> None:
    fast = digest(summarise(PLANS, BLOCK + 50, 7))
    with plainly():
        assert digest(summarise(PLANS, BLOCK + 50, 7)) == fast


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads_and_orders_give_the_same_bytes(threads: int) -> None:
    years = 3 * BLOCK - 7
    known = digest(summarise(PLANS, years, 7))
    assert digest(summarise(PLANS[::-1], years, 7, threads=threads)) == known
    assert digest(summarise(PLANS, years, 8)) != known


def test_slabs_of_any_size_give_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    years = 5 * BLOCK - 7
    known = digest(summarise(PLANS[:4], years, 7))
    for size in (1, 2, 4):
        monkeypatch.setattr(montecarlo, "SLAB", size)
        assert digest(summarise(PLANS[:4], years, 7)) == known


def test_a_task_of_a_cluster_is_the_same_years() -> None:
    years = 3 * BLOCK - 7
    known = summarise(PLANS, years, 7)
    found = Simulation.of_none([], years)
    for slab in reversed(slabs_of(years, 1)):  # tasks end in any order
        part = pickle.loads(pickle.dumps(simulate_slab(PLANS, slab, 7, UNTIED)))
        for name, histogram in part.scenarios:
            found.merge(name, histogram)
        found.totals[part.slab.here] = part.totals
    assert digest(found) == digest(known)


@pytest.mark.parametrize("years", [1, 300, BLOCK + 1])
def test_the_first_years_are_those_of_a_longer_simulation(years: int) -> None:
    few, many = (summarise(PLANS, n, 7, keep_years=True) for n in (years, 2 * BLOCK))
    for name, losses in few.annual.items():
        assert losses.tobytes() == many.annual[name][:years].tobytes()


def test_few_years_draw_few_events(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred years of 100,000 events each took as long as 16,384 of them."""
    drawn = []
    parts = blocks.event_years

    def noted(counts: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
        drawn.append(int(counts.sum()))
        return parts(counts)

    monkeypatch.setattr(blocks, "event_years", noted)
    busy = CompoundPlan("a", Point(1000.0), LogNormal(9, 1), terms=EventTerms(1e3))
    summarise([busy], 20, 7)
    assert drawn[0] == pytest.approx(20_000, rel=0.05)


def test_kept_years_are_those_that_were_summed() -> None:
    found = summarise(PLANS, BLOCK + 50, 7, keep_years=True)
    assert sum(found.annual.values()).tolist() == pytest.approx(found.totals.tolist(), rel=1e-14)
    for name, years in found.annual.items():
        histogram = found.scenarios[name]
        assert histogram.zeros == np.count_nonzero(years == 0)
        assert histogram.mean() == pytest.approx(years.mean(), rel=1e-12)
    assert summarise(PLANS, 10, 7).annual == {}


def test_both_ways_through_a_block_give_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = PLANS[0]
    known = annual_losses(plan, 3, 1, 2)
    monkeypatch.setattr(blocks, "_is_plain", lambda _: False)
    assert annual_losses(plan, 3, 1, 2).tobytes() == known.tobytes()


@pytest.mark.parametrize("counts", [[4, 3], [0, 9, 0, 1, 2], [0], [8], [0, 0, 5, 0], [1] * 9])
def test_the_years_of_events_come_in_parts_of_bounded_size(
    counts: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "AT_ONCE", 4)
    parts = list(blocks.event_years(np.array(counts)))
    found = [year for _, years in parts for year in years.tolist()]
    assert found == [year for year, n in enumerate(counts) for _ in range(n)]
    assert [start for start, _ in parts] == list(range(0, sum(counts), 4))
    assert all(years.size <= 4 for _, years in parts)


def test_a_known_scale_belongs_to_the_severity() -> None:
    plan = CompoundPlan("a", Point(2.0), Beta(2, 5), scale=Point(3e5))
    drawn, wanted = annual_losses(plan, 3, 0, 1), annual_losses(plan.at_scale(3e5), 3, 0, 1)
    assert drawn.tobytes() == wanted.tobytes()


def test_memory_is_refused_before_it_is_taken() -> None:
    with pytest.raises(WorkbenchError, match=r"at most 4 GiB of memory; got 'about 32"):
        summarise(PLANS, 2**31, 1)
    many = [CompoundPlan(f"S{i}", Point(1.0), LogNormal(9, 1)) for i in range(10_000)]
    with pytest.raises(WorkbenchError, match="keep the totals alone"):
        summarise(many, 100_000, 1, keep_years=True)


def test_more_events_than_anyone_waits_for_are_refused() -> None:
    busy = CompoundPlan("a", Point(9e5), LogNormal(9, 1))
    with pytest.raises(WorkbenchError, match=r"events one by one; got 'about 9e\+11"):
        summarise([busy], 1_000_000, 1)


def test_a_single_year_and_no_plan_at_all() -> None:
    one = summarise(PLANS, 1, 1)
    assert one.totals.shape == (1,)
    assert all(h.years == 1 for h in one.scenarios.values())
    none = summarise([], 1000, 1)
    assert not none.totals.any()
    assert none.scenarios == {}


@pytest.mark.parametrize("level", [0.0, 0.5, 0.95, 0.999])
def test_contributions_are_those_of_the_kept_years(level: float) -> None:
    plans, years = PLANS[:5], 2 * BLOCK + 100
    found = summarise(plans, years, 7, keep_years=True)
    total_of = SampledLosses(found.totals)
    parts = tail.contributions(plans, found.totals, level, 7)
    assert sum(part.value for part in parts.values()) == pytest.approx(
        total_of.tvar(level), rel=1e-9
    )
    order = np.argsort(found.totals, kind="stable")[round(level * years) :]
    for name, part in parts.items():  # without ties the tail is the last years
        wanted = found.annual[name][order].mean()
        assert part.value == pytest.approx(wanted, rel=2e-2, abs=part.error / 10 + 1e-9)


def test_the_errors_of_contributions_are_honest() -> None:
    plans, runs, level = PLANS[:3], 60, 0.9
    years = BLOCK // 4
    values, errors = [], []
    for seed in range(runs):
        totals = summarise(plans, years, seed).totals
        parts = tail.contributions(plans, totals, level, seed)
        values.append([part.value for part in parts.values()])
        errors.append([part.error for part in parts.values()])
    spread = np.std(values, axis=0, ddof=1)
    told = np.sqrt(np.mean(np.square(errors), axis=0))
    assert told == pytest.approx(spread, rel=0.35)  # 4 standard errors of a spread of 60


TIES = DependencePlan(
    frequencies=Copula.common("counts", ["a", "b"], 0.6),
    losses=Copula.by_rank_correlation(
        "years", ["c", "d", "e"], [[1, 0.5, 0.2], [0.5, 1, 0.3], [0.2, 0.3, 1]], degrees=4.0
    ),
    shocks=(Shock("outage", 0.2, {"a": 1.0, "b": 0.5}),),
)


def tied() -> Tied:
    return Tied.of(TIES, {p.id: exact.compound(p) for p in PLANS if p.id in "cde"})


def test_tied_years_are_the_same_bytes_in_any_order_and_after_a_journey() -> None:
    years = 2 * BLOCK - 7
    known = digest(summarise(PLANS, years, 7, ties=tied()))
    assert digest(summarise(PLANS[::-1], years, 7, ties=tied(), threads=3)) == known
    sent = pickle.loads(pickle.dumps(tied()))
    assert digest(summarise(PLANS, years, 7, ties=sent, threads=1)) == known
    with plainly():
        assert digest(summarise(PLANS, years, 7, ties=tied())) == known


def test_tied_plans_keep_their_own_distributions() -> None:
    years = 4 * BLOCK
    found = summarise(PLANS, years, 7, ties=tied(), keep_years=True)
    free = summarise(PLANS, years, 7)
    for plan in PLANS[:5]:
        known, drawn = exact.compound(plan), SampledLosses(found.annual[plan.id])
        for name in ("mean", "p50", "p90", "p99", "prob_no_loss"):
            allowed = 4.5 * drawn.error(name) + known.error(name) + 3e-3 * known.figure(name)
            assert abs(drawn.figure(name) - known.figure(name)) <= allowed, (plan.id, name)
    for name in "fgh":  # what nothing ties is the same year by year
        assert found.scenarios[name].digest() == free.scenarios[name].digest()
    of = found.annual
    assert np.corrcoef(of["a"] > 0, of["b"] > of["b"].mean())[0, 1] > 0.2
    assert np.corrcoef(of["c"] > of["c"].mean(), of["d"] > 0)[0, 1] > 0.2
    assert abs(np.corrcoef(of["a"] > 0, of["d"] > 0)[0, 1]) < 5 / np.sqrt(years)


def test_several_years_are_not_hit_by_the_shocks_of_one() -> None:
    plan = CompoundPlan("p", Point(0.3), Point(1.0), factors=(1.0, 1.0))
    ties = Tied.of(DependencePlan(shocks=(Shock("x", 0.2, {"p": 1.0}),)), {})
    with pytest.raises(WorkbenchError, match="in a single year; got '2 years'"):
        summarise([plan], BLOCK, 3, ties=ties)


def test_shocks_hit_together() -> None:
    pair = [CompoundPlan(n, Point(0.3), Point(1.0)) for n in "pq"]
    shock = DependencePlan(shocks=(Shock("both", 0.2, {"p": 1.0, "q": 0.5}),))
    found = summarise(pair, 8 * BLOCK, 3, ties=Tied.of(shock, {}), keep_years=True)
    p, q = found.annual["p"], found.annual["q"]
    size = p.size
    for one in (p, q):
        assert one.mean() == pytest.approx(0.3, abs=5 * np.sqrt(0.3 / size))
        assert one.var() == pytest.approx(0.3, rel=0.03)
    # Cov(N_p, N_q) = rate of events that hit both = 0.2 * 1 * 0.5
    assert np.cov(p, q)[0, 1] == pytest.approx(0.1, abs=5 * np.sqrt(0.3 * 0.3 * 2 / size))
    none = np.mean((p == 0) & (q == 0))  # exp(-(0.1 + 0.2 + 0.2)): own, own, and the shock
    assert none == pytest.approx(np.exp(-0.5), abs=5 * np.sqrt(0.24 / size))
