"""The EU AI Act's data, and a YAML or JSON file of answers about one system."""

from functools import cache, partial
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from workbench.files.catalogues.checking import attempted, headed, headed_bytes, unknown
from workbench.files.catalogues.frameworks import shipped_frameworks
from workbench.files.forms.fields import Day, Id, Name, Note, Strict
from workbench.files.messages import Findings
from workbench.frameworks.ai_act import Act, Answers, Dated, Exclusion, Fine, Question, Route
from workbench.frameworks.requirement import Requirement
from workbench.resources import bundled

FRAMEWORK = "eu_ai_act_2024_1689"
Texts = list[Note]


class DateForm(Strict):
    """From when something applies."""

    id: Id
    date: Day
    scope: Note
    verified: Note
    source: Note = "Regulation (EU) 2024/1689"
    original: Day | None = None


class FineForm(Strict):
    """A ceiling."""

    id: Id
    breach: Note
    eur_cap: Annotated[int, Field(gt=0)]
    turnover_pct: Annotated[float, Field(gt=0, le=100)] | None
    rule: Note
    verified: Note


class RouteForm(Strict):
    """How conformity is assessed."""

    id: Id
    when: Note
    route: Note
    notified_body: Note


class DutyForm(Strict):
    """Whose articles these are."""

    role: Name
    articles: list[Id]
    note: str


class AreaForm(Strict):
    """An area of Annex III with its points."""

    id: Id
    title: Name
    points: dict[str, Note]


class QuestionForm(Strict):
    """What is open in the law, and from when on it is settled."""

    text: Note
    until: Day | None = None


class ExclusionForm(Strict):
    """What a paragraph takes out of the Act."""

    id: Id
    what: Note
    verified: Note


class ActForm(Strict):
    """The file."""

    oj: Note
    celex: Note
    eli: Note
    entry_into_force: Day
    consolidated_as_of: Day
    licence_note: Note
    not_legal_advice: Note
    amended_by: list[dict[str, Any]]
    risk_tiers: list[dict[str, Any]]
    tier_note: Note
    obligations_by_role: list[DutyForm]
    annex_iii_areas: list[AreaForm]
    annex_iii_note: Note
    application_dates: list[DateForm]
    scope_exclusions: list[ExclusionForm]
    open_questions: list[QuestionForm]
    fines: list[FineForm]
    fine_notes: Texts
    serious_incident_deadlines: list[dict[str, Any]]
    serious_incident_note: Note
    conformity_routes: list[RouteForm]
    notes: Texts
    reviewed: Day


def shipped_act() -> Act:
    """Return the Act that ships with the workbench, read once."""
    return _read_once(bundled("datasets") / "ai-act" / "act.json")


@cache
def _read_once(path: Path) -> Act:
    return read_act(path)


def read_act(path: str | Path) -> Act:
    """Read the Act's data; its titles come from the framework of the same edition.

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    form = headed(path, ActForm, Findings(str(path)))
    framework = shipped_frameworks()[FRAMEWORK]
    return Act(
        titles={one.id: one.title for one in framework},
        practices={one.id: one.title for one in framework if one.kind == "prohibition"},
        areas={
            area.id if point == "-" else f"{area.id}.{point}": text
            for area in form.annex_iii_areas
            for point, text in area.points.items()
        },
        duties={one.role: (tuple(one.articles), one.note) for one in form.obligations_by_role},
        dates={one.id: _date(one) for one in form.application_dates},
        fines={one.id: _fine(one) for one in form.fines},
        routes={
            one.id: Route(one.id, one.when, one.route, one.notified_body)
            for one in form.conformity_routes
        },
        chapters={one.id: _chapter(one) for one in framework},
        exclusions={
            one.id: Exclusion(one.id, one.what, one.verified) for one in form.scope_exclusions
        },
        open_questions=tuple(Question(one.text, one.until or "") for one in form.open_questions),
        notes=(form.tier_note, form.annex_iii_note, *form.fine_notes, *form.notes),
        as_of=form.consolidated_as_of,
        disclaimer=form.not_legal_advice,
    )


def _chapter(article: Requirement) -> str:
    """Return the chapter and section of an article: "III.5"; "" of what is none."""
    parts = article.facts.get("chapter"), article.facts.get("section")
    return ".".join(str(part) for part in parts if part)


def _date(form: DateForm) -> Dated:
    was = form.original or ""
    return Dated(form.id, form.date, form.scope, form.source, form.verified, was)


def _fine(form: FineForm) -> Fine:
    cap, percent = float(form.eur_cap), form.turnover_pct
    return Fine(form.id, form.breach, cap, percent, form.rule, form.verified)


class AnswersForm(Strict):
    """What somebody says of a system."""

    system: Name
    develops: bool = False
    uses: bool = False
    imports: bool = False
    distributes: bool = False
    puts_own_name: bool = False
    changed_purpose: bool = False
    taken_over: bool = False
    not_for_high_risk: bool = False
    third_party_parts: bool = False
    supplies_parts: bool = False
    in_union: bool = True
    established_in_union: bool = True
    exclusively_military: bool = False
    third_country_authority: bool = False
    research_only: bool = False
    before_market: bool = False
    personal_use: bool = False
    open_source: bool = False
    practices: list[Id] = Field(default_factory=list)
    annex_i: Literal["none", "A", "B"] = "none"
    third_party_assessment: bool = False
    annex_iii: list[Id] = Field(default_factory=list)
    fraud_detection_only: bool = False
    profiles_people: bool = False
    no_significant_risk: bool = False
    interacts_with_people: bool = False
    generates_content: bool = False
    recognises_emotion: bool = False
    makes_deepfakes: bool = False
    general_purpose: bool = False
    training_flop: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    designated_systemic: bool = False
    standards: Literal["full", "partly", "none"] = "none"
    substantially_modified: bool = False
    design_changed: bool = False
    on_market_since: Day | None = None
    annex_x: bool = False
    for_public_authorities: bool = False
    public_authority: bool = False
    union_body: bool = False
    public_services: bool = False
    small: bool = False
    small_mid_cap: bool = False
    turnover: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None


def read_answers(path: str | Path) -> Answers:
    """Read the answers about one system.

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    findings = Findings(str(path))
    return _answers(headed(path, AnswersForm, findings), findings)


def parse_answers(name: str, data: bytes) -> Answers:
    """Read answers from bytes that came by another way; `name` is the file's name."""
    findings = Findings(name)
    return _answers(headed_bytes(name, data, AnswersForm, findings), findings)


def _answers(form: AnswersForm, findings: Findings) -> Answers:
    act = shipped_act()
    for field, known in (("practices", act.practices), ("annex_iii", act.areas)):
        for one in getattr(form, field):
            if one not in known:
                findings.error("", field, partial(unknown, one, known))
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in form.model_dump(exclude_none=True).items()
    }
    answers = attempted(lambda: Answers(**given), "", findings)
    findings.refuse_if_any()
    assert answers is not None
    return answers
