"""Threats to AI systems: a catalogue, a system as a value, and which threats touch it and why."""

from workbench.threats.applying import Report, threats_to
from workbench.threats.catalogue import Catalogue
from workbench.threats.drafting import Draft, Drafts, drafts_of
from workbench.threats.finding import Finding, FlowRuling, Ruling
from workbench.threats.system import AISystem, Boundary, Component, Flow
from workbench.threats.threat import LETTERS, Proof, Threat

__all__ = [
    "LETTERS",
    "AISystem",
    "Boundary",
    "Catalogue",
    "Component",
    "Draft",
    "Drafts",
    "Finding",
    "Flow",
    "FlowRuling",
    "Proof",
    "Report",
    "Ruling",
    "Threat",
    "drafts_of",
    "threats_to",
]
