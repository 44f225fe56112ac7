"""Layers for the ATLAS Navigator (layer format 4.5): techniques by number of threats, or by money.

A threat names several techniques, and counts at each of them; so does the money of its scenario.
The figures rank techniques and do not add up, which the layer says.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from workbench.errors import require
from workbench.files.json_printing import json_text
from workbench.threats.applying import Report
from workbench.threats.drafting import Drafts
from workbench.threats.threat import Threat

LAYER = "4.5"
NAVIGATOR = "5.3.2"
DOMAIN = "atlas-atlas"
COLOURS = ("#ffffff", "#b3261e")
EDITIONS = {"atlas_5_6": "5.6.0", "atlas_2026_07": "2026.07"}
_RANKS = "Figures rank techniques and do not add up: what names several counts at each."


def layer_of_threats(report: Report, *, edition: str = "atlas_5_6") -> dict[str, Any]:
    """Return a layer whose scores are how many threats of a report name each technique.

    Parameters
    ----------
    edition : `atlas_5_6` or `atlas_2026_07`, whose ids are written

    Raises
    ------
    WorkbenchError
        for another edition.

    """
    threats = report.threats()
    named = _named(threats, edition)
    name = f"{report.system.name}: threats by technique"
    text = f"How many of {len(threats)} threats that touch the system name a technique. {_RANKS}"
    scores = {technique: float(len(ones)) for technique, ones in named.items()}
    return _layer(name, text, named, scores, edition)


def layer_of_money(
    drafts: Drafts, means: Mapping[str, float], *, currency: str, edition: str = "atlas_5_6"
) -> dict[str, Any]:
    """Return a layer whose scores are the average annual loss of what names each technique.

    A technique has no score where a mean that it needs is not there or is not finite.

    Parameters
    ----------
    means : the average annual loss of each scenario, by id, currency / year
    currency : what the layer says that its figures are in
    edition : `atlas_5_6` or `atlas_2026_07`, whose ids are written

    Raises
    ------
    WorkbenchError
        for another edition.

    """
    threats = {one.threat.id: one.threat for draft in drafts.drafts for one in draft.findings}
    named = _named(threats.values(), edition)
    scores = {}
    for technique, ones in named.items():
        ids = {one.id for one in ones}
        costs = [
            means.get(draft.scenario.id, math.nan)
            for draft in drafts.drafts
            if ids & set(draft.threats)
        ]
        if math.isfinite(sum(costs)):
            scores[technique] = round(sum(costs), 2)
    name = f"{drafts.system.name}: money by technique"
    text = f"Average annual loss in {currency} of the scenarios that name a technique. {_RANKS}"
    return _layer(name, text, named, scores, edition)


def layer_json(layer: Mapping[str, Any]) -> str:
    """Return the text of a layer."""
    return json_text(dict(layer))


def _named(threats: Iterable[Threat], edition: str) -> dict[str, list[Threat]]:
    """Return the threats that name each technique, techniques in order of id."""
    require(
        edition in EDITIONS,
        "a layer is of an edition of ATLAS that the catalogue names",
        got=edition,
        fix=f"One of {', '.join(EDITIONS)}.",
    )
    found: dict[str, list[Threat]] = {}
    for threat in threats:
        for technique in threat.atlas if edition == "atlas_5_6" else threat.atlas_2026_07:
            found.setdefault(technique, []).append(threat)
    return dict(sorted(found.items()))


def _layer(
    name: str,
    text: str,
    named: Mapping[str, list[Threat]],
    scores: Mapping[str, float],
    edition: str,
) -> dict[str, Any]:
    parents = {technique[: len("AML.T0000")] for technique in named}
    rows = [
        _technique(technique, named.get(technique, []), scores.get(technique))
        for technique in sorted({*named, *parents})
    ]
    return {
        "name": name,
        "versions": {"layer": LAYER, "navigator": NAVIGATOR},
        "domain": DOMAIN,
        "description": text,
        "sorting": 3,  # the highest score first
        "techniques": rows,
        "gradient": {
            "colors": list(COLOURS),
            "minValue": 0,
            "maxValue": max((1.0, *scores.values())),
        },
        "metadata": [{"name": "atlas_data_version", "value": EDITIONS[edition]}],
    }


def _technique(technique: str, threats: list[Threat], score: float | None) -> dict[str, Any]:
    """Return one technique; a parent that nothing names is there to show what stands below it."""
    found: dict[str, Any] = {
        "techniqueID": technique,
        "enabled": True,
        "showSubtechniques": len(technique) == len("AML.T0000"),
    }
    if score is not None:
        found["score"] = score
    if threats:
        told = [f"{one.id} {one.title}. {one.proof.sentence()}" for one in threats]
        found["comment"] = "\n".join(told)
        ids = ", ".join(one.id for one in threats)
        found["metadata"] = [{"name": "threats", "value": ids}]
    return found
