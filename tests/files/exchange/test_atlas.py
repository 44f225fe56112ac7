"""ATLAS in formats 5 and 6: the same small release by hand, the real file, what became of ids."""

import json
from dataclasses import replace

import pytest

from tests.files.exchange.mutants import answers
from tests.threats.test_applying import threat
from workbench.files.catalogues.frameworks import shipped_frameworks
from workbench.files.catalogues.threats import shipped_threats
from workbench.files.exchange.atlas import SECTIONS as FORMS
from workbench.files.exchange.atlas import parse_atlas, read_atlas
from workbench.files.exchange.atlas_relations import Gone, gone, replacements
from workbench.files.exchange.foreign import foreign_tree
from workbench.files.messages import FileRefused, Findings
from workbench.frameworks.requirement import Framework, Requirement
from workbench.threats import Catalogue, Proof

SECTIONS = list(FORMS)
FIVE = """\
---
id: ATLAS
name: A small atlas
version: 5.9.1
matrices:
- id: ATLAS
  name: Matrix
  tactics:
  - id: AML.TA0001
    name: Staging
    description: 'Getting ready: it takes time.'
    object-type: tactic
  techniques:
  - id: AML.T0001
    name: Rehearse
    tactics:
    - AML.TA0001
    ATT&CK-reference:
      id: T1
      url: https://example.org/T1
    maturity: demonstrated
  - id: AML.T0001.000
    name: Rehearse at night
    subtechnique-of: AML.T0001
    maturity: realized
  mitigations:
  - id: AML.M0001
    name: Light
    techniques:
    - id: AML.T0001.000
      use: Switch it on.
case-studies:
- id: AML.CS0001
  name: The night of it
  incident-date: 2026-02-01
  case-study-type: incident
  procedure:
  - tactic: AML.TA0001
    technique: AML.T0001.000
    description: They rehearsed.
"""
SIX = """\
format-version: 6.0.0
collection: {id: ATLAS-collection, version: '2026.09', name: A small atlas}
matrix: {id: ATLAS-matrix, name: Matrix}
tactics:
  AML.TA0001: {id: AML.TA0001, object-type: tactic, name: Staging}
techniques:
  AML.T0001.000:
    id: AML.T0001.000
    name: Rehearse at night
    maturity: Realized
    platforms: [Agentic AI]
  AML.T0001: {id: AML.T0001, name: Rehearse, maturity: Demonstrated}
mitigations:
  AML.M0001: {id: AML.M0001, name: Light, categories: [Policy]}
case-studies:
  AML.CS0001: {id: AML.CS0001, name: The night of it, type: Incident, date: '2026-02-01'}
relationships:
  ATLAS-matrix:
    sequences:
    - {source: ATLAS-matrix, target: AML.TA0001, relationship-type: sequences, position: 1}
  AML.T0001:
    achieves:
    - {source: AML.T0001, target: AML.TA0001, relationship-type: achieves}
  AML.T0001.000:
    specializes:
    - {source: AML.T0001.000, target: AML.T0001, relationship-type: specializes}
  AML.M0001:
    mitigates:
    - {source: AML.M0001, target: AML.T0001.000, relationship-type: mitigates}
  AML.CS0001:
    employs:
    - source: AML.CS0001
      target: AML.T0001.000
      relationship-type: employs
      tactic: AML.TA0001
      step-id: S00
      leads-to: []
"""


def rows(name):
    return (
        Requirement(name, "AML.TA0001", "Staging", "tactic"),
        Requirement(
            name, "AML.T0001", "Rehearse", "technique", "",
            {"tactics": "AML.TA0001", "maturity": "demonstrated"},
        ),
        Requirement(
            name, "AML.T0001.000", "Rehearse at night", "technique", "AML.T0001",
            {"maturity": "realized"},
        ),
        Requirement(
            name, "AML.M0001", "Light", "mitigation", "", {"techniques": "AML.T0001.000"}
        ),
        Requirement(
            name, "AML.CS0001", "The night of it", "case study", "",
            {"techniques": "AML.T0001.000", "type": "incident", "date": "2026-02-01"},
        ),
    )  # fmt: skip


def refusal(text, name="a.yaml"):
    with pytest.raises(FileRefused) as caught:
        parse_atlas(name, text.encode())
    return caught.value.messages


def changed(text, *pairs):
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    return text


@pytest.mark.parametrize(
    ("text", "name", "edition"), [(FIVE, "atlas_5_9", "5.9.1"), (SIX, "atlas_2026_09", "2026.09")]
)
def test_both_formats_give_the_same_framework(text, name, edition):
    found = parse_atlas("a.yaml", text.encode())
    assert (found.id, found.edition) == (name, edition)
    assert found.requirements == rows(name)


