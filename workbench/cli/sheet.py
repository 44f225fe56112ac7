"""The assumption sheet as a table for a terminal."""

from typing import TYPE_CHECKING

from workbench.files.messages import cut, printable

if TYPE_CHECKING:
    from workbench.models.assumptions import Sheet, SheetRow

HEADER = ("", "scenario", "field", "owner", "date", "review by", "source", "reason")
WIDEST = 48  # characters of a cell
STALE, UNDATED, WITHOUT = "stale", "undated", "no reason"


def sheet_text(sheet: "Sheet") -> str:
    """Return the sheet as aligned columns, with a line below that counts what wants work."""
    rows = [HEADER, *map(_cells, sheet.rows)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    counts = (
        f"{len(sheet.rows)} fields and assumptions on {sheet.day}: {len(sheet.stale())} stale, "
        f"{len(sheet.undated())} undated, {len(sheet.without())} without a reason"
    )
    return "\n".join([*lines, "", counts]) + "\n"


def _cells(row: "SheetRow") -> tuple[str, ...]:
    why = row.assumption
    if why is None:
        return (WITHOUT, _short(row.scenario), row.field, "", "", "", "", "")
    mark = STALE if row.stale else UNDATED if row.undated else ""
    texts = (row.scenario, row.field, why.owner, why.date, why.review_by, why.source, why.reason)
    return (mark, *map(_short, texts))


def _short(text: str) -> str:
    return cut(printable(text), WIDEST)
