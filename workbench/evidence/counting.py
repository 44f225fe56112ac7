"""Two samples of one feature, counted in the same cells, so that they can be compared."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from workbench.distributions import Array
from workbench.errors import require

MISSING = "missing"
MOST_CELLS = 1_000


@dataclass(frozen=True, eq=False, slots=True)
class Counted:
    """How often each of k cells was seen before and after; arrays of shape (k,).

    With `is_known` the reference holds the chances themselves, which sum to 1, and no sample.

    Raises
    ------
    WorkbenchError
        unless there are two cells or more, of one shape, whole counts, and each side has some.

    """

    labels: tuple[str, ...]
    reference: Array
    current: Array
    is_known: bool = False

    def __post_init__(self) -> None:
        """Check the shapes and that counts are counts."""
        k, shapes = len(self.labels), (self.reference.shape, self.current.shape)
        fix = "Give each cell a label and a number on both sides."
        require(k >= 2, "a comparison needs two cells or more", got=k, fix=fix)
        require(k <= MOST_CELLS, f"cells are at most {MOST_CELLS}", got=k, fix="Group them.")
        require(shapes == ((k,), (k,)), "both sides have the cells of the labels", got=shapes,
                fix=fix)  # fmt: skip
        for name, side in (("reference", self.reference), ("current", self.current)):
            is_chances = self.is_known and name == "reference"
            whole = is_chances or bool(np.all(side == np.floor(side)))
            require(
                bool(np.isfinite(side).all() and (side >= 0).all() and side.sum() > 0 and whole),
                f"the {name} side holds whole counts, 0 or more, and not only zeros",
                got=side.tolist()[:5],
                fix="Count the rows of each cell.",
            )
        total = float(self.reference.sum())
        require(
            not self.is_known or abs(total - 1) < 1e-9,
            "known chances sum to 1",
            got=total,
            fix="Divide them by their sum, or give counts without is_known.",
        )

    @property
    def n(self) -> float:
        """How many rows the reference has; infinite where its chances are known."""
        return float("inf") if self.is_known else float(self.reference.sum())

    @property
    def m(self) -> float:
        """How many rows there are now."""
        return float(self.current.sum())


def count_numbers(reference: ArrayLike, current: ArrayLike, *, cells: int = 10) -> Counted:
    """Count numbers in cells of equal share of the reference, open at both ends.

    Parameters
    ----------
    reference, current : shapes (n,) and (m,); NaN is missing, and has a cell of its own
    cells : 2 or more; fewer result where many values of the reference are equal

    Raises
    ------
    WorkbenchError
        without numbers on each side, for infinite ones, and where all of the reference are equal.

    """
    require(2 <= cells < MOST_CELLS, f"cells are 2 to {MOST_CELLS - 1}", got=cells,
            fix="Ten are usual.")  # fmt: skip
    before, after = (np.asarray(side, dtype=float).ravel() for side in (reference, current))
    for side in (before, after):
        held = side[~np.isnan(side)]
        got = f"{held.size} numbers"
        require(held.size > 0, "each side holds numbers", got=got, fix="Count categories instead.")
        require(not np.isinf(held).any(), "numbers are finite", got="inf", fix="Write none there.")
    known = before[~np.isnan(before)]
    edges = np.unique(np.quantile(known, np.arange(1, cells) / cells, method="inverted_cdf"))
    below = known[known < known.max()]
    require(below.size > 0, "the numbers of the reference differ", got=f"{known[0]:g} everywhere",
            fix="Count them as categories.")  # fmt: skip
    edges = edges[edges < known.max()]  # a cell above the largest would hold none of the reference
    edges = edges if edges.size else below.max(keepdims=True)  # nearly all are the largest
    ends = [f"{edge:g}" for edge in edges]
    labels = [f"up to {ends[0]}", *(f"{a} to {b}" for a, b in pairwise(ends))]
    labels += [f"above {ends[-1]}"]
    sides = [_in_cells(side, edges) for side in (before, after)]
    if any(side[-1] for side in sides):
        return Counted((*labels, MISSING), sides[0], sides[1])
    return Counted(tuple(labels), sides[0][:-1], sides[1][:-1])


def _in_cells(values: Array, edges: Array) -> Array:
    """Count values up to each edge, above the last, and missing ones: shape (edges + 2,)."""
    held = values[~np.isnan(values)]
    inner = np.bincount(np.searchsorted(edges, held, side="left"), minlength=edges.size + 1)
    return np.append(inner, values.size - held.size).astype(float)


def count_categories(reference: Sequence[str], current: Sequence[str]) -> Counted:
    """Count categories; one that is new has a cell too, and an empty text counts as missing.

    Raises
    ------
    WorkbenchError
        where a side is empty, and for fewer than two categories or more than 1,000.

    """
    before, after = (Counter(text or MISSING for text in side) for side in (reference, current))
    labels = tuple(sorted(before | after))
    sides = [np.array([side[label] for label in labels], float) for side in (before, after)]
    return Counted(labels, sides[0], sides[1])
