"""From answers about a system to its tiers under the EU AI Act, duties, dates, route and fine caps.

Tiers are not exclusive: a high-risk system may owe Art. 50, too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from workbench.errors import require
from workbench.frameworks.ai_act import Act, Answers, Dated, Route
from workbench.models.scenario import is_day

TIERS = {  # gravest first -> what a tier is called
    "prohibited": "Prohibited",
    "high": "High risk",
    "transparency": "Transparency",
    "gpai": "General purpose",
    "gpai_systemic": "Systemic risk",
    "minimal": "Minimal",
}
SYSTEMIC_FLOP = 1e25  # of training compute, Art. 51(2)
TRANSPARENT = {  # what a system does -> role that owes Art. 50, and its paragraph
    "interacts_with_people": ("provider", "50(1)", "tell people that they interact with AI"),
    "generates_content": ("provider", "50(2)", "mark synthetic content"),
    "recognises_emotion": ("deployer", "50(3)", "tell people that they are exposed to it"),
    "makes_deepfakes": ("deployer", "50(4)", "disclose deepfakes and public-interest text"),
}
PROHIBITED_2026 = frozenset({"5.1.ba", "5.1.bb"})
FINES = {
    "prohibited": "99.3",
    "high": "99.4",
    "transparency": "99.4",
    "gpai": "101",
    "gpai_systemic": "101",
}


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier that a system is in, and what decides it."""

    id: str
    articles: tuple[str, ...]  # those that decide
    why: str


@dataclass(frozen=True, slots=True)
class Obligation:
    """A duty, whose it is, and from when on."""

    role: str
    article: str
    title: str
    tier: str
    date: Dated
    note: str = ""
    waits_for: str = ""  # what must happen beside the day before it applies

    def applies(self, day: str) -> bool:
        """Whether it applies on a day as things are."""
        return self.date.day <= day and not self.waits_for


@dataclass(frozen=True)
class Classification:
    """What the Act asks of a system on a day."""

    answers: Answers
    day: str
    tiers: tuple[Tier, ...]
    obligations: tuple[Obligation, ...]
    route: Route | None
    caps: Mapping[str, float]  # article of the fine -> EUR
    dates: tuple[tuple[Dated, bool], ...]  # every date of the Act, and whether it has come
    open_questions: tuple[str, ...] = ()
    doubts: tuple[str, ...] = field(default=())  # what about these answers needs advice

    @property
    def tier(self) -> str:
        """The gravest tier."""
        return self.tiers[0].id

    def cap(self) -> float:
        """Return the highest ceiling of a fine, EUR: a bound of a scenario's magnitude."""
        return max(self.caps.values(), default=0.0)


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
    obligations = tuple(_obligations(answers, act, tiers))
    caps = _caps(answers, act, {one.tier for one in obligations})
    dates = tuple((date, date.day <= day) for date in act.dates.values())
    doubts = tuple(_doubts(answers, act, tiers, caps))
    return Classification(
        answers,
        day,
        tiers,
        obligations,
        _route(answers, act, tiers),
        caps,
        dates,
        act.open_questions,
        doubts,
    )


def _caps(answers: Answers, act: Act, owing: set[str]) -> dict[str, float]:
    """Return the ceiling of each fine, EUR, by its article: of the tiers in which a duty is owed.

    Somebody who uses a chatbot owes nothing by Art. 50(1), and nobody is fined for what he does not
    owe.
    """
    articles = sorted({FINES[name] for name in owing if name in FINES})
    return {
        article: act.fines[article].most(answers.turnover, small=answers.small)
        for article in articles
    }


def _check(answers: Answers, act: Act) -> None:
    for what, given, known in (
        ("a prohibited practice", answers.practices, act.practices),
        ("a point of Annex III", answers.annex_iii, act.areas),
    ):
        unknown = [one for one in given if one not in known]
        require(not unknown, f"{what} is known", got=unknown, fix=f"One of {', '.join(known)}.")


def _tiers(answers: Answers, act: Act) -> Iterator[Tier]:
    """Yield the tiers, gravest first; minimal where there is no other."""
    if not answers.in_union:
        yield Tier("minimal", ("2",), "not placed on the Union's market, nor used there")
        return
    found = [*_prohibited(answers, act), *_high(answers, act), *_light(answers)]
    yield from found or [Tier("minimal", ("95",), "none of the tiers above; Art. 4 still applies")]


