"""Which engine computes the year of a study, and why."""

from workbench.engines import effort, tied_total
from workbench.engines.dependence import DependencePlan
from workbench.engines.plan import CompoundPlan, groups
from workbench.models.planning import dependence_of, marginal_plans
from workbench.models.study import Study


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
