"""The tables of a register, schema 1.

`log`, `touched` and `versions` only ever grow. `items` says what is current and can be made again
from them. `drafts` is what people type before they save, outside the log.
"""

from sqlalchemy import (
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

SCHEMA = 1
METADATA = MetaData()
# Ids are compared byte by byte on every server, so that order and ranges are the same everywhere.
ID = Text().with_variant(Text(collation="C"), "postgresql")

# What the register itself is: its schema, the origin of its log, the key that signs checkpoints.
REGISTER = Table(
    "register",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

# Names of people stand here alone, and may be erased; everything else holds ids.
ACCOUNTS = Table(
    "accounts",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("name", Text, unique=True),
    Column("salt", LargeBinary),
)

# The entries, as canonical JSON. `by` and `act` repeat what the body says, to search by.
LOG = Table(
    "log",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("by", ID, ForeignKey("accounts.id"), nullable=False),
    Column("act", Text, nullable=False),
    Column("body", Text, nullable=False),
    Index("log_by", "by", "seq"),
)

# Every version of everything, as JSON; no body where the version is that the item is gone. With
# rowids, so that SQLite compares keys alone: a body in the key's own tree is read to be compared.
VERSIONS = Table(
    "versions",
    METADATA,
    Column("kind", ID, primary_key=True),
    Column("id", ID, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("body", Text),
)

# What an act made or whose state it changed, in the order of the act's tree.
TOUCHED = Table(
    "touched",
    METADATA,
    Column("seq", Integer, ForeignKey("log.seq"), primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("kind", ID, nullable=False),
    Column("id", ID, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("sha256", Text, nullable=False),
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
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# What an account has typed and not saved: one for each item, replaced as one types.
DRAFTS = Table(
    "drafts",
    METADATA,
    Column("by", ID, ForeignKey("accounts.id"), primary_key=True),
    Column("kind", ID, primary_key=True),
    Column("id", ID, primary_key=True),
    Column("base", Integer, nullable=False),
    Column("time", Text, nullable=False),
    Column("body", Text, nullable=False),
)

# Signed checkpoints of the log, one for each size at which one was made.
CHECKPOINTS = Table(
    "checkpoints",
    METADATA,
    Column("size", Integer, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
)

# What was asked once: a page that sends a save again after a lost answer doubles nothing.
REQUESTS = Table(
    "requests",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("seq", Integer, ForeignKey("log.seq"), nullable=False),
)

# Tables that nothing is ever changed in or deleted from.
APPEND_ONLY = (LOG, VERSIONS, TOUCHED, CHECKPOINTS, REQUESTS)
