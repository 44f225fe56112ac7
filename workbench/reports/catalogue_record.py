"""The catalogue of threats as plain data and in words: asked, or against a release of ATLAS."""

from collections.abc import Sequence
from typing import Any

from workbench.files.exchange.atlas_relations import Gone, Retitled
from workbench.frameworks.requirement import Framework
from workbench.reports.threat_record import mark
from workbench.reports.words import count_of
from workbench.threats.threat import Threat

EDITORIAL = ("needs", "outside_needs", "travels_with", "communities", "loss_forms")


def asked_record(found: Sequence[Threat], wanted: dict[str, str]) -> dict[str, Any]:
    """Return what was asked and every field of the threats that answer, editorial ones named."""
    return {
        "asked": wanted,
        "editorial_fields": list(EDITORIAL),
        "threats": [
            {
                "id": one.id,
                "title": one.title,
                "description": one.description,
                "stride": list(one.stride),
                "stride_fit": one.stride_fit,
                "asset": one.asset,
                "stage": one.stage,
                "atlas": list(one.atlas),
                "atlas_2026_07": list(one.atlas_2026_07),
                "atlas_tactics": list(one.atlas_tactics),
                "owasp": list(one.owasp),
                "owasp_llm_2026": list(one.owasp_llm_2026),
                "nist_ai_100_2": list(one.nist_ai_100_2),
                "mitigations": {name: list(ids) for name, ids in one.mitigations.items()},
                "known_by": one.proof.words(),
                **{name: list(getattr(one, name)) for name in EDITORIAL},
            }
            for one in found
        ],
    }


def asked_text(found: Sequence[Threat], wanted: dict[str, str]) -> str:
    """Return the threats that answer, each with its asset, its stage and its ids elsewhere."""
    asked = ", ".join(f"{name} {value}" for name, value in wanted.items())
    lines = [f"{count_of(len(found), 'threat')} of the catalogue{f': {asked}' if asked else ''}"]
    for one in found:
        lines.append(f"{one.id} {''.join(one.stride)} {one.title}{mark(one)}")
        ids = ", ".join((*one.atlas, *one.owasp, *one.owasp_llm_2026, *one.nist_ai_100_2))
        place = f"{one.asset}, {one.stage}".replace("_", " ")
        lines.append(f"  {place}{f'; {ids}' if ids else ''}")
    return "\n".join(lines)


def release_record(
    release: Framework, away: Sequence[Gone], renamed: Sequence[Retitled]
) -> dict[str, Any]:
    """Return what became of the ids that the threats name, in a release of ATLAS."""
    return {
        "release": {"id": release.id, "edition": release.edition, "entries": len(list(release))},
        "replaced": [_gone(one) for one in away if one.replaced_by],
        "missing": [_gone(one) for one in away if not one.replaced_by],
        "retitled": [
            {"id": one.id, "before": one.before, "now": one.now, "threats": list(one.threats)}
            for one in renamed
        ],
    }


def _gone(one: Gone) -> dict[str, Any]:
    found = {"threat": one.threat, "field": one.field, "id": one.id}
    return found | {"replaced_by": list(one.replaced_by)}


def release_text(release: Framework, away: Sequence[Gone], renamed: Sequence[Retitled]) -> str:
    """Say which ids of the threats a release replaced, lacks, or calls otherwise."""
    replaced = [one for one in away if one.replaced_by]
    missing = [one for one in away if not one.replaced_by]
    lines = [f"{release.name}: {len(list(release))} entries"]
    for what, rows in (
        ("replaced", [f"  {one.words()} ({one.field})" for one in replaced]),
        (
            "missing, and nothing is known of what replaced them",
            [f"  {one.threat}: {one.id} ({one.field})" for one in missing],
        ),
        (
            "called otherwise",
            [
                f"  {one.id}: {one.before} is now {one.now} ({', '.join(one.threats)})"
                for one in renamed
            ],
        ),
    ):
        lines += [f"Ids that threats name, {what}: {len(rows) or 'none'}", *rows]
    return "\n".join(lines)
