"""The stated bounds of the exact engine, held against references that share no code with it."""

import json
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from workbench.distributions import from_dict
from workbench.engines import exact
from workbench.engines.bracket import enclose
from workbench.engines.counts import count_from_dict
from workbench.engines.kernels.layout import BLOCK
from workbench.engines.montecarlo import summarise
from workbench.engines.plan import AnnualTerms, CompoundPlan, EventTerms, Secondary
from workbench.errors import WorkbenchError
from workbench.losses import SampledLosses
from workbench.losses.base import QUANTILES, TAILS

pytestmark = pytest.mark.pure

FOLDER = Path(__file__).resolve().parents[1] / "reference"
LINES = (FOLDER / "exact_studies.jsonl").read_text(encoding="utf-8").splitlines()
ALL = [json.loads(line) for line in LINES]
TIGHT = ("p50", "p90", "p95", "p99", "tvar95", "tvar99")  # figures that have no closed form
SHARP = 0.1  # of the bound: a reference that errs by more does not judge it
SEEN = 1e-6  # of a figure: errors below it are seen by nobody


def script() -> ModuleType:
    if str(FOLDER) not in sys.path:
        sys.path.insert(0, str(FOLDER))
    return import_module("exact_studies")


def plan_of(recipe: dict[str, Any], number: int) -> CompoundPlan:
    told = recipe["plans"][number]
    more: dict[str, Any] = {}
    severity = from_dict(told["severity"])
    if "terms" in told:
        severity = EventTerms(*told["terms"]).of(severity)
    if "secondary" in told:
        parts = told["secondary"]
        more["secondary"] = Secondary(from_dict(parts["share"]), from_dict(parts["amount"]))
    if "annual" in told:
        more["annual"] = AnnualTerms(*told["annual"])
    if told.get("on_asset"):
        more |= {"scale": from_dict(recipe["asset"]), "shared": "asset"}
    rate, count = from_dict(told["rate"]), count_from_dict(told["count"])
    return CompoundPlan(f"S-{number}", rate, severity, count, **more)


def plans_of(recipe: dict[str, Any]) -> list[CompoundPlan]:
    return [plan_of(recipe, number) for number in range(len(recipe["plans"]))]


@pytest.mark.daily(8)
@pytest.mark.parametrize("row", ALL, ids=lambda row: str(row["number"]))
def test_no_bound_is_exceeded(row: dict[str, Any]) -> None:
    found = exact.portfolio(plans_of(row["recipe"]))
    for name, told in row["figures"].items():
        if told is not None:
            value, error = told
            bound = found.error(name)
            if error <= bound / 3:  # else the reference cannot tell
                assert abs(found.figure(name) - value) <= bound + error, name


def test_a_staircase_beside_continuous_losses_is_within_its_bound() -> None:
    """Single losses every 10,000, narrower than any cell, beside further losses of a few hundred.

    A grid spreads what stands beside them evenly, and two grids agree on it.
    """
    row = of_number(104)
    found = exact.portfolio(plans_of(row["recipe"]))
    for name in ("p90", "p95", "p99"):
        value, error = row["figures"][name]
        assert abs(found.figure(name) - value) <= found.error(name) + error
        assert found.error(name) <= 1e-4 * value


ON_ASSETS = [row for row in ALL if any(p.get("on_asset") for p in row["recipe"]["plans"])]
ALONE = [row for row in ALL if row not in ON_ASSETS]


def recomputed(row: dict[str, Any], points: int) -> None:
    """Compute a reference again: on as many points as it has the stated errors alone count.

    On fewer points the error is an estimate from two grids, and no bound.
    """
    again, is_whole = script().figures(row["recipe"], points), points == row["points"]
    few, part = (1, 0.0) if is_whole else (3, 1e-6)
    for name, told in row["figures"].items():
        if told is None:
            assert again[name] is None
        else:
            slack = few * again[name][1] + told[1] + part * abs(told[0])
            assert abs(again[name][0] - told[0]) <= slack, name


@pytest.mark.daily(19)
@pytest.mark.parametrize("row", ALONE, ids=lambda row: str(row["number"]))
def test_the_references_are_what_their_script_computes(
    row: dict[str, Any], *, soaking: bool
) -> None:
    recomputed(row, row["points"] if soaking else 1 << 13)


