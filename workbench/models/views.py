"""How sure are we: what only the held beliefs leave open.

E[annual loss | held beliefs] = rate x held values x the mean of each per-event amount. It is a
different question from what a year may cost, and the two are never mixed.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.special import ndtr

from workbench.distributions import Array, Distribution, Point, scaled
from workbench.distributions.gauss import compressed
from workbench.distributions.products import Product, product
from workbench.distributions.quadrature import nodes
from workbench.distributions.tail_index import moments_below, tail_index
from workbench.engines import effort, exact, sobol
from workbench.engines.band import conditional_curves
from workbench.engines.counts import Once
from workbench.engines.mean_field import held_average
from workbench.engines.memo import remembered
from workbench.engines.plan import CompoundPlan
from workbench.engines.sampling import at_words
from workbench.engines.streams import Words, words
from workbench.engines.sums import total
from workbench.errors import is_whole, require
from workbench.losses import LossDistribution, ReplicatedLosses, SampledLosses
from workbench.losses.base import MOMENTS
from workbench.models.planning import marginal_plans, plan_of, plans_of
from workbench.models.portfolio import simulate
from workbench.models.study import Study
from workbench.models.tree import NO_TERMS

DRAWS = 400  # of the held beliefs, for the band
BAND = (0.05, 0.95)
KNOWN = 0.1  # of a chance: an error up to which the curve is one to be met
MOST_FACTORS = 2  # of a product whose quantiles are worth their time
WORTHS = 12  # values of an asset over which the chance of a loss above it is averaged
SOON = 1500  # transforms of a figure that is told beside others: some seconds
KNOTS = 129  # values of an asset between which the mean of an event is interpolated
FARTHEST_SCORE = 8.2  # standard deviations of a normal that words of 52 bits reach


def mean_belief(study: Study) -> LossDistribution:
    """Return what we believe about the average year, as a distribution over the held beliefs.

    Rates, asset values and shares of secondary loss vary; counts and per-event amounts are averaged
    out. Exact, with an error bound, like a loss, unless a shared asset meets a secondary loss or an
    uncertain asset meets terms: then it is computed at randomised Sobol points, with standard
    errors. Its "no loss" is a belief of exactly zero.

    Raises
    ------
    WorkbenchError
        for a scenario whose average does not exist, or that has terms of the year.

    """
    # copulas and shocks tie counts and losses, of which only averages count here
    plans = [plan for plan in marginal_plans(study) if not plan.is_nothing()]
    for plan in plans:
        require(
            plan.annual is None,
            f"the average year of scenario {plan.id} is a product of its beliefs",
            got="terms of the year",
            fix="Not computed in this version for annual terms; read the mean of the year instead.",
        )
        require(
            math.isfinite(exact.year_mean(plan)),
            f"scenario {plan.id} has an average year",
            got="a loss whose mean does not exist",
            fix="Limit the loss of an event.",
        )
    beliefs = [_average(plan) for plan in plans]
    if all(belief is not None for belief in beliefs):
        return exact.portfolio([b for b in beliefs if b is not None], study.currency)
    if (product_of_all := held_average(plans, study.currency)) is not None:
        return product_of_all
    sums = sobol.replicates(partial(_sampled_averages, plans), study.seed, "average year")
    index = min(map(_held_index, plans), default=math.inf)
    ids, moments = [plan.id for plan in plans], moments_below(index, MOMENTS)
    return ReplicatedLosses(sums, study.currency, ids=ids, moments=moments)


def _held_index(plan: CompoundPlan) -> float:
    """Return the index of the tail of the average year, over what is held."""
    held = [plan.rate, plan.scale, *([] if plan.secondary is None else [plan.secondary.share])]
    return min(map(tail_index, held))


def _average(plan: CompoundPlan) -> CompoundPlan | None:
    """Return E[L | held] as a plan that happens once; None where no short product says it."""
    if isinstance(plan.rate, Product) and len(plan.rate.factors) > MOST_FACTORS:
        return None
    if isinstance(plan.scale, Point):  # terms act on what it makes larger
        plan = plan.at_scale(plan.scale.value)
    if plan.is_simple():
        severity, scale = scaled(plan.rate, plan.severity.mean()), plan.scale
        return CompoundPlan(plan.id, Point(1.0), severity, Once(), scale, plan.shared)
    if plan.shared is not None or (plan.terms is not None and not isinstance(plan.scale, Point)):
        return None
    event = plan.event(1.0)  # rate x (scale x plain + share x what a secondary loss adds)
    more = event.more or event.plain
    parts = [scaled(plan.scale, event.plain.mean())]
    parts.append(scaled(event.share, max(more.mean() - event.plain.mean(), 0.0)))
    belief = product(plan.rate, total(parts))
    if isinstance(belief, Product) and len(belief.factors) > MOST_FACTORS:
        return None
    return CompoundPlan(plan.id, Point(1.0), belief, Once())


def _sampled_averages(plans: list[CompoundPlan], words: Words) -> Array:
    """E[L | held] of all plans together at each point of what is held, shape (points,)."""
    found: Array = np.zeros(1)
    for plan in plans:
        own = partial(words, plan.id)
        # an asset and a scenario may have the same id: their purposes keep them apart
        if plan.shared is None:
            scales = _held(plan.scale, "scale", own)
        else:
            scales = _held(plan.scale, "asset", partial(words, plan.shared))
        plain, more = _event_means(plan, scales)
        events = plain
        if plan.secondary is not None:
            shares = _held(plan.secondary.share, "secondary share", own)
            events = plain + shares * (more - plain)
        found = found + _held(plan.rate, "rate", own) * events
    return found


def _held(belief: Distribution, purpose: str, words: Callable[[str], Array]) -> Array:
    """Draws of a held belief, shape (points,); what is known needs no words, and has shape ()."""
    if isinstance(belief, Point):
        return np.asarray(belief.value)
    return at_words(belief, purpose, words)


def _event_means(plan: CompoundPlan, scales: Array) -> tuple[Array, Array]:
    """E[X | scale] of an event without and with its secondary loss, each of shape of `scales`.

    Without terms both are straight lines of the scale; with terms they are interpolated.
    """
    if plan.terms is None:
        plain = scales * plan.severity.mean()
        return plain, plain if plan.secondary is None else plain + plan.secondary.amount.mean()
    at, plain, more = _event_knots(plan)
    if at.size == 1:
        return np.full(scales.shape, plain[0]), np.full(scales.shape, more[0])
    lines = PchipInterpolator(at, np.stack([plain, more], axis=1))
    found = lines(np.clip(scales, at[0], at[-1]))
    return found[..., 0], found[..., 1]


@remembered(mebibytes=1)
def _event_knots(plan: CompoundPlan) -> tuple[Array, Array, Array]:
    """Values of the scale, and the mean of an event without and with its secondary loss at each.

    They are even in the normal score, so that the ends of the scale are within them.
    """
    z = np.linspace(0.0, FARTHEST_SCORE, KNOTS // 2 + 1)
    ends = plan.scale.ppf(ndtr(-z)), plan.scale.isf(ndtr(-z[1:]))  # the median once
    at = np.unique(np.concatenate(ends))
    at = at[np.diff(at, prepend=-1.0) > 1e-9 * at]  # rounding apart is one value
    events = [plan.event(float(value)) for value in at]
    plain = [event.plain.mean() for event in events]
    more = [(event.more or event.plain).mean() for event in events]
    return at, np.array(plain), np.array(more)


def chance_above_asset(study: Study, scenario_id: str) -> float | None:
    """P(a year of this scenario costs more than its asset is worth), else None.

    None stands for a scenario without an asset, and for one whose years take long: it is a remark
    beside other figures, and nobody waits for it.

    EF caps one event and not the year, since the asset is restored. With the primary loss alone it
    is P(S > 1) for the year S counted in shares of the asset, whatever the asset is worth; with a
    secondary loss or terms it is averaged over what the asset may be worth.

    Raises
    ------
    WorkbenchError
        for an unknown scenario.

    """
    scenario = study.scenario(scenario_id)
    if scenario.exposure_factor is None:
        return None
    if scenario.secondary is None and scenario.terms == NO_TERMS:
        plan = CompoundPlan("", scenario.rate(), scenario.exposure_factor, scenario.count)
        return float(exact.compound(plan).exceedance(1.0))
    worth = scenario.asset_value
    if scenario.asset is not None:
        worth = study.asset(scenario.asset).value
    assert worth is not None
    return _above_worth(replace(plan_of(scenario, study), id="", shared=None), worth)


@remembered(mebibytes=1)
def _above_worth(plan: CompoundPlan, worth: Distribution) -> float | None:
    """E[P(L > A | A)] for a plan whose scale is A, or whose severity holds a known A already."""
    if isinstance(worth, Point):
        if effort.transforms((plan,)) > SOON:
            return None
        return float(exact.compound(plan).exceedance(worth.value))
    values, weights = nodes(worth, WORTHS)
    if values.size > 2 * WORTHS:  # a family without a short rule of its own
        values, weights = compressed(values, weights, WORTHS)
    if values.size * effort.transforms((plan.at_scale(float(values[0])),)) > SOON:
        return None
    tables = (exact.compound(plan.at_scale(float(value))) for value in values)
    chances = [float(one.exceedance(v)) for one, v in zip(tables, values, strict=True)]
    return float(weights @ np.array(chances))


def product_of_ranges(study: Study, scenario_id: str, draws: int = 100_000) -> SampledLosses:
    """Return the raw product ARO x AV x EF of independent draws: what other tools print.

    A secondary loss is added to AV x EF in its share of the draws, and terms of an event act on it.
    It is neither of the two views. Its mean is right; its spread mixes what we do not know with
    what varies from event to event, and no year looks like it. Offered for comparison only.

    Raises
    ------
    WorkbenchError
        for an unknown scenario, or no draw at all.

    """
    require(is_whole(draws, 1), "a product has a draw or more", got=draws, fix="100,000 are usual.")
    plan = plan_of(study.scenario(scenario_id), study)

    def word(purpose: str) -> Array:
        return words(study.seed, scenario_id, purpose, 0, draws)

    def of(name: str, belief: Distribution) -> Array:
        return at_words(belief, f"product {name}", word)

    event = of("scale", plan.scale) * of("severity", plan.severity)
    if plan.secondary is not None:
        happens = word("product secondary")
        more = of("secondary loss", plan.secondary.amount)
        event += np.where(happens < of("share", plan.secondary.share), more, 0.0)
    if plan.terms is not None:
        event = plan.terms.kept(event)
    return SampledLosses(of("rate", plan.rate) * event, study.currency, ids=[scenario_id])


def second_order_band(
    study: Study,
    losses: Array,
    levels: tuple[float, float] = BAND,
    draws: int = DRAWS,
    *,
    year: LossDistribution | None = None,
) -> tuple[Array, Array]:
    """Return the range of the loss exceedance curve over the held beliefs, at each of `losses`.

    Held beliefs are drawn `draws` times from the study's own addressed words (a Latin hypercube, so
    that few draws cover each belief evenly); for each the conditional curve is exact on a grid. The
    two answers are the `levels` of P(L > x | held) across draws, each of shape of `losses`, and not
    a number where a loss is none. The
    average of the curves is made to meet that of `year`, the study's year where it is known, else
    computed or simulated here, wherever that is exact or known to a tenth.

    Raises
    ------
    WorkbenchError
        for a study with a dependence, fewer than two draws, or levels that are not two rising
        numbers from 0 to 1.

    """
    require(
        is_whole(draws, 2),
        "a band has two draws or more of what is held",
        got=draws,
        fix=f"{DRAWS} are usual.",
    )
    require(
        len(levels) == len(BAND) and 0 <= levels[0] < levels[1] <= 1,
        "the levels of a band are two numbers from 0 to 1, the smaller first",
        got=levels,
        fix="Write (0.05, 0.95).",
    )
    plans = [plan for plan in plans_of(study) if not plan.is_nothing()]
    at = np.asarray(losses, dtype=float)
    if not plans or at.size == 0:
        return np.zeros(at.shape), np.zeros(at.shape)
    if year is None:
        year = simulate(study).portfolio
    chances = np.ravel(year.exceedance(at))
    errors = np.array([year.exceedance_error(float(x)) for x in at.ravel()])
    is_known = year.exact | ((chances > 0) & (errors <= KNOWN * chances))
    known = np.where(is_known, chances, np.nan)
    marks = np.stack([at.ravel(), known]).tobytes()
    low, high = _spread(tuple(plans), study.seed, marks, (levels[0], levels[1]), draws)
    found = np.where(np.isnan(at), np.nan, np.reshape([low, high], (2, *at.shape)))
    return found[0], found[1]


@remembered(mebibytes=1)
def _spread(
    plans: tuple[CompoundPlan, ...],
    seed: int,
    marks: bytes,
    levels: tuple[float, float],
    draws: int,
) -> tuple[Array, Array]:
    losses, known = np.frombuffer(marks).reshape(2, -1)
    curves = _levelled(conditional_curves(list(plans), seed, draws, losses), known)
    low, high = np.quantile(curves, levels, axis=0)
    return low, high


def _levelled(curves: Array, known: Array) -> Array:
    """Scale the conditional curves so that their average is the curve where that is known.

    At a single amount the coarser grids of the curves hold half of its chance; and few draws have
    an average of their own.
    """
    average = curves.mean(axis=0)
    is_told = (average > 0) & np.isfinite(known)
    factor = np.divide(known, average, out=np.ones_like(known), where=is_told)
    return np.asarray(np.clip(curves * factor, 0.0, 1.0))
