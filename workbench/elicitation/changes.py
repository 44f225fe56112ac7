"""Why an edit of a belief moved its average, above all where it moved the other way.

A reason is computed, never guessed: the change of the average is split into parts that add up (or
multiply up, for a lognormal) to it, and the part that outweighs the others is named. Where the
average moved as the ends did, no reason is made up.
"""

import math
from dataclasses import dataclass

from workbench.distributions import Distribution, LogNormal, Pert
from workbench.distributions.base import as_belief
from workbench.elicitation.echo import figure

SAME = 1e-6  # relative change below which nothing moved
TAIL = 0.05


@dataclass(frozen=True, slots=True)
class Explanation:
    """What moved, what the average did, and why.

    `parts` are the exact parts of the change: factors of a lognormal's average (median, spread),
    else amounts that add up to the change. `reason` is None where none is needed or none applies.
    """

    text: str
    mean_before: float
    mean_after: float
    parts: tuple[tuple[str, float], ...]
    reason: str | None


def explain_change(before: Distribution, after: Distribution, unit: str = "") -> Explanation:
    """Compare a belief before and after an edit.

    Counter-intuitive is an edit whose moved ends (the bounds of a PERT, else the 5 and 95 %
    quantiles) all went one way while the average went the other.
    """
    both = as_belief("what was said before", before), as_belief("what is said now", after)
    means = both[0].mean(), both[1].mean()
    moves = [_move(*end, unit) for end in _ends(before, after)]
    told = " and ".join(text for _, text in moves if text)
    if not all(math.isfinite(mean) for mean in means):
        first = f"You {told}" if told else "Nothing moved"
        text = f"{first}; there is no average to compare, because the tail is too heavy for one."
        return Explanation(text, *means, (), None)
    parts = _parts(before, after)
    way = _sign(*means)
    change = _told_mean(*means, unit)
    signs = {sign for sign, _ in moves if sign}
    if not told:
        text = "The ends stay where they were" if way else "Nothing moved"
        return Explanation(f"{text}; {change}.", *means, parts, None)
    opposed = way != 0 and signs == {-way}
    reason = _reason(before, after, parts, way, unit) if opposed else None
    because = f", because {reason}" if reason else ""
    return Explanation(f"You {told}, and {change}{because}.", *means, parts, reason)


def _sign(old: float, new: float) -> int:
    """-1, 0 or 1: the way from `old` to `new`."""
    if abs(new - old) <= SAME * max(abs(old), abs(new)):
        return 0
    return 1 if new > old else -1


def _ends(before: Distribution, after: Distribution) -> list[tuple[str, float, float]]:
    """Return the ends as they are stated: name, before, after."""
    if isinstance(before, Pert) and isinstance(after, Pert):
        return [("low end", before.low, after.low), ("high end", before.high, after.high)]
    ends = [("low end", TAIL), ("high end", 1 - TAIL)]
    return [(name, float(before.ppf(level)), float(after.ppf(level))) for name, level in ends]


def _move(name: str, old: float, new: float, unit: str) -> tuple[int, str]:
    """Return the way an end moved, and its words."""
    sign = _sign(old, new)
    verb = {1: "raised", -1: "lowered"}.get(sign, "")
    words = f"{verb} the {name} from {figure(old, unit)} to {figure(new, unit)}" if sign else ""
    return sign, words


def _told_mean(old: float, new: float, unit: str) -> str:
    way = _sign(old, new)
    if way == 0:
        return f"the average stays at {figure(old, unit)}"
    verb = "rose" if way > 0 else "fell"
    return f"the average {verb} from {figure(old, unit)} to {figure(new, unit)}"


def _parts(before: Distribution, after: Distribution) -> tuple[tuple[str, float], ...]:
    """Split the change of the mean exactly.

    Lognormal: mean = exp(mu) exp(sigma^2/2), two factors. PERT of one shape s: mean =
    (low + s mode + high)/(s + 2), three amounts. Any other: the mean is the sum of what the lowest
    5 %, the middle 90 % and the highest 5 % of cases bring to it.
    """
    if isinstance(before, LogNormal) and isinstance(after, LogNormal):
        median = math.exp(after.mu - before.mu)
        spread = math.exp((after.sigma**2 - before.sigma**2) / 2)
        return ("median", median), ("spread", spread)
    if isinstance(before, Pert) and isinstance(after, Pert) and before.shape == after.shape:
        total = before.shape + 2
        return (
            ("low end", (after.low - before.low) / total),
            ("most likely value", before.shape * (after.mode - before.mode) / total),
            ("high end", (after.high - before.high) / total),
        )
    old, new = _bands(before), _bands(after)
    names = ("lowest 5%", "middle 90%", "highest 5%")
    return tuple((name, b - a) for name, a, b in zip(names, old, new, strict=True))


def _bands(belief: Distribution) -> tuple[float, float, float]:
    """What the lowest 5 %, the middle 90 % and the highest 5 % of cases bring to the mean."""
    # E[X over the top q] = q x + E[(X - x)+] with x its quantile, also where X has single values
    tops = []
    for chance in (1 - TAIL, TAIL):
        x = belief.isf(chance)
        tops.append(float(chance * x + belief.excess_moments(x)[1]))
    return belief.mean() - tops[0], tops[0] - tops[1], tops[1]


def _reason(
    before: Distribution,
    after: Distribution,
    parts: tuple[tuple[str, float], ...],
    way: int,
    unit: str,
) -> str | None:
    """Name the part that outweighs the others; None where no single part does."""
    if isinstance(before, LogNormal) and isinstance(after, LogNormal):
        (_, median), (_, spread) = parts
        if (spread < 1) != (way < 0):
            return None
        range_word, verb = ("narrower", "fell") if way < 0 else ("wider", "rose")
        sigma = f"sigma {verb} from {before.sigma:.3g} to {after.sigma:.3g}"
        tail = "the upper tail is drawn in" if way < 0 else "the upper tail reaches further"
        size = "smaller" if way < 0 else "larger"
        return (
            f"a {range_word} range has a {size} spread ({sigma}): {tail}, which multiplies the "
            f"average by {spread:.3g}, while the median's move multiplies it by {median:.3g}"
        )
    name, amount = max(parts, key=lambda part: way * part[1])
    if way * amount <= 0:
        return None
    verb = "more" if way > 0 else "less"
    size = figure(abs(amount), unit)
    if isinstance(before, Pert) and isinstance(after, Pert) and before.shape == after.shape:
        moved = "higher" if way > 0 else "lower"
        weight = f"it weighs {before.shape:.3g} in {before.shape + 2:.3g}"
        return f"the most likely value is {moved} and {weight}: that alone is {size} {verb}"
    return f"the {name} of cases now bring {size} {verb} to it"
