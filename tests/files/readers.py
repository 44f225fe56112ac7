"""Every reader of a file, by name: how it reads, what its file is called, and a good sample."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from workbench.files.catalogues.ai_act import read_act, read_answers
from workbench.files.catalogues.controls import read_controls
from workbench.files.catalogues.crosswalks import crosswalk_csv, read_crosswalk, shipped_crosswalk
from workbench.files.catalogues.decisions import parse_sign_offs, parse_treatments
from workbench.files.catalogues.evidence import COLUMNS as EVIDENCE
from workbench.files.catalogues.evidence import read_records
from workbench.files.catalogues.frameworks import read_framework, shipped_frameworks
from workbench.files.catalogues.plans import read_playbooks, read_roadmap
from workbench.files.catalogues.readiness import read_readiness, readiness_csv, readiness_xlsx
from workbench.files.catalogues.source_tables import read_source_tables
from workbench.files.catalogues.statements import read_statement
from workbench.files.catalogues.systems import read_system
from workbench.files.catalogues.threats import read_threats
from workbench.files.catalogues.ties import read_ties
from workbench.files.exchange.atlas import read_atlas
from workbench.files.exchange.ciso_assistant import read_library
from workbench.files.exchange.crosswalks import read_any_crosswalk
from workbench.files.exchange.ml_bom import read_ml_bom
from workbench.files.exchange.openlineage import read_openlineage
from workbench.files.exchange.oscal_mapping import mapping_collection, read_mapping_collection
from workbench.files.exchange.oscal_results import assessment_results, read_assessment_results
from workbench.files.exchange.otm import read_otm
from workbench.files.exchange.readiness import read_any_readiness
from workbench.files.exchange.sssom import read_sssom, sssom_tsv
from workbench.files.exchange.systems import read_any_system
from workbench.files.exchange.threat_dragon import read_threat_dragon
from workbench.files.messages import Findings
from workbench.files.opening import read_bytes
from workbench.files.quiz import read_quiz
from workbench.files.reading import read_study
from workbench.files.runs import read_run
from workbench.files.samples import read_categories, read_numbers
from workbench.files.source_notes import read_source_notes
from workbench.files.xlsx_writing import workbook
from workbench.frameworks import Crosswalk
from workbench.frameworks.readiness import Readiness, Standing
from workbench.resources import bundled

STAMP = "2026-11-28T22:00:00Z"
DATA = bundled("datasets")
CELLS = ("S-1", "Leak", 0.1, 0.5, 2, 1000000, 0.1, 0.3, 0.8, 3, 4)
HEAD = "id name aro_low aro_mode aro_high asset_value ef_low ef_mode ef_high likelihood consequence"
STUDY = {"scenarios": [dict(zip(HEAD.split(), CELLS, strict=True))]}
RECORD = ("iso42001_2023", "A.2.2", "a policy", "Ann", "2026-11-24")
BILL = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "metadata": {"component": {"type": "application", "name": "Desk"}},
    "components": [
        {"type": "machine-learning-model", "bom-ref": "m", "name": "chat", "version": "7"},
        {"type": "data", "bom-ref": "d", "name": "letters", "data": [{"type": "dataset"}]},
    ],
}
DRAGON = {
    "version": "2.5.0",
    "summary": {"title": "Model", "owner": "Ann", "id": 0},
    "detail": {
        "diagrams": [
            {
                "title": "One",
                "diagramType": "STRIDE",
                "id": 0,
                "cells": [
                    {
                        "id": name,
                        "shape": shape,
                        "zIndex": 1,
                        "position": {"x": 0, "y": 0},
                        "size": {"width": 9, "height": 9},
                        "data": {"name": name, "type": f"tm.{shape}", "threats": []},
                    }
                    for name, shape in (("a", "actor"), ("b", "process"))
                ]
                + [
                    {
                        "id": "f",
                        "shape": "flow",
                        "source": {"cell": "a"},
                        "target": {"cell": "b"},
                        "data": {"name": "asks", "type": "tm.Flow"},
                    }
                ],
            }
        ]
    },
}
OTM = {
    "otmVersion": "0.2.0",
    "project": {"name": "Shop", "id": "shop"},
    "trustZones": [{"id": "net", "name": "Net", "risk": {"trustRating": 1}}],
    "components": [
        {"id": "c", "name": "Browser", "type": "web-client", "parent": {"trustZone": "net"}},
        {"id": "m", "name": "Chat", "type": "LLM", "parent": {"trustZone": "net"}},
    ],
    "dataflows": [{"id": "f", "name": "asks", "source": "c", "destination": "m"}],
}
FIVE = {
    "id": "ATLAS",
    "name": "A small atlas",
    "version": "5.9.1",
    "matrices": [
        {
            "id": "ATLAS",
            "name": "Matrix",
            "tactics": [{"id": "AML.TA0001", "name": "Staging", "object-type": "tactic"}],
            "techniques": [{"id": "AML.T0001", "name": "Rehearse", "tactics": ["AML.TA0001"]}],
            "mitigations": [{"id": "AML.M0001", "name": "Light"}],
        }
    ],
    "case-studies": [{"id": "AML.CS0001", "name": "A night", "incident-date": "2026-02-01"}],
}
EVENT = {
    "eventType": "COMPLETE",
    "eventTime": "2026-11-28T22:00:00Z",
    "run": {"runId": "d46e465b-d358-4d32-83d4-df660ff614dd"},
    "job": {"namespace": "jobs", "name": "train"},
    "inputs": [{"namespace": "s3://data", "name": "letters", "facets": {}}],
    "outputs": [{"namespace": "s3://models", "name": "chat"}],
}
URN = "urn:example:risk:req_node"
LIBRARY = {
    "urn": "urn:example:risk:library:both",
    "name": "Both",
    "version": 1,
    "provider": "somebody",
    "objects": {
        "framework": {
            "urn": "urn:example:risk:framework:house-rules-1",
            "name": "House rules",
            "requirement_nodes": [
                {"urn": f"{URN}:house-rules-1:r.1", "assessable": True, "ref_id": "R.1"}
            ],
        },
        "requirement_mapping_sets": [
            {
                "urn": "urn:example:risk:req_mapping_set:one",
                "source_framework_urn": "urn:example:risk:framework:house-rules-1",
                "target_framework_urn": "urn:example:risk:framework:iso27001-2022",
                "requirement_mappings": [
                    {
                        "source_requirement_urn": f"{URN}:house-rules-1:r.1",
                        "target_requirement_urn": f"{URN}:iso27001-2022:a.5.9",
                        "relationship": "subset",
                        "strength_of_relationship": 8,
                    }
                ],
            }
        ],
    },
}


@dataclass(frozen=True)
class Reader:
    """One way in."""

    name: str
    read: Callable[[Path], Any]
    file: str
    made: Callable[[], bytes | str | dict[str, Any] | Path]
    may_be_absent: bool = False  # what is not there says nothing

    @property
    def kind(self) -> str:
        """Of its file: csv, tsv, xlsx, yaml or json."""
        return self.file.rpartition(".")[2]

    def sample(self) -> bytes:
        """Return what it reads without a fault."""
        return _bytes_of(self.made())


def _bytes_of(made: bytes | str | dict[str, Any] | Path) -> bytes:
    if isinstance(made, Path):
        return made.read_bytes()
    if isinstance(made, dict):
        made = json.dumps(made, indent=1)
    return made.encode() if isinstance(made, str) else made


def _csv(head: tuple[str, ...], *rows: tuple[Any, ...]) -> str:
    return "".join(",".join(map(str, row)) + "\n" for row in (head, *rows))


def _xlsx(head: tuple[str, ...], *rows: tuple[Any, ...]) -> bytes:
    return workbook("One", head, rows)


@cache
def _readiness() -> Readiness:
    standings = (
        Standing("iso42001_2023", "A.2.2", "met", 3, 4, "Ann", "2026-12-01", "policy"),
        Standing("nist_ai_rmf_1_0", "GOVERN 1.1", "not applicable", justification="no use"),
    )
    return Readiness(shipped_frameworks(), standings)


def _readiness_tree() -> dict[str, Any]:
    rows = [
        {"framework": one.framework, "id": one.id, "status": "open", "target": 3, "owner": "Ann"}
        for one in _readiness().standings
    ]
    return {"standings": rows}


@cache
def _rows() -> Crosswalk:
    return Crosswalk(shipped_crosswalk().rows[::400])


def _rows_xlsx() -> bytes:
    head = crosswalk_csv(_rows()).splitlines()[0].split(",")
    row = [
        "iso42001_2023",
        "A.2.2",
        "iso27001_2022",
        "5.1",
        "intersects",
        5,
        "editorial",
        "by hand",
    ]
    return workbook("One", head, [row])


def _small(path: str, *names: str) -> Callable[[], dict[str, Any]]:
    """Return the maker of a shipped JSON file whose lists have their first two rows only."""

    def made() -> dict[str, Any]:
        tree = json.loads((DATA / path).read_text("utf-8"))
        return tree | {name: tree[name][:2] for name in names}

    return made


def _results() -> str:
    return assessment_results(_readiness(), title="T", stamp=STAMP)


def _mapping() -> str:
    return mapping_collection(_rows(), title="T", stamp=STAMP)


def _of_path(parse: Callable[[str, bytes], Any]) -> Callable[[Path], Any]:
    """Return the reader of a file, of one that is given its bytes."""
    return lambda path: parse(str(path), read_bytes(path, Findings(str(path))))


HEADER = tuple(HEAD.split())
TREATMENT = {
    "id": "T-1",
    "phase": 1,
    "title": "Filter what the chatbot is told",
    "description": "Prompts pass a filter.",
    "start_month": 1,
    "end_month": 3,
}
SIGN_OFF = {
    "subject": "Chatbot",
    "decision": "approved",
    "members": ["CRO", "CISO"],
    "day": "2026-11-28",
}
TABLE = DATA / "systems" / "customer-chatbot.yaml"
READERS = {
    one.name: one
    for one in (
        Reader("study table", read_study, "t.csv", lambda: _csv(HEADER, CELLS)),
        Reader("study workbook", read_study, "t.xlsx", lambda: _xlsx(HEADER, CELLS)),
        Reader("study yaml", read_study, "t.yaml", lambda: STUDY),
        Reader("study json", read_study, "t.json", lambda: STUDY),
        Reader("system", read_system, "s.yaml", lambda: TABLE),
        Reader("system json", read_system, "s.json", lambda: _as_json(TABLE)),
        Reader(
            "ties",
            read_ties,
            "ties.yaml",
            lambda: DATA / "systems" / "ties.yaml",
            may_be_absent=True,
        ),
        Reader("readiness", read_readiness, "r.csv", lambda: readiness_csv(_readiness())),
        Reader(
            "readiness workbook", read_readiness, "r.xlsx", lambda: readiness_xlsx(_readiness())
        ),
        Reader("readiness yaml", read_readiness, "r.yaml", _readiness_tree),
        Reader("readiness json", read_readiness, "r.json", _readiness_tree),
        Reader("evidence", read_records, "e.csv", lambda: _csv(EVIDENCE.all, RECORD)),
        Reader("evidence workbook", read_records, "e.xlsx", lambda: _xlsx(EVIDENCE.all, RECORD)),
        Reader("sample", partial(read_numbers, column="x"), "d.csv", lambda: _csv(("x",), (1,))),
        Reader(
            "sample of texts",
            partial(read_categories, column="x"),
            "d.csv",
            lambda: _csv(("x", "y"), ("a", "b")),
        ),
        Reader("crosswalk", read_crosswalk, "c.csv", lambda: crosswalk_csv(_rows())),
        Reader("crosswalk workbook", read_crosswalk, "c.xlsx", _rows_xlsx),
        Reader("statement", read_statement, "s.yaml", lambda: DATA / "readiness/statement.yaml"),
        Reader(
            "answers", read_answers, "a.yaml", lambda: DATA / "readiness/answers/credit-model.yaml"
        ),
        Reader(
            "treatments",
            _of_path(parse_treatments),
            "t.yaml",
            lambda: {"treatments": [TREATMENT]},
        ),
        Reader("sign-offs", _of_path(parse_sign_offs), "s.json", lambda: {"sign_offs": [SIGN_OFF]}),
        Reader("act", read_act, "act.json", lambda: DATA / "ai-act" / "act.json"),
        Reader("roadmap", read_roadmap, "r.json", lambda: DATA / "roadmap" / "roadmap.json"),
        Reader("playbooks", read_playbooks, "p.json", lambda: DATA / "playbooks/playbooks.json"),
        Reader("threats", read_threats, "t.json", _small("threats/threats.json", "threats")),
        Reader("controls", read_controls, "c.json", _small("controls/controls.json", "controls")),
        Reader(
            "framework", read_framework, "f.json", lambda: DATA / "frameworks/owasp_ml_2023.json"
        ),
        Reader(
            "source tables",
            read_source_tables,
            "t.json",
            _small("source-tables/tables.json", "rows"),
        ),
        Reader("run", read_run, "run.json", lambda: next(DATA.rglob("study.runs/*.json"))),
        Reader("quiz", read_quiz, "q.json", _small("quiz/questions.json", "questions")),
        Reader(
            "source notes", read_source_notes, "n.json", _small("source-notes/notes.json", "notes")
        ),
        Reader("atlas", read_atlas, "a.yaml", lambda: FIVE),
        Reader("atlas json", read_atlas, "a.json", lambda: FIVE),
        Reader("open threat model", read_otm, "m.otm", lambda: OTM),
        Reader("open threat model yaml", read_otm, "m.yaml", lambda: OTM),
        Reader("threat dragon", read_threat_dragon, "m.json", lambda: DRAGON),
        Reader("bill of materials", read_ml_bom, "b.json", lambda: BILL),
        Reader("open lineage", read_openlineage, "e.json", lambda: json.dumps([EVENT])),
        Reader("open lineage lines", read_openlineage, "e.jsonl", lambda: json.dumps(EVENT)),
        Reader("any system", read_any_system, "s.yaml", lambda: TABLE),
        Reader("any system json", read_any_system, "s.json", lambda: OTM),
        Reader("sssom", read_sssom, "m.tsv", lambda: sssom_tsv(_rows(), title="T")),
        Reader("library", read_library, "l.yaml", lambda: LIBRARY),
        Reader("oscal mapping", read_mapping_collection, "m.json", _mapping),
        Reader("oscal results", read_assessment_results, "r.json", _results),
        Reader("any crosswalk", read_any_crosswalk, "m.tsv", lambda: sssom_tsv(_rows(), title="T")),
        Reader("any crosswalk json", read_any_crosswalk, "m.json", _mapping),
        Reader("any readiness", read_any_readiness, "r.json", _results),
    )
}


def _as_json(path: Path) -> dict[str, Any]:
    from ruamel.yaml import YAML

    found: dict[str, Any] = YAML(typ="safe").load(io.BytesIO(path.read_bytes()))
    return found
