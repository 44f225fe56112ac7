"""One scenario as a tree of nodes, seen through either lens: what is stated, what is derived.

Both lenses name the same nodes, so that an edit through one is an edit of the other: ARO is the
loss event frequency, SLE = AV x EF the primary loss magnitude. ALE = ARO x SLE is the classical
sum; a secondary loss stands outside it, on its own line.
"""

import math
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Literal

from scipy import optimize

from workbench.distributions import Distribution, Mixture, Point, Product, Scaled, product, scaled
from workbench.engines.counts import DiscreteCount
from workbench.engines.sums import total
from workbench.errors import WorkbenchError
from workbench.models.exact_year import reached_mean
from workbench.models.planning import plan_of
from workbench.models.scenario import Scenario
from workbench.models.study import Study
from workbench.models.tree import FORMS, LossEvents, LossForms, ThreatEvents, Vulnerability

Kind = Literal["rate", "share", "money", "number"]
How = Literal["stated", "derived", "shared", "absent"]
Lens = Literal["fair", "classical"]
LENSES: tuple[Lens, ...] = ("fair", "classical")
ENDS = (0.05, 0.95)

# path -> (its name for people, its kind, whether it is held for the year)
NAMES: dict[str, tuple[str, Kind, bool]] = {
    "frequency": ("Loss event frequency", "rate", True),
    "threat_event_frequency": ("Threat event frequency", "rate", True),
    "contact_frequency": ("Contact frequency", "rate", True),
    "probability_of_action": ("Probability of action", "share", True),
    "vulnerability": ("Vulnerability", "share", True),
    "threat_capability": ("Threat capability", "number", False),
    "resistance_strength": ("Resistance strength", "number", False),
    "primary": ("Primary loss", "money", False),
    "asset_value": ("Asset value", "money", True),
    "exposure_factor": ("Exposure factor", "share", False),
    "secondary": ("Secondary loss", "money", False),
    "secondary.share": ("Share of events with it", "share", True),
    "secondary.magnitude": ("Secondary magnitude", "money", False),
}
CLASSICAL_NAMES = {
    "frequency": "ARO",
    "primary": "SLE",
    "asset_value": "AV",
    "exposure_factor": "EF",
}


@dataclass(frozen=True, slots=True)
class Node:
    """One node: its numbers, and how it came by them."""

    path: str
    label: str
    kind: Kind
    how: How
    mean: float | None  # infinite where it does not exist; None where nothing is stated
    low: float | None = None  # 1 in 20 is less
    high: float | None = None  # 1 in 20 is more
    held: bool = False  # for the year; else drawn anew for each event
    rule: str = ""  # what it is derived from
    belief: Distribution | None = field(default=None, repr=False)
    children: tuple["Node", ...] = ()

    def walk(self) -> "list[Node]":
        """Return this node and all below it."""
        return [self, *(node for child in self.children for node in child.walk())]


@dataclass(frozen=True, slots=True)
class Parts:
    """What an average year is made of before terms, currency / year."""

    ale: float  # ARO x SLE: the primary losses
    secondary: float | None  # None where the scenario has no secondary loss
    has_terms: bool

    @classmethod
    def of(cls, scenario: Scenario, study: Study) -> "Parts":
        """Return those of a scenario, as products of averages of independent beliefs."""
        rate = scenario.rate().mean()
        secondary = scenario.secondary
        more = None
        if secondary is not None:
            more = _times(rate, secondary.share.mean(), secondary.belief().mean())
        terms = scenario.terms.per_event() or scenario.terms.per_year()
        return cls(_times(rate, *_primary_means(scenario, study)), more, terms)


def fair_tree(scenario: Scenario, study: Study) -> Node:
    """Return the tree of the FAIR lens, all leaves under the average annual loss."""
    primary, secondary = _primary(scenario, study, "fair"), _secondary(scenario)
    losses = primary if secondary is None else _both(scenario, study, primary, secondary)
    children = (_frequency(scenario, "fair"), losses)
    return _year(scenario, study, "Average annual loss", children)


def classical_tree(scenario: Scenario, study: Study) -> Node:
    """Return the tree of the classical lens: ALE = ARO x SLE, and the secondary loss beside it."""
    children = (_frequency(scenario, "classical"), _primary(scenario, study, "classical"))
    ale = Parts.of(scenario, study).ale
    return Node("ale", "ALE", "money", "derived", ale, rule="ARO × SLE", children=children)


