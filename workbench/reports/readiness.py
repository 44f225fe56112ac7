"""The readiness page of one study: what is stated, computed once, said and drawn on demand."""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.amounts import compact_money
from workbench.audit.checkpoints import Note
from workbench.files import read_study
from workbench.files.catalogues.ai_act import shipped_act
from workbench.files.catalogues.controls import shipped_controls
from workbench.files.catalogues.crosswalks import shipped_crosswalk
from workbench.files.catalogues.frameworks import shipped_frameworks
from workbench.files.catalogues.plans import shipped_roadmap
from workbench.files.catalogues.statements import ReadinessFolder, readiness_of
from workbench.files.catalogues.threats import shipped_threats
from workbench.files.sources import checkpoint_beside, source_digest
from workbench.frameworks.ai_act_tiers import Classification, classify
from workbench.frameworks.coverage import Coverage, matrix, warning
from workbench.frameworks.effects import Effects
from workbench.frameworks.groups import SIX, short_name
from workbench.frameworks.readiness import Readiness, Standing
from workbench.frameworks.roadmap import Roadmap
from workbench.frameworks.statement import Statement
from workbench.models.study import Study
from workbench.plots.blocks import Block, ChartBlock, SliderBlock
from workbench.plots.coverage import coverage_table
from workbench.plots.gantt import gantt
from workbench.plots.monthly import Month, monthly_loss
from workbench.plots.text import Figure
from workbench.reports import words
from workbench.reports.crosswalk_words import bases_told, coverage_heading
from workbench.reports.footers import footer
from workbench.reports.html import render
from workbench.reports.readiness_act import (
    FRAMEWORK,
    NO_PRESUMPTION,
    act_heading,
    date_lines,
    day_words,
    days_until,
    open_articles,
    owed,
    system_lines,
)
from workbench.reports.readiness_gaps import (
    gap_list,
    months_of,
    roadmap_heading,
    roadmap_note,
    task_lines,
    unplanned,
)
from workbench.reports.readiness_values import Bar, Excluded, GapList, ReadinessPage
from workbench.resources import STUDY_VARIABLE, example_study

if TYPE_CHECKING:
    from workbench.reports.threat_board import Unmoved

NOUNS = {FRAMEWORK: "duties", "nist_ai_rmf_1_0": "subcategories", "soc2_tsc_2017_2022": "criteria"}
OTHER_NOUN = "clauses and controls"
NAMES = {FRAMEWORK: "EU AI Act", "soc2_tsc_2017_2022": "SOC 2 criteria, 2017 (revised 2022)"}
NUMBERS = ("No", "One", "Two", "Three", "Four", "Five")
NOTHING = "Nothing is stated about readiness"


def open_readiness(
    path: str | Path | None = None, *, fresh: str = "", computed: datetime | None = None
) -> "ReadinessBoard":
    """Read a study and what is stated beside it: the one named, or in WORKBENCH_STUDY, or ours.

    `fresh` and `computed` are as in `ReadinessBoard`.

    Raises
    ------
    FileRefused
        a WorkbenchError with one line for each fault of a file.

    """
    chosen = path or os.environ.get(STUDY_VARIABLE) or example_study()
    digest = source_digest(chosen)  # before the files are read: an edit in between is then noticed
    study = read_study(chosen).study
    stated = readiness_of(chosen)
    kept = checkpoint_beside(chosen)
    return ReadinessBoard(study, stated, source=digest, fresh=fresh, computed=computed, kept=kept)


