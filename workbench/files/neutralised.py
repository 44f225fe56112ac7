"""Text cells that no spreadsheet runs, and back: an apostrophe before what looks like a formula.

A cell gets the apostrophe also where apostrophes stand before such a start already, so that taking
one away gives back exactly what was written.
"""

import re

from workbench.files.suspicious import FORMULA_STARTS

_STARTS = "[" + "".join(re.escape(start) for start in sorted(FORMULA_STARTS)) + "]"
_LIVE = re.compile(f"'*[ \u00a0]*{_STARTS}")
_CALMED = re.compile(f"'+[ \u00a0]*{_STARTS}")


def neutralised(cell: str) -> str:
    """Return a text as it leaves in a table."""
    return f"'{cell}" if _LIVE.match(cell) else cell


def restored(cell: str) -> str:
    """Return the text that `neutralised` was given."""
    return cell[1:] if _CALMED.match(cell) else cell
