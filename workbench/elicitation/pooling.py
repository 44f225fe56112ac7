"""Several experts' beliefs about one number to one belief.

Parameters are never averaged. Between an expert who says about 10,000 and one who says about
1,000,000 the average of parameters is a third opinion that neither holds, surer than both: their
disagreement, which is what one should know, is lost. A linear pool keeps it; a logarithmic pool
keeps what all agree is possible.
"""

from collections.abc import Sequence

import numpy as np

from workbench.distributions import Array, Beta, Distribution, Gamma, LogNormal, Mixture
from workbench.distributions.base import as_belief, as_number
from workbench.elicitation.tabulated import Tabulated, tabulate
from workbench.errors import require

# davidski/collector, generate_weights.R: share of calibration answers that were right -> weight
THRESHOLDS = ((0.9, 4.0), (0.6, 3.0), (0.3, 2.0), (0.0, 1.0))
OUTSIDE = 1e-10  # probability beyond each end of the table of a logarithmic pool


def equal_weights(experts: int) -> tuple[float, ...]:
    """Return 1/n for each of n experts: hard to beat (Clemen and Winkler 1999)."""
    require(experts >= 1, "a pool has an expert", got=experts, fix="Ask someone.")
    return (1 / experts,) * experts


def threshold_weights(shares_correct: Sequence[float]) -> tuple[float, ...]:
    """Weight 4 from 90 % of calibration answers right, 3 from 60 %, 2 from 30 %, else 1.

    The rule of the collector project. The steps are a convention; the pools scale them to sum to 1.
    """
    shares = [as_number("each share", s) for s in shares_correct]
    inside = bool(shares) and min(shares) >= 0 and max(shares) <= 1
    require(inside, "shares lie between 0 and 1", got=shares, fix="Write 0.9 for 9 of 10.")
    return tuple(next(w for least, w in THRESHOLDS if share >= least) for share in shares)


def _checked(
    beliefs: Sequence[Distribution], weights: Sequence[float] | None
) -> tuple[list[Distribution], Array]:
    """Leave out experts of weight 0; scale the other weights to sum to 1."""
    fix = "Give each expert's belief."
    require(len(beliefs) > 0, "a pool has an expert", got=len(beliefs), fix=fix)
    given = equal_weights(len(beliefs)) if weights is None else weights
    w = np.array([as_number("each weight", v) for v in given])
    require(
        w.size == len(beliefs) and bool((w >= 0).all()) and w.sum() > 0,
        "there is one weight of 0 or more for each expert, not all of them 0",
        got=w.tolist(),
        fix="Use equal_weights where nothing tells the experts apart.",
    )
    named = [as_belief("each expert's answer", belief) for belief in beliefs]
    kept = [belief for belief, weight in zip(named, w, strict=True) if weight > 0]
    return kept, w[w > 0] / w.sum()


def linear_pool(
    beliefs: Sequence[Distribution], weights: Sequence[float] | None = None
) -> Distribution:
    """Return the linear opinion pool, the mixture of the beliefs (Stone 1961).

    P(X <= x) is the weighted average of what the experts say. Equal weights unless told.
    """
    kept, shares = _checked(beliefs, weights)
    return kept[0] if len(kept) == 1 else Mixture(kept, shares.tolist())


def logarithmic_pool(
    beliefs: Sequence[Distribution], weights: Sequence[float] | None = None
) -> Distribution:
    r"""Return the logarithmic opinion pool (Genest and Zidek 1986).

    .. math:: f(x) \propto \prod_i f_i(x)^{w_i}, \qquad \sum_i w_i = 1

    In closed form for lognormals (1/sigma^2 and mu/sigma^2 average with the weights), gammas (shape
    and 1/scale average) and betas (both shapes average): the averages of natural parameters, where
    the weights are exponents of densities. Otherwise from a table of
    some 2,000 cells, which keeps the mean to some five figures.

    Raises
    ------
    WorkbenchError
        for beliefs that hold single values (no density), that exclude each other, or without a
        variance

    """
    kept, w = _checked(beliefs, weights)
    if len(kept) == 1:
        return kept[0]
    return _closed(kept, w) or _numeric(kept, w)


def _closed(parts: list[Distribution], w: Array) -> Distribution | None:
    """Return the pool of one family that is closed under pooling, else None."""
    normal = [part for part in parts if isinstance(part, LogNormal)]
    gammas = [part for part in parts if isinstance(part, Gamma)]
    betas = [part for part in parts if isinstance(part, Beta)]
    if len(normal) == len(parts):
        precision = np.array([part.sigma**-2 for part in normal])
        total = float(w @ precision)
        mu = float(w @ (precision * [part.mu for part in normal])) / total
        return LogNormal(mu, total**-0.5)
    if len(gammas) == len(parts):
        shape = float(w @ [part.shape for part in gammas])
        return Gamma(shape, 1 / float(w @ [1 / part.scale for part in gammas]))
    if len(betas) == len(parts):
        return Beta(float(w @ [b.alpha for b in betas]), float(w @ [b.beta for b in betas]))
    return None


def _numeric(parts: list[Distribution], w: Array) -> Tabulated:
    """Table of the pool over what all parts hold possible."""
    for part in parts:
        fix = "Use a linear pool."
        name = type(part).__name__
        smooth = part.jumps()[0].size == 0
        require(smooth, "a logarithmic pool needs densities", got=name, fix=fix)
        # By Hölder's inequality the pool then has a variance too; a table would invent one.
        finite = bool(np.isfinite(part.variance()))
        require(finite, "a logarithmic pool needs beliefs with a variance", got=name, fix=fix)
    ends = [part.support() for part in parts]
    low, high = max(a for a, _ in ends), min(b for _, b in ends)
    fix = "Find out why the experts exclude each other's values."
    require(low < high, "the experts hold some common values possible", got=ends, fix=fix)
    low = max(low, min(float(part.ppf(OUTSIDE)) for part in parts))
    high = min(high, max(float(part.isf(OUTSIDE)) for part in parts))

    def log_density(x: Array) -> Array:
        with np.errstate(divide="ignore"):
            logs = np.array([np.log(part.pdf(x)) for part in parts])
        return np.asarray(w @ np.maximum(logs, -1e6))

    return tabulate(log_density, low, high)
