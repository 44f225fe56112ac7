"""Which requirement of one framework answers which of another, in both directions and by chains.

Relationships are those of set theory (NIST IR 8477), read for what meeting them does:
`A superset B` says that whoever meets A meets B. Read the other way, a superset is a subset. A
chain of equal relationships is equal, and one of equal and superset is superset; every other chain
is no more than intersects, which means related and lets nothing be inherited.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from workbench.errors import looked_up, require

Relationship = Literal["equal", "superset", "subset", "intersects"]
RELATIONSHIPS: tuple[Relationship, ...] = ("equal", "superset", "subset", "intersects")
INHERITS = frozenset({"equal", "superset"})  # meeting the source meets the target
BASES = ("published", "published ids", "derived", "editorial")
_REVERSED: dict[Relationship, Relationship] = {
    "equal": "equal",
    "superset": "subset",
    "subset": "superset",
    "intersects": "intersects",
}
STRENGTHS = range(1, 11)
LONGEST = 3  # rows of a chain: farther, everything is related to everything

Place = tuple[str, str]  # framework with its edition, id


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a crosswalk.

    Raises
    ------
    WorkbenchError
        for an unknown relationship or basis, or a strength outside 1..10.

    """

    source: Place
    target: Place
    relationship: Relationship
    strength: int  # a rank, and nothing more
    basis: str  # who said so: published, published ids, derived or editorial
    provenance: str
    second_rating: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        """Check the words and the strength."""
        require(
            self.relationship in RELATIONSHIPS,
            "a relationship is one of set theory",
            got=self.relationship,
            fix=f"One of {', '.join(RELATIONSHIPS)}.",
        )
        require(
            self.strength in STRENGTHS,
            "a strength is a rank from 1 to 10",
            got=self.strength,
            fix="Take 5 where nobody has ranked it.",
        )
        require(
            self.basis in BASES,
            "a row says who relates its ids",
            got=self.basis,
            fix=f"One of {', '.join(BASES)}.",
        )

    def reversed(self) -> "Row":
        """Return the same row read from its target."""
        return replace(
            self,
            source=self.target,
            target=self.source,
            relationship=_REVERSED[self.relationship],
        )

    @property
    def inherits(self) -> bool:
        """Whether meeting the source meets the target."""
        return self.relationship in INHERITS

    @property
    def raters_differ(self) -> bool:
        """Whether a second rater called it something else."""
        rated = self.second_rating.partition(":")[0]
        return bool(rated) and rated != self.relationship


@dataclass(frozen=True, slots=True)
class Link:
    """How one requirement is related to another: by one row, or by a chain."""

    rows: tuple[Row, ...]  # each read from the source on

    @property
    def source(self) -> Place:
        """Where it begins."""
        return self.rows[0].source

    @property
    def target(self) -> Place:
        """Where it ends."""
        return self.rows[-1].target

    @property
    def relationship(self) -> Relationship:
        """What the whole chain says."""
        kinds = {row.relationship for row in self.rows}
        if len(self.rows) == 1:
            return self.rows[0].relationship
        if kinds == {"equal"}:
            return "equal"
        return "superset" if kinds <= INHERITS else "intersects"

    @property
    def inherits(self) -> bool:
        """Whether meeting the source meets the target."""
        return self.relationship in INHERITS

    @property
    def strength(self) -> int:
        """The weakest rank on the way."""
        return min(row.strength for row in self.rows)

    @property
    def is_marked(self) -> bool:
        """Whether any row of it is the word of an editor or of a rule."""
        return any(row.basis != "published" for row in self.rows)


@dataclass(frozen=True)
class Crosswalk:
    """Rows between frameworks.

    Where it knows the names of frameworks it understands each of them and refuses all others;
    without names it takes any, and of one that no row names it has no rows.
    """

    rows: tuple[Row, ...]
    names: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)  # alias -> id

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.rows)

    @cached_property
    def _from(self) -> dict[Place, list[Row]]:
        found: dict[Place, list[Row]] = {}
        for row in self.rows:
            found.setdefault(row.source, []).append(row)
            found.setdefault(row.target, []).append(row.reversed())
        return found

    @cached_property
    def _known(self) -> dict[str, str]:
        return {name: name for name in self.frameworks()} | dict(self.names)

    def _id(self, name: str) -> str:
        """Return the id of a framework by any of its names."""
        if not self.names:
            return name
        return looked_up(self._known, name, "a framework is one that is known")

    def frameworks(self) -> list[str]:
        """Return the frameworks that any row names, sorted."""
        return sorted({place[0] for row in self.rows for place in (row.source, row.target)})

    def of(self, place: Place, to: str = "") -> tuple[Row, ...]:
        """Return the rows of a requirement, read from it on, strongest first.

        Parameters
        ----------
        place : framework and id
        to : the framework that they lead to; every one unless told

        Raises
        ------
        WorkbenchError
            for a framework that is not known, with the nearest ones.

        """
        here, there = (self._id(place[0]), place[1]), self._id(to) if to else ""
        rows = [row for row in self._from.get(here, ()) if not to or row.target[0] == there]
        return tuple(sorted(rows, key=lambda row: (-row.strength, row.target)))

    def chains(self, place: Place, to: str, longest: int = LONGEST) -> tuple[Link, ...]:
        """Return the links of a requirement into a framework, the shortest to each target.

        Of several to one target that which lets most be inherited comes first, then the shortest
        and the strongest. No requirement stands twice on a way.

        Raises
        ------
        WorkbenchError
            as `of` does.

        """
        here, there = (self._id(place[0]), place[1]), self._id(to)
        best: dict[Place, Link] = {}
        for link in self._walk((), here, {here}, longest):
            if link.target[0] == there:
                before = best.get(link.target)
                if before is None or _rank(link) < _rank(before):
                    best[link.target] = link
        return tuple(sorted(best.values(), key=lambda one: (_rank(one), one.target)))

    def _walk(
        self, rows: tuple[Row, ...], here: Place, seen: set[Place], left: int
    ) -> Iterator[Link]:
        if left == 0:
            return
        for row in self._from.get(here, ()):
            if row.target in seen:
                continue
            way = (*rows, row)
            yield Link(way)
            yield from self._walk(way, row.target, seen | {row.target}, left - 1)

    def between(self, one: str, other: str) -> tuple[Row, ...]:
        """Return the rows between two frameworks, all read from the first.

        Raises
        ------
        WorkbenchError
            as `of` does.

        """
        way = self._id(one), self._id(other)
        found = [row for row in self.rows if (row.source[0], row.target[0]) == way]
        found += [r.reversed() for r in self.rows if (r.target[0], r.source[0]) == way]
        return tuple(found)


def _rank(link: Link) -> tuple[int, int, int]:
    order = RELATIONSHIPS.index(link.relationship)
    return order, len(link.rows), -link.strength
