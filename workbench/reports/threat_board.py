"""What the threat model's page is wired to: the systems beside one study, and its figures."""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from workbench.audit.checkpoints import Note
from workbench.files import read_study
from workbench.files.catalogues.controls import shipped_controls
from workbench.files.catalogues.threats import shipped_threats
from workbench.files.catalogues.ties import TIES, read_systems, read_ties
from workbench.files.sources import checkpoint_beside, source_digest, systems_folder
from workbench.models.portfolio import StudyResult, simulate
from workbench.models.study import Study
from workbench.plots.blocks import Block, SliderBlock
from workbench.plots.data_flow import Diagram, threats_drawn
from workbench.reports.html import render
from workbench.reports.overview import OPENED
from workbench.reports.threat_page import threat_page
from workbench.reports.threat_system import SystemFigures
from workbench.reports.threat_values import SystemView
from workbench.resources import STUDY_VARIABLE, example_study
from workbench.threats import AISystem, threats_to
from workbench.threats.ties import Ties

APART = "/"  # between a system and its component, where both are chosen
VIEWS = ("flows", "stride", "worst", "coverage", "ruled-out", "known")  # fragments of one system


def open_threat_board(
    path: str | Path | None = None, *, fresh: str = OPENED, computed: datetime | None = None
) -> "ThreatBoard":
    """Read a study and the systems beside it: the one named, or in WORKBENCH_STUDY, or the example.

    The systems stand in the folder `STUDY.systems`, one YAML file each, with `ties.yaml`.

    Raises
    ------
    FileRefused
        a WorkbenchError with one line for each fault of a file.

    """
    chosen = path or os.environ.get(STUDY_VARIABLE) or example_study()
    digest = source_digest(chosen)  # before the files are read: an edit in between is then noticed
    folder = systems_folder(chosen)
    systems, ties = read_systems(folder), read_ties(folder / TIES)
    result = simulate(read_study(chosen).study)
    kept = checkpoint_beside(chosen)
    return ThreatBoard(
        result, systems, ties, source=digest, fresh=fresh, computed=computed, kept=kept
    )


@dataclass(frozen=True)
class Unmoved:
    """What a page without sliders says when they are moved."""

    slots: Mapping[str, str]
    overlay: tuple[Mapping[str, object], ...]


class ThreatBoard:
    """The threat model of the systems of one study.

    Parameters
    ----------
    result : of the study as it is today
    ties : what ties each system to the study, by id of the system
    source : which bytes it was computed from, `files.sources.source_digest`
    fresh : how up to date the page is, in words
    computed : when; the present moment unless given
    kept : the checkpoint of the register that the study is kept in, if it is

    """

    def __init__(
        self,
        result: StudyResult,
        systems: Sequence[AISystem],
        ties: dict[str, Ties],
        *,
        source: str = "",
        fresh: str = OPENED,
        computed: datetime | None = None,
        kept: Note | None = None,
    ) -> None:
        self.result, self.source = result, source
        catalogue, controls = shipped_threats(), shipped_controls()
        self.systems = {
            one.id: SystemFigures(
                threats_to(one, catalogue),
                ties.get(one.id, Ties(one.id)),
                controls,
                result,
                tuple(ties[other.id] for other in systems if other != one and other.id in ties),
            )
            for one in systems
        }
        computed = computed or datetime.now(UTC)
        figures = [*self.systems.values()]
        lost = tuple(_lost(ties, self.systems, result.study))
        self.page = threat_page(
            figures, result, computed, len(catalogue), fresh, lost=lost, kept=kept
        )

    @property
    def study(self) -> Study:
        """The study as it was read."""
        return self.result.study

    @cached_property
    def first(self) -> str:
        """The system that the page opens with, whose scenarios cost most; '' if there is none."""
        order = sorted(self.systems, key=lambda name: -self.systems[name].average)
        return order[0] if order else ""

    def worst(self, system: str) -> str:
        """Return the component of a system at which most money is at risk."""
        return self.systems[system].worst[0].id

    def diagram(self, system: str) -> Diagram:
        """Return the data-flow diagram of a system, its threats counted."""
        return threats_drawn(self.systems[system].report)

    def view(self, system: str) -> SystemView:
        """Say everything of one system."""
        return self.systems[system].view()

    def html(self, name: str, **values: object) -> str:
        """Return a fragment of the page."""
        return render(f"threat_{name}", **{"page": self.page, "source": self.source} | values)

    def chosen(self, one: str) -> dict[str, str]:
        """Return the fragment of each slot once a system, or a component of it, is chosen.

        `one` is 'system' or 'system/component'. What is not there changes nothing.
        """
        system, _, component = one.partition(APART)
        if system not in self.systems:
            return {}
        figures = self.systems[system]
        if component:
            if all(part.id != component for part in figures.system.components):
                return {}
            return {"element": self.html("element", story=figures.element(component))}
        view = self.view(system)
        found = {name: self.html(name.replace("-", "_"), view=view) for name in VIEWS}
        story = figures.element(self.worst(system))
        return found | {"element": self.html("element", story=story)}

    @property
    def drivers(self) -> tuple[SliderBlock, ...]:
        """No number is moved on this page."""
        return ()

    def answer(self, factors: Mapping[str, float]) -> "Unmoved":
        """Say what follows from sliders: nothing, there is none."""
        return Unmoved({}, ())

    @cached_property
    def blocks(self) -> dict[str, Block]:
        """The page as blocks by name, in its order."""
        from workbench.reports.threat_blocks import threat_blocks

        return threat_blocks(self)


def _lost(ties: Mapping[str, Ties], systems: Collection[str], study: Study) -> Iterator[str]:
    """Yield what the ties name and is not there: a system, or a scenario of the study."""
    known = {one.id for one in study.scenarios}
    for name, one in ties.items():
        if name not in systems:
            yield f"system {name} is tied and not described"
        for tie in one.scenarios:
            if tie.scenario not in known:
                yield f"scenario {tie.scenario} is tied and not in the study"
