"""A system and what touches it as an Open Threat Model 0.2.0, which `otm` reads back equal.

The format wants a number for the impact of a threat and for what a mitigation reduces. Nothing was
elicited where a catalogue is asked, so that both are written as the careful end of their scale, and
the comment beside them says so.
"""

from collections.abc import Collection, Iterable
from typing import Any

from workbench.errors import require
from workbench.files.exchange.otm import OURS, parse_otm
from workbench.files.json_printing import json_text
from workbench.frameworks.controls import Control
from workbench.threats.applying import Report
from workbench.threats.finding import Finding
from workbench.threats.system import AISystem, Boundary, Component
from workbench.threats.threat import LETTERS, STAGES, Threat

VERSION = "0.2.0"
NOT_ELICITED = "Not elicited: the format wants a number, and this is the highest of its scale."


def otm_of_system(system: AISystem) -> dict[str, Any]:
    """Return a system as plain data in the shape of the format, without threats."""
    return otm_of_report(Report(system, (), (), ()))


def otm_json(
    report: Report, controls: Iterable[Control] = (), in_place: Collection[str] = ()
) -> str:
    """Return the text of an Open Threat Model; the parameters are those of `otm_of_report`.

    Raises
    ------
    WorkbenchError
        for a system that would not read back equal, such as one with a trust above 100.

    """
    text = json_text(otm_of_report(report, controls, in_place))
    back = parse_otm("system.json", text.encode("utf-8", "replace")).system
    require(back == report.system, "a system reads back equal", got=back.id, fix="Report this.")
    return text


def otm_of_report(
    report: Report, controls: Iterable[Control] = (), in_place: Collection[str] = ()
) -> dict[str, Any]:
    """Return a system with its threats and mitigations as plain data in the shape of the format.

    Parameters
    ----------
    controls : those that are told as mitigations of the threats that they are against
    in_place : the ids of those that are there already

    """
    system = report.system
    threats = {one.threat.id: one.threat for one in (*report.components, *report.flows)}
    told = [one for one in controls if set(one.threats) & set(threats)]
    head: dict[str, Any] = {"id": system.id, "name": system.name}
    ours = _stated(facts=list(system.facts))
    if system.stages != STAGES:
        ours["stages"] = list(system.stages)
    return {
        "otmVersion": VERSION,
        "project": head | _ours(ours),
        "trustZones": [_zone(one) for one in system.boundaries],
        "components": [
            _component(one) | _touched(report.of(one.id), told, in_place)
            for one in system.components
        ],
        "dataflows": [
            {"id": one.id, "name": one.carries, "source": one.source, "destination": one.target}
            | _ours(_stated(contents=list(one.contents)))
            | _touched(report.of(one.id), told, in_place)
            for one in system.flows
        ],
        "threats": [_threat(threats[name], report) for name in sorted(threats)],
        "mitigations": [_mitigation(one) for one in told],
    }


def _stated(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


def _ours(fields: dict[str, Any]) -> dict[str, Any]:
    return {"attributes": {OURS: fields}} if fields else {}


def _zone(one: Boundary) -> dict[str, Any]:
    head = {"id": one.id, "name": one.name, "risk": {"trustRating": one.trust}}
    return head | _ours({"controlled_by": one.controlled_by})


def _component(one: Component) -> dict[str, Any]:
    ours = _stated(
        kind=one.kind,
        exposure="" if one.exposure == "none" else one.exposure,
        controlled_by=one.controlled_by,
        facts=list(one.facts),
        value=one.value,
    )
    kind = one.kind.lower().replace(" ", "-")
    parent = {"trustZone": one.boundary}
    return {"id": one.id, "name": one.name, "type": kind, "parent": parent} | _ours(ours)


def _touched(
    findings: Iterable[Finding], told: list[Control], in_place: Collection[str]
) -> dict[str, Any]:
    """Return the threats of one element, each with the mitigations that are against it."""
    found = []
    for one in findings:
        against = [control for control in told if one.threat.id in control.threats]
        is_met = any(control.id in in_place for control in against)
        found.append(
            {
                "threat": one.threat.id,
                "state": "partly-mitigated" if is_met else "exposed",
                "mitigations": [
                    {
                        "mitigation": control.id,
                        "state": "implemented" if control.id in in_place else "recommended",
                    }
                    for control in against
                ],
            }
        )
    return {"threats": found} if found else {}


def _threat(threat: Threat, report: Report) -> dict[str, Any]:
    where = [f for f in (*report.components, *report.flows) if f.threat.id == threat.id]
    ours = _stated(
        known_by=threat.proof.words(),
        atlas=list(threat.atlas),
        owasp=list(threat.owasp),
        nist_ai_100_2=list(threat.nist_ai_100_2),
        why={one.element: one.why for one in where},
    )
    return {
        "id": threat.id,
        "name": threat.title,
        "description": f"{threat.description} {threat.proof.sentence()}",
        "categories": [LETTERS[one] for one in threat.stride],
        "risk": {
            "likelihood": None,
            "likelihoodComment": "Not elicited.",
            "impact": 100,
            "impactComment": NOT_ELICITED,
        },
    } | _ours(ours)


def _mitigation(control: Control) -> dict[str, Any]:
    effects = [
        f"{one.factor} less by {one.low:g} to {one.high:g} ({one.basis})" for one in control.effects
    ]
    return {
        "id": control.id,
        "name": control.title,
        "description": f"{control.description} Its worth is an assumption and not counted here.",
        "riskReduction": 0,
    } | _ours({"effects": effects})
