"""Threats of a report and what is against them as a STIX 2.1 bundle.

An attack-pattern for each threat, a course-of-action for each control and each mitigation of ATLAS,
and a relationship 'mitigates' for each pair. Nothing of the system itself is written, since bundles
are made to be shared: neither its name nor its components.

Ids are UUIDs of version 5 in a namespace of our own, and times are given by the caller, so that the
same report makes the same bytes.
"""

import re
from collections.abc import Iterable
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from workbench.errors import require
from workbench.files.canonical import canonical_json
from workbench.files.json_printing import json_text
from workbench.frameworks.controls import Control
from workbench.frameworks.requirement import Framework
from workbench.threats.applying import Report
from workbench.threats.threat import LETTERS, Threat

OURS = uuid5(NAMESPACE_DNS, "stix.risk-workbench")  # the namespace of all ids
SOURCE = "risk-workbench"
ATLAS = "https://atlas.mitre.org"
_TIME = re.compile(r"\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d(\.\d{1,6})?Z")
_ROUTES = {"AML.TA": "tactics", "AML.T": "techniques", "AML.M": "mitigations", "AML.CS": "studies"}
FIRST = "2026-11-24T00:00:00Z"  # when the ids of our catalogues were given: never another time
Object = dict[str, Any]
Times = tuple[str, str]  # made, last changed


def stix_bundle(
    report: Report,
    atlas: Framework,
    controls: Iterable[Control] = (),
    *,
    created: str,
    modified: str = "",
) -> dict[str, Any]:
    """Return a bundle as plain data, its objects in order of their kind and of our ids.

    Parameters
    ----------
    atlas : the edition that the threats name, for the names of tactics and of mitigations
    controls : those of which the ones against any threat of the report are told
    created : when the objects were made: '2026-11-28T12:00:00Z'; one and the same for an id, so
        that `FIRST` is for those of the catalogues that ship
    modified : when they last changed; when they were made unless told

    Raises
    ------
    WorkbenchError
        for another form of time, and for a change before the making.

    """
    times = created, modified or created
    for time in times:
        require(
            _TIME.fullmatch(time) is not None,
            "a time in STIX is in UTC, by RFC 3339",
            got=time,
            fix="Write such as 2026-11-28T12:00:00Z.",
        )
    require(
        times[0].rstrip("Z") <= times[1].rstrip("Z"),
        "an object of STIX is made before it changes",
        got=times,
        fix="State a later time of change.",
    )
    threats = report.threats()
    patterns = {one.id: _pattern(one, atlas, times) for one in threats}
    actions, pairs = _against(threats, atlas, list(controls), times)
    objects = [
        *patterns.values(),
        *(actions[name] for name in sorted(actions)),
        *(
            _mitigates(actions[action]["id"], patterns[threat]["id"], times)
            for action, threat in sorted(pairs)
        ),
    ]
    name = canonical_json(objects).decode()
    return {"type": "bundle", "id": f"bundle--{uuid5(OURS, name)}", "objects": objects}


def stix_json(
    report: Report,
    atlas: Framework,
    controls: Iterable[Control] = (),
    *,
    created: str,
    modified: str = "",
) -> str:
    """Return the text of a bundle; the parameters are those of `stix_bundle`."""
    bundle = stix_bundle(report, atlas, controls, created=created, modified=modified)
    return json_text(bundle)


def _object(kind: str, key: str, times: Times, **fields: Any) -> Object:
    head = {
        "type": kind,
        "spec_version": "2.1",
        "id": f"{kind}--{uuid5(OURS, f'{kind} {key}')}",
        "created": times[0],
        "modified": times[1],
    }
    return head | {name: value for name, value in fields.items() if value}


def _reference(source: str, name: str) -> dict[str, str]:
    """Return where an id is explained, with an address where it is one of ATLAS."""
    found = {"source_name": source, "external_id": name}
    route = next((path for start, path in _ROUTES.items() if name.startswith(start)), None)
    if source == "mitre-atlas" and route:
        found["url"] = f"{ATLAS}/{route}/{name}"
    return found


def _pattern(threat: Threat, atlas: Framework, times: Times) -> Object:
    named = [
        _reference(SOURCE, threat.id),
        *(_reference("mitre-atlas", one) for one in threat.atlas),
        *(_reference("owasp", one) for one in threat.owasp),
        *(_reference("nist-ai-100-2", one) for one in threat.nist_ai_100_2),
    ]
    if threat.proof.type == "atlas_case_study":
        named.append(_reference("mitre-atlas", threat.proof.reference))
    phases = [
        {"kill_chain_name": "mitre-atlas", "phase_name": _slug(atlas.requirement(one).title)}
        for one in threat.atlas_tactics
        if one in atlas
    ]
    letters = ", ".join(LETTERS[one] for one in threat.stride)
    return _object(
        "attack-pattern",
        threat.id,
        times,
        name=threat.title,
        description=f"{threat.description} {letters}. {threat.proof.sentence()}",
        kill_chain_phases=phases,
        external_references=named,
    )


def _slug(title: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", title.lower()))


def _against(
    threats: Iterable[Threat], atlas: Framework, controls: list[Control], times: Times
) -> tuple[dict[str, Object], set[tuple[str, str]]]:
    """Return the courses of action by our id or that of ATLAS, and (action, threat) pairs."""
    actions: dict[str, Object] = {}
    pairs = set()
    for threat in threats:
        for control in controls:
            if threat.id in control.threats:
                actions.setdefault(control.id, _control(control, times))
                pairs.add((control.id, threat.id))
        for name in threat.mitigations.get("atlas_5_6", ()):
            title = atlas.requirement(name).title if name in atlas else name
            references = [_reference("mitre-atlas", name)]
            made = _object(
                "course-of-action", name, times, name=title, external_references=references
            )
            actions.setdefault(name, made)
            pairs.add((name, threat.id))
    return actions, pairs


def _control(control: Control, times: Times) -> Object:
    return _object(
        "course-of-action",
        control.id,
        times,
        name=control.title,
        description=f"{control.description} What it is worth is an assumption.",
        external_references=[_reference(SOURCE, control.id)],
    )


def _mitigates(action: str, pattern: str, times: Times) -> Object:
    return _object(
        "relationship",
        f"{action} mitigates {pattern}",
        times,
        relationship_type="mitigates",
        source_ref=action,
        target_ref=pattern,
    )
