"""A register of its own for each test, on every database that is there, and people who use it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.register.postgres import Server, made
from workbench.files import read_study
from workbench.models.study import Study
from workbench.register import Register
from workbench.register.keys import VARIABLE

ROOT = Path(__file__).resolve().parents[2]
START = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)


class Clock:
    """A clock that goes on by a second each time, unless it is put back."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the keys of a test in its own folder."""
    folder = tmp_path / "keys"
    monkeypatch.setenv(VARIABLE, str(folder))
    monkeypatch.delenv("WORKBENCH_REGISTER", raising=False)
    monkeypatch.delenv("WORKBENCH_ACCOUNT", raising=False)
    return folder


@pytest.fixture(scope="session")
def example() -> Study:
    """Return the shipped example study."""
    return read_study(ROOT / "datasets" / "studies" / "ai-lender" / "study.yaml").study


@pytest.fixture
def clock() -> Clock:
    """Return the clock of a test."""
    return Clock()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Return the PostgreSQL server of these tests; started by the first that asks."""
    started = made()
    yield started
    started.stop()


@pytest.fixture
def database(server: Server) -> Iterator[str]:
    """Return the name of an empty database of this test."""
    with server.database() as name:
        yield name


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return where a register of this test is to be: a file, then a database of its own.

    `parametrize("place", ["sqlite"], indirect=True)` is for a test about one of them.
    """
    if request.param == "sqlite":
        return str(tmp_path / "register.db")
    server = request.getfixturevalue("server")
    return server.url(request.getfixturevalue("database"))


@pytest.fixture
def people(place: str, clock: Clock) -> Iterator[Callable[[str], Register]]:
    """Open the one register of a test for somebody; the first to ask makes it."""
    opened: dict[str, Register] = {}

    def open_for(name: str) -> Register:
        if name not in opened:
            make = Register.open if opened else Register.create
            opened[name] = make(place, by=name, clock=clock)
        return opened[name]

    yield open_for
    for register in opened.values():
        register.close()


@pytest.fixture
def mara(people: Callable[[str], Register]) -> Register:
    """Return the register as Mara, who made it, has it open."""
    return people("mara")


@pytest.fixture
def tom(mara: Register, people: Callable[[str], Register]) -> Register:
    """Return the same register as Tom has it open."""
    return people("tom")
