"""A total of which one plan is changed is the total of the changed plans, to the last bit."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from workbench.distributions import Discrete, Distribution, LogNormal, Pareto, Pert, Point
from workbench.engines import exact
from workbench.engines.counts import Bernoulli, NegativeBinomial
from workbench.engines.exact import Total
from workbench.engines.plan import AnnualTerms, CompoundPlan, EventTerms, Secondary

pytestmark = pytest.mark.pure


def plain(name: str, rate: float = 0.4, **more: object) -> CompoundPlan:
    return CompoundPlan(name, Pert(rate / 2, rate, 3 * rate), LogNormal(10, 1.2), **more)


ASSET = LogNormal(12, 0.4)
PLANS = (
    plain("A"),
    plain("B", 2.0, count=NegativeBinomial(3.0)),
    CompoundPlan("C", Point(0.5), Point(4e4)),
    CompoundPlan("D", Point(0.2), Discrete((1e4, 5e5), (0.7, 0.3))),
    CompoundPlan("E", Pert(0.1, 0.3, 1), Pert(0.01, 0.1, 0.4), scale=ASSET, shared="db"),
    CompoundPlan("F", Point(0.7), Pert(0.02, 0.1, 0.3), scale=ASSET, shared="db"),
    plain("G", annual=AnnualTerms(1e4, 2e5)),
    plain("H", terms=EventTerms(1e3, 1e6, 0.8), secondary=Secondary(Point(0.3), LogNormal(9, 1))),
    CompoundPlan("I", Point(0.3), Point(1e5), count=Bernoulli()),
    CompoundPlan("J", Point(0.0), LogNormal(9, 1)),
)
EDITS = {
    "another rate": plain("A", 0.8),
    "another magnitude": replace(PLANS[1], severity=LogNormal(11, 1.0)),
    "another fine": CompoundPlan("C", Point(0.5), Point(6e4)),
    "no event": replace(PLANS[3], rate=Point(0.0)),
    "one of an asset": replace(PLANS[5], rate=Point(1.4)),
    "off its asset": replace(PLANS[4], shared=None),
    "onto an asset": replace(PLANS[0], scale=ASSET, shared="db"),
    "another worth": replace(PLANS[5], scale=LogNormal(13, 0.4)),
    "other terms": plain("G", annual=AnnualTerms(1e4, 1e6)),
    "from nothing": replace(PLANS[9], rate=Point(1.0)),
    "a tail": CompoundPlan("H", Point(0.2), Pareto(alpha=1.6, low=1e4)),
}


def nodes(table: exact.TabulatedLosses) -> np.ndarray:
    return np.concatenate(table.nodes())


@pytest.mark.daily(4)
@pytest.mark.parametrize("name", EDITS)
def test_a_changed_total_is_the_total_of_the_changed_plans(name: str) -> None:
    edit = EDITS[name]
    plans = [edit if plan.id == edit.id else plan for plan in PLANS]
    found = Total.of(PLANS).replaced(edit).table()
    fresh = exact.portfolio(plans)
    assert found.ids == fresh.ids
    assert found.mean() == fresh.mean()
    assert (nodes(found) == nodes(fresh)).all()
    assert found.var_error(0.99) == fresh.var_error(0.99)


def test_plan_after_plan_may_change() -> None:
    total, plans = Total.of(PLANS), {plan.id: plan for plan in PLANS}
    for edit in (EDITS["another rate"], EDITS["no event"], EDITS["one of an asset"]):
        total = total.replaced(edit)
        plans[edit.id] = edit
    assert (nodes(total.table()) == nodes(exact.portfolio([*plans.values()]))).all()


def test_a_change_leaves_the_total_that_it_came_from_alone() -> None:
    total = Total.of(PLANS)
    before = nodes(total.table())
    total.replaced(EDITS["another rate"]).table()
    assert (nodes(total.table()) == before).all()


def test_a_change_computes_its_own_path_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    plans = [plain(f"P{k:03}", 0.1 + 0.01 * k) for k in range(64)]
    total = Total.of(plans)
    total.table()
    asked: list[str] = []
    whole = exact.Summand.transform

    def counted(summand: exact.Summand, grid: exact.Grid) -> object:
        asked.extend(plan.id for plan in summand.group)
        return whole(summand, grid)

    monkeypatch.setattr(exact.Summand, "transform", counted)
    total.replaced(replace(plans[40], rate=Point(0.9))).table()
    assert "P040" in asked
    assert len(set(asked)) <= 2  # its block of 64 / 32 plans


def test_any_order_of_plans_gives_the_same_bits() -> None:
    assert (nodes(exact.portfolio(PLANS)) == nodes(exact.portfolio(PLANS[::-1]))).all()


@pytest.mark.parametrize("rate_of", [Point, lambda r: Pert(r / 4, r, 3 * r)], ids=["known", "PERT"])
def test_the_bound_of_a_portfolio_of_100_is_below_3_in_100_000(
    rate_of: Callable[[float], Distribution],
) -> None:
    words = np.random.default_rng(5)
    rates = np.exp(words.normal(-1.2, 1.3, 100)).clip(0.01, 12)
    mus, sigmas = words.normal(10.8, 1.0, 100), words.uniform(0.8, 1.8, 100)
    plans = [
        CompoundPlan(f"S-{i}", rate_of(r), LogNormal(mu, sigma))
        for i, (r, mu, sigma) in enumerate(zip(rates, mus, sigmas, strict=True))
    ]
    found = exact.portfolio(plans)
    assert found.var_error(0.99) < 3e-5 * found.var(0.99)
    assert found.tvar_error(0.99) < 1e-5 * found.tvar(0.99)


@pytest.mark.parametrize("size", [2, 33, 70])
def test_any_one_of_many_plans_can_be_changed(size: int) -> None:
    # from 33 on some stand side by side in one leaf of the tree
    plans = [plain(f"P{k:03}", 0.1 + 0.01 * k) for k in range(size)]
    total, grid = Total.of(plans), exact.Grid(22, 256)
    assert total.root is not None
    for at in (0, 1, size // 2, size - 2, size - 1):
        edit = replace(plans[at], rate=Point(0.9))
        found = total.replaced(edit).root
        fresh = Total.of([edit if plan is plans[at] else plan for plan in plans]).root
        assert found is not None
        assert fresh is not None
        assert found.facts.mean == pytest.approx(fresh.facts.mean, rel=1e-13)
        assert [part.group[0].id for part in found.parts] == [plan.id for plan in plans]
        assert found.transform(grid).tolist() == fresh.transform(grid).tolist()


def test_a_plan_that_joins_an_asset_is_tied_to_who_was_there() -> None:
    """A lone plan of single shares under terms is computed as a product; its asset is kept."""
    held = {"scale": LogNormal(12, 0.5), "shared": "A", "rate": Point(2.0)}
    first = CompoundPlan("a", severity=Point(0.3), terms=EventTerms(limit=1e5), **held)
    joins = CompoundPlan("b", severity=Point(0.2), **held)
    away = replace(joins, shared="B")
    total = Total.of([first, away]).replaced(joins)
    wanted = Total.of([first, joins]).summands
    assert [one.group for one in total.summands] == [one.group for one in wanted]
    assert total.ids == ("a", "b")


def test_several_plans_of_one_asset_are_replaced_at_once() -> None:
    held = {"scale": LogNormal(12, 0.5), "shared": "A", "rate": Point(2.0)}
    plans = [CompoundPlan(name, severity=Point(0.3), **held) for name in "ab"]
    plans.append(plain("c", 0.4))
    anew = [replace(plan, scale=LogNormal(12, 0.9)) for plan in plans[:2]]
    found = Total.of(plans).replaced(*anew)
    assert (nodes(found.table()) == nodes(exact.portfolio([*anew, plans[2]]))).all()
