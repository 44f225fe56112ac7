"""Canonical JSON (RFC 8785, JCS): one text for equal data.

Numbers are written as ECMAScript writes them, keys are sorted by their UTF-16 code units, and no
space is left, so that equal data have equal bytes in every language.
"""

import json
import math
from collections.abc import Mapping
from typing import Any

from workbench.errors import WorkbenchError, require

LARGEST_WHOLE = 2**53  # beyond it, two whole numbers can be one IEEE 754 double


def canonical_json(value: Any) -> bytes:
    """Return the canonical form of plain data (mappings, lists, texts, numbers, true, false, null).

    Raises
    ------
    WorkbenchError
        for NaN and infinities, whole numbers that a double cannot hold, lone surrogates, keys that
        are no text, and anything that is no plain data.

    """
    text = _write(value)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise WorkbenchError(
            f"canonical JSON holds no lone surrogates; got one at {error.start}. Remove it."
        ) from None


def _write(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int | float):
        return ecmascript_number(value)
    if isinstance(value, Mapping):
        texts = all(isinstance(key, str) for key in value)
        require(texts, "a key of JSON is a text", got=list(value)[:3], fix="Write it as text.")
        keys = sorted(value, key=_utf16)
        return "{" + ",".join(f"{_text(key)}:{_write(value[key])}" for key in keys) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_write, value)) + "]"
    raise WorkbenchError(
        f"canonical JSON holds plain data; got {type(value).__name__}. Convert it first."
    )


# RFC 8785, 3.2.2.2: the short escapes and \\u00xx are Python's, all else stands raw.
_text = json.JSONEncoder(ensure_ascii=False).encode


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


def ecmascript_number(value: float) -> str:
    """Write a double as ECMAScript's Number::toString does (ECMA-262, 6.1.6.1.20).

    The digits are the shortest that read back equal, which is also Python's rule; what differs is
    where the exponent begins: from 1e21 up and below 1e-6.
    """
    if isinstance(value, int) and abs(value) > LARGEST_WHOLE:
        require(
            int(float(value)) == value if abs(value) < 10**300 else False,
            "a whole number in canonical JSON is exact in a double",
            got=value,
            fix="Write it as text.",
        )
    number = float(value)
    require(math.isfinite(number), "JSON numbers are finite", got=value, fix="Write null.")
    if number == 0:
        return "0"
    text = repr(number)
    if "e" not in text:  # from 1e-4 to 1e16 both write the digits alike
        return text.removesuffix(".0")
    sign, digits, point = _shortest(number)
    count = len(digits)
    if count <= point <= 21:
        return f"{sign}{digits}{'0' * (point - count)}"
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    exponent = point - 1
    fraction = f".{digits[1:]}" if count > 1 else ""
    return f"{sign}{digits[0]}{fraction}e{'+' if exponent > 0 else '-'}{abs(exponent)}"


def _shortest(number: float) -> tuple[str, str, int]:
    """Return (sign, digits, n) with the number = 0.digits x 10**n, digits without outer zeros."""
    mantissa, _, exponent = f"{number!r}".lstrip("-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    point = len(whole) + int(exponent or 0)
    digits = whole + fraction
    stripped = digits.lstrip("0")
    point -= len(digits) - len(stripped)
    return "-" if number < 0 else "", stripped.rstrip("0"), point
