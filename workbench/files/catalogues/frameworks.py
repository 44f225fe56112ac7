"""Frameworks, one JSON or YAML file each, and the registry of those that ship."""

from functools import cache, partial
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from workbench.errors import nearest
from workbench.files.catalogues.checking import attempted, headed, made_rows, unknown
from workbench.files.forms.fields import Id, Name, Note, Strict
from workbench.files.messages import Findings, echo
from workbench.frameworks.requirement import Framework, Frameworks, Requirement
from workbench.resources import bundled

MOST_REQUIREMENTS = 5_000


class RequirementForm(Strict):
    """One numbered item."""

    id: Id
    title: Name | None
    kind: Id
    parent: Id | None
    facts: dict[str, Note]


class FrameworkForm(Strict):
    """The file."""

    id: Id
    alias: Id
    name: Note
    edition: Name
    licence: Name
    reviewed: Name
    notes: list[Note]
    documents: dict[str, Id]
    requirements: Annotated[list[Any], Field(min_length=1, max_length=MOST_REQUIREMENTS)]


def shipped_frameworks() -> Frameworks:
    """Return the frameworks that ship with the workbench, read once."""
    return _read_once(bundled("datasets") / "frameworks")


def known_frameworks(frameworks: Frameworks | None) -> Frameworks:
    """Return the frameworks that a reader was given, or else the shipped ones."""
    return shipped_frameworks() if frameworks is None else frameworks


def is_known(framework: str, id: str, known: Frameworks, place: str, findings: Findings) -> bool:
    """Whether a framework is known and has an id; else it is reported, with what is near."""
    if framework not in known:
        findings.error(place, "framework", partial(unknown, framework, known.names()))
        return False
    if id not in known[framework]:
        findings.error(place, "id", partial(_not_in, known[framework], id))
        return False
    return True


def _not_in(framework: Framework, id: str) -> str:
    near = " or ".join(nearest(id, [one.id for one in framework], 2))
    what = f"is not in {framework.id}, got {echo(id)}"
    return f"{what}; did you mean {near}?" if near else what


@cache
def _read_once(folder: Path) -> Frameworks:
    return Frameworks(read_framework(path) for path in sorted(folder.glob("*.json")))


def read_framework(path: str | Path) -> Framework:
    """Read one framework.

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    findings = Findings(str(path))
    form = headed(path, FrameworkForm, findings)

    def requirement(row: RequirementForm) -> Requirement:
        return Requirement(
            form.id, row.id, row.title or "", row.kind, row.parent or "", dict(row.facts)
        )

    rows = made_rows(form.requirements, RequirementForm, requirement, findings)
    findings.refuse_if_any()
    framework = attempted(lambda: _framework(form, rows), "", findings)
    findings.refuse_if_any()
    assert framework is not None
    return framework


def _framework(form: FrameworkForm, rows: list[Requirement]) -> Framework:
    return Framework(
        form.id,
        form.alias,
        form.name,
        form.edition,
        form.licence,
        tuple(rows),
        tuple(form.notes),
        dict(form.documents),
        form.reviewed,
    )