def test_the_last_file_of_format_5_names_a_parent_in_another_way():
    text = changed(FIVE, ("subtechnique-of:", "specializes:"))
    assert parse_atlas("a.yaml", text.encode()).requirement("AML.T0001.000").parent == "AML.T0001"


@pytest.mark.parametrize(
    ("text", "old", "new", "message"),
    [
        (FIVE, "version: 5.9.1", "version: soon", "version: is not of the right form, got 'soon'"),
        (FIVE, "name: Rehearse\n", "name: 7\n",
         "techniques row 1 (AML.T0001): name: is not text, got '7'; put it in quotes"),
        (FIVE, "name: Staging", "nome: Staging", ("tactics row 1 (AML.TA0001): name: is missing, "
         "allowed a text of 1 to 1000 characters")),
        (FIVE, "- AML.TA0001\n    ATT", "- AML.TA0009\n    ATT",
         "techniques row 1 (AML.T0001): tactics.1: is no tactic of the file, got 'AML.TA0009'"),
        (FIVE, "of: AML.T0001", "of: AML.M0001",
         ("techniques row 2 (AML.T0001.000): subtechnique-of: is no technique of the file, "
         "got 'AML.M0001'")),
        (FIVE, "- id: AML.T0001.000\n      use", "- id: AML.T9\n      use",
         ("mitigations row 1 (AML.M0001): techniques.1.id: is no technique of the file, "
         "got 'AML.T9'")),
        (FIVE, "technique: AML.T0001.000", "technique: AML.T9", ("case-studies row 1 (AML.CS0001): "
         "procedure.1.technique: is no technique of the file, got 'AML.T9'")),
        (FIVE, "id: AML.M0001", "id: AML.TA0001", ("mitigations row 1 (AML.TA0001): id: is used "
         "twice, got 'AML.TA0001', first in tactics row 1")),
        (FIVE, "name: Matrix", "name: Matrix\n  name: Matrix",
         "matrices.1.name: is written twice (a duplicate key); keep one"),
        (FIVE, "matrices:", "matrix:",
         "is no ATLAS data of format 4, 5 or 6: neither matrices nor format-version"),
        (SIX, "6.0.0", "7.0.0",
         "format-version: is not known, got '7.0.0', allowed 6.0.0 and later ones of 6"),
        (SIX, "AML.T0001: {id: AML.T0001,", "AML.T0001: {id: AML.T0002,", ("techniques row 2: id: "
         "is not the key under which it stands, got 'AML.T0002' under 'AML.T0001'")),
        (SIX, "source: AML.T0001.000", "source: AML.T0001", ("relationships row 3 (AML.T0001.000): "
         "specializes.1.source: is not the object under which it stands, got 'AML.T0001'")),
        (SIX, "target: AML.TA0001, relationship-type: achieves", "target: AML.M0001, x: y",
         ("relationships row 2 (AML.T0001): achieves.1.target: is no tactic of the file, "
         "got 'AML.M0001'")),
        (SIX, "    mitigates:", "    employs:", ("relationships row 4 (AML.M0001): employs: leads "
         "from what is no case study of the file, got 'AML.M0001'")),
        (SIX, "relationships:\n", "relationships: 4\nothers:\n",
         "relationships: is not a mapping, got '4'"),
        (SIX, "'2026.09'", "2026.09", ("collection.version: is not text, got '2026.09'; "
         "put it in quotes")),
    ],
)  # fmt: skip
def test_a_bad_row_of_each_sort_is_refused_with_its_place(text, old, new, message):
    assert f"a.yaml: {message}" in refusal(changed(text, (old, new)))


def test_a_parent_is_one_and_another_kind_of_file_is_refused():
    two = "{source: AML.T0001.000, target: AML.T0001}"
    text = changed(SIX, ("    specializes:\n", f"    specializes:\n    - {two}\n"))
    assert "specializes: is too long, got 2 entries, allowed at most 1" in refusal(text)[0]
    assert refusal("a,b\n", "a.csv") == ("a.csv: this is a table; write it as YAML or JSON",)
    assert refusal("[1]") == ("a.yaml: is not a mapping of fields, got a list",)


def test_a_file_full_of_faults_makes_fifty_lines():
    tree = {"name": "A", "version": "5.0", "matrices": [{"tactics": [{}] * 90, "techniques": []}]}
    messages = refusal(json.dumps(tree), "a.json")
    assert len(messages) == 51
    assert messages[-1] == "a.json: and 130 more"


