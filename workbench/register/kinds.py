"""What a register keeps: values to JSON and back, equal. The values never know of it.

What people write in files goes through the same forms as the files; other values are frozen
dataclasses of plain fields, which pydantic writes and checks by their own types.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from workbench.audit.lineage import Subject
from workbench.errors import WorkbenchError, require
from workbench.files.catalogues.systems import system_dict, system_of
from workbench.files.messages import Findings
from workbench.frameworks.ai_act import Answers
from workbench.frameworks.coverage import Record
from workbench.frameworks.playbooks import SignOff
from workbench.frameworks.readiness import Standing
from workbench.frameworks.roadmap import Task
from workbench.frameworks.statement import Statement
from workbench.register.naming import APPETITE, PARTS, RUN, STUDY, SUBJECT
from workbench.threats.system import AISystem
from workbench.threats.threat import Threat
from workbench.threats.ties import Safeguard, Tie

# In JSON: a backslash that no other one before it makes a character of the text.
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_encode = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
).encode


@dataclass(frozen=True)
class Kind:
    """One kind of value that stands in the register by itself."""

    name: str
    type: type
    dump: Callable[[Any], Any]  # to plain data
    load: Callable[[Any, str], Any]  # plain data and the item's name to the value
    title: Callable[[Any], str]  # what a list shows


def body_of(tree: Any) -> str:
    """Return plain data as the JSON that is stored.

    Raises
    ------
    WorkbenchError
        for numbers that are not finite, half of a surrogate pair, and NUL, which no server keeps.

    """
    try:
        text = _encode(tree)
        text.encode()
    except (ValueError, UnicodeEncodeError) as error:
        raise WorkbenchError(f"a register keeps finite numbers and whole texts; {error}") from None
    # most texts have no such letters at all, which is found in a hundredth of the time
    whole = "\\u0000" not in text or _NUL.search(text) is None
    require(whole, "a text has no NUL character", got="one", fix="Take it out.")
    return text


def body_as_read(kind: Kind, name: str, value: object) -> str:
    """Return a value as the JSON that is stored, once that was read back and is equal.

    Raises
    ------
    WorkbenchError
        for a value that its own form refuses: it would be kept and never read again.

    """
    body = body_of(kind.dump(value))
    same = kind.load(json.loads(body), name) == value
    fix = f"Make the {kind.type.__name__} of the types that its fields say."
    require(same, "what a register keeps comes out as it went in", got=name[:80], fix=fix)
    return body


def _plain(type_: type) -> tuple[Callable[[Any], Any], Callable[[Any, str], Any]]:
    """Return how values of a dataclass are written and read."""

    @cache
    def adapter() -> Any:
        from pydantic import TypeAdapter  # a tenth of a second

        return TypeAdapter(type_)

    def load(tree: Any, name: str) -> Any:
        from pydantic import ValidationError

        try:
            return adapter().validate_json(json.dumps(tree), strict=True)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            raise WorkbenchError(
                f"{name} is a {type_.__name__}; {place}: {first['msg']}."
            ) from None

    return lambda value: adapter().dump_python(value, mode="json"), load


def _system(tree: Any, name: str) -> AISystem:
    findings = Findings(name)
    system = system_of(tree, findings)
    findings.refuse_if_any()
    return system


KINDS = {
    kind.name: kind
    for kind in (
        Kind("system", AISystem, system_dict, _system, lambda one: one.name),
        Kind("threat", Threat, *_plain(Threat), lambda one: one.title),
        Kind("assessment", Standing, *_plain(Standing), lambda one: f"{one.id}: {one.status}"),
        Kind("evidence", Record, *_plain(Record), lambda one: one.evidence),
        Kind("link", Tie, *_plain(Tie), lambda one: ", ".join(one.threats)),
        Kind("safeguard", Safeguard, *_plain(Safeguard), lambda one: one.status),
        Kind("statement", Statement, *_plain(Statement), lambda one: one.day),
        Kind("answers", Answers, *_plain(Answers), lambda one: one.system),
        Kind("treatment", Task, *_plain(Task), lambda one: one.title),
        Kind(SUBJECT, Subject, *_plain(Subject), lambda one: one.type),
        Kind("sign-off", SignOff, *_plain(SignOff), lambda one: f"{one.subject}: {one.decision}"),
    )
}
ALL = (STUDY, *PARTS, RUN, *KINDS)


def title_of(kind: str, name: str, body: str) -> str:
    """Return what a list shows of a stored version."""
    tree = json.loads(body)
    if kind in KINDS:
        return KINDS[kind].title(KINDS[kind].load(tree, name))
    if kind == APPETITE:
        return appetite_title(tree)
    if kind == RUN:
        return run_title(tree)
    return str(tree.get("name", ""))


def run_title(tree: Mapping[str, Any]) -> str:
    """Return what a list shows of a run."""
    return f"{tree['engine']}, {tree['saved'][:10]}"


def appetite_title(points: Sequence[object]) -> str:
    """Return what a list shows of a tolerance."""
    return f"{len(points)} tolerance point{'s' if len(points) != 1 else ''}"


def kind_of(value: object) -> Kind:
    """Return the kind of a value.

    Raises
    ------
    WorkbenchError
        for a value that no register keeps.

    """
    for kind in KINDS.values():
        if isinstance(value, kind.type):
            return kind
    known = ", ".join(kind.type.__name__ for kind in KINDS.values())
    raise WorkbenchError(
        f"a register keeps values of its kinds; got {type(value).__name__}. "
        f"Known are Study (by `save_study`), {known}."
    )
