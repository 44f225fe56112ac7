"""The catalogue of threats, asked by any of its columns."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from workbench.errors import looked_up, nearest, require
from workbench.threats.threat import Threat

_COLUMNS: dict[str, Callable[[Threat], Iterable[str]]] = {
    "stride": lambda t: t.stride,
    "asset": lambda t: (t.asset,),
    "stage": lambda t: (t.stage,),
    "atlas": lambda t: (*t.atlas, *t.atlas_2026_07, *t.atlas_tactics),
    "owasp": lambda t: (*t.owasp, *t.owasp_llm_2026),
    "nist_ai_100_2": lambda t: t.nist_ai_100_2,
    "mitigation": lambda t: (one for _, one in t.requirements()),
    "community": lambda t: t.communities,
    "contents": lambda t: t.travels_with,
}


@dataclass(frozen=True)
class Catalogue:
    """Threats in order of id.

    Raises
    ------
    WorkbenchError
        for an id that stands twice.

    """

    threats: tuple[Threat, ...]
    day: str = ""  # of this edition, ISO 8601

    def __post_init__(self) -> None:
        """Check that ids are unique."""
        ids = [threat.id for threat in self.threats]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        require(not twice, "a threat has an id of its own", got=twice, fix="Number them anew.")

    def __iter__(self) -> Iterator[Threat]:
        """Yield each threat."""
        return iter(self.threats)

    def __len__(self) -> int:
        """Return how many threats there are."""
        return len(self.threats)

    @cached_property
    def _by_id(self) -> dict[str, Threat]:
        return {threat.id: threat for threat in self.threats}

    def threat(self, id: str) -> Threat:
        """Return one threat.

        Raises
        ------
        WorkbenchError
            for an unknown id, with the nearest ones.

        """
        return looked_up(self._by_id, id, "a threat is in the catalogue")

    def having(self, **wanted: str) -> tuple[Threat, ...]:
        """Return the threats that have every value asked for.

        Parameters
        ----------
        wanted : `stride` (a letter), `asset`, `stage`, `community`, `atlas` (a technique or a
            tactic of either edition; a technique finds its sub-techniques), `owasp` (of any
            list), `nist_ai_100_2`, `mitigation` (a requirement or a mitigation of ATLAS),
            `contents` (of a flow, with which it travels)

        Raises
        ------
        WorkbenchError
            for an unknown column, or a value that no threat has.

        """
        found = self.threats
        for column, value in wanted.items():
            found = tuple(t for t in found if self._has(t, column, value))
            known = self.values(column)
            near = nearest(value, known) or known[:6]
            require(
                any(_is_within(one, value) for one in known),
                f"{column} is one that a threat of the catalogue has",
                got=value,
                fix=f"Such as {', '.join(near)}.",
            )
        return found

    def _has(self, threat: Threat, column: str, value: str) -> bool:
        require(
            column in _COLUMNS,
            "the catalogue is asked by its columns",
            got=column,
            fix=f"One of {', '.join(_COLUMNS)}.",
        )
        return any(_is_within(one, value) for one in _COLUMNS[column](threat))

    def values(self, column: str) -> list[str]:
        """Return all values of a column, sorted."""
        return sorted({one for threat in self.threats for one in _COLUMNS[column](threat)})


def _is_within(one: str, value: str) -> bool:
    """Whether an id is the one asked for, or below it: AML.T0010.002 below AML.T0010."""
    return one == value or one.startswith(f"{value}.")
