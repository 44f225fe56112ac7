"""What the threat model's page is made of: plain values, all amounts as text."""

from dataclasses import dataclass

Facts = tuple[tuple[str, str], ...]  # term, text


@dataclass(frozen=True)
class SystemLine:
    """One system beside the others."""

    id: str
    name: str
    components: int
    crossing: int  # flows that cross a trust boundary
    threats: int
    uncovered: int  # threats that no control in place is against
    scenarios: str  # ids
    average: str  # of all its scenarios together
    error: str


@dataclass(frozen=True)
class ThreatPage:
    """The page but for what belongs to one system."""

    heading: str
    summary: str
    state: tuple[str, ...]
    systems_heading: str
    systems: tuple[SystemLine, ...]
    footer: tuple[tuple[str, str, str], ...]
    about: str  # what the figures mean, for the end of the page


@dataclass(frozen=True)
class ThreatLine:
    """One threat at one component."""

    id: str
    title: str
    letters: str
    letters_told: str  # in full words
    why: str
    known: str
    marks: tuple[str, ...]  # what must be told beside it: editorial, recalled, a weak fit
    scenarios: str  # ids; empty where none is made of it
    money: str  # of these scenarios; empty where there are none
    control: str  # "in place", "planned" or "none in place"


@dataclass(frozen=True)
class ElementStory:
    """One component: what it is, what threatens it, what stands against that."""

    name: str
    sentence: str
    facts: Facts
    top: tuple[ThreatLine, ...]
    more: tuple[ThreatLine, ...]
    controls: tuple[tuple[str, str, str], ...]  # title, status, why
    crossings: tuple[tuple[str, str], ...]  # flows across a trust boundary: between whom, what


@dataclass(frozen=True)
class HeatRow:
    """One row of the heat table: an asset, a count and a tone for each letter, and all."""

    name: str
    where: str  # the components that hold it
    cells: tuple[tuple[int, int], ...]
    total: int


@dataclass(frozen=True)
class ElementLine:
    """One component among the others, by what may be lost at it."""

    id: str
    name: str
    zone: str
    threats: int
    uncovered: int
    money: str
    share: float  # of the largest money, for a bar
    scenarios: str


@dataclass(frozen=True)
class ControlLine:
    """One control, and how many of a system's threats it is against."""

    id: str
    title: str
    threats: int
    status: str  # "in place", "planned" or "not stated"
    why: str


@dataclass(frozen=True)
class ReasonLine:
    """One kind of reason why threats are ruled out."""

    reason: str
    threats: int


@dataclass(frozen=True)
class SystemView:
    """Everything that the page says of one system."""

    name: str
    flows_heading: str
    stride_heading: str
    stride: tuple[HeatRow, ...]
    worst_heading: str
    worst: tuple[ElementLine, ...]
    coverage_heading: str
    controls: tuple[ControlLine, ...]
    other_controls: tuple[ControlLine, ...]
    ruled_heading: str
    reasons: tuple[ReasonLine, ...]
    ruled_out: tuple[tuple[str, str, str], ...]  # id, title, why
    known_heading: str
    known: tuple[tuple[str, int], ...]  # how it is known, how many threats
