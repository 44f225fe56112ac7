"""Controls: which threats each is against, which requirements it meets, and what it may change.

Every effect is a range of an assumption, made for elicitation and no measurement: the share by
which a factor of the FAIR tree falls when the control works as intended. Effects of controls that
overlap are not multiplied with each other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from workbench.errors import looked_up, require
from workbench.threats.catalogue import Catalogue
from workbench.threats.threat import Threat

FACTORS = (
    "contact_frequency",
    "probability_of_action",
    "vulnerability",
    "primary_magnitude",
    "secondary_frequency",
    "secondary_magnitude",
)
KINDS = ("preventive", "detective", "corrective")


@dataclass(frozen=True, slots=True)
class Effect:
    """By which share a factor falls: `low` to `high`, 0..1.

    Raises
    ------
    WorkbenchError
        for an unknown factor, or a range that is none.

    """

    factor: str
    low: float
    high: float
    basis: str = "assumption"
    source: str = ""

    def __post_init__(self) -> None:
        """Check the factor and the range."""
        require(
            self.factor in FACTORS,
            "an effect names a factor of the tree",
            got=self.factor,
            fix=f"One of {', '.join(FACTORS)}.",
        )
        require(
            0 <= self.low <= self.high <= 1,
            "an effect is a range of shares from 0 to 1",
            got=(self.low, self.high),
            fix="Write 0.3 for a third less.",
        )


@dataclass(frozen=True, slots=True)
class Control:
    """Something that is done against threats."""

    id: str
    title: str
    description: str
    kind: str
    effects: tuple[Effect, ...]
    requirements: Mapping[str, tuple[str, ...]] = field(
        hash=False
    )  # framework -> ids that it helps to meet
    threats: tuple[str, ...]  # ids that it is against
    cost_drivers: tuple[str, ...] = ()
    limits: str = ""
    source_line: str = ""  # of the document that the workbench follows

    def meets(self) -> list[tuple[str, str]]:
        """Return the requirements that it helps to meet, as (framework, id)."""
        return [(framework, one) for framework, ids in self.requirements.items() for one in ids]


@dataclass(frozen=True)
class Controls:
    """The catalogue of controls, in order of id."""

    controls: tuple[Control, ...]
    note: str = field(default="")
    day: str = ""  # of this edition, ISO 8601

    def __iter__(self) -> Iterator[Control]:
        """Yield each control."""
        return iter(self.controls)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.controls)

    @cached_property
    def _by_id(self) -> dict[str, Control]:
        return {one.id: one for one in self.controls}

    def control(self, id: str) -> Control:
        """Return one control.

        Raises
        ------
        WorkbenchError
            for an unknown id, with the nearest ones.

        """
        return looked_up(self._by_id, id, "a control is in the catalogue")

    def against(self) -> dict[str, tuple[str, ...]]:
        """Return the threats that each control is against, by id."""
        return {one.id: one.threats for one in self.controls}

    def meeting(self, framework: str, id: str) -> tuple[Control, ...]:
        """Return the controls that help to meet a requirement."""
        return tuple(one for one in self.controls if id in one.requirements.get(framework, ()))


def threats_asked(
    catalogue: Catalogue, controls: Controls, wanted: Mapping[str, str]
) -> tuple[Threat, ...]:
    """Return the threats that have every value asked for, as `Catalogue.having` does.

    Of `mitigation`, a control of ours is asked for as well: the threats that it is against.

    Raises
    ------
    WorkbenchError
        for an unknown column or value.

    """
    against = controls.against()
    mitigation = wanted.get("mitigation", "")
    if mitigation not in against:
        return catalogue.having(**wanted)
    rest = {column: value for column, value in wanted.items() if column != "mitigation"}
    return tuple(one for one in catalogue.having(**rest) if one.id in against[mitigation])
