"""A readiness as OSCAL assessment results (NIST OSCAL 1.2, JSON), in and out.

OSCAL knows two words for a requirement: satisfied, and not satisfied, which includes 'in part'.
Only what is met is satisfied; what does not apply is not, with the reason beside it. The status
itself and all else that a standing holds stand in properties of ours.

Findings of others are read for one framework. Of several results the latest that names a
requirement counts; of several findings there all must be satisfied for 'met', and some for
'in part'.
"""

import datetime as dt
import re
from collections.abc import Iterator
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from workbench.errors import require
from workbench.files.catalogues.checking import attempted, formed
from workbench.files.catalogues.frameworks import known_frameworks
from workbench.files.catalogues.readiness import StandingForm
from workbench.files.exchange.foreign import Foreign, bytes_of, opened, rows_of, whole
from workbench.files.exchange.naming import Imported, Names
from workbench.files.exchange.oscal import (
    MetadataForm,
    PropertyForm,
    Text,
    line,
    metadata,
    name_of,
    ours,
    properties,
)
from workbench.files.forms.fields import LONGEST_NOTE
from workbench.files.json_printing import json_text
from workbench.files.messages import Findings, echo
from workbench.frameworks.readiness import Readiness, Standing, Status
from workbench.frameworks.requirement import Frameworks

_STATES: dict[Status, dict[str, Any]] = {
    "met": {"state": "satisfied", "reason": "pass"},
    "in part": {"state": "not-satisfied", "reason": "fail"},
    "open": {"state": "not-satisfied", "reason": "fail"},
    "not applicable": {"state": "not-satisfied", "reason": "other"},
}
_IMPLEMENTED = {"met": "implemented", "in part": "partial", "not applicable": "not-applicable"}
_FACTS = ("status", "maturity", "target", "owner", "due", "evidence", "justification")
_PART = re.compile(r"[_.-](obj|smt|stmt)\b.*|[_.-](obj|smt|stmt)[_.-].*", re.IGNORECASE)
_ENCODED = re.compile(r"[^A-Za-z0-9.-]")


def assessment_results(readiness: Readiness, *, title: str, stamp: str, version: str = "1") -> str:
    """Write a readiness as assessment results; it reads back equal.

    Parameters
    ----------
    title : what the assessment is called
    stamp : when it was made, RFC 3339 with the zone
    version : of the file

    Raises
    ------
    WorkbenchError
        for a readiness that says nothing, and a stamp that is none.

    """
    require(
        len(readiness.standings) > 0,
        "assessment results have a finding",
        got="a readiness without a standing",
        fix="State one.",
    )
    plan = name_of("assessment plan", "none")
    body = {
        "metadata": metadata(title, version, stamp),
        "import-ap": {"href": f"#{plan}", "remarks": "A self-assessment without a plan in OSCAL."},
        "results": list(_results(readiness, stamp)),
        "back-matter": {"resources": [{"uuid": plan, "title": "No assessment plan in OSCAL"}]},
    }
    name = name_of("assessment-results", json_text(body))
    return json_text({"assessment-results": {"uuid": name} | body})


def _results(readiness: Readiness, stamp: str) -> Iterator[dict[str, Any]]:
    """Yield a result for each run of standings of one framework, in their order."""
    runs = groupby(readiness.standings, key=lambda one: one.framework)
    for number, (name, run) in enumerate(runs, 1):
        framework = readiness.frameworks[name]
        standings = list(run)
        yield {
            "uuid": name_of("result", framework.id, number, stamp),
            "title": line(framework.name),
            "description": f"How far the requirements of {framework.id} are met, as stated.",
            "start": stamp,
            "props": properties({"framework": framework.id, "edition": framework.edition}),
            "reviewed-controls": {
                "control-selections": [
                    {"include-controls": [{"control-id": token(one.id)} for one in standings]}
                ]
            },
            "findings": [_finding(one, readiness.frameworks) for one in standings],
        }


def _finding(one: Standing, frameworks: Frameworks) -> dict[str, Any]:
    requirement = frameworks.requirement(one.framework, one.id)
    target: dict[str, Any] = {
        "type": "objective-id",
        "target-id": token(one.id),
        "status": _STATES[one.status],
    }
    if one.status in _IMPLEMENTED:
        reason = {"remarks": one.justification} if one.status == "not applicable" else {}
        target["implementation-status"] = {"state": _IMPLEMENTED[one.status]} | reason
    facts = {name: getattr(one, name) for name in _FACTS}
    return {
        "uuid": name_of("finding", one.framework, one.id),
        "title": line(requirement.words()),
        "description": f"{one.status}{f': {one.evidence}' if one.evidence else ''}",
        "props": properties({"id": one.id} | facts),
        "target": target,
    }


def token(id: str) -> str:
    """Return an id as a token of OSCAL, in which each other character stands as its number."""
    text = _ENCODED.sub(lambda found: f"_{ord(found[0]):X}_", id)
    return text if text[:1].isalpha() or text[:1] == "_" else f"__{text}"


class StatusForm(Foreign):
    """Whether it is satisfied."""

    state: Literal["satisfied", "not-satisfied"]


class ImplementationForm(Foreign):
    """How far it is built."""

    state: Text
    remarks: Text = ""


class TargetForm(Foreign):
    """What is found about what."""

    type: Literal["objective-id", "statement-id"]
    target_id: Annotated[Text, Field(min_length=1, alias="target-id")]
    status: StatusForm
    built: ImplementationForm | None = Field(default=None, alias="implementation-status")


class FindingForm(Foreign):
    """One finding."""

    title: Text
    description: Text
    target: TargetForm
    props: list[PropertyForm] = Field(default_factory=list)


