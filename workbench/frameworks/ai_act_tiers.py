"""From answers about a system to its tiers under the EU AI Act, duties, dates, route and fine caps.

Tiers are not exclusive: a high-risk system may owe Art. 50, too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from workbench.errors import require
from workbench.frameworks.ai_act import Act, Answers, Dated, Route, Tier
from workbench.frameworks.ai_act_duties import (
    TRANSPARENT,
    Obligation,
    caught,
    is_let_off,
    left_to_the_sector,
    obligations_of,
    points_of,
)
from workbench.frameworks.ai_act_scope import NARROW, excluded, outside, roles_of
from workbench.models.scenario import is_day

SYSTEMIC_FLOP = 1e25  # of training compute, Art. 51(2)
FINES = {
    "prohibited": "99.3",
    "high": "99.4",
    "transparency": "99.4",
    "gpai": "101",
    "gpai_systemic": "101",
}
OF_THE_UNION = {"prohibited": "100.2"}  # what its bodies pay instead; for all else:
OTHERWISE = "100.3"
WRONG_INFORMATION = "99.5"  # to authorities and notified bodies, from those whom Art. 99 fines


@dataclass(frozen=True)
class Classification:
    """What the Act asks of a system on a day."""

    answers: Answers
    day: str
    tiers: tuple[Tier, ...]
    roles: tuple[str, ...]  # with a role that comes by Art. 25(1), and the supplier of 25(4)
    obligations: tuple[Obligation, ...]
    route: Route | None
    reassessment: Route | None  # after a substantial modification
    caps: Mapping[str, float]  # article of the fine -> EUR
    can_be_higher: tuple[str, ...]  # articles whose fine no cap bounds: no turnover is stated
    fined_from: Mapping[str, str]  # article of the fine -> ISO 8601, at the earliest
    fines_wait_for: Mapping[
        str, str
    ]  # article of the fine -> what must happen beside the day, or ""
    dates: tuple[tuple[Dated, bool], ...]  # every date of the Act, and whether it has come
    open_questions: tuple[str, ...] = ()
    doubts: tuple[str, ...] = field(default=())  # what about these answers needs advice

    @property
    def tier(self) -> str:
        """The gravest tier."""
        return self.tiers[0].id

    def cap(self) -> float:
        """Return the highest ceiling of a fine, EUR; no bound where `can_be_higher` names one."""
        return max(self.caps.values(), default=0.0)

    def bound(self) -> float:
        """Return what no fine is above, EUR: a bound of a scenario's magnitude.

        Raises
        ------
        WorkbenchError
            where no turnover is stated and a fine can be higher than its fixed amount.

        """
        require(
            not self.can_be_higher,
            "a turnover is stated, or every ceiling is an amount",
            got=f"none for {', '.join(self.can_be_higher)}",
            fix="State turnover, in EUR a year.",
        )
        return self.cap()


def classify(answers: Answers, act: Act, day: str) -> Classification:
    """Return roles, tiers, duties, dates, route and caps of a system on a day.

    Raises
    ------
    WorkbenchError
        for a practice or a point of Annex III that is unknown, or a day that is none.

    """
    require(is_day(day), "a day is asked about", got=day, fix="Such as 2026-11-24.")
    _check(answers, act)
    tiers = tuple(_tiers(answers, act))
    is_high = _is_high(answers, tiers)
    roles = roles_of(answers, is_high=is_high) or answers.roles()
    obligations = tuple(obligations_of(answers, act, tiers, roles))
    route, again = _routes(answers, act, tiers, roles)
    fines = _fines(answers, obligations)
    caps = {
        article: act.fines[article].most(answers.turnover, small=answers.pays_the_lower())
        for article in fines
    }
    open_caps = tuple(
        article
        for article in caps
        if act.fines[article].can_be_higher(answers.turnover, small=answers.pays_the_lower())
    )
    return Classification(
        answers,
        day,
        tiers,
        (*roles, "supplier") if answers.supplies_parts else roles,
        obligations,
        route,
        again,
        caps,
        open_caps,
        {article: _fined_from(article, owed, act) for article, owed in fines.items()},
        {article: _waits_for(owed) for article, owed in fines.items()},
        tuple((date, date.day <= day) for date in act.dates.values()),
        tuple(one.text for one in act.open_questions if not one.until or day < one.until),
        (*_doubts(answers, tiers, obligations, day), *_doubts_of_fines(answers, act, caps)),
    )


def _is_high(answers: Answers, tiers: Sequence[Tier]) -> bool:
    """Whether the duties of high-risk systems are owed: not where the sector's law has them."""
    return any(tier.id == "high" for tier in tiers) and not left_to_the_sector(answers, tiers)


