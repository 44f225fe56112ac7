"""Edits of an AI system: one component restated, everything else as it was."""

from collections.abc import Iterable
from dataclasses import replace

from workbench.threats.system import AISystem


def with_component(
    system: AISystem,
    id: str,
    *,
    kind: str | None = None,
    exposure: str | None = None,
    controlled_by: str | None = None,
    facts: Iterable[str] | None = None,
) -> AISystem:
    """Return a system one of whose components is restated; what is None stays as it is.

    Parameters
    ----------
    controlled_by : who controls it; an empty text for the one who controls its zone
    facts : what is so of this component, beside what is so of the whole system

    Raises
    ------
    WorkbenchError
        for an unknown component, kind, exposure, controller or fact.

    """
    part = system.component(id)
    changed = replace(
        part,
        kind=part.kind if kind is None else kind,
        exposure=part.exposure if exposure is None else exposure,
        controlled_by=part.controlled_by if controlled_by is None else controlled_by,
        facts=part.facts if facts is None else tuple(dict.fromkeys(facts)),
    )
    parts = tuple(changed if one.id == id else one for one in system.components)
    return replace(system, components=parts)
