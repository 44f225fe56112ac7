"""Text inside a figure: plotly reads a subset of HTML, and braces are its template language."""

from functools import lru_cache
from textwrap import wrap
from typing import Any

from workbench.amounts import compact_money, percent

Figure = dict[str, Any]

# Plotly turns entities back into characters after it has looked for tags, %{...} and $TeX$.
_ENTITIES = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    "{": "&#123;",
    "}": "&#125;",
    "$": "&#36;",
    "\\": "&#92;",
}
LONGEST_LINE = 32  # characters of a line of a name beside an axis


def escaped(text: str, longest: int | None = None) -> str:
    """`text` as plotly shows it literally: no markup, no template, no TeX, one line.

    With `longest` a longer text is cut, and ends in an ellipsis.
    """
    plain = " ".join(text.split())
    if longest is not None and len(plain) > longest:
        plain = plain[: longest - 1].rstrip() + "…"
    return "".join(_ENTITIES.get(ch, ch) for ch in plain if ch.isprintable())


@lru_cache(maxsize=4096)  # curves are told again and again at the same losses
def money(value: float, currency: str | None, digits: int = 2) -> str:
    """Compact money, escaped; without a currency a plain number in three figures."""
    if currency is None:
        return f"{value:.3g}"
    return escaped(compact_money(value, currency, digits))


def share(p: float) -> str:
    """A chance for people, escaped ('<0.1%' has a bracket)."""
    return escaped(percent(p))


def token(name: str) -> str:
    """Return the reference to a colour token."""
    return f"var(--{name})"


def two_lines(name: str) -> str:
    """Return a name beside an axis: one line, or two of about equal length, then cut."""
    lines = wrap(name, LONGEST_LINE) or [""]
    if len(lines) == 2:  # the narrowest two lines that hold it
        widths = range(len(name) // 2, LONGEST_LINE)
        lines = next((cut for w in widths if len(cut := wrap(name, w)) == 2), lines)
    elif len(lines) > 2:
        lines = [lines[0], " ".join(lines[1:])]
    return "<br>".join(escaped(line, LONGEST_LINE) for line in lines)
