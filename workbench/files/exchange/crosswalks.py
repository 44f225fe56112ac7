"""A crosswalk in whichever form its file is, told by its name; and out in each of them."""

from pathlib import Path

from workbench.errors import require
from workbench.files.catalogues.crosswalks import crosswalk_csv, parse_crosswalk
from workbench.files.exchange.ciso_assistant import Library, parse_library
from workbench.files.exchange.foreign import bytes_of
from workbench.files.exchange.naming import Imported
from workbench.files.exchange.oscal_mapping import mapping_collection, parse_mapping_collection
from workbench.files.exchange.sssom import parse_sssom, sssom_tsv
from workbench.frameworks.crosswalk import Crosswalk

TITLE = "Crosswalk of the risk workbench"
LICENCE = "https://www.apache.org/licenses/LICENSE-2.0"
SUFFIXES = (".csv", ".tsv", ".json")


def read_any_crosswalk(path: str | Path) -> Imported[Library]:
    """Read a crosswalk: our CSV or XLSX, SSSOM (.tsv), CISO Assistant (.yaml) or OSCAL (.json).

    A library brings frameworks along, to which its rows may lead.

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    name, suffix = str(path), Path(path).suffix.lower()
    if suffix in (".yaml", ".yml"):
        return parse_library(name, bytes_of(path))
    if suffix == ".tsv":
        found = parse_sssom(name, bytes_of(path))
    elif suffix == ".json":
        found = parse_mapping_collection(name, bytes_of(path))
    else:
        loaded = parse_crosswalk(name, bytes_of(path))
        found = Imported(loaded.crosswalk, loaded.warnings, loaded.places)
    return Imported(Library(name, (), found.value), found.warnings, found.places)


def crosswalk_text(crosswalk: Crosswalk, suffix: str, *, stamp: str) -> str:
    """Write a crosswalk in the form of a suffix.

    Parameters
    ----------
    suffix : .csv, .tsv (SSSOM) or .json (OSCAL)
    stamp : when it was made, RFC 3339 with the zone

    Raises
    ------
    WorkbenchError
        for another suffix.

    """
    require(
        suffix in SUFFIXES,
        "a crosswalk is written as CSV, SSSOM or OSCAL",
        got=suffix,
        fix=f"Name a file that ends with {', '.join(SUFFIXES)}.",
    )
    if suffix == ".csv":
        return crosswalk_csv(crosswalk)
    if suffix == ".tsv":
        return sssom_tsv(crosswalk, title=TITLE, licence=LICENCE, day=stamp[:10])
    return mapping_collection(crosswalk, title=TITLE, stamp=stamp)
