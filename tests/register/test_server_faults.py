"""What goes wrong between a register and its server: told in a line, and nothing is lost."""

import builtins
import re
import sys
import threading

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from workbench.errors import WorkbenchError
from workbench.models.study import Study
from workbench.register import Register, connecting, log, place_of
from workbench.register.faults import words_of_server
from workbench.threats.ties import Tie

ONE = Tie("one", ("T",))


@pytest.fixture
def mara(server, database: str, clock):
    with Register.create(server.url(database), by="mara", clock=clock) as register:
        yield register


def refusal(place: str) -> str:
    with pytest.raises(WorkbenchError) as refused:
        Register.open(place, by="mara")
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_wrong_password_is_told_without_it(server, database: str) -> None:
    told = refusal(server.url(database, password="guess-1"))
    assert "does not accept this name and password" in told
    assert "guess-1" not in told


def test_a_password_in_a_urls_query_is_shown_nowhere() -> None:
    place = place_of("postgresql://ada@db/risk?password=secret&sslmode=require")
    assert "secret" not in str(place)
    assert place.url is not None
    assert (place.url.password, dict(place.url.query)) == ("secret", {"sslmode": "require"})


def test_a_database_that_is_not_there_is_told(server) -> None:
    assert "no such database" in refusal(server.url("nowhere"))


def test_a_server_that_is_not_there_is_told(server) -> None:
    gone = server.url("any").replace(f":{server.port}", ":1")
    assert "cannot be reached" in refusal(gone)


def test_a_database_without_a_register_is_told(server, database: str) -> None:
    assert "workbench register init" in refusal(server.url(database))


def test_an_option_that_no_server_knows_is_told(server, database: str) -> None:
    assert "sslmode" in refusal(f"{server.url(database)}?sslmode=perhaps")


