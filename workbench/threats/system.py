"""An AI system as a value: components, data flows, trust boundaries, and who controls what."""

from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from workbench.errors import require
from workbench.threats.threat import ASSETS, FACTS, STAGES

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

    @property
    def id(self) -> str:
        """What it is called: 'chat -> agent'."""
        return f"{self.source} -> {self.target}"


@dataclass(frozen=True)
class AISystem:
    """An AI system as its threats see it.

    Raises
    ------
    WorkbenchError
        for ids that stand twice or lead nowhere, and for words without a meaning here.

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
        self._check_ids()
        zones = [one.id for one in self.boundaries]
        for one in self.boundaries:
            _known(f"controlled_by of {one.id}", one.controlled_by, WHO)
        for part in self.components:
            _known(f"kind of {part.id}", part.kind, tuple(KINDS))
            _known(f"boundary of {part.id}", part.boundary, zones)
            _known(f"exposure of {part.id}", part.exposure, EXPOSURES)
            _known(f"controlled_by of {part.id}", part.controlled_by, ("", *WHO))
        ids = [part.id for part in self.components]
        for flow in self.flows:
            _known("the source of a flow", flow.source, ids)
            _known("the target of a flow", flow.target, ids)
        for fact in chain(self.facts, *(part.facts for part in self.components)):
            _known("a fact", fact, tuple(FACTS))
        for stage in self.stages:
            _known("a stage", stage, STAGES)

    def _check_ids(self) -> None:
        for what, ids in (
            ("component", [part.id for part in self.components]),
            ("flow", [flow.id for flow in self.flows]),
            ("boundary", [one.id for one in self.boundaries]),
        ):
            twice = sorted({one for one in ids if ids.count(one) > 1})
            require(not twice, f"a {what} has an id of its own", got=twice, fix="Rename one.")
        require(
            bool(self.components), "a system has a component", got=0, fix="Name its parts first."
        )

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
            for an unknown id.

        """
        _known("a component", id, list(self._by_id))
        return self._by_id[id]

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
        return tuple(
            flow
            for flow in self.flows
            if self.component(flow.source).boundary != self.component(flow.target).boundary
        )

    def enters(self, flow: Flow) -> bool:
        """Whether a flow leads from a zone of less trust into one of more."""
        return self.zone(flow.source).trust < self.zone(flow.target).trust

    def leaves(self, flow: Flow) -> bool:
        """Whether a flow leads from a zone of more trust into one of less."""
        return self.zone(flow.source).trust > self.zone(flow.target).trust

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


def _known(what: str, got: str, allowed: list[str] | tuple[str, ...]) -> None:
    require(got in allowed, f"{what} is known", got=got, fix=f"One of {', '.join(allowed)}.")


def holders(asset: str) -> str:
    """Say which kinds of component hold an asset of the catalogue."""
    kinds = [kind for kind, assets in KINDS.items() if asset in assets]
    return " or ".join(kinds) or ASSETS[asset]
