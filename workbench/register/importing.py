"""A file into a register: what it is by its content, read by the gate, kept in one act."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from dataclasses import fields as dataclass_fields
from pathlib import Path
from typing import Any

from workbench.audit.entries import Entry
from workbench.errors import WorkbenchError, require
from workbench.files.catalogues.ai_act import parse_answers
from workbench.files.catalogues.checking import parsed
from workbench.files.catalogues.decisions import parse_sign_offs, parse_treatments
from workbench.files.catalogues.evidence import COLUMNS as OF_EVIDENCE
from workbench.files.catalogues.evidence import parse_records
from workbench.files.catalogues.readiness import COLUMNS as OF_READINESS
from workbench.files.catalogues.readiness import parse_readiness
from workbench.files.catalogues.statements import parse_statement
from workbench.files.catalogues.threats import parse_threats
from workbench.files.catalogues.ties import parse_ties
from workbench.files.collecting import no_collector
from workbench.files.exchange.systems import FORMATS, parse_any_system
from workbench.files.messages import Findings, printable
from workbench.files.opening import KINDS as FILES
from workbench.files.opening import read_bytes
from workbench.files.reading import parse_study
from workbench.files.tree import FOREIGN
from workbench.frameworks.ai_act import Answers
from workbench.models.study import Study
from workbench.register.acts import versions_at
from workbench.register.committing import heads
from workbench.register.kinds import KINDS, body_of, kind_of
from workbench.register.log import next_seq
from workbench.register.naming import IN_A_STUDY, STUDY
from workbench.register.records import GONE, Change, Head, digest
from workbench.register.register import Register
from workbench.register.studies import parts_of

SYSTEM, READINESS, EVIDENCE, THREATS = "system", "readiness", "evidence", "threats"
TIES, STATEMENT, ANSWERS = "ties", "statement", "answers"
TREATMENTS, SIGN_OFFS = "treatments", "sign-offs"
SAID = frozenset(one.name for one in dataclass_fields(Answers))  # of a system, in answers
_ALONE = {"systems": TIES, "treatments": TREATMENTS, "sign_offs": SIGN_OFFS}  # the only field
BEGINNING = 2**16  # bytes in which the header of a table is sought
_KEY = re.compile(r"^[\"']?([A-Za-z_]\w*)[\"']?\s*:", re.MULTILINE)  # of YAML, at the margin


@dataclass(frozen=True)
class Opened:
    """A file that passed the gate: a study, or values under their ids."""

    content: str
    value: Study | Mapping[str, object]
    source: Mapping[str, Any]  # what the entry keeps of the file
    warnings: tuple[str, ...] = ()


def open_file(path: str | Path, content: str | None = None) -> Opened:
    """Read a file that a register keeps; `content` is one of `CONTENTS`, else found by itself.

    Raises
    ------
    WorkbenchError
        for whatever the gate refuses: a line for each fault.

    """
    known = content is None or content in CONTENTS
    require(known, "a file has a content", got=content, fix=f"One of {', '.join(CONTENTS)}.")
    data = read_bytes(path, Findings(str(path)))
    name = str(path)
    found = content or content_of(name, data)
    value, warnings = (
        _WARNING[found](name, data) if found in _WARNING else (_PLAIN[found](name, data), ())
    )
    digest_ = hashlib.sha256(data).hexdigest()
    source = {"file": printable(Path(path).name), "sha256": digest_, "content": found}
    return Opened(found, value, source, warnings)


def content_of(name: str, data: bytes) -> str:
    """Return what a file is by its header or its fields; a study where nothing says otherwise.

    Raises
    ------
    FileRefused
        for a JSON file that is not well formed.

    """
    suffix = Path(name).suffix.lower()
    kind = "otm" if suffix == ".otm" else FILES.get(suffix, "")
    if kind in ("csv", "xlsx"):
        columns = _header(kind, name, data)
        by_need = {READINESS: OF_READINESS, EVIDENCE: OF_EVIDENCE}
        fits = [one for one, of in by_need.items() if set(of.needed) <= columns]
        return fits[0] if fits else STUDY
    if kind == "otm":
        return SYSTEM
    fields = _fields(kind, name, data)
    if fields > {SYSTEM} and fields <= SAID:
        return ANSWERS
    if fields & {SYSTEM, *FORMATS}:
        return SYSTEM
    by_field = [what for one, what in _ALONE.items() if fields == {one}]
    if by_field:
        return by_field[0]
    if {"day", "organisation"} <= fields:
        return STATEMENT
    if THREATS in fields and "scenarios" not in fields:
        return THREATS
    return READINESS if fields & {"standings", ""} else STUDY


def _header(kind: str, name: str, data: bytes) -> set[str]:
    """Return the names in the first row of a table that holds something."""
    if kind == "csv":
        lines = data[:BEGINNING].decode("utf-8", "ignore").lstrip("\ufeff").splitlines()
        first = next((line for line in lines if line.strip()), "")
        return {cell.strip().strip('"').strip().lower() for cell in first.split(",")}
    from workbench.files.xlsx_named import xlsx_rows  # its parsers, for XLSX only

    if not data.startswith(b"PK"):
        return set()
    for _, cells in xlsx_rows(data, Findings(name)):
        return {str(cell).strip().lower() for cell in cells.values()}
    return set()


def _fields(kind: str, name: str, data: bytes) -> set[str]:
    """Return the fields of a mapping, '' of a list, none of anything else."""
    if kind == "yaml":
        text = data.decode("utf-8", "ignore")
        found = set(_KEY.findall(text))
        if found or text.lstrip("\ufeff \n").startswith("- "):
            return found or {""}
    elif kind != "json":
        return set()
    tree = parsed(name, data, Findings(name), FOREIGN)
    return set(tree) if isinstance(tree, dict) else {""} if isinstance(tree, list) else set()


def _study(name: str, data: bytes) -> tuple[Study, tuple[str, ...]]:
    loaded = parse_study(name, data)
    return loaded.study, loaded.warnings


def _system(name: str, data: bytes) -> tuple[dict[str, object], tuple[str, ...]]:
    loaded = parse_any_system(name, data)
    return {loaded.system.id: loaded.system}, loaded.warnings


def _readiness(name: str, data: bytes) -> tuple[dict[str, object], tuple[str, ...]]:
    loaded = parse_readiness(name, data)
    rows = loaded.readiness.standings
    return {f"{one.framework}/{one.id}": one for one in rows}, loaded.warnings


def _evidence(name: str, data: bytes) -> Mapping[str, object]:
    """A record has no id of its own: its words tell it from others of its requirement and day."""
    dump = KINDS[EVIDENCE].dump
    return {
        f"{one.framework}/{one.id}/{one.day}/{digest(body_of(dump(one)))[:8]}": one
        for one in parse_records(name, data)
    }


def _threats(name: str, data: bytes) -> Mapping[str, object]:
    return {one.id: one for one in parse_threats(name, data).threats}


def _ties(name: str, data: bytes) -> Mapping[str, object]:
    return {
        f"{system}{IN_A_STUDY}{one}": value
        for system, ties in parse_ties(name, data).items()
        for one, value in (
            *((tie.scenario, tie) for tie in ties.scenarios),
            *((control.control, control) for control in ties.controls),
        )
    }


def _statement(name: str, data: bytes) -> Mapping[str, object]:
    return {STATEMENT: parse_statement(name, data)}


def _answers(name: str, data: bytes) -> Mapping[str, object]:
    found = parse_answers(name, data)
    return {found.system: found}


# What may have warnings, and what has none.
_WARNING: Mapping[
    str, Callable[[str, bytes], tuple[Study | Mapping[str, object], tuple[str, ...]]]
] = {STUDY: _study, SYSTEM: _system, READINESS: _readiness}
_PLAIN: Mapping[str, Callable[[str, bytes], Mapping[str, object]]] = {
    EVIDENCE: _evidence,
    THREATS: _threats,
    TIES: _ties,
    STATEMENT: _statement,
    ANSWERS: _answers,
    TREATMENTS: parse_treatments,
    SIGN_OFFS: parse_sign_offs,
}
CONTENTS = (*_WARNING, *_PLAIN)


@no_collector()
def import_file(
    register: Register,
    opened: Opened,
    name: str = "",
    *,
    reason: str = "",
    base: int | None = None,
    replaces: bool = False,
) -> Entry | None:
    """Keep what a file holds, in one act; None where all of it is kept already.

    Parameters
    ----------
    name : the id of a study or a system; what comes before the ids of other rows
    base : the entry after which the file was exported: what others changed since is a conflict
    replaces : whether what is there is replaced, whatever it is

    Raises
    ------
    WorkbenchError
        where something is there that differs, and neither `base` nor `replaces` is told; for a
        new system under the id of a study.
    Conflict
        where others have changed since `base` what the file changes, too.

    """
    size = register.ask(next_seq)
    rule = "an import begins from an entry, or replaces what is there"
    require(base is None or not replaces, rule, got="both", fix="Name one of them.")
    known = base is None or 0 <= base < size
    require(
        known,
        f"an entry is one of 0 to {size - 1}",
        got=base,
        fix="`workbench audit log` shows them.",
    )
    if isinstance(opened.value, Study):
        study_id = name or Path(str(opened.source["file"])).stem
        study, source = opened.value, opened.source
        if base is None and not replaces:
            parts = _compared(register, study_id, study, size)
            return register.do("import", parts, reason=reason, details=source)
        began = None if base is None else register.load_study(study_id, at=base)
        return register.save_study(study_id, study, reason=reason, base=began, source=source)
    if opened.content == SYSTEM and name:
        _check_system_id(register, name, next(iter(opened.value)))
    changes = [_change(opened.content, name, one, value) for one, value in opened.value.items()]
    items = [(one.kind, one.id) for one in changes]
    if base is not None:
        was = register.ask(versions_at, items, base)
    elif not replaces:
        there = register.ask(heads, items)
        for one in changes:
            _check_same(there.get((one.kind, one.id)), one, size)
        was = dict.fromkeys(items, 0) | {key: head.version for key, head in there.items()}
    if not replaces:
        changes = [replace(one, base=was[one.kind, one.id]) for one in changes]
    return register.do("import", changes, reason=reason, details=opened.source)


def _compared(register: Register, name: str, study: Study, size: int) -> list[Change]:
    """Return the parts of a study where none or the same one is; another one is refused.

    Each begins from the version that was seen, so that a save in between is a conflict.
    """
    parts = parts_of(name, study)
    seen = register.ask(heads, [(one.kind, one.id) for one in parts])
    there = seen.get((STUDY, name))
    if there is not None and there.state != GONE and register.load_study(name).study != study:
        _refuse(f"{STUDY} {name}", size)
    versions = {key: head.version for key, head in seen.items()}
    return [
        Change(one.kind, one.id, one.body, one.name, versions.get((one.kind, one.id), 0))
        for one in parts  # a third of the time of `replace`
    ]


def _check_system_id(register: Register, name: str, own: str) -> None:
    """Refuse the id of a study for a new system: no page of the study would show it."""
    found = register.ask(heads, [(STUDY, name), (SYSTEM, name)])
    there = {kind for (kind, _), head in found.items() if head.state != GONE}
    require(
        there != {STUDY},
        "a system of a study stands under the id of the study and its own",
        got=f"--id {name}, which is a study",
        fix=f"Tell --id {name}{IN_A_STUDY}{own}, or leave it out for a system of no study.",
    )


def _check_same(head: Head | None, change: Change, size: int) -> None:
    same = head is None or head.state == GONE or head.sha256 == digest(change.body)
    if not same:
        _refuse(f"{change.kind} {change.id}", size)


def _change(content: str, prefix: str, name: str, value: object) -> Change:
    kind = kind_of(value)
    if prefix:
        name = prefix if content == SYSTEM else f"{prefix}/{name}"
    return Change(kind.name, name, body_of(kind.dump(value)), kind.title(value))


def _refuse(what: str, size: int) -> None:
    raise WorkbenchError(
        f"what is in the register is not replaced unseen; got another {what}. Tell the entry after "
        "which it was exported with --base, so that nobody's change is lost (the last entry is "
        f"{size - 1}), or replace whatever is there with --replace."
    )
