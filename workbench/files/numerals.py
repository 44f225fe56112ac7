"""The numerals that files may hold: the decimal numbers of YAML 1.2 and JSON, nothing else."""

import math
import re

from workbench.files.tree import Unreadable

# YAML 1.2 core schema (chapter 10.3.2), int and float in base ten; ASCII digits only.
_DECIMAL = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_PADDED = re.compile(r"([-+]?)0+([0-9].*)")
_OTHER_BASE = re.compile(r"[-+]?0(?:[xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)")
_NOT_FINITE = re.compile(r"[-+]?\.?(?:inf|infinity|nan)", re.IGNORECASE)
LONGEST = 300  # characters of a numeral


def number(text: str) -> int | float | Unreadable | None:
    """Read a numeral; None where `text` is no numeral of any kind.

    A numeral that programs read differently (0100, 0x10), that a float cannot hold (1e999, 1e-999)
    or that is not finite comes back as `Unreadable` with its remedy.
    """
    if not _DECIMAL.fullmatch(text):
        return _other(text)
    if len(text) > LONGEST:
        return Unreadable(text, "has too many digits", "write it with at most 17 digits")
    padded = _PADDED.fullmatch(text)
    if padded is not None:
        fix = f"write {padded[1]}{padded[2]} without the leading zero"
        return Unreadable(text, "begins with 0, which some programs read as octal", fix)
    if text.lstrip("+-").isdigit():
        return int(text)
    value = float(text)
    if math.isinf(value):
        return Unreadable(text, "is larger than any number can be", "")
    if value == 0 and re.search("[1-9]", re.split("[eE]", text)[0]):
        return Unreadable(text, "is smaller than any number can be", "write 0")
    return value + 0.0  # -0.0 becomes 0.0


def _other(text: str) -> Unreadable | None:
    if _NOT_FINITE.fullmatch(text):
        return Unreadable(text, "is not a finite number", "")
    if len(text) <= LONGEST and _OTHER_BASE.fullmatch(text):
        sign, digits = (text[0], text[1:]) if text[0] in "+-" else ("", text)
        return Unreadable(text, "is not a decimal number", f"write {sign}{int(digits, 0)}")
    return None
