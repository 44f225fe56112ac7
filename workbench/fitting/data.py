"""Amounts as they were seen: with a point below which nothing is seen, limits, and weights."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workbench.distributions import Array
from workbench.errors import require

Flags = NDArray[np.bool_]
FEWEST = 5  # values; below that no family can be told from another


@dataclass(frozen=True, eq=False, slots=True)
class Amounts:
    """Positive amounts, n of them; arrays of shape (n,), sorted by value.

    `entry` is the point above which the amount would have been seen at all (left truncation: a
    deductible, a reporting threshold), 0 where all is seen. A censored amount is known only to lie
    above its value (a policy limit). Weights count equal cases.
    """

    values: Array
    entry: Array
    is_censored: Flags
    weights: Array

    @property
    def count(self) -> float:
        """Number of cases: the sum of the weights."""
        return float(self.weights.sum())

    @property
    def seen(self) -> Array:
        """The amounts that are known in full."""
        return self.values[~self.is_censored]

    @property
    def low(self) -> float:
        """The lowest point from which anything was seen."""
        return float(self.entry.min())


def amounts(
    values: ArrayLike,
    *,
    truncated_below: ArrayLike | None = None,
    censored_above: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> Amounts:
    """Check and sort; each optional argument is one number for all, or one for each value.

    An amount at or above its `censored_above` is taken to be censored there.

    Raises
    ------
    WorkbenchError
        for fewer than five values, values that are not positive and finite, values below their own
        truncation, and weights that are not positive

    """
    x = np.asarray(values, dtype=float).ravel()
    fix = "Leave out what is no amount; a loss of 0 belongs to the frequency."
    require(x.size >= FEWEST, f"a fit needs {FEWEST} amounts or more", got=x.size, fix="Add data.")
    bad = x[~(np.isfinite(x) & (x > 0))]
    require(bad.size == 0, "amounts are positive and finite", got=bad[:3].tolist(), fix=fix)
    entry = _for_each("truncated_below", truncated_below, x.size, 0.0)
    limit = _for_each("censored_above", censored_above, x.size, np.inf)
    weight = _for_each("weights", weights, x.size, 1.0)
    require(bool((entry >= 0).all()), "truncation is 0 or more", got=entry.min(), fix="Use 0.")
    require(
        bool((np.isfinite(weight) & (weight > 0)).all()),
        "weights are positive",
        got=float(weight.min()),
        fix="Leave out the values that weigh nothing.",
    )
    below = x[x < entry]
    require(
        below.size == 0,
        "no amount lies below the point where amounts are first seen",
        got=below[:3].tolist(),
        fix="Leave those out, or lower truncated_below.",
    )
    require(
        bool((limit > entry).all()),
        "a limit lies above the point where amounts are first seen",
        got=float(limit.min()),
        fix="Check truncated_below and censored_above.",
    )
    is_censored = x >= limit
    require(
        int((~is_censored).sum()) >= FEWEST,
        f"{FEWEST} amounts or more are known in full",
        got=int((~is_censored).sum()),
        fix="Raise censored_above, or add data.",
    )
    x = np.minimum(x, limit)
    require(
        float(np.ptp(x[~is_censored])) > 0,
        "amounts differ from each other",
        got=float(x[0]),
        fix="Use Point for an amount that is always the same.",
    )
    order = np.lexsort((is_censored, x))
    return Amounts(x[order], entry[order], is_censored[order], weight[order])


def _for_each(name: str, given: ArrayLike | None, size: int, default: float) -> Array:
    """One number for each of `size` values."""
    found = np.asarray(default if given is None else given, dtype=float)
    require(
        found.ndim == 0 or found.shape == (size,),
        f"{name} is one number, or one for each value",
        got=found.shape,
        fix=f"Give 1 or {size}.",
    )
    require(not bool(np.isnan(found).any()), f"{name} is a number", got="NaN", fix="Fill the gaps.")
    return np.broadcast_to(found, (size,)).astype(float)
