"""CSV text to rows of plain data: the header is checked first, then the shape of every row."""

import csv
import difflib
import functools
import io
from collections.abc import Iterator
from typing import Any

from workbench.files.messages import FileRefused, Findings, echo
from workbench.files.numerals import number
from workbench.files.schema import MOST_SCENARIOS

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
MOST_COLUMNS = 100
MOST_BLANK = 100  # blank lines in a row that are told
_TEXTS = frozenset({"id", "name"})
_SEPARATORS = {";": "';'", "\t": "a tab", "|": "'|'"}
Row = tuple[str, dict[str, Any]]  # where it stands ('row 3') and its fields


def read_csv(text: str, findings: Findings) -> Iterator[Row]:
    """Yield the rows of a scenario table one by one; N of 'row N' is the line, the header's is 1.

    Rows of a wrong length are reported and not yielded. Numbers are numbers where the cell is a
    numeral, and the text itself otherwise; an empty cell is left out of the row.

    Raises
    ------
    FileRefused
        for a faulty header, and where the text cannot be split into rows.

    """
    records = _records(text, findings)
    first = next((record for record in records if record[1]), None)
    if first is None:
        raise findings.refuse("", "", "the file is empty; it needs a header line")
    line, cells = first
    names = _header(cells, line, findings)
    count = 0
    for line, cells in records:
        place = f"row {line}"
        if not any(cell.strip() for cell in cells):
            findings.warning(place, "", "the row is blank and was left out")
            continue
        count += 1
        if count > MOST_SCENARIOS:
            findings.error(place, "", f"is one too many, allowed {MOST_SCENARIOS} scenarios")
            return
        if len(cells) != len(names):
            findings.error(place, "", _length(cells, names))
        elif [cell.strip().lower() for cell in cells] == names:
            findings.error(place, "", "the header line is repeated; remove it")
        else:
            pairs = zip(names, cells, strict=True)
            yield place, {n: _cell(n, cell) for n, cell in pairs if cell.strip() or n in _TEXTS}


def _records(text: str, findings: Findings) -> Iterator[tuple[int, list[str]]]:
    """Yield the line on which each record begins and its cells; blank lines at the end are none."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    waiting: list[tuple[int, list[str]]] = []
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise findings.refuse(f"row {line}", "", _broken(str(error))) from None
        if cells:
            yield from waiting
            waiting = []
            yield line, cells
        elif len(waiting) < MOST_BLANK:  # a flood of blank lines is told in part
            waiting.append((line, cells))


def _broken(why: str) -> str:
    if "end of data" in why or "field larger" in why:
        return "a quote that opens here is never closed; close it, or double a quote that is meant"
    if "expected after" in why:
        return "text stands after a closing quote; double a quote that is meant"
    return f"the row cannot be split into cells: {why}"


def _length(cells: list[str], names: list[str]) -> str:
    """Say how many cells there are and the likely reason."""
    what = f"has {len(cells)} cells, the header has {len(names)}"
    if len(cells) > len(names):
        return f"{what}; a comma inside a text or number? put the text in quotes, 1.5 not 1,5"
    return f"{what}; give every column its cell, also an empty one"


def _cell(name: str, cell: str) -> Any:
    if name in _TEXTS:
        return cell
    stripped = cell.strip(" \t")
    found = _short_number(stripped) if len(stripped) < 20 else number(stripped)
    return stripped if found is None else found


# Columns repeat their values; short texts only, so that the memory stays small.
_short_number = functools.lru_cache(maxsize=4096)(number)


def _header(cells: list[str], line: int, findings: Findings) -> list[str]:
    """Return the column names in lower case, or refuse with every fault of the header."""
    place = f"row {line}"
    if len(cells) > MOST_COLUMNS:
        what = f"has {len(cells)} columns; the columns are {', '.join(COLUMNS)}"
        raise findings.refuse(place, "", what)
    names = [cell.strip().lower() for cell in cells]
    if cells[0].lower().startswith("sep="):
        raise findings.refuse(place, "", "remove the line 'sep=' and separate by commas")
    if len(set(names) & set(COLUMNS)) < 2:
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


def _no_header(cells: list[str], place: str, findings: Findings) -> FileRefused:
    """Say why the first line is no header: another separator, or none at all."""
    line = ",".join(cells)
    for separator, name in _SEPARATORS.items():
        if len({part.strip().lower() for part in line.split(separator)} & set(COLUMNS)) >= 2:
            what = f"the columns are separated by {name}; separate them by commas, 1.5 not 1,5"
            return findings.refuse(place, "", what)
    what = f"there is no header line, got {echo(line)}; the columns are {', '.join(COLUMNS)}"
    return findings.refuse(place, "", what)
