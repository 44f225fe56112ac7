"""The kinds of fields: texts, ids, numbers with their ranges; every limit of a file stands here."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from workbench.currencies import CURRENCIES
from workbench.models.exact_year import HIGHEST_RATE
from workbench.models.scenario import LEVELS, is_day

MOST_MONEY = 1e15
MOST_SCENARIOS, MOST_ASSETS = 100_000, 10_000
MOST_VALUES = 10_000  # of an empirical or a discrete belief
LONGEST_ID, LONGEST_NAME, LONGEST_NOTE = 100, 1000, 4000  # characters
LINE_BREAKS = frozenset("\t\n\r")
_BAD_IN_TEXT = frozenset({"Cc", "Cs"})
_BAD_IN_ID = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})


def check_text(text: str) -> str:
    """Refuse what no text may hold: blank texts, control characters other than line breaks."""
    if not text.strip():
        raise PydanticCustomError("text", "is blank")
    if not text.isprintable() and any(
        unicodedata.category(ch) in _BAD_IN_TEXT and ch not in LINE_BREAKS for ch in text
    ):
        raise PydanticCustomError("text", "holds a control character; remove it")
    return text


def _check_text_if_any(text: str) -> str:
    return check_text(text) if text.strip() else ""


def check_id(text: str) -> str:
    """Refuse ids that could be mistaken for others or misused as a path."""
    if not text.strip():
        raise PydanticCustomError("text", "is blank")
    if text != text.strip():
        raise PydanticCustomError("text", "begins or ends with a space; remove it")
    if any(unicodedata.category(ch) in _BAD_IN_ID for ch in text):
        raise PydanticCustomError("text", "holds a line break or an invisible character; remove it")
    if "/" in text or "\\" in text or text.startswith("."):
        raise PydanticCustomError("text", "looks like a path; write it without / \\ and leading .")
    return text


def is_id(text: str) -> bool:
    """Whether a text may be an id."""
    try:
        return len(check_id(text)) <= LONGEST_ID
    except PydanticCustomError:
        return False


def _check_currency(code: str) -> str:
    if code not in CURRENCIES:
        raise PydanticCustomError("text", "is no ISO 4217 currency code; write such as USD or EUR")
    return code


def _check_day(text: str) -> str:
    if not is_day(text):
        raise PydanticCustomError("text", "is no day; write year, month and day: 2026-11-24")
    return text


Id = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_ID), AfterValidator(check_id)
]
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_NAME), AfterValidator(check_text)
]
Note = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_NOTE), AfterValidator(check_text)
]
# A note, or nothing: tables and other programs write what is not stated as an empty text.
Remark = Annotated[
    str, StringConstraints(max_length=LONGEST_NOTE), AfterValidator(_check_text_if_any)
]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), AfterValidator(_check_currency)]
Day = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_check_day)
]
Level = Annotated[int, Field(ge=1, le=LEVELS[-1])]
Rate = Annotated[float, Field(ge=0, le=HIGHEST_RATE, allow_inf_nan=False)]
Money = Annotated[float, Field(ge=0, le=MOST_MONEY, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, le=MOST_MONEY, allow_inf_nan=False)]
Number = Annotated[float, Field(ge=-MOST_MONEY, le=MOST_MONEY, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Inside = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]
Shape = Annotated[float, Field(ge=1e-3, le=1e6, allow_inf_nan=False)]


class Strict(BaseModel):
    """No field that is not known, no value of another type turned into the right one."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
