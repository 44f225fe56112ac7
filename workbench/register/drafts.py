"""Drafts: what a person types before saving, kept outside the log, alive when a kernel dies."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from workbench.register.accounts import account
from workbench.register.columns import is_server
from workbench.register.log import stamp
from workbench.register.tables import ACCOUNTS, DRAFTS


@dataclass(frozen=True)
class Draft:
    """What an account has typed of an item, and the version that it began from."""

    kind: str
    id: str
    base: int
    time: str
    body: str


def put(connection: Connection, by: str, draft: Draft) -> None:
    """Keep a draft in the place of the one before."""
    dialect = postgresql if is_server(connection) else sqlite
    row = {name: getattr(draft, name) for name in ("kind", "id", "base", "time", "body")}
    statement = dialect.insert(DRAFTS).values(by=account(connection, by)[0], **row)
    new = {name: row[name] for name in ("base", "time", "body")}
    connection.execute(
        statement.on_conflict_do_update(index_elements=["by", "kind", "id"], set_=new)
    )


def of_account(connection: Connection, by: str) -> list[Draft]:
    """Return all drafts of an account, the latest first."""
    who = select(ACCOUNTS.c.id).where(ACCOUNTS.c.name == by).scalar_subquery()
    mine = select(DRAFTS).where(DRAFTS.c.by == who)  # who has no account yet has typed nothing
    rows = connection.execute(mine.order_by(DRAFTS.c.time.desc()))
    return [Draft(row.kind, row.id, row.base, row.time, row.body) for row in rows]


def drop(connection: Connection, by: str, kind: str, name: str) -> None:
    """Forget a draft, once it is saved or given up."""
    mine = DRAFTS.c.by == account(connection, by)[0]
    connection.execute(delete(DRAFTS).where(mine, DRAFTS.c.kind == kind, DRAFTS.c.id == name))


def made(kind: str, name: str, base: int, body: str, now: datetime) -> Draft:
    """Return a draft of this moment."""
    return Draft(kind, name, base, stamp(now), body)
