"""What touches an element and why, and what was ruled out and why: the values of a report."""

from dataclasses import dataclass

from workbench.threats.threat import Threat


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


@dataclass(frozen=True, slots=True)
class FlowRuling:
    """A threat that travels with what a flow carries and does not touch it, and why not."""

    threat: Threat
    flow: str  # id
    why: str
