"""Which threats touch which element of a system, and why; and why the others do not.

A threat touches a component where all of these hold, and its ruling says which one failed:

1. the component holds the asset of the threat;
2. the system goes through the stage of the threat in our hands;
3. the system, or the component, is all that the threat needs;
4. somebody of its communities can reach the component. Accidents and insiders always can. A
   supplier can where a supplier controls the component, outsiders where a way leads from outside
   along the flows. While a system is built, both can as well where all is so that the threat asks
   of somebody outside (`outside_needs`); a threat that asks nothing comes with what is acquired.

Which of them travel with a flow follows from what the flow carries: `carrying`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from workbench.threats.carrying import Carrying, contents_of
from workbench.threats.catalogue import Catalogue
from workbench.threats.finding import Finding, FlowRuling, Ruling
from workbench.threats.reaching import BUILDING, Reach
from workbench.threats.system import AISystem, Component, Flow, holders
from workbench.threats.threat import COMMUNITIES, CONTENTS, FACTS, Threat, asset_words

PROMPTS = "prompt and context"  # a kind of component


@dataclass(frozen=True)
class Report:
    """What touches a system, and what was ruled out."""

    system: AISystem
    components: tuple[Finding, ...]
    flows: tuple[Finding, ...]
    ruled_out: tuple[Ruling, ...]
    flows_ruled_out: tuple[FlowRuling, ...] = ()

    def of(self, element: str) -> tuple[Finding, ...]:
        """Return what touches one component or flow."""
        return tuple(f for f in (*self.components, *self.flows) if f.element == element)

    def ruled_out_of(self, flow: str) -> tuple[FlowRuling, ...]:
        """Return what travels with what a flow carries, and does not touch it."""
        return tuple(one for one in self.flows_ruled_out if one.flow == flow)

    def silence(self, flow: Flow) -> str:
        """Say why no threat touches a flow; nothing where one does."""
        if self.of(flow.id):
            return ""
        what = "crossing" if self.system.crosses(flow) else "flow"
        carried = contents_of(Reach(self.system), flow)
        out = self.ruled_out_of(flow.id)
        if not carried:
            why = "what it carries is not stated, and its ends do not say it"
        elif not out:
            words = " or ".join(CONTENTS[one] for one in carried)
            why = f"no threat travels with {words}"
        else:
            first = out[0]
            rest = f"; {len(out) - 1} more {'is' if len(out) == 2 else 'are'} ruled out"
            why = f"{first.threat.id} travels with the like, but {first.why}"
            why += rest if len(out) > 1 else ""
        return f"nothing in the catalogue touches this {what}: {why}"

    def not_drawn(self) -> str:
        """Say that prompts are read of which no component is drawn; nothing where none is missing.

        Else the injection of prompts into an agent is ruled out, and its reason is one of many.
        """
        system = self.system
        kinds = {part.kind for part in system.components}
        readers = [
            part.name
            for part in system.components
            if part.kind == "agent"
            or (part.kind == "base model" and "generative" in system.facts_of(part.id))
        ]
        out = [one.threat.id for one in self.ruled_out if one.threat.asset == "prompt_context"]
        if PROMPTS in kinds or not readers or not out:
            return ""
        return (
            f"Not drawn: the {PROMPTS} that {' and '.join(readers)} read; what is done to prompts "
            f"is ruled out with it: {', '.join(out)}"
        )

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
    flows, still = _on_flows(reach, catalogue, found)
    return Report(system, tuple(found), flows, tuple(out), still)


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


def _on_flows(
    reach: Reach, catalogue: Catalogue, found: Iterable[Finding]
) -> tuple[tuple[Finding, ...], tuple[FlowRuling, ...]]:
    by_threat: dict[str, tuple[Finding, ...]] = {}
    for one in found:
        by_threat[one.threat.id] = (*by_threat.get(one.threat.id, ()), one)
    carrying = Carrying(reach, by_threat)
    rulings = [one for flow in reach.system.flows for one in carrying.rulings(flow, catalogue)]
    return (
        tuple(one for one in rulings if isinstance(one, Finding)),
        tuple(one for one in rulings if isinstance(one, FlowRuling)),
    )
