"""What the EU AI Act asks of whom, and from which day on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workbench.frameworks.ai_act import Act, Answers, Dated, Tier

TRANSPARENT = {  # what a system does -> role that owes Art. 50, and its paragraph
    "interacts_with_people": ("provider", "50(1)", "tell people that they interact with AI"),
    "generates_content": ("provider", "50(2)", "mark synthetic content"),
    "recognises_emotion": ("deployer", "50(3)", "tell people that they are exposed to it"),
    "makes_deepfakes": ("deployer", "50(4)", "disclose deepfakes and public-interest text"),
}
PROHIBITED_2026 = frozenset({"5.1.ba", "5.1.bb"})
MOVED = frozenset({"III.1", "III.2", "III.3"})  # chapter and sections whose day was moved
TIER_DAYS = frozenset({"AD-08", "AD-10"})  # of Annex III, of Annex I
GRACE = {"50(2)": "2026-08-02", "gpai": "2025-08-02", "annex_x": "2027-08-02"}  # before: on market
CHANGE = "a significant change of its design (Art. 111(2))"
RECALLED = "what it asks is recalled: the paragraph was not opened"
OPEN_MODEL = "53(1)(c) and (d) alone, copyright policy and training summary (53(2))"


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
    or_earlier: str = ""  # from when on, and after what, it applies before its day
    chapter: Dated | None = None  # since when its chapter applies, where that is another day

    @property
    def was(self) -> str:
        """The day before an amendment; nothing where its own chapter's day was not moved."""
        return "" if self.chapter else self.date.was

    def applies(self, day: str) -> bool:
        """Whether it applies on a day as things are."""
        return self.date.day <= day and not self.waits_for

    def is_open(self, day: str) -> bool:
        """Whether its chapter applies on a day, and what makes a system high-risk not yet."""
        return self.chapter is not None and self.chapter.day <= day < self.date.day


@dataclass(frozen=True, slots=True)
class Start:
    """From when the duties of a high-risk system apply."""

    date: Dated
    waits_for: str = ""
    or_earlier: str = ""


def obligations_of(
    answers: Answers, act: Act, tiers: Sequence[Tier], roles: Sequence[str]
) -> Iterator[Obligation]:
    """Yield every duty of the roles that somebody has, tier by tier."""
    names = [tier.id for tier in tiers]
    if "outside" in names:
        return
    for role in roles:
        if role in ("provider", "deployer"):
            yield Obligation(role, "4", act.titles["4"], "every", act.dates["AD-02"])
    if "prohibited" in names:
        for practice in answers.practices:
            date = act.dates["AD-06" if practice in PROHIBITED_2026 else "AD-02"]
            title = f"Stop: {act.practices[practice]}"
            yield Obligation("everybody", practice, title, "prohibited", date)
    if "high" in names and not left_to_the_sector(answers, tiers):
        yield from _high(answers, act, tiers, roles)
    yield from _along_the_chain(answers, act, tiers, roles)
    if "provider" in roles and is_let_off(answers) and "high" not in names:
        yield from _let_off(act)
    yield from _transparent(answers, act, roles)
    if "provider" in roles:
        yield from _model(answers, act, names)


def points_of(tiers: Sequence[Tier]) -> list[str]:
    """Return the points of Annex III that make a system high-risk."""
    return [one for tier in tiers if "6(2)" in tier.articles for one in tier.articles[1:]]


def left_to_the_sector(answers: Answers, tiers: Sequence[Tier]) -> bool:
    """Whether it is high-risk by a product law of Annex I section B alone (Art. 2(2))."""
    return answers.annex_i == "B" and answers.third_party_assessment and not points_of(tiers)


def caught(answers: Answers) -> list[str]:
    """Return the points of Annex III that catch a system: no fraud detection under III.5(b)."""
    excepted = {"III.5.b"} if answers.fraud_detection_only else set()
    return [one for one in answers.annex_iii if one not in excepted]


def is_let_off(answers: Answers) -> bool:
    """Whether Art. 6(3) lets an Annex III system off: never where it profiles people."""
    return bool(caught(answers)) and answers.no_significant_risk and not answers.profiles_people


def start_of(answers: Answers, act: Act, tiers: Sequence[Tier]) -> Start:
    """Return from when the duties of a high-risk system apply, and what they wait for beside.

    The earliest day of the ways into the tier. A system that is on the market before it owes them
    once its design changes significantly; one for public authorities by 2030-08-02 in any case
    (Art. 111(2)); a part of a large-scale system of Annex X by 2030-12-31 (Art. 111(1)).
    """
    first = act.dates["AD-08" if points_of(tiers) else "AD-10"]
    if _is_old(answers, GRACE["annex_x"]) and answers.annex_x:
        return Start(act.dates["AD-12"])
    is_changed = answers.substantially_modified or answers.design_changed
    if is_changed or not _is_old(answers, first.day):
        return Start(first)
    if answers.is_public() or answers.for_public_authorities:
        return Start(act.dates["AD-11"], or_earlier=f"from {first.day} on after {CHANGE}")
    return Start(first, waits_for=CHANGE)


