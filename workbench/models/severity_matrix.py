r"""The severity matrix L^2 + C^2: an order of cells by two ranks, likelihood and consequence.

.. math:: S(L, C) = L^2 + C^2, \qquad L, C \in \{1, ..., n\}

The levels are ranks, so the score is a rank too: it has no unit, and no amount of money follows
from it. NIST AI 100-1 is often named as its source; it holds no such formula (MAP 5.1 asks for
likelihood and magnitude). Level sets are quarter circles, so extremes count for more than with
L x C: (1, 5) ranks above (3, 4).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise

from workbench.errors import is_whole, require
from workbench.models.anchors import LEAST_LEVELS, MOST_LEVELS

Cell = tuple[int, int]  # (likelihood, consequence), each from 1 to n

LABELS = ("Low", "Moderate", "High", "Critical")
CUTS = (8, 18, 32)  # of the 5 x 5 matrix: the scores of (2, 2), (3, 3) and (4, 4)
DEFAULT_LEVELS = 5
RULE = (
    "A score up to 8 is Low, up to 18 Moderate, up to 32 High, above that Critical: the cells "
    "(2, 2), (3, 3) and (4, 4) of five levels end the first three bands. With another number of "
    "levels each cut keeps its share of the range from (1, 1) to (n, n): 1/8, 1/3 and 5/8. "
    "A convention of this workbench, from no standard."
)
OWN_RULE = "Cuts stated by the user."


@dataclass(frozen=True, slots=True)
class Band:
    """A range of scores with a name."""

    label: str
    above: int  # the largest score of the band below; 0 for the first
    up_to: int  # the largest score that belongs to it

    def holds(self, score: int) -> bool:
        """Whether a score belongs to it."""
        return self.above < score <= self.up_to


@dataclass(frozen=True, slots=True)
class OrderAgainstProduct:
    """How the order by L^2 + C^2 differs from the order by L x C, over all pairs of cells."""

    pairs: int
    inverted: tuple[tuple[Cell, Cell], ...]  # the first has the higher score, the lower product
    tied_in_score_only: int
    tied_in_product_only: int
    tied_in_both: int


@dataclass(frozen=True)
class SeverityMatrix:
    """An n x n matrix of scores with its bands.

    Parameters
    ----------
    levels : n, from 2 to 10
    cuts : the largest score of each band but the last; without them the default rule (`RULE`)
    labels : one name for each band, lowest first
    rule : where the cuts come from, in a sentence

    Raises
    ------
    WorkbenchError
        for a size out of range, or cuts that do not part the scores into bands with a cell each.

    """

    levels: int = DEFAULT_LEVELS
    cuts: Sequence[int] | None = None
    labels: Sequence[str] | None = None
    rule: str = ""
    bands: tuple[Band, ...] = field(init=False, repr=False)  # lowest first

    def __post_init__(self) -> None:
        """Check the size and build the bands."""
        require(
            is_whole(self.levels, LEAST_LEVELS, MOST_LEVELS),
            f"a matrix has {LEAST_LEVELS} to {MOST_LEVELS} levels",
            got=self.levels,
            fix="Five is the usual number.",
        )
        if self.cuts is None:
            require(
                self.labels is None,
                "labels belong to cuts",
                got=self.labels,
                fix="State the cuts too, or leave the labels out.",
            )
            cuts, labels = default_cuts(self.levels)
            rule = self.rule or RULE
        else:
            cuts, labels = self._own_cuts()
            rule = self.rule or OWN_RULE
        ends = (0, *cuts, self.highest)
        bands = tuple(Band(n, a, b) for n, (a, b) in zip(labels, pairwise(ends), strict=True))
        found = {"cuts": cuts, "labels": labels, "rule": rule, "bands": bands}
        for name, value in found.items():
            object.__setattr__(self, name, value)

    def _own_cuts(self) -> tuple[tuple[int, ...], tuple[str, ...]]:
        """Return the user's cuts and labels, checked: each band holds a cell."""
        cuts = tuple(self.cuts or ())
        require(
            len(cuts) > 0 and all(is_whole(cut) for cut in cuts),
            "cuts are whole scores, one or more",
            got=cuts,
            fix="A score is a sum of two squares, such as 8.",
        )
        ends = (0, *cuts, self.highest)
        reached = self.distinct_scores()
        require(
            all(any(a < s <= b for s in reached) for a, b in pairwise(ends)),
            "cuts rise, and each band between them holds a cell",
            got=cuts,
            fix=f"The scores of {self.levels} levels are {', '.join(map(str, reached))}.",
        )
        labels = LABELS if self.labels is None and len(cuts) == len(CUTS) else self.labels
        require(
            labels is not None and len(set(labels)) == len(labels) == len(cuts) + 1,
            f"{len(cuts)} cuts make {len(cuts) + 1} bands, each with a name of its own",
            got=labels,
            fix="Give the names from the lowest band to the highest.",
        )
        assert labels is not None
        return cuts, tuple(labels)

    @property
    def highest(self) -> int:
        """The score of the cell (n, n)."""
        return 2 * self.levels**2

    def score(self, likelihood: int, consequence: int) -> int:
        """L^2 + C^2 of one cell; refuses a level outside 1..n."""
        for name, level in (("likelihood", likelihood), ("consequence", consequence)):
            require(
                is_whole(level, 1, self.levels),
                f"{name} is a whole number from 1 to {self.levels}",
                got=level,
                fix="Use the levels of the matrix.",
            )
        return likelihood**2 + consequence**2

    def band(self, likelihood: int, consequence: int) -> Band:
        """Return the band that a cell belongs to."""
        score = self.score(likelihood, consequence)
        return next(band for band in self.bands if band.holds(score))

    def cells(self) -> list[Cell]:
        """Return all n^2 cells, by likelihood and then consequence."""
        steps = range(1, self.levels + 1)
        return [(likelihood, consequence) for likelihood in steps for consequence in steps]

    def band_cells(self, band: Band) -> list[Cell]:
        """Return the cells of one band."""
        return [cell for cell in self.cells() if band.holds(self.score(*cell))]

    def distinct_scores(self) -> list[int]:
        """Return each score once, lowest first."""
        return sorted({cell[0] ** 2 + cell[1] ** 2 for cell in self.cells()})

    def ties(self) -> dict[int, tuple[Cell, ...]]:
        """Return the scores that several cells share, lowest first, with these cells."""
        groups = {s: self.cells_at(s) for s in self.distinct_scores()}
        return {score: cells for score, cells in groups.items() if len(cells) > 1}

    def cells_at(self, score: int) -> tuple[Cell, ...]:
        """Return the cells with this score."""
        return tuple(c for c in self.cells() if c[0] ** 2 + c[1] ** 2 == score)

    def against_product(self) -> OrderAgainstProduct:
        """Compare the order of every pair of cells with that by L x C."""
        inverted: list[tuple[Cell, Cell]] = []
        tied = {(True, False): 0, (False, True): 0, (True, True): 0}
        pairs = list(combinations(self.cells(), 2))
        for one, other in pairs:
            by_score = self.score(*one) - self.score(*other)
            by_product = math.prod(one) - math.prod(other)
            if by_score * by_product < 0:
                inverted.append((one, other) if by_score > 0 else (other, one))
            elif by_score == 0 or by_product == 0:
                tied[by_score == 0, by_product == 0] += 1
        return OrderAgainstProduct(
            len(pairs), tuple(inverted), tied[True, False], tied[False, True], tied[True, True]
        )

    def equal_width_shares(self, bins: int = len(LABELS)) -> list[float]:
        """Share of the cells in each of `bins` equal parts of the range of scores, shape (bins,).

        Equal widths are not equal shares: the reason why bands are cut by a rule.
        """
        require(
            is_whole(bins, 1),
            "bins are one or more",
            got=bins,
            fix="Four is the number of bands.",
        )
        low, cells = 2, self.cells()
        counts = [0] * bins
        for cell in cells:
            # ceil, in whole numbers: a score on an edge belongs to the bin below it
            place = -(-(self.score(*cell) - low) * bins // (self.highest - low))
            counts[max(place, 1) - 1] += 1
        return [count / len(cells) for count in counts]


def default_cuts(levels: int) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Cuts and labels of the default rule: each cut keeps its share of the range of scores.

    A band that no cell reaches is left out; this happens with two levels only.
    """
    low, high, usual = 2, 2 * levels**2, 2 * DEFAULT_LEVELS**2
    ends = [low + (cut - low) * (high - low) // (usual - low) for cut in CUTS]
    steps = range(1, levels + 1)
    scores = {a * a + b * b for a in steps for b in steps}
    bounds = list(zip(LABELS, pairwise((0, *ends, high)), strict=True))
    kept = [(name, b) for name, (a, b) in bounds if any(a < s <= b for s in scores)]
    return tuple(b for _, b in kept[:-1]), tuple(name for name, _ in kept)


def unit_square_cdf(score: float) -> float:
    r"""P(L^2 + C^2 <= score) for L and C independent and uniform on (0, 1).

    The area of the quarter disc of radius sqrt(r) within the unit square:

    .. math:: \pi r / 4 \ (r \le 1), \quad
        \sqrt{r - 1} + \tfrac{r}{2}(\tfrac{\pi}{2} - 2 \arccos(1 / \sqrt r)) \ (1 < r < 2)
    """
    r = min(max(score, 0.0), 2.0)
    if r <= 1:
        return math.pi * r / 4
    return math.sqrt(r - 1) + r / 2 * (math.pi / 2 - 2 * math.acos(1 / math.sqrt(r)))
