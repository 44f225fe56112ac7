"""A file of checkpoints that is kept elsewhere: it takes later ones of the same log alone.

What a C2SP tlog-witness holds to: never a smaller log than the last, never one that does not begin
with what was seen before.
"""

from sqlalchemy import Connection

from workbench.audit.checkpoints import VerifierKey, parse_note
from workbench.audit.proofs import split_notes
from workbench.audit.signing import is_signed
from workbench.errors import WorkbenchError
from workbench.register.checkpointing import tree_of


def kept_with(connection: Connection, before: str, note: str, key: VerifierKey) -> str:
    """Return the text of a witness's file with a checkpoint added, unless it is there already.

    Raises
    ------
    WorkbenchError
        where the file holds a checkpoint of another log or key, of a larger log, or one that this
        log does not begin with.

    """
    tree, found = tree_of(connection), parse_note(note).checkpoint
    known = [parse_note(one) for one in split_notes(before)]
    for one in known:
        seen = one.checkpoint
        if seen.origin != key.name or not is_signed(one, key):
            _refuse(f"one of another log or key, {seen.origin[:80]}")
        if seen.size > found.size:
            _refuse(f"one of {seen.size} entries, and the log has {found.size}: it was cut off")
        if tree.root(seen.size) != seen.root:
            _refuse(f"one of {seen.size} entries, which the log does not begin with")
    if any(one.checkpoint == found for one in known):
        return before
    return before + ("\n" if before else "") + note


def _refuse(what: str) -> None:
    raise WorkbenchError(
        f"a file of checkpoints never goes back; got {what}. Nothing was added. Run `workbench "
        "audit verify --checkpoint FILE`."
    )