def _prohibited(answers: Answers, act: Act) -> Iterator[Tier]:
    if answers.practices:
        what = "; ".join(act.practices[one] for one in answers.practices)
        why = f"{what}: no control, consent or opt-out makes it lawful"
        yield Tier("prohibited", answers.practices, why)


def _high(answers: Answers, act: Act) -> Iterator[Tier]:
    if answers.annex_i != "none" and answers.third_party_assessment:
        law = f"a product of Annex I section {answers.annex_i} that a third party assesses"
        yield Tier("high", ("6(1)",), law)
    points = [one for one in answers.annex_iii if not _is_excepted(one, answers)]
    if points and not _is_derogated(answers):
        what = "; ".join(f"{one}: {act.areas[one]}" for one in points)
        yield Tier("high", ("6(2)", *points), what)


def _is_excepted(point: str, answers: Answers) -> bool:
    """Whether a point does not catch the system after all: fraud detection under III.5(b)."""
    return point == "III.5.b" and answers.fraud_detection_only


def _is_derogated(answers: Answers) -> bool:
    """Whether Art. 6(3) lets an Annex III system off: never where it profiles people."""
    return answers.no_significant_risk and not answers.profiles_people


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


def _obligations(answers: Answers, act: Act, tiers: tuple[Tier, ...]) -> Iterator[Obligation]:
    if not answers.in_union:
        return
    names = [tier.id for tier in tiers]
    for role in answers.roles():
        if role in ("provider", "deployer"):
            yield Obligation(role, "4", act.titles["4"], "every", act.dates["AD-02"])
    for tier in tiers:
        if tier.id == "prohibited":
            for practice in answers.practices:
                date = act.dates["AD-06" if practice in PROHIBITED_2026 else "AD-02"]
                title = f"Stop: {act.practices[practice]}"
                yield Obligation("everybody", practice, title, tier.id, date)
    if "high" in names:
        yield from _high_duties(answers, act, tiers)
    for name, (role, paragraph, what) in TRANSPARENT.items():
        if getattr(answers, name) and role in answers.roles():
            date = _transparency_date(name, answers, act)
            yield Obligation(role, paragraph, what, "transparency", date)
    yield from _gpai_duties(answers, act, names)


def _high_duties(answers: Answers, act: Act, tiers: tuple[Tier, ...]) -> Iterator[Obligation]:
    if _is_left_to_the_sector(answers, tiers):
        return
    ways = [tier for tier in tiers if tier.id == "high"]
    points = _points(tiers)
    date, waits_for = _high_date(answers, act, ways)
    for role in answers.roles():
        key = f"{role}, high-risk" if role in ("provider", "deployer") else role
        articles, note = act.duties[key]
        for article in articles:
            if not _is_owed(role, article, answers, points):
                continue
            told = note if article in note else ""
            yield Obligation(role, article, act.titles[article], "high", date, told, waits_for)


def _points(tiers: tuple[Tier, ...]) -> list[str]:
    """Return the points of Annex III that make a system high-risk."""
    return [one for tier in tiers if "6(2)" in tier.articles for one in tier.articles[1:]]


def _is_left_to_the_sector(answers: Answers, tiers: tuple[Tier, ...]) -> bool:
    """Whether it is high-risk by a product law of Annex I section B alone (Art. 2(2))."""
    return answers.annex_i == "B" and answers.third_party_assessment and not _points(tiers)


def _is_owed(role: str, article: str, answers: Answers, points: list[str]) -> bool:
    """Whether an article of a role reaches everybody in it, or else this one.

    Art. 22 is for providers outside the Union. A provider registers what Annex III lists
    (Art. 49(1), and by Art. 49(5) nationally for its point 2). What Annex III lists beside its
    point 2 is for a deployer to explain (Art. 86); Art. 49(3) is for deployers that are public
    authorities, and Art. 27 for these, for private bodies with public services, and for those who
    use systems of III.5(b) and III.5(c).
    """
    if article == "22":
        return not answers.established_in_union
    if article == "49" and role == "provider":
        return bool(points)
    if role != "deployer" or article not in ("27", "49", "86"):
        return True
    if all(point == "III.2" for point in points):
        return False
    named = {"III.5.b", "III.5.c"} & set(points)
    assesses = answers.public_services or bool(named)
    return article == "86" or answers.public_authority or (article == "27" and assesses)


