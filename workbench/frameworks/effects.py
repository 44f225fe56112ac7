"""What the catalogue's controls would change in a study, by their assumed ranges.

A control acts on a scenario that stands for one of its threats. Of several controls that act on one
factor of the FAIR tree that with the largest effect counts and no other, since effects of controls
that overlap are not multiplied. With m(C) the largest share by which any control of C lowers a
factor, P the controls in place and N the new ones,

    times = (1 - m(P and N)) / (1 - m(P))

is what the factor is multiplied by: the study states it with P at work. What one system has counts
for the scenarios that stand at it, and for no other; what the organisation has counts for all.
Within one scenario the tree multiplies its factors as ever. Every figure that comes out rests on
ranges that nobody has measured, and is marked an assumption.
"""

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from workbench.distributions import Distribution, scaled
from workbench.engines.counts import DiscreteCount
from workbench.frameworks.controls import FACTORS, Control, Controls, Effect
from workbench.frameworks.readiness import Gap, Readiness
from workbench.models.exact_year import reached_mean
from workbench.models.planning import plan_of
from workbench.models.portfolio import simulate
from workbench.models.scenario import Scenario
from workbench.models.study import Study
from workbench.models.tree import LossEvents, LossForms

BASIS = "assumption"  # of everything that is returned here
RATES = ("contact_frequency", "probability_of_action", "vulnerability")
SECONDARY = ("secondary_frequency", "secondary_magnitude")
End = Literal["low", "middle", "high"]
Ties = Mapping[str, Collection[str]]  # scenario -> the threats that it stands for


@dataclass(frozen=True, slots=True)
class FactorChange:
    """What one control does to one factor of one scenario."""

    scenario: str
    factor: str
    control: str
    times: float  # what the factor is multiplied by, 0..1
    why_not: str = ""  # why the scenario cannot show it; "" where it does
    basis: str = BASIS


@dataclass(frozen=True)
class Assumed:
    """A study with controls at work, and what was changed in it."""

    study: Study
    changes: tuple[FactorChange, ...]
    left_out: tuple[FactorChange, ...]  # that no node of a scenario could show
    basis: str = BASIS


@dataclass(frozen=True)
class Saving:
    """What one control alone would save of an average year, currency / year."""

    control: Control
    scenarios: tuple[str, ...]  # ids of those that stand for its threats
    touched: float  # average year of these scenarios: the money at risk
    low: float
    middle: float
    high: float
    basis: str = BASIS


def size(effect: Effect, at: End = "middle") -> float:
    """Return the share by which a factor falls, at an end or in the middle of its range."""
    return {"low": effect.low, "middle": (effect.low + effect.high) / 2, "high": effect.high}[at]


