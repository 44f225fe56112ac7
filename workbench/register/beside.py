"""What stands beside a registered study, as the files that pages look for.

study.systems/*.yaml            systems, STUDY/SYSTEM
study.systems/ties.yaml         links and safeguards, STUDY/SYSTEM/ITS-OWN-ID
study.readiness/readiness.csv   assessments, STUDY/FRAMEWORK/ID
study.readiness/statement.yaml  the statement, STUDY/statement, and sign-offs, STUDY/...
study.readiness/answers/*.yaml  answers about a system, STUDY/SYSTEM

What says how ready an organisation is may stand under no study: it then counts for every study that
has none of its kind.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from workbench.files.catalogues.frameworks import shipped_frameworks
from workbench.files.catalogues.readiness import readiness_csv
from workbench.files.catalogues.statements import STATEMENT as STATEMENT_FILE
from workbench.files.catalogues.ties import TIES
from workbench.files.json_printing import json_text
from workbench.files.sources import readiness_folder, systems_folder
from workbench.frameworks.readiness import Readiness
from workbench.frameworks.statement import Statement
from workbench.register.history import bodies_at, entry_time
from workbench.register.kinds import KINDS
from workbench.register.naming import IN_A_STUDY
from workbench.register.register import Register

TABLE = "readiness.csv"


@dataclass(frozen=True)
class Alone:
    """How what may stand under no study is found: by the id that it has by itself."""

    own_id: Callable[[Any], str]  # of its plain data
    begins: Callable[[], Sequence[str]]  # ids of its kind, in order; those of studies are not read


def _frameworks() -> list[str]:
    return sorted(f"{one}{IN_A_STUDY}" for one in shipped_frameworks())


ALONE = {
    "assessment": Alone(lambda tree: f"{tree['framework']}{IN_A_STUDY}{tree['id']}", _frameworks),
    "statement": Alone(lambda _: "statement", lambda: ["statement"]),
    "answers": Alone(lambda tree: str(tree["system"]), lambda: [""]),
}
Files = Iterator[tuple[Path, str]]


def ties_file(register: Register, study: str, path: Path) -> Files:
    """Yield the file of what ties systems to a study, none where nothing does."""
    systems: dict[str, dict[str, Any]] = {}

    def of(place: str, own: str) -> dict[str, Any]:
        name = place.removesuffix(f"{IN_A_STUDY}{own}")
        return systems.setdefault(name, {"system": name, "scenarios": [], "controls": []})

    for place, tie in values(register, "link", study):
        row = {"id": tie.scenario, "threats": list(tie.threats), "why": tie.why}
        of(place, tie.scenario)["scenarios"].append(_told(row))
    for place, one in values(register, "safeguard", study):
        row = {"id": one.control, "status": one.status, "why": one.why}
        of(place, one.control)["controls"].append(_told(row))
    if systems:
        yield systems_folder(path) / TIES, json_text({"systems": list(systems.values())})


def readiness_files(register: Register, study: str, name: str, path: Path) -> Files:
    """Yield the files of a study's readiness, none where nothing is assessed.

    Where no statement is kept, one says the day of the latest assessment and the study's name.
    """
    standings = [one for _, one in values(register, "assessment", study)]
    if not standings:
        return
    folder = readiness_folder(path)
    yield folder / TABLE, readiness_csv(Readiness(shipped_frameworks(), tuple(standings)))
    kept = [one for _, one in values(register, "statement", study)]
    told: Statement = kept[0] if kept else Statement(_last_day(register), name)
    signed = [one for _, one in values(register, "sign-off", study)]
    more = tuple(one for one in signed if one not in told.sign_offs)
    told = replace(told, sign_offs=(*told.sign_offs, *more))
    yield folder / STATEMENT_FILE, json_text(_statement(told))
    answers = values(register, "answers", study)
    for number, (_, one) in enumerate(answers):  # in their order: an id is no file's name
        row = {key: value for key, value in asdict(one).items() if value not in ("", None)}
        yield folder / "answers" / f"{number:04}.yaml", json_text(row)


def values(register: Register, kind: str, study: str) -> list[tuple[str, Any]]:
    """Return the values of a kind that belong to a study, by their own ids, in order of these."""
    load = KINDS[kind].load
    found = [(name, load(tree, name)) for name, tree in register.parts(kind, study)]
    if found or kind not in ALONE:
        return found
    return [(name, load(tree, name)) for name, tree in register.ask(_of_no_study, kind)]


def _of_no_study(connection: Connection, kind: str) -> list[tuple[str, Any]]:
    """Return what of a kind stands under no study, in order of id; a thousand studies have more."""
    alone = ALONE[kind]
    kept = (
        (name, json.loads(body))
        for begin in alone.begins()
        for name, _, body in bodies_at(connection, kind, begin)
    )
    return [(name, tree) for name, tree in kept if alone.own_id(tree) == name]


def _last_day(register: Register) -> str:
    """Return the day on which an assessment was kept last."""
    return str(register.ask(entry_time, "assessment"))[:10]


def _statement(told: Statement) -> dict[str, Any]:
    return {
        "day": told.day,
        "organisation": told.organisation,
        "in_place": [asdict(one) for one in told.in_place],
        "not_counted": [asdict(one) for one in told.not_counted],
        "scenarios": [asdict(one) for one in told.ties],
        "owners": [{"task": task, "owner": owner} for task, owner in told.owners],
        "sign_offs": [_told(asdict(one)) for one in told.sign_offs],
    }


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row without what it does not say."""
    return {key: value for key, value in row.items() if value != ""}
