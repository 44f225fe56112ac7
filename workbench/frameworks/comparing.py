"""Two versions of a crosswalk: what was added, removed or changed, and what lost its cover."""

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
    """Return what became of a crosswalk; rows are the same where source and target are."""
    old = {(row.source, row.target): row for row in before.rows}
    new = {(row.source, row.target): row for row in after.rows}
    return Changes(
        added=tuple(row for pair, row in new.items() if pair not in old),
        removed=tuple(row for pair, row in old.items() if pair not in new),
        changed=tuple(
            (row, new[pair]) for pair, row in old.items() if pair in new and new[pair] != row
        ),
        lost_cover=tuple(sorted(_inheriting(before) - _inheriting(after))),
        lost_all=tuple(sorted(_related(before) - _related(after))),
    )


def _inheriting(crosswalk: Crosswalk) -> set[Place]:
    """Return the requirements that inherit from any other one."""
    return {
        read.target for row in crosswalk.rows for read in (row, row.reversed()) if read.inherits
    }


def _related(crosswalk: Crosswalk) -> set[Place]:
    return {place for row in crosswalk.rows for place in (row.source, row.target)}
