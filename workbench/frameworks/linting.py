"""What is wrong with a crosswalk: dangling ids, no source, editions, repeats, contradictions."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from workbench.frameworks.crosswalk import Crosswalk, Place, Row
from workbench.frameworks.requirement import Frameworks

_EDITION = re.compile(r"([-_.]e?\d+)+$")
_VERBS = {
    "equal": "is equal to",
    "subset": "is a subset of",
    "superset": "is a superset of",
    "intersects": "intersects",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, at a row counted from 1, or 0 for the whole."""

    row: int
    kind: str
    what: str
    place: str = ""  # where the row stands in its file, as the gate says it

    def where(self) -> str:
        """Return the place of its row; nothing where it is of the whole."""
        return self.place or (f"row {self.row}" if self.row else "")

    def line(self) -> str:
        """Write it as the gate writes a fault."""
        return ": ".join(part for part in (self.where(), self.kind, self.what) if part)


def lint(
    crosswalk: Crosswalk,
    frameworks: Frameworks,
    counts: dict[tuple[str, str], int] | None = None,
    places: Sequence[str] = (),
) -> list[Fault]:
    """Return every fault of a crosswalk, in order of its rows.

    Parameters
    ----------
    frameworks : all that ids may come from
    counts : how many rows there should be between two frameworks
    places : where each row stands in its file, such as 'row 6' for the fifth below a header

    """
    names = places or [f"row {n}" for n in range(1, len(crosswalk) + 1)]
    faults = [
        fault for n, row in enumerate(crosswalk.rows, 1) for fault in _of_row(n, row, frameworks)
    ]
    faults += _repeats(crosswalk, names)
    faults += _inversions(crosswalk)
    faults += _counts(crosswalk, counts or {})
    if places:
        faults = [replace(one, place=names[one.row - 1]) if one.row else one for one in faults]
    return sorted(faults, key=lambda fault: (fault.row, fault.kind, fault.what))


def pairs(crosswalk: Crosswalk) -> dict[tuple[str, str], int]:
    """Return how many rows lead from each framework to each other, most first."""
    found = Counter((row.source[0], row.target[0]) for row in crosswalk.rows)
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _of_row(n: int, row: Row, frameworks: Frameworks) -> Iterator[Fault]:
    for side, (framework, one) in (("source", row.source), ("target", row.target)):
        if framework not in frameworks:
            yield _unknown(n, side, framework, frameworks)
        elif one not in frameworks[framework]:
            other = _edition_with(framework, one, frameworks)
            if other:
                what = f"{side} {one} is not in {framework} but in {other}"
                yield Fault(n, "edition mismatch", what)
            else:
                yield Fault(n, "dangling", f"{side} {one} is not in {framework}")
        elif frameworks[framework].id != framework:
            what = (
                f"{side} framework {framework} names no edition; it is {frameworks[framework].id}"
            )
            yield Fault(n, "edition mismatch", what)
    if not row.provenance.strip():
        yield Fault(n, "missing source", "nobody says where the row comes from")
    if row.source == row.target:
        yield Fault(n, "duplicate", f"{row.source[1]} is related to itself")


def _unknown(n: int, side: str, framework: str, frameworks: Frameworks) -> Fault:
    """Return the fault of a framework that is not known, perhaps in another edition."""
    editions = [name for name in frameworks if _family(name) == _family(framework)]
    if editions:
        what = f"{side} framework {framework} is not known, but {' and '.join(editions)}"
        return Fault(n, "edition mismatch", what)
    return Fault(n, "dangling", f"{side} framework {framework} is not known")


def _edition_with(framework: str, one: str, frameworks: Frameworks) -> str:
    """Return another edition of the same framework that has the id."""
    here = frameworks[framework].id
    others = (o for o in frameworks if _family(o) == _family(here) and o != here)
    return next((o for o in others if one in frameworks[o]), "")


def _family(framework: str) -> str:
    """Return a framework's id without its edition: iso27001_2022 is of iso27001."""
    return _EDITION.sub("", framework)


def _repeats(crosswalk: Crosswalk, names: Sequence[str]) -> Iterator[Fault]:
    """Yield rows that stand twice, or say two things of one pair, in either direction."""
    seen: dict[tuple[Place, Place], tuple[int, Row]] = {}
    for n, row in enumerate(crosswalk.rows, 1):
        back = row.reversed()
        for read in (row, back):
            first = seen.get((read.source, read.target))
            if first is None:
                continue
            same = first[1].relationship == read.relationship
            pair = f"{row.source[1]} to {row.target[1]}"
            if same:
                yield Fault(n, "duplicate", f"{pair} stands in {names[first[0] - 1]}, too")
            else:
                said = (
                    f"{names[first[0] - 1]} says {_sentence(first[1])}, this one {_sentence(row)}"
                )
                yield Fault(n, "contradictory", f"{pair}: {said}")
            break
        else:
            seen[row.source, row.target] = (n, row)


def _sentence(row: Row) -> str:
    """Say what a row says in its own direction, which may be that against another row's."""
    return f"{row.source[1]} {_VERBS[row.relationship]} {row.target[1]}"


def _inversions(crosswalk: Crosswalk) -> Iterator[Fault]:
    """Yield rows whose SKOS predicate, told in their source, says the opposite of the relationship.

    skos:broadMatch says that the target is the broader one, so that the source is a subset of it;
    skos:narrowMatch says superset. What a source says stands in the provenance or in the note, and
    a note tells of a source that uses them the other way round.
    """
    said = {"broadMatch": "subset", "narrowMatch": "superset", "exactMatch": "equal"}
    for n, row in enumerate(crosswalk.rows, 1):
        for predicate, relationship in said.items():
            said_so = f"skos:{predicate}" in f"{row.provenance} {row.note}"
            if not said_so or "direction corrected" in row.note:
                continue
            if row.relationship != relationship:
                what = f"skos:{predicate} is {relationship}, the row says {row.relationship}"
                yield Fault(n, "inverted", what)


def _counts(crosswalk: Crosswalk, wanted: dict[tuple[str, str], int]) -> Iterator[Fault]:
    found = pairs(crosswalk)
    for pair, number in wanted.items():
        if found.get(pair, 0) != number:
            what = f"{pair[0]} to {pair[1]} has {found.get(pair, 0)} rows, {number} are expected"
            yield Fault(0, "count", what)
