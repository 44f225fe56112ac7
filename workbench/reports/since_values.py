"""What changed since the last approval or saved run, as plain values."""

from dataclasses import dataclass
from typing import Literal

from workbench.plots import Figure

State = Literal["changed", "same", "never", "apart"]
FEW = 3  # inputs that the headline names


@dataclass(frozen=True)
class Moved:
    """One changed input: what it was, what it is, and what it moves an average year by."""

    name: str
    before: str
    after: str
    moved: str = ""  # signed money a year; empty where no average can be told
    error: str = ""
    amount: float | None = None  # currency / year
    amount_error: float = 0.0
    short: str = ""  # the name beside its bar


@dataclass(frozen=True)
class Change:
    """One figure of the whole year, then and now, and how it changed."""

    label: str
    before: str
    after: str
    moved: str
    error: str = ""


@dataclass(frozen=True)
class Since:
    """What the page says about the time since the last approval or saved run."""

    state: State
    kicker: str
    heading: str
    note: str = ""
    value: str = ""  # of the headline: the change of the average year
    is_text: bool = False
    figures: tuple[Change, ...] = ()  # average year, 1-in-20 year, chance above the worst point
    rows: tuple[Moved, ...] = ()  # every changed input, the largest move first
    added: tuple[str, ...] = ()  # scenarios by name
    removed: tuple[str, ...] = ()
    figure: Figure | None = None  # the waterfall, where there is one
    currency: str = ""
    elsewhere: tuple[str, ...] = ()  # what changed beside today's inputs: the appetite, the plan
    about: str = ""  # who approved that run, and what was noted with it
    warnings: tuple[str, ...] = ()  # of saved runs that were passed over

    @property
    def is_told_by_headline(self) -> bool:
        """Whether the headline figure holds all that there is to tell."""
        is_quiet = self.state == "never" or (self.state == "same" and not self.note)
        return is_quiet and not (self.elsewhere or self.warnings)

    @property
    def top(self) -> tuple[Moved, ...]:
        """The largest three."""
        return self.rows[:FEW]

    @property
    def more(self) -> str:
        """How many inputs changed beyond these: 'and 4 more'."""
        rest = len(self.rows) - FEW
        return f"and {rest} more" if rest > 0 else ""
