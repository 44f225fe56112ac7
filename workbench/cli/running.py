"""How a command runs: faults as one line, Ctrl-C that is heard, progress that is shown."""

import contextlib
import functools
import os
import sys
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any, ParamSpec, TypeVar

import typer

REFUSED, INTERRUPTED = 2, 130
PATIENCE = 1.0  # seconds before a command says what it is doing
Answer = TypeVar("Answer")
P = ParamSpec("P")


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """Turn what can go wrong into lines on stderr and an exit code.

    A command that was asked for JSON says on stdout as one object what it refuses, too, so that a
    program that reads stdout is never left with nothing.
    """

    @functools.wraps(command)
    def run(*args: P.args, **options: P.kwargs) -> None:
        try:
            with _faults_told(as_json=bool(options.get("as_json"))):
                command(*args, **options)
                sys.stdout.flush()
        except BrokenPipeError:
            # The reader has gone (`| head`). What is still buffered goes nowhere, quietly.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(1) from None

    return run


@contextlib.contextmanager
def _faults_told(*, as_json: bool) -> Iterator[None]:
    from workbench.errors import WorkbenchError

    try:
        yield
    except WorkbenchError as error:
        _refuse(str(error), error.details() if as_json else None)
        raise typer.Exit(REFUSED) from None
    except MemoryError:
        fault = "there is not enough memory for this; use fewer years or scenarios"
        _refuse(fault, {} if as_json else None)
        raise typer.Exit(REFUSED) from None
    except KeyboardInterrupt:
        say("interrupted; nothing was written")
        raise typer.Exit(INTERRUPTED) from None


def _refuse(message: str, details: dict[str, Any] | None) -> None:
    """Say what was refused, and where there are details as JSON, too."""
    from workbench.files.messages import printable

    lines = [printable(line) for line in message.split("\n")]
    say("\n".join(lines))
    if details is not None:
        from workbench.files.json_printing import json_text

        sys.stdout.write(json_text({"error": {"exit_code": REFUSED, "lines": lines} | details}))
        sys.stdout.flush()


def interruptible(work: Callable[[], Answer]) -> Answer:
    """Do `work` in a thread, so that Ctrl-C is heard while numpy is deep in one long call.

    The main thread only waits. It alone writes files, so that an end without ceremony loses
    nothing.
    """
    done: list[Answer] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again below, in the main thread
            failed.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(0.2)
    except KeyboardInterrupt:
        say("\ninterrupted; nothing was written")
        os._exit(INTERRUPTED)
    if failed:
        raise failed[0]
    return done[0]


def say(text: str) -> None:
    """Write lines to stderr; a stderr that is gone is no reason to fail differently."""
    with contextlib.suppress(BrokenPipeError):
        sys.stderr.write(text.rstrip("\n") + "\n")
        sys.stderr.flush()


@contextlib.contextmanager
def progress_bar(doing: str = "simulating") -> Iterator[Callable[[int, int], None]]:
    """Give a (done, total) callback that draws a bar on stderr once a second has passed."""
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # no thread of its own: Ctrl-C has one place to arrive
    bar = tqdm(total=1, delay=PATIENCE, file=sys.stderr, leave=False, unit="step", desc=doing)

    def show(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)

    try:
        yield show
    finally:
        bar.close()
