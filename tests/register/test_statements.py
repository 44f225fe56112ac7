"""How often the database is asked, and who waits: the same however many items an act touches."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event

from workbench import Point, Scenario, Study
from workbench.frameworks.readiness import Standing
from workbench.register import Register
from workbench.register.beside import values
from workbench.register.connecting import writing
from workbench.register.kinds import KINDS, body_of
from workbench.register.records import Change, Decided
from workbench.register.studies import parts_of

pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)
FEW, MANY = 10, 200
Step = Callable[[], object]


def study_of(size: int, rate: float = 0.1) -> Study:
    return Study(
        scenarios=tuple(
            Scenario.fair(
                f"S-{n:04}",
                f"Name {n}",
                loss_event_frequency=Point(rate),
                loss_magnitude=Point(1e3),
            )
            for n in range(size)
        )
    )


@contextmanager
def counted(register: Register) -> Iterator[list[str]]:
    told: list[str] = []

    def note(_c: object, _k: object, statement: str, *_: object) -> None:
        told.append(statement)

    event.listen(register._engine, "before_cursor_execute", note)
    yield told
    event.remove(register._engine, "before_cursor_execute", note)


@contextmanager
def steps_of_sqlite(register: Register) -> Iterator[list[None]]:
    """Count by the hundred what SQLite's machine does, on connections that are made meanwhile."""
    done: list[None] = []

    def watch(connection: sqlite3.Connection, _: object) -> None:
        connection.set_progress_handler(lambda: done.append(None), 100)

    event.listen(register._engine, "connect", watch)
    yield done
    event.remove(register._engine, "connect", watch)


def refused(register: Register) -> None:
    with pytest.raises(Decided):
        register.undo()


def steps(mara: Register, tom: Register, size: int) -> dict[str, tuple[Register, Step]]:
    """Return who does which act on a study of its own, in their order."""
    name = f"study-{size}"
    tom.put_draft("scenario", "lender/S-01", {"text": ""})  # an account is made once
    return {
        "create": (mara, lambda: mara.save_study(name, study_of(size))),
        "edit": (mara, lambda: mara.save_study(name, study_of(size, 0.2))),
        "undo": (mara, mara.undo),
        "redo": (mara, mara.redo),
        "submit": (mara, lambda: mara.review("submit", "study", name, 1)),
        "approve": (tom, lambda: tom.review("approve", "study", name, 1)),
        "undo of what is approved": (mara, lambda: refused(mara)),
    }


def test_an_act_asks_as_often_for_200_items_as_for_10(people: Callable[[str], Register]) -> None:
    counts: list[dict[str, int]] = []
    for size in (FEW, MANY):
        counts.append({})
        for act, (who, step) in steps(people("mara"), people("tom"), size).items():
            with counted(who) as told:
                step()
            counts[-1][act] = len(told)
    assert counts[0] == counts[1]


def test_a_study_is_read_without_those_beside_it(mara: Register) -> None:
    standing = Standing("iso42001_2023", "A.7.4", "met", evidence="minutes")
    mara.save_study("lender", study_of(FEW))
    mara.save("iso42001_2023/A.7.4", standing)
    counts = []
    for _ in range(2):
        with steps_of_sqlite(mara) as done:
            assert len(mara.load_study("lender").study.scenarios) == FEW
            assert values(mara, "assessment", "lender") == [("iso42001_2023/A.7.4", standing)]
        counts.append(len(done))
        dump = body_of(KINDS["assessment"].dump(standing))
        others = [Change("assessment", f"study/{n}", dump) for n in range(MANY)]
        mara.do("import", [*parts_of("study", study_of(MANY)), *others])
    assert counts[1] < 2 * counts[0]


def test_drafts_are_read_while_somebody_else_writes(mara: Register, place: str) -> None:
    mara.put_draft("scenario", "lender/S-01", {"text": "half a wo"})
    with (
        writing(mara._engine, mara.place),
        Register.open(Path(place), by="mara") as again,
        Register.open(Path(place), by="a stranger") as stranger,
    ):
        assert [one.id for one in again.drafts()] == ["lender/S-01"]
        assert stranger.drafts() == []
