"""Which threats touch which element of a system, and why; and why the others do not.

A threat touches a component where all of these hold, and its ruling says which one failed:

1. the component holds the asset of the threat;
2. the system goes through the stage of the threat in our hands;
3. the system, or the component, is all that the threat needs;
4. somebody of its communities can reach the component. Accidents and insiders always can. A
   supplier can where a supplier controls the component, outsiders where a way leads from outside
   along the flows. While a system is built, both can as well where all is so that the threat asks
   of somebody outside (`outside_needs`); a threat that asks nothing comes with what is acquired.

A flow that crosses a trust boundary is touched by what enters with it (spoofing, tampering, denial
and elevation by outsiders at its target, where it leads into more trust) and by what leaves with it
(disclosure at its source, where it leads into less).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from workbench.threats.catalogue import Catalogue
from workbench.threats.reaching import BUILDING, Reach
from workbench.threats.system import AISystem, Component, Flow, holders
from workbench.threats.threat import COMMUNITIES, FACTS, Threat, asset_words

ENTERING = frozenset("STDE")


@dataclass(frozen=True, slots=True)
class Finding:
    """A threat that touches an element, and why."""

    threat: Threat
    element: str  # the id of a component or of a flow
    why: str
    communities: tuple[str, ...]  # those of the threat that can reach the element


@dataclass(frozen=True, slots=True)
class Ruling:
    """A threat that touches nothing of the system, and why not."""

    threat: Threat
    why: str


@dataclass(frozen=True)
class Report:
    """What touches a system, and what was ruled out."""

    system: AISystem
    components: tuple[Finding, ...]
    flows: tuple[Finding, ...]
    ruled_out: tuple[Ruling, ...]

    def of(self, element: str) -> tuple[Finding, ...]:
        """Return what touches one component or flow."""
        return tuple(f for f in (*self.components, *self.flows) if f.element == element)

    def threats(self) -> tuple[Threat, ...]:
        """Return the threats that touch any component, each once, in order of id."""
        found = {f.threat.id: f.threat for f in self.components}
        return tuple(found[name] for name in sorted(found))

    def counts(self) -> dict[str, dict[str, int]]:
        """Return how many threats of each letter touch each component: id -> letter -> count."""
        found = {part.id: dict.fromkeys("STRIDE", 0) for part in self.system.components}
        for one in self.components:
            for letter in one.threat.stride:
                found[one.element][letter] += 1
        return found


def threats_to(system: AISystem, catalogue: Catalogue) -> Report:
    """Return which threats of a catalogue touch which elements of a system, and why."""
    found: list[Finding] = []
    out: list[Ruling] = []
    reach = Reach(system)
    for threat in catalogue:
        rulings = [_ruling(threat, part, reach) for part in system.components]
        touched = [one for one in rulings if isinstance(one, Finding)]
        found += touched
        if not touched:
            out.append(Ruling(threat, _why_not(threat, rulings)))
    return Report(system, tuple(found), tuple(_on_flows(system, found)), tuple(out))


def _ruling(threat: Threat, part: Component, reach: Reach) -> Finding | str | None:
    """Return the finding, or why there is none; None where the component has no such asset."""
    if threat.asset not in part.assets:
        return None
    if threat.stage not in reach.system.stages:
        stage = threat.stage.replace("_", " ")
        return f"the system does not go through {stage} in our hands"
    lacking = reach.lacking(threat.needs, part.id)
    if lacking:
        return f"{part.name}: it is not stated that it {FACTS[lacking[0]]}"
    able = tuple(one for one in threat.communities if reach.is_reached(part, one, threat))
    if not able:
        return f"{part.name}: {_unreached(threat, part, reach)}"
    return Finding(threat, part.id, _why(threat, part, able, reach), able)


def _unreached(threat: Threat, part: Component, reach: Reach) -> str:
    """Say that nobody reaches a component, and what could be stated if somebody does."""
    text = f"no way leads {' or '.join(COMMUNITIES[one] for one in threat.communities)} to it"
    if threat.stage in BUILDING:
        lacking = reach.lacking(threat.outside_needs, part.id)
        text += f", nor is it said that it {FACTS[lacking[0]]}"
    return text


def _why(threat: Threat, part: Component, able: tuple[str, ...], reach: Reach) -> str:
    """Say why a threat touches a component."""
    whose = {"supplier": ", which a supplier controls", "customer": ", in a customer's hands"}
    holder = whose.get(reach.system.controller(part.id), "")
    texts = (
        f"holds {asset_words(threat.asset)}{holder}",
        " and ".join(FACTS[one] for one in threat.needs),
        reach.how(part, threat, able),
        ", ".join(COMMUNITIES[one] for one in able),
    )
    return "; ".join(text for text in texts if text)


def _why_not(threat: Threat, rulings: Iterable[Finding | str | None]) -> str:
    reasons = [one for one in rulings if isinstance(one, str)]
    if not reasons:
        return f"no component holds {asset_words(threat.asset)} ({holders(threat.asset)})"
    return "; ".join(dict.fromkeys(reasons))


def _on_flows(system: AISystem, found: list[Finding]) -> Iterable[Finding]:
    for flow in system.crossing():
        for one in found:
            why = _crosses(system, flow, one)
            if why:
                yield Finding(one.threat, flow.id, why, one.communities)


def _crosses(system: AISystem, flow: Flow, one: Finding) -> str:
    """Say how a threat to a component travels with a flow; nothing where it does not."""
    letters = set(one.threat.stride)
    if one.threat.stage in BUILDING:
        return ""
    if system.enters(flow) and one.element == flow.target:
        who = [name for name in one.communities if name in one.threat.outsiders()]
        if letters & ENTERING and who:
            return f"enters {system.zone(flow.target).name} with {flow.carries}"
    if system.leaves(flow) and one.element == flow.source and "I" in letters:
        return f"leaves {system.zone(flow.source).name} with {flow.carries}"
    return ""
