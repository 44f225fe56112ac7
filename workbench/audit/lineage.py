"""Where data and models come from: subjects, their hashes, what they were made of, who used them.

A subject is one version of a dataset or a model. Its parents are what it was made from. Runs name
what they used, so that a figure leads back to the data below it, and a dataset that turns out to be
wrong leads on to every figure that rests on it.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from workbench.errors import looked_up, require

DATASET, MODEL = "dataset", "model"
TYPES = (DATASET, MODEL)
LONGEST = 300  # characters of a name
_DIGEST = re.compile(r"[0-9a-f]{64}|")


@dataclass(frozen=True, slots=True)
class Subject:
    """One version of a dataset or a model.

    Raises
    ------
    WorkbenchError
        for another type, an empty name, an @ in a version, a hash that is no SHA-256, and a subject
        that is its own parent.

    """

    name: str
    type: str  # one of TYPES
    version: str = ""
    sha256: str = ""  # of its bytes, hexadecimal; empty where nobody has told it
    parents: tuple[str, ...] = ()  # keys of what it was made from
    runs: tuple[str, ...] = ()  # ids of the runs that used it
    source: str = ""  # where this is known from

    def __post_init__(self) -> None:
        """Check what can be checked without the others."""
        require(
            self.type in TYPES,
            f"{self.name} is a dataset or a model",
            got=self.type,
            fix=f"One of {', '.join(TYPES)}.",
        )
        good = bool(self.name.strip()) and len(self.name) <= LONGEST and self.name.isprintable()
        rule = f"a subject's name is one line of at most {LONGEST} characters"
        require(good, rule, got=self.name[:80], fix="Name it as its owner does.")
        plain = "@" not in self.version and self.version.isprintable() and len(self.version) <= 100
        rule = f"the version of {self.name} is one line without @"
        require(plain, rule, got=self.version[:80], fix="Write it as 2026-11-29 or 1.4.")
        known = _DIGEST.fullmatch(self.sha256) is not None
        rule = f"the SHA-256 of {self.name} has 64 hexadecimal digits"
        require(known, rule, got=self.sha256[:80], fix="Leave it out where it is not known.")
        own = self.key not in self.parents
        require(own, "nothing is made from itself", got=self.key, fix="Name another version.")

    @property
    def key(self) -> str:
        """By which others name it: the name, and @ with the version where there is one."""
        return f"{self.name}@{self.version}" if self.version else self.name

    def joined(self, other: "Subject") -> "Subject":
        """Return what two tellings of one subject say together.

        Raises
        ------
        WorkbenchError
            where they tell two types or two hashes.

        """
        require(
            self.type == other.type,
            f"{self.key} is of one type",
            got=f"{self.type} and {other.type}",
            fix="Name one of them otherwise.",
        )
        hashes = sorted({self.sha256, other.sha256} - {""})
        rule = f"one version of {self.name} has one SHA-256"
        require(len(hashes) <= 1, rule, got=hashes, fix="Give the other a version of its own.")
        return replace(
            self,
            sha256="".join(hashes),
            parents=_all_of(self.parents, other.parents),
            runs=_all_of(self.runs, other.runs),
            source=self.source or other.source,
        )


@dataclass(frozen=True)
class Lineage:
    """Subjects by their keys; what is named as a parent and told by nobody is `unknown`.

    Raises
    ------
    WorkbenchError
        where a subject stands twice, or a circle of parents is closed.

    """

    subjects: tuple[Subject, ...]

    def __post_init__(self) -> None:
        """Check the keys, and that nothing comes from itself by others."""
        twice = sorted({one.key for one in self.subjects if self._count(one.key) > 1})
        require(not twice, "a subject stands once", got=twice[:3], fix="Join what is told of it.")
        circle = self._circle()
        require(not circle, "nothing comes from itself", got=circle, fix="Give versions to them.")

    def _count(self, key: str) -> int:
        return self._counts.get(key, 0)

    @cached_property
    def _counts(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for one in self.subjects:
            found[one.key] = found.get(one.key, 0) + 1
        return found

    @cached_property
    def by_key(self) -> dict[str, Subject]:
        """The subjects by their keys."""
        return {one.key: one for one in self.subjects}

    @cached_property
    def _children(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for one in self.subjects:
            for parent in one.parents:
                found.setdefault(parent, []).append(one.key)
        return found

    @property
    def unknown(self) -> tuple[str, ...]:
        """What is named as a parent, and told by nobody."""
        named = {parent for one in self.subjects for parent in one.parents}
        return tuple(sorted(named - set(self.by_key)))

    def subject(self, key: str) -> Subject:
        """Return a subject by its key.

        Raises
        ------
        WorkbenchError
            where there is none, with near ones.

        """
        return looked_up(self.by_key, key, "a subject is known")

    def with_hash(self, sha256: str) -> tuple[Subject, ...]:
        """Return every subject whose bytes have this hash."""
        return tuple(one for one in self.subjects if one.sha256 == sha256 != "")

    def before(self, key: str) -> tuple[str, ...]:
        """Return everything that a subject was made from, however far back, nearest first."""
        return _reached(key, self._parents)

    def after(self, key: str) -> tuple[str, ...]:
        """Return everything that was made from a subject, however far on, nearest first."""
        return _reached(key, lambda one: self._children.get(one, ()))

    def runs_on(self, key: str) -> tuple[str, ...]:
        """Return the runs that used a subject, or anything that was made from it."""
        found = [self.by_key[one].runs for one in (key, *self.after(key)) if one in self.by_key]
        return _all_of(*found)

    def _parents(self, key: str) -> Sequence[str]:
        return self.by_key[key].parents if key in self.by_key else ()

    def _circle(self) -> list[str]:
        """Return the subjects of one circle; none where there is none."""
        done: set[str] = set()
        for start in self.by_key:
            path: list[str] = []
            on_path: set[str] = set()
            waiting = [(start, False)]
            while waiting:
                key, is_left = waiting.pop()
                if is_left:
                    on_path.discard(path.pop())
                    done.add(key)
                    continue
                if key in on_path:
                    return path[path.index(key) :]
                if key in done or key not in self.by_key:
                    continue
                path.append(key)
                on_path.add(key)
                waiting.append((key, True))
                waiting += [(parent, False) for parent in self.by_key[key].parents]
        return []


def joined(subjects: Iterable[Subject]) -> Lineage:
    """Return a lineage in which what is told of a subject in several places is one.

    Raises
    ------
    WorkbenchError
        where two tellings cannot both be true, or a circle of parents is closed.

    """
    found: dict[str, Subject] = {}
    for one in subjects:
        found[one.key] = found[one.key].joined(one) if one.key in found else one
    return Lineage(tuple(found.values()))


def _reached(start: str, steps: Callable[[str], Sequence[str]]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    row = [start]
    while row:
        row = [one for key in row for one in steps(key) if one not in found and one != start]
        found |= dict.fromkeys(row)
        row = list(dict.fromkeys(row))
    return tuple(found)


def _all_of(*many: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for some in many for one in some))
