"""Who can reach a component, and how: facts that are stated, and facts that the diagram says.

From where a component stands and what flows to it follows, beside what is stated:

- a way along the flows from outside means that it takes in material from outside, can be reached
  while it is built, and gives people outside something;
- flows that lead from a supplier's component bring material from outside;
- flows that lead on to what people outside can reach give them something;
- people are customers where they stand outside, and staff where they stand with us. Whoever they
  are, anybody reaches them by mail and telephone, which no diagram draws.

All of this is our reading: editorial.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from workbench.threats.system import OPEN, AISystem, Component
from workbench.threats.threat import FACTS, OUTSIDERS, Threat

BUILDING = frozenset({"data_acquisition", "data_prep", "training", "release", "deployment"})
FROM_OUTSIDE = OUTSIDERS | {"supplier"}
PLANTED = frozenset("ST")  # letters of what can come with an acquired part


@dataclass(frozen=True)
class Reach:
    """Who can reach the components of one system."""

    system: AISystem

    @cached_property
    def facts(self) -> Mapping[str, frozenset[str]]:
        """What is so of each component: stated of the system or of it, or said by the diagram."""
        system = self.system
        forth = [(flow.source, flow.target) for flow in system.flows]
        back = [(target, source) for source, target in forth]
        bought = [one.id for one in system.components if system.controller(one.id) == "supplier"]
        inside = frozenset(system.ways_in)
        derived = {
            "outside_material": inside | along(forth, bought),
            "reachable_when_built": inside,
            "reaches_outside": along(back, inside),
        }
        return {
            one.id: system.facts_of(one.id)
            | {fact for fact, ids in derived.items() if one.id in ids}
            | _people(one, system)
            for one in system.components
        }

    def lacking(self, needs: Iterable[str], component: str) -> list[str]:
        """Return what of some needs is not so of a component."""
        return [one for one in needs if one not in self.facts[component]]

    def steps(self, component: str) -> int | None:
        """Return over how many components people outside come to one; None where no way leads."""
        if component in self.system.ways_in:
            return len(self.system.ways_in[component])
        return 1 if self.system.component(component).kind == "people" else None

    def is_direct(self, threat: Threat, part: Component) -> bool:
        """Whether people outside reach a component themselves, and not through another one."""
        needed = "reachable_when_built"
        is_stated = needed in self.system.facts_of(part.id)
        by_fact = threat.stage in BUILDING and needed in threat.outside_needs and is_stated
        return by_fact or self.steps(part.id) == 1

    def is_reached(self, part: Component, community: str, threat: Threat) -> bool:
        """Whether somebody can reach a component to do this."""
        if community not in FROM_OUTSIDE:
            return True
        if threat.stage in BUILDING and not self.lacking(threat.outside_needs, part.id):
            return True
        if community == "supplier":
            return self.system.controller(part.id) == "supplier"
        return self.steps(part.id) is not None

    def how(self, part: Component, threat: Threat, able: Iterable[str]) -> str:
        """Say how those from outside reach a component to do this; nothing where none does."""
        who = set(able)
        if threat.stage in BUILDING and who & FROM_OUTSIDE:
            if not threat.outside_needs:
                planted = set(threat.stride) & PLANTED
                return "comes with what is acquired or built" if planted else "where it is built"
            is_so = not self.lacking(threat.outside_needs, part.id)
            if is_so and (self._is_stated(threat, part) or part.id not in self.system.ways_in):
                return " and ".join(FACTS[one] for one in threat.outside_needs)
        if who & OUTSIDERS and part.id in self.system.ways_in:
            way = self.system.ways_in[part.id]
            return f"reached by {' -> '.join(way)}" if len(way) > 1 else "open to people outside"
        is_mailed = part.kind == "people" and who & OUTSIDERS
        return "reached by mail and telephone" if is_mailed else ""

    def _is_stated(self, threat: Threat, part: Component) -> bool:
        """Whether it is stated, and not said by the diagram alone, what outsiders need."""
        return set(threat.outside_needs) <= self.system.facts_of(part.id)


def along(flows: Iterable[tuple[str, str]], starts: Iterable[str]) -> frozenset[str]:
    """Return what lies on the ways from some components along flows, the starts included."""
    onward: dict[str, list[str]] = {}
    for source, target in flows:
        onward.setdefault(source, []).append(target)
    found = set(starts)
    waiting = list(found)
    while waiting:
        new = set(onward.get(waiting.pop(), ())) - found
        found |= new
        waiting += new
    return frozenset(found)


def _people(part: Component, system: AISystem) -> set[str]:
    """Return whether people are customers or staff; nothing of what is not people."""
    if part.kind != "people":
        return set()
    who = system.controller(part.id)
    if part.exposure in OPEN or who in ("public", "customer"):
        return {"customers"}
    return {"staff"} if who == "us" or part.exposure == "staff" else set()
