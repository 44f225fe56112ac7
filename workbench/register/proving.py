"""Proofs out of a register: of an entry, of a version, of the growth of its log."""

from sqlalchemy import Connection, select

from workbench.audit.checkpoints import Note, parse_note
from workbench.audit.merkle import Tree
from workbench.audit.proofs import Growth, Inclusion, Proved
from workbench.errors import WorkbenchError, require
from workbench.register.checkpointing import latest, tree_of
from workbench.register.faults import DAMAGED
from workbench.register.history import head_of, version_of
from workbench.register.log import body_at, next_seq, rows_of
from workbench.register.tables import TOUCHED


def covering(connection: Connection, seq: int) -> str | None:
    """Return the latest checkpoint whose log holds an entry, None where none does yet.

    Raises
    ------
    WorkbenchError
        for an entry that is not there.

    """
    size = next_seq(connection)
    require(
        0 <= seq < size,
        f"an entry is one of 0 to {size - 1}",
        got=seq,
        fix="`workbench audit log` shows them.",
    )
    note = latest(connection)
    return note if note is not None and parse_note(note).checkpoint.size > seq else None


def prove_entry(connection: Connection, seq: int, note: str) -> Inclusion:
    """Return the proof that an entry is in the log of a checkpoint."""
    return _proof(connection, Proved(body_at(connection, seq)), seq, note)


def prove_version(
    connection: Connection, kind: str, name: str, version: int, note: str, *, body: bool
) -> Inclusion:
    """Return the proof that a version is in the entry that made it, and that in the log.

    Parameters
    ----------
    body : whether the proof tells what the version is, or its hash alone

    """
    seq = made_by(connection, kind, name, version)
    rows = rows_of(connection, seq)
    place = next(
        n for n, r in enumerate(rows) if (r.kind, r.id, r.version) == (kind, name, version)
    )
    path = tuple(Tree(row.leaf() for row in rows).inclusion(place))
    text = version_of(connection, kind, name, version).body if body else None
    proved = Proved(body_at(connection, seq), rows[place], place, path, text, body)
    return _proof(connection, proved, seq, note)


def prove_growth(connection: Connection, old: Note, note: str) -> Growth:
    """Return the proof that the log of a checkpoint begins with that of an older one."""
    size = parse_note(note).checkpoint.size
    was = old.checkpoint.size
    rule = f"an older checkpoint has at most the {size} entries of the later one"
    require(was <= size, rule, got=was, fix="Run `workbench audit verify --checkpoint` with it.")
    tree = _fitting(connection, note)
    if tree.root(was) != old.checkpoint.root:
        raise WorkbenchError(
            f"the log begins with that of the older checkpoint; got {was} entries that are not "
            "those. Run `workbench audit verify --checkpoint` with it."
        )
    return Growth(was, tuple(tree.consistency(was, size)), note)


def made_by(connection: Connection, kind: str, name: str, version: int) -> int:
    """Return the entry that made a version.

    Raises
    ------
    WorkbenchError
        where there is no such item or version, or its entry is gone.

    """
    last = head_of(connection, kind, name).version
    rule = f"{kind} {name} has versions 1 to {last}"
    require(1 <= version <= last, rule, got=version, fix="Name one of them.")
    where = (TOUCHED.c.kind == kind, TOUCHED.c.id == name, TOUCHED.c.version == version)
    query = select(TOUCHED.c.seq).where(*where).order_by(TOUCHED.c.seq).limit(1)
    found = connection.execute(query).scalar()
    if found is None:
        raise WorkbenchError(f"the entry of {kind} {name} version {version} is gone: {DAMAGED}")
    return int(found)


def _proof(connection: Connection, proved: Proved, seq: int, note: str) -> Inclusion:
    tree = _fitting(connection, note)
    path = tree.inclusion(seq, parse_note(note).checkpoint.size)
    return Inclusion(proved, seq, tuple(path), note)


def _fitting(connection: Connection, note: str) -> Tree:
    """Return the tree of the log, which a checkpoint of it fits."""
    found, tree = parse_note(note).checkpoint, tree_of(connection)
    if found.size > tree.size or tree.root(found.size) != found.root:
        raise WorkbenchError(
            f"a log fits its checkpoints; got one of {found.size} entries that it does not fit. "
            "Run `workbench audit verify`."
        )
    return tree
