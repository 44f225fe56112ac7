"""Scenarios to the frozen plans that engines take."""

from workbench.distributions import Distribution, Empirical, Point, scaled
from workbench.distributions.derived import atoms_of
from workbench.engines.dependence import DependencePlan
from workbench.engines.plan import AnnualTerms, CompoundPlan, EventTerms, Secondary
from workbench.engines.sums import total
from workbench.errors import require
from workbench.models.scenario import Scenario
from workbench.models.study import Study, as_study
from workbench.models.tree import Terms

LEAST_VALUE = 1e-9  # currency: an asset worth less is worth nothing
MOST_ATOMS = 2000  # single values to which discrete parts of an event are added outright


def plan_of(scenario: Scenario, study: Study) -> CompoundPlan:
    """Return the plan that an engine is given for one scenario."""
    severity, scale, shared = scenario.primary(), scenario.asset_value, None
    if scenario.asset is not None:
        scale, shared = study.asset(scenario.asset).value, scenario.asset
    if scale is None:
        scale = Point(1.0)
    if isinstance(scale, Point):  # a known value belongs to the severity, and is shared with nobody
        worthless = scale.value < LEAST_VALUE
        severity = Point(0.0) if worthless else scaled(severity, scale.value)
        scale, shared = Point(1.0), None
    secondary = None
    if scenario.secondary is not None:
        secondary = Secondary(scenario.secondary.share, scenario.secondary.belief())
    terms = _event_terms(scenario.terms)
    if isinstance(scale, Point):
        severity, secondary = _folded(severity, secondary)
        if terms is not None and secondary is None:  # then they are the severity's own
            severity, terms = terms.of(severity), None
    annual = None
    if scenario.terms.per_year():
        annual = AnnualTerms(scenario.terms.annual_deductible, scenario.terms.annual_limit)
    return CompoundPlan(
        scenario.id,
        scenario.rate(),
        severity,
        scenario.count,
        scale=scale,
        shared=shared,
        secondary=secondary,
        terms=terms,
        annual=annual,
    )


def plans_of(study: Study) -> list[CompoundPlan]:
    """Plans of all scenarios, in order of id, of a study in which they are independent.

    Raises
    ------
    WorkbenchError
        for a study that states a dependence, which whoever asks here would ignore.

    """
    require(
        as_study(study).dependence is None,
        "this figure is computed for scenarios that are independent but for shared assets",
        got="a study with a dependence",
        fix="Not computed in this version with it: leave study.dependence out.",
    )
    return marginal_plans(study)


def marginal_plans(study: Study) -> list[CompoundPlan]:
    """Plans of all scenarios, each for itself, in order of id; see `dependence_of`."""
    return sorted((plan_of(s, study) for s in as_study(study).scenarios), key=lambda plan: plan.id)


def dependence_of(study: Study) -> DependencePlan | None:
    """Return what ties the plans of a study together; None where they are independent.

    Raises
    ------
    WorkbenchError
        where it contradicts itself or the frequencies of the scenarios.

    """
    if study.dependence is None:
        return None
    found = study.dependence.plan([scenario.id for scenario in study.scenarios])
    found.check(marginal_plans(study))
    return found if found.ids() else None


def _event_terms(terms: Terms) -> EventTerms | None:
    return EventTerms(terms.deductible, terms.limit, terms.share) if terms.per_event() else None


def _folded(
    severity: Distribution, secondary: Secondary | None
) -> tuple[Distribution, Secondary | None]:
    """Make a secondary loss part of the severity, where its share is known and that is exact."""
    if secondary is None or not isinstance(secondary.share, Point):
        return severity, secondary
    share = secondary.share.value
    if share == 0:
        return severity, None
    more = total((severity, secondary.amount))
    if share == 1:
        return more, None
    plain, both = atoms_of(severity), atoms_of(more)
    if plain is None or both is None or both[0].size > MOST_ATOMS:
        return severity, secondary
    values = [*plain[0].tolist(), *both[0].tolist()]
    weights = [*((1 - share) * plain[1]).tolist(), *(share * both[1]).tolist()]
    return Empirical(values, weights), None