def _fines(answers: Answers, obligations: Iterable[Obligation]) -> dict[str, list[Obligation]]:
    """Return the duties behind each fine, by its article: those that somebody owes.

    Somebody who uses a chatbot owes nothing by Art. 50(1), and nobody is fined for what he does not
    owe. Bodies of the Union are fined by Art. 100 (by the European Data Protection Supervisor).
    Who owes anything that Art. 99 fines can be asked about it: wrong answers are fined as well.
    """
    found: dict[str, list[Obligation]] = {}
    for one in obligations:
        if one.tier in FINES:
            usual = FINES[one.tier]
            article = OF_THE_UNION.get(one.tier, OTHERWISE) if answers.union_body else usual
            found.setdefault(article, []).append(one)
    asked = [one for article in ("99.3", "99.4") for one in found.get(article, ())]
    if asked:
        found[WRONG_INFORMATION] = asked
    return dict(sorted(found.items()))


def _fined_from(article: str, owed: Sequence[Obligation], act: Act) -> str:
    """Return from which day on a fine can follow, the earliest where every duty waits beside.

    Chapter XII applies from 2025-08-02, its Art. 101 from 2026-08-02 (Art. 113).
    """
    penalties = act.dates["AD-05" if article == "101" else "AD-03"].day
    sure = [one for one in owed if not one.waits_for]
    return min(max(one.date.day, penalties) for one in sure or owed)


def _waits_for(owed: Iterable[Obligation]) -> str:
    """Return what must happen beside the day before a fine can follow; "" where one needs no more.

    A fine waits only where every duty behind it does.
    """
    waits = [one.waits_for for one in owed]
    return " or ".join(dict.fromkeys(waits)) if all(waits) else ""


def _check(answers: Answers, act: Act) -> None:
    for what, given, known in (
        ("a prohibited practice", answers.practices, act.practices),
        ("a point of Annex III", answers.annex_iii, act.areas),
    ):
        unknown = [one for one in given if one not in known]
        require(not unknown, f"{what} is known", got=unknown, fix=f"One of {', '.join(known)}.")


def _tiers(answers: Answers, act: Act) -> Iterator[Tier]:
    """Yield the tiers, gravest first; minimal, or outside, where there is no other."""
    reason = excluded(answers, act)
    if reason is not None:
        yield reason
        return
    found = [*_prohibited(answers, act), *_high(answers, act), *_light(answers)]
    if found:
        yield from found
    elif answers.open_source:
        yield outside("2(12)", act)
    else:
        yield Tier("minimal", ("95",), "none of the tiers above; Art. 4 still applies")


def _prohibited(answers: Answers, act: Act) -> Iterator[Tier]:
    if answers.practices:
        what = "; ".join(act.practices[one] for one in answers.practices)
        why = f"{what}: no control, consent or opt-out makes it lawful"
        yield Tier("prohibited", answers.practices, why)


def _high(answers: Answers, act: Act) -> Iterator[Tier]:
    if answers.annex_i != "none" and answers.third_party_assessment:
        law = f"a product of Annex I section {answers.annex_i} that a third party assesses"
        yield Tier("high", ("6(1)",), law)
    points = caught(answers)
    if points and not is_let_off(answers):
        what = "; ".join(f"{one}: {act.areas[one]}" for one in points)
        yield Tier("high", ("6(2)", *points), what)


