"""Whether a register's database is whole in itself, before its log is asked."""

from collections.abc import Iterator

from sqlalchemy import Connection, Table, inspect
from sqlalchemy.engine import Inspector
from sqlalchemy.schema import CreateIndex

from workbench.errors import WorkbenchError
from workbench.register.columns import is_server
from workbench.register.faults import DAMAGED
from workbench.register.migrating import schema_of
from workbench.register.tables import METADATA, SCHEMA

MOST = 20  # faults of SQLite's own check that are told


def faults_of(connection: Connection) -> list[str]:
    """Return what is wrong with the tables, the pages and the links between them."""
    found = [*_schema_faults(connection)]
    if not is_server(connection):
        checked = connection.exec_driver_sql(f"PRAGMA integrity_check({MOST})").scalars().all()
        found += [f"SQLite's check: {one}" for one in checked if one != "ok"]
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        found += [f"a row of {row[0]} names one of {row[2]} that is not there" for row in broken]
    return found


def damage_told(error: WorkbenchError) -> str | None:
    """Return what a fault says of a damaged database, None where it is about something else."""
    text = str(error)
    told = text.removesuffix(DAMAGED)
    return None if told == text else f"{told}the database is damaged; restore a backup"


def _schema_faults(connection: Connection) -> list[str]:
    schema = schema_of(connection)
    if schema != SCHEMA:
        return [f"the register has schema {schema}, this workbench knows {SCHEMA}"]
    there = inspect(connection)
    found = []
    for table in METADATA.sorted_tables:
        if not there.has_table(table.name):
            found.append(f"the table {table.name} is gone")
            continue
        columns = {column["name"] for column in there.get_columns(table.name)}
        if columns != set(table.columns.keys()):
            found.append(f"the table {table.name} has other columns: {', '.join(sorted(columns))}")
        found += _index_faults(connection, there, table)
    return found


def _index_faults(connection: Connection, there: Inspector, table: Table) -> Iterator[str]:
    known = {one["name"]: one["column_names"] for one in there.get_indexes(table.name)}
    for index in sorted(table.indexes, key=lambda one: str(one.name)):
        if known.get(index.name) == index.columns.keys():
            continue
        is_gone = index.name not in known
        what, first = ("gone", "") if is_gone else ("of other columns", "drops it and ")
        again = CreateIndex(index).compile(connection)
        yield (
            f"the index {index.name} is {what}; this harms speed alone, no entry and no version. "
            f"The owner of the database {first}makes it again: {again}"
        )
