"""Threats that touch a system, as draft scenarios of the FAIR tree: placeholders until elicited.

Nothing is known of a threat's rate or cost before somebody has been asked. A draft states wide
ranges so that its tree can be drawn and edited; each of them carries an assumption whose owner is
`TO_BE_ELICITED` and which says where the range comes from. Whatever shows a study counts them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from workbench.distributions import Distribution, Pert
from workbench.models.scenario import Assumption, Scenario
from workbench.models.study import Study
from workbench.models.tree import LossEvents, LossForms, SecondaryLoss
from workbench.threats.applying import Report
from workbench.threats.finding import Finding
from workbench.threats.reaching import Reach
from workbench.threats.system import AISystem
from workbench.threats.threat import LETTERS, Threat

TO_BE_ELICITED = "to be elicited"
PLACEHOLDER = "Placeholder"  # how the reason of a range begins that nobody has stated
UNIT = 1_000.0  # of the currency of the study
Range = tuple[float, float, float]  # low, most likely, high

# Placeholders, all of them editorial assumptions: wide on purpose, and no figure of a source.
ATTEMPTS: dict[str, Range] = {  # threat events / year, by who can reach the element, and how
    "open": (0.1, 2, 50),
    "inside a way": (0.05, 0.5, 12),
    "within": (0.02, 0.2, 3),
}
VULNERABLE: Range = (0.01, 0.2, 0.9)
SECONDARY: Range = (0.01, 0.1, 0.5)  # share of the loss events
COSTS: dict[str, Range] = {  # thousands of the currency / event
    "productivity": (1, 20, 500),
    "response": (2, 30, 600),
    "replacement": (1, 15, 400),
    "competitive_advantage": (1, 50, 2_000),
    "fines_and_judgments": (5, 100, 5_000),
    "reputation": (2, 50, 2_000),
}
NEAREST = {  # who comes nearest, in words
    "open": "people outside, who reach it directly",
    "inside a way": "people outside, who reach it through other components or the supply chain",
    "within": "accidents, insiders and suppliers",
}
AFTERWARDS = ("fines_and_judgments", "reputation")  # what others do in answer: secondary loss


@dataclass(frozen=True)
class Draft:
    """One draft scenario, and what it was made of."""

    scenario: Scenario
    findings: tuple[Finding, ...]  # every element that it stands for

    @property
    def threats(self) -> tuple[str, ...]:
        """The ids of the threats that were merged into it, the first one leading."""
        return tuple(dict.fromkeys(one.threat.id for one in self.findings))

    @property
    def elements(self) -> tuple[str, ...]:
        """The components that it stands for."""
        return tuple(dict.fromkeys(one.element for one in self.findings))

    def merge(self) -> str:
        """Say what was merged and why; nothing where one threat touches one component."""
        parts = []
        if len(self.elements) > 1:
            parts.append(f"one threat at {', '.join(self.elements)}")
        if len(self.threats) > 1:
            parts.append(f"{', '.join(self.threats)} do the same by the same technique")
        return "; ".join(parts)


@dataclass(frozen=True)
class Drafts:
    """The drafts of one system, in order of the leading threat's id."""

    system: AISystem
    drafts: tuple[Draft, ...]

    def study(self, *, currency: str = "USD", name: str = "") -> Study:
        """Return them as a study, whose assumption sheet says that all of it is to be elicited."""
        title = name or f"{self.system.name}: drafts, to be elicited"
        return Study(
            name=title, currency=currency, scenarios=tuple(one.scenario for one in self.drafts)
        )


def drafts_of(report: Report) -> Drafts:
    """Return a draft for each threat that touches a component, duplicates merged.

    Threats are duplicates where they are at the same asset and stage, with the same letters and
    needs, and share a technique of ATLAS and somebody who does it: they are then taken for the
    same loss event, however it is told.
    """
    groups: list[list[Finding]] = []
    for finding in sorted(report.components, key=lambda one: one.threat.id):
        same = (g for g in groups if _is_same(g[0].threat, finding.threat))
        group = next(same, None)
        if group is None:
            groups.append([finding])
        else:
            group.append(finding)
    drafts = tuple(_draft(report.system, tuple(group)) for group in groups)
    return Drafts(report.system, drafts)


