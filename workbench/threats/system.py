"""An AI system as a value: components, data flows, trust boundaries, and who controls what."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from workbench.errors import WorkbenchError, looked_up
from workbench.threats.threat import ASSETS, CONTENTS, FACTS, STAGES

# What a component may be, and the assets of the catalogue that it holds.
KINDS = {
    "training data": ("training_data",),
    "labels": ("labels",),
    "feature store": ("feature_store",),
    "base model": ("base_model", "model_artifact"),
    "fine-tuning": ("finetuning",),
    "registry": ("model_registry", "model_artifact"),
    "inference API": ("inference_api",),
    "prompt and context": ("prompt_context",),
    "RAG index": ("rag_index", "embeddings"),
    "agent": ("agent_orchestration", "agent_memory"),
    "tools": ("agent_tools",),
    "pipeline": ("mlops_ci",),
    "notebooks": ("notebook_dev",),
    "compute": ("compute",),
    "federated training": ("federated",),
    "human reviewer": ("human_reviewer",),
    "monitoring": ("monitoring", "logs_audit"),
    "application": ("downstream_app",),
    "people": ("end_user",),
    "governance": ("governance_docs",),
    "store": (),  # of data that is neither for training nor for retrieval
    "outside service": (),
}
WHO = ("us", "supplier", "customer", "public")
EXPOSURES = ("public", "partners", "staff", "none")  # who may send to it from outside the diagram
PARTS = ("system", "boundaries", "components", "flows")
OPEN = frozenset({"public", "partners"})


@dataclass(frozen=True, slots=True)
class Boundary:
    """A zone of one trust; what crosses from one into another crosses a trust boundary."""

    id: str
    name: str
    trust: int  # 0: anybody; higher: fewer people, better known
    controlled_by: str = "us"


@dataclass(frozen=True, slots=True)
class Component:
    """One element of a system."""

    id: str
    name: str
    kind: str  # one of KINDS
    boundary: str  # id of the zone in which it stands
    exposure: str = "none"
    controlled_by: str = ""  # by the one who controls its zone unless stated
    facts: tuple[str, ...] = ()  # what is so of this component, beside what is so of the system
    value: str = ""  # id of the asset of a study that it holds

    @property
    def assets(self) -> tuple[str, ...]:
        """The assets of the catalogue that it holds."""
        return KINDS[self.kind]


@dataclass(frozen=True, slots=True)
class Flow:
    """Data on their way from one component to another."""

    source: str
    target: str
    carries: str  # in a few words
    contents: tuple[str, ...] = ()  # of what kinds that is; by the kinds of its ends unless stated

    @property
    def id(self) -> str:
        """What it is called: 'chat -> agent'."""
        return f"{self.source} -> {self.target}"


@dataclass(frozen=True, slots=True)
class Slip:
    """One thing that is wrong with a system, and where."""

    part: str  # one of PARTS
    number: int  # of the row within its part, from 1; 0 for the whole part
    id: str  # of the row
    field: str
    rule: str
    got: str
    allowed: tuple[str, ...] = ()
    first: int = 0  # the row that has the same id

    def sentence(self) -> str:
        """Say the rule, what broke it, and the remedy."""
        fix = "Rename one." if self.first else "Name its parts first."
        fix = f"One of {', '.join(self.allowed)}." if self.allowed else fix
        return f"{self.rule}; got {self.got!r}. {fix}"


class SystemRefusedError(WorkbenchError):
    """A system that refers to nothing or to two things at once; `slips` has every fault of it."""

    def __init__(self, slips: tuple[Slip, ...]) -> None:
        super().__init__("\n".join(slip.sentence() for slip in slips))
        self.slips = slips


@dataclass(frozen=True)
class AISystem:
    """An AI system as its threats see it.

    Raises
    ------
    SystemRefusedError
        with every id that stands twice or leads nowhere, and every word without a meaning here.

    """

    id: str
    name: str
    components: tuple[Component, ...]
    flows: tuple[Flow, ...] = ()
    boundaries: tuple[Boundary, ...] = ()
    facts: tuple[str, ...] = ()
    stages: tuple[str, ...] = STAGES  # of the life cycle that it goes through in our hands

    def __post_init__(self) -> None:
        """Check every reference and every word."""
        slips = sorted(_slips(self), key=lambda slip: (PARTS.index(slip.part), slip.number))
        if slips:
            raise SystemRefusedError(tuple(slips))

    @cached_property
    def _by_id(self) -> dict[str, Component]:
        return {part.id: part for part in self.components}

    @cached_property
    def _zones(self) -> dict[str, Boundary]:
        return {one.id: one for one in self.boundaries}

    def component(self, id: str) -> Component:
        """Return one component.

        Raises
        ------
        WorkbenchError
            for an unknown id, with the nearest ones.

        """
        return looked_up(self._by_id, id, "a component is known")

    def zone(self, component: str) -> Boundary:
        """Return the zone in which a component stands."""
        return self._zones[self.component(component).boundary]

    def controller(self, component: str) -> str:
        """Return who controls a component: us, a supplier, a customer or the public."""
        return self.component(component).controlled_by or self.zone(component).controlled_by

    def facts_of(self, component: str) -> frozenset[str]:
        """Return what is so of a component: the system's facts and its own."""
        return frozenset(self.facts) | frozenset(self.component(component).facts)

    def crossing(self) -> tuple[Flow, ...]:
        """Return the flows that cross a trust boundary."""
        return tuple(flow for flow in self.flows if self.crosses(flow))

    def crosses(self, flow: Flow) -> bool:
        """Whether a flow crosses a trust boundary."""
        return self.component(flow.source).boundary != self.component(flow.target).boundary

    @cached_property
    def ways_in(self) -> dict[str, tuple[str, ...]]:
        """How somebody outside reaches each component that can be reached: a chain of ids.

        From what is exposed to the public or to partners, or controlled by neither us nor a
        supplier, along the flows.
        """
        ways: dict[str, tuple[str, ...]] = {
            part.id: (part.id,)
            for part in self.components
            if part.exposure in OPEN or self.controller(part.id) in ("public", "customer")
        }
        waiting = list(ways)
        while waiting:
            here = waiting.pop(0)
            for flow in self.flows:
                if flow.source == here and flow.target not in ways:
                    ways[flow.target] = (*ways[here], flow.target)
                    waiting.append(flow.target)
        return ways