def secondary_line(scenario: Scenario, study: Study) -> Node | None:
    """Return what stands beside ALE: the average year of the secondary losses."""
    node, mean = _secondary(scenario), Parts.of(scenario, study).secondary
    if node is None or mean is None:
        return None
    rule = "ARO × secondary loss; stands outside ALE"
    label = "Secondary loss a year"
    return Node("beside", label, "money", "derived", mean, rule=rule, children=(node,))


def find(scenario: Scenario, study: Study, path: str) -> Node:
    """Return the node at `path`, whichever lens shows it.

    Raises
    ------
    WorkbenchError
        for a path that this scenario does not have.

    """
    everywhere = fair_tree(scenario, study).walk()
    found = next((node for node in everywhere if node.path == path), None)
    if found is None:
        known = ", ".join(node.path for node in everywhere[1:])
        raise WorkbenchError(
            f"a node is in the tree of {scenario.id}; got {path!r}. It has {known}."
        )
    return found


def _times(*factors: float) -> float:
    """Multiply; nothing of what may be endless is nothing."""
    return 0.0 if 0.0 in factors else math.prod(factors)


def _primary_means(scenario: Scenario, study: Study) -> tuple[float, ...]:
    value = asset_value(scenario, study)
    return (scenario.primary().mean(), *(() if value is None else (value.mean(),)))


def asset_value(scenario: Scenario, study: Study) -> Distribution | None:
    """Return the value of the asset, shared or the scenario's own; None in the FAIR lens."""
    return study.asset(scenario.asset).value if scenario.asset is not None else scenario.asset_value


def _named(path: str, lens: Lens = "fair") -> tuple[str, Kind, bool]:
    if path in NAMES:
        label, kind, held = NAMES[path]
        return (CLASSICAL_NAMES.get(path, label) if lens == "classical" else label), kind, held
    return path.rpartition(".")[2].replace("_", " ").capitalize(), "money", False


def _node(
    path: str,
    belief: Distribution,
    derived: tuple[How, str] = ("stated", ""),
    children: tuple[Node, ...] = (),
    lens: Lens = "fair",
) -> Node:
    label, kind, held = _named(path, lens)
    (low, high), (how, rule) = ends(belief), derived
    return Node(path, label, kind, how, belief.mean(), low, high, held, rule, belief, children)


@lru_cache(maxsize=1024)
def ends(belief: Distribution) -> tuple[float, float]:
    """Return the values that 1 in 20 is below, and 1 in 20 above.

    A product makes a long table before it answers its first quantile; two roots of its curve cost
    less. P(XY <= ab) <= P(X <= a) + P(Y <= b) brackets them.
    """
    if isinstance(belief, Scaled):
        low, high = ends(belief.base)
        return belief.factor * low, belief.factor * high
    if not isinstance(belief, Product):
        return float(belief.ppf(ENDS[0])), float(belief.ppf(ENDS[1]))
    tail = ENDS[0] / (2 * len(belief.factors))
    bottom = math.prod(float(factor.ppf(tail)) for factor in belief.factors)
    top = math.prod(float(factor.isf(tail)) for factor in belief.factors)
    return _root(belief, ENDS[0], bottom, top), _root(belief, ENDS[1], bottom, top)


def _root(belief: Distribution, level: float, low: float, high: float) -> float:
    """Return the x between `low` and `high` with P(X <= x) = `level`, to four figures."""
    if float(belief.cdf(low)) >= level:
        return low
    gap = partial(_gap, belief, level)
    return float(optimize.brentq(gap, low, high, xtol=1e-300, rtol=1e-5))


def _gap(belief: Distribution, level: float, x: float) -> float:
    return float(belief.cdf(x)) - level


def _year(scenario: Scenario, study: Study, label: str, children: tuple[Node, ...]) -> Node:
    parts = Parts.of(scenario, study)
    mean: float | None = parts.ale + (parts.secondary or 0.0)
    if parts.has_terms:
        mean = reached_mean(plan_of(scenario, study))
    rule = "frequency × loss" + (", after terms" if parts.has_terms else "")
    average = average_belief(scenario, study)
    low, high = (None, None) if average is None else ends(average)
    return Node("year", label, "money", "derived", mean, low, high, True, rule, average, children)


