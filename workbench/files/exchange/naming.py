"""Frameworks and ids as other programs write them, found among those that are known.

Capitals, dashes, dots, underlines and spaces are how a program writes an id, not what it means:
`iso27001-2022` is `iso27001_2022`, `a.5.1` is `A.5.1` and `govern-1.1` is `GOVERN 1.1`. Digits and
their separation stay: `1.11` is not `11.1`.
"""

import re
from dataclasses import dataclass
from typing import Generic, TypeVar

from workbench.frameworks.requirement import Frameworks

Value = TypeVar("Value")
# Names under which others publish an edition, where no rule leads to ours.
OTHERS = {"ai.act": "eu_ai_act_2024_1689"}
_APART = re.compile(r"[^0-9a-z]+")


def folded(text: str) -> str:
    """Return what remains of a name without its writing."""
    return _APART.sub(".", text.casefold()).strip(".")


@dataclass(frozen=True, slots=True)
class Imported(Generic[Value]):
    """What was read from a file of another program, and what a reader of it should know."""

    value: Value
    warnings: tuple[str, ...] = ()
    places: tuple[str, ...] = ()  # where the rows of a crosswalk stand in the file


class Names:
    """Finds ids of known frameworks; what is not known keeps the name that it has."""

    def __init__(self, frameworks: Frameworks) -> None:
        others = {key: name for key, name in OTHERS.items() if name in frameworks}
        aliases = {folded(one.alias): one.id for one in frameworks.values() if one.alias}
        self._frameworks = others | aliases | {folded(name): name for name in frameworks}
        self._ids: dict[str, dict[str, str]] = {
            name: {folded(one.id): one.id for one in frameworks[name]} for name in frameworks
        }

    def framework(self, written: str) -> str:
        """Return the id of a framework, with its edition where it is a known one."""
        return self._frameworks.get(folded(written), written)

    def is_known(self, framework: str) -> bool:
        """Whether this is the id of a known framework."""
        return framework in self._ids

    def requirement(self, framework: str, written: str) -> str:
        """Return the id of a requirement as its framework writes it, or another edition of it."""
        key = folded(written)
        found = self._ids.get(framework, {}).get(key)
        if found is not None:
            return found
        family = folded(framework).partition(".")[0]
        others = (ids for name, ids in self._ids.items() if folded(name).startswith(family))
        return next((ids[key] for ids in others if key in ids), written)