def _slips(system: AISystem) -> Iterator[Slip]:
    """Yield everything that is wrong with a system, in the order of its parts."""
    for fact in system.facts:
        yield from _word("system", (0, ""), "facts", fact, FACTS)
    for stage in system.stages:
        yield from _word("system", (0, ""), "stages", stage, STAGES)
    if not system.components:
        yield Slip("components", 0, "", "", "a system has a component", "0")
    yield from _twice("boundaries", [one.id for one in system.boundaries])
    for number, zone in enumerate(system.boundaries, 1):
        place = number, zone.id
        yield from _word("boundaries", place, "controlled_by", zone.controlled_by, WHO)
    yield from _twice("components", [part.id for part in system.components])
    zones = [one.id for one in system.boundaries]
    for number, part in enumerate(system.components, 1):
        yield from _of_component((number, part.id), part, zones)
    yield from _twice("flows", [flow.id for flow in system.flows])
    ids = [part.id for part in system.components]
    for number, flow in enumerate(system.flows, 1):
        for field, end in (("source", flow.source), ("target", flow.target)):
            yield from _word("flows", (number, flow.id), field, end, ids)
        for one in flow.contents:
            yield from _word("flows", (number, flow.id), "contents", one, CONTENTS)


def _of_component(place: tuple[int, str], part: Component, zones: list[str]) -> Iterator[Slip]:
    for field, got, allowed in (
        ("kind", part.kind, KINDS),
        ("boundary", part.boundary, zones),
        ("exposure", part.exposure, EXPOSURES),
        ("controlled_by", part.controlled_by or "us", WHO),
        *(("facts", fact, FACTS) for fact in part.facts),
    ):
        yield from _word("components", place, field, got, allowed)


def _word(
    part: str, place: tuple[int, str], field: str, got: str, allowed: Collection[str]
) -> Iterator[Slip]:
    if got not in allowed:
        one = {"facts": "a fact", "stages": "a stage"}.get(field, field)
        rule = f"{one} of {place[1] or 'the system'} is known"
        yield Slip(part, *place, field, rule, got, tuple(dict.fromkeys(allowed)))


def _twice(part: str, ids: Iterable[str]) -> Iterator[Slip]:
    first: dict[str, int] = {}
    one = {"boundaries": "boundary", "components": "component", "flows": "flow"}[part]
    for number, name in enumerate(ids, 1):
        if name in first:
            rule = f"a {one} has an id of its own"
            yield Slip(part, number, name, "id", rule, name, first=first[name])
        first.setdefault(name, number)


def holders(asset: str) -> str:
    """Say which kinds of component hold an asset of the catalogue."""
    kinds = [kind for kind, assets in KINDS.items() if asset in assets]
    return " or ".join(kinds) or ASSETS[asset]