def _chapter(article: str, act: Act, start: Start) -> Dated | None:
    """Return since when the chapter of an article applies; None where it begins with the tier.

    Sections 1 to 3 of Chapter III were moved. Section 5 (conformity, registration) and Chapter IX
    were not, although what they ask is asked of systems that are high-risk by section 1. Of what
    was on the market before, Art. 111 speaks for the whole Act.
    """
    is_old = start.date.id not in TIER_DAYS or bool(start.waits_for)
    return None if is_old or act.chapters.get(article) in MOVED else act.dates["AD-05"]


def _is_old(answers: Answers, day: str) -> bool:
    """Whether it was on the market before a day."""
    return bool(answers.on_market_since) and answers.on_market_since < day


def _high(
    answers: Answers, act: Act, tiers: Sequence[Tier], roles: Sequence[str]
) -> Iterator[Obligation]:
    start = start_of(answers, act, tiers)
    points = points_of(tiers)
    for role in roles:
        key = f"{role}, high-risk" if role in ("provider", "deployer") else role
        articles, note = act.duties[key]
        told = {article: note for article in articles if f"Art. {article}" in note}
        if role == "provider" and answers.takes_over():
            articles, told["25"] = (*articles, "25"), act.duties["whoever becomes provider"][1]
        for article in articles:
            if _is_owed(role, article, answers, points):
                yield Obligation(
                    role, article, act.titles[article], "high", start.date, told.get(article, ""),
                    start.waits_for, start.or_earlier, _chapter(article, act, start),
                )  # fmt: skip


def _along_the_chain(
    answers: Answers, act: Act, tiers: Sequence[Tier], roles: Sequence[str]
) -> Iterator[Obligation]:
    """Yield what Art. 25 asks of former providers (2) and of those who supply parts (4).

    A former provider owes it for the system that became another's high-risk system, whatever tier
    his own is in; not where he said clearly that it is not to become one. A part under a free
    licence is let off, a model of general purpose is not.
    """
    is_high = any(tier.id == "high" for tier in tiers) and not left_to_the_sector(answers, tiers)
    start = start_of(answers, act, tiers) if is_high else Start(act.dates["AD-08"])
    chain = (
        (
            "former provider",
            "25(2)",
            "information, access and help for whoever became the provider",
            answers.taken_over and answers.develops and not answers.not_for_high_risk,
        ),
        (
            "provider",
            "25(4)",
            "a written agreement with who supplies parts of the system",
            is_high and answers.third_party_parts and "provider" in roles,
        ),
        (
            "supplier",
            "25(4)",
            "a written agreement with the provider: information, capabilities, access",
            is_high
            and answers.supplies_parts
            and not (answers.open_source and not answers.general_purpose),
        ),
    )
    for role, article, title, is_owed in chain:
        if is_owed:
            yield Obligation(
                role, article, title, "high", start.date, RECALLED, start.waits_for,
                start.or_earlier, _chapter("25", act, start),
            )  # fmt: skip


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
    return article == "86" or answers.is_public() or (article == "27" and assesses)


def _let_off(act: Act) -> Iterator[Obligation]:
    """Yield what a provider owes who relies on Art. 6(3)."""
    day = act.dates["AD-08"]
    document = "document why it brings no significant risk"
    yield Obligation("provider", "6(4)", document, "let off", day)
    register = "register the system that is let off"
    yield Obligation("provider", "49(2)", register, "let off", day, chapter=act.dates["AD-05"])


def _transparent(answers: Answers, act: Act, roles: Sequence[str]) -> Iterator[Obligation]:
    for name, (role, paragraph, what) in TRANSPARENT.items():
        if getattr(answers, name) and role in roles:
            date = _transparency_date(paragraph, answers, act)
            yield Obligation(role, paragraph, what, "transparency", date)


def _transparency_date(paragraph: str, answers: Answers, act: Act) -> Dated:
    """Return from when a paragraph of Art. 50 applies: 50(2) has a grace for existing systems."""
    if answers.annex_x and _is_old(answers, GRACE["annex_x"]):
        return act.dates["AD-12"]
    is_old = paragraph in GRACE and _is_old(answers, GRACE[paragraph])
    return act.dates["AD-06" if is_old else "AD-05"]


def _model(answers: Answers, act: Act, names: Sequence[str]) -> Iterator[Obligation]:
    """Yield what the provider of a general-purpose model owes.

    An open-source one owes neither documentation nor a representative (Arts 53(2), 54(6)); where it
    brings systemic risk it owes all.
    """
    date = act.dates["AD-07" if _is_old(answers, GRACE["gpai"]) else "AD-03"]
    for name, key in (("gpai", "provider, GPAI"), ("gpai_systemic", "provider, GPAI systemic")):
        if name not in names:
            continue
        is_freed = answers.open_source and name == "gpai"
        for article in act.duties[key][0]:
            if article == "54" and (answers.established_in_union or is_freed):
                continue
            mark = act.exclusions["53(2)"].certainty
            note = f"{OPEN_MODEL} [{mark}]" if article == "53" and is_freed else ""
            yield Obligation("provider", article, act.titles[article], name, date, note)
