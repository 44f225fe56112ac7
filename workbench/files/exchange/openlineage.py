"""OpenLineage run events as lineage: what a job read, what it wrote, in which run.

A file is one event, a list of them, or one on each line. A dataset is named NAMESPACE/NAME, as the
format identifies it, with the version that its facet tells. The format has no facet for a hash; one
that holds `sha256` is taken at its word. Source: openlineage.io, specification 2-0-2.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from workbench.audit.lineage import DATASET, MODEL, Lineage, Subject, joined
from workbench.errors import WorkbenchError
from workbench.files.catalogues.checking import formed
from workbench.files.exchange.foreign import Foreign, bytes_of, foreign_tree
from workbench.files.forms.fields import Name
from workbench.files.messages import Findings
from workbench.files.opening import decode
from workbench.files.wording import plain

LINES = (".jsonl", ".ndjson")
MOST_EVENTS = 20_000
DONE = "COMPLETE"  # a run that failed has written nothing that can be relied on
MODELS = ("model", "ml-model", "machine-learning-model")  # words of a facet of the type
Sets = Annotated[list[Any], Field(max_length=2_000)]


class RunForm(Foreign):
    """The run."""

    id: Annotated[Name, Field(alias="runId")]


class DatasetForm(Foreign):
    """What a run read or wrote."""

    namespace: Name
    name: Name
    facets: dict[str, Any] = Field(default_factory=dict)


class EventForm(Foreign):
    """One event."""

    type: Annotated[Name | None, Field(alias="eventType")] = None
    run: RunForm
    inputs: Sets = Field(default_factory=list)
    outputs: Sets = Field(default_factory=list)


def read_openlineage(path: str | Path) -> Lineage:
    """Read the events of a file.

    Raises
    ------
    FileRefused
        with a line for each fault.

    """
    return parse_openlineage(str(path), bytes_of(path))


def parse_openlineage(name: str, data: bytes) -> Lineage:
    """Read events from bytes; raises as `read_openlineage` does."""
    findings = Findings(name)
    events = list(_events(name, data, findings))
    if len(events) > MOST_EVENTS:
        findings.error("", "", f"has {len(events)} events, allowed {MOST_EVENTS}")
        findings.refuse_if_any()
    subjects = [one for place, tree in events for one in _subjects(place, tree, findings)]
    findings.refuse_if_any()
    try:
        return joined(subjects)
    except WorkbenchError as error:
        raise findings.refuse("", "", plain(error)) from None


def _events(name: str, data: bytes, findings: Findings) -> Iterator[tuple[str, Any]]:
    if not name.lower().endswith(LINES):
        tree = foreign_tree(name, data, findings)
        rows = tree if isinstance(tree, list) else [tree]
        yield from ((f"event {number}", row) for number, row in enumerate(rows, 1))
        return
    text = decode(data, findings)
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            # each line by itself goes through the reader of JSON, with all its limits
            yield f"row {number}", foreign_tree(f"{name}.json", line.encode(), findings)


def _subjects(place: str, tree: Any, findings: Findings) -> Iterator[Subject]:
    event = formed(tree, EventForm, place, findings)
    if event is None:
        return
    sets = {}
    for section in ("inputs", "outputs"):
        rows = getattr(event, section)
        forms = [
            formed(row, DatasetForm, f"{place} {section} {number}", findings)
            for number, row in enumerate(rows, 1)
        ]
        sets[section] = [form for form in forms if form is not None]
    read = [_subject(form, place, findings) for form in sets["inputs"]]
    known = [one for one in read if one is not None]
    yield from (_used(one, event.run.id) for one in known)
    if event.type in {None, DONE}:
        made = [_subject(form, place, findings) for form in sets["outputs"]]
        yield from (_made_of(one, known) for one in made if one is not None)


def _subject(form: DatasetForm, place: str, findings: Findings) -> Subject | None:
    name = f"{form.namespace}/{form.name}"
    try:
        return Subject(
            name,
            MODEL if _type(form.facets) in MODELS else DATASET,
            _version(form.facets),
            _sha256(form.facets),
            source="OpenLineage",
        )
    except WorkbenchError as error:
        findings.error(place, name, plain(error))
        return None


def _used(one: Subject, run: str) -> Subject:
    return Subject(one.name, one.type, one.version, one.sha256, (), (run,), one.source)


def _made_of(one: Subject, read: list[Subject]) -> Subject:
    """What was read and written under one name and version was changed in place: no parent."""
    parents = tuple(dict.fromkeys(other.key for other in read if other.key != one.key))
    return Subject(one.name, one.type, one.version, one.sha256, parents, (), one.source)


def _facet(facets: dict[str, Any], name: str, field: str) -> str:
    found = facets.get(name)
    value = found.get(field) if isinstance(found, dict) else None
    return value if isinstance(value, str) else ""


def _version(facets: dict[str, Any]) -> str:
    return _facet(facets, "version", "datasetVersion").replace("@", "_")


def _type(facets: dict[str, Any]) -> str:
    return _facet(facets, "datasetType", "datasetType").lower()


def _sha256(facets: dict[str, Any]) -> str:
    for name in facets:
        told = _facet(facets, name, "sha256").lower()
        if told:
            return told
    return ""
