"""Which engine computes the year of a study, and why."""

from workbench.distributions import Distribution
from workbench.engines import effort, tied_total
from workbench.engines.dependence import DependencePlan
from workbench.engines.plan import CompoundPlan, groups
from workbench.errors import require
from workbench.models.planning import dependence_of, marginal_plans
from workbench.models.scenario import Scenario
from workbench.models.study import TOLD, Study


def is_reached(study: Study) -> bool:
    """Whether the exact engine computes the year of a study unasked."""
    return not why_not_exact(marginal_plans(study), dependence_of(study), waits=False)


def why_not_exact(
    plans: list[CompoundPlan], dependence: DependencePlan | None, *, waits: bool
) -> str:
    """Return why the exact engine does not compute a year, as the end of a sentence, else ""."""
    tied = "" if dependence is None else tied_total.why_not_exact(plans, dependence)
    why = tied or effort.why_rough(groups(plans))
    if why or waits:
        return why
    dear = effort.why_too_dear(groups(plans))
    return f'{dear}; engine="exact" waits for them' if dear else ""


def why_exact(dependence: DependencePlan | None, *, is_asked: bool) -> str:
    """Return why the exact engine computed a year, as a sentence."""
    if is_asked:
        return "Exact, as asked."
    if dependence is None:
        return "Exact: all scenarios can be convolved, so that no sampling error remains."
    if dependence.frequencies is None:
        return "Exact: common shocks are scenarios of their own, so that no sampling error remains."
    return (
        "Exact: scenarios are independent once their one common factor is known, and it is "
        "averaged out, so that no sampling error remains."
    )


def repairs(dependence: DependencePlan | None) -> str:
    """Return how far stated correlations were moved to be those of a copula, as sentences."""
    copulas = () if dependence is None else (dependence.frequencies, dependence.losses)
    told = [str(one.repair) for one in copulas if one is not None and one.repair is not None]
    return "".join(f" {text[:1].upper()}{text[1:]}." for text in told)


def check_rest(before: Study, after: Study, changed: set[str]) -> None:
    """Refuse an edit in which more differs than the scenarios that are said to be changed."""
    old, new = ({s.id: s for s in study.scenarios} for study in (before, after))
    unknown = sorted(changed - old.keys() - new.keys())
    require(
        not unknown,
        "an edit names scenarios of the study",
        got=unknown[:TOLD],
        fix=f"It has {', '.join(sorted(new)[:TOLD]) or 'none'}.",
    )
    others = {name for name in old.keys() & new.keys() if name not in changed}
    worths = [{a.id: a.value for a in study.assets} for study in (before, after)]
    more = [name for name in others if _differs(old[name], new[name], worths)]
    more += old.keys() ^ new.keys()
    require(
        not more and before.dependence == after.dependence,
        "an edit differs in the scenarios that it names, and in nothing else",
        got=sorted(more) or "another dependence",
        fix="Name them as well, or simulate the edited study where scenarios come or go.",
    )


def _differs(before: Scenario, after: Scenario, worths: list[dict[str, Distribution]]) -> bool:
    asset = before.asset
    is_same = before is after or before == after
    return not is_same or (asset is not None and worths[0][asset] != worths[1][asset])
