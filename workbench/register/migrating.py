"""The schema of a register: made once, brought up to date whole or not at all, a backup first."""

import secrets
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Connection, Engine, inspect, select, text, update

from workbench.audit.checkpoints import VerifierKey
from workbench.errors import WorkbenchError, require
from workbench.files.messages import echo
from workbench.register.backing_up import backup_beside
from workbench.register.connecting import MARK, PROGRAMS, reading, refuse_encoding, writing
from workbench.register.keys import make_key
from workbench.register.places import Place
from workbench.register.tables import METADATA, REGISTER, SCHEMA

ORIGIN = "risk-workbench/register/"
# schema -> the statements that make the next one of it. None yet: 1 is the first.
STEPS: Mapping[int, Sequence[str]] = {}


def make(engine: Engine, place: Place, opening: Callable[[Connection, str], object]) -> None:
    """Make the tables of a new register, the key of its log and its first entry, all at once.

    Parameters
    ----------
    opening : appends the first entry, given the key to check the log with

    Raises
    ------
    WorkbenchError
        where there is a register already.

    """
    with writing(engine, place) as connection:
        there = schema_of(connection)
        require(
            there is None, "a new register has a place of its own", got=str(place), fix="Open it."
        )
        refuse_encoding(connection)
        METADATA.create_all(connection)
        origin = ORIGIN + secrets.token_hex(8)
        key = make_key(origin)
        verifier = VerifierKey(origin, key.public)
        told = {"schema": str(SCHEMA), "origin": origin, "verifier": str(verifier)}
        connection.execute(
            REGISTER.insert(), [{"key": name, "value": value} for name, value in told.items()]
        )
        if place.is_file:
            connection.exec_driver_sql(f"PRAGMA application_id = {MARK}")
        opening(connection, str(verifier))


def schema_of(connection: Connection) -> int | None:
    """Return the schema of a register, None where there is none."""
    if not inspect(connection).has_table(REGISTER.name):
        return None
    query = select(REGISTER.c.value).where(REGISTER.c.key == "schema")
    found = connection.execute(query).scalar()
    return int(found) if found is not None and found.isdigit() else None


def check(engine: Engine, place: Place, schema: int = SCHEMA) -> bool:
    """Return whether a register has this schema, False where it has an older one.

    Raises
    ------
    WorkbenchError
        where there is no register, or one of a newer workbench.

    """
    if place.path is not None and place.path.exists() and not place.path.stat().st_size:
        raise WorkbenchError(
            f"{place}: the file is empty. If a register was here, restore a backup; else remove it."
        )
    with reading(engine, place) as connection:
        if place.is_file:
            _refuse_others(connection, place)
        found = schema_of(connection)
    if found is None:
        raise WorkbenchError(
            f"{place}: there is no register. Make one with `workbench register init`, or check the "
            "place."
        )
    if found > schema:
        raise WorkbenchError(
            f"{place}: the register has schema {found}, this workbench knows up to {schema}; "
            "nothing was changed. Update the workbench."
        )
    return found == schema


def _refuse_others(connection: Connection, place: Place) -> None:
    mark = connection.exec_driver_sql("PRAGMA application_id").scalar()
    if mark != MARK:
        raise WorkbenchError(
            f"{place}: this is a database of another program, or its first page is damaged. Check "
            "the path; a damaged register is restored from a backup."
        )
    found = connection.exec_driver_sql(PROGRAMS).first()
    if found is not None:
        raise WorkbenchError(
            f"{place}: a register holds tables and nothing that runs; got the {found[0]} "
            f"{echo(found[1])}. Restore a backup."
        )


def migrate(
    engine: Engine,
    place: Place,
    steps: Mapping[int, Sequence[str]] = STEPS,
    schema: int = SCHEMA,
) -> str:
    """Bring an older register up to date in one transaction; return where its backup is.

    Raises
    ------
    WorkbenchError
        where a step is not known or fails: the register is then as it was.

    """
    kept = backup_beside(engine, place)
    with writing(engine, place) as connection:
        found = schema_of(connection)
        while found is not None and found < schema:
            known = found in steps
            require(known, "an old schema can be brought up to date", got=found, fix=f"Use {kept}.")
            for statement in steps[found]:
                connection.execute(text(statement))
            found += 1
            where = REGISTER.c.key == "schema"
            connection.execute(update(REGISTER).where(where).values(value=str(found)))
    return kept
