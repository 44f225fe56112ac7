"""How the commands about a register open it, and the options that they share."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from workbench.audit.checkpoints import VerifierKey
    from workbench.audit.entries import Entry
    from workbench.register import Register
    from workbench.register.opened import OpenRegister

Place = Annotated[
    str | None,
    typer.Option(
        "--register",
        metavar="PLACE",
        envvar="WORKBENCH_REGISTER",
        help="The register: a file, or the URL of a server (postgresql://...).",
    ),
]
By = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="NAME",
        envvar="WORKBENCH_ACCOUNT",
        help="Who acts; the system's user unless told.",
    ),
]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why: a line that the log keeps.")]
Key = Annotated[
    str | None,
    typer.Option(
        metavar="VERIFIER",
        help="The public key of the log, as `init` printed it, or a file that holds it.",
    ),
]
KINDS = (
    "One of study, scenario, asset, appetite, run, system, threat, assessment, evidence, link, "
    "safeguard, statement, answers, treatment, subject, sign-off."
)
Kind = Annotated[str, typer.Argument(metavar="KIND", help=KINDS)]
Name = Annotated[str, typer.Argument(metavar="ID", help="Its id, as `register list` shows it.")]


@contextmanager
def opened(place: str | None, by: str | None = None) -> Iterator["Register"]:
    """Open a register to act in it; at its end it makes a checkpoint where something was done.

    Where that fails a warning says so: what was done is kept.
    """
    from workbench.cli.output import warn
    from workbench.register import Register
    from workbench.register.accounts import check_name
    from workbench.register.opened import NoCheckpoint

    if by is not None:
        check_name(by)
    register = Register.open(place_of(place), by=by or "")
    try:
        yield register
    finally:
        try:
            register.close()
        except NoCheckpoint as error:
            warn([str(error)])


@contextmanager
def read(place: str | None) -> Iterator["OpenRegister"]:
    """Open a register to read it alone, without what computes."""
    from workbench.register.opened import OpenRegister

    with OpenRegister.open(place_of(place), reads_only=True) as register:
        yield register


def place_of(place: str | None) -> str:
    """Return the place that was told.

    Raises
    ------
    WorkbenchError
        where none was.

    """
    from workbench.errors import require

    rule = "a command about a register says which"
    fix = "Add --register PLACE, or set WORKBENCH_REGISTER."
    require(bool(place and place.strip()), rule, got=place, fix=fix)
    return str(place)


def tell_entry(entry: "Entry | None", what: str, as_json: bool) -> None:
    """Print what an act did, or that there was nothing to do."""
    from workbench.cli.output import write_out
    from workbench.cli.register_words import entry_text

    record = {"entry": None if entry is None else entry.to_dict()}
    write_out(record, entry_text(entry, what), as_json)


def check_kind(kind: str) -> None:
    """Refuse a kind that no register has."""
    from workbench.register.naming import check_kind as check

    check(kind)


def verifier(text: str | None) -> "VerifierKey | None":
    """Return a key that was told, as its text or as a file that holds it.

    Raises
    ------
    WorkbenchError
        where it is no key.

    """
    from workbench.audit.checkpoints import VerifierKey

    if text is None:
        return None
    return VerifierKey.parse(text if "+" in text and not _is_file(text) else text_of(text).strip())


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # too long for a name, or with a NUL
        return False


def text_of(file: str) -> str:
    """Read a text file as every file is read: size, regular, strict UTF-8."""
    from workbench.files.messages import Findings
    from workbench.files.opening import decode, read_bytes

    findings = Findings(file)
    return decode(read_bytes(file, findings), findings)
