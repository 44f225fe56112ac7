"""What relates the objects of ATLAS, and what the ids of one release became in another."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from workbench.files.exchange.foreign import Foreign, rows_of
from workbench.files.forms.fields import Id
from workbench.files.messages import Findings, Spot, echo
from workbench.frameworks.requirement import Framework
from workbench.threats.catalogue import Catalogue
from workbench.threats.threat import Threat

# Which kind of object each relationship leads from, and to; where formats 4 and 5 write it.
RELATIONS = {
    "achieves": ("technique", "tactic", "tactics.{}"),
    "specializes": ("technique", "technique", "subtechnique-of"),
    "mitigates": ("mitigation", "technique", "techniques.{}.id"),
    "employs": ("case study", "technique", "procedure.{}.technique"),
}
Kind = Callable[[str], str]  # of an id


class EdgeForm(Foreign):
    """One relationship."""

    source: Id
    target: Id


Edges = Annotated[list[EdgeForm], Field(max_length=5_000)]


class EdgesForm(Foreign):
    """The relationships of one object, by type; the order of tactics in a matrix is not read."""

    id: str
    achieves: Edges = Field(default_factory=list)
    specializes: Annotated[Edges, Field(max_length=1)] = Field(default_factory=list)
    mitigates: Edges = Field(default_factory=list)
    employs: Edges = Field(default_factory=list)


def related_of(
    relationships: Mapping[str, Any], kind: Kind, findings: Findings
) -> dict[str, dict[str, list[str]]]:
    """Return the targets of each object, by type; report what leads nowhere."""
    found: dict[str, dict[str, list[str]]] = {}
    rows = [
        {**row, "id": key} if isinstance(row, dict) else row for key, row in relationships.items()
    ]
    for place, form in rows_of(rows, EdgesForm, "relationships", findings):
        spot = Spot(findings, place)
        edges: dict[str, list[EdgeForm]] = {name: getattr(form, name) for name in RELATIONS}
        for name, ones in edges.items():
            for number, edge in enumerate(ones, 1):
                if edge.source != form.id:
                    what = f"is not the object under which it stands, got {echo(edge.source)}"
                    spot.error(f"{name}.{number}.source", what)
        stated = {name: [edge.target for edge in ones] for name, ones in edges.items() if ones}
        _from(spot, form.id, stated, kind)
        told(spot, stated, kind)
        found[form.id] = stated
    return found


def _from(spot: Spot, name: str, stated: Mapping[str, list[str]], kind: Kind) -> None:
    for relation in stated:
        wanted = RELATIONS[relation][0]
        if kind(name) != wanted:
            spot.error(relation, f"leads from what is no {wanted} of the file, got {echo(name)}")


def told(spot: Spot, stated: Mapping[str, list[str]], kind: Kind, *, by_type: bool = True) -> None:
    """Report each target that is not of the kind to which its relationship leads.

    Parameters
    ----------
    by_type : whether the file lists relationships by type, as format 6 does

    """
    for relation, targets in stated.items():
        _, wanted, field = RELATIONS[relation]
        for number, target in enumerate(targets, 1):
            if kind(target) != wanted:
                place = f"{relation}.{number}.target" if by_type else field.format(number)
                spot.error(place, f"is no {wanted} of the file, got {echo(target)}")


@dataclass(frozen=True, slots=True)
class Gone:
    """An id of ATLAS that a threat names and a release does not have."""

    threat: str
    field: str  # atlas, atlas_tactics, mitigations or evidence
    id: str
    replaced_by: tuple[str, ...] = ()  # ids of the release; none where nothing is known

    def words(self) -> str:
        """Say it in a few words."""
        instead = f"replaced by {', '.join(self.replaced_by)}" if self.replaced_by else "gone"
        return f"{self.threat}: {self.id} is {instead}"


def replacements(*editions: Framework) -> dict[str, tuple[str, ...]]:
    """Return what is known of ids that another release names differently, in both directions.

    Parameters
    ----------
    editions : frameworks whose requirements say by the fact `was` which id they replaced

    """
    found: dict[str, tuple[str, ...]] = {}
    for edition in editions:
        for one in edition:
            was = one.facts.get("was")
            if was:
                found[was] = (*found.get(was, ()), one.id)
                found[one.id] = (*found.get(one.id, ()), was)
    return found


def gone(
    catalogue: Catalogue, release: Framework, replaced: Mapping[str, tuple[str, ...]]
) -> tuple[Gone, ...]:
    """Return the ids of ATLAS that the threats name and a release lacks, with what replaced them.

    A threat names ids of `atlas_5_6`, the release that its catalogue was made for.
    """
    return tuple(
        Gone(threat.id, field, name, tuple(new for new in replaced.get(name, ()) if new in release))
        for threat in catalogue
        for field, name in _named(threat)
        if name not in release
    )


@dataclass(frozen=True, slots=True)
class Retitled:
    """An id of ATLAS that threats name and that a release calls otherwise."""

    id: str
    before: str
    now: str
    threats: tuple[str, ...]  # that name it


def retitled(catalogue: Catalogue, before: Framework, release: Framework) -> tuple[Retitled, ...]:
    """Return the ids that the threats name and that two releases call differently, by id."""
    naming: dict[str, dict[str, None]] = {}
    for threat in catalogue:
        for _, name in _named(threat):
            naming.setdefault(name, {})[threat.id] = None
    found = []
    for name in sorted(one for one in naming if one in before and one in release):
        old, new = before.requirement(name).title, release.requirement(name).title
        if old and new and old != new:
            found.append(Retitled(name, old, new, tuple(naming[name])))
    return tuple(found)


def _named(threat: Threat) -> Iterator[tuple[str, str]]:
    for field, ids in (
        ("atlas", threat.atlas),
        ("atlas_tactics", threat.atlas_tactics),
        ("mitigations", threat.mitigations.get("atlas_5_6", ())),
    ):
        yield from ((field, name) for name in ids)
    if threat.proof.type == "atlas_case_study":
        yield "evidence", threat.proof.reference
