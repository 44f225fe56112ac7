"""CSV text to rows of plain data: the header is checked first, then the shape of every row."""

import csv
import functools
import io
from collections.abc import Iterator
from typing import Any

from workbench.files.columns import TEXTS, column_names
from workbench.files.forms.fields import MOST_SCENARIOS
from workbench.files.messages import Findings
from workbench.files.neutralised import restored
from workbench.files.numerals import number

MOST_BLANK = 100  # blank lines in a row that are told
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
    records = csv_records(text, findings)
    first = next((record for record in records if record[1]), None)
    if first is None:
        raise findings.refuse("", "", "the file is empty; it needs a header line")
    line, cells = first
    names = column_names(cells, line, findings)
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
            yield place, {n: _cell(n, cell) for n, cell in pairs if cell.strip() or n in TEXTS}


def csv_records(text: str, findings: Findings) -> Iterator[tuple[int, list[str]]]:
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
    if name in TEXTS:
        return restored(cell)
    stripped = cell.strip(" \t")
    found = _short_number(stripped) if len(stripped) < 20 else number(stripped)
    return stripped if found is None else found


# Columns repeat their values; short texts only, so that the memory stays small.
_short_number = functools.lru_cache(maxsize=4096)(number)