def _high_date(answers: Answers, act: Act, ways: list[Tier]) -> tuple[Dated, str]:
    """Return from when the duties of high-risk systems apply, and what they wait for beside.

    The earliest day of the ways into the tier. A system that is on the market before it owes them
    once its design changes significantly; one for public authorities by 2030-08-02 anyway
    (Art. 111(2)).
    """
    annex_iii = any("6(2)" in tier.articles for tier in ways)
    first = act.dates["AD-08" if annex_iii else "AD-10"]
    is_legacy = bool(answers.on_market_since) and answers.on_market_since < first.day
    if not is_legacy or answers.substantially_modified or answers.design_changed:
        return first, ""
    if answers.public_authority:
        return act.dates["AD-11"], ""
    return first, "a significant change of its design (Art. 111(2))"


def _transparency_date(name: str, answers: Answers, act: Act) -> Dated:
    """Return from when a paragraph of Art. 50 applies: 50(2) has a grace for existing systems."""
    old = answers.on_market_since and answers.on_market_since < "2026-08-02"
    return act.dates["AD-06" if name == "generates_content" and old else "AD-05"]


def _gpai_duties(answers: Answers, act: Act, names: list[str]) -> Iterator[Obligation]:
    if "provider" not in answers.roles():
        return
    old = answers.on_market_since and answers.on_market_since < "2025-08-02"
    date = act.dates["AD-07" if old else "AD-03"]
    for name, key in (("gpai", "provider, GPAI"), ("gpai_systemic", "provider, GPAI systemic")):
        if name in names:
            for article in act.duties[key][0]:
                if article != "54" or not answers.established_in_union:  # representative
                    yield Obligation("provider", article, act.titles[article], name, date)


def _route(answers: Answers, act: Act, tiers: tuple[Tier, ...]) -> Route | None:
    """Return how conformity is assessed; None where it is not."""
    is_high = any(tier.id == "high" for tier in tiers)
    if not is_high or "provider" not in answers.roles():
        return None
    if answers.annex_i == "A" and answers.third_party_assessment:
        return act.routes["CR-04"]
    if _is_left_to_the_sector(answers, tiers):
        return act.routes["CR-05"]
    if any(point.startswith("III.1.") for point in _points(tiers)):
        return act.routes["CR-01" if answers.standards == "full" else "CR-02"]
    return act.routes["CR-03"]


def _doubts(
    answers: Answers, act: Act, tiers: tuple[Tier, ...], caps: Mapping[str, float]
) -> Iterator[str]:
    """Yield what about these answers a lawyer should look at."""
    is_high = any(tier.id == "high" for tier in tiers)
    if answers.no_significant_risk and answers.annex_iii:
        if answers.profiles_people:
            yield "Art. 6(3) is never open to a system that profiles people: it stays high-risk."
        else:
            yield (
                "Relying on Art. 6(3) is assessed and documented (6(4)) and registered (49(2)); "
                "from which day on is open."
            )
    if answers.fraud_detection_only and "III.5.b" in answers.annex_iii:
        yield "Fraud detection is excepted from III.5(b); scoring people with it is not."
    if answers.becomes_provider():
        yield "Own name, new purpose or substantial modification: a provider's duties (Art. 25)."
    if answers.recognises_emotion and not {"III.1.b", "III.1.c"} & set(answers.annex_iii):
        yield (
            "Emotion recognition stands in III.1(c), categorisation by sensitive traits in "
            "III.1(b): state the point if it is that."
        )
    if is_high and not _is_left_to_the_sector(answers, tiers):
        yield (
            "Arts 72 and 73 stand in a chapter that applies from 2026-08-02, the classification "
            "that they refer to applies later: treat them as practice until then."
        )
    if is_high and _is_left_to_the_sector(answers, tiers):
        yield "Annex I section B: only Arts 6(1), 57, 102 to 109 and 112 apply (Art. 2(2))."
    if any(act.fines[one].can_be_higher(answers.turnover, small=answers.small) for one in caps):
        yield "No turnover is stated: a fine can be higher than its fixed amount."
