"""What differs between two versions, field by field, for people."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from workbench.register.records import Difference

KEYS = ("id", "threat", "scenario", "name", "requirement")  # by which rows of a list are told apart


def differences(old: str | None, new: str | None) -> list[Difference]:
    """Return what differs between two bodies; rows of lists are matched by their ids.

    There is a difference wherever the bodies differ, but for a field that is null in one and is not
    stated in the other.
    """
    before, after = (json.loads(body) if body is not None else None for body in (old, new))
    return list(_between(before, after, ""))


def _between(old: Any, new: Any, place: str) -> Iterator[Difference]:
    was, now = _keyed(old), _keyed(new)
    if isinstance(was, Mapping) and isinstance(now, Mapping) and type(old) is type(new):
        for key in [*was, *(key for key in now if key not in was)]:
            yield from _between(was.get(key), now.get(key), f"{place}.{key}" if place else key)
        if isinstance(old, list):
            yield from _order(list(was), list(now), place)
    elif repr(old) != repr(new):  # 1, 1.0 and true are equal, and are not the same
        yield Difference(place or "all of it", _plain(old), _plain(new))


def _order(was: list[str], now: list[str], place: str) -> Iterator[Difference]:
    """Yield another order of the rows that both have."""
    both = set(was) & set(now)
    old, new = ([key for key in keys if key in both] for keys in (was, now))
    if old != new:
        yield Difference(f"{place or 'all of it'}, their order", old, new)


def _keyed(value: Any) -> Any:
    """Return a list of rows as a mapping by their ids; other values as they are."""
    if not isinstance(value, list) or not value or not all(isinstance(r, dict) for r in value):
        return value
    for key in KEYS:
        names = [row.get(key) for row in value]
        if all(isinstance(name, str) for name in names) and len(set(names)) == len(names):
            return dict(zip(names, value, strict=True))
    return {str(number): row for number, row in enumerate(value, 1)}


def _plain(value: Any) -> Any:
    """Return what a person reads: a belief, and rows, as they are written."""
    has_rows = isinstance(value, list) and any(isinstance(row, dict) for row in value)
    return json.dumps(value, ensure_ascii=False) if has_rows or isinstance(value, dict) else value
