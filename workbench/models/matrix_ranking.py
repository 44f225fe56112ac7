"""A study seen through the severity matrix, and what that order gets wrong against ALE.

The score is never turned into money. ALE comes from the simulated year; the matrix is judged by
it, not the other way round.
"""

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from workbench.models.cox import LabelOrder, label_order
from workbench.models.portfolio import StudyResult
from workbench.models.rank_correlation import RankCorrelation, kendall, spearman
from workbench.models.severity_matrix import Cell, SeverityMatrix
from workbench.models.study import Study

LEAST_SCENARIOS = 8  # below this number no verdict is given
GOOD_RHO = 0.7  # below it the order is called poor; a convention of this workbench
MOST_REVERSALS = 1000  # that are listed; all are counted
NO_LEVELS = "it states no likelihood and consequence"
NO_MEAN = "its average year does not exist (the tail is too heavy), so it has no ALE"


@dataclass(frozen=True, slots=True)
class Placed:
    """One scenario in the matrix. Ranks count from 1, the worst; equal values share the best."""

    id: str
    name: str
    likelihood: int
    consequence: int
    score: int
    band: str
    rank: int  # by score
    ale: float | None = None  # currency / year; None without a result
    ale_error: float = 0.0  # standard error or error bound of `ale`
    ale_rank: int | None = None  # by ALE

    @property
    def cell(self) -> Cell:
        """(likelihood, consequence)."""
        return self.likelihood, self.consequence


@dataclass(frozen=True, slots=True)
class TieGroup:
    """Scenarios that the matrix cannot tell apart."""

    score: int
    scenarios: tuple[Placed, ...]


@dataclass(frozen=True, slots=True)
class Reversal:
    """The matrix ranks `above` over `below`; ALE says the opposite by more than both errors."""

    above: Placed
    below: Placed
    money: float  # currency / year between the two averages


@dataclass(frozen=True, slots=True)
class BandRange:
    """What the scenarios of one band cost on average."""

    band: str
    scenarios: int
    lowest: float | None  # currency / year
    highest: float | None
    lie_ratio: float | None  # highest / lowest; None below two scenarios or where lowest is 0


@dataclass(frozen=True, slots=True)
class TopOverlap:
    """How many of the k largest by ALE are among the k highest scores.

    Ties at the edge of the matrix's list can be broken either way: `least` to `most`.
    """

    k: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class MatrixRanking:
    """The scenarios of a study in the order of the matrix, held against ALE."""

    matrix: SeverityMatrix
    currency: str
    rows: tuple[Placed, ...]  # by falling score, then id; with an ALE
    left_out: dict[str, str]  # id -> reason
    rho: RankCorrelation
    tau: RankCorrelation
    reversals: tuple[Reversal, ...]  # most money first, at most `MOST_REVERSALS`
    reversed_pairs: int  # all of them
    bands: tuple[BandRange, ...]  # lowest band first
    labels: LabelOrder

    def ties(self) -> list[TieGroup]:
        """Return the groups of scenarios with one score, highest score first."""
        return tied(self.rows)

    def by_ale(self) -> list[Placed]:
        """Return the scenarios by falling ALE, then id."""
        return sorted(self.rows, key=lambda row: (-_ale(row), row.id))

    def top(self, k: int) -> TopOverlap:
        """Compare the k largest by ALE with the k highest scores; k is cut to what there is."""
        k = max(0, min(k, len(self.rows)))
        if k == 0:
            return TopOverlap(0, 0, 0)
        largest = {row.id for row in self.by_ale()[:k]}
        edge = self.rows[k - 1].score
        sure = [row.id for row in self.rows if row.score > edge]
        group = [row.id for row in self.rows if row.score == edge]
        room, hits = k - len(sure), sum(one in largest for one in group)
        certain = sum(one in largest for one in sure)
        fewest = max(0, room - (len(group) - hits))
        return TopOverlap(k, certain + fewest, certain + min(hits, room))

    def missed(self) -> list[Placed]:
        """Return scenarios of the lowest band that are in the top tenth by ALE (one at least)."""
        tenth = self.by_ale()[: math.ceil(len(self.rows) / 10)]
        return [row for row in tenth if row.band == self.matrix.bands[0].label]

    def verdict(self) -> str:
        """Say whether the matrix keeps the order of ALE; nothing below eight scenarios."""
        n, low, high = len(self.rows), self.rho.low, self.rho.high
        if n < LEAST_SCENARIOS:
            return f"No verdict: {n} scenarios, and {LEAST_SCENARIOS} or more are needed."
        if low is None or high is None:
            return f"No verdict: {self.rho.why}."
        if low >= GOOD_RHO:
            return "The matrix keeps the order of ALE for the most part."
        if high < GOOD_RHO:
            return "The matrix does not keep the order of ALE."
        return "Too close to call: the interval holds both a good and a poor order."


