"""A register of one study of 100,000 scenarios: in a file, and on a PostgreSQL server where one is.

Those that are saved one by one belong to the 100,000, which is the most that a study has.

`python register.py PLACE COUNT SERVER` measures in a process of its own and prints JSON. SERVER is
the process id of the server, or None: its own processor seconds are counted apart.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from measuring import ROOT, peak, seconds, table

MANY, FEW = 100_000, 2_000  # scenarios
REPEATS = 5
HEAD = "id,name,aro_low,aro_mode,aro_high,asset_value,ef_low,ef_mode,ef_high,likelihood,consequence"
ROW = "S-{n:06},Scenario {n} of the register,0.1,0.5,2,{value},0.1,0.3,0.8,3,4"
TARGETS = {
    "import": 10.0,
    "list": 0.1,
    "last": 0.1,
    "rare": 0.1,
    "many": 0.1,
    "edit": 0.1,
    "new": 0.1,
}
TITLES = {
    "import": "import from CSV, read by the gate, in one transaction",
    "checkpoint": "a checkpoint after it",
    "list": "list, the first 100",
    "last": "list, the last 100",
    "rare": "search of what one scenario has",
    "many": "search of what all have, the first 100",
    "edit": "save of one scenario",
    "new": "save of a new scenario",
    "load": "read the whole study",
    "export": "export to CSV, with its entry and a checkpoint",
    "verify": "verify all of it",
}


def used(server: int | None) -> float:
    """Return the processor seconds of a server: its processes that are and that were."""
    if server is None:
        return 0.0
    tick, total = os.sysconf("SC_CLK_TCK"), 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            words = stat.read_text().rpartition(")")[2].split()
            own, parent = stat.parent.name == str(server), words[1] == str(server)
            total += sum(map(int, words[11:15] if own else words[11:13] if parent else []))
    return total / tick


class Meter:
    """Medians of what is done, each as [processor, server's processor, clock] seconds."""

    def __init__(self, server: int | None) -> None:
        self._server = server
        self.found: dict[str, list[float]] = {}

    def __call__(self, name: str, job: Callable[[], object], repeats: int = 1) -> None:
        """Do a job and keep what it took."""
        taken = []
        for _ in range(repeats):
            before = time.process_time(), used(self._server), time.perf_counter()
            job()
            after = time.process_time(), used(self._server), time.perf_counter()
            taken.append([end - start for start, end in zip(before, after, strict=True)])
        self.found[name] = sorted(taken)[repeats // 2]


def measured(place: str, count: int, server: int | None) -> dict[str, Any]:
    """Measure in this process."""
    from workbench.register import Register
    from workbench.register.exporting import export_study
    from workbench.register.importing import import_file, open_file

    rows = (ROW.format(n=n, value=1_000_000 + n) for n in range(count - REPEATS))
    Path("many.csv").write_text("\n".join([HEAD, *rows]) + "\n")
    meter = Meter(server)
    with Register.create(place, by="mara") as register:
        meter("import", lambda: import_file(register, open_file("many.csv"), "many"))
        meter("checkpoint", register.checkpoint)
        found = {"peak": peak()}
        last = {"limit": 100, "offset": count - REPEATS - 100}
        meter("list", lambda: register.items(limit=100), REPEATS)
        meter("last", lambda: register.items(kind="scenario", **last), REPEATS)
        meter("rare", lambda: register.items(search=f"Scenario {count - 17} "), REPEATS)
        meter("many", lambda: register.items(search="of the register", limit=100), REPEATS)
        one = register.load_part("scenario", "many", "S-000007")
        names = iter(range(REPEATS * 2))
        for name, told in (("edit", {}), ("new", {"id": "S-new"})):
            meter(name, lambda told=told: _save(register, one, next(names), told), REPEATS)
        meter("load", lambda: register.load_study("many"))
        meter("export", lambda: export_study(register, "many", "out.csv"))
        meter("verify", lambda: _verified(register))
        found["peak of all"] = peak()
    return {"times": meter.found} | found


def _save(register: Any, one: Any, number: int, told: dict[str, str]) -> None:
    more = {key: f"{value}-{number}" for key, value in told.items()}
    register.save_part("many", replace(one, name=f"Another name {number}", **more))


def _verified(register: Any) -> None:
    verdict = register.verify()
    assert verdict.is_good, verdict.faults


@contextmanager
def places() -> Iterator[dict[str, tuple[str, int | None]]]:
    """Give a file, and a database of a server of our own where PostgreSQL is installed."""
    sys.path.insert(0, str(ROOT))
    from tests.register.postgres import Server, programs

    found: dict[str, tuple[str, int | None]] = {"SQLite": ("register.db", None)}
    folder = programs()
    if folder is None:
        yield found
        return
    server = Server(folder, fsync=True)
    try:
        server.start()
        with server.database() as name:
            yield found | {"PostgreSQL": (server.url(name), server.process_id)}
    finally:
        server.stop()


def report(*, quick: bool) -> list[str]:
    """Return the section's lines."""
    count = FEW if quick else MANY
    lines = [f"## Register, one study of {count:,} scenarios", ""]
    with places() as found:
        for name, (place, server) in found.items():
            told = _apart(place, count, server)
            rows = [
                [TITLES[key], *map(seconds, times), seconds(TARGETS[key]) if key in TARGETS else ""]
                for key, times in told["times"].items()
            ]
            heads = [name, "processor", "server's processor", "clock", "target"]
            lines += table(heads, rows)
            both = f"{told['peak']:.0f} MiB after the import, {told['peak of all']:.0f} in the end"
            lines += ["", f"Peak memory: {both}; target 1,024.", ""]
    return lines


def _apart(place: str, count: int, server: int | None) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(Path(__file__).resolve()), place, str(count), str(server)]
        keys = {"WORKBENCH_REGISTER_KEYS": str(Path(folder) / "keys")}
        done = subprocess.run(
            command, cwd=folder, env=os.environ | keys, check=True, stdout=subprocess.PIPE
        )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    asked_place, asked_count, asked_server = sys.argv[1:]
    process = None if asked_server == "None" else int(asked_server)
    print(json.dumps(measured(asked_place, int(asked_count), process)))
