"""A process that has everything loaded, and forks workers that save until they are killed.

It reads one call a line, as JSON, and answers with the id of the process that does it. What a
worker has acknowledged is on its list, outside of the register, once the save has returned.
"""

import ctypes
import errno
import hashlib
import json
import os
import random
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

from workbench.audit.entries import Entry
from workbench.errors import WorkbenchError
from workbench.files import read_study, save, study_yaml
from workbench.models.portfolio import simulate
from workbench.models.study import Study
from workbench.register import Conflict, Place, Register, connecting
from workbench.register.backing_up import restore
from workbench.register.checkpointing import origin_of
from workbench.register.exporting import export_study
from workbench.register.keys import VARIABLE
from workbench.reports.result import result_record
from workbench.threats.ties import Tie

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = read_study(ROOT / "datasets" / "studies" / "ai-lender" / "study.yaml").study
TEXT = study_yaml(EXAMPLE)
RECORD = result_record(simulate(EXAMPLE), EXAMPLE)
LINK = "link"


def edited(study: Study, label: str) -> Study:
    """Rename the study and three scenarios: one act, four rows."""
    rows = list(study.scenarios)
    plain = [n for n, row in enumerate(rows) if row.inherent is None and row.residual is None]
    for number in plain[:3]:
        rows[number] = replace(rows[number], name=f"{label} {number}")
    return replace(study, name=label, scenarios=tuple(rows))


def acts(register: Register, name: str, start: int) -> Iterator[Callable[[], Entry | None]]:
    """Yield what somebody does in a register, without an end."""
    for n in count(start):
        label = f"{name}-{n}"

        def study(label: str = label) -> Entry | None:
            return register.save_study(name, edited(EXAMPLE, label), reason=label, request=label)

        def link(label: str = label) -> Entry | None:
            return register.save(label, Tie(label, ("T",)), reason=label)

        def submit(label: str = f"{name}-{n - 1}") -> Entry | None:
            return register.review("submit", LINK, label, 1, reason=f"submit {label}")

        def checkpoint() -> None:
            register.checkpoint()

        turn = n % 8
        yield {1: study, 2: link, 3: submit, 4: study, 5: register.undo, 6: register.redo}.get(
            turn, checkpoint if turn == 7 else study
        )


def write(place: str, name: str, acks: str, start: int = 0) -> None:
    """Save and acknowledge, until killed."""
    with Path(acks).open("ab", buffering=0) as told:
        register = Register.open(place, by=name)
        for act in acts(register, name, start):
            entry = act()
            if entry is not None:
                told.write(f"{entry.leaf().hex()}\n".encode())


def lie(place: str, name: str, acks: str, start: int = 0) -> None:
    """Acknowledge before the save: what a test of kills must find."""
    with Path(acks).open("ab", buffering=0) as told:
        register = Register.open(place, by=name)
        for n in count(start):
            label = f"{name}-{n}"
            told.write(f"{label}\n".encode())
            register.save_study(name, edited(EXAMPLE, label), reason=label)


def traced(place: str, name: str, rounds: int, synchronous: str) -> None:
    """Save a number of times while a reader holds the register open; tell the trace of each.

    Without the reader every save would close the last connection, and SQLite would then put the
    log away and flush everything whatever the setting is.
    """
    note = ctypes.CDLL(None).fault_note
    connecting.PRAGMAS = (*connecting.PRAGMAS, f"PRAGMA synchronous = {synchronous}")
    register = Register.open(place, by=name)
    with register._engine.connect() as reader:
        origin_of(reader)
        reader.rollback()
        for n, act in zip(range(rounds), acts(register, name, 0), strict=False):
            entry = act()
            if entry is not None:
                note(f"entry {entry.leaf().hex()}".encode())
            if n % 8 == 4:
                backup = Path(place).with_name(f"{name}-{n}.backup")
                register.backup(backup)
                note(f"file {backup.name} {digest(backup)}".encode())
                export = Path(place).with_name(f"{name}-{n}.yaml")
                save(export, TEXT)
                note(f"file {export.name} {digest(export)}".encode())


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def count_up(place: str, name: str, acks: str, times: int) -> None:
    """Raise the number in one scenario's name so often; tell how often another was first.

    The name also says who did it: two who save the same are of one mind, and that is no conflict.
    """
    conflicts = done = 0
    with Register.open(place, by=name) as register:
        while done < times:
            found = register.load_study("one")
            (row,) = found.study.scenarios
            more = replace(row, name=f"{int(row.name.split()[0]) + 1} by {name}")
            try:
                register.save_study("one", replace(found.study, scenarios=(more,)), base=found)
            except Conflict:
                conflicts += 1
            else:
                done += 1
    Path(acks).write_text(str(conflicts))


def failing(folder: str, report: str, most: int) -> None:
    """Let every operation fail at its n-th write and n-th flush; write down what came of it.

    `most` is how many n are drawn of those of each fault, 0 for every one.
    """
    prepared(Path(folder) / "base")
    found = []
    for operation in OPERATIONS:
        seen = [tried(Path(folder) / "count", operation, one, ENDLESS)["seen"] for one in COUNTED]
        for fault, (kind, *_) in FAULTS.items():
            places = range(1, seen[kind - 1] + 1)
            if most and len(places) > most:
                places = random.Random(f"{operation} {fault}").sample(places, most)
            for n in sorted(places):
                one = tried(Path(folder) / f"try-{n}", operation, fault, n)
                found.append(one | {"operation": operation, "fault": fault, "n": n})
        found.append({"operation": operation, "writes": seen[0], "flushes": seen[1]})
    Path(report).write_text(json.dumps(found))


