"""Accounts: an id for each person, and a name that may be erased.

Entries of the log hold the id and SHA-256(salt, name). While name and salt are there, a name can be
proved to be the one that was meant; once they are erased nobody can guess it back.
"""

import getpass
import hashlib
import os
import secrets
import unicodedata

from sqlalchemy import Connection, delete, select, text, update

from workbench.errors import WorkbenchError, require
from workbench.register.columns import is_server
from workbench.register.tables import ACCOUNTS, DRAFTS

VARIABLE = "WORKBENCH_ACCOUNT"
LONGEST = 200  # characters of a name
ERASED = "(erased)"


def own_name() -> str:
    """Return the name that the person works under: of the variable, or of the system."""
    stated = os.environ.get(VARIABLE, "").strip()
    if stated:
        return stated
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        raise WorkbenchError(
            f"an act has an author; got none. Set {VARIABLE}, or name one with --as."
        ) from None


def account(connection: Connection, name: str) -> tuple[str, str]:
    """Return an account's id and the digest of its name; one that is new is made.

    Raises
    ------
    WorkbenchError
        for a name that is empty, too long or not printable.

    """
    check_name(name)
    query = select(ACCOUNTS.c.id, ACCOUNTS.c.salt).where(ACCOUNTS.c.name == name)
    found = connection.execute(query).first()
    if found is not None:
        return found.id, digest(name, found.salt)
    made, salt = f"acct-{secrets.token_hex(8)}", secrets.token_bytes(16)
    connection.execute(ACCOUNTS.insert().values(id=made, name=name, salt=salt))
    return made, digest(name, salt)


def check_name(name: str) -> None:
    """Refuse a name that no account has."""
    good = bool(name.strip()) and len(name) <= LONGEST and name.isprintable()
    rule = f"an account's name is one line of at most {LONGEST} characters"
    require(good, rule, got=name[:80], fix="Name who acts.")
    plain = unicodedata.normalize("NFKC", name).strip()  # else two that look the same are two
    rule = "an account's name is in Unicode's form NFKC, without spaces around it"
    require(name == plain, rule, got=ascii(name[:80]), fix=f"Write {plain[:80]!r}.")


def digest(name: str, salt: bytes) -> str:
    """Return what an entry holds of a name, in hexadecimal."""
    return hashlib.sha256(salt + name.encode("utf-8", "surrogateescape")).hexdigest()


def digests(connection: Connection) -> dict[str, tuple[str | None, str | None]]:
    """Return every account's name, None where it was erased, and what entries should hold of it.

    Who may only read a server's register is not shown the salts, and gets None for what they hold.
    """
    found: dict[str, tuple[str | None, str | None]] = {
        one: (name, None)
        for one, name in connection.execute(select(ACCOUNTS.c.id, ACCOUNTS.c.name))
    }
    if not _may_see_salts(connection):
        return found
    for one, salt in connection.execute(select(ACCOUNTS.c.id, ACCOUNTS.c.salt)):
        name, _ = found[one]
        found[one] = (name, None if name is None else digest(name, salt or b""))
    return found


def _may_see_salts(connection: Connection) -> bool:
    if not is_server(connection):
        return True
    asked = text("SELECT has_column_privilege('accounts', 'salt', 'SELECT')")
    return bool(connection.execute(asked).scalar())


def names(connection: Connection) -> dict[str, str]:
    """Return the name of every account by its id, and a placeholder where it was erased."""
    rows = connection.execute(select(ACCOUNTS.c.id, ACCOUNTS.c.name))
    return {row.id: row.name if row.name is not None else f"{row.id} {ERASED}" for row in rows}


def erased_accounts(connection: Connection) -> set[str]:
    """Return the ids of the accounts whose names were erased."""
    query = select(ACCOUNTS.c.id).where(ACCOUNTS.c.name.is_(None))
    return set(connection.execute(query).scalars())


def erase(connection: Connection, name: str) -> str:
    """Forget a name, its salt and its drafts; return the account's id.

    Raises
    ------
    WorkbenchError
        where no account has the name.

    """
    found = connection.execute(select(ACCOUNTS.c.id).where(ACCOUNTS.c.name == name)).scalar()
    require(
        found is not None,
        "a name that is erased is there",
        got=name,
        fix="`workbench audit log` shows them.",
    )
    where = ACCOUNTS.c.id == found
    connection.execute(update(ACCOUNTS).where(where).values(name=None, salt=None))
    connection.execute(delete(DRAFTS).where(DRAFTS.c.by == found))
    return str(found)