def average_belief(scenario: Scenario, study: Study) -> Distribution | None:
    """Return what is believed of the average year: only what is held varies in it.

    None where terms apply, or where an average does not exist.
    """
    value, secondary = asset_value(scenario, study), scenario.secondary
    parts = [(value or Point(1.0), scenario.primary().mean())]
    if secondary is not None:
        parts.append((secondary.share, secondary.belief().mean()))
    terms = scenario.terms.per_event() or scenario.terms.per_year()
    if terms or not all(math.isfinite(mean) for _, mean in parts):
        return None
    return product(scenario.rate(), total([scaled(held, mean) for held, mean in parts]))


def _frequency(scenario: Scenario, lens: Lens) -> Node:
    node = scenario.frequency
    if not isinstance(node, LossEvents):
        by_count = isinstance(scenario.count, DiscreteCount)
        how: How = "shared" if by_count else "stated"
        rule = "stated by the count of events" if by_count else ""
        return _node("frequency", scenario.rate(), (how, rule), lens=lens)
    rule = "threat event frequency × vulnerability"
    below = () if lens == "classical" else (_threats(node), _vulnerability(node))
    return _node("frequency", node.belief(), ("derived", rule), below, lens)


def _threats(events: LossEvents) -> Node:
    node = events.threat_event_frequency
    if not isinstance(node, ThreatEvents):
        return _node("threat_event_frequency", node)
    below = tuple(
        _node(name, getattr(node, name)) for name in ("contact_frequency", "probability_of_action")
    )
    rule = "contact frequency × probability of action"
    return _node("threat_event_frequency", node.belief(), ("derived", rule), below)


def _vulnerability(events: LossEvents) -> Node:
    node = events.vulnerability
    if not isinstance(node, Vulnerability):
        return _node("vulnerability", node)
    names = ("threat_capability", "resistance_strength")
    below = tuple(_node(name, getattr(node, name)) for name in names)
    rule = "chance that capability exceeds resistance"
    return _node("vulnerability", node.belief(), ("derived", rule), below)


def _primary(scenario: Scenario, study: Study, lens: Lens) -> Node:
    value = asset_value(scenario, study)
    if scenario.exposure_factor is not None and value is not None:
        shared = scenario.asset is not None
        below = (
            _node(
                "asset_value",
                value,
                ("shared", f"shared asset {scenario.asset}") if shared else ("stated", ""),
                lens=lens,
            ),
            _node("exposure_factor", scenario.exposure_factor, lens=lens),
        )
        amount = product(value, scenario.exposure_factor)
        return _node("primary", amount, ("derived", "AV × EF"), below, lens)
    return _amount("primary", scenario.loss_magnitude, lens)


def _amount(path: str, node: Distribution | LossForms | None, lens: Lens = "fair") -> Node:
    if not isinstance(node, LossForms):
        assert node is not None
        return _node(path, node, lens=lens)
    place, stated = path.partition(".")[0], node.stated()
    below = tuple(
        _node(f"{place}.{form}", stated[form])
        if form in stated
        else Node(f"{place}.{form}", _named(form)[0], "money", "absent", None)
        for form in FORMS
    )
    rule = "sum of the forms of loss" + (", which move together" if node.together else "")
    return _node(path, node.belief(), ("derived", rule), () if lens == "classical" else below, lens)


def _secondary(scenario: Scenario) -> Node | None:
    secondary = scenario.secondary
    if secondary is None:
        return None
    share = _node("secondary.share", secondary.share)
    amount = _amount("secondary.magnitude", secondary.magnitude)
    mean = _times(secondary.share.mean(), secondary.belief().mean())
    label, kind, _ = NAMES["secondary"]
    rule = "share × magnitude, averaged over all events"
    return Node("secondary", label, kind, "derived", mean, rule=rule, children=(share, amount))


def _both(scenario: Scenario, study: Study, primary: Node, secondary: Node) -> Node:
    """Return the loss of an event with its secondary part in a share of the events."""
    assert primary.belief is not None
    assert scenario.secondary is not None
    share = scenario.secondary.share.mean()
    more = total((primary.belief, scenario.secondary.belief()))
    event: Distribution = more if share == 1 else primary.belief
    if 0 < share < 1:
        event = Mixture([primary.belief, more], [1 - share, share])
    low, high = ends(event)
    mean = _times(*_primary_means(scenario, study)) + (secondary.mean or 0.0)
    rule, below = "primary + secondary", (primary, secondary)
    label = "Loss magnitude"
    return Node("magnitude", label, "money", "derived", mean, low, high, False, rule, event, below)
