"""The roulette method: an expert lays chips into bins; the chips are a histogram of belief.

Source: Gore (1987), as in SHELF (O'Hagan and Oakley): a family is fitted to the cumulative share of
the chips at the bounds of the bins, by least squares.
"""

from collections.abc import Sequence

import numpy as np

from workbench.distributions import Distribution, Mixture, Uniform
from workbench.distributions.base import as_number
from workbench.elicitation.quantiles import Elicited, from_quantiles
from workbench.errors import require

FEWEST_CHIPS = 5


def _cumulative(bounds: Sequence[float], chips: Sequence[float]) -> tuple[list[float], list[float]]:
    """Check; return the bounds and the chips as floats."""
    edges = [as_number("each bound", b) for b in bounds]
    laid = [as_number("each number of chips", c) for c in chips]
    require(
        len(edges) == len(laid) + 1 >= 2,
        "bins have one bound more than there are numbers of chips",
        got=f"{len(edges)} bounds, {len(laid)} bins",
        fix="Give the lower bound of the first bin and the upper bound of each.",
    )
    rising = edges[0] >= 0 and bool((np.diff(edges) > 0).all())
    require(rising, "bounds are 0 or more and rise", got=edges, fix="Sort them.")
    whole = all(c >= 0 and c == int(c) for c in laid)
    require(whole, "chips are whole numbers of 0 or more", got=laid, fix="Count the chips.")
    fix = "Lay more chips: each then stands for a smaller chance."
    require(sum(laid) >= FEWEST_CHIPS, f"{FEWEST_CHIPS} chips or more are laid", got=laid, fix=fix)
    return edges, laid


def histogram(bounds: Sequence[float], chips: Sequence[float]) -> Distribution:
    """Return the chips as they lie: within a bin every value is equally likely.

    `bounds` has one value more than `chips`. Raises WorkbenchError for bounds that do not rise and
    chips that are not whole.
    """
    edges, laid = _cumulative(bounds, chips)
    parts = [(Uniform(edges[i], edges[i + 1]), count) for i, count in enumerate(laid) if count > 0]
    if len(parts) == 1:
        return parts[0][0]
    total = sum(laid)
    return Mixture([part for part, _ in parts], [count / total for _, count in parts])


def from_chips(
    bounds: Sequence[float],
    chips: Sequence[float],
    *,
    families: Sequence[str] | None = None,
    within_bins: bool = False,
) -> Elicited:
    """Fit families to the cumulative share of the chips at the bounds between the bins.

    `within_bins` takes the outermost bounds to be never passed; without it a family may reach past
    them. At most nine bounds are used, those where the share changes, evenly chosen.

    Raises
    ------
    WorkbenchError
        for chips in fewer than three bins: use `histogram`, or smaller bins

    """
    edges, laid = _cumulative(bounds, chips)
    share = np.cumsum(laid) / sum(laid)
    inner = [(edges[i + 1], float(s)) for i, s in enumerate(share[:-1]) if laid[i] and 0 < s < 1]
    fix = "Use smaller bins, or the histogram as it is."
    used = sum(count > 0 for count in laid)
    require(len(inner) >= 2, "chips lie in three bins or more", got=f"{used} bins", fix=fix)
    if len(inner) > 9:
        picked = np.unique(np.round(np.linspace(0, len(inner) - 1, 9)).astype(int))
        inner = [inner[i] for i in picked]
    low, high = (edges[0], edges[-1]) if within_bins else (None, None)
    values, levels = zip(*inner, strict=True)
    return from_quantiles(levels, values, low=low, high=high, families=families)
