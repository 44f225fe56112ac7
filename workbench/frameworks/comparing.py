"""Two versions of a crosswalk: what was added, removed or changed, and what lost its cover."""

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.frameworks.crosswalk import Crosswalk, Place, Row


@dataclass(frozen=True)
class Changes:
    """How a crosswalk differs from an earlier version."""

    added: tuple[Row, ...]
    removed: tuple[Row, ...]
    changed: tuple[tuple[Row, Row], ...]  # before, after
    lost_cover: tuple[Place, ...]  # inherited from something before, and from nothing now
    lost_all: tuple[Place, ...]  # related to something before, and to nothing now

    def is_empty(self) -> bool:
        """Whether nothing changed."""
        return not (self.added or self.removed or self.changed)

    def sentence(self) -> str:
        """Say it in one sentence."""
        return (
            f"{len(self.added)} rows added, {len(self.removed)} removed, {len(self.changed)} "
            f"changed; {len(self.lost_cover)} requirements lost what they inherited, "
            f"{len(self.lost_all)} are related to nothing any more"
        )


def compared(before: Crosswalk, after: Crosswalk) -> Changes:
    """Return what became of a crosswalk; rows are the same where source and target are.

    A row that is written the other way round says the same: B subset A is A superset B.
    """
    old = {(row.source, row.target): row for row in before.rows}
    new = {(row.source, row.target): row for row in after.rows}
    return Changes(
        added=tuple(row for row in new.values() if _same(row, old) is None),
        removed=tuple(row for row in old.values() if _same(row, new) is None),
        changed=tuple(
            (row, now) for row in old.values() if (now := _same(row, new)) not in (None, row)
        ),
        lost_cover=tuple(sorted(_inheriting(before) - _inheriting(after))),
        lost_all=tuple(sorted(_related(before) - _related(after))),
    )


def _same(row: Row, rows: Mapping[tuple[Place, Place], Row]) -> Row | None:
    """Return what some rows say of the ends of a row, read in its direction."""
    back = rows.get((row.target, row.source))
    return rows.get((row.source, row.target)) or (None if back is None else back.reversed())


def _inheriting(crosswalk: Crosswalk) -> set[Place]:
    """Return the requirements that inherit from any other one."""
    return {
        read.target for row in crosswalk.rows for read in (row, row.reversed()) if read.inherits
    }


def _related(crosswalk: Crosswalk) -> set[Place]:
    return {place for row in crosswalk.rows for place in (row.source, row.target)}
