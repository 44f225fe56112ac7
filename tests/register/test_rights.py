"""Rights on a server: a program's role adds to the log and never changes it; pages only read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg
import pytest

from workbench.errors import WorkbenchError
from workbench.models.study import Study
from workbench.register import Register
from workbench.register.tables import APPEND_ONLY, METADATA
from workbench.threats.ties import Tie

LINK = "link"
GROWS = [table.name for table in APPEND_ONLY]


@dataclass(frozen=True)
class Room:
    """A register on a server, made by the owner, and the URLs of its roles."""

    owner: str
    app: str
    reader: str

    def asked(self, url: str, statement: str) -> None:
        with psycopg.connect(url) as connection:
            connection.execute(statement.encode())


@pytest.fixture
def room(server, database: str) -> Iterator[Room]:
    with Register.create(server.url(database), by="ada") as owner:
        urls = []
        for reads_only in (False, True):
            name, password = server.role("reader" if reads_only else 'app"; DROP TABLE log; -- %s')
            owner.grant(name, reads_only=reads_only)
            urls.append(server.url(database, name, password))
        yield Room(server.url(database), *urls)


@pytest.fixture
def opened(room: Room, clock) -> Iterator[Callable[[str], Register]]:
    """Open the register for somebody, as the program's role."""
    made: list[Register] = []

    def open_for(name: str) -> Register:
        made.append(Register.open(room.app, by=name, clock=clock))
        return made[-1]

    yield open_for
    for one in made:
        one.close()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM {}",
        "TRUNCATE {} CASCADE",
        "DROP TABLE {} CASCADE",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
        "CREATE TRIGGER t AFTER INSERT ON {} FOR EACH ROW EXECUTE FUNCTION unique_key_recheck()",
        "CREATE RULE r AS ON INSERT TO {} DO INSTEAD NOTHING",
    ],
    ids=lambda text: " ".join(text.split(" ")[:2]).lower(),
)
def test_the_server_refuses_to_change_what_only_grows(room: Room, statement: str) -> None:
    for table in GROWS:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            room.asked(room.app, statement.format(table))


def test_no_column_of_what_only_grows_is_updated(room: Room) -> None:
    for table in GROWS:
        for column in METADATA.tables[table].columns:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                room.asked(room.app, f'UPDATE {table} SET "{column.name}" = "{column.name}"')


def test_what_the_register_says_of_itself_is_its_owners(room: Room) -> None:
    for statement in ("UPDATE register SET value = ''", "INSERT INTO register VALUES ('a', 'b')"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            room.asked(room.app, statement)


def test_every_act_is_done_with_the_rights_of_a_program(
    opened, example: Study, tmp_path, room: Room
) -> None:
    mara, tom = opened("mara"), opened("tom")
    mara.save_study("lender", example)
    mara.save_study("other", example, source={"file": "study.yaml"})
    mara.save("one", Tie("one", ("T",)), request="r-1")
    mara.save("one", Tie("one", ("T", "U")))
    mara.delete(LINK, "one")
    mara.undo()
    mara.redo()
    mara.undo()
    mara.put_draft("study", "lender", {"a": 1})
    mara.put_draft("study", "lender", {"a": 2})
    assert [draft.body for draft in mara.drafts()] == ['{"a":2}']
    mara.drop_draft("study", "lender")
    (head,), _ = mara.items(kind=LINK)
    mara.review("submit", LINK, "one", head.version)
    tom.review("approve", LINK, "one", head.version)
    tom.erase("mara")
    assert tom.checkpoint() is not None
    with Register.open(room.reader, reads_only=True) as reader:
        assert reader.verify().faults == ()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {0} SET {1} = {1}",
        "DELETE FROM {0}",
        "TRUNCATE {0}",
        "INSERT INTO {0} SELECT * FROM {0}",
    ],
)
def test_a_reader_changes_nothing(room: Room, statement: str) -> None:
    for table in METADATA.sorted_tables:
        column = next(iter(table.columns)).name
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            room.asked(room.reader, statement.format(table.name, f'"{column}"'))


def test_a_reader_sees_all_but_drafts_and_salts(room: Room, opened, example: Study) -> None:
    opened("mara").save_study("lender", example)
    with Register.open(room.reader, reads_only=True) as reader:
        assert reader.load_study("lender").study == example
        assert reader.history("study", "lender")[0].by == "mara"
        assert reader.latest_checkpoint() is None or reader.verify().is_good
    for statement in ("SELECT * FROM drafts", "SELECT salt FROM accounts"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            room.asked(room.reader, statement)


def test_a_reader_who_saves_is_told_in_a_line(room: Room) -> None:
    with Register.open(room.reader, by="mara") as reader:
        for act in (lambda: reader.save("one", Tie("one", ("T",))), reader.drafts):
            with pytest.raises(WorkbenchError, match="may not do that; nothing was changed") as no:
                act()
            assert "\n" not in str(no.value)
    with (
        Register.open(room.app, by="mara", reads_only=True) as closed,
        pytest.raises(WorkbenchError, match="open for reading alone"),
    ):
        closed.save("one", Tie("one", ("T",)))


def test_rights_that_were_more_are_taken_back(room: Room, server, database: str) -> None:
    name, password = server.role("once more")
    server.ask(f'GRANT ALL ON log TO "{name}"; GRANT UPDATE (body) ON log TO "{name}"', database)
    with Register.open(room.owner, by="ada") as owner:
        owner.grant(name)
        owner.grant(name)  # again does no harm
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        room.asked(server.url(database, name, password), "UPDATE log SET body = ''")


@pytest.mark.parametrize("how", ["superuser", "owner", "member", "public"])
@pytest.mark.parametrize("reads_only", [False, True])
def test_a_role_that_could_change_the_log_all_the_same_is_refused(
    room: Room, server, database: str, how: str, *, reads_only: bool
) -> None:
    name, _ = server.role("strong")
    group, _ = server.role("group")
    undo = ""
    if how == "superuser":
        server.ask(f'ALTER ROLE "{name}" SUPERUSER')
    elif how == "owner":
        server.ask(f'GRANT owner TO "{name}"')
    elif how == "member":
        server.ask(
            f'GRANT "{group}" TO "{name}"; GRANT UPDATE (body) ON log TO "{group}"', database
        )
    else:
        server.ask("GRANT DELETE ON versions TO PUBLIC", database)
        undo = "REVOKE DELETE ON versions FROM PUBLIC"
    with (
        Register.open(room.owner, by="ada") as owner,
        pytest.raises(WorkbenchError, match="cannot change the log"),
    ):
        owner.grant(name, reads_only=reads_only)
    server.ask(undo or "SELECT 1", database)
    rights = server.ask(f"SELECT has_table_privilege('{name}', 'drafts', 'SELECT')", database)
    assert rights == [(how in {"superuser", "owner"},)]  # nothing of the grant was kept


def test_a_role_that_is_not_there_is_refused(room: Room) -> None:
    with (
        Register.open(room.owner, by="ada") as owner,
        pytest.raises(WorkbenchError, match="CREATE ROLE"),
    ):
        owner.grant("nobody's")


def test_a_file_has_no_roles(tmp_path) -> None:
    with (
        Register.create(tmp_path / "register.db", by="ada") as register,
        pytest.raises(WorkbenchError, match="the folder's permissions"),
    ):
        register.grant("app")
