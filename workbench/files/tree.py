"""What the three readers give: plain data in which every oddity of the file is still visible."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

DEEPEST = 32  # levels of lists and mappings; a study needs fifteen
MOST_FIELDS = 100  # of one mapping; a scenario has at most 32


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a file may be that is no table; the defaults are those of a study."""

    yaml_bytes: int = 2**20  # YAML is read at about 0.2 MiB a second
    yaml_events: int = 125_000  # about 5,000 table rows; some 40 microseconds each
    yaml_marks: int = 200_000  # commas, colons, dashes, counted at once: a flood is not waited for
    fields: int = MOST_FIELDS


STUDY = Limits()
# Catalogues of other programs are some megabytes of prose, and map thousands of ids to rows.
FOREIGN = Limits(yaml_bytes=4 * 2**20, yaml_marks=400_000, fields=10_000)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A value in the file that no field accepts, kept to be reported where it stands."""

    text: str  # as written
    what: str  # what is wrong with it
    fix: str  # the remedy, or nothing
    never_text: bool = False  # nor is it a text: the formula or the error of a spreadsheet

    def __str__(self) -> str:
        """As it was written."""
        return self.text


class Repeated(dict[str, Any]):
    """A mapping in which a key was written more than once; `keys_twice` names them."""

    keys_twice: tuple[str, ...] = ()


def mapping_of(
    pairs: list[tuple[str, Any]], most: int = MOST_FIELDS
) -> dict[str, Any] | Unreadable:
    """Make a mapping that remembers which keys came twice; one with too many fields is none."""
    if len(pairs) > most:
        return Unreadable(f"a mapping of {len(pairs)} fields", "has too many fields", "")
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    kept = Repeated(plain)
    kept.keys_twice = tuple(k for k, n in Counter(key for key, _ in pairs).items() if n > 1)
    return kept


def repeated_keys(tree: Any, path: str = "") -> Iterator[str]:
    """Yield the path of every key that was written twice; the depth of the tree is bounded."""
    if isinstance(tree, Repeated):
        yield from (f"{path}{key}" for key in tree.keys_twice)
    if isinstance(tree, dict):
        for key, value in tree.items():
            if isinstance(value, dict | list):
                yield from repeated_keys(value, f"{path}{key}.")
    elif isinstance(tree, list):
        for number, value in enumerate(tree, 1):
            if isinstance(value, dict | list):
                yield from repeated_keys(value, f"{path}{number}.")