def _light(answers: Answers) -> Iterator[Tier]:
    said = [TRANSPARENT[name] for name in TRANSPARENT if getattr(answers, name)]
    if said:
        yield Tier(
            "transparency",
            tuple(paragraph for _, paragraph, _ in said),
            "; ".join(what for _, _, what in said),
        )
    if answers.general_purpose:
        flop = answers.training_flop
        systemic = answers.designated_systemic or (flop is not None and flop > SYSTEMIC_FLOP)
        if systemic:
            why = "designated, or trained with more than 1e25 FLOP"
            yield Tier("gpai_systemic", ("51", "52"), why)
        else:
            yield Tier("gpai", ("53",), "a model of general purpose")


def _routes(
    answers: Answers, act: Act, tiers: Sequence[Tier], roles: Sequence[str]
) -> tuple[Route | None, Route | None]:
    """Return how conformity is assessed, and whether anew; None where it is not.

    A substantial modification asks for a new assessment (Art. 43(4)); a significant change of the
    design is the same in substance (recital 177).
    """
    if not any(tier.id == "high" for tier in tiers) or "provider" not in roles:
        return None, None
    if left_to_the_sector(answers, tiers):
        return act.routes["CR-05"], None
    is_changed = answers.substantially_modified or answers.design_changed
    again = act.routes["CR-06"] if is_changed else None
    if answers.annex_i == "A" and answers.third_party_assessment:
        return act.routes["CR-04"], again
    if any(point.startswith("III.1.") for point in points_of(tiers)):
        return act.routes["CR-01" if answers.standards == "full" else "CR-02"], again
    return act.routes["CR-03"], again


def _doubts(
    answers: Answers, tiers: Sequence[Tier], obligations: Sequence[Obligation], day: str
) -> Iterator[str]:
    """Yield what about these answers a lawyer should look at."""
    if tiers[0].id == "outside":
        if answers.in_union:
            yield NARROW
        return
    yield from _doubts_of_tier(answers, tiers)
    yield from _without_effect(answers)
    yield from _doubts_of_role(answers, tiers)
    yield from _doubts_of_days(answers, obligations, day)


def _doubts_of_tier(answers: Answers, tiers: Sequence[Tier]) -> Iterator[str]:
    if answers.no_significant_risk and answers.annex_iii:
        if answers.profiles_people:
            yield "Art. 6(3) is never open to a system that profiles people: it stays high-risk."
        else:
            yield (
                "Relying on Art. 6(3) is assessed and documented (6(4)) and registered (49(2)); "
                "from which day on is open."
            )
    if answers.recognises_emotion and "5.1.f" not in answers.practices:
        yield (
            "Inferring emotions at work or in education is prohibited unless it is for medical or "
            "safety reasons (Art. 5(1)(f)): state practices: [5.1.f] if it is that."
        )
    if answers.fraud_detection_only and "III.5.b" in answers.annex_iii:
        yield "Fraud detection is excepted from III.5(b); scoring people with it is not."
    if answers.recognises_emotion and not {"III.1.b", "III.1.c"} & set(answers.annex_iii):
        yield (
            "Emotion recognition stands in III.1(c), categorisation by sensitive traits in "
            "III.1(b): state the point if it is that."
        )
    if any(tier.id == "high" for tier in tiers) and left_to_the_sector(answers, tiers):
        yield "Annex I section B: only Arts 6(1), 57, 102 to 109 and 112 apply (Art. 2(2))."
    if answers.open_source and any(tier.id == "gpai_systemic" for tier in tiers):
        yield "A model with systemic risk owes all of Arts 53 to 55, open source or not (53(2))."


def _without_effect(answers: Answers) -> Iterator[str]:
    """Yield which answers decide nothing because another one is missing."""
    is_large = answers.training_flop is not None and answers.training_flop > SYSTEMIC_FLOP
    if (answers.designated_systemic or is_large) and not answers.general_purpose:
        yield "Systemic risk is one of models of general purpose: say general_purpose if it is one."
    if answers.annex_i != "none" and not answers.third_party_assessment:
        yield (
            "A product of Annex I is high-risk where its law asks for an assessment by a third "
            "party (Art. 6(1)(b)): say third_party_assessment if it does."
        )
    if answers.third_party_assessment and answers.annex_i == "none":
        yield "An assessment by a third party counts for a product of Annex I: say annex_i."


