"""What differs between two versions, field by field, for people."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from workbench.register.records import Difference

KEYS = ("id", "threat", "scenario", "name", "requirement")  # by which rows of a list are told apart


def differences(old: str | None, new: str | None) -> list[Difference]:
    """Return what differs between two bodies; rows of lists are matched by their ids."""
    before, after = (json.loads(body) if body is not None else None for body in (old, new))
    return list(_between(before, after, ""))


def _between(old: Any, new: Any, place: str) -> Iterator[Difference]:
    old, new = _keyed(old), _keyed(new)
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in [*old, *(key for key in new if key not in old)]:
            yield from _between(old.get(key), new.get(key), f"{place}.{key}" if place else key)
    elif old != new:
        yield Difference(place or "all of it", _plain(old), _plain(new))


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
    """Return what a person reads: a belief by its numbers."""
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False)
    return value
