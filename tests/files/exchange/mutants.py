"""Spoilt copies of a sample, seeded: a reader answers each by a value or by one-line errors.

Each mutant has a number, and is made anew from the sample's name and that number, so that a failing
one is found again. Whatever leaves a reader but a value or a `WorkbenchError` fails the test.
"""

import json
import random
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from workbench.errors import WorkbenchError
from workbench.files.messages import MOST_MESSAGES, FileRefused, Findings
from workbench.files.tree import FOREIGN
from workbench.files.yaml_text import read_yaml

DAILY, SOAK = 300, 10_000  # of all samples of a team together
ODD_TEXTS = (  # values as they may stand in a text
    *("null", "true", "~", '""', "[]", "{}", "[[]]", "-1", "0", "1e400", "-1e-400", "NaN", ".inf"),
    *(
        "1" * 400,
        "0x10",
        "0100",
        "1_000",
        "'=1+1'",
        '"\\ud800"',
        '"\\u0000"',
        '"\\u202e"',
        "!!int 3",
    ),
    *(
        "&a x",
        "*a",
        "<<",
        "2026-02-30",
        '"' + "x" * 5_000 + '"',
        "[" * 60 + "]" * 60,
        "{a: 1, a: 2}",
    ),
)
ODD_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 3.5, 10**30, 1e300, "", " ", "x", "=1+1", "\u202e", "\ud800"),
    *("a/b", "x" * 5_000, [], [[]], [None], [1, "a"], {}, {"id": 1}, {"": None}, ["a", "a"]),
)
ODD_BYTES = (b"\x00", b"\xff", b"\xef\xbb\xbf", b"\t", b"\r", b"\n", b"\x1b[2J", "\u2028".encode())


def mutant(name: str, sample: bytes, number: int) -> bytes:
    """Return the mutant of a sample that has this number."""
    chance = random.Random(f"{name} {number}")
    ways = [
        _flipped,
        _cut,
        _lines_gone,
        _lines_twice,
        _lines_moved,
        _odd_value,
        _odd_bytes,
        _nested,
    ]
    made = sample
    if name.endswith(".yaml") and chance.random() < 0.5:
        made = _as_json(sample)  # which is YAML, too
    if name.endswith(".json") or made is not sample:
        ways += [_odd_tree] * 10  # so that the file is still JSON, and its fields are looked at
    for _ in range(chance.choice((1, 1, 1, 3))):
        made = chance.choice(ways)(made, chance)
    return made


def answers(read: Callable[[str, bytes], object], name: str, sample: bytes, count: int) -> int:
    """Have a reader read `count` mutants of a sample; return how many of them it refused.

    Raises
    ------
    AssertionError
        for a mutant that left by anything but a value or a WorkbenchError of one-line messages.

    """
    refused = 0
    for number in range(count):
        try:
            read(name, mutant(name, sample, number))
        except WorkbenchError as error:
            refused += 1
            lines = error.messages if isinstance(error, FileRefused) else str(error).split("\n")
            assert 0 < len(lines) <= MOST_MESSAGES + 1, f"mutant {number} of {name}: {lines[:2]}"
            told = all(line.isprintable() and line.startswith(name) for line in lines)
            assert told, f"mutant {number} of {name}: {lines}"
        except Exception as error:
            raise AssertionError(f"mutant {number} of {name} left by {error!r}") from error
    return refused


@cache
def _as_json(data: bytes) -> bytes:
    tree = read_yaml(data.decode(), Findings("sample"), FOREIGN)
    return json.dumps(tree, indent=1).encode()


def _flipped(data: bytes, chance: random.Random) -> bytes:
    spoilt = bytearray(data)
    for _ in range(chance.choice((1, 1, 3, 20)) if data else 0):
        spoilt[chance.randrange(len(spoilt))] ^= 1 << chance.randrange(8)
    return bytes(spoilt)


def _cut(data: bytes, chance: random.Random) -> bytes:
    start, end = sorted((chance.randrange(len(data) + 1), chance.randrange(len(data) + 1)))
    return chance.choice((data[:start], data[end:], data[:start] + data[end:]))


def _lines(data: bytes, chance: random.Random) -> tuple[list[bytes], int]:
    lines = data.splitlines(keepends=True) or [b"\n"]
    return lines, chance.randrange(len(lines))


def _lines_gone(data: bytes, chance: random.Random) -> bytes:
    lines, at = _lines(data, chance)
    del lines[at : at + chance.choice((1, 1, 1, 4))]
    return b"".join(lines)


def _lines_twice(data: bytes, chance: random.Random) -> bytes:
    """Write lines twice: a key, a row, an id."""
    lines, at = _lines(data, chance)
    some = lines[at : at + chance.choice((1, 1, 3, 12))]
    return b"".join([*lines[:at], *some * chance.choice((2, 2, 60)), *lines[at + len(some) :]])


def _lines_moved(data: bytes, chance: random.Random) -> bytes:
    lines, at = _lines(data, chance)
    lines.insert(chance.randrange(len(lines)), lines.pop(at))
    return b"".join(lines)


def _odd_value(data: bytes, chance: random.Random) -> bytes:
    """Put something odd in the place of what follows a colon, a comma, a dash or a tab."""
    places = list(re.finditer(rb'(?<=[:,\-\t])[ ]?("[^"\n]*"|[^\s,]+)', data))
    if not places:
        return data
    place = chance.choice(places)
    odd = chance.choice(ODD_TEXTS).encode("utf-8", "surrogatepass")
    return data[: place.start()] + b" " + odd + data[place.end() :]


def _odd_bytes(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(ODD_BYTES) + data[at:]


def _nested(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    deep = chance.choice((3, 40, 1_200))
    left, right = chance.choice(((b"[", b"]"), (b'{"a":', b"}"), (b"- ", b""), (b'"', b'"')))
    return data[:at] + left * deep + b"1" + right * deep + data[at:]


def _odd_tree(data: bytes, chance: random.Random) -> bytes:
    """Change one value of a JSON tree, or leave one out, or write one twice."""
    try:
        tree = json.loads(data)
    except (ValueError, RecursionError):
        return data
    places = list(_places(tree))
    if not places:
        return data
    holder, key = chance.choice(places)
    way = chance.random()
    if way < 0.2:
        del holder[key]
    elif way < 0.3 and isinstance(holder, list):
        holder.insert(key, holder[key])
    elif way < 0.5:
        other, its_key = chance.choice(places)
        holder[key] = json.loads(json.dumps(other[its_key]))
    else:
        holder[key] = chance.choice(ODD_VALUES)
    return json.dumps(tree, indent=1).encode()


def _places(tree: Any) -> list[tuple[Any, Any]]:
    """Return every place of a tree as (list or mapping, index or key), outermost first."""
    found: list[tuple[Any, Any]] = []
    waiting = [tree]
    while waiting:
        here = waiting.pop(0)
        keys = (
            range(len(here)) if isinstance(here, list) else here if isinstance(here, dict) else ()
        )
        for key in keys:
            found.append((here, key))
            waiting.append(here[key])
    return found