@pytest.mark.daily(1, soak=20)
@pytest.mark.parametrize("row", ON_ASSETS, ids=lambda row: str(row["number"]))
def test_the_references_on_shared_assets_are_what_their_script_computes(
    row: dict[str, Any], *, soaking: bool
) -> None:
    recomputed(row, row["points"] if soaking else 1 << 11)


def test_the_recipes_are_what_their_seed_draws() -> None:
    drawn = script().recipes()
    assert [row["number"] for row in ALL] == list(range(300))
    assert [row["recipe"] for row in ALL] == drawn


def test_bounds_are_tight_in_nine_figures_of_ten(soaking: bool) -> None:
    """The bound is at most 30 times the error, or 30 times `SEEN` of the figure.

    Below that a ratio says little: nobody prints so many digits of a loss.
    """
    ratios = []
    for row in ALL if soaking else ALL[::16]:
        found = exact.portfolio(plans_of(row["recipe"]))
        for name in TIGHT:
            value, error = row["figures"][name]
            bound = found.error(name)
            if value > 0 and error <= SHARP * bound:
                gap = abs(found.figure(name) - value)
                ratios.append(bound / max(gap, SEEN * value))
    assert np.mean(np.array(ratios) <= 30) >= 0.9


def of_number(number: int) -> dict[str, Any]:
    return next(row for row in ALL if row["number"] == number)


def test_a_closed_form_speaks_for_engine_and_reference() -> None:
    """One event at most, within the terms of the year: a year is the event or nothing."""
    row = of_number(83)
    (plan,) = plans_of(row["recipe"])
    p, belief, found = plan.rate.mean(), plan.severity, exact.portfolio([plan])
    spread = p * belief.second_moment() - (p * belief.mean()) ** 2
    assert found.sd() == pytest.approx(spread**0.5, rel=1e-8)
    assert row["figures"]["sd"][0] == pytest.approx(spread**0.5, rel=1e-8)
    for name in ("p90", "p95", "p99"):
        value = float(belief.isf((1 - QUANTILES[name]) / p))
        told, error = row["figures"][name]
        assert abs(told - value) <= error
        assert abs(found.figure(name) - value) <= found.error(name)


def test_a_closed_form_speaks_for_a_known_share_of_an_asset() -> None:
    """One event at most, that costs a known share: its tail is that of the asset."""
    row = of_number(72)
    (plan,) = plans_of(row["recipe"])
    found, p, share = exact.portfolio([plan]), plan.rate.mean(), plan.severity.mean()
    value = share * float(plan.scale.isf(0.01 / p))
    told, error = row["figures"]["p99"]
    assert abs(told - value) <= error
    assert abs(found.figure("p99") - value) <= found.error("p99")


def test_simulated_years_speak_for_a_reference_on_a_shared_asset() -> None:
    row = of_number(168)
    drawn = SampledLosses(summarise(plans_of(row["recipe"]), 64 * BLOCK, 5).totals)
    for name in ("p90", "p99", "tvar95", "tvar99"):
        told, error = row["figures"][name]
        assert abs(drawn.figure(name) - told) <= 4.5 * drawn.error(name) + error, name


@pytest.mark.daily(8)
@pytest.mark.parametrize("row", ALL, ids=lambda row: str(row["number"]))
def test_the_guaranteed_bracket_holds_always(row: dict[str, Any]) -> None:
    plans = plans_of(row["recipe"])
    if any(plan.annual is not None for plan in plans):
        with pytest.raises(WorkbenchError, match="terms of the year"):
            enclose(plans, 1 << 11)
        return
    found = enclose(plans, 1 << 11)
    for name, told in row["figures"].items():
        if told is None or name in ("mean", "sd"):
            continue
        value, error = told
        if name == "prob_no_loss":
            within = found.exceedance(0.0)
            value = 1 - value
        else:
            level = QUANTILES.get(name, TAILS.get(name))
            within = found.var(level) if name in QUANTILES else found.tvar(level)
        assert within.low - error <= value <= within.high + error, name
