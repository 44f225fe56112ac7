"""A register that has outgrown its file: the same rows, log and proofs, on a server."""

import shutil
import tempfile
from pathlib import Path

from sqlalchemy import Connection, inspect, select

from workbench.errors import require
from workbench.register.connecting import connected, reading, refuse_encoding, writing
from workbench.register.places import Place
from workbench.register.tables import METADATA, REGISTER, SCHEMA

AT_ONCE = 5_000  # rows that are held in memory


def move(source: Path, place: Place) -> None:
    """Fill an empty database of a server with a backup of a file: every row of it or none.

    The backup is not written to: it is read as a copy, since SQLite keeps files beside what it
    opens.

    Raises
    ------
    WorkbenchError
        where there is a register already, for a backup of another schema, and where the server
        refuses.

    """
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
        copy = Place(path=Path(folder) / "register.db")
        shutil.copyfile(source, str(copy.path))
        old, new = connected(copy, reads_only=True), connected(place)
        try:
            with reading(old, copy) as here, writing(new, place) as there:
                _refuse(here, there, source, place)
                METADATA.create_all(there)
                for table in METADATA.sorted_tables:
                    for rows in here.execute(select(table)).mappings().partitions(AT_ONCE):
                        there.execute(table.insert(), [dict(row) for row in rows])
        finally:
            old.dispose()
            new.dispose()


def _refuse(here: Connection, there: Connection, source: Path, place: Place) -> None:
    has_one = inspect(there).has_table(REGISTER.name)
    rule = "a backup is restored where no register is"
    require(not has_one, rule, got=str(place), fix="Name an empty database.")
    refuse_encoding(there)
    found = here.execute(select(REGISTER.c.value).where(REGISTER.c.key == "schema")).scalar()
    rule = f"a register moves to a server with schema {SCHEMA}, which this workbench knows"
    fix = f"Restore {source.name} as a file, open it once, and back that up."
    require(found == str(SCHEMA), rule, got=found, fix=fix)
