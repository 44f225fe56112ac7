"""The columns of a scenario table, in CSV and in XLSX, and what is wrong with a header."""

import difflib

from workbench.files.messages import FileRefused, Findings, echo, glimpse

COLUMNS = (
    "id",
    "name",
    "aro_low",
    "aro_mode",
    "aro_high",
    "asset_value",
    "ef_low",
    "ef_mode",
    "ef_high",
    "likelihood",
    "consequence",
)
TEXTS = frozenset({"id", "name"})  # all others hold numbers
MOST_COLUMNS = 100
_SEPARATORS = {";": "';'", "\t": "a tab", "|": "'|'"}


def column_names(cells: list[str], line: int, findings: Findings) -> list[str]:
    """Return the column names in lower case.

    Raises
    ------
    FileRefused
        with every fault of the header: a column that is missing, unknown, twice or without a name.

    """
    place = f"row {line}"
    if len(cells) > MOST_COLUMNS:
        what = f"has {len(cells)} columns; the columns are {', '.join(COLUMNS)}"
        raise findings.refuse(place, "", what)
    names = [cell.strip().lower() for cell in cells]
    if cells and cells[0].lower().startswith("sep="):
        raise findings.refuse(place, "", "remove the line 'sep=' and separate by commas")
    if not is_header(names):
        raise _no_header(cells, place, findings)
    if any(raw != name for raw, name in zip(cells, names, strict=True)):
        findings.warning(place, "", "column names are read in lower case and without spaces")
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        findings.error(place, name, "the column stands in the header twice; keep one")
    missing = [column for column in COLUMNS if column not in names]
    for number_of_column, name in enumerate(names, 1):
        if not name:
            findings.error(place, "", f"column {number_of_column} has no name; remove it")
        elif name not in COLUMNS:
            near = difflib.get_close_matches(name, missing, 1) if len(name) < 40 else []
            fix = f"did you mean {near[0]!r}?" if near else f"allowed {', '.join(COLUMNS)}"
            findings.error(place, name, f"is not a known column, {fix}")
    for column in missing:
        findings.error(place, column, "the column is missing")
    findings.refuse_if_any()
    return names


def is_header(names: list[str]) -> bool:
    """Whether these are meant as the columns' names: two or more of them are."""
    return len(set(names) & set(COLUMNS)) >= 2


def _no_header(cells: list[str], place: str, findings: Findings) -> FileRefused:
    """Say why the first line is no header: another separator, or none at all."""
    line = ",".join(cells)
    for separator, name in _SEPARATORS.items():
        if is_header([part.strip().lower() for part in line.split(separator)]):
            what = f"the columns are separated by {name}; separate them by commas, 1.5 not 1,5"
            return findings.refuse(place, "", what)
    told = echo(line) if len(cells) > 1 else glimpse(line)
    what = f"there is no header line, got {told}; the columns are {', '.join(COLUMNS)}"
    return findings.refuse(place, "", what)
