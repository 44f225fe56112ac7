"""What the readiness page is made of: plain values, all amounts as text."""

from dataclasses import dataclass

from workbench.plots.coverage import CoverageTable


@dataclass(frozen=True)
class Bar:
    """How far one framework is: what is met, in part, open; what does not apply is left out."""

    name: str
    noun: str  # of what is counted: duties, criteria ...
    met: int
    in_part: int
    unmet: int
    unstated: int  # open as well: nobody has said anything
    left_out: int  # not applicable
    upcoming: str  # what is due first

    @property
    def size(self) -> int:
        """How many apply."""
        return self.met + self.in_part + self.unmet + self.unstated

    @property
    def label(self) -> str:
        """Say the bar for those who do not see it."""
        said = f"{self.met} met, {self.in_part} in part, {self.unmet} open"
        said += f", {self.unstated} not stated" if self.unstated else ""
        return f"{said}, {self.left_out} do not apply"


@dataclass(frozen=True)
class Excluded:
    """A requirement that does not apply, with its reason."""

    framework: str
    requirement: str
    reason: str


@dataclass(frozen=True)
class SystemLine:
    """One AI system under the AI Act."""

    name: str
    grounds: str  # what decides
    tiers: tuple[str, ...]
    days: tuple[str, ...]  # from which its duties apply, each with what it is about
    duties: int
    met: int
    more: str  # route, roles, doubts


@dataclass(frozen=True)
class DateLine:
    """One day of the AI Act."""

    id: str
    day: str  # ISO 8601
    shown: str  # '2 Dec 2027'
    state: str  # past, next or to come
    what: str
    lead: str  # 'In 8 days:' before the next one
    was: str
    certainty: str  # in a word
    said: str  # in full, with its source
    ours: bool  # whether duties of the systems begin on it


@dataclass(frozen=True)
class GapLine:
    """A control that is missing where requirements are open, and the money that it touches."""

    control: str  # id
    title: str
    requirements: str  # by framework
    open: int  # how many requirements it would help to meet
    scenarios: str  # ids
    touched: str  # money: the average year of these scenarios
    saving: str  # by the middle of the assumed range
    between: str  # by its ends
    planned: str  # the month in which it lands, or that it is not planned
    bar: float  # positions on the axis, per cent
    solid: float
    left: float
    width: float
    label: str
    elsewhere: str = ""  # "in place at customer-chatbot, not here"


@dataclass(frozen=True)
class GapList:
    """The gaps, those that touch most money first."""

    heading: str
    note: str
    axis: tuple[tuple[float, str], ...]  # per cent, amount
    top: tuple[GapLine, ...]
    rest: tuple[GapLine, ...]


@dataclass(frozen=True)
class TaskLine:
    """One task of the roadmap."""

    id: str
    title: str
    months: str
    owner: str
    waits_for: str
    controls: str
    origin: str


@dataclass(frozen=True)
class ReadinessPage:
    """All that the page says."""

    heading: str
    summary: str
    state: tuple[str, ...]
    warnings: tuple[str, ...]
    bars_heading: str
    bars: tuple[Bar, ...]
    excluded: tuple[Excluded, ...]
    act_heading: str
    systems: tuple[SystemLine, ...]
    dates: tuple[DateLine, ...]
    act_notes: tuple[str, ...]
    gaps: GapList | None
    coverage_heading: str
    coverage: CoverageTable
    coverage_notes: tuple[str, ...]
    roadmap_heading: str
    roadmap_note: str
    tasks: tuple[TaskLine, ...]
    footer: tuple[tuple[str, str, str], ...]
