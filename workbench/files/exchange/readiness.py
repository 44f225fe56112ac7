"""A readiness in whichever form its file is, told by its content; and out in each of them."""

from pathlib import Path

from workbench.errors import require
from workbench.files.catalogues.readiness import (
    LoadedReadiness,
    parse_readiness,
    write_readiness,
)
from workbench.files.exchange.foreign import bytes_of, foreign_tree
from workbench.files.exchange.oscal_results import assessment_results, parse_assessment_results
from workbench.files.messages import Findings
from workbench.files.saving import save
from workbench.frameworks.readiness import Readiness

SUFFIXES = (".csv", ".xlsx", ".json")
OSCAL = "assessment-results"  # the field by which a file of OSCAL is known


def read_any_readiness(path: str | Path, framework: str = "") -> LoadedReadiness:
    """Read a readiness: our table (CSV, XLSX, YAML, JSON), or assessment results of OSCAL (JSON).

    Parameters
    ----------
    framework : of what the findings of assessment results are, where they do not say so

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    name, data = str(path), bytes_of(path)
    if Path(path).suffix.lower() == ".json":
        tree = foreign_tree(name, data, Findings(name))
        if isinstance(tree, dict) and OSCAL in tree:
            found = parse_assessment_results(name, data, framework)
            return LoadedReadiness(found.value, found.warnings)
    return parse_readiness(name, data)


def write_any_readiness(readiness: Readiness, path: str | Path, *, title: str, stamp: str) -> None:
    """Write a readiness as its file is named: .csv, .xlsx, or .json for OSCAL.

    Parameters
    ----------
    title : what the assessment is called, in OSCAL
    stamp : when it was made, RFC 3339 with the zone

    Raises
    ------
    WorkbenchError
        for another type of file, and where writing fails.

    """
    suffix = Path(path).suffix.lower()
    require(
        suffix in SUFFIXES,
        "a readiness is written as CSV, XLSX or OSCAL",
        got=suffix,
        fix=f"Name a file that ends with {', '.join(SUFFIXES)}.",
    )
    if suffix == ".json":
        save(path, assessment_results(readiness, title=title, stamp=stamp))
    else:
        write_readiness(readiness, path)
