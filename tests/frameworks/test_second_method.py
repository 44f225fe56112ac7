"""Coverage, money and months of random cases, found a second way: plain sums and whole searches."""

import math
import random

import pytest

from workbench.distributions import Pert
from workbench.frameworks.controls import FACTORS, Control, Controls, Effect
from workbench.frameworks.coverage import Record, coverage
from workbench.frameworks.crosswalk import RELATIONSHIPS, Crosswalk, Row
from workbench.frameworks.effects import Effects
from workbench.frameworks.readiness import STATUSES, Readiness, Standing
from workbench.frameworks.requirement import Framework, Frameworks, Requirement
from workbench.frameworks.roadmap import Phase, Roadmap, Task
from workbench.models.scenario import Scenario
from workbench.models.study import Study
from workbench.models.tree import LossEvents, LossForms, SecondaryLoss
from workbench.reports.readiness_gaps import months_of

TURNED = {"equal": "equal", "superset": "subset", "subset": "superset", "intersects": "intersects"}
LETS = {"equal", "superset"}
RATES, THREATS = FACTORS[:3], [f"T-{i}" for i in range(6)]


def framework(name, number):
    rows = (Requirement(name, f"{name}{i}", "", "control" if i else "theme") for i in range(number))
    return Framework(name, name.lower(), name, "e", "l", tuple(rows))


def ways(rows, start, to, longest):
    """Yield end and relationships of every way without a circle."""

    def go(way, said):
        if said and way[-1][0] == to:
            yield way[-1], said
        if len(said) < longest:
            for a, b, kind in [*rows, *((b, a, TURNED[kind]) for a, b, kind in rows)]:
                if a == way[-1] and b not in way:
                    yield from go([*way, b], [*said, kind])

    yield from go([start], [])


@pytest.mark.parametrize("seed", range(60))
def test_coverage_in_three_parts_is_what_a_search_of_all_ways_finds(seed):
    dice = random.Random(seed)
    all_ = {name: framework(name, dice.randint(2, 5)) for name in "ABC"}
    ids = [(name, one.id) for name, whole in all_.items() for one in whole]
    pairs = {tuple(sorted(dice.sample(ids, 2))) for _ in range(dice.randint(1, 12))}
    rows = [(a, b, dice.choice(RELATIONSHIPS)) for a, b in sorted(pairs) if a[0] != b[0]]
    crosswalk = Crosswalk(tuple(Row(a, b, kind, 5, "editorial", "") for a, b, kind in rows))
    met = [one.id for one in all_["A"] if dice.random() < 0.6]
    named = [one.id for one in all_["B"] if dice.random() < 0.4]
    records = [Record("B", one, "seen", "A. Person", "2026-11-24") for one in named]
    longest = dice.randint(1, 4)
    found = coverage(crosswalk, all_["A"], all_["B"], met=met, records=records, longest=longest)
    there = [way for one in met for way in ways(rows, ("A", one), "B", longest)]
    assessed = {one.id for one in all_["B"].assessed()}
    inherited = {end[1] for end, said in there if set(said) <= LETS} & assessed
    related = ({end[1] for end, _ in there} & assessed) - inherited
    assert set(found.inherited) == inherited
    assert set(found.candidates) == related
    assert set(found.unreached) == assessed - inherited - related
    assert set(found.recorded) == related & set(named)