def test_the_real_release_has_the_ids_names_and_parents_of_the_shipped_index(shared):
    path = shared / "data" / "ATLAS.yaml"
    if not path.is_file():
        pytest.skip("../shared/data/ATLAS.yaml is absent")
    found = read_atlas(path)
    shipped = shipped_frameworks()["atlas_5_6"]
    assert found.id == shipped.id
    assert {(r.id, r.title, r.kind, r.parent) for r in found} == {
        (r.id, r.title, r.kind, r.parent) for r in shipped
    }
    assert gone(shipped_threats(), found, {}) == ()
    (study,) = (r for r in found if r.id == "AML.CS0002")
    assert study.facts["type"] == "incident"
    assert "AML.T0020" in study.facts["techniques"].split(", ")


def as_six(tree):
    """Write a tree of format 5 in the shape of format 6."""
    (matrix,) = tree["matrices"]
    related = {}

    def relate(source, kind, target):
        edge = {"source": source, "target": target, "relationship-type": kind}
        related.setdefault(source, {}).setdefault(kind, []).append(edge)

    for one in matrix["techniques"]:
        for tactic in one.get("tactics", ()):
            relate(one["id"], "achieves", tactic)
        if "subtechnique-of" in one:
            relate(one["id"], "specializes", one["subtechnique-of"])
    for one in matrix["mitigations"]:
        for use in one["techniques"]:
            relate(one["id"], "mitigates", use["id"])
    studies = []
    for one in tree["case-studies"]:
        for step in one["procedure"]:
            relate(one["id"], "employs", step["technique"])
        stated = {"type": one["case-study-type"], "date": one["incident-date"]}
        studies.append({"id": one["id"], "name": one["name"], **stated})
    objects = {kind: {one["id"]: one for one in matrix[kind]} for kind in SECTIONS[:3]}
    return {
        "format-version": "6.0.0",
        "collection": {"id": "ATLAS-collection", "version": tree["version"]},
        **objects,
        "case-studies": {one["id"]: one for one in studies},
        "relationships": related,
    }


def test_the_real_release_written_in_format_6_is_the_same_framework(shared):
    path = shared / "data" / "ATLAS.yaml"
    if not path.is_file():
        pytest.skip("../shared/data/ATLAS.yaml is absent")
    tree = foreign_tree(path.name, path.read_bytes(), Findings(path.name))
    five, six = (parse_atlas("a.json", json.dumps(one).encode()) for one in (tree, as_six(tree)))
    assert five == six
    assert len(five.requirements) == 278


def test_what_a_release_no_longer_has_is_told_for_each_threat_with_its_replacement():
    named = {"atlas": ("AML.T0019", "AML.T0020"), "atlas_tactics": ("AML.TA0001",)}
    one = replace(
        threat("T-1", "rag_index"), **named, mitigations={"atlas_5_6": ("AML.M0001", "AML.M0009")},
        proof=Proof("atlas_case_study", "AML.CS0001"),
    )  # fmt: skip
    new = Framework(
        "x", "x", "X", "1", "", (
            *rows("x"), Requirement("x", "AML.T0115", "Publish", "technique"),
            Requirement("x", "AML.T0115.000", "Datasets", "technique", "AML.T0115"),
        ),
    )  # fmt: skip
    table = replacements(shipped_frameworks()["atlas_2026_07"])
    found = gone(Catalogue((one,)), new, table)
    assert found == (
        Gone("T-1", "atlas", "AML.T0019", ("AML.T0115.000",)),
        Gone("T-1", "atlas", "AML.T0020"),
        Gone("T-1", "mitigations", "AML.M0009"),
    )
    assert [one.words() for one in found[:2]] == [
        "T-1: AML.T0019 is replaced by AML.T0115.000",
        "T-1: AML.T0020 is gone",
    ]


def test_the_table_of_replaced_ids_leads_both_ways_and_agrees_with_the_catalogue():
    table = replacements(shipped_frameworks()["atlas_2026_07"])
    assert len(table) == 6
    assert all(table[new] == (old,) for old, (new,) in table.items())
    for one in shipped_threats():
        translated = {new for old in one.atlas for new in table.get(old, (old,))}
        assert translated == set(one.atlas_2026_07)


@pytest.mark.parametrize(("name", "text"), [("5.yaml", FIVE), ("6.yaml", SIX)])
def test_mutants_are_read_or_refused_without_a_traceback(name, text, soaking):
    count = 1_500 if soaking else 45
    refused = answers(parse_atlas, name, text.encode(), count)
    assert 0 < refused < count
