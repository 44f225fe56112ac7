"""An entry of the audit log: who did what to which versions, as canonical JSON.

An act may touch one version or a hundred thousand. Its entry holds how many, and the Merkle root
over them (`Row`), so that each of them can be proved without the others.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from workbench.audit.canonical import canonical_json
from workbench.audit.merkle import Tree, leaf_hash
from workbench.errors import WorkbenchError, require

FORMAT = 1
ACTS = (
    "open",  # the log itself
    "create",
    "edit",
    "delete",
    "import",
    "submit",
    "return",
    "approve",
    "retire",
    "undo",
    "redo",
    "run",
    "export",
    "erase",  # a name from the table of accounts
    "restore",
    "record",  # lineage of data and models
)
KEYS = ("format", "seq", "time", "act", "by", "who", "rows", "root", "reason", "details")
# Of texts and whole numbers in a list this is their canonical JSON, and ten times as fast.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Row:
    """One version that an act made, or whose state it changed."""

    kind: str
    id: str
    version: int
    state: str
    sha256: str  # of what is stored, in hexadecimal

    def leaf(self) -> bytes:
        """Return the hash by which the row stands in the tree of its entry."""
        text = _encode([self.kind, self.id, self.version, self.state, self.sha256])
        return leaf_hash(text.encode("utf-8", "surrogateescape"))  # bytes of a damaged file


@dataclass(frozen=True)
class Entry:
    """One act.

    `by` is an account's id, `who` the salted digest of the name that it had then: the name itself
    may be erased. `details` is plain data that depends on the act.
    """

    seq: int  # from 0, without a gap
    time: str  # UTC, ISO 8601; the order is that of `seq`, never of time
    act: str
    by: str
    who: str
    rows: int
    root: str  # of the tree over the rows, hexadecimal
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the entry as plain data."""
        return {"format": FORMAT} | {name: getattr(self, name) for name in KEYS[1:]}

    def data(self) -> bytes:
        """Return the canonical JSON of the entry, which is what its leaf hashes."""
        return canonical_json(self.to_dict())

    def leaf(self) -> bytes:
        """Return the hash by which the entry stands in the log."""
        return leaf_hash(self.data())


def tree_over(rows: Iterable[Row]) -> Tree:
    """Return the Merkle tree over what an act touched."""
    return Tree(row.leaf() for row in rows)


def parse_entry(data: bytes) -> Entry:
    """Read an entry as it is stored.

    Raises
    ------
    WorkbenchError
        where it is no entry, or is not in canonical form.

    """
    try:
        tree = json.loads(data)
        again = canonical_json(tree)
    except (ValueError, RecursionError) as error:  # WorkbenchError is a ValueError
        raise WorkbenchError(f"an entry is canonical JSON; {str(error)[:120]}") from None
    keys = sorted(tree) if isinstance(tree, dict) else []
    told = [key[:40] for key in keys[:12]]
    require(keys == sorted(KEYS), "an entry has its ten fields", got=told, fix="Restore the log.")
    require(again == data, "an entry is stored in canonical form", got="another", fix="Restore it.")
    faults = [name for name, good in _checks(tree).items() if not good]
    require(not faults, "an entry's fields are of their kinds", got=faults, fix="Restore the log.")
    return Entry(**{name: tree[name] for name in KEYS[1:]})


def _checks(tree: Mapping[str, Any]) -> dict[str, bool]:
    texts = ("time", "act", "by", "who", "root", "reason")
    counts = ("format", "seq", "rows")
    good = {name: isinstance(tree[name], str) for name in texts}
    good |= {name: type(tree[name]) is int and tree[name] >= 0 for name in counts}
    good["details"] = isinstance(tree["details"], dict)
    good["format"] = tree["format"] == FORMAT
    good["act"] = tree["act"] in ACTS
    good["time"] = good["time"] and _is_time(tree["time"])
    good["root"] = good["root"] and _DIGEST.fullmatch(tree["root"]) is not None
    return good


def _is_time(text: str) -> bool:
    """Whether a text is a time of a zone, so that another one can be told from it."""
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
