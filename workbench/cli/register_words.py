"""What the commands about a register say: plain data for programs, lines for people."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from workbench.audit.entries import Entry
from workbench.register.acts import Deed
from workbench.register.naming import STUDY
from workbench.register.records import Difference, Head, Version
from workbench.register.verifying import Verdict

LONGEST = 60  # characters of a cell of a table
MOST_FAULTS = 50  # lines


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return rows under a header, each column as wide as it needs."""
    cells = [list(header), *([_cell(one) for one in row] for row in rows)]
    widths = [max(len(row[n]) for row in cells) for n in range(len(header))]
    lines = ("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in cells)
    return "\n".join(line.rstrip() for line in lines)


def _cell(value: object) -> str:
    from workbench.files.messages import printable

    text = printable(str(value))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


Open = Mapping[str, int]  # study -> how many parts of it are not approved, though it is


def list_record(heads: Sequence[Head], count: int, offset: int, parts: Open) -> dict[str, Any]:
    """Return one page of a list."""
    items = [
        asdict(one) | ({"parts_not_approved": _parts(one, parts)} if _parts(one, parts) else {})
        for one in heads
    ]
    return {"count": count, "offset": offset, "items": items}


def _parts(head: Head, parts: Open) -> int:
    return parts.get(head.id, 0) if head.kind == STUDY else 0


def _state(head: Head, parts: Open) -> str:
    count = _parts(head, parts)
    return f"{head.state}, {count} part{'' if count == 1 else 's'} not" if count else head.state


def list_text(heads: Sequence[Head], count: int, offset: int, parts: Open) -> str:
    """Return one page of a list, and how much more there is."""
    if not heads:
        return "Nothing is kept here that was asked for." if not count else "No more."
    rows = [(one.kind, one.id, one.version, _state(one, parts), one.name) for one in heads]
    shown = table(("kind", "id", "version", "state", "name"), rows)
    last = offset + len(heads)
    more = f"; the rest with --offset {last}" if last < count else ""
    return f"{shown}\n{offset + 1} to {last} of {count}{more}"


def version_record(found: Version, state: str) -> dict[str, Any]:
    """Return a version with its body as plain data, and the state that it has now."""
    body = None if found.body is None else json.loads(found.body)
    return asdict(found) | {"state": state, "body": body}


def version_text(found: Version, state: str) -> str:
    """Return a version as lines: what it is, who made it, and its fields."""
    head = [
        f"{found.kind} {found.id}, version {found.version}: {state}",
        f"{found.act} by {found.by} at {found.time}, entry {found.seq}"
        + (f": {found.reason}" if found.reason else ""),
    ]
    body = "" if found.body is None else json.dumps(json.loads(found.body), indent=2)
    if found.body is not None:
        body = json.dumps(json.loads(found.body), indent=2, ensure_ascii=False)
    return "\n".join([*head, body])


def deeds_record(found: Sequence[Deed], names: dict[str, str]) -> dict[str, Any]:
    """Return acts on an item, the latest first."""
    acts = [
        entry_record(deed.entry, names)
        | {"touched": deed.count, "first": [asdict(row) for row in deed.rows]}
        for deed in found
    ]
    return {"acts": acts}


def deeds_text(found: Sequence[Deed], names: dict[str, str]) -> str:
    """Return acts on an item as a table, the latest first."""
    rows = [
        (e.seq, e.time[:19], e.act, names.get(e.by, e.by), _touched(deed), e.reason)
        for deed in found
        for e in (deed.entry,)
    ]
    return table(("entry", "time (UTC)", "act", "by", "what", "reason"), rows)


def _touched(deed: Deed) -> str:
    if deed.count > 1:
        return f"{deed.count} versions"
    (row,) = deed.rows
    return f"{row.kind} {row.id} version {row.version}: {row.state}"


def diff_record(found: Sequence[Difference]) -> dict[str, Any]:
    """Return differences as plain data."""
    return {"differences": [asdict(one) for one in found]}


def diff_text(found: Sequence[Difference]) -> str:
    """Return differences, a line for each."""
    return "\n".join(map(str, found)) or "Nothing differs."


def entry_record(entry: Entry, names: dict[str, str]) -> dict[str, Any]:
    """Return an entry as it is kept, with the name of its account and its leaf."""
    return entry.to_dict() | {"name": names.get(entry.by, entry.by), "leaf": entry.leaf().hex()}


def entries_text(found: Sequence[Entry], names: dict[str, str]) -> str:
    """Return entries as a table, in their order."""
    rows = [(e.seq, e.time[:19], e.act, names.get(e.by, e.by), e.rows, e.reason) for e in found]
    return table(("entry", "time (UTC)", "act", "by", "versions", "reason"), rows)


def entry_text(entry: Entry | None, what: str) -> str:
    """Say what an act did, or that there was nothing to do."""
    if entry is None:
        return f"{what}: nothing differs from what is kept; no entry was made"
    touched = f", {entry.rows} version{'' if entry.rows == 1 else 's'}" if entry.rows else ""
    return f"{what}: entry {entry.seq}{touched}"


def verdict_record(found: Verdict, outside: int) -> dict[str, Any]:
    """Return what was found, whether it is good, and how many checkpoints came from outside."""
    return asdict(found) | {"is_good": found.is_good, "outside": outside}


ALONE = (
    "No checkpoint from outside was compared. Checkpoints in the register itself show accidents; "
    "whoever owns the database can rewrite the log and its checkpoints together. The log is "
    "tamper-evident up to the last checkpoint that is kept elsewhere: give it with --checkpoint."
)


IF_BELIEVED = "checkpoints in the register, which its owner could have rewritten, narrow it"


def verdict_text(found: Verdict, outside: int) -> str:
    """Return what was found as lines, and what it means."""
    lines = [f"{found.entries} entries, root {found.root}"]
    lines.append(f"{found.checkpoints} checkpoints compared, {outside} of them from outside")
    if found.is_good:
        lines.append("good: every version is what its entry recorded, and the log fits them all")
    lines += _faults(found.faults)
    if found.first_bad is not None:
        lines.append(f"first bad entry: {found.first_bad}")
    if not found.is_good or found.last_good is not None:
        good = "none" if found.last_good is None else f"that of {found.last_good} entries"
        lines.append(f"last good checkpoint: {good}")
    if found.between is not None:
        by = "checkpoints from outside prove" if outside else "checkpoints in the register say"
        lines.append(f"{by}: {_changed(*found.between)}")
    if found.between_inside is not None:
        lines.append(f"{IF_BELIEVED}: {_changed(*found.between_inside)}")
    return "\n".join(lines if outside else [*lines, ALONE])


def _changed(first: int, last: int) -> str:
    where = f"entry {first}" if first == last else f"one of the entries {first} to {last}"
    return f"the first that was changed is {where}"


def _faults(faults: Sequence[str]) -> list[str]:
    """Return a line for each of the first faults, and how many more there are."""
    more = len(faults) - MOST_FAULTS
    told = [f"fault: {one}" for one in faults[:MOST_FAULTS]]
    return [*told, f"and {more} more faults; --json tells all"] if more > 0 else told


def check_record(faults: Sequence[str], verdict: Verdict | None) -> dict[str, Any]:
    """Return what is wrong with the database, and with its log where that could be read."""
    log = None if verdict is None else verdict_record(verdict, 0)
    return {"is_good": not faults and bool(log and log["is_good"]), "database": faults, "log": log}


def check_text(faults: Sequence[str], verdict: Verdict | None) -> str:
    """Return the same as lines."""
    lines = _faults(faults) or ["the database is sound"]
    told = "the log cannot be read" if verdict is None else verdict_text(verdict, 0)
    return "\n".join([*lines, told])
