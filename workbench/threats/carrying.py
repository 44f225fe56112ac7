"""Which threats travel with which flow, and why; and why those that could travel do not.

A threat travels with a flow where all of these hold, and its ruling says which one failed:

1. the flow carries what the threat travels with (`travels_with` of its row);
2. one of its letters can be done to a flow. Tampering and denial of service: to any. Disclosure:
   where the flow crosses a trust boundary and does not lead into more trust. Spoofing and elevation
   at the receiver: where it crosses one and does not lead into less. Repudiation: to none;
3. it touches a component on the right side of the flow: at its source or before it what is given
   away; at its target or behind it what arrives there (`ARRIVING`), or at its source as well what
   is passed on from there (`PASSING`); at one of its ends what is done to things kept (`KEPT`),
   which what reads them does not hand on; at either side all else. Ways lead over any number of
   steps, through no people, and not back over the other end. What is done to a prompt or to a
   request (`READ`) is done as well where the flow leads to whatever reads it with a model;
4. somebody who can do it at such a component gets at the flow. Accidents and insiders do. A
   supplier does where a supplier controls an end. People outside do where a way leads to the source
   or, to learn something, from the target. What is built is got at as well by whom the facts of an
   end admit (`outside_needs`).

What a flow carries is stated (`contents`), or taken from the kinds of its ends: that is said. The
rule is that of STRIDE per element, with the boundary as what raises the other letters; which row
travels with what, and what the ends say, is our reading: editorial.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from workbench.threats.finding import Finding, FlowRuling
from workbench.threats.reaching import BUILDING, FROM_OUTSIDE, Reach, along
from workbench.threats.system import Flow
from workbench.threats.threat import COMMUNITIES, CONTENTS, LETTERS, Threat

ANYWHERE = frozenset("TD")
AT_RECEIVER = frozenset("SE")
OF_SOURCE = {  # what comes from a component of a kind, where nothing is stated
    "training data": "training_data",
    "labels": "labels",
    "feature store": "features",
    "fine-tuning": "weights",
    "registry": "weights",
    "federated training": "weights",
    "pipeline": "weights",
    "notebooks": "code",
    "RAG index": "documents",
    "monitoring": "telemetry",
}
OF_TARGET = {  # what goes to one, where its source does not tell
    "monitoring": "telemetry",
    "base model": "prompts",
    "tools": "actions",
    "training data": "training_data",
    "labels": "labels",
    "feature store": "features",
    "registry": "weights",
    "RAG index": "documents",
    "prompt and context": "prompts",
}
OTHERWISE = {  # what comes from one, where its target does not tell either
    "base model": "outputs",
    "inference API": "outputs",
    "prompt and context": "prompts",
    "agent": "actions",
    "tools": "actions",
    "human reviewer": "decisions",
}
LAST = {"inference API": "features", "agent": "prompts", "human reviewer": "outputs"}
FROM_MODEL = frozenset({"base model", "fine-tuning", "registry"})  # where a model goes as weights


SOURCE, BEFORE, TARGET, BEHIND = "source", "before", "target", "behind"
ARRIVING = frozenset({"inference_api", "end_user", "human_reviewer"})
PASSING = frozenset({"downstream_app", "monitoring"})
KEPT = frozenset({"feature_store"})
READ = frozenset({"prompt_context", "inference_api"})
READERS = frozenset({"agent", "base model", "inference API"})  # kinds that read with a model
PEOPLE = frozenset({"people", "human reviewer"})  # who pass nothing on as it came
Sides = Mapping[str, frozenset[str]]  # of each component that a flow leads to or comes from


@dataclass(frozen=True)
class Carrying:
    """What the flows of one system carry, and which of the threats to its components with it."""

    reach: Reach
    found: Mapping[str, tuple[Finding, ...]]  # at components, by threat

    @cached_property
    def _ways(self) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """The flows forth and back, without those by which people pass something on."""
        system = self.reach.system
        flows = [(flow.source, flow.target) for flow in system.flows]
        people = {one.id for one in system.components if one.kind in PEOPLE}
        return (
            [(source, target) for source, target in flows if source not in people],
            [(target, source) for source, target in flows if target not in people],
        )

    def rulings(self, flow: Flow, threats: Iterable[Threat]) -> Iterator[Finding | FlowRuling]:
        """Yield what each threat that travels with what a flow carries does to it, or why not."""
        carried = contents_of(self.reach, flow)
        sides = self._sides(flow)
        for threat in threats:
            if set(threat.travels_with) & set(carried):
                ruling = self._ruling(threat, flow, sides)
                yield FlowRuling(threat, flow.id, ruling) if isinstance(ruling, str) else ruling

    def _sides(self, flow: Flow) -> Sides:
        forth, back = self._ways
        behind = along([w for w in forth if flow.source not in w], [flow.target])
        before = along([w for w in back if flow.target not in w], [flow.source])
        return {
            one: frozenset(
                side
                for side, is_there in (
                    (SOURCE, one == flow.source),
                    (BEFORE, one in before - {flow.source}),
                    (TARGET, one == flow.target),
                    (BEHIND, one in behind - {flow.target}),
                )
                if is_there
            )
            for one in behind | before
        }

    def _ruling(self, threat: Threat, flow: Flow, sides: Sides) -> Finding | str:
        found = self.found.get(threat.id, ())
        if not found:
            return "it touches no component of the system"
        possible = letters_of(self.reach, threat, flow)
        if not possible:
            return _no_letter(threat)
        places = {
            letter: [f for f in found if sides.get(f.element, frozenset()) & _right(threat, letter)]
            for letter in possible
        }
        reader = self._reader(threat, flow, sides)
        letters = tuple(x for x in possible if places[x] or (reader and x != "I"))
        if not letters:
            names = ", ".join(self._name(one.element) for one in found)
            return f"what it touches does not stand where the flow would bring it: {names}"
        near = [one for letter in letters for one in places[letter]]
        is_read = any(not places[letter] for letter in letters)
        there = found if is_read else near
        able = tuple(
            one
            for one in threat.communities
            if any(one in f.communities for f in there)
            and self._gets_at(one, threat, flow, letters)
        )
        if not able:
            who = " or ".join(COMMUNITIES[one] for one in threat.communities)
            return f"no way leads {who} to the flow"
        texts = (
            self._carries(threat, flow),
            self._leads(near, sides) if near else f"leads to {reader}, which reads it",
            self._done(letters, flow),
            ", ".join(COMMUNITIES[one] for one in able),
        )
        return Finding(threat, flow.id, "; ".join(texts), able)

    def _reader(self, threat: Threat, flow: Flow, sides: Sides) -> str:
        """Return the name of what reads what a flow brings, its target first; "" where nothing."""
        if threat.asset not in READ:
            return ""
        system = self.reach.system
        ends = [system.component(flow.target), *system.components]
        led = frozenset({TARGET, BEHIND})
        return next(
            (x.name for x in ends if x.kind in READERS and sides.get(x.id, frozenset()) & led), ""
        )

    def _leads(self, near: list[Finding], sides: Sides) -> str:
        place = min(near, key=lambda one: not sides[one.element] & {SOURCE, TARGET}).element
        leads = "comes from" if sides[place] & {SOURCE, BEFORE} else "leads to"
        return f"{leads} {self._name(place)}"

    def _name(self, component: str) -> str:
        return self.reach.system.component(component).name

    def _carries(self, threat: Threat, flow: Flow) -> str:
        carried = contents_of(self.reach, flow)
        words = ", ".join(CONTENTS[one] for one in carried if one in threat.travels_with)
        return f"carries {words}" if flow.contents else f"is taken to carry {words}, by its ends"

    def _done(self, letters: tuple[str, ...], flow: Flow) -> str:
        """Say what is done to the flow, and where that is done at its receiver."""
        zone = self.reach.system.zone(flow.target).name
        places = {"I": f" to {zone}", "S": f" in {zone}", "E": f" in {zone}"}
        return ", ".join(f"{LETTERS[one].lower()}{places.get(one, '')}" for one in letters)

    def _gets_at(
        self, community: str, threat: Threat, flow: Flow, letters: tuple[str, ...]
    ) -> bool:
        """Whether somebody gets at a flow to do this."""
        reach, ends = self.reach, (flow.source, flow.target)
        if community not in FROM_OUTSIDE:
            return True
        is_admitted = any(not reach.lacking(threat.outside_needs, end) for end in ends)
        if threat.stage in BUILDING and is_admitted:
            return True
        if community == "supplier":
            return "supplier" in [reach.system.controller(end) for end in ends]
        sends = set(letters) != {"I"} and reach.steps(flow.source) is not None
        return sends or ("I" in letters and "reaches_outside" in reach.facts[flow.target])


def _right(threat: Threat, letter: str) -> frozenset[str]:
    """Return the sides of a flow on which a threat must touch something to travel with it."""
    if letter == "I":
        return frozenset({SOURCE, BEFORE})
    if threat.asset in KEPT:
        return frozenset({SOURCE, TARGET})
    if threat.asset in ARRIVING:
        return frozenset({TARGET, BEHIND})
    if threat.asset in PASSING:
        return frozenset({SOURCE, TARGET, BEHIND})
    return frozenset({SOURCE, BEFORE, TARGET, BEHIND})


def contents_of(reach: Reach, flow: Flow) -> tuple[str, ...]:
    """Return what a flow is stated to carry, or else what the kinds of its ends say; nothing too.

    A model that goes to where models are tuned or kept goes as weights.
    """
    if flow.contents:
        return flow.contents
    source, target = (reach.system.component(end).kind for end in (flow.source, flow.target))
    if source == "base model" and target in FROM_MODEL:
        return ("weights",)
    for known, kind in (
        (OF_SOURCE, source),
        (OF_TARGET, target),
        (OTHERWISE, source),
        (LAST, target),
    ):
        if kind in known:
            return (known[kind],)
    return ()


def letters_of(reach: Reach, threat: Threat, flow: Flow) -> tuple[str, ...]:
    """Return which letters of a threat can be done to a flow, in their order."""
    system = reach.system
    possible = set(ANYWHERE)
    if system.crosses(flow):
        source, target = system.zone(flow.source).trust, system.zone(flow.target).trust
        possible |= {"I"} if target <= source else set()
        possible |= AT_RECEIVER if target >= source else set()
    return tuple(one for one in LETTERS if one in threat.stride and one in possible)


def _no_letter(threat: Threat) -> str:
    words = " and ".join(LETTERS[one].lower() for one in threat.stride)
    where = ["disclosure needs a way across a boundary into no more trust"]
    if set(threat.stride) & AT_RECEIVER:
        where = ["it needs a way across a boundary into no less trust"]
    told = where if set(threat.stride) - {"R"} else ["that is done to no flow"]
    return f"it is {words}: {told[0]}"
