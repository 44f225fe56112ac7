"""The one error that the workbench raises, and the one way to phrase it."""

import difflib
import math
from collections.abc import Collection, Iterable, Mapping
from numbers import Integral, Real
from typing import Any, TypeVar

Value = TypeVar("Value")


class WorkbenchError(ValueError):
    """An input that the models cannot accept; the message says the rule, the value, the remedy."""

    def details(self) -> dict[str, Any]:
        """Return what a program is told besides the message, as plain data; nothing unless said."""
        return {}


def require(ok: bool, rule: str, *, got: object, fix: str) -> None:
    """Raise unless `ok`.

    Parameters
    ----------
    ok : the condition that must hold
    rule : the rule, as a sentence without a full stop
    got : the value that broke it
    fix : the remedy, a sentence

    Raises
    ------
    WorkbenchError
        "rule; got value. fix"

    """
    if not ok:
        raise WorkbenchError(f"{rule}; got {got!r}. {fix}")


def is_number(value: object, low: float = -math.inf, high: float = math.inf) -> bool:
    """Whether a value is one number from `low` to `high`, of Python or of numpy."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    return low <= float(value) <= high


def is_whole(value: object, low: float = -math.inf, high: float = math.inf) -> bool:
    """Whether a value is one whole number from `low` to `high`, of Python or of numpy."""
    return isinstance(value, Integral) and is_number(value, low, high)


def shown(value: object) -> str:
    """Return a value as an error tells it: numbers and texts as they are, others by their kind."""
    if isinstance(value, type):
        return value.__name__
    if value is None or isinstance(value, str | bool | Real):
        return repr(value)
    return f"one {type(value).__name__}"


def all_of(given: Iterable[Value], kind: type[Value], what: str) -> list[Value]:
    """Return what is given, all of one kind, or refuse it; `what` names them.

    Raises
    ------
    WorkbenchError
        for one of them alone, a text, a mapping, or anything of another kind among them.

    """
    is_list = isinstance(given, Iterable) and not isinstance(given, str | Mapping)
    listed = list(given) if is_list else []
    others = [one for one in listed if not isinstance(one, kind)]
    if others or not is_list:
        got = f"{shown(others[0])} among them" if others else shown(given)
        raise WorkbenchError(
            f"{what} are a tuple, each of the kind {kind.__name__}; got {got}. Put them in "
            "parentheses, with a comma behind each."
        )
    return listed


def nearest(name: str, known: Collection[str], most: int = 3) -> list[str]:
    """Return the known names that are written most like a name, the nearest first; perhaps none."""
    return difflib.get_close_matches(name[:80], known, most)  # its time grows with the square


def looked_up(known: Mapping[str, Value], name: str, rule: str) -> Value:
    """Return what is known under a name.

    Raises
    ------
    WorkbenchError
        for an unknown name: "rule; got name.", and the names nearest to it or else the first few.

    """
    if name not in known:
        such = nearest(name, known) or list(known)[:3]
        fix = f"Such as {', '.join(such)}." if such else "There is none."
        raise WorkbenchError(f"{rule}; got {name!r}. {fix}")
    return known[name]
