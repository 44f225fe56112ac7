"""The two tables of the source document that relate frameworks, each row beside what is right.

Their ids are kept as they are written, so that a reader of the document finds what he read: an old
number, a wrong clause. Nothing here is a row of a crosswalk, and nothing is inherited from it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from workbench.errors import require
from workbench.frameworks.crosswalk import BASES, Crosswalk, Row

WHAT_IT_SAYS = "what it says"  # what a correction is of, where it is of no id


@dataclass(frozen=True, slots=True)
class Written:
    """An id as the document has it."""

    framework: str  # the edition that the document names
    id: str
    label: str  # what it calls it


@dataclass(frozen=True, slots=True)
class Correction:
    """What is right of one id, or of what the row asks for; no ids where nothing can stand there.

    Raises
    ------
    WorkbenchError
        for an unknown basis, or ids of no framework.

    """

    of: str
    framework: str
    ids: tuple[str, ...]
    basis: str  # who relates them: published, published ids, derived or editorial
    why: str

    def __post_init__(self) -> None:
        """Check the basis and the framework."""
        require(
            self.basis in BASES,
            "a correction says who relates its ids",
            got=self.basis,
            fix=f"One of {', '.join(BASES)}.",
        )
        require(
            bool(self.framework) == bool(self.ids),
            "ids are of a framework",
            got=(self.framework, self.ids),
            fix="Name both, or neither.",
        )

    def sentence(self) -> str:
        """Say it in one line."""
        place = f"{', '.join(self.ids)} of {self.framework}" if self.ids else "nothing in its place"
        mark = "" if self.basis == "published ids" else f" ({self.basis})"
        return f"{self.of}: {place}{mark}. {self.why}"


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row of a table of the document.

    Raises
    ------
    WorkbenchError
        where a correction is of an id that the row does not write, or no note stands behind it.

    """

    id: str
    table: str
    line: int  # of the document's text, from 1
    written: tuple[Written, ...]
    says: str  # in own words
    corrected: tuple[Correction, ...]
    notes: tuple[str, ...]  # ids of the notes on the source document

    def __post_init__(self) -> None:
        """Check what is corrected, and that a note says so."""
        known = {one.id for one in self.written} | {WHAT_IT_SAYS}
        lost = [one.of for one in self.corrected if one.of not in known]
        require(
            not lost,
            f"a correction of {self.id} is of an id that it writes, or of {WHAT_IT_SAYS!r}",
            got=lost,
            fix="Name one of them.",
        )
        require(bool(self.notes), f"a note corrects {self.id}", got="none", fix="Name its id.")

    def names(self, id: str, framework: str = "") -> bool:
        """Whether an id stands in the row, as written or as right."""
        pairs = [(one.framework, one.id) for one in self.written]
        pairs += [(one.framework, right) for one in self.corrected for right in one.ids]
        return any(one == id and framework in ("", place) for place, one in pairs)


@dataclass(frozen=True)
class SourceTables:
    """All rows of both tables, in order of the document."""

    document: str
    rows: tuple[SourceRow, ...]

    def __iter__(self) -> Iterator[SourceRow]:
        """Yield each row."""
        return iter(self.rows)

    def about(self, id: str, framework: str = "") -> tuple[SourceRow, ...]:
        """Return the rows that write an id, or that it corrects; of one framework where told."""
        return tuple(row for row in self.rows if row.names(id, framework))

    def of_note(self, note: str) -> tuple[SourceRow, ...]:
        """Return the rows that a note on the document corrects."""
        return tuple(row for row in self.rows if note in row.notes)

    def as_written(self) -> Crosswalk:
        """Return the rows as a crosswalk of the ids that are written, for `lint` to judge.

        Where a row writes one id alone, its other side is the first one that a note holds nearest.
        """
        return Crosswalk(tuple(_as_row(row) for row in self.rows))


def _as_row(row: SourceRow) -> Row:
    first = row.written[0]
    if len(row.written) > 1:
        target = row.written[1].framework, row.written[1].id
    else:
        near = next(one for one in row.corrected if one.of == WHAT_IT_SAYS)
        target = near.framework, near.ids[0]
    told = f"the source document, line {row.line}"
    return Row((first.framework, first.id), target, "intersects", 1, "editorial", told)
