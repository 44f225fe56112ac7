"""What the overview page is made of: plain values, all amounts as text."""

from dataclasses import dataclass

from workbench.losses import LossDistribution
from workbench.models.tolerance import Verdict
from workbench.plots import RangeRow
from workbench.reports.together_values import Together


@dataclass(frozen=True)
class Headline:
    """One headline figure: a small line above, the value, what stands beside it, and a note."""

    kicker: str
    value: str
    beside: str = ""
    verdict: str = ""  # printed strong; only where appetite is exceeded
    note: str = ""
    is_text: bool = False
    is_alert: bool = False


@dataclass(frozen=True)
class Period:
    """What is lost in one year out of `years`; a state that the study does not tell is empty."""

    years: int
    loss: str  # today
    error: str
    bare: str = ""  # without controls
    planned: str = ""  # after the plan


@dataclass(frozen=True)
class Tolerated:
    """One tolerance point beside the chance of a year above it."""

    loss: str
    accepted: str
    chance: str
    error: str
    verdict: Verdict


@dataclass(frozen=True)
class ScenarioLine:
    """One scenario of the table, all amounts as text."""

    id: str
    name: str
    system: str
    chance: str
    loss_years: str  # nine in ten of the years in which it happens
    loss_year_mean: str
    mean: str
    error: str
    parts: str  # primary (ALE) and secondary loss, where there is a secondary one
    above_asset: str  # the chance of a year above the asset's value, where that would be seen


@dataclass(frozen=True)
class HowSure:
    """The other question: how sure we are of the average, of which only held beliefs are left.

    Without a `view` the sentence says why there is none, and the amounts are empty.
    """

    sentence: str
    note: str
    low: str = ""
    middle: str = ""
    mean: str = ""
    high: str = ""
    view: LossDistribution | None = None


@dataclass(frozen=True)
class MatrixCell:
    """One cell of the severity matrix: what it scores and who stands in it."""

    tone: int  # 0 to 4, on the scale of amount
    score: int
    band: str
    ids: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True)
class MatrixTable:
    """The severity matrix as a table, the highest likelihood on top."""

    heading: str
    rows: tuple[tuple[int, str, tuple[MatrixCell, ...]], ...]  # level, its rate, its cells
    columns: tuple[tuple[int, str], ...]  # level, its amount
    bands: tuple[tuple[int, str, str], ...]  # tone, label, scores
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Assumed:
    """Who says what about one field of a scenario, and why."""

    field: str
    owner: str
    reason: str
    would_change: str
    when: str
    overdue: str  # since when a review is, '' where none is


@dataclass(frozen=True)
class Story:
    """One scenario by itself."""

    id: str
    name: str
    facts: tuple[tuple[str, str], ...]  # term and text
    sentences: tuple[str, ...]
    states: tuple[tuple[str, str, str, str], ...]  # state, chance, average year, 1-in-20 year
    assumptions: tuple[Assumed, ...]


@dataclass(frozen=True)
class OverviewPage:
    """All that the page says about a study's year."""

    heading: str
    summary: str
    state: tuple[str, ...]
    headlines: tuple[Headline, ...]
    crossing: str
    periods: tuple[Period, ...]
    periods_error: str  # of today's column, in one sentence
    reading: str
    largest_event: str  # the largest single event of a year, beside the year
    appetite: str
    tolerance: tuple[Tolerated, ...]
    question: str  # of the what-if
    scenarios_heading: str
    how_to_read: str
    rows: tuple[RangeRow, ...]  # of the chart
    scenarios: tuple[ScenarioLine, ...]
    sure: HowSure
    about_errors: str
    footer: tuple[tuple[str, str, str], ...]  # term, short text, full text
    together: Together | None  # None where scenarios are independent
    largest: str | None  # id of the scenario with the largest average year
