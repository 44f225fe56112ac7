"""What a page is wired to: one study, computed once, then said and drawn on demand."""

import math
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from workbench.amounts import percent
from workbench.files import read_study
from workbench.losses import LossDistribution
from workbench.models.horizon import LargestEvent
from workbench.models.portfolio import StudyResult, simulate
from workbench.models.study import Study
from workbench.models.tolerance import ToleranceCurve, most_exceeded
from workbench.models.views import second_order_band
from workbench.models.whatif import Change, change_frequency
from workbench.plots import (
    Band,
    Figure,
    average_belief,
    loss_exceedance,
    loss_range,
    top_scenarios,
)
from workbench.reports import words
from workbench.reports.html import render
from workbench.reports.overview import BAD_YEAR, overview_page
from workbench.resources import STUDY_VARIABLE, example_study

LEAST, MOST = 0.0, 2.0  # how often the largest scenario may happen, times as now


@dataclass(frozen=True)
class CurveRow:
    """One line of the table beside the curve, as text."""

    loss: str
    chance: str
    band: str
    event: str  # the chance of one single event above it
    accepted: str


@dataclass(frozen=True)
class WhatIf:
    """What a year costs once the largest scenario happens `times` as often as now."""

    times: float
    after: LossDistribution
    mean_change: str
    change_error: str
    mean: str
    error: str
    bad_year: str
    chance: str
    words: str  # all of it in one sentence

    def __str__(self) -> str:
        """Return the sentence."""
        return self.words


def open_board(path: str | Path | None = None) -> "Board":
    """Read, compute and say a study: the one named, or in WORKBENCH_STUDY, or the example.

    Raises
    ------
    FileRefused
        a WorkbenchError with one line for each fault of the file.

    """
    chosen = path or os.environ.get(STUDY_VARIABLE) or example_study()
    return Board(simulate(read_study(chosen).study, engine="exact"))


class Board:
    """The overview of one result; the heavier parts are made when they are first asked for."""

    def __init__(self, result: StudyResult) -> None:
        self.result = result
        self.page = overview_page(result)

    @property
    def study(self) -> Study:
        """The study as it was read."""
        return self.result.study

    @cached_property
    def tolerance(self) -> ToleranceCurve | None:
        """The study's tolerance curve, or None where it states fewer than two points."""
        return ToleranceCurve.of(self.study)

    @cached_property
    def band(self) -> Band | None:
        """How sure we are of the curve; None where nothing is ever lost."""
        x = loss_range(self.result.portfolio, self.tolerance)
        return Band(x, *second_order_band(self.study, x)) if x.size else None

    def exceedance(self, what_if: WhatIf | None = None) -> Figure:
        """Draw the loss exceedance curve, with the curve after a change where there is one."""
        after = None if what_if is None or what_if.times == 1 else what_if.after
        return loss_exceedance(
            self.result.portfolio, tolerance=self.tolerance, band=self.band, after=after
        )

    def scenarios(self) -> Figure:
        """Draw the scenarios with the largest average year."""
        return top_scenarios(self.page.rows, currency=self.study.currency)

    def average(self) -> Figure:
        """Draw how sure we are of the average year; nothing where that is not told."""
        view = self.page.sure.view
        return {"data": [], "layout": {}} if view is None else average_belief(view)

    def html(self, name: str, **values: object) -> str:
        """Return a fragment of the page: lede, headlines, periods, curve, scenarios, footer ..."""
        return render(name, page=self.page, ale=words.ALE, **values)

    def header(self, kicker: str, heading: str, note: str = "") -> str:
        """Return a card's heading: what it is, what was found, and how to read it."""
        return render("header", kicker=kicker, heading=heading, note=note)

    def curve_table(self) -> str:
        """Return the folded table beside the curve, its text alternative."""
        return self.html("curve", rows=self._curve_rows(), about=self.page.about_errors)

    def _curve_rows(self) -> list[CurveRow]:
        band = self.band
        if band is None:
            return []
        low, high = float(band.loss[0]), float(band.loss[-1])
        decades = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
        marks = {float(f"{d}e{k}") for k in decades for d in (1, 2, 3, 5)}
        marks |= {point.loss for point in self.study.tolerance}
        losses = [loss for loss in sorted(marks) if low <= loss <= high]
        events = LargestEvent.of(self.study).exceedance(losses).tolist()
        pairs = zip(losses, events, strict=True)
        return [self._curve_row(loss, band, event) for loss, event in pairs]

    def _curve_row(self, loss: float, band: Band, event: float) -> CurveRow:
        ends = [
            percent(float(np.interp(np.log(loss), np.log(band.loss), side)))
            for side in (band.low, band.high)
        ]
        accepted = (
            "" if self.tolerance is None else percent(float(self.tolerance.probability(loss)))
        )
        return CurveRow(
            words.stated_money(loss, self.study.currency),
            percent(float(self.result.portfolio.exceedance(loss))),
            f"{ends[0]} to {ends[1]}",
            percent(min(max(event, 0.0), 1.0)),
            accepted,
        )

    def what_if(self, times: float) -> WhatIf:
        """Compute the year in which the largest scenario happens `times` as often.

        `times` is brought into 0 to 2 whatever a page sends; what is no number changes nothing.
        """
        times = min(max(float(times), LEAST), MOST) if np.isfinite(times) else 1.0
        before = self.result.portfolio
        change = Change(self.study, before, before)
        if self.page.largest is not None:
            change = change_frequency(self.study, before, self.page.largest, times)
        return _told(times, change, self._chance_after(change.after))

    def _chance_after(self, after: LossDistribution) -> str:
        point = most_exceeded(self.result.portfolio, self.study.tolerance)
        if point is None:
            return ""
        limit = words.stated_money(point.loss, self.study.currency)
        chance = percent(float(after.exceedance(point.loss)))
        error = words.chance_error_words(after.exceedance_error(point.loss), exact=after.exact)
        return f"Chance of more than {limit}: {chance} ({error})."


def _told(times: float, change: Change, chance: str) -> WhatIf:
    after, currency = change.after, change.after.currency
    mean, error = after.mean(), after.error("mean")
    exists = math.isfinite(mean)
    moved = words.change_words(change.mean() if exists else mean, currency)
    moved = moved if moved in words.NO_CHANGES else f"{moved} a year"
    value = words.amount(mean, error, currency)
    costs = f", so that an average year costs {value}" if exists else ""
    changed = change.mean() if exists else mean
    size = change.mean_error() if exists else mean
    return WhatIf(
        times=times,
        after=after,
        mean_change=moved,
        change_error=words.error_words(changed, size, currency, exact=after.exact),
        mean=value,
        error=words.error_words(mean, error, currency, exact=after.exact),
        bad_year=words.one_year_in(after, BAD_YEAR),
        chance=chance,
        words=(
            f"{times:.2f} times as often: {moved}{costs}. "
            f"{words.one_year_in(after, BAD_YEAR)} {chance}"
        ).strip(),
    )