@dataclass(frozen=True)
class Effects:
    """The controls of a catalogue beside the scenarios of a study.

    Parameters
    ----------
    ties : scenario id -> ids of the threats that it stands for; others are touched by no control
    in_place : ids of controls that are at work in the whole study as it is stated
    not_counted : ids whose effect is left aside, such as an insurance where losses are gross of it
    in_place_at : scenario id -> ids of further controls that are at work there and not everywhere

    """

    study: Study
    controls: Controls
    ties: Ties
    in_place: tuple[str, ...] = ()
    not_counted: tuple[str, ...] = ()
    in_place_at: Mapping[str, Collection[str]] = field(default_factory=dict)

    def at_work(self, scenario: str) -> tuple[str, ...]:
        """Return the ids of the controls that are at work in a scenario as it is stated."""
        return tuple(dict.fromkeys((*self.in_place, *sorted(self.in_place_at.get(scenario, ())))))

    def somewhere(self) -> set[str]:
        """Return the ids of the controls that are at work in some scenarios and not everywhere."""
        return {one for ids in self.in_place_at.values() for one in ids} - set(self.in_place)

    def touched(self, control: Control) -> tuple[str, ...]:
        """Return the scenarios of any threat of a control that lack it, in order of the study."""
        threats = set(control.threats)
        return tuple(
            one.id
            for one in self.study.scenarios
            if threats & set(self.ties.get(one.id, ())) and control.id not in self.at_work(one.id)
        )

    def study_with(self, there: Iterable[str], at: End = "middle") -> Assumed:
        """Return the study once some more controls are at work as intended.

        Those in place are at work already, in the middle of their ranges, and change nothing where
        they are; what one system has is new to the scenarios of the others.

        Raises
        ------
        WorkbenchError
            for an unknown control.

        """
        found = self.study
        changes, left = [], []
        named = [self.controls.control(one) for one in dict.fromkeys(there)]
        for scenario in self.study.scenarios:
            wanted = list(self._wanted(scenario, named, at))
            if not wanted:
                continue
            edited, told = _edited(scenario, wanted)
            changes += [one for one in told if not one.why_not]
            left += [one for one in told if one.why_not]
            found = found.replace_scenario(edited) if edited is not scenario else found
        return Assumed(found, tuple(changes), tuple(left))

    def _wanted(
        self, scenario: Scenario, named: Sequence[Control], at: End
    ) -> Iterator[FactorChange]:
        """Yield what the named controls would do to each factor beyond those in place."""
        threats = set(self.ties.get(scenario.id, ()))
        old = [self.controls.control(one) for one in self.at_work(scenario.id)]
        new = [one for one in named if one not in old]
        for factor in FACTORS:
            before, _ = self._largest(old, threats, factor, "middle")
            after, control = self._largest(new, threats, factor, at)
            if after > before:
                times = (1 - after) / (1 - before)
                yield FactorChange(scenario.id, factor, control, times)

    def _largest(
        self, controls: Iterable[Control], threats: set[str], factor: str, at: End
    ) -> tuple[float, str]:
        """Return the largest effect on a factor and whose it is; of equal ones the first id's."""
        sizes = (
            (-size(effect, at), control.id)
            for control in controls
            if control.id not in self.not_counted and threats & set(control.threats)
            for effect in control.effects
            if effect.factor == factor
        )
        most, control = min(sizes, default=(0.0, ""))
        return -most, control

    def lacks(self, control: Control) -> bool:
        """Return whether a control that counts is in place nowhere, or not wherever it would help.

        One that is in place at one system is missing as long as it touches a scenario of another.
        """
        if control.id in self.in_place or control.id in self.not_counted:
            return False
        return control.id not in self.somewhere() or bool(self.touched(control))

    @cached_property
    def averages(self) -> dict[str, float]:
        """The average year of each scenario as it is stated, currency / year."""
        return {one.id: average_of(self.study, one) for one in self.study.scenarios}

    def average(self, there: Sequence[str] = (), at: End = "middle") -> float:
        """Return the average year with some more controls, currency / year.

        Averages add up, whatever ties the scenarios; only those that change are computed anew.
        """
        changed = self.study_with(there, at).study
        pairs = zip(changed.scenarios, self.study.scenarios, strict=True)
        return math.fsum(
            self.averages[new.id] if new is old else average_of(changed, new) for new, old in pairs
        )

    def loss(self) -> Callable[[Sequence[str]], float]:
        """Return the average year by controls, as `month_by_month` of the roadmap takes it."""
        return self.average

    def saving(self, control: Control) -> Saving:
        """Return what one control alone would save; such savings overlap and do not add up.

        Not a number where a scenario that it changes has no average year.
        """
        low, middle, high = (self._less(control, at) for at in ("low", "middle", "high"))
        scenarios = self.touched(control)
        money = math.fsum(self.averages[one] for one in scenarios)
        return Saving(control, scenarios, money, low, middle, high)

    def _less(self, control: Control, at: End) -> float:
        """Return what the scenarios that a control changes would cost less, currency / year."""
        changed = self.study_with((control.id,), at).study
        pairs = zip(changed.scenarios, self.study.scenarios, strict=True)
        return math.fsum(
            self.averages[old.id] - average_of(changed, new) for new, old in pairs if new is not old
        )

    def gaps(self, readiness: Readiness) -> list[Gap]:
        """Return the requirements that are not met, those whose missing controls touch most first.

        A scenario counts once in a gap, whichever of its threats the controls are against. Gaps
        share scenarios, so that their money does not add up.
        """
        threats = {threat for ties in self.ties.values() for threat in ties}
        found = []
        for framework in readiness.named():
            have = readiness.of(framework)
            for one in readiness.gaps(framework):
                missing = [c for c in self.controls.meeting(framework, one.id) if self.lacks(c)]
                against = sorted({t for c in missing for t in c.threats} & threats)
                touched = {scenario for c in missing for scenario in self.touched(c)}
                money = math.fsum(self.averages[scenario] for scenario in sorted(touched))
                status = have[one.id].status if one.id in have else "open"
                ids = tuple(c.id for c in missing)
                found.append(Gap(one, status, ids, tuple(against), money))
        return sorted(found, key=lambda g: (-g.money, g.requirement.framework, g.requirement.id))


def average_of(study: Study, scenario: Scenario) -> float:
    """Return the average year of one scenario by itself, currency / year; infinite without one.

    It is simulated where terms of the year hide it from the exact engine.
    """
    mean = reached_mean(plan_of(scenario, study))
    if mean is not None:
        return mean
    return simulate(replace(study, scenarios=(scenario,), dependence=None)).portfolio.mean()


def _edited(
    scenario: Scenario, wanted: Sequence[FactorChange]
) -> tuple[Scenario, list[FactorChange]]:
    """Return a scenario with its factors changed, and each change with why it could not be."""
    found = scenario
    told = []
    for change in wanted:
        why_not = _why_not(found, change)
        if not why_not:
            found = _scaled(found, change.factor, change.times)
        told.append(replace(change, why_not=why_not))
    return found, told


def _why_not(scenario: Scenario, change: FactorChange) -> str:
    if change.factor in SECONDARY and scenario.secondary is None:
        return "no secondary loss is stated"
    if change.factor in RATES:
        if isinstance(scenario.count, DiscreteCount):
            return "its count is stated number by number"
        if scenario.rate().support()[0] * change.times < scenario.count.rates()[0]:
            return "its count is never 0, and cannot become that rare"
    return ""


def _scaled(scenario: Scenario, factor: str, times: float) -> Scenario:
    """Return a scenario with one factor of its tree multiplied; its other states fall away."""
    bare = scenario.at("current")
    if factor in RATES:
        node = bare.frequency
        if isinstance(node, LossEvents):
            return bare.replace(frequency=node.scaled(times))
        return bare.replace(frequency=scaled(bare.rate(), times))
    if factor == "primary_magnitude":
        if bare.exposure_factor is not None:
            return bare.replace(exposure_factor=scaled(bare.exposure_factor, times))
        assert bare.loss_magnitude is not None
        return bare.replace(loss_magnitude=_amount(bare.loss_magnitude, times))
    assert bare.secondary is not None
    if factor == "secondary_frequency":
        less = replace(bare.secondary, share=scaled(bare.secondary.share, times))
    else:
        less = replace(bare.secondary, magnitude=_amount(bare.secondary.magnitude, times))
    return bare.replace(secondary=less)


def _amount(magnitude: Distribution | LossForms, times: float) -> Distribution | LossForms:
    return magnitude.scaled(times) if isinstance(magnitude, LossForms) else scaled(magnitude, times)
