"""What a risk matrix cannot do, checked: Cox's axioms, and whether its labels beat a coin.

Cox, What's wrong with risk matrices? (Risk Analysis 28, 2008). The axioms speak of quantitative
risk, so they need anchors: a rate and an amount for each level. They are checked at the anchors,
one point for each cell; within a cell more can go wrong, never less.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from workbench.errors import require
from workbench.models.anchors import Anchors
from workbench.models.severity_matrix import Cell, SeverityMatrix

CoxVerdict = Literal["holds", "violated", "not testable"]
AXIOMS = {
    "weak consistency": (
        "every cell of the top band is to have a higher anchor ALE than every cell of the bottom"
    ),
    "betweenness": "no step up, to the right or both is to lead from the bottom band to the top",
    "consistent colouring": (
        "no cell outside the top band is to reach the smallest anchor ALE of that band, and none "
        "outside the bottom band is to lie at or below the largest of that"
    ),
}
NO_ANCHORS = "the study states no rate and amount for each level"


@dataclass(frozen=True, slots=True)
class CoxCheck:
    """One axiom and what it states.

    `witnesses` are the cells that break it, in pairs (lower band, higher band).
    """

    axiom: str
    states: str
    verdict: CoxVerdict
    witnesses: tuple[tuple[Cell, Cell], ...] = ()
    why: str = ""


def cox_checks(matrix: SeverityMatrix, anchors: Anchors | None) -> list[CoxCheck]:
    """Check the three axioms at the anchors; without anchors none is testable.

    Raises
    ------
    WorkbenchError
        if the anchors are for another number of levels

    """
    if anchors is None:
        return [CoxCheck(n, text, "not testable", why=NO_ANCHORS) for n, text in AXIOMS.items()]
    require(
        anchors.levels == matrix.levels,
        f"the anchors of a matrix of {matrix.levels} levels are {matrix.levels} of each kind",
        got=anchors.levels,
        fix="Give one anchor for each level.",
    )
    found = (
        weak_consistency(matrix, anchors),
        betweenness(matrix),
        consistent_colouring(matrix, anchors),
    )
    return [
        CoxCheck(name, text, "violated" if pairs else "holds", tuple(pairs))
        for (name, text), pairs in zip(AXIOMS.items(), found, strict=True)
    ]


def weak_consistency(matrix: SeverityMatrix, anchors: Anchors) -> list[tuple[Cell, Cell]]:
    """Return pairs (bottom cell, top cell) in which the bottom one costs as much or more."""
    bottom, top = matrix.band_cells(matrix.bands[0]), matrix.band_cells(matrix.bands[-1])
    return [
        (low, high) for low in bottom for high in top if anchors.ale(*low) >= anchors.ale(*high)
    ]


def betweenness(matrix: SeverityMatrix) -> list[tuple[Cell, Cell]]:
    """Return neighbours (bottom cell, top cell) that a small rise of both axes connects."""
    bottom, top = matrix.band_cells(matrix.bands[0]), set(matrix.band_cells(matrix.bands[-1]))
    steps = ((0, 1), (1, 0), (1, 1))
    moves = [((a, b), (a + da, b + db)) for a, b in bottom for da, db in steps]
    return [(start, end) for start, end in moves if end in top]


def consistent_colouring(matrix: SeverityMatrix, anchors: Anchors) -> list[tuple[Cell, Cell]]:
    """Return pairs (cell of a lower band, cell of a higher band) that the anchors order otherwise.

    Only pairs with the top band's cheapest cell, or with the bottom band's dearest one, are listed.
    """

    def cost(cell: Cell) -> float:
        return anchors.ale(*cell)

    bottom, top = matrix.band_cells(matrix.bands[0]), matrix.band_cells(matrix.bands[-1])
    cheapest, dearest = min(top, key=cost), max(bottom, key=cost)
    below = [(c, cheapest) for c in matrix.cells() if c not in top and cost(c) >= cost(cheapest)]
    above = [(dearest, c) for c in matrix.cells() if c not in bottom and cost(c) <= cost(dearest)]
    return list(dict.fromkeys(below + above))


@dataclass(frozen=True, slots=True)
class LabelOrder:
    """How often labels order two risks of different bands as their amounts do."""

    pairs: int  # pairs of risks in different bands, with different amounts
    right: int  # of these, the risk of the higher band is the larger one

    @property
    def share(self) -> float | None:
        """Share of pairs in the right order; None without a pair. A coin reaches 0.5."""
        return self.right / self.pairs if self.pairs else None

    @property
    def worse_than_random(self) -> bool:
        """Whether a coin would order the pairs better."""
        return 2 * self.right < self.pairs


def label_order(bands: Sequence[int], amounts: Sequence[float]) -> LabelOrder:
    """Compare labels (as numbers, higher is worse) with the amounts that they stand for.

    Where likelihood and consequence move against each other a label can be worse than none: on
    P = 0.75 - C every risk that a 2 x 2 matrix calls low is larger than every one it calls medium.
    """
    label, amount = np.asarray(bands, dtype=float), np.asarray(amounts, dtype=float)
    require(
        label.shape == amount.shape,
        "each amount has one label",
        got=(label.size, amount.size),
        fix="Give two lists of one length.",
    )
    pairs = right = 0
    for i in range(label.size):  # with those after it, so that each pair counts once
        signs = np.sign(label[i + 1 :] - label[i]) * np.sign(amount[i + 1 :] - amount[i])
        pairs += int(np.count_nonzero(signs))
        right += int(np.count_nonzero(signs > 0))
    return LabelOrder(pairs, right)
