"""The tables of a register, schema 1.

`log`, `touched` and `versions` only ever grow. `items` says what is current and can be made again
from them. `drafts` is what people type before they save, outside the log.
"""

from sqlalchemy import (
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    Table,
)

from workbench.register.columns import Whole, Words

SCHEMA = 1
METADATA = MetaData()
ID = Words(by_bytes=True)

# What the register itself is: its schema, the origin of its log, the key that signs checkpoints.
REGISTER = Table(
    "register",
    METADATA,
    Column("key", Words(), primary_key=True),
    Column("value", Words(), nullable=False),
)

# Names of people stand here alone, and may be erased; everything else holds ids.
ACCOUNTS = Table(
    "accounts",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("name", Words(optional=True), unique=True),
    Column("salt", LargeBinary),
)

# The entries, as canonical JSON. `by` and `act` repeat what the body says, to search by.
LOG = Table(
    "log",
    METADATA,
    Column("seq", Whole(), primary_key=True, autoincrement=False),
    Column("by", ID, ForeignKey("accounts.id"), nullable=False),
    Column("act", Words(), nullable=False),
    Column("body", Words(), nullable=False),
    Index("log_by", "by", "seq"),
)

# Every version of everything, as JSON; no body where the version is that the item is gone. With
# rowids, so that SQLite compares keys alone: a body in the key's own tree is read to be compared.
VERSIONS = Table(
    "versions",
    METADATA,
    Column("kind", ID, primary_key=True),
    Column("id", ID, primary_key=True),
    Column("version", Whole(), primary_key=True, autoincrement=False),
    Column("body", Words(optional=True)),
)

# What an act made or whose state it changed, in the order of the act's tree.
TOUCHED = Table(
    "touched",
    METADATA,
    Column("seq", Whole(), ForeignKey("log.seq"), primary_key=True, autoincrement=False),
    Column("place", Whole(), primary_key=True, autoincrement=False),
    Column("kind", ID, nullable=False),
    Column("id", ID, nullable=False),
    Column("version", Whole(), nullable=False),
    Column("state", Words(), nullable=False),
    Column("sha256", Words(), nullable=False),
    ForeignKeyConstraint(
        ["kind", "id", "version"], ["versions.kind", "versions.id", "versions.version"]
    ),
    Index("touched_item", "kind", "id", "version"),
    sqlite_with_rowid=False,
)

# The current version of each item, and its state.
ITEMS = Table(
    "items",
    METADATA,
    Column("kind", ID, primary_key=True),
    Column("id", ID, primary_key=True),
    Column("version", Whole(), nullable=False),
    Column("state", Words(), nullable=False),
    Column("name", Words(), nullable=False),
    Column("sha256", Words(), nullable=False),
    Column("seq", Whole(), nullable=False),
    sqlite_with_rowid=False,
)

# What an account has typed and not saved: one for each item, replaced as one types.
DRAFTS = Table(
    "drafts",
    METADATA,
    Column("by", ID, ForeignKey("accounts.id"), primary_key=True),
    Column("kind", ID, primary_key=True),
    Column("id", ID, primary_key=True),
    Column("base", Whole(), nullable=False),
    Column("time", Words(), nullable=False),
    Column("body", Words(), nullable=False),
)

# Signed checkpoints of the log, one for each size at which one was made.
CHECKPOINTS = Table(
    "checkpoints",
    METADATA,
    Column("size", Whole(), primary_key=True, autoincrement=False),
    Column("note", Words(), nullable=False),
)

# What was asked once: a page that sends a save again after a lost answer doubles nothing.
REQUESTS = Table(
    "requests",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("seq", Whole(), ForeignKey("log.seq"), nullable=False),
)

# Tables that nothing is ever changed in or deleted from.
APPEND_ONLY = (LOG, VERSIONS, TOUCHED, CHECKPOINTS, REQUESTS)
