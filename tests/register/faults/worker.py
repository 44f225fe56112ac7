"""A process that has everything loaded, and forks workers that save until they are killed.

It reads one call a line, as JSON, and answers with the id of the process that does it. What a
worker has acknowledged is on its list, outside of the register, once the save has returned.
"""

import ctypes
import hashlib
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

from workbench.audit.entries import Entry
from workbench.files import read_study, save, study_yaml
from workbench.models.study import Study
from workbench.register import Conflict, Register, connecting
from workbench.register.checkpointing import origin_of
from workbench.threats.ties import Tie

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = read_study(ROOT / "datasets" / "studies" / "ai-lender" / "study.yaml").study
TEXT = study_yaml(EXAMPLE)
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


CALLS = {call.__name__: call for call in (write, lie, traced, count_up)}


def fork(told: dict[str, object]) -> int:
    """Start a call in a process of its own; return its id."""
    made = os.fork()
    if made:
        return made
    failed = True
    try:
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
    started = []
    for line in sys.stdin:
        started.append(fork(json.loads(line)))
        answer(started[-1])
    for one in started:
        try:
            os.kill(one, signal.SIGKILL)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    main()
