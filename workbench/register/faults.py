"""Faults of a database in words: what happened, whether anything was changed, what to do.

SQLite is known by its messages. A server is known by the code of its fault, since its messages are
in its own language; a connection that is refused has no code, and is known by its message.
"""

from sqlalchemy.exc import DBAPIError

BUSY = 30.0  # seconds that a writer waits for another

DAMAGED = "the register is damaged. Run `workbench register check`, and restore a backup."
_SAME = "nothing was changed."
_LOCKED = (
    f"another program has held the register for {BUSY:.0f} seconds; {_SAME} Try again when it has "
    "ended."
)
_READS = f"the register is open for reading alone; {_SAME}"
_OF_A_FILE = {
    "database or disk is full": f"the disk is full; {_SAME} Make room and do it again.",
    # not `_SAME`: where the last flush fails, the act may be found whole when it is opened again
    "disk i/o error": "the disk failed to read or write; what you did is kept whole or not at all. "
    "Check the disk, look at the register, then do it again.",
    "readonly database": f"the register may not be written here; {_SAME} Ask for the right to "
    "write.",
    "query_only": _READS,
    "database is locked": _LOCKED,
    "unable to open database": "the register cannot be opened. Check the path, or make one with "
    "`workbench register init`.",
    "malformed": DAMAGED,
    "unsupported file format": DAMAGED,
    "could not decode": DAMAGED,
    "no such table": DAMAGED,
    "no such column": DAMAGED,
    "not a database": "this is no register. Check the path; a damaged one is restored from a "
    "backup.",
}
_ENDED = f"the server ended the connection; {_SAME} Do it again."
# SQLSTATE, or its first two signs. Source: PostgreSQL documentation, appendix A.
_OF_A_SERVER = {
    "42501": f"the account of the database may not do that; {_SAME} Ask its owner.",
    "25006": _READS,
    "25P03": f"the server gave the register to another after a minute without a word; {_SAME} Do "
    "it again.",
    "55P03": _LOCKED,
    "57014": f"the server ended what took too long; {_SAME} Ask its owner for a longer "
    "statement_timeout.",
    "57P": _ENDED,
    "08": _ENDED,
    "40": f"another program changed the same; {_SAME} Do it again.",
    "53100": f"the server's disk is full; {_SAME} Make room and do it again.",
    "53300": f"the server has no connection left; {_SAME} Try again when others have ended.",
    "53": f"the server lacks memory or space; {_SAME} Try again, or ask its owner.",
    "58": f"the server's disk failed to read or write; {_SAME} Ask its owner.",
    "XX00": "the register is damaged on the server. Restore a backup, and ask its owner.",
}
_OF_A_CONNECTION = {
    "password": "the server does not accept this name and password. Check the URL.",
    "pg_hba.conf": "the server lets nobody in from here under this name. Ask its owner.",
    "does not exist": "the server has no such database or role. Check the URL, or ask its owner to "
    "make it.",
    "permission denied for database": "the account may not use this database. Ask its owner.",
    "too many": _OF_A_SERVER["53300"],
    "connection slots": _OF_A_SERVER["53300"],
    "starting up": "the server is just starting. Try again in a moment.",
    "shutting down": "the server is just ending. Try again when it is back.",
    "recovery": "the server is recovering from a fault. Try again in a moment.",
    "certificate": "the server's certificate is not accepted. Ask its owner for sslrootcert.",
    "": f"the server cannot be reached; {_SAME} Check the URL and that it runs.",
}
_HALFWAY = (
    "the connection was cut while the act was being kept: all of it is in the register or nothing. "
    "Look at `workbench audit log`, and do it again where it is not there."
)


def words_of_file(error: Exception) -> str:
    """Return what a fault of SQLite means."""
    told = str(error.orig if isinstance(error, DBAPIError) else error)
    words = _known(_OF_A_FILE, told)
    return words or f"{_plain(told)}. Run `workbench register check`, then do it again."


def words_of_server(error: DBAPIError) -> str:
    """Return what a fault of a server means."""
    told, state = str(error.orig), getattr(error.orig, "sqlstate", None) or ""
    if error.connection_invalidated:  # it had been there: at a statement, or at the end of an act
        return _HALFWAY if error.statement is None else _ENDED
    for size in range(5, 1, -1):
        if len(state) == 5 and state[:size] in _OF_A_SERVER:
            return _OF_A_SERVER[state[:size]]
    if not state and error.statement is None:
        return str(_known(_OF_A_CONNECTION, told))  # the last of them is every other one
    # what fails at a statement is rolled back; at the end of an act nobody knows of every fault
    kept = _SAME if error.statement is not None else "look at `workbench audit log` for the act."
    code = f" (SQLSTATE {state})" if state else ""
    return f"{_plain(told)}{code}; {kept} Do it again, or show this to the owner of the database."


def _known(table: dict[str, str], told: str) -> str | None:
    plain = told.lower()
    return next((words for part, words in table.items() if part in plain), None)


def _plain(told: str) -> str:
    first = told.splitlines()[0][:200] if told else "nothing"
    return f"the database says: {first}"
