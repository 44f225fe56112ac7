"""The EU AI Act as data, and the answers that somebody gives about a system.

Reference data for planning, not legal advice: every date and amount carries its certainty, and what
is open in the law is told as open.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from workbench.errors import require
from workbench.models.scenario import is_day

ROLES = ("provider", "deployer", "importer", "distributor")
TIERS = {  # gravest first -> what a tier is called
    "prohibited": "Prohibited",
    "high": "High risk",
    "transparency": "Transparency",
    "gpai": "General purpose",
    "gpai_systemic": "Systemic risk",
    "minimal": "Minimal",
    "outside": "Outside the Act",
}
Standards = Literal["full", "partly", "none"]


@dataclass(frozen=True, slots=True)
class Dated:
    """A day from which something applies, who says so, and how certain that is."""

    id: str
    day: str  # ISO 8601
    scope: str
    source: str
    certainty: str
    was: str = ""  # the day before an amendment


@dataclass(frozen=True, slots=True)
class Fine:
    """A ceiling of a fine, never an expected amount."""

    id: str  # the article
    breach: str
    cap: float  # EUR
    percent: float | None  # of worldwide turnover
    rule: str
    certainty: str

    def most(self, turnover: float | None, *, small: bool) -> float:
        """Return the ceiling in EUR: the higher of cap and percentage, or the lower for small ones.

        Art. 99(6) takes the lower one for SMEs and start-ups, 99(6a) for small mid-caps; it does
        not reach Art. 101. Without a turnover it is the cap.
        """
        if self.percent is None or turnover is None:
            return self.cap
        both = self.cap, turnover * self.percent / 100
        return min(both) if self._takes_the_lower(small=small) else max(both)

    def can_be_higher(self, turnover: float | None, *, small: bool) -> bool:
        """Whether the ceiling lies above the cap for some turnover, and none is stated."""
        return (
            turnover is None and self.percent is not None and not self._takes_the_lower(small=small)
        )

    def _takes_the_lower(self, *, small: bool) -> bool:
        return small and self.id.startswith("99")


@dataclass(frozen=True, slots=True)
class Route:
    """How conformity is assessed."""

    id: str
    when: str
    route: str
    notified_body: str


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier that a system is in, and what decides it."""

    id: str  # one of TIERS
    articles: tuple[str, ...]  # those that decide
    why: str
    certainty: str = ""  # of what decides, where the law's text was not read


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What a paragraph takes out of the Act, and how certain that is."""

    id: str  # the paragraph: "2(3)"
    what: str
    certainty: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is open in the law, and until when."""

    text: str
    until: str = ""  # ISO 8601: from this day on it is settled


