"""What a readiness says, in sentences for a notebook: standings, applicability, profiles, plans."""

from collections.abc import Callable, Iterable, Sequence
from math import isfinite

from workbench.amounts import compact_money
from workbench.frameworks.ai_act import TIERS, Tier
from workbench.frameworks.ai_act_tiers import Classification
from workbench.frameworks.effects import Assumed
from workbench.frameworks.groups import heading, short_name
from workbench.frameworks.playbooks import SignOff
from workbench.frameworks.readiness import Applicability, Gap, Readiness
from workbench.frameworks.requirement import Frameworks
from workbench.plots.monthly import Month
from workbench.reports import words
from workbench.reports.ai_act_record import article_name
from workbench.reports.readiness_act import day_words

FAR = 2  # levels of maturity that a target lies above what is there, to be named


def standings_told(readiness: Readiness) -> str:
    """Say how far each framework is; 'in part' never counts as met."""
    names = readiness.frameworks
    return "\n".join(
        f"{short_name(names, one)}: {readiness.tally(one).sentence()}, "
        f"{readiness.tally(one).not_applicable} not applicable."
        for one in readiness.named()
    )


def applicability_told(rows: Sequence[Applicability], most: int = 6) -> str:
    """Say a statement of applicability: how many are in, those that are out with the reason."""
    out = [row for row in rows if not row.included]
    lines = [f"{len(rows)} controls, {len(rows) - len(out)} included, {len(out)} excluded."]
    lines += [f"Excluded: {row.requirement.words()}. {row.justification}." for row in out]
    lines += [_applied(row) for row in [row for row in rows if row.included][:most]]
    return "\n".join(lines)


def _applied(row: Applicability) -> str:
    proof = f" by {row.evidence}" if row.evidence else ""
    helped = f"; helped by {', '.join(row.controls)}" if row.controls else ""
    return f"{row.requirement.words()}: included, {row.status}{proof}{helped}."


def profile_told(readiness: Readiness, framework: str = "nist_ai_rmf_1_0") -> str:
    """Say the current and the target profile: how many are there by heading, and the farthest.

    Ranks of maturity are counted and never averaged.
    """
    whole = readiness.frameworks[framework]
    rows = readiness.profile(framework)
    stated = [(one, now, then) for one, now, then in rows if now is not None and then is not None]
    by_head: dict[str, list[bool]] = {}
    for one, now, then in stated:
        by_head.setdefault(heading(whole, one), []).append(now >= then)
    lines = [
        f"{whole.requirement(name).words()}: {sum(there)} of {len(there)} at their target."
        for name, there in by_head.items()
    ]
    far = sorted((now - then, one) for one, now, then in stated if then - now > FAR)
    named = ", ".join(f"{one} ({-gap} levels)" for gap, one in far[:MOST_FAR])
    rest = f" and {len(far) - MOST_FAR} more" if len(far) > MOST_FAR else ""
    return "\n".join([*lines, f"Farthest from the target: {named}{rest}."])


MOST_FAR = 5


def gaps_told(
    gaps: Sequence[Gap],
    frameworks: Frameworks,
    currency: str,
    most: int = 8,
    *,
    elsewhere: Callable[[str], str] = lambda _: "",
) -> str:
    """Say the gaps that touch most money, one a line; they share scenarios and do not add up.

    Parameters
    ----------
    elsewhere : at which systems a control is in place that is missing at others, in words

    """
    touching = [gap for gap in gaps if gap.money > 0]
    head = (
        f"{words.count_of(len(gaps), 'requirement')} not met; the missing controls of "
        f"{len(touching)} touch money. The amounts overlap and do not add up."
    )
    lines = [
        f"{_year(gap.money, currency)}: "
        f"{short_name(frameworks, gap.requirement.framework)} {gap.requirement.words()} "
        f"({gap.status}), missing {', '.join(_missing(one, elsewhere) for one in gap.controls)}"
        for gap in touching[:most]
    ]
    return "\n".join([head, *lines])


def _missing(control: str, elsewhere: Callable[[str], str]) -> str:
    told = elsewhere(control)
    return f"{control} ({told})" if told else control


def _year(money: float, currency: str) -> str:
    return f"{compact_money(money, currency)} a year" if isfinite(money) else "No average year"


def classes_told(found: Iterable[Classification]) -> str:
    """Say what each system is under the AI Act, and what that brings."""
    return "\n".join(_class(one) for one in found)


def _class(one: Classification) -> str:
    tiers = " and ".join(TIERS[tier.id].lower() for tier in one.tiers)
    why = "; ".join(f"{_decided(tier)}{tier.why}" for tier in one.tiers)
    now = sum(duty.applies(one.day) for duty in one.obligations)
    route = f" Conformity: {one.route.route}." if one.route else ""
    return (
        f"{one.answers.system} ({', '.join(one.roles)}): {tiers}. {why}. "
        f"{now} of {len(one.obligations)} duties apply on {day_words(one.day)}."
        f"{route}{_again(one)}{_fine(one)}"
    )


def _again(one: Classification) -> str:
    return f" After the change: {one.reassessment.route}." if one.reassessment else ""


def _fine(one: Classification) -> str:
    """Say the highest ceiling, and that it is none where a turnover is not stated."""
    if not one.caps:
        return ""
    amount = compact_money(one.cap(), "EUR")
    if one.can_be_higher:
        return (
            f" A fine is at most {amount} or a share of the turnover, whichever is higher; no "
            "turnover is stated, so that no amount bounds it."
        )
    return f" A fine is at most {amount}, a bound and no expectation."


def _decided(tier: Tier) -> str:
    """Name what puts a system into a tier; nothing where no article does."""
    return f"{', '.join(map(article_name, tier.articles))}: " if tier.articles else ""


def months_told(months: Sequence[Month], currency: str) -> str:
    """Say the average year at each step of the plan, with what its ranges leave open."""
    lines = []
    before = None
    for one in months:
        if before is None or one.controls != before:
            place = "Today" if one.month == 0 else f"End of month {one.month}"
            amounts = (compact_money(v, currency, 3) for v in (one.loss, one.low, one.high))
            middle, low, high = amounts
            lines.append(
                f"{place}: {one.controls} controls landed, {middle} a year ({low} to {high})."
            )
        before = one.controls
    return "\n".join([*lines, "Every figure after today is an assumption."])


def effects_told(assumed: Assumed) -> str:
    """Say what controls change in which scenario, and what is left out, marked as assumptions."""
    lines = [
        f"{one.scenario}: {one.factor.replace('_', ' ')} times {one.times:.2f} by {one.control} "
        f"[{one.basis}]"
        for one in assumed.changes
    ]
    lines += [
        f"{one.scenario}: {one.factor.replace('_', ' ')} by {one.control} is left out: "
        f"{one.why_not}"
        for one in assumed.left_out
    ]
    return "\n".join(lines) or "Nothing changes."


def sign_offs_told(rows: Iterable[SignOff]) -> str:
    """Say what the board decided, who, when, and on which terms."""
    lines = []
    for row in rows:
        terms = row.conditions or row.reason
        lines.append(
            f"{row.subject}: {row.decision} on {day_words(row.day)} by "
            f"{', '.join(row.members)}.{f' {terms}' if terms else ''}"
        )
    return "\n".join(lines) or "The board has decided nothing yet."