class ResultForm(Foreign):
    """The findings of one time."""

    start: Text
    findings: list[Any] = Field(default_factory=list)
    props: list[PropertyForm] = Field(default_factory=list)


class ResultsForm(Foreign):
    """What stands under `assessment-results`."""

    metadata: MetadataForm
    results: Annotated[list[Any], Field(min_length=1)]


class FileForm(Foreign):
    """The file."""

    body: dict[str, Any] = Field(alias="assessment-results")


def read_assessment_results(
    path: str | Path, framework: str = "", frameworks: Frameworks | None = None
) -> Imported[Readiness]:
    """Read assessment results.

    Parameters
    ----------
    framework : of what the findings of others are; files of ours say it themselves
    frameworks : those that there are; the shipped ones unless told

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    return parse_assessment_results(str(path), bytes_of(path), framework, frameworks)


def parse_assessment_results(
    name: str, data: bytes, framework: str = "", frameworks: Frameworks | None = None
) -> Imported[Readiness]:
    """Read assessment results from bytes that came by another way."""
    known = known_frameworks(frameworks)
    file, findings = opened(name, data, FileForm)
    form = whole(file.body, ResultsForm, findings, "assessment-results")
    reader = _Reader(known[framework].id if framework else "", known, findings)
    for place, result in rows_of(form.results, ResultForm, "results", findings, "uuid"):
        reader.read(place.partition(" (")[0], result)
    findings.refuse_if_any()
    standings = reader.standings()
    findings.refuse_if_any()
    return Imported(Readiness(known, tuple(standings)), findings.warnings())


class _Found:
    """The findings of one requirement at one time."""

    def __init__(self, start: dt.datetime, place: str) -> None:
        self.start = start
        self.place = place
        self.forms: list[FindingForm] = []
        self.own: dict[str, str] | None = None  # what we wrote ourselves


class _Reader:
    """Gathers the findings of each requirement."""

    def __init__(self, framework: str, known: Frameworks, findings: Findings) -> None:
        self._framework = framework
        self._known = known
        self._names = Names(known)
        self._findings = findings
        self._found: dict[tuple[str, str], _Found] = {}  # by framework and id
        self._tokens: dict[str, dict[str, str]] = {}

    def read(self, place: str, result: ResultForm) -> None:
        """Read the findings of one result."""
        start = _time(result.start)
        if start is None:
            what = f"is no time with its zone, got {echo(result.start)}"
            self._findings.error(place, "start", what)
            return
        framework = ours(result.props).get("framework", self._framework)
        if framework not in self._known:
            what = f"is not known, got {echo(framework)}" if framework else "is not said"
            fix = "say of which framework the findings are"
            self._findings.error(place, "framework", f"{what}; {fix}")
            return
        framework = self._known[framework].id
        many = rows_of(result.findings, FindingForm, f"{place} findings", self._findings, "uuid")
        for where, form in many:
            self._add(where.partition(" (")[0], form, framework, start)

    def _add(self, place: str, form: FindingForm, framework: str, start: dt.datetime) -> None:
        facts = ours(form.props)
        one = self._id(framework, facts.get("id", ""), form.target.target_id)
        if one is None:
            what = f"is not in {framework}, got {echo(facts.get('id', form.target.target_id))}"
            self._findings.error(place, "target-id", what)
            return
        before = self._found.get((framework, one))
        if before is None or before.start < start:
            before = self._found[framework, one] = _Found(start, place)
        elif before.start > start:
            return
        elif "status" in facts or before.own is not None:
            what = f"stands in {before.place}, too, got {echo(one)}; keep one"
            self._findings.error(place, "target-id", what)
            return
        before.forms.append(form)
        before.own = facts if "status" in facts else None

    def _id(self, framework: str, own: str, target: str) -> str | None:
        """Return the id that a finding is about: of the requirement, or of a part of it."""
        for written in (own, target, _PART.sub("", target)):
            one = self._names.requirement(framework, written) if written else ""
            if one in self._known[framework]:
                return one
        if framework not in self._tokens:
            self._tokens[framework] = {token(one.id): one.id for one in self._known[framework]}
        return self._tokens[framework].get(target)

    def standings(self) -> list[Standing]:
        """Return what is found of each requirement, in the order of the file."""
        made = []
        for (framework, one), found in self._found.items():
            judged = _judged(found.forms) if found.own is None else _own(found.own)
            fields = {"framework": framework, "id": one} | judged
            form = formed(fields, StandingForm, found.place, self._findings)
            if form is None:
                continue
            make = partial(Standing, **form.model_dump())
            standing = attempted(make, found.place, self._findings)
            if standing is not None:
                made.append(standing)
        return made


def _own(facts: dict[str, str]) -> dict[str, Any]:
    """Return what we wrote of a standing, its levels as numbers."""
    found: dict[str, Any] = {name: facts[name] for name in _FACTS if name in facts}
    for name in ("maturity", "target"):
        if re.fullmatch(r"[0-9]", found.get(name, "")):
            found[name] = int(found[name])
    return found


def _judged(forms: list[FindingForm]) -> dict[str, Any]:
    """Return the status that findings of others amount to, with what they say as evidence."""
    said = "; ".join(line(f"{form.title}: {form.description}") for form in forms)[:LONGEST_NOTE]
    built = [form.target.built.state if form.target.built else "" for form in forms]
    if set(built) == {"not-applicable"}:
        why = "; ".join(line(f.target.built.remarks) for f in forms if f.target.built).strip("; ")
        return {"status": "not applicable", "justification": (why or said)[:LONGEST_NOTE]}
    good = [form.target.status.state == "satisfied" for form in forms]
    if all(good):
        return {"status": "met", "evidence": said}
    is_begun = any(good) or "partial" in built
    return {"status": "in part" if is_begun else "open", "evidence": said}


def _time(text: str) -> dt.datetime | None:
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