def _is_same(one: Threat, other: Threat) -> bool:
    if one.id == other.id:
        return True
    alike = all(
        set(getattr(one, name)) == set(getattr(other, name))
        for name in ("stride", "needs", "outside_needs")
    )
    places = (one.asset, one.stage) == (other.asset, other.stage)
    shared = set(one.atlas) & set(other.atlas)
    return alike and places and bool(shared) and bool(set(one.communities) & set(other.communities))


def _draft(system: AISystem, findings: tuple[Finding, ...]) -> Draft:
    leading = findings[0].threat
    reach = _reach(system, findings)
    forms = tuple(dict.fromkeys(form for one in findings for form in one.threat.loss_forms))
    primary = [form for form in forms if form not in AFTERWARDS] or ["response"]
    secondary = [form for form in forms if form in AFTERWARDS]
    frequency = LossEvents(_pert(ATTEMPTS[reach]), _pert(VULNERABLE))
    after = SecondaryLoss(_pert(SECONDARY), _costs(secondary)) if secondary else None
    scenario = Scenario.fair(
        f"{system.id}.{leading.id}",
        leading.title,
        loss_event_frequency=frequency,
        loss_magnitude=_costs(primary),
        secondary=after,
        system=system.name,
        assumptions=tuple(_assumptions(findings, reach, primary, secondary)),
    )
    return Draft(scenario, findings)


def _reach(system: AISystem, findings: tuple[Finding, ...]) -> str:
    """Return how near the nearest of those who could do it comes: a key of `ATTEMPTS`."""
    outside = [f for f in findings if set(f.communities) & set(f.threat.outsiders())]
    if not outside:
        return "within"
    reach = Reach(system)
    is_open = any(reach.is_direct(one.threat, system.component(one.element)) for one in outside)
    return "open" if is_open else "inside a way"


def _pert(stated: Range) -> Distribution:
    return Pert(*stated)


def _costs(forms: Iterable[str]) -> LossForms:
    stated: dict[str, Any] = {form: Pert(*(UNIT * x for x in COSTS[form])) for form in forms}
    return LossForms(**stated)


def _assumptions(
    findings: tuple[Finding, ...], reach: str, primary: list[str], secondary: list[str]
) -> Iterable[Assumption]:
    """Say of every range where it comes from, and that nobody has stated it yet."""
    leading = findings[0].threat
    letters = ", ".join(LETTERS[one] for one in leading.stride)
    known = leading.proof.sentence()
    if leading.proof.type != "editorial":
        known += " That says that it can happen and not how often."
    where = "; ".join(f"{one.element}: {one.why}" for one in findings)
    yield _placeholder(
        "threat_event_frequency",
        f"{PLACEHOLDER} for {NEAREST[reach]}: {where}. {letters}. {known}",
        leading.id,
    )
    yield _placeholder(
        "vulnerability",
        f"{PLACEHOLDER}: whether an attempt succeeds depends on controls that nobody has stated.",
        leading.id,
    )
    dotted = [f"primary_loss.{form}" for form in primary]
    if secondary:
        dotted += ["secondary_loss.share", *(f"secondary_loss.{form}" for form in secondary)]
    for field in dotted:
        yield _placeholder(
            field, f"{PLACEHOLDER} of the same width for every threat of this form.", leading.id
        )


def _placeholder(field: str, reason: str, source: str) -> Assumption:
    return Assumption(
        field,
        owner=TO_BE_ELICITED,
        reason=reason,
        would_change="A range from a person who knows, or evidence.",
        source=source,
    )


def is_placeholder(assumption: Assumption) -> bool:
    """Whether nobody has stated a range: nobody owns it, or its reason is still a placeholder's."""
    return assumption.owner == TO_BE_ELICITED or assumption.reason.startswith(PLACEHOLDER)


def to_be_elicited(scenarios: Iterable[Scenario]) -> list[tuple[str, str]]:
    """Return the fields of scenarios that still hold a placeholder: (scenario, field)."""
    return [
        (scenario.id, assumption.field)
        for scenario in scenarios
        for assumption in scenario.assumptions
        if is_placeholder(assumption)
    ]
