"""A framework of requirements in one edition, and the registry of all of them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from workbench.errors import WorkbenchError, looked_up, nearest, require

# What is met or not met, by kind; the others head a group, describe, or define.
ASSESSED = frozenset({"control", "subcategory", "criterion", "duty"})
HEADS = frozenset({"objective", "subgroup", "theme", "group", "function", "category"})


@dataclass(frozen=True, slots=True)
class Requirement:
    """One numbered item of a framework, with a short title of our own."""

    framework: str  # id with its edition
    id: str
    title: str  # "" where only the id is known
    kind: str
    parent: str = ""
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def certainty(self) -> str:
        """How it was checked, where that is less than certain; else nothing."""
        return self.facts.get("certainty", "")

    @property
    def note(self) -> str:
        """What must be read beside it."""
        return self.facts.get("note", "")

    def words(self) -> str:
        """Its id and its title."""
        return f"{self.id} {self.title}".strip()


@dataclass(frozen=True)
class Framework:
    """One edition of a standard, a law or a list.

    Raises
    ------
    WorkbenchError
        for an id that stands twice, or a parent that is not there.

    """

    id: str  # names the edition: iso42001_2023
    alias: str  # as older files call it
    name: str
    edition: str
    licence: str
    requirements: tuple[Requirement, ...]
    notes: tuple[str, ...] = ()
    documents: Mapping[str, str] = field(
        default_factory=dict, hash=False
    )  # what is written down -> where
    reviewed: str = ""

    def __post_init__(self) -> None:
        """Check ids, parents and documents."""
        twice = sorted({r.id for r in self.requirements if self._count(r.id) > 1})
        require(not twice, f"an id of {self.id} stands once", got=twice, fix="Remove one of them.")
        lost = sorted(
            {r.parent for r in self.requirements if r.parent and r.parent not in self._by_id}
            | {place for place in self.documents.values() if place not in self._by_id}
        )
        require(not lost, f"what {self.id} refers to is in it", got=lost, fix="Add it, or mend it.")

    @cached_property
    def _by_id(self) -> dict[str, Requirement]:
        return {one.id: one for one in self.requirements}

    def _count(self, id: str) -> int:
        return self._counts[id]

    @cached_property
    def _counts(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for one in self.requirements:
            counts[one.id] = counts.get(one.id, 0) + 1
        return counts

    def __contains__(self, id: object) -> bool:
        """Whether the framework has an id."""
        return id in self._by_id

    def __iter__(self) -> Iterator[Requirement]:
        """Yield each requirement in its order."""
        return iter(self.requirements)

    def requirement(self, id: str) -> Requirement:
        """Return one requirement.

        Raises
        ------
        WorkbenchError
            for an unknown id, with the nearest ones.

        """
        return looked_up(self._by_id, id, f"an id of {self.name} is one that it has")

    def children(self, id: str) -> tuple[Requirement, ...]:
        """Return what stands directly below an id."""
        return tuple(one for one in self.requirements if one.parent == id)

    def assessed(self) -> tuple[Requirement, ...]:
        """Return what is met or not met: controls, criteria, subcategories, duties.

        Clauses of a management system are assessed, too, where nothing stands below them.
        """
        heads = {one.parent for one in self.requirements}
        return tuple(
            one
            for one in self.requirements
            if one.kind in ASSESSED or (one.kind == "clause" and one.id not in heads)
        )

    def controls(self) -> tuple[Requirement, ...]:
        """Return what is assessed, but for the clauses."""
        return tuple(one for one in self.assessed() if one.kind != "clause")


class Frameworks(Mapping[str, Framework]):
    """Frameworks by id; an alias of older files is understood."""

    def __init__(self, frameworks: Iterable[Framework]) -> None:
        self._by_id = {one.id: one for one in frameworks}
        self._aliases = {one.alias: one.id for one in self._by_id.values() if one.alias}

    def __getitem__(self, name: str) -> Framework:
        """Return a framework by id or alias.

        Raises
        ------
        WorkbenchError
            for an unknown name, with those that there are.

        """
        found = self._by_id.get(self._aliases.get(name, name))
        if found is None:
            near = nearest(name, self.names())
            fix = f"Did you mean {' or '.join(near)}? " if near else ""
            known = f"One of {', '.join(self._by_id)}."
            raise WorkbenchError(f"a framework is one that is known; got {name!r}. {fix}{known}")
        return found

    def names(self) -> dict[str, str]:
        """Return every name by which a framework is known, with its id."""
        return self._aliases | {name: name for name in self._by_id}

    def __contains__(self, name: object) -> bool:
        """Whether a framework is known by this id or alias."""
        return name in self._by_id or name in self._aliases

    def __iter__(self) -> Iterator[str]:
        """Yield the ids."""
        return iter(self._by_id)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._by_id)

    def requirement(self, framework: str, id: str) -> Requirement:
        """Return one requirement of one framework."""
        return self[framework].requirement(id)

    def holds(self, framework: str, id: str) -> bool:
        """Whether a framework is known and has this id."""
        return framework in self and id in self[framework]
