"""Columns whose values are of their kind when they are read: a damaged file can hold any other."""

from typing import Any

from sqlalchemy import Connection, Dialect, Integer, Text, TypeDecorator

from workbench.errors import WorkbenchError


class Damaged(WorkbenchError):
    """A database holds what no workbench wrote."""


class Words(TypeDecorator[str]):
    """A text; `by_bytes`: compared byte by byte on every server, so that its order is one.

    `optional`: it may be missing.
    """

    impl = Text
    cache_ok = True

    def __init__(self, *, by_bytes: bool = False, optional: bool = False) -> None:
        super().__init__()
        self.by_bytes, self.optional = by_bytes, optional

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """Return the type of a server."""
        plain = self.by_bytes and dialect.name == "postgresql"
        return dialect.type_descriptor(Text(collation="C") if plain else Text())

    def process_result_value(self, value: Any, _: Dialect) -> str | None:
        """Refuse what is no text."""
        if isinstance(value, str) or (value is None and self.optional):
            return value
        raise Damaged(f"a text is kept as text; got {type(value).__name__}.")


class Whole(TypeDecorator[int]):
    """A whole number."""

    impl = Integer
    cache_ok = True

    def process_result_value(self, value: Any, _: Dialect) -> int | None:
        """Refuse what is no whole number."""
        if isinstance(value, int):
            return value
        raise Damaged(f"a number is kept as a number; got {type(value).__name__}.")


def is_server(connection: Connection) -> bool:
    """Whether the register is on a server."""
    return connection.dialect.name == "postgresql"
