"""Many processes at one scenario: each sees what the others did, and no save is lost."""

import time
from pathlib import Path

from tests.register.faults.conftest import is_running
from workbench.distributions import Point
from workbench.models.scenario import Scenario
from workbench.models.study import Study
from workbench.register import Register

PATIENCE = 600.0  # seconds for all saves


def test_no_update_of_many_writers_is_lost(
    place: str, workers, tmp_path: Path, record_property, *, soaking: bool
) -> None:
    writers, saves = (8, 50) if soaking else (4, 8)
    lists = {f"writer {number}": tmp_path / f"{number}.conflicts" for number in range(writers)}
    study = Study(scenarios=(Scenario("S", "0", Point(0.5), loss_magnitude=Point(1.0)),))
    with Register.create(place, by="ada") as register:
        register.save_study("one", study)
        began = len(register.log())
        started = [
            workers.start("count_up", place=place, name=name, acks=str(path), times=saves)
            for name, path in lists.items()
        ]
        end = time.monotonic() + PATIENCE
        while any(map(is_running, started)):
            assert time.monotonic() < end, "writers hold each other up"
            time.sleep(0.01)
        record_property("conflicts", sum(int(path.read_text()) for path in lists.values()))
        (row,) = register.load_study("one").study.scenarios
        assert row.name.split()[0] == str(writers * saves)
        made = [version.version for version in register.history("scenario", "one/S")]
        assert made == list(range(writers * saves + 1, 0, -1))
        log = register.log()
        assert [entry.seq for entry in log] == list(range(len(log)))
        assert sum(entry.act == "edit" for entry in log[began:]) == writers * saves
        assert register.verify().is_good