class Case:
    """A random study of independent triangular ranges, controls, ties and a plan."""

    def __init__(self, seed):
        """Draw it."""
        self.dice = random.Random(seed)
        self.ranges = {f"S-{i}": self._ranges() for i in range(self.dice.randint(1, 3))}
        self.controls = [self._control(i) for i in range(self.dice.randint(1, 5))]
        ids = [one.id for one in self.controls]
        self.ties = {s: tuple(self.dice.sample(THREATS, 2)) for s in self.ranges}
        self.in_place = tuple(one for one in ids if self.dice.random() < 0.3)
        self.aside = tuple(c for c in ids if c not in self.in_place and self.dice.random() < 0.2)
        local = [one for one in ids if one not in self.in_place]
        self.local = {s: [c for c in local if self.dice.random() < 0.3] for s in self.ranges}
        self.tasks = [self._task(i, ids) for i in range(3)]

    def _ranges(self):
        ends = ((0.1, 5), (0.05, 0.9), (1e3, 1e6), (0.05, 0.9), (1e4, 1e6))
        return [sorted(self.dice.uniform(*end) for _ in range(3)) for end in ends]

    def _control(self, i):
        effects = []
        for factor in self.dice.sample(FACTORS, self.dice.randint(0, 3)):
            low = self.dice.uniform(0, 0.8)
            effects.append(Effect(factor, low, self.dice.uniform(low, 1)))
        meets = {"F": tuple(self.dice.sample([f"F{k}" for k in range(1, 6)], 2))}
        against = tuple(self.dice.sample(THREATS, 2))
        return Control(f"C-{i}", f"C {i}", "", "preventive", tuple(effects), meets, against)

    def _task(self, i, ids):
        first = self.dice.randint(1, 12)
        lands = tuple(self.dice.sample(ids, self.dice.randint(0, len(ids))))
        return Task(f"K-{i}", 1, "t", "d", first, self.dice.randint(first, 12), (), lands)

    def effects(self):
        """Return what is compared."""
        scenarios = tuple(
            Scenario.fair(
                name,
                name,
                loss_event_frequency=LossEvents(Pert(*rate), Pert(*chance)),
                loss_magnitude=LossForms(response=Pert(*cost)),
                secondary=SecondaryLoss(Pert(*share), LossForms(reputation=Pert(*after))),
            )
            for name, (rate, chance, cost, share, after) in self.ranges.items()
        )
        catalogue = Controls(tuple(self.controls))
        study, sets = Study(scenarios=scenarios), (self.in_place, self.aside, self.local)
        return Effects(study, catalogue, self.ties, *sets)

    def year(self, scenario, there=(), at="middle"):
        """Return the average year by hand: means of PERTs, times what the best control leaves."""
        left = dict.fromkeys(FACTORS, 1.0)
        for factor in FACTORS:
            here = {*self.in_place, *self.local[scenario]}
            old = self._most(here, scenario, factor, "middle")
            new = self._most(set(there) - here, scenario, factor, at)
            if new > old:
                left[factor] = (1 - new) / (1 - old)
        rate, chance, cost, share, after = (
            (a + 4 * b + c) / 6 for a, b, c in self.ranges[scenario]
        )
        events = rate * chance * math.prod(left[one] for one in RATES)
        later = share * left["secondary_frequency"] * after * left["secondary_magnitude"]
        return events * (cost * left["primary_magnitude"] + later)

    def _most(self, names, scenario, factor, at):
        return max(
            (
                {"low": e.low, "middle": (e.low + e.high) / 2, "high": e.high}[at]
                for one in self.controls
                if one.id in names and one.id not in self.aside
                if set(one.threats) & set(self.ties[scenario])
                for e in one.effects
                if e.factor == factor
            ),
            default=0.0,
        )


@pytest.mark.parametrize("seed", range(25))
def test_every_month_of_a_plan_costs_what_a_sum_by_hand_says(seed):
    """Also where the plan delivers what is in place already: that saves nothing at any end."""
    case = Case(seed)
    months = months_of(case.effects(), Roadmap((Phase(1, "p", 1, 12),), tuple(case.tasks)))
    for one in months:
        there = {c for task in case.tasks if task.last <= one.month for c in task.controls}
        for at, got in (("middle", one.loss), ("high", one.low), ("low", one.high)):
            by_hand = sum(case.year(scenario, there, at) for scenario in case.ranges)
            assert got == pytest.approx(by_hand, rel=1e-7)
        assert one.controls == len(there - set(case.in_place))


@pytest.mark.parametrize("seed", range(25))
def test_the_money_of_a_gap_is_the_sum_of_the_scenarios_behind_its_missing_controls(seed):
    case = Case(seed)
    whole = framework("F", 6)
    standings = tuple(
        Standing("F", one.id, case.dice.choice(STATUSES), evidence="e", justification="j")
        for one in whole.assessed()[1:]
    )
    found = case.effects().gaps(Readiness(Frameworks((whole,)), standings))
    shut = {one.id for one in standings if one.status in ("met", "not applicable")}
    assert {gap.requirement.id for gap in found} == {o.id for o in whole.assessed()} - shut
    for gap in found:
        behind, missing = set(), set()
        for one in case.controls:
            if gap.requirement.id not in one.requirements["F"]:
                continue
            if one.id in (*case.in_place, *case.aside):
                continue
            has = {s for s in case.ranges if one.id in case.local[s]}
            lacks = {s for s in case.ranges if set(one.threats) & set(case.ties[s])} - has
            behind |= lacks
            missing |= {one.id} if lacks or not has else set()
        assert set(gap.controls) == missing
        assert gap.money == pytest.approx(sum(case.year(s) for s in behind), rel=1e-7)
    assert [gap.money for gap in found] == sorted((g.money for g in found), reverse=True)
