"""The AI Act on the readiness page: what each system is, from when on, and which dates come."""

from collections.abc import Sequence
from datetime import date

from workbench.frameworks.ai_act import TIERS, Act, Dated
from workbench.frameworks.ai_act_tiers import Classification
from workbench.frameworks.readiness import Readiness
from workbench.reports.readiness_values import DateLine, SystemLine
from workbench.reports.words import within

FRAMEWORK = "eu_ai_act_2024_1689"
NO_PRESUMPTION = (
    "ISO 42001 is no harmonised standard under Article 40: following it gives no presumption of "
    "conformity with the Act."
)


def day_words(day: str) -> str:
    """Write a day for people: '2 Dec 2027'."""
    found = date.fromisoformat(day)
    return f"{found.day} {found:%b %Y}"


def days_until(day: str, now: str) -> int:
    """Return how many days lie between two."""
    return (date.fromisoformat(day) - date.fromisoformat(now)).days


def base(article: str) -> str:
    """Return the article that a paragraph is of: '50(1)' is of 50, '5.1.ba' of 5."""
    return article.partition("(")[0].partition(".")[0]


def owed(found: Sequence[Classification]) -> list[str]:
    """Return the articles that any of the systems owes, in their order."""
    articles = {base(duty.article) for one in found for duty in one.obligations}
    return sorted(articles, key=lambda a: (int("".join(filter(str.isdigit, a)) or 0), a))


def open_articles(found: Sequence[Classification], readiness: Readiness) -> list[str]:
    """Return the articles that are owed and not met; 'in part' is not met."""
    met = set(readiness.met(FRAMEWORK))
    return [article for article in owed(found) if article not in met]


def system_lines(
    found: Sequence[Classification], act: Act, readiness: Readiness
) -> tuple[SystemLine, ...]:
    """Return a line for each system, the gravest tier first."""
    order = list(TIERS)
    ranked = sorted(found, key=lambda one: (order.index(one.tier), one.answers.system))
    return tuple(_system(one, act, readiness) for one in ranked)


def _system(one: Classification, act: Act, readiness: Readiness) -> SystemLine:
    articles = owed([one])
    met = set(readiness.met(FRAMEWORK))
    roles = " and ".join(one.roles)
    route = f" {one.route.route}, notified body: {one.route.notified_body}." if one.route else ""
    return SystemLine(
        one.answers.system,
        "; ".join(_ground(tier.articles, tier.why, act) for tier in one.tiers),
        tuple(TIERS[tier.id] for tier in one.tiers),
        _days(one),
        len(articles),
        sum(article in met for article in articles),
        f"As {roles}.{route}{_again(one)} {' '.join(one.doubts)}".strip(),
    )


def _again(one: Classification) -> str:
    """Say that a change asks for a new assessment."""
    return f" After the change: {one.reassessment.route}." if one.reassessment else ""


def _ground(articles: Sequence[str], why: str, act: Act) -> str:
    points = [one for one in articles if one in act.areas]
    if points:
        return "; ".join(f"Annex {_point(one)}, {act.areas[one]}" for one in points)
    return f"Art. {', '.join(articles)}: {why}"


def _point(point: str) -> str:
    """Write a point as people do: 'III.5.b' is 'III 5(b)'."""
    annex, _, rest = point.partition(".")
    number, _, letter = rest.partition(".")
    return f"{annex} {number}({letter})" if letter else f"{annex} {number}"


def _days(one: Classification) -> tuple[str, ...]:
    """Return the days on which the duties of its tiers begin, the first one first."""
    found: dict[tuple[str, str], list[str]] = {}
    for duty in one.obligations:
        if duty.tier != "every":
            later = f", after {duty.waits_for}" if duty.waits_for else ""
            sooner = f", or {duty.or_earlier}" if duty.or_earlier else ""
            found.setdefault((duty.date.day, f"{later}{sooner}"), []).append(duty.article)
    rows = []
    for (day, besides), articles in sorted(found.items()):
        few = f" ({', '.join(articles)})" if len(articles) <= 2 else ""
        rows.append(f"{day_words(day)}{few}{besides}")
    return tuple(rows) or ("none",)


def act_heading(lines: Sequence[SystemLine]) -> str:
    """Say what the systems are."""
    if not lines:
        return "No answers about AI systems are stated."
    parts = []
    for tier, verb in (
        ("Prohibited", ("is prohibited", "are prohibited")),
        ("High risk", ("is high risk", "are high risk")),
        ("Transparency", ("must say that it is AI", "must say that they are AI")),
        ("General purpose", ("is a general-purpose model", "are general-purpose models")),
        ("Systemic risk", ("carries systemic risk", "carry systemic risk")),
        ("Outside the Act", ("is outside the Act", "are outside the Act")),
    ):
        names = [line.name for line in lines if tier in line.tiers]
        if names:
            parts.append(f"{_named(names)} {verb[len(names) > 1]}")
    carry = "carries" if len(lines) == 1 else "carry"
    said = "; ".join(parts) or f"{_named([line.name for line in lines])} {carry} minimal risk"
    return f"{said[:1].upper()}{said[1:]}."


def _named(names: Sequence[str]) -> str:
    told = [f"the {within(name)}" for name in names]
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"


def date_lines(act: Act, found: Sequence[Classification], now: str) -> tuple[DateLine, ...]:
    """Return every day of the Act: those that have passed, the next one, and those to come.

    Those on which duties of the systems begin are `ours`; where there are no systems all are.
    """
    touched = {duty.date.id for one in found for duty in one.obligations}
    days = sorted(act.dates.values(), key=lambda one: (one.day, one.id))
    upcoming = next((one.day for one in days if one.day > now), "")
    return tuple(_date(one, now, upcoming, ours=not found or one.id in touched) for one in days)


def _date(one: Dated, now: str, upcoming: str, *, ours: bool) -> DateLine:
    state = "past" if one.day <= now else "next" if one.day == upcoming else "to come"
    left = days_until(one.day, now)
    lead = f"In {left} {'day' if left == 1 else 'days'}:" if state == "next" else ""
    return DateLine(
        one.id,
        one.day,
        day_words(one.day),
        state,
        one.scope,
        lead,
        f"was {day_words(one.was)}" if one.was else "",
        one.certainty.partition(":")[0].partition(",")[0],
        f"{one.source}; {one.certainty}",
        ours=ours,
    )