def prepared(base: Path) -> None:
    """Make what stands before every failure: a register, a backup of it and an export."""
    base.mkdir()
    with Register.create(base / "register.db", by="ada") as register:
        register.save_study("lender", EXAMPLE)
        register.save("one", Tie("one", ("T",)))
    with Register.open(base / "register.db", by="ada") as register:
        register.backup(base / "old.backup")
        save(base / "study.yaml", "old")
    register = Register.open(base / "register.db", by="ada")
    register.save("two", Tie("two", ("T",)))  # later than the last checkpoint


def tried(folder: Path, operation: str, fault: str, n: int) -> dict[str, object]:
    """Copy the base, do the operation with a disk that fails, look, and do it again without."""
    shutil.copytree(folder.parent / "base", folder)
    disk, there = ctypes.CDLL(None), Path(folder)
    register = Register.open(there / "register.db", by="ada")
    before = len(register.log())
    told = ""
    disk.fault_arm(*FAULTS[fault][:1], n, *FAULTS[fault][1:])
    try:
        OPERATIONS[operation](register, there)
    except WorkbenchError as error:
        told = str(error)
    seen = disk.fault_disarm()
    found = {"told": told, "seen": seen, "left": left_over(there, operation)}
    with Register.open(there / "register.db", by="ada") as looked:
        found |= {"faults": looked.verify().faults, "grew": len(looked.log()) - before}
        found["old"] = looked.load_study("lender", at=before - 1).study == EXAMPLE
    found["whole"] = {path.name: is_whole(path) for path in made_by(there, operation)}
    if told:
        found["again"] = repeated(there, operation)
    shutil.rmtree(folder)
    return found


def repeated(folder: Path, operation: str) -> str:
    """Do an operation that failed once more; return what is wrong with it."""
    try:
        with Register.open(folder / "register.db", by="ada") as register:
            OPERATIONS[operation](register, folder)
            faults = register.verify().faults
    except WorkbenchError as error:
        return str(error)
    whole = all(is_whole(path) for path in made_by(folder, operation))
    return "" if whole and not faults and made_by(folder, operation) else f"{faults} {whole}"


def left_over(folder: Path, operation: str) -> list[str]:
    """Return what an operation has left that is neither old nor its result."""
    known = {"register.db", "register.db-wal", "register.db-shm", "old.backup", "study.yaml"}
    return [one.name for one in folder.iterdir() if one.name not in {*known, RESULTS[operation]}]


def made_by(folder: Path, operation: str) -> list[Path]:
    """Return the file that an operation makes, where it is there."""
    path = folder / RESULTS[operation]
    return [path] if path.exists() else []


def is_whole(path: Path) -> bool:
    """Whether a file is an old or a new export, or a register that is what its log says."""
    if path.suffix == ".yaml":
        return path.read_text() in {"old", TEXT}
    with Register.open(path, reads_only=True) as register:
        return register.verify().is_good


def edit(register: Register, _: Path) -> None:
    """Save a study that is there."""
    register.save_study("lender", edited(EXAMPLE, "again"))


def bring(register: Register, _: Path) -> None:
    """Import a study that is not there."""
    register.save_study("other", edited(EXAMPLE, "new"), source={"file": "study.yaml"})


ENDLESS = 10**6
NO_SPACE, NO_DISK = errno.ENOSPC, errno.EIO
# fault -> which calls fail (1 writes, 2 fsyncs), with what, whether from then on, half written
FAULTS = {
    "disk full": (1, NO_SPACE, True, False),
    "disk full after half a write": (1, NO_SPACE, True, True),
    "failed write": (1, NO_DISK, False, False),
    "failed flush": (2, NO_DISK, False, False),
    "flushes fail from then on": (2, NO_DISK, True, False),
}
COUNTED = ("failed write", "failed flush")
OPERATIONS: dict[str, Callable[[Register, Path], object]] = {
    "save": edit,
    "import": bring,
    "checkpoint": lambda register, _: register.checkpoint(),
    "backup": lambda register, folder: register.backup(folder / "new.backup"),
    "restore": lambda _, folder: restore(folder / "old.backup", Place(folder / "restored.db")),
    "export": lambda register, folder: export_study(
        register, "lender", folder / "study.yaml", at=1, replaces=True
    ),
    "run": lambda register, _: register.save_run("lender", EXAMPLE, RECORD),
    "create": lambda _, folder: Register.create(folder / "created.db", by="ada"),
}
RESULTS = dict.fromkeys(OPERATIONS, "register.db") | {
    "backup": "new.backup",
    "restore": "restored.db",
    "export": "study.yaml",
    "create": "created.db",
}
CALLS = {call.__name__: call for call in (write, lie, traced, count_up, failing)}


def fork(told: dict[str, object]) -> int:
    """Start a call in a process of its own; return its id."""
    made = os.fork()
    if made:
        return made
    failed = True
    try:
        os.environ[VARIABLE] = str(told.pop("keys"))
        CALLS[str(told.pop("call"))](**told)
        failed = False
    finally:  # whatever happens, the copy of the parent ends here
        if failed:
            traceback.print_exc()
        os._exit(failed)


def answer(text: object) -> None:
    """Say something to the test."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    """Answer until the test closes its end, and take the workers along."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    answer("ready")
    for line in sys.stdin:
        answer(fork(json.loads(line)))
    os.killpg(0, signal.SIGKILL)  # this process and the workers are a group of their own


if __name__ == "__main__":
    main()
