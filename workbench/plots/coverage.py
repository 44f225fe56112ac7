"""What each framework answers of each other, as the cells of a table: numbers, tones, words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.frameworks.coverage import Coverage

EDGES = (0.03, 0.12, 0.26, 0.45)  # shares inherited at which a cell gets the next tone
TONES = ("under 3%", "3 to 12%", "12 to 26%", "26 to 45%", "45% and more")


@dataclass(frozen=True, slots=True)
class CoverageCell:
    """One framework fully met, seen from another one."""

    inherited: int
    recorded: int  # candidates with evidence of their own
    candidates: int  # without
    unreached: int
    tone: int  # 0 to 4, by the share that counts as met
    related: float  # share of the requirements that are candidates, 0..1

    @property
    def size(self) -> int:
        """How many requirements there are."""
        return self.inherited + self.recorded + self.candidates + self.unreached

    @property
    def met(self) -> int:
        """What counts as met."""
        return self.inherited + self.recorded

    def words(self) -> str:
        """Say the cell for those who do not see it."""
        own = f", {self.recorded} by evidence of their own" if self.recorded else ""
        return (
            f"{self.inherited} inherited{own}, {self.candidates} candidates without evidence, "
            f"{self.unreached} unreached, of {self.size}"
        )


@dataclass(frozen=True, slots=True)
class CoverageTable:
    """Rows are the frameworks that are met, columns those that are answered."""

    columns: tuple[tuple[str, str, int], ...]  # id, short name, size
    rows: tuple[tuple[str, str, tuple[CoverageCell | None, ...]], ...]  # None for itself


def coverage_table(
    found: Mapping[tuple[str, str], Coverage], names: Mapping[str, str]
) -> CoverageTable:
    """Return the cells of a coverage matrix, rows and columns in the order of `names`.

    Parameters
    ----------
    found : of `workbench.frameworks.coverage.matrix`
    names : the short name of each framework, by its id

    """
    ids = list(names)
    cells = {pair: _cell(one) for pair, one in found.items()}
    size = {other: cell.size for (_, other), cell in cells.items()}
    return CoverageTable(
        tuple((one, names[one], size.get(one, 0)) for one in ids),
        tuple((one, names[one], tuple(cells.get((one, o)) for o in ids)) for one in ids),
    )


def _cell(one: Coverage) -> CoverageCell:
    recorded = len(one.recorded)
    candidates = len(one.candidates) - recorded
    size = max(one.size, 1)
    share = len(one.met()) / size
    return CoverageCell(
        len(one.inherited),
        recorded,
        candidates,
        len(one.unreached),
        sum(share >= edge for edge in EDGES),
        candidates / size,
    )


def tones_shown(table: CoverageTable) -> Sequence[tuple[int, str]]:
    """Return the tones that the table has, with their words: the scale below it."""
    shown = {cell.tone for _, _, cells in table.rows for cell in cells if cell is not None}
    return [(tone, words) for tone, words in enumerate(TONES) if tone in shown]
