"""A threat model as plain data, and in words for a terminal."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from workbench.reports.words import count_of
from workbench.threats import Drafts, Finding, Flow, FlowRuling, Report, Ruling
from workbench.threats.threat import Threat

WEAK = "STRIDE fits weakly"
READING = (
    "editorial: what a threat needs, who reaches what, and what travels with which flow, is our "
    "reading of each row"
)
FEW = 2  # ruled-out threats that are named for each kind of reason
REASONS = {  # words of a ruling -> of which kind it is
    "no component holds": "no component holds what they attack",
    "does not go through": "the stage of life is not in our hands",
    "it is not stated that it": "the system is not said to be what they need",
    "no way leads": "nobody who does it has a way to the component",
}


def threat_record(report: Report, drafts: Drafts) -> dict[str, Any]:
    """Return what touches each element and why, what was ruled out, and how drafts were merged."""
    system = report.system
    return {
        "system": {"id": system.id, "name": system.name, "facts": list(system.facts)},
        "basis": READING,
        "not_drawn": report.not_drawn(),
        "components": {p.id: _findings(report.of(p.id)) for p in system.components},
        "flows": {flow.id: _findings(report.of(flow.id)) for flow in system.crossing()},
        "flows_within_a_zone": {
            flow.id: _findings(report.of(flow.id))
            for flow in system.flows
            if not system.crosses(flow)
        },
        "silent_flows": {flow.id: why for flow in system.flows if (why := report.silence(flow))},
        "ruled_out_of_flows": {
            flow.id: [
                {"threat": one.threat.id, "why": one.why} for one in report.ruled_out_of(flow.id)
            ]
            for flow in system.flows
        },
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


def threat_text(report: Report, drafts: Drafts, *, most: int | None = FEW) -> str:
    """Return a threat model in words: by component, by flow, and what was ruled out.

    Parameters
    ----------
    most : how many ruled-out threats of each kind of reason are named; None for all

    """
    system = report.system
    crossing = system.crossing()
    touched = count_of(len(report.threats()), "threat")
    lines = [
        f"{system.name}: {touched} of the catalogue, {len(report.ruled_out)} ruled out",
        f"Flows across a trust boundary: {len(crossing)} of {len(system.flows)}",
        f"Why [{READING}]",
        *filter(None, [report.not_drawn()]),
    ]
    for part in system.components:
        found = report.of(part.id)
        lines += ["", f"{part.name} ({part.kind}): {count_of(len(found), 'threat')}"]
        lines += [f"  {_line(one)}" for one in found]
    for flow in crossing:
        lines += ["", *_flow_lines(report, flow, most)]
    lines += ["", _within(report, len(crossing)), "", *ruled_out_lines(report, most)]
    lines += ["", _drafts_line(drafts)]
    merges = [(one.scenario.id, one.merge()) for one in drafts.drafts if one.merge()]
    lines += [f"  merged into {name}: {why}" for name, why in merges]
    return "\n".join(lines) + "\n"


def _flow_lines(report: Report, flow: Flow, most: int | None) -> Iterator[str]:
    """Yield what touches a flow or why nothing does; where all is named, what was ruled out too."""
    found, out = report.of(flow.id), report.ruled_out_of(flow.id)
    yield f"{flow.id} ({flow.carries}): {count_of(len(found), 'threat')}"
    if silence := report.silence(flow):
        yield f"  {silence}"
    yield from (f"  {told(one)}" for one in found)
    if most is None:
        yield from (f"  ruled out: {told(one)}" for one in out)
    elif found and out:
        yield f"  and {len(out)} ruled out that travel with the like (--all names each)"


def _within(report: Report, crossing: int) -> str:
    system = report.system
    flows = [flow for flow in system.flows if not system.crosses(flow)]
    touched = sum(bool(report.of(flow.id)) for flow in flows)
    return (
        f"Flows within a zone: {len(flows)} of {len(flows) + crossing}, of which threats travel "
        f"with {touched} (--json names them)"
    )


def _line(one: Finding) -> str:
    threat = one.threat
    return f"{threat.id} {''.join(threat.stride)} {threat.title}{mark(threat)}: {one.why}"


def told(one: Finding | Ruling | FlowRuling) -> str:
    """Say that a threat touches an element or was ruled out, with its marks and why."""
    return f"{one.threat.id} {one.threat.title}{mark(one.threat)}: {one.why}"


def reason_of(why: str) -> str:
    """Return the kind of a reason; of a threat that fails at each component otherwise, all kinds.

    Every threat is of one kind, so that counts by kind add up.
    """
    kinds = [kind for words, kind in REASONS.items() if words in why]
    return ", elsewhere ".join(kinds)


def ruled_out_lines(report: Report, most: int | None) -> list[str]:
    """Return how many threats are ruled out by each kind of reason, with the first few of each.

    Parameters
    ----------
    most : how many of each kind are named; None for all

    """
    groups: dict[str, list[str]] = {}
    for one in report.ruled_out:
        groups.setdefault(reason_of(one.why), []).append(f"    {told(one)}")
    whole = len(report.ruled_out)
    lines = [f"Ruled out: {count_of(whole, 'threat')}{_how_to_see(groups, most)}"]
    for reason, found in sorted(groups.items(), key=lambda group: -len(group[1])):
        such = ", such as" if most is not None and len(found) > most else ""
        lines += [f"  {len(found)} because {reason}{such}", *found[:most]]
    return lines


def _how_to_see(groups: Mapping[str, list[str]], most: int | None) -> str:
    cut = most is not None and any(len(found) > most for found in groups.values())
    return " (--all names each)" if cut else ""


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
