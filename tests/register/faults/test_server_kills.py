"""Writers to a server that are killed, and the server itself: nothing acknowledged is lost."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.register.faults.conftest import is_running
from tests.register.faults.test_kills import KILLS_OF_ONE, NAMES, killed, lines
from tests.register.postgres import Server, made
from workbench.register import Register


@pytest.fixture(scope="module")
def fragile() -> Iterator[Server]:
    """Return a server that waits for the disk, as those of teams do, and may be killed."""
    started = made(fsync=True)
    yield started
    started.stop()


def test_no_act_of_a_killed_client_is_lost_and_none_half_there(
    workers, fragile: Server, tmp_path: Path, is_whole, record_property, *, soaking: bool
) -> None:
    found = []

    def check(place: str, acknowledged: set[str]) -> None:
        found.append((len(acknowledged), is_whole(place, acknowledged)))

    for turn in range(10 if soaking else 1):
        with fragile.database() as name:
            place = fragile.url(name)
            killed(workers, "write", tmp_path / str(turn), KILLS_OF_ONE, check, place=place)
    record_property("acknowledged", sum(found[n][0] for n in range(KILLS_OF_ONE, len(found), 21)))


def test_no_act_is_lost_when_the_server_is_killed(
    workers, fragile: Server, tmp_path: Path, is_whole, record_property, *, soaking: bool
) -> None:
    with fragile.database() as name:
        place = fragile.url(name)
        Register.create(place, by="ada").close()
        lists = {who: tmp_path / f"{who}.acks" for who in NAMES}
        for number in range(50 if soaking else 3):
            told = {"place": place, "start": 1000 * number}
            before = {who: len(lines(path)) for who, path in lists.items()}
            running = [
                workers.start("write", name=who, acks=str(path), **told)
                for who, path in lists.items()
            ]
            end = time.monotonic() + 60
            while any(len(lines(path)) < before[who] + 2 for who, path in lists.items()):
                assert time.monotonic() < end, "nobody writes"
                time.sleep(0.002)
            fragile.kill()
            for one in running:
                workers.join(one)  # each is told that the server is gone, and ends
                assert not is_running(one)
            fragile.start()
            acknowledged = {line for path in lists.values() for line in lines(path)}
            is_whole(place, acknowledged)
        record_property("acknowledged", len(acknowledged))