@pytest.mark.parametrize("fault", [ModuleNotFoundError, ImportError])
def test_without_the_driver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, fault) -> None:
    real = builtins.__import__

    def refuse(name: str, *more: object, **named: object) -> object:
        if name.partition(".")[0] == "psycopg":
            raise fault(name)
        return real(name, *more, **named)

    for module in [name for name in sys.modules if name.partition(".")[0] == "psycopg"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(WorkbenchError, match=re.escape("risk-workbench[postgres]")):
        Register.open("postgresql://ada@db/risk")


def cut_others(server, database: str) -> None:
    """End every connection of a database."""
    ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
    server.ask(f"{ends}'{database}'")


def test_a_connection_that_is_cut_in_mid_save_leaves_all_as_it_was(
    mara: Register, example: Study, server, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mara.save("one", ONE)
    before, real = mara.log(), log.append

    def cut(*told: object) -> object:
        cut_others(server, database)
        return real(*told)

    with monkeypatch.context() as patched:
        patched.setattr("workbench.register.committing.append", cut)
        with pytest.raises(WorkbenchError, match="ended the connection; nothing was changed"):
            mara.save_study("lender", example)
    assert mara.log() == before
    assert mara.verify().is_good
    assert mara.save_study("lender", example) is not None  # and the next call works


def test_a_connection_that_is_cut_between_two_calls_is_not_noticed(
    mara: Register, server, database: str
) -> None:
    mara.save("one", ONE)
    cut_others(server, database)
    assert mara.load("link", "one") == ONE
    cut_others(server, database)
    assert mara.save("two", ONE) is not None


def test_a_connection_that_is_cut_at_the_end_of_an_act_is_told_as_undecided(
    mara: Register, server, database: str
) -> None:
    # the server cuts it while it commits, when nobody can know any more what it did
    server.ask(
        "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;"
        "CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON log DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION cut()",
        database,
    )
    with pytest.raises(WorkbenchError, match="all of it is in the register or nothing"):
        mara.save("one", ONE, request="page-1")
    server.ask("DROP TRIGGER cut ON log", database)
    assert mara.save("one", ONE, request="page-1") is not None
    assert mara.verify().is_good


def test_a_writer_waits_for_another_and_then_tells_that_it_did(
    mara: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting, "BUSY", 0.2)
    with (
        connecting.writing(mara._engine, mara.place),
        Register.open(mara.place, by="tom") as tom,
        pytest.raises(WorkbenchError, match="another program has held the register"),
    ):
        tom.save("one", ONE)


def test_a_writer_who_says_nothing_loses_the_lock(
    mara: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting, "IDLE", 0.2)
    ended = threading.Event()
    with (  # noqa: PT012
        pytest.raises(WorkbenchError, match=r"nothing was changed\. Do it again"),
        connecting.writing(mara._engine, mara.place) as connection,
    ):
        ended.wait(1.0)
        log.next_seq(connection)
    assert mara.save("one", ONE) is not None


@pytest.mark.parametrize(
    "setting",
    [
        "default_transaction_isolation = 'repeatable read'",
        "default_transaction_isolation = serializable",
        "synchronous_commit = off",
        "lock_timeout = 1",
        "client_encoding = latin1",
        "search_path = '$user', public",
        "standard_conforming_strings = off",
        "bytea_output = escape",
    ],
)
def test_a_servers_own_settings_weaken_nothing(
    server, database: str, setting: str, example: Study
) -> None:
    server.ask(f"ALTER DATABASE {database} SET {setting}")
    odd = Tie("odd", ("Größe \\ 'x' 😀",))
    with Register.create(server.url(database), by="mara") as mara:
        with connecting.writing(mara._engine, mara.place) as connection:
            found = [
                connection.exec_driver_sql(f"SHOW {name}").scalar()
                for name in ("transaction_isolation", "synchronous_commit", "lock_timeout")
            ]
        assert found == ["read committed", "on", "30s"]
        mara.save_study("lender", example)
        mara.save("odd", odd)
        assert mara.load_study("lender").study == example
        assert mara.load("link", "odd") == odd
        assert mara.verify().is_good


def test_a_database_that_cannot_hold_every_text_is_refused(server) -> None:
    server.ask("CREATE DATABASE western TEMPLATE template0 ENCODING 'LATIN1'")
    with pytest.raises(WorkbenchError, match=r"UTF-8; got 'LATIN1'"):
        Register.create(server.url("western"), by="mara")
    server.ask("DROP DATABASE western")  # nobody is left in it


def test_a_commit_that_waits_for_other_servers_is_left_as_it_is(server, database: str) -> None:
    server.ask(f"ALTER DATABASE {database} SET synchronous_commit = remote_apply")
    with (
        Register.create(server.url(database), by="mara") as mara,
        connecting.writing(mara._engine, mara.place) as connection,
    ):
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "remote_apply"


@pytest.mark.parametrize("state", ["53100", "53300", "58030", "XX001", "57P02", "40001", "57014"])
def test_each_fault_of_a_server_has_a_line_of_words(
    mara: Register, server, database: str, state: str
) -> None:
    server.ask(
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION 'Unbekannt' USING ERRCODE = '{state}'; END $$;"
        "CREATE TRIGGER fail BEFORE INSERT ON log FOR EACH ROW EXECUTE FUNCTION fail()",
        database,
    )
    with pytest.raises(WorkbenchError) as told:
        mara.save("one", ONE)
    assert "\n" not in str(told.value)
    assert "Unbekannt" not in str(told.value)


def test_a_fault_that_nobody_knows_is_told_as_the_server_says_it(mara: Register, server, database):
    server.ask("ALTER TABLE log ADD CONSTRAINT none CHECK (seq < 1)", database)
    words = r'the database says: .*"none" \(SQLSTATE 23514\); nothing was changed\. Do it again, or'
    with pytest.raises(WorkbenchError, match=words):
        mara.save("one", ONE)
    with psycopg.connect(server.url(database)) as connection:
        assert connection.execute("SELECT count(*) FROM versions").fetchone() == (0,)


def test_a_fault_that_nobody_knows_at_the_end_of_an_act_sends_to_the_log() -> None:
    class Odd(Exception):
        sqlstate = "XY123"

    for statement, told in (
        ("INSERT", "; nothing was changed. Do"),
        (None, "; look at `workbench"),
    ):
        words = words_of_server(DBAPIError(statement, None, Odd("it broke\nat line 3")))
        assert words.startswith(f"the database says: it broke (SQLSTATE XY123){told}")
        assert words.endswith("show this to the owner of the database.")
