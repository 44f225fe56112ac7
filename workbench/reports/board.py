"""What a page is wired to: one study, computed once in each state, said and drawn on demand."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np

from workbench.amounts import percent
from workbench.audit.checkpoints import Note
from workbench.distributions import Array
from workbench.files import read_study
from workbench.files.runs import LastRun, last_run
from workbench.files.sources import checkpoint_beside, source_digest
from workbench.losses import LossDistribution
from workbench.models.comparison import compare
from workbench.models.horizon import LargestEvent
from workbench.models.portfolio import Engine, StudyResult
from workbench.models.scenario import State
from workbench.models.study import Study, TolerancePoint
from workbench.models.tolerance import ToleranceCurve, most_exceeded
from workbench.models.views import second_order_band
from workbench.models.whatif import Driver, drivers
from workbench.plots import Band, Figure, average_belief, loss_exceedance, loss_range, top_scenarios
from workbench.plots.blocks import Block, SliderBlock
from workbench.reports import words
from workbench.reports.html import render
from workbench.reports.overview import OPENED, overview_page
from workbench.reports.overview_states import NAMES
from workbench.reports.scenario_story import story_of
from workbench.reports.since import since
from workbench.reports.since_values import Since
from workbench.reports.what_if import (
    STEP,
    STEP_TIED,
    Answer,
    answer_of,
    bounded,
    slider_blocks,
)
from workbench.resources import STUDY_VARIABLE, example_study


class Alone(NamedTuple):
    """What is told of a curve where scenarios are independent."""

    low: float  # 5 % of what we believe of today's chance
    high: float
    event: float  # the chance of one single event above the loss


@dataclass(frozen=True)
class CurvePoint:
    """The curve at one loss: raw chances, None where something is not told."""

    loss: float  # currency / year
    states: dict[State, float]
    alone: Alone | None  # None where scenarios are tied together
    accepted: float | None  # None below the smallest loss that a tolerance speaks of


def open_board(
    path: str | Path | None = None,
    *,
    engine: Engine = "auto",
    fresh: str = OPENED,
    computed: datetime | None = None,
) -> "Board":
    """Read, compute and say a study: the one named, or in WORKBENCH_STUDY, or the example.

    `fresh` and `computed` are as in `Board`.

    Raises
    ------
    FileRefused
        a WorkbenchError with one line for each fault of the file.

    """
    chosen = path or os.environ.get(STUDY_VARIABLE) or example_study()
    digest = source_digest(chosen)  # before the file is read: an edit in between is then noticed
    study, run = read_study(chosen).study, last_run(chosen)
    found = compare(study, engine=engine).results
    result = replace(found["current"], study=study)
    others: dict[State, StudyResult] = {s: other for s, other in found.items() if s != "current"}
    kept = checkpoint_beside(chosen)
    return Board(
        result, others=others, source=digest, run=run, fresh=fresh, computed=computed, kept=kept
    )


class Board:
    """The overview of one result; the heavier parts are made when they are first asked for.

    Parameters
    ----------
    result : of the study as it is today
    others : of its other states, by the same engine
    source : which bytes it was computed from, `files.sources.source_digest`
    run : the saved run that it is compared with, if there is one
    fresh : how up to date the page is, in words
    computed : when; the present moment unless given
    kept : the checkpoint of the register that the study is kept in, if it is

    """

    def __init__(
        self,
        result: StudyResult,
        *,
        others: Mapping[State, StudyResult] | None = None,
        source: str = "",
        run: LastRun | None = None,
        fresh: str = OPENED,
        computed: datetime | None = None,
        kept: Note | None = None,
    ) -> None:
        self.result, self.others, self.source = result, dict(others or {}), source
        self.run, self._is_registered = run or LastRun(None), kept is not None
        self.computed = computed or datetime.now(UTC)
        self.page = overview_page(result, self.computed, others=self.others, fresh=fresh, kept=kept)

    @property
    def study(self) -> Study:
        """The study as it was read."""
        return self.result.study

    @cached_property
    def since(self) -> Since:
        """What changed since the last approval, or else the last saved run."""
        return since(self.result, self.run, is_registered=self._is_registered)

    @cached_property
    def tolerance(self) -> ToleranceCurve | None:
        """The study's tolerance curve, or None where it states fewer than two points."""
        return ToleranceCurve.of(self.study)

    @cached_property
    def worst(self) -> TolerancePoint | None:
        """The tolerance point that matters most today."""
        return most_exceeded(self.result.portfolio, self.study.tolerance)

    def _tolerated(self) -> ToleranceCurve | TolerancePoint | None:
        points = self.study.tolerance
        return self.tolerance or (points[0] if points else None)

    def _beside(self, state: State) -> LossDistribution | None:
        return self.others[state].portfolio if state in self.others else None

    @cached_property
    def losses(self) -> Array:
        """The losses at which the curves are drawn, rising; empty where nothing is ever lost."""
        beside = [other.portfolio for other in self.others.values()]
        return loss_range(self.result.portfolio, self._tolerated(), beside)

    @property
    def band(self) -> Band | None:
        """How sure we are of the curve; None where nothing is ever lost, or scenarios are tied."""
        return None if self.study.dependence is not None else self._bands[0]

    @cached_property
    def _bands(self) -> tuple[Band | None, Band]:
        """The band at the losses that are drawn, and at those of the table; computed together.

        Between two losses that are drawn a single amount may stand, so that none is interpolated.
        """
        x, marks = self.losses, self._marks
        low, high = second_order_band(
            self.study, np.concatenate([x, marks]), year=self.result.portfolio
        )
        drawn = Band(x, low[: x.size], high[: x.size]) if x.size else None
        return drawn, Band(marks, low[x.size :], high[x.size :])

    @cached_property
    def _marks(self) -> Array:
        """The round losses and the tolerance points along the curve: the rows of its table."""
        if not self.losses.size:
            return np.zeros(0)
        low, high = float(self.losses[0]), float(self.losses[-1])
        decades = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
        marks = {float(f"{d}e{k}") for k in decades for d in (1, 2, 3, 5)}
        marks |= {point.loss for point in self.study.tolerance}
        return np.array([loss for loss in sorted(marks) if low <= loss <= high])

    def exceedance(self) -> Figure:
        """Draw the loss exceedance curves of all states against what is tolerated."""
        return loss_exceedance(
            self.result.portfolio,
            inherent=self._beside("inherent"),
            residual=self._beside("residual"),
            tolerance=self._tolerated(),
            band=self.band,
        )

    def scenarios(self) -> Figure:
        """Draw the scenarios with the largest average year."""
        return top_scenarios(self.page.rows, currency=self.study.currency)

    def average(self) -> Figure:
        """Draw how sure we are of the average year; nothing where that is not told."""
        view = self.page.sure.view
        return {"data": [], "layout": {}} if view is None else average_belief(view)

    def html(self, name: str, **values: object) -> str:
        """Return a fragment of the page: lede, headlines, periods, scenarios, footer ..."""
        shared = {"page": self.page, "ale": words.ALE, "source": self.source}
        return render(name, **shared | {"states": [*self.others], "since": self.since} | values)

    def header(self, kicker: str, heading: str, note: str = "") -> str:
        """Return a card's heading: what it is, what was found, and how to read it."""
        return render("header", kicker=kicker, heading=heading, note=note)

    @cached_property
    def curve_points(self) -> list[CurvePoint]:
        """The curve at round losses and at the tolerance points: what its table holds."""
        if self.study.dependence is not None:
            return [self._curve_point(loss, None) for loss in self._marks.tolist()]
        band = self._bands[1]
        events = LargestEvent.of(self.study).exceedance(band.loss)
        columns = (band.loss, band.low, band.high, np.clip(events, 0.0, 1.0))
        rows = np.transpose(columns).tolist()
        return [self._curve_point(loss, Alone(*rest)) for loss, *rest in rows]

    def _curve_point(self, loss: float, alone: Alone | None) -> CurvePoint:
        known = {"current": self.result, **self.others}
        chances = {s: float(known[s].portfolio.exceedance(loss)) for s in NAMES if s in known}
        curve = self.tolerance
        is_stated = curve is not None and loss >= curve.points[0].loss
        accepted = float(curve.probability(loss)) if curve is not None and is_stated else None
        return CurvePoint(loss, chances, alone, accepted)

    def curve_table(self) -> str:
        """Return the folded table beside the curve, its text alternative."""
        rows = [self._curve_row(point) for point in self.curve_points]
        states = [NAMES[s] for s in NAMES if s == "current" or s in self.others]
        head = ["A year costs more than", *states]
        if self.study.dependence is None:
            capped = any(scenario.terms.per_year() for scenario in self.study.scenarios)
            event = f"One event alone{', before terms of the year' if capped else ''}"
            head += ["How sure of today (5 to 95%)", event]
        head += ["Accepted"] if self.tolerance is not None else []
        return render("curve", head=head, rows=rows, about=self.page.about_errors)

    def _curve_row(self, point: CurvePoint) -> list[str]:
        chances = [percent(chance) for chance in point.states.values()]
        accepted = [] if self.tolerance is None else ["not stated"]
        if point.accepted is not None:
            chances, beside = words.told_apart([*point.states.values()], point.accepted)
            accepted = [beside]
        if point.alone is not None:
            low, high, event = map(percent, point.alone)
            chances += [f"{low} to {high}", event]
        return [words.stated_money(point.loss, self.study.currency), *chances, *accepted]

    @cached_property
    def _driving(self) -> list[Driver]:
        return drivers(self.result)

    @cached_property
    def drivers(self) -> tuple[SliderBlock, ...]:
        """A slider for each of the up to three scenarios that an average year hangs on most."""
        return slider_blocks(self._driving, STEP if self.study.dependence is None else STEP_TIED)

    def answer(self, factors: Mapping[str, float]) -> Answer:
        """Compute the year in which the sliders' scenarios happen that many times as often.

        `factors` are by the sliders' names; each is brought into 0 to 2, whatever a page sends, and
        what is no number changes nothing. Other names are not heard.
        """
        chosen = {
            one.scenario.id: bounded(factors[slider.name])
            for slider, one in zip(self.drivers, self._driving, strict=True)
            if slider.name in factors
        }
        return answer_of(self.result, chosen, self.losses.tolist(), self.worst)

    def chosen(self, scenario_id: str) -> dict[str, str]:
        """Return the fragment of each slot once a scenario is chosen."""
        scenario = self.study.scenario(scenario_id)
        story = story_of(self.result, self.others, scenario, self.computed.date())
        return {"story": render("story", story=story)}

    @cached_property
    def blocks(self) -> dict[str, Block]:
        """The page as blocks by name, in its order."""
        from workbench.reports.overview_blocks import overview_blocks

        return overview_blocks(self)
