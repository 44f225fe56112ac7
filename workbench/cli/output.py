"""What the commands about frameworks share: how they print, write files, and pass warnings on."""

import datetime as dt
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.running import say

if TYPE_CHECKING:
    from workbench.frameworks.readiness import Readiness

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Force = Annotated[bool, typer.Option("--force", help="Replace OUT if it is there.")]


def write_out(record: dict[str, Any], text: str, as_json: bool) -> None:
    """Print plain data as JSON, or words, with what cannot be seen as escapes."""
    from workbench.files.json_printing import json_text
    from workbench.files.messages import printable

    if as_json:
        sys.stdout.write(json_text(record))
    else:
        sys.stdout.write("".join(f"{printable(line)}\n" for line in text.splitlines()))


def now() -> str:
    """Return the time now, to the second, as RFC 3339."""
    return dt.datetime.now(tz=dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def save_texts(
    files: Iterable[tuple[str, str]], *, force: bool, inputs: Sequence[str] = ()
) -> None:
    """Write texts to files; none where any is there already, is an input, or is named twice."""
    from workbench.files import save

    found = list(files)
    refuse_to_replace([out for out, _ in found], force=force, inputs=inputs)
    for out, text in found:
        save(out, text)
        say(f"written: {out}")


def refuse_to_replace(names: list[str], *, force: bool, inputs: Sequence[str] = ()) -> None:
    """Refuse names of files that are there already, unless forced, and a name that stands twice.

    A file that was read is never replaced, by whichever name or link it is told.
    """
    from workbench.errors import require

    for out in names:
        same = Path(out).exists() and any(Path(out).samefile(one) for one in inputs)
        rule = "what is written is another file than the one that is read"
        require(not same, rule, got=out, fix="Name another file.")
        there = Path(out).is_file() and not force
        require(not there, "a file that is there is not replaced", got=out, fix="Add --force.")
        once = names.count(out) == 1
        require(once, "each text has a file of its own", got=out, fix="Name another file.")


def warn(warnings: Iterable[str]) -> None:
    """Pass warnings of a file on, each on a line of its own."""
    for warning in warnings:
        say(f"warning: {warning}")


def read_standings(file: str, framework: str = "") -> "Readiness":
    """Read a readiness of any form, its warnings passed on."""
    from workbench.files.exchange.readiness import read_any_readiness

    loaded = read_any_readiness(file, framework)
    warn(loaded.warnings)
    return loaded.readiness
