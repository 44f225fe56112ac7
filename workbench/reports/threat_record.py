"""A threat model as plain data, and in words for a terminal."""

from collections.abc import Iterable
from typing import Any

from workbench.reports.words import count_of
from workbench.threats import Drafts, Finding, Report, Ruling
from workbench.threats.threat import Threat

WEAK = "STRIDE fits weakly"


def threat_record(report: Report, drafts: Drafts) -> dict[str, Any]:
    """Return what touches each element and why, what was ruled out, and how drafts were merged."""
    system = report.system
    return {
        "system": {"id": system.id, "name": system.name, "facts": list(system.facts)},
        "components": {p.id: _findings(report.of(p.id)) for p in system.components},
        "flows": {flow.id: _findings(report.of(flow.id)) for flow in system.crossing()},
        "ruled_out": [{"threat": one.threat.id, "why": one.why} for one in report.ruled_out],
        "counts": report.counts(),
        "drafts": [
            {
                "scenario": one.scenario.id,
                "threats": list(one.threats),
                "elements": list(one.elements),
                "merge": one.merge(),
            }
            for one in drafts.drafts
        ],
    }


def _findings(found: Iterable[Finding]) -> list[dict[str, Any]]:
    return [
        {
            "threat": one.threat.id,
            "title": one.threat.title,
            "stride": list(one.threat.stride),
            "stride_fit": one.threat.stride_fit,
            "why": one.why,
            "communities": list(one.communities),
            "known_by": one.threat.proof.words(),
        }
        for one in found
    ]


def threat_text(report: Report, drafts: Drafts) -> str:
    """Return a threat model in words: by component, by flow, and what was ruled out."""
    system = report.system
    crossing = system.crossing()
    touched = count_of(len(report.threats()), "threat")
    lines = [
        f"{system.name}: {touched} of the catalogue, {len(report.ruled_out)} ruled out",
        f"Flows across a trust boundary: {len(crossing)} of {len(system.flows)}",
    ]
    for part in system.components:
        found = report.of(part.id)
        lines += ["", f"{part.name} ({part.kind}): {count_of(len(found), 'threat')}"]
        lines += [f"  {_line(one)}" for one in found]
    for flow in crossing:
        found = report.of(flow.id)
        lines += ["", f"{flow.id} ({flow.carries}): {count_of(len(found), 'threat')}"]
        lines += [f"  {told(one)}" for one in found]
    lines += ["", "Ruled out"]
    lines += [f"  {told(one)}" for one in report.ruled_out]
    lines += ["", _drafts_line(drafts)]
    merges = [(one.scenario.id, one.merge()) for one in drafts.drafts if one.merge()]
    lines += [f"  merged into {name}: {why}" for name, why in merges]
    return "\n".join(lines) + "\n"


def _line(one: Finding) -> str:
    threat = one.threat
    return f"{threat.id} {''.join(threat.stride)} {threat.title}{mark(threat)}: {one.why}"


def told(one: Finding | Ruling) -> str:
    """Say that a threat touches an element or was ruled out, with its marks and why."""
    return f"{one.threat.id} {one.threat.title}{mark(one.threat)}: {one.why}"


def marks(threat: Threat) -> tuple[str, ...]:
    """Return what must be told beside a threat wherever it is shown."""
    word = "editorial" if threat.proof.type == "editorial" else "recalled"
    found = [word] if threat.proof.is_marked else []
    return tuple([*found, WEAK] if threat.stride_fit == "weak" else found)


def mark(threat: Threat) -> str:
    """Return these marks as they stand behind a title; nothing where there are none."""
    found = ", ".join(marks(threat))
    return f" [{found}]" if found else ""


def _drafts_line(drafts: Drafts) -> str:
    merged = sum(bool(one.merge()) for one in drafts.drafts)
    return (
        f"{count_of(len(drafts.drafts), 'draft scenario')} ({merged} merged), every range of them "
        "to be elicited: --draft OUT.yaml writes them."
    )
