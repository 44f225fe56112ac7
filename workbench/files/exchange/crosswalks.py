"""A crosswalk of any form, by the name of its file; and back into the three that we write."""

from pathlib import Path
from typing import Any

from workbench.errors import require
from workbench.files.catalogues.crosswalks import crosswalk_csv, parse_crosswalk
from workbench.files.exchange.ciso_assistant import parse_library
from workbench.files.exchange.foreign import bytes_of
from workbench.files.exchange.naming import Imported
from workbench.files.exchange.oscal_mapping import mapping_collection, parse_mapping_collection
from workbench.files.exchange.sssom import parse_sssom, sssom_tsv
from workbench.frameworks.crosswalk import Crosswalk
from workbench.frameworks.requirement import Frameworks

KINDS = {
    ".csv": "a table of the workbench",
    ".tsv": "SSSOM",
    ".yaml": "a library of CISO Assistant",
    ".yml": "a library of CISO Assistant",
    ".json": "an OSCAL mapping collection",
}
WRITTEN = (".csv", ".tsv", ".json")


def read_any_crosswalk(
    path: str | Path, frameworks: Frameworks | None = None
) -> Imported[Crosswalk]:
    """Read a crosswalk as the name of its file says.

    Parameters
    ----------
    frameworks : those among which names and ids are looked up; the shipped ones unless told

    Raises
    ------
    WorkbenchError
        for another type of file.
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    return parse_any_crosswalk(str(path), bytes_of(path), frameworks)


def parse_any_crosswalk(
    name: str, data: bytes, frameworks: Frameworks | None = None
) -> Imported[Crosswalk]:
    """Read a crosswalk from bytes that came by another way; `name` is the file's name."""
    kind = Path(name).suffix.lower()
    if kind == ".tsv":
        return parse_sssom(name, data, frameworks)
    if kind == ".json":
        return parse_mapping_collection(name, data, frameworks)
    if kind in (".yaml", ".yml"):
        read = parse_library(name, data, frameworks)
        return Imported(read.value.crosswalk, read.warnings)
    require(
        kind == ".csv",
        "a crosswalk is a file of a known type",
        got=kind,
        fix=f"One of {', '.join(KINDS)}.",
    )
    return Imported(parse_crosswalk(name, data))


def crosswalk_text(crosswalk: Crosswalk, kind: str, **head: Any) -> str:
    """Return the text of a crosswalk in one of the forms that are written.

    Parameters
    ----------
    kind : '.csv', '.tsv' for SSSOM, or '.json' for an OSCAL mapping collection
    head : what `sssom_tsv` or `mapping_collection` want to know

    Raises
    ------
    WorkbenchError
        for another kind, and as the writers do.

    """
    require(
        kind in WRITTEN,
        "a crosswalk is written as CSV, SSSOM or OSCAL",
        got=kind,
        fix=f"One of {', '.join(WRITTEN)}.",
    )
    if kind == ".csv":
        return crosswalk_csv(crosswalk)
    return (sssom_tsv if kind == ".tsv" else mapping_collection)(crosswalk, **head)
