"""Two writers, and one of them killed again and again: nothing acknowledged is lost."""

import random
import time
from pathlib import Path

from workbench.register import Register

NAMES = ("mara", "tom")
PAUSE = 0.08  # seconds at most from an acknowledgement to the kill
KILLS_OF_ONE = 20  # register; then a new one, so that checking stays quick


def lines(path: Path) -> list[str]:
    """Return the whole lines of a list of acknowledgements."""
    return path.read_text().split("\n")[:-1] if path.exists() else []


def killed(workers, call: str, folder: Path, kills: int, check, *, place: str = "") -> None:
    """Let two write and kill one, in turns; check after each kill while the other goes on."""
    folder.mkdir()
    place = place or str(folder / "register.db")
    Register.create(place, by="ada").close()
    lists = {name: folder / f"{name}.acks" for name in NAMES}

    def start(name: str) -> int:
        begun = 8 * len(lines(lists[name])) + 8  # no label is used twice
        told = {"place": place, "name": name, "acks": str(lists[name]), "start": begun}
        return workers.start(call, **told)

    def grows(name: str) -> None:
        before, end = len(lines(lists[name])), time.monotonic() + 60
        while len(lines(lists[name])) == before:
            assert time.monotonic() < end, f"{name} does not go on"
            time.sleep(0.002)

    running = {name: start(name) for name in NAMES}
    draw = random.Random(kills)
    for number in range(kills):
        victim, other = NAMES[number % 2], NAMES[1 - number % 2]
        grows(victim)
        time.sleep(draw.random() * PAUSE)
        workers.kill(running[victim])
        check(place, {line for name in NAMES for line in lines(lists[name])})
        grows(other)
        running[victim] = start(victim)
    for one in running.values():
        workers.kill(one)
    check(place, {line for name in NAMES for line in lines(lists[name])})


def test_no_acknowledged_act_is_lost_and_none_half_there(
    workers, tmp_path: Path, is_whole, record_property, *, soaking: bool
) -> None:
    found = []

    def check(place: str, acknowledged: set[str]) -> None:
        found.append((len(acknowledged), is_whole(place, acknowledged)))

    for turn in range(10 if soaking else 1):
        killed(workers, "write", tmp_path / str(turn), KILLS_OF_ONE, check)
    record_property("checks", len(found))
    record_property("acknowledged", sum(found[n][0] for n in range(KILLS_OF_ONE, len(found), 21)))


def test_an_acknowledgement_before_the_save_would_be_found(workers, tmp_path: Path) -> None:
    lost = []

    def check(place: str, acknowledged: set[str]) -> None:
        with Register.open(place, reads_only=True) as register:
            there = {entry.reason for entry in register.log()}
        lost.append(acknowledged - there)

    killed(workers, "lie", tmp_path / "lies", 8, check)
    assert any(lost)