class ReadinessBoard:
    """The readiness page of one study; the heavier parts are made when they are first asked for.

    Parameters
    ----------
    study : whose money the gaps and the roadmap touch
    folder : what is stated beside it; None where nothing is
    source : which bytes it was computed from
    fresh : of a copy, which does not change: as of when it is; its ribbons are of one pair alone
    computed : when; the present moment unless given
    kept : the checkpoint of the register that the study is kept in, if it is

    The day that the page speaks of is that of the statement; without one it is the day of
    computing.

    """

    def __init__(
        self,
        study: Study,
        folder: ReadinessFolder | None,
        *,
        source: str = "",
        fresh: str = "",
        computed: datetime | None = None,
        kept: Note | None = None,
    ) -> None:
        self.study, self.source, self.fresh, self.kept = study, source, fresh, kept
        self.computed = computed or datetime.now(UTC)
        self.is_stated = folder is not None
        day = self.computed.date().isoformat()
        empty = ReadinessFolder(Readiness(shipped_frameworks(), ()), Statement(day, study.name), ())
        self.folder = folder or empty
        self.frameworks, self.controls = shipped_frameworks(), shipped_controls()
        self.crosswalk = shipped_crosswalk()

    @property
    def readiness(self) -> Readiness:
        """The standings."""
        return self.folder.readiness

    @property
    def statement(self) -> Statement:
        """What stands beside them."""
        return self.folder.statement

    @cached_property
    def effects(self) -> Effects:
        """What the controls of the catalogue would change in the study."""
        return self.statement.effects(self.study, self.controls)

    @cached_property
    def roadmap(self) -> Roadmap:
        """The shipped plan, with those who lead its tasks."""
        return self.statement.owned(shipped_roadmap())

    @cached_property
    def classes(self) -> tuple[Classification, ...]:
        """What each system is under the AI Act on the day of the statement."""
        return tuple(
            classify(one, shipped_act(), self.statement.day) for one in self.folder.answers
        )

    @cached_property
    def coverage(self) -> dict[tuple[str, str], Coverage]:
        """What each of the six frameworks, fully met, answers of each other."""
        return matrix(self.crosswalk, self.frameworks, SIX)

    @cached_property
    def months(self) -> list[Month]:
        """The average year as controls land; empty where there is none, or nothing is stated."""
        return months_of(self.effects, self.roadmap) if self.statement.ties else []

    @cached_property
    def gaps(self) -> GapList | None:
        """The missing controls, those that touch most money first."""
        if not self.statement.ties:
            return None
        where = self.statement.elsewhere
        return gap_list(self.readiness, self.controls, self.effects, self.roadmap, where)

    def gantt(self) -> Figure:
        """Draw the roadmap."""
        return gantt(self.roadmap)

    def monthly(self) -> Figure:
        """Draw the average year month by month."""
        return monthly_loss(self.months, self.study.currency)

    def flow(self, pair: str) -> ChartBlock:
        """Draw the rows between two frameworks, by the id of a pair in the page's choice."""
        from workbench.reports.readiness_blocks import flow_chart

        return flow_chart(self.crosswalk, self.frameworks, pair)

    def flow_told(self, pair: str) -> str:
        """Return the fragment above them."""
        from workbench.reports.readiness_blocks import flow_header

        return flow_header(self.crosswalk, self.flow(pair), pair)

    def flow_table(self, pair: str) -> str:
        """Return their numbers as a folded table, the text alternative of the ribbons."""
        return render("readiness/flow", table=self.flow(pair).table)

    def chosen(self, one: str) -> dict[str, str]:
        """Return the fragment of each slot once a pair of frameworks is chosen."""
        return {"flow-told": self.flow_told(one), "flow-table": self.flow_table(one)}

    @property
    def drivers(self) -> tuple[SliderBlock, ...]:
        """No number is moved on this page."""
        return ()

    def answer(self, factors: Mapping[str, float]) -> "Unmoved":
        """Say what follows from sliders: nothing, there is none."""
        from workbench.reports.threat_board import Unmoved

        return Unmoved({}, ())

    def html(self, name: str, **values: object) -> str:
        """Return a fragment of the page."""
        return render(f"readiness/{name}", **{"page": self.page, "source": self.source} | values)

    @cached_property
    def bars(self) -> tuple[Bar, ...]:
        """How far each framework is of which anything is stated, in the order of pages."""
        named = set(self.readiness.named())
        return tuple(self._bar(one) for one in SIX if one in named)

    def _bar(self, framework: str) -> Bar:
        tally = self.readiness.tally(framework)
        name = NAMES.get(framework, self.frameworks[framework].name.partition(" (")[0])
        noun = NOUNS.get(framework, OTHER_NOUN)
        return Bar(
            name,
            noun,
            tally.met,
            tally.in_part,
            tally.unmet,
            tally.unstated,
            tally.not_applicable,
            self._upcoming(framework),
        )

    def _upcoming(self, framework: str) -> str:
        """Name up to two of what is due on the first day on which anything is."""
        have = self.readiness.of(framework)
        due = [
            (have[r.id].due, i, r)
            for i, r in enumerate(self.readiness.gaps(framework))
            if r.id in have
        ]
        first = min((day for day, _, _ in due if day), default="")
        if not first:
            return ""
        rows = sorted(row for row in due if row[0] == first)
        told = ", ".join(requirement.words() for _, _, requirement in rows[:2])
        return f"Due first, {day_words(first)}: {told}"

    def _excluded(self) -> tuple[Excluded, ...]:
        def line(one: Standing) -> Excluded:
            words_of = self.frameworks[one.framework].requirement(one.id).words()
            name = short_name(self.frameworks, one.framework)
            return Excluded(name, words_of, one.justification)

        return tuple(line(s) for s in self.readiness.standings if s.status == "not applicable")

    @cached_property
    def page(self) -> ReadinessPage:
        """All that the page says."""
        act = shipped_act()
        systems = system_lines(self.classes, act, self.readiness)
        currency = self.study.currency
        return ReadinessPage(
            self._heading(),
            self._summary(),
            self._state(),
            self._warnings(),
            bars_heading(self.bars),
            self.bars,
            self._excluded(),
            act_heading(systems),
            systems,
            date_lines(act, self.classes, self.statement.day),
            (NO_PRESUMPTION, act.disclaimer),
            self.gaps,
            coverage_heading(self.coverage),
            coverage_table(self.coverage, {one: short_name(self.frameworks, one) for one in SIX}),
            (warning(self.coverage), bases_told(self.crosswalk, SIX)),
            roadmap_heading(self.months, currency),
            roadmap_note(self.months, self.effects, self.roadmap),
            task_lines(self.roadmap),
            self._footer(),
        )

    def _heading(self) -> str:
        if not self.is_stated:
            return f"{NOTHING}: what follows holds for everybody."
        high = [one for one in self.classes if "high" in {tier.id for tier in one.tiers}]
        articles = owed(self.classes)
        unmet = len(open_articles(self.classes, self.readiness))
        duties = f"{unmet} of {len(articles)} AI Act duties are not yet met"
        if not high:
            return f"{duties}." if articles else f"{bars_heading(self.bars)}"
        number = NUMBERS[len(high)] if len(high) < len(NUMBERS) else str(len(high))
        noun = "system" if len(high) == 1 else "systems"
        parts = f"{number} high-risk {noun}", self._days_left(high), f"and {duties}"
        return f"{', '.join(filter(None, parts))}."

    def _days_left(self, high: Sequence[Classification]) -> str:
        """Say when duties of high-risk systems begin; nothing where all wait, or there are none."""
        owing = (duty for one in high for duty in one.obligations if duty.tier == "high")
        day = min((duty.date.day for duty in owing if not duty.waits_for), default="")
        if not day:
            return ""
        left = days_until(day, self.statement.day)
        if left <= 0:
            return "their duties apply" if len(high) > 1 else "its duties apply"
        return f"{left} {'day' if left == 1 else 'days'} left"

    def _summary(self) -> str:
        if not self.is_stated:
            return "Write a readiness table and a statement beside the study to see how far it is."
        parts = []
        if self.gaps is not None and self.gaps.top:
            number = len(self.gaps.top) + len(self.gaps.rest)
            parts.append(
                f"{words.count_of(number, 'missing control')} would touch money, most of all "
                f"{self.gaps.top[0].title.lower()}."
            )
            parts.append(unplanned(self.gaps))
        if self.months:
            first, last = self.months[0], self.months[-1]
            saved = compact_money(first.loss - last.loss, self.study.currency)
            parts.append(f"The roadmap is assumed to take {saved} a year off an average year.")
        return " ".join(filter(None, parts))

    def _state(self) -> tuple[str, ...]:
        stated = f"Stated for {day_words(self.statement.day)}" if self.is_stated else NOTHING
        told = (stated, self.statement.organisation, "Reference data for planning, no legal advice")
        return (*told, self.fresh) if self.fresh else told

    def _warnings(self) -> tuple[str, ...]:
        threats = (threat.id for threat in shipped_threats())
        return tuple(self.statement.unknown(self.study, self.controls, threats))

    def _footer(self) -> tuple[tuple[str, str, str], ...]:
        between = [("Stated for", self.statement.day, ""), ("Law as of", shipped_act().as_of, "")]
        return footer(self.study, self.computed, self.kept, between)

    @cached_property
    def blocks(self) -> dict[str, Block]:
        """The page as blocks by name, in its order."""
        from workbench.reports.readiness_blocks import readiness_blocks

        return readiness_blocks(self)


def bars_heading(bars: Sequence[Bar]) -> str:
    """Say which framework is furthest and which has most to do, by the share that is met."""
    if not bars:
        return "No framework has been assessed."
    ordered = sorted(bars, key=lambda bar: bar.met / max(bar.size, 1))
    last, first = ordered[0], ordered[-1]
    if len(bars) == 1:
        return f"{first.name}: {first.met} of {first.size} {first.noun} are met."
    return (
        f"{first.name} is furthest, with {first.met} of {first.size} met; "
        f"{last.name} has {last.met} of {last.size}."
    )
