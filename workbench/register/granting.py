"""Rights on a server: a program adds to the log and never changes it; pages only read.

Who makes the register owns its tables and can do anything to them. Programs therefore act under a
role of their own, to which the owner grants these rights: the server then refuses what the log
forbids, whatever the program does.
"""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection, Table, text
from sqlalchemy.sql.compiler import IdentifierPreparer

from workbench.errors import WorkbenchError, require
from workbench.register.tables import (
    ACCOUNTS,
    APPEND_ONLY,
    CHECKPOINTS,
    DRAFTS,
    ITEMS,
    LOG,
    METADATA,
    REGISTER,
    REQUESTS,
    TOUCHED,
    VERSIONS,
)

# table -> rights, each on all of its columns or on the named ones
Rights = Mapping[Table, Sequence[tuple[str, Sequence[str]]]]
ALL: Sequence[str] = ()
APP: Rights = dict.fromkeys(APPEND_ONLY, (("SELECT", ALL), ("INSERT", ALL))) | {
    REGISTER: (("SELECT", ALL),),
    ITEMS: (
        ("SELECT", ALL),
        ("INSERT", ALL),
        ("UPDATE", ("version", "state", "name", "sha256", "seq")),
    ),
    ACCOUNTS: (("SELECT", ALL), ("INSERT", ALL), ("UPDATE", ("name", "salt"))),
    DRAFTS: tuple((right, ALL) for right in ("SELECT", "INSERT", "UPDATE", "DELETE")),
}
# Without drafts, which are their author's, and without salts, which make names guessable.
SEEN = (REGISTER, LOG, VERSIONS, TOUCHED, ITEMS, CHECKPOINTS, REQUESTS)
READ: Rights = dict.fromkeys(SEEN, (("SELECT", ALL),)) | {ACCOUNTS: (("SELECT", ("id", "name")),)}
CHANGES = "UPDATE, DELETE, TRUNCATE, TRIGGER"
# Roles that the one which is asked about may act as: itself, and those that it is a member of.
_ACTS_AS = text(
    "SELECT r.rolname FROM pg_catalog.pg_roles r, pg_catalog.pg_class c "
    "WHERE pg_has_role(:role, r.oid, 'MEMBER') AND c.oid = to_regclass(:table) "
    "AND (c.relowner = r.oid OR has_table_privilege(r.oid, c.oid, :rights) "
    "OR has_any_column_privilege(r.oid, c.oid, :by_column)) ORDER BY r.rolname LIMIT 1"
)


def grant(connection: Connection, role: str, rights: Rights) -> None:
    """Give a role of the server exactly these rights on a register.

    Raises
    ------
    WorkbenchError
        where there is no such role, and where it could change the log all the same: as the owner
        of the tables, a superuser, or a member of another role.

    """
    known = connection.execute(
        text("SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = :role"), {"role": role}
    ).scalar()
    fix = "Let the owner of the server make it: CREATE ROLE ... LOGIN."
    require(known is not None, "a role of the server is there", got=role[:80], fix=fix)
    quoted = connection.dialect.identifier_preparer
    for statement in statements(quoted, role, rights):
        connection.exec_driver_sql(statement)
    _let_in(connection, role)
    _refuse_more(connection, role, rights)


def statements(preparer: IdentifierPreparer, role: str, rights: Rights) -> Iterator[str]:
    """Yield the statements that give a role these rights and no others."""
    whom = preparer.quote_identifier(role)
    for table in METADATA.sorted_tables:
        name = preparer.format_table(table)
        yield f"REVOKE ALL ON TABLE {name} FROM {whom}"
        for right, columns in rights.get(table, ()):
            told = ", ".join(preparer.quote_identifier(column) for column in columns)
            yield f"GRANT {right}{f' ({told})' if told else ''} ON TABLE {name} TO {whom}"


def changer(connection: Connection, role: str, *, adds: bool = True) -> str | None:
    """Return the role as which another one may change what only grows, None where it cannot.

    `adds` says that it may add; else whoever may add or change anything is found.
    """
    tables = APPEND_ONLY if adds else METADATA.sorted_tables
    told = {
        "role": role,
        "rights": CHANGES if adds else f"INSERT, {CHANGES}",
        "by_column": "UPDATE" if adds else "INSERT, UPDATE",
    }
    for table in tables:
        found = connection.execute(_ACTS_AS, told | {"table": table.name}).scalar()
        if found is not None:
            return str(found)
    return None


def _let_in(connection: Connection, role: str) -> None:
    """Let a role reach the tables, where it cannot yet."""
    preparer = connection.dialect.identifier_preparer
    for kind, call in (("DATABASE", "current_database()"), ("SCHEMA", "current_schema()")):
        right = "CONNECT" if kind == "DATABASE" else "USAGE"
        asked = text(f"SELECT {call}, has_{kind.lower()}_privilege(:role, {call}, :right)")
        name, has = connection.execute(asked, {"role": role, "right": right}).one()
        if not has:
            whom, what = preparer.quote_identifier(role), preparer.quote_identifier(name)
            connection.exec_driver_sql(f"GRANT {right} ON {kind} {what} TO {whom}")


def _refuse_more(connection: Connection, role: str, rights: Rights) -> None:
    found = changer(connection, role, adds=rights is APP)
    if found is not None:
        through = "its own rights" if found == role else f"the role {found[:80]}"
        raise WorkbenchError(
            f"a role that is granted rights cannot change the log; got {role[:80]}, which can by "
            f"{through}. Name a role that owns nothing, is no superuser and no member of one."
        )
