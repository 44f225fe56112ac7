"""From drafts to scenarios: several systems as one study, placeholders that were answered."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from workbench.errors import require
from workbench.models.scenario import Assumption, Scenario
from workbench.models.study import Study
from workbench.threats.drafting import PLACEHOLDER, TO_BE_ELICITED, Drafts, is_placeholder


def joined(many: Iterable[Drafts], *, name: str, currency: str = "USD") -> Study:
    """Return the drafts of several systems as one study; their ids begin with that of the system.

    Raises
    ------
    WorkbenchError
        for a system that stands twice.

    """
    scenarios = tuple(one.scenario for drafts in many for one in drafts.drafts)
    return Study(name=name, currency=currency, scenarios=scenarios)


def elicited(
    scenario: Scenario,
    fields: Collection[str],
    *,
    owner: str,
    reason: str,
    would_change: str,
    source: str = "",
) -> Scenario:
    """Return a draft some of whose ranges a person has stated: who, why, and what would change it.

    The ranges themselves are restated by `dataclasses.replace` or in a `FairTree`; this says that
    they are no placeholders any more. Whatever is not named stays to be elicited.

    Raises
    ------
    WorkbenchError
        for a field that holds no placeholder, where nobody is named, and for the reason
        of a placeholder.

    """
    require(
        bool(owner.strip()) and owner != TO_BE_ELICITED,
        "who stated a range has a name or a role",
        got=owner,
        fix="Such as 'Head of fraud'.",
    )
    require(
        not reason.startswith(PLACEHOLDER),
        "a range that was stated has a reason of its own",
        got=reason,
        fix="Say what it rests on.",
    )
    waiting = [one.field for one in scenario.assumptions if is_placeholder(one)]
    for field in fields:
        require(
            field in waiting,
            f"a field of {scenario.id} is a placeholder before it is elicited",
            got=field,
            fix=f"One of {', '.join(waiting) or 'none: all of it is elicited'}.",
        )
    stated = tuple(
        Assumption(one.field, owner, reason, would_change, source) if one.field in fields else one
        for one in scenario.assumptions
    )
    return replace(scenario, assumptions=stated)