def _doubts_of_role(answers: Answers, tiers: Sequence[Tier]) -> Iterator[str]:
    yield from _doubts_of_chain(answers, tiers)
    if not answers.takes_over():
        return
    if _is_high(answers, tiers):
        yield (
            "Own name, new purpose or substantial modification: a provider's duties (Art. 25(1)); "
            "whoever was the provider before cooperates and hands over what is needed (25(2))."
        )
    else:
        yield (
            "Art. 25(1) makes a provider of whoever names, changes or repurposes a high-risk "
            "system, and nothing said makes this one high-risk. Who has a system developed and "
            "offers it under his own name is its provider all the same (Art. 3(3)): say develops."
        )


def _doubts_of_chain(answers: Answers, tiers: Sequence[Tier]) -> Iterator[str]:
    if answers.taken_over and answers.develops:
        yield (
            "Of the system as it was taken over the former provider is no provider any more "
            "(Art. 25(2), recalled); what is told of a provider here is for what he goes on to "
            "provide himself."
        )
    if answers.taken_over and not answers.develops:
        yield "Only who was the provider owes Art. 25(2): say develops."
    if (answers.supplies_parts or answers.third_party_parts) and not _is_high(answers, tiers):
        yield "Art. 25(4) is for parts of high-risk systems: say what makes the system one."
    if answers.supplies_parts and answers.open_source and not answers.general_purpose:
        yield "Parts under a free licence are let off Art. 25(4), models of general purpose not."


def _doubts_of_days(answers: Answers, obligations: Sequence[Obligation], day: str) -> Iterator[str]:
    waiting = [one for one in obligations if one.is_open(day) and one.tier == "high"]
    if waiting:
        articles = sorted({one.article for one in waiting}, key=int)
        since = min(one.chapter.day for one in waiting if one.chapter)
        until = min(one.date.day for one in waiting)
        yield (
            f"{_named(articles)} in a chapter that applies from {since}, the classification that "
            f"it refers to applies from {until}: open; treat as practice until then."
        )
    is_old = any(one.waits_for or one.or_earlier for one in obligations)
    if is_old and any(one.tier == "transparency" for one in obligations):
        yield (
            "Art. 111(2) speaks of the whole Act: whether Art. 50 binds those who run such an old "
            "high-risk system before its design changes is open; it is told as binding."
        )
    if answers.annex_x and any(one.date.id == "AD-12" for one in obligations):
        yield (
            "Art. 111(1): until 2030-12-31 the requirements count when the law of the large-scale "
            "system is evaluated, replaced or amended."
        )


def _named(articles: Sequence[str]) -> str:
    if len(articles) == 1:
        return f"Art. {articles[0]} stands"
    return f"Arts {', '.join(articles[:-1])} and {articles[-1]} each stand"


def _doubts_of_fines(answers: Answers, act: Act, caps: Mapping[str, float]) -> Iterator[str]:
    fines = [act.fines[one] for one in caps]
    if any(one.can_be_higher(answers.turnover, small=answers.pays_the_lower()) for one in fines):
        yield "No turnover is stated: a fine can be higher than its fixed amount."
    is_by_99 = any(one.startswith("99") for one in caps)
    if is_by_99 and answers.small_mid_cap and not answers.small:
        yield (
            "That small mid-caps pay the lower ceiling (99(6a)) rests on one detailed source: "
            "confirm it in the Official Journal."
        )
    if caps and answers.public_authority and not answers.union_body:
        yield (
            "Each Member State says whether and how far public bodies are fined at all "
            "(Art. 99(8)): the ceilings are the most that it can be."
        )
    if caps and answers.union_body:
        yield "Bodies of the Union are fined by the European Data Protection Supervisor (Art. 100)."
    if any(caps[one.id] != one.cap for one in fines):
        yield (
            "The turnover is that of the undertaking in the year before; whether it is the whole "
            "group's is for advice: the group's gives the higher bound."
        )
    if 0.0 in caps.values():
        yield "By the letter of Art. 99(6) a turnover of 0 leaves a ceiling of 0: take advice."
