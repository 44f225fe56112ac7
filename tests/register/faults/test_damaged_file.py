"""A damaged file: refused in words, or the answers are right; never made anew over what is left."""

import random
import sqlite3
from pathlib import Path

import pytest

from workbench.errors import WorkbenchError
from workbench.models.study import Study
from workbench.register import Register
from workbench.register.keys import VARIABLE
from workbench.register.soundness import faults_of
from workbench.threats.ties import Tie

TABLES = ("log", "versions", "touched", "items")
BYTES, LENGTHS = (60, 1000), (20, 200)  # of a day, of a soak


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, example: Study) -> bytes:
    """Return the file of a register, closed."""
    folder = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(folder / "keys"))
        with Register.create(folder / "register.db", by="mara") as register:
            register.save_study("lender", example)
            for n in range(5):
                register.save("tie", Tie("S1", (f"T{n}",)))
    assert not (folder / "register.db-wal").exists()
    return (folder / "register.db").read_bytes()


def audited(path: Path) -> list[list[tuple]]:
    """Return all rows that the log is about, as SQLite has them."""
    with sqlite3.connect(path) as connection:
        return [sorted(connection.execute(f"SELECT * FROM {name}")) for name in TABLES]


def told_of(path: Path, example: Study, truth: list[list[tuple]]) -> str:
    """Use a register as people do; what is not refused must be right. Return how it was found."""
    try:
        register = Register.open(path, by="mara")
    except WorkbenchError as error:
        return one_line(error, "opened")
    found = ""
    for look in (
        lambda: register.load_study("lender").study == example,
        lambda: register.load("link", "tie") == Tie("S1", ("T4",)),
        lambda: [one.version for one in register.history("link", "tie")] == [5, 4, 3, 2, 1],
        lambda: register.items() and register.log() and True,
    ):
        try:
            assert look()
        except WorkbenchError as error:
            found = one_line(error, "read")
    try:
        verdict = register.verify()
        if verdict.is_good and not register.ask(faults_of):
            assert audited(path) == truth
        else:
            found = found or "verified"
    except WorkbenchError as error:
        found = found or one_line(error, "verified")
    return found


def one_line(error: WorkbenchError, how: str) -> str:
    text = str(error)
    for raw in ("\n", "Traceback", "sqlite3", "(psycopg"):
        assert raw not in text, text
    return how


@pytest.fixture
def place(tmp_path: Path, whole: bytes) -> Path:
    """Return a place for damaged copies."""
    return tmp_path / "register.db"


def put(place: Path, data: bytes) -> Path:
    """Write a damaged copy, nothing of an earlier one beside it."""
    for ending in ("", "-wal", "-shm"):
        Path(f"{place}{ending}").unlink(missing_ok=True)
    place.write_bytes(data)
    return place


def test_a_byte_that_flips_is_refused_or_harmless(
    place: Path, whole: bytes, example: Study, record_property, *, soaking: bool
) -> None:
    truth, draw = audited(put(place, whole)), random.Random(1)
    ways = dict.fromkeys(("", "opened", "read", "verified"), 0)
    for at in draw.sample(range(len(whole)), BYTES[soaking]):
        flipped = whole[:at] + bytes([whole[at] ^ 1 << draw.randrange(8)]) + whole[at + 1 :]
        ways[told_of(put(place, flipped), example, truth)] += 1
    for how, many in ways.items():
        record_property(how or "harmless", many)


def test_a_file_that_is_cut_is_refused(
    place: Path, whole: bytes, example: Study, record_property, *, soaking: bool
) -> None:
    truth, draw = audited(put(place, whole)), random.Random(2)
    lengths = draw.sample(range(len(whole)), LENGTHS[soaking])
    ways = [told_of(put(place, whole[:length]), example, truth) for length in lengths]
    record_property("cuts", len(ways))
    assert "" not in ways


def another_database(place: Path) -> bytes:
    with sqlite3.connect(place) as connection:
        connection.execute("CREATE TABLE bookmarks (address)")
    data = place.read_bytes()
    place.unlink()
    return data


@pytest.mark.parametrize("what", ["png", "nothing", "database", "text"])
def test_what_is_no_register_is_refused_and_left_as_it_is(place: Path, what: str) -> None:
    data = {
        "png": b"\x89PNG\r\n\x1a\n" + bytes(500),
        "nothing": b"",
        "database": another_database(place),
        "text": b"id,name\nS1,One\n",
    }[what]
    put(place, data)
    for reads_only in (False, True):
        with pytest.raises(WorkbenchError) as refused:
            Register.open(place, by="mara", reads_only=reads_only)
        one_line(refused.value, "")
    with pytest.raises(WorkbenchError, match="a place of its own"):
        Register.create(place, by="mara")
    assert place.read_bytes() == data


def test_the_log_of_a_lost_register_is_never_read_into_a_new_one(place: Path) -> None:
    Path(f"{place}-wal").write_bytes(b"what is left")
    with pytest.raises(WorkbenchError, match="nothing is left of another"):
        Register.create(place, by="mara")
    assert not place.exists()
