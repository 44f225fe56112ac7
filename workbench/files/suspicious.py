"""What is accepted in a text and worth a word: invisible, reordering, formula characters."""

import re
import unicodedata

from workbench.files.messages import echo

FORMULA_STARTS = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")  # with the full-width forms
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def doubts(text: str) -> list[str]:
    """Return a sentence for each thing in an accepted text that a reader should know of."""
    found = []
    if text[0] in FORMULA_STARTS:
        found.append(f"begins like a formula, got {echo(text)}; it is kept as text")
    if text.isascii() and text.isprintable():
        return found
    if any(ch in _REORDERING for ch in text):
        found.append(f"holds characters that reorder text on screen, got {echo(text)}")
    elif any(unicodedata.category(ch) in ("Cf", "Zl", "Zp") for ch in text):
        found.append(f"holds invisible characters, got {echo(text)}")
    if any(ch in "\t\r\n" for ch in text):
        found.append(f"holds a tab or a line break, got {echo(text)}")
    return found


def looks_like_date(text: str) -> bool:
    """Whether other YAML readers would turn an unquoted `text` into a date."""
    return _DATE.fullmatch(text) is not None
