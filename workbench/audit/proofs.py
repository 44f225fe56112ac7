"""Proofs that are checked elsewhere, with the key alone: of an entry, of a version, of growth.

That an **entry** is in the log of a checkpoint is told as C2SP tlog-proof does:

    c2sp.org/tlog-proof@v1
    extra eyJlbnRyeSI6...      base64 of JSON: the entry, and the version where one is proved
    index 7                    the number of the entry
    gSKyXoYZUgZ6jduWYrk...=    the inclusion proof, one hash a line

    risk-workbench/register... the checkpoint, as it was signed

`extra` says what was recorded and is believed for one reason: its hash leads to the root that was
signed. A **version** is in the tree of its entry, whose root the entry holds, so that a second path
leads from the version to the entry.

That a log **grew** from one checkpoint to a later one is told as a log tells a C2SP tlog-witness:
`old SIZE`, the consistency proof, an empty line, the later checkpoint.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from workbench.audit.canonical import canonical_json
from workbench.audit.checkpoints import (
    DASH,
    Checkpoint,
    VerifierKey,
    from_base64,
    parse_note,
    to_base64,
)
from workbench.audit.entries import Entry, Row, parse_entry
from workbench.audit.merkle import is_consistent, root_by_inclusion
from workbench.audit.signing import is_signed
from workbench.errors import WorkbenchError, require

HEADER = "c2sp.org/tlog-proof@v1"
OLD = "old"
MOST_HASHES = 63  # a log of 2**63 entries has no longer proof
_FIX = "Give the file as `workbench audit prove` wrote it."


class ProofFails(WorkbenchError):
    """A proof that can be read and does not hold."""


@dataclass(frozen=True)
class Proved:
    """What is shown to be in a log: an entry, and perhaps a version that it made.

    `path` leads from the row to the root of the entry; `body` is what is stored, None where the
    version is that the item is gone, or where the proof keeps it to itself (`tells_body`).
    """

    entry: bytes  # as it is stored
    row: Row | None = None
    place: int = 0
    path: tuple[bytes, ...] = ()
    body: str | None = None
    tells_body: bool = False

    def data(self) -> bytes:
        """Return the JSON that `extra` holds."""
        tree: dict[str, Any] = {"entry": self.entry.decode()}
        if self.row is not None:
            tree["row"] = asdict(self.row)
            tree["place"] = self.place
            tree["path"] = [to_base64(step) for step in self.path]
            if self.tells_body:
                tree["body"] = self.body
        return canonical_json(tree)


@dataclass(frozen=True)
class Inclusion:
    """A proof that an entry is in the log of a checkpoint."""

    proved: Proved
    index: int
    path: tuple[bytes, ...]
    note: str  # the checkpoint as it was signed

    def __str__(self) -> str:
        """As it is written to a file (C2SP tlog-proof)."""
        head = [HEADER, f"extra {to_base64(self.proved.data())}", f"index {self.index}"]
        return "\n".join([*head, *map(to_base64, self.path), "", self.note])


@dataclass(frozen=True)
class Growth:
    """A proof that the log of a checkpoint begins with one of `old` entries."""

    old: int
    path: tuple[bytes, ...]
    note: str

    def __str__(self) -> str:
        """As it is written to a file, and sent to a witness (C2SP tlog-witness)."""
        return "\n".join([f"{OLD} {self.old}", *map(to_base64, self.path), "", self.note])


def parse_proof(text: str) -> Inclusion | Growth:
    """Read a proof of either kind; nothing of it is believed before it is checked.

    Raises
    ------
    WorkbenchError
        where it is no proof.

    """
    head, empty, note = text.replace("\r\n", "\n").lstrip("\n").partition("\n\n")
    lines = head.split("\n")
    require(bool(empty), "a proof has an empty line before its checkpoint", got=text[:60], fix=_FIX)
    parse_note(note)
    if lines[0].startswith(f"{OLD} "):
        return Growth(_whole(lines[0], OLD), _hashes(lines[1:]), note)
    require(lines[0] == HEADER, f"a proof begins with {HEADER}", got=lines[0][:60], fix=_FIX)
    tells = len(lines) > 2 and lines[1].startswith("extra ")
    require(tells, "a proof of ours tells the entry as its extra", got=lines[1:2], fix=_FIX)
    data = _bytes(lines[1].removeprefix("extra "))
    return Inclusion(_proved(data), _whole(lines[2], "index"), _hashes(lines[3:]), note)


def check_inclusion(proof: Inclusion, key: VerifierKey) -> tuple[Checkpoint, Entry]:
    """Return the checkpoint and the entry of a proof that holds.

    Raises
    ------
    ProofFails
        where the checkpoint is not of that key, the entry is not in its log, the version is not in
        the entry, or the body is not that of the version.

    """
    checkpoint = _signed(proof.note, key)
    proved, entry = proof.proved, parse_entry(proof.proved.entry)
    root = root_by_inclusion(entry.leaf(), proof.index, checkpoint.size, proof.path)
    where = f"the log of {checkpoint.size} entries that was signed"
    _hold(root == checkpoint.root, f"the entry is not number {proof.index} of {where}")
    _hold(entry.seq == proof.index, f"the entry says that it is {entry.seq}, not {proof.index}")
    row = proved.row
    if row is not None:
        found = root_by_inclusion(row.leaf(), proved.place, entry.rows, proved.path)
        what = f"{row.kind} {row.id} version {row.version} is not in entry {entry.seq}"
        _hold(found is not None and found.hex() == entry.root, what)
        sha256 = hashlib.sha256((proved.body or "").encode()).hexdigest()
        what = f"what is told of {row.kind} {row.id} is not its version {row.version}"
        _hold(not proved.tells_body or sha256 == row.sha256, what)
    return checkpoint, entry


def check_growth(proof: Growth, old: Checkpoint, key: VerifierKey) -> Checkpoint:
    """Return the later checkpoint, where the proof shows that its log begins with the old one.

    Raises
    ------
    ProofFails
        where the checkpoint is not of that key or of another log, and where nothing is shown.

    """
    later = _signed(proof.note, key)
    _hold(old.origin == later.origin, f"the checkpoint that you hold is of {old.origin}")
    _hold(old.size == proof.old, f"it is about {proof.old} entries, your checkpoint {old.size}")
    grew = is_consistent(old.size, old.root, later.size, later.root, proof.path)
    _hold(grew, f"the log of {later.size} entries does not begin with your {old.size}")
    return later


def split_notes(text: str) -> list[str]:
    """Return the checkpoints of a file that holds several, as they stand there, in its order.

    A checkpoint ends with its last signature; empty lines between two of them are allowed.
    """
    found: list[str] = []
    lines: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        closed = any(one.startswith(DASH) for one in lines)
        if lines and closed and not line.startswith(DASH):
            found.append("\n".join(lines) + "\n")
            lines = []
        if lines or line.strip():
            lines.append(line.rstrip("\r"))
    if any(line.strip() for line in lines):
        found.append("\n".join(lines) + "\n")
    return found


def _signed(note: str, key: VerifierKey) -> Checkpoint:
    found = parse_note(note)
    origin = found.checkpoint.origin
    _hold(origin == key.name, f"it is of another log, {origin[:80]}")
    _hold(is_signed(found, key), f"its checkpoint is not signed by {key.name} {key.hint.hex()}")
    return found.checkpoint


def _hold(ok: bool, what: str) -> None:
    if not ok:
        raise ProofFails(f"the proof does not hold: {what}")


def _proved(data: bytes) -> Proved:
    try:
        tree = json.loads(data)
        again = canonical_json(tree)
    except (ValueError, RecursionError):  # WorkbenchError is a ValueError
        tree, again = None, b""
    rule = "the extra of a proof is canonical JSON of an entry"
    known = isinstance(tree, dict) and again == data and isinstance(tree.get("entry"), str)
    require(known, rule, got=data[:60], fix=_FIX)
    assert isinstance(tree, dict)
    entry = str(tree.pop("entry")).encode()
    parse_entry(entry)
    if not tree:
        return Proved(entry)
    tells = "body" in tree
    body = tree.pop("body", None)
    row = _row(tree.get("row"))
    place, path = tree.get("place"), tree.get("path")
    good = set(tree) == {"row", "place", "path"} and (body is None or isinstance(body, str))
    good = good and type(place) is int and place >= 0 and isinstance(path, list)
    good = good and all(isinstance(step, str) for step in path or ())
    require(good and row is not None, rule, got=sorted(tree), fix=_FIX)
    return Proved(entry, row, int(place or 0), _hashes(path or ()), body, tells)


def _row(tree: Any) -> Row | None:
    kinds = {"kind": str, "id": str, "version": int, "state": str, "sha256": str}
    if not isinstance(tree, dict) or set(tree) != set(kinds):
        return None
    good = all(type(tree[name]) is type_ for name, type_ in kinds.items())
    return Row(**tree) if good else None


def _whole(line: str, name: str) -> int:
    word, _, told = line.partition(" ")
    good = told.isascii() and told.isdigit() and (told == "0" or told[0] != "0") and len(told) < 19
    require(word == name and good, f"a line is `{name} NUMBER`", got=line[:60], fix=_FIX)
    return int(told)


def _hashes(lines: Iterable[str]) -> tuple[bytes, ...]:
    found: Sequence[bytes] = [_bytes(line) for line in lines]
    good = all(len(one) == hashlib.sha256().digest_size for one in found)
    rule = f"a proof has at most {MOST_HASHES} hashes of 32 bytes"
    require(good and len(found) <= MOST_HASHES, rule, got=len(found), fix=_FIX)
    return tuple(found)


def _bytes(text: str) -> bytes:
    data = from_base64(text)
    require(bool(data), "a line is base64", got=text[:60], fix=_FIX)
    return data or b""
