"""Checkpoints of a register's log: made, signed, kept beside the log and handed out."""

from sqlalchemy import Connection, select

from workbench.audit.checkpoints import Checkpoint, VerifierKey, parse_note
from workbench.audit.merkle import Tree, leaf_hash
from workbench.audit.signing import SigningKey
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
        where the one that is there is of another log: a log that was changed is not signed.

    """
    wanted = Checkpoint(origin_of(connection), tree.size, tree.root())
    at = select(CHECKPOINTS.c.note).where(CHECKPOINTS.c.size == tree.size)
    found = connection.execute(at).scalar()
    if found is not None:
        if parse_note(found).checkpoint != wanted:
            raise WorkbenchError(
                f"a log only grows; got {tree.size} entries that are not those of their "
                "checkpoint. Run `workbench audit verify`."
            )
        return str(found)
    note = wanted.signed(key)
    connection.execute(CHECKPOINTS.insert().values(size=tree.size, note=note))
    return note


def latest(connection: Connection) -> str | None:
    """Return the latest checkpoint that was made, if any."""
    query = select(CHECKPOINTS.c.note).order_by(CHECKPOINTS.c.size.desc()).limit(1)
    found = connection.execute(query).scalar()
    return None if found is None else str(found)


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