def place(study: Study, matrix: SeverityMatrix | None = None) -> list[Placed]:
    """Return the scenarios that state both levels, by falling score and then id.

    Without a matrix the default one with the study's number of levels is used.

    Raises
    ------
    WorkbenchError
        for a level that the matrix does not have

    """
    matrix = matrix or SeverityMatrix(study.levels)
    rated = [s for s in study.scenarios if s.likelihood is not None and s.consequence is not None]
    cells = [(s.likelihood or 0, s.consequence or 0) for s in rated]
    scores = [matrix.score(*cell) for cell in cells]
    found = [
        Placed(s.id, s.name, *cell, score, matrix.band(*cell).label, place_of)
        for s, cell, score, place_of in zip(rated, cells, scores, ranks(scores), strict=True)
    ]
    return sorted(found, key=lambda row: (-row.score, row.id))


def ranks(values: Sequence[float]) -> list[int]:
    """Return the place of each value, 1 for the largest; equal values share the best place."""
    rising = sorted(values)
    return [1 + len(rising) - bisect_right(rising, value) for value in values]


def tied(rows: Sequence[Placed]) -> list[TieGroup]:
    """Return the groups of two or more rows with one score, highest score first."""
    groups: dict[int, list[Placed]] = defaultdict(list)
    for row in rows:
        groups[row.score].append(row)
    found = [TieGroup(s, tuple(group)) for s, group in groups.items() if len(group) > 1]
    return sorted(found, key=lambda group: -group.score)


def rank(result: StudyResult, matrix: SeverityMatrix | None = None) -> MatrixRanking:
    """Hold the order of the matrix against the average years of a result.

    A scenario without levels, or whose mean does not exist, is left out with the reason.
    """
    matrix = matrix or SeverityMatrix(result.study.levels)
    placed = {row.id: row for row in place(result.study, matrix)}
    left_out = {s.id: NO_LEVELS for s in result.study.scenarios if s.id not in placed}
    known: dict[str, tuple[float, float]] = {}
    for name in placed:
        losses = result.scenarios[name]
        mean = losses.figure("mean")
        if math.isfinite(mean):
            known[name] = (mean, losses.error("mean"))
        else:
            left_out[name] = NO_MEAN
    rows = _ranked([row for row in placed.values() if row.id in known], known)
    scores, means = [float(r.score) for r in rows], [_ale(r) for r in rows]
    numbers = {band.label: i for i, band in enumerate(matrix.bands)}
    return MatrixRanking(
        matrix,
        result.study.currency,
        tuple(rows),
        left_out,
        spearman(scores, means),
        kendall(scores, means),
        *reversals(rows),
        tuple(_band_range(band.label, rows) for band in matrix.bands),
        label_order([numbers[r.band] for r in rows], means),
    )


def _ranked(rows: Sequence[Placed], known: dict[str, tuple[float, float]]) -> list[Placed]:
    """Give the rows their ALE, and both ranks among those that have one."""
    by_score = ranks([row.score for row in rows])
    by_ale = ranks([known[row.id][0] for row in rows])
    return [
        replace(row, rank=first, ale=known[row.id][0], ale_error=known[row.id][1], ale_rank=second)
        for row, first, second in zip(rows, by_score, by_ale, strict=True)
    ]


def reversals(rows: Sequence[Placed]) -> tuple[tuple[Reversal, ...], int]:
    """Return the pairs that the matrix orders against ALE by more than both errors, and how many.

    Sorted by the money between them, most first; the list ends at `MOST_REVERSALS`. Equal scores
    are ties, not reversals.
    """
    score = np.array([row.score for row in rows])
    ale = np.array([_ale(row) for row in rows])
    error = np.array([row.ale_error for row in rows])
    count, found = 0, []
    for i, above in enumerate(rows):
        money = ale - ale[i]
        places = np.flatnonzero((score < above.score) & (money > error + above.ale_error))
        count += places.size
        largest = places[np.argsort(-money[places], kind="stable")[:MOST_REVERSALS]]
        found += [(float(money[j]), i, int(j)) for j in largest]
        if len(found) > 2 * MOST_REVERSALS:
            found = _most_money(found, rows)
    listed = (Reversal(rows[i], rows[j], m) for m, i, j in _most_money(found, rows))
    return tuple(listed), count


def _most_money(
    found: list[tuple[float, int, int]], rows: Sequence[Placed]
) -> list[tuple[float, int, int]]:
    """Return the first `MOST_REVERSALS` by money, then by ids."""
    order = sorted(found, key=lambda one: (-one[0], rows[one[1]].id, rows[one[2]].id))
    return order[:MOST_REVERSALS]


def _band_range(label: str, rows: Sequence[Placed]) -> BandRange:
    means = [_ale(row) for row in rows if row.band == label]
    if not means:
        return BandRange(label, 0, None, None, None)
    low, high = min(means), max(means)
    ratio = high / low if len(means) > 1 and low > 0 else None
    return BandRange(label, len(means), low, high, ratio)


def _ale(row: Placed) -> float:
    """Return the ALE of a row that has one."""
    assert row.ale is not None
    return row.ale
