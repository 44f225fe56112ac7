"""A folder that states a readiness: the table, the statement beside it, answers about systems.

study.readiness/    beside study.yaml, or datasets/readiness for the shipped example
  lender.csv        one readiness table, of any name
  statement.yaml    the day, controls in place, threats of each scenario, sign-offs
  answers/*.yaml    one file of AI Act answers for each system
"""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from pydantic import Field

from workbench.errors import require
from workbench.files.catalogues.ai_act import read_answers
from workbench.files.catalogues.checking import attempted, headed, headed_bytes, unknown
from workbench.files.catalogues.controls import shipped_controls
from workbench.files.catalogues.plans import shipped_roadmap
from workbench.files.catalogues.readiness import read_readiness
from workbench.files.catalogues.threats import shipped_threats
from workbench.files.catalogues.ties import TIES, read_ties
from workbench.files.forms.fields import Day, Id, Name, Note, Strict
from workbench.files.messages import Findings
from workbench.files.sources import readiness_folder, systems_folder
from workbench.frameworks.ai_act import Answers
from workbench.frameworks.playbooks import SignOff
from workbench.frameworks.readiness import Readiness
from workbench.frameworks.statement import Stated, Statement, Tie

STATEMENT = "statement.yaml"


class StatedForm(Strict):
    """A control and why."""

    control: Id
    why: Note


class TieForm(Strict):
    """The threats of a scenario."""

    scenario: Id
    threats: list[Id]
    why: Note


class OwnerForm(Strict):
    """Who leads a task of the roadmap."""

    task: Id
    owner: Name


class SignOffForm(Strict):
    """A decision of the board."""

    subject: Name
    decision: Name
    members: list[Name]
    day: Day
    conditions: Note = ""
    reason: Note = ""


class StatementForm(Strict):
    """The file."""

    day: Day
    organisation: Name
    in_place: list[StatedForm] = Field(default_factory=list)
    not_counted: list[StatedForm] = Field(default_factory=list)
    scenarios: list[TieForm] = Field(default_factory=list)
    owners: list[OwnerForm] = Field(default_factory=list)
    sign_offs: list[SignOffForm] = Field(default_factory=list)


@dataclass(frozen=True)
class ReadinessFolder:
    """All that a folder states."""

    readiness: Readiness
    statement: Statement
    answers: tuple[Answers, ...]  # in order of their files' names


def readiness_of(study: str | Path) -> ReadinessFolder | None:
    """Return what is stated beside a study; None where its folder is not there.

    What the threat model beside the same study says of scenarios and controls is joined to it.

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    folder = readiness_folder(study)
    if not folder.is_dir():
        return None
    found = read_folder(folder)
    ties = read_ties(systems_folder(study) / TIES)
    return replace(found, statement=found.statement.joined(ties.values()))


def stated_beside(study: str | Path) -> Statement:
    """Return the statement that stands beside a study.

    Raises
    ------
    FileRefused
        a WorkbenchError, for a faulty folder; a WorkbenchError also where there is none.

    """
    found = readiness_of(study)
    name = readiness_folder(study).name
    fix = f"Write {name}/{STATEMENT} and a readiness table beside it."
    require(found is not None, "a readiness stands beside the study", got=f"no {name}", fix=fix)
    assert found is not None
    return found.statement


def read_folder(folder: str | Path) -> ReadinessFolder:
    """Read the table, the statement and the answers of a folder.

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    place = Path(folder)
    tables = sorted(path for kind in ("*.csv", "*.xlsx") for path in place.glob(kind))
    require(
        len(tables) == 1,
        f"the folder {place.name} holds one readiness table, .csv or .xlsx",
        got=[path.name for path in tables],
        fix="Keep one, or write one with `workbench blank-readiness`.",
    )
    answers = tuple(read_answers(path) for path in sorted((place / "answers").glob("*.yaml")))
    statement = read_statement(place / STATEMENT)
    return ReadinessFolder(read_readiness(tables[0]).readiness, statement, answers)


def read_statement(path: str | Path) -> Statement:
    """Read a statement.

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    findings = Findings(str(path))
    return _checked(headed(path, StatementForm, findings), findings)


def parse_statement(name: str, data: bytes) -> Statement:
    """Read a statement from bytes that came by another way; `name` is the file's name."""
    findings = Findings(name)
    return _checked(headed_bytes(name, data, StatementForm, findings), findings)


def _checked(form: StatementForm, findings: Findings) -> Statement:
    _report_strangers(form, findings)
    found = attempted(lambda: _statement(form), "", findings)
    findings.refuse_if_any()
    assert found is not None
    return found


def _report_strangers(form: StatementForm, findings: Findings) -> None:
    """Report each control, threat and task that is in no catalogue of ours."""
    controls = sorted(one.id for one in shipped_controls())
    threats = sorted(one.id for one in shipped_threats())
    tasks = sorted(one.id for one in shipped_roadmap().tasks)
    named = [
        *(("in_place", n, "control", one.control) for n, one in enumerate(form.in_place, 1)),
        *(("not_counted", n, "control", one.control) for n, one in enumerate(form.not_counted, 1)),
        *(
            ("scenarios", n, "threats", t)
            for n, one in enumerate(form.scenarios, 1)
            for t in one.threats
        ),
        *(("owners", n, "task", one.task) for n, one in enumerate(form.owners, 1)),
    ]
    known = {"control": controls, "threats": threats, "task": tasks}
    for section, number, field, name in named:
        if name not in known[field]:
            what = partial(unknown, name, known[field])
            findings.error(f"{section} row {number}", field, what)


def _statement(form: StatementForm) -> Statement:
    return Statement(
        form.day,
        form.organisation,
        tuple(Stated(one.control, one.why) for one in form.in_place),
        tuple(Stated(one.control, one.why) for one in form.not_counted),
        tuple(Tie(one.scenario, tuple(one.threats), one.why) for one in form.scenarios),
        tuple(sign_off_of(one) for one in form.sign_offs),
        tuple((one.task, one.owner) for one in form.owners),
    )


def sign_off_of(form: SignOffForm) -> SignOff:
    """Return a row of a file as a sign-off."""
    decided = (form.subject, form.decision, tuple(form.members), form.day)
    return SignOff(*decided, form.conditions, form.reason)
