"""How far data moved away from a reference, with an interval, and what no drift would give.

No standard sets a threshold. A divergence depends on its cells, its base, its smoothing and its
direction, so all of them travel with the figure. Even without any drift it is not 0: two samples
differ by luck, and the more cells there are, the more they differ.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from workbench.distributions import Array
from workbench.errors import looked_up, require
from workbench.evidence.counting import Counted
from workbench.evidence.divergences import DIVERGENCES, Divergence, Measure
from workbench.evidence.verdicts import Threshold, Verdict, verdict_of

LEVEL = 0.95
MOST_LUCK = 0.1  # of the threshold; beyond it luck and not drift would decide the verdict
WHERE = {
    "pass": "the whole interval is below the threshold",
    "fail": "the whole interval is above the threshold",
    "inconclusive": "the interval holds the threshold",
}
UNITS = {math.e: "nats", 2.0: "bits"}


@dataclass(frozen=True, slots=True)
class Drift:
    """One divergence with all that it depends on; every figure is in `unit`."""

    measure: Measure
    estimate: float  # of the counts; infinite where an empty cell makes it so
    low: float
    high: float
    without_drift: float  # what luck alone gives on average
    by_luck: float  # what luck alone exceeds in 1 case of 20
    cells: int
    n: float  # rows of the reference; infinite where its chances are known
    m: float  # rows now
    base: float  # of the logarithm
    smoothing: float  # added to each cell of a sample
    replicates: int  # of the bootstrap
    threshold: Threshold | None
    verdict: Verdict | None  # None without a threshold
    why: str  # the verdict in words

    @property
    def title(self) -> str:
        """The name of the divergence, with its direction."""
        return DIVERGENCES[self.measure].title

    @property
    def unit(self) -> str:
        """The unit of every figure."""
        return UNITS.get(self.base, f"units of the logarithm to base {self.base:g}")

    @property
    def corrected(self) -> float:
        """The estimate less what luck alone gives, and not below 0."""
        return max(self.estimate - self.without_drift, 0.0)


def drift(
    counted: Counted,
    *,
    measure: Measure = "kl",
    base: float = math.e,
    smoothing: float = 0.5,
    threshold: Threshold | None = None,
    replicates: int = 2_000,
    seed: int = 1,
) -> Drift:
    r"""Measure how far the current side is from the reference.

    Without drift the mean of KL over k cells is about

    .. math:: \frac{k - 1}{2} \left(\frac{1}{n} + \frac{1}{m}\right)

    nats (1/n is 0 for a known reference); PSI has twice that, Jensen-Shannon a quarter of it. The
    interval holds two: the basic bootstrap, 2 e - q(97.5 %) to 2 e - q(2.5 %), which takes the same
    luck off again (Davison and Hinkley 1997, 5.2) and is right far from 0; and the one that
    inverts the noncentral chi-squared law of an estimate near 0, where a bootstrap is too sure.
    Its upper end reaches as far as what may be believed of the chances (`_rare_upper`), less the
    same luck: of a cell with few rows a bootstrap is too sure as well. A known reference is not
    drawn again, and no bound is above the most that the divergence can be.

    Parameters
    ----------
    base : of the logarithm: e for nats, 2 for bits
    smoothing : added to each cell of a sample; 1/2 is Jeffreys' prior. With 0 an empty cell can
        make KL and PSI infinite, which is told and not hidden.
    threshold : in the same unit; there is no verdict without one
    replicates, seed : of the bootstrap

    Raises
    ------
    WorkbenchError
        for an unknown measure, a base that is not above 1, smoothing that is not from 0 to 1, and
        fewer than 200 replicates.

    """
    kind = looked_up(DIVERGENCES, measure, "drift is measured as kl, psi or js")
    require(math.isfinite(base) and base > 1, "the base is above 1", got=base, fix="Use e or 2.")
    rule, fix = "smoothing is from 0 to 1 row of each cell", "One half is usual; more hides drift."
    require(0 <= smoothing <= 1, rule, got=smoothing, fix=fix)
    rule = "an interval needs 200 replicates or more"
    require(replicates >= 200, rule, got=replicates, fix="2,000 are usual.")

    unit, k = math.log(base), len(counted.labels)
    estimate = float(kind.between(*_chances(counted, smoothing))) / unit
    drawn = _drawn_again(counted, smoothing, kind, replicates, seed) / unit
    scale = kind.curvature * (1 / counted.n + 1 / counted.m) / unit
    luck = scale * (k - 1)
    far, near = _basic_interval(estimate, drawn), _near_interval(estimate, scale, k)
    rare = _rare_upper(counted, kind, replicates, seed) / unit - 2 * luck
    low, high = min(far[0], near[0]), min(max(far[1], near[1], rare), kind.most / unit)
    verdict, why = _judged(estimate, low, high, luck, threshold)
    return Drift(
        measure=measure,
        estimate=estimate,
        low=low,
        high=high,
        without_drift=luck,
        by_luck=scale * float(special.chdtri(k - 1, 1 - LEVEL)),
        cells=k,
        n=counted.n,
        m=counted.m,
        base=base,
        smoothing=smoothing,
        replicates=replicates,
        threshold=threshold,
        verdict=verdict,
        why=why,
    )


def _chances(counted: Counted, smoothing: float) -> tuple[Array, Array]:
    """Return the smoothed chances of the reference and of now, each of shape (k,)."""
    before = counted.reference
    p = before if counted.is_known else _smooth(before, smoothing)
    return p, _smooth(counted.current, smoothing)


def _smooth(counts: Array, smoothing: float) -> Array:
    """Return chances of shape (..., k)."""
    raised = counts + smoothing
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def _drawn_again(
    counted: Counted, smoothing: float, kind: Divergence, replicates: int, seed: int
) -> Array:
    """Return the divergence of samples drawn from the samples, shape (replicates,)."""
    rng = np.random.default_rng(seed)

    def again(counts: Array) -> Array:
        total = counts.sum()
        drawn = rng.multinomial(int(total), counts / total, size=replicates)
        return _smooth(drawn.astype(float), smoothing)

    p = counted.reference if counted.is_known else again(counted.reference)
    return kind.between(p, again(counted.current))


def _rare_upper(counted: Counted, kind: Divergence, replicates: int, seed: int) -> float:
    """Return what the divergence is below in 97.5 cases of 100 by the posteriors of Jeffreys.

    A cell of few rows may be rarer than it was seen, by much, which drawing from the sample never
    shows. The posterior of chances is a Dirichlet distribution of the counts plus 1/2.
    """
    rng = np.random.default_rng((seed, 1))  # the bootstrap has its own
    before, now = counted.reference, counted.current
    p = before if counted.is_known else rng.dirichlet(before + 0.5, size=replicates)
    drawn = kind.between(p, rng.dirichlet(now + 0.5, size=replicates))
    return float(np.quantile(drawn, (1 + LEVEL) / 2))


def _basic_interval(estimate: float, drawn: Array) -> tuple[float, float]:
    """Return the bounds, not below 0; from 0 to infinity where a replicate is infinite."""
    if not (math.isfinite(estimate) and np.isfinite(drawn).all()):
        return 0.0, math.inf
    upper, lower = np.quantile(drawn, [(1 + LEVEL) / 2, (1 - LEVEL) / 2])
    return max(2 * estimate - float(upper), 0.0), max(2 * estimate - float(lower), 0.0)


def _near_interval(estimate: float, scale: float, k: int) -> tuple[float, float]:
    r"""Return the bounds by the law near 0; the lower one is 0 where luck alone gives as much.

    .. math:: e / s \sim \chi^2_{k - 1}(\lambda), \quad \lambda = d / s

    with e the estimate, d the divergence and s the scale: Patnaik (1949). An estimate below what
    luck gives on average rules out no more than that average does: the power-constrained limit of
    Cowan, Cranmer, Gross and Vitells (2011). Else two like samples would prove that there is none.
    """
    if not math.isfinite(estimate):
        return 0.0, math.inf
    seen = estimate / scale

    def bound(seen: float, chance: float) -> float:
        if special.chdtr(k - 1, seen) <= chance:
            return 0.0
        return scale * float(special.chndtrinc(seen, k - 1, chance))

    return bound(seen, (1 + LEVEL) / 2), bound(max(seen, k - 1.0), (1 - LEVEL) / 2)


def _judged(
    estimate: float, low: float, high: float, luck: float, threshold: Threshold | None
) -> tuple[Verdict | None, str]:
    """Return the verdict and its reason; invalid where the figure cannot bear one."""
    if threshold is None:
        return None, "no threshold is stated, and no standard sets one"
    if not math.isfinite(estimate):
        return "invalid", "a cell is empty on one side: state some smoothing, or use fewer cells"
    if luck > MOST_LUCK * threshold.value:
        return "invalid", (
            f"luck alone gives {luck:.2g} on average, more than a tenth of the threshold: "
            "use fewer cells or more rows"
        )
    if not math.isfinite(high):
        return "invalid", "a cell holds too few rows for an interval: use fewer cells"
    verdict = verdict_of(low, high, threshold.value)
    return verdict, WHERE[verdict]
