"""Checkpoints of a register's log: made, signed, kept beside the log and handed out."""

from sqlalchemy import Connection, select

from workbench.audit.checkpoints import Checkpoint, VerifierKey, parse_note
from workbench.audit.merkle import Tree, leaf_hash
from workbench.audit.signing import SigningKey, is_signed
from workbench.errors import WorkbenchError
from workbench.register.log import bodies
from workbench.register.tables import CHECKPOINTS, REGISTER


def tree_of(connection: Connection, known: Tree | None = None) -> Tree:
    """Return the tree over all entries; `known` is one of the first of them, and grows."""
    tree = known or Tree()
    for data in bodies(connection, start=tree.size):
        tree.append(leaf_hash(data))
    return tree


def checkpoint(connection: Connection, tree: Tree, key: SigningKey) -> str:
    """Return the signed checkpoint of the tree's size; one that is there already is given again.

    Raises
    ------
    WorkbenchError
        where the log does not begin as its latest checkpoint says: a log that was changed is not
        signed; and for another key than the log's.

    """
    _refuse_another_key(connection, key)
    before = latest(connection)
    if before is not None:
        was = parse_note(before).checkpoint
        _refuse_changed(tree, was)
        if was.size == tree.size:
            return before
    at = select(CHECKPOINTS.c.note).where(CHECKPOINTS.c.size == tree.size)
    if connection.execute(at).scalar() is not None:
        raise WorkbenchError(
            f"a checkpoint is signed by the key of its log; got one of {tree.size} entries that is "
            "not. Run `workbench audit verify`."
        )
    note = Checkpoint(origin_of(connection), tree.size, tree.root()).signed(key)
    connection.execute(CHECKPOINTS.insert().values(size=tree.size, note=note))
    return note


def _refuse_another_key(connection: Connection, key: SigningKey) -> None:
    verifier = verifier_of(connection)
    if key.public != verifier.public:
        raise WorkbenchError(
            f"checkpoints are signed by the key {verifier.hint.hex()} of the log; got another in "
            "its key file. Restore that file."
        )


def _refuse_changed(tree: Tree, was: Checkpoint) -> None:
    if was.size > tree.size or tree.root(was.size) != was.root:
        raise WorkbenchError(
            f"a log only grows; got {tree.size} entries that do not begin with the {was.size} of "
            "the latest checkpoint. Run `workbench audit verify`."
        )


def latest(connection: Connection) -> str | None:
    """Return the latest checkpoint that the log's key signed, if any; others are no checkpoints."""
    try:
        verifier = verifier_of(connection)
    except ValueError:  # what is damaged is told by `verify`
        return None
    query = select(CHECKPOINTS.c.size, CHECKPOINTS.c.note).order_by(CHECKPOINTS.c.size.desc())
    for size, note in connection.execute(query):
        if _is_ours(str(note), size, verifier):
            return str(note)
    return None


def _is_ours(text: str, size: int, verifier: VerifierKey) -> bool:
    try:
        note = parse_note(text)
    except WorkbenchError:
        return False
    found = note.checkpoint
    return (found.origin, found.size) == (verifier.name, size) and is_signed(note, verifier)


def notes(connection: Connection) -> list[str]:
    """Return all checkpoints that are kept beside the log, the smallest first."""
    query = select(CHECKPOINTS.c.note).order_by(CHECKPOINTS.c.size)
    return [str(note) for note in connection.execute(query).scalars()]


def told(connection: Connection, key: str) -> str:
    """Return what the register says of itself under a key; empty where it says nothing."""
    found = connection.execute(select(REGISTER.c.value).where(REGISTER.c.key == key)).scalar()
    return "" if found is None else str(found)


def origin_of(connection: Connection) -> str:
    """Return the name of the log."""
    return told(connection, "origin")


def verifier_of(connection: Connection) -> VerifierKey:
    """Return the public key that checkpoints are signed with, as the register tells it."""
    return VerifierKey.parse(told(connection, "verifier"))