@dataclass(frozen=True)
class Act:
    """What the Act says, as data: titles of articles, dates, fines, routes, duties by role."""

    titles: Mapping[str, str]  # article -> short title
    practices: Mapping[str, str]  # prohibited practice -> title
    areas: Mapping[str, str]  # point of Annex III (III.5.b) -> what it is
    duties: Mapping[str, tuple[tuple[str, ...], str]]  # role and tier -> articles, note
    dates: Mapping[str, Dated]
    fines: Mapping[str, Fine]
    routes: Mapping[str, Route]
    chapters: Mapping[str, str] = field(default_factory=dict)  # article -> chapter.section: "III.5"
    exclusions: Mapping[str, Exclusion] = field(default_factory=dict)  # by paragraph
    open_questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()
    as_of: str = ""
    disclaimer: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """What somebody says of a system.

    Raises
    ------
    WorkbenchError
        where nobody does anything with it, for a day that is none, or a negative turnover.

    """

    system: str
    develops: bool = False  # or has it developed, and places it on the market or in service
    uses: bool = False  # under its own authority
    imports: bool = False  # from outside the Union
    distributes: bool = False
    puts_own_name: bool = False  # on a high-risk system of somebody else: Art. 25(1)(a)
    changed_purpose: bool = False  # so that it became high-risk: Art. 25(1)(c)
    taken_over: bool = False  # by whom Art. 25(1) makes its provider: 25(2) for the former one
    not_for_high_risk: bool = False  # stated clearly by the former provider: 25(2)
    third_party_parts: bool = False  # it has tools, services or components of a third party: 25(4)
    supplies_parts: bool = False  # such ones, to the provider of the system: 25(4)
    in_union: bool = True  # placed on its market, put into service there, or its output used there
    established_in_union: bool = True  # the provider is
    exclusively_military: bool = False  # or for defence or national security: Art. 2(3)
    third_country_authority: bool = False  # that cooperates on law enforcement: Art. 2(4)
    research_only: bool = False  # scientific, and its sole purpose: Art. 2(6)
    before_market: bool = False  # researched, tested or developed, not under real conditions: 2(8)
    personal_use: bool = False  # by a natural person, not professionally: Art. 2(10)
    open_source: bool = False  # free licence; a model with weights, architecture and usage public
    practices: tuple[str, ...] = ()  # prohibited ones that it does
    annex_i: Literal["none", "A", "B"] = "none"  # the product law that it falls under
    third_party_assessment: bool = False  # that law asks for one: Art. 6(1)(b)
    annex_iii: tuple[str, ...] = ()  # points such as III.5.b
    fraud_detection_only: bool = False  # excepted from III.5(b)
    profiles_people: bool = False
    no_significant_risk: bool = False  # the provider relies on Art. 6(3)
    interacts_with_people: bool = False
    generates_content: bool = False
    recognises_emotion: bool = False  # or categorises by biometrics
    makes_deepfakes: bool = False  # or writes text of public interest
    general_purpose: bool = False  # it is a model of general purpose
    training_flop: float | None = None
    designated_systemic: bool = False
    standards: Standards = "none"  # harmonised ones that are applied; matters for Annex III.1
    substantially_modified: bool = False  # by whoever answers: Art. 25(1)(b)
    design_changed: bool = False  # significantly, by whomever, since it came on the market
    on_market_since: str = ""  # ISO 8601; "" if it is not yet
    annex_x: bool = False  # part of a large-scale IT system of the Union: Art. 111(1)
    for_public_authorities: bool = False  # meant to be used by them: Art. 111(2)
    public_authority: bool = False  # whoever answers is one
    union_body: bool = False  # an institution, body, office or agency of the Union: Art. 100
    public_services: bool = False  # a private body that provides them
    small: bool = False  # SME or start-up: Art. 99(6)
    small_mid_cap: bool = False  # Art. 99(6a)
    turnover: float | None = None  # worldwide, of the undertaking in the year before, EUR / year

    def __post_init__(self) -> None:
        """Check what is said."""
        require(
            bool(self.roles()) or self.supplies_parts,
            f"somebody develops, uses, imports, distributes {self.system} or supplies its parts",
            got="none of these",
            fix="Say which of them is true.",
        )
        require(
            self.on_market_since == "" or is_day(self.on_market_since),
            "on_market_since is a day, or left out",
            got=self.on_market_since,
            fix="Write year, month and day: 2026-11-24.",
        )
        for name in ("practices", "annex_iii"):
            given = getattr(self, name)
            twice = sorted({one for one in given if given.count(one) > 1})
            require(not twice, f"each of {name} stands once", got=twice, fix="Keep one of them.")
        require(
            not (self.before_market and self.on_market_since),
            "a system is on the market, or before it",
            got=f"before_market, and on_market_since {self.on_market_since}",
            fix="Leave one of them out.",
        )
        require(
            self.turnover is None or self.turnover >= 0,
            "a turnover is 0 or more",
            got=self.turnover,
            fix="Write it in EUR a year.",
        )

    def roles(self) -> tuple[str, ...]:
        """Return whose part somebody says to take: of several roles all."""
        has = self.develops, self.uses, self.imports, self.distributes
        return tuple(role for role, is_so in zip(ROLES, has, strict=True) if is_so)

    def takes_over(self) -> bool:
        """Whether somebody who did not develop it does what makes a provider by Art. 25(1).

        It makes one of a high-risk system alone.
        """
        changed = self.puts_own_name or self.changed_purpose or self.substantially_modified
        return not self.develops and changed

    def pays_the_lower(self) -> bool:
        """Whether the lower of amount and percentage is the ceiling (Art. 99(6), (6a))."""
        return self.small or self.small_mid_cap

    def is_public(self) -> bool:
        """Whether whoever answers is a public body, of a Member State or of the Union."""
        return self.public_authority or self.union_body
