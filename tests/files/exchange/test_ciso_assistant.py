"""Libraries of CISO Assistant are read as they are, and what is wrong in them is named."""

import pytest

from workbench.files import FileRefused
from workbench.files.catalogues.frameworks import shipped_frameworks
from workbench.files.exchange.ciso_assistant import parse_library, read_library
from workbench.frameworks import Frameworks, Row, lint

OLD, NEW = "iso27001-2013", "iso27001-2022"
HEAD = """\
urn: urn:example:risk:library:old-to-new
locale: en
ref_id: old-to-new
name: Old to new
version: 2
provider: somebody
publication_date: 2026-01-31
objects:
"""
FRAMEWORK = """\
  framework:
    urn: urn:example:risk:framework:house-rules-1
    ref_id: house-rules
    name: House rules
    min_score: 1
    requirement_nodes:
    - urn: urn:example:risk:req_node:house-rules-1:top
      assessable: false
      depth: 1
      name: All of them
    - urn: urn:example:risk:req_node:house-rules-1:r.1
      assessable: true
      depth: 2
      parent_urn: urn:example:risk:req_node:house-rules-1:top
      ref_id: R.1
      name: Keep a   list
      description: A long text that stays where it is.
    - urn: urn:example:risk:req_node:house-rules-1:r.2
      assessable: true
      depth: 2
      ref_id: R/2
"""


def mapping(source, target, relationship="equal", rationale="syntactic", *more, sides=(OLD, NEW)):
    lines = [
        f"source_requirement_urn: urn:example:risk:req_node:{sides[0]}:{source}",
        f"target_requirement_urn: urn:example:risk:req_node:{sides[1]}:{target}",
        f"relationship: {relationship}",
        *([f"rationale: {rationale}"] if rationale else []),
        *more,
    ]
    return "    - " + "\n      ".join(lines) + "\n"


def set_of(*rows, sides=(OLD, NEW)):
    return (
        "  - urn: urn:example:risk:req_mapping_set:one\n"
        f"    source_framework_urn: urn:example:risk:framework:{sides[0]}\n"
        f"    target_framework_urn: urn:example:risk:framework:{sides[1]}\n"
        "    requirement_mappings:\n" + "".join(rows)
    )


def library(*sets, more=""):
    return (HEAD + more + "  requirement_mapping_sets:\n" + "".join(sets)).encode()


def rows_of(data):
    return parse_library("lib.yaml", data).value.crosswalk.rows


def refusal(data):
    with pytest.raises(FileRefused) as caught:
        parse_library("lib.yaml", data)
    return caught.value.messages


def test_a_mapping_set_is_read_under_our_ids(tmp_path):
    path = tmp_path / "lib.yaml"
    path.write_bytes(library(set_of(mapping("a.9.4.1", "a.8.3"))))
    read = read_library(path)
    assert read.warnings == ()
    assert read.value.name == "Old to new version 2, somebody"
    (row,) = read.value.crosswalk.rows
    assert row == Row(
        ("iso27001_2013", "A.9.4.1"),
        ("iso27001_2022", "A.8.3"),
        "equal",
        5,
        "published",
        "published: Old to new version 2, somebody; syntactic",
    )
    assert lint(read.value.crosswalk, shipped_frameworks()) == []


@pytest.mark.parametrize("word", ["equal", "subset", "superset"])
def test_relationships_keep_their_direction(word):
    (row,) = rows_of(library(set_of(mapping("a.9.4.1", "a.8.3", word))))
    assert row.relationship == word
    assert row.source[0] == "iso27001_2013"


def test_intersect_is_intersects_and_not_related_is_no_row():
    data = library(
        set_of(mapping("a.9.4.1", "a.8.3", "intersect"), mapping("a.9.4.2", "a.8.5", "not_related"))
    )
    read = parse_library("lib.yaml", data)
    assert [row.relationship for row in read.value.crosswalk.rows] == ["intersects"]
    assert read.warnings == ("lib.yaml: 1 rows say not_related: left out",)


@pytest.mark.parametrize(
    ("line", "strength"),
    [
        ("strength_of_relationship: 8", 8),
        ("stregth_of_relationship: 7", 7),
        ("strength_of_relationship: 0", 1),
        ("strength_of_relationship: null", 5),
        ("stregth_of_relationship: null", 5),
        ("annotation: x", 5),
        ("annotation: ''", 5),
    ],
)
def test_a_strength_is_read_in_both_spellings_and_often_absent(line, strength):
    (row,) = rows_of(library(set_of(mapping("a.9.4.1", "a.8.3", "equal", "semantic", line))))
    assert row.strength == strength


def test_what_a_library_leaves_empty_is_not_stated():
    data = library(set_of(mapping("a.9.4.1", "a.8.3", "equal", "''", "annotation: ''")))
    (row,) = rows_of(data.replace(b"provider: somebody", b"provider: ''\npackager: null"))
    assert row.provenance == ""
    assert row.note == "from Old to new version 2"


def test_the_set_that_says_the_same_the_other_way_round_is_read_once():
    there = set_of(mapping("a.9.4.1", "a.8.3", "subset"), mapping("a.9.4.2", "a.8.5"))
    back = set_of(
        mapping("a.8.3", "a.9.4.1", "superset", sides=(NEW, OLD)),
        mapping("a.8.5", "a.9.4.2", "subset", sides=(NEW, OLD)),
        sides=(NEW, OLD),
    )
    read = parse_library("lib.yaml", library(there, back))
    assert len(read.value.crosswalk) == 3
    assert "1 rows say what a row before says the other way round" in read.warnings[0]
    (fault,) = lint(read.value.crosswalk, shipped_frameworks())
    assert (fault.row, fault.kind) == (3, "contradictory")


def test_a_single_set_under_the_older_key_is_read():
    body = set_of(mapping("a.9.4.1", "a.8.3")).replace("  - ", "    ", 1)
    data = (HEAD + "  requirement_mapping_set:\n" + body).encode()
    assert len(rows_of(data)) == 1


def test_a_framework_is_read_without_the_text_of_its_requirements():
    (framework,) = parse_library("lib.yaml", (HEAD + FRAMEWORK).encode()).value.frameworks
    assert framework.id == framework.alias == "house-rules-1"
    assert [(one.id, one.title, one.kind, one.parent) for one in framework] == [
        ("top", "All of them", "group", ""),
        ("R.1", "Keep a list", "control", "top"),
        ("r.2", "", "control", ""),
    ]
    assert [one.id for one in framework.assessed()] == ["R.1", "r.2"]
    assert "long text" not in repr(framework)


def test_a_framework_without_a_name_is_called_by_its_urn():
    tree = FRAMEWORK.replace("name: House rules", "name: ''")
    (framework,) = parse_library("lib.yaml", (HEAD + tree).encode()).value.frameworks
    assert framework.name == "house-rules-1"
    assert framework.edition == "as in Old to new version 2, somebody"


def test_rows_to_a_framework_of_the_same_library_find_its_ids():
    sides = ("house-rules-1", NEW)
    data = library(set_of(mapping("r.1", "a.8.3", sides=sides), sides=sides), more=FRAMEWORK)
    read = parse_library("lib.yaml", data)
    (row,) = read.value.crosswalk.rows
    assert row.source == ("house-rules-1", "R.1")
    known = Frameworks([*shipped_frameworks().values(), *read.value.frameworks])
    assert lint(read.value.crosswalk, known) == []


def test_lint_names_each_sort_of_fault_in_a_planted_library():
    """One fault of each sort, beside two rows without any."""
    planted = library(
        set_of(
            mapping("a.9.4.1", "a.8.3"),
            mapping("a.9.4.2", "a.8.99"),  # no such control
            mapping("a.9.4.3", "a.5.17", "subset", ""),  # nobody says why
            mapping("a.12.6.1", "a.12.6.1"),  # an id of 2013 in 2022
            mapping("a.9.4.1", "a.8.3"),  # once more
            mapping("a.9.4.4", "a.8.18"),
            mapping("a.9.4.4", "a.8.18", "subset"),  # another word for the same pair
            mapping("a.9.4.5", "a.8.4", "superset", "'from skos:broadMatch'"),
        )
    )
    pair = ("iso27001_2013", "iso27001_2022")
    crosswalk = parse_library("lib.yaml", planted).value.crosswalk
    faults = lint(crosswalk, shipped_frameworks(), {pair: 9})
    assert [(one.row, one.kind) for one in faults] == [
        (0, "count"),
        (2, "dangling"),
        (3, "missing source"),
        (4, "edition mismatch"),
        (5, "duplicate"),
        (7, "contradictory"),
        (8, "inverted"),
    ]
    words = [one.what for one in faults]
    assert words[0] == "iso27001_2013 to iso27001_2022 has 8 rows, 9 are expected"
    assert words[1] == "target a.8.99 is not in iso27001_2022"
    assert words[3] == "target A.12.6.1 is not in iso27001_2022 but in iso27001_2013"
    assert words[6] == "skos:broadMatch is subset, the row says superset"


def test_an_unknown_edition_of_a_known_standard_is_told_as_that():
    sides = ("iso27001-2005", NEW)
    data = library(set_of(mapping("a.9.4.1", "a.8.3", sides=sides), sides=sides))
    (fault,) = lint(parse_library("lib.yaml", data).value.crosswalk, shipped_frameworks())
    assert fault.kind == "edition mismatch"
    assert "but iso27001_2013 and iso27001_2022" in fault.what


def test_ends_of_another_framework_than_their_set_are_told():
    data = library(set_of(mapping("a.9.4.1", "a.12.6.1", sides=(OLD, OLD))))
    read = parse_library("lib.yaml", data)
    assert read.warnings == (
        "lib.yaml: 1 ends name another framework than their set: read as the set's",
    )
    (fault,) = lint(read.value.crosswalk, shipped_frameworks())
    assert fault.kind == "edition mismatch"


ROW = mapping("a.9.4.1", "a.8.3")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (library(set_of(mapping("a", "b", "similar"))), "row 1: relationship: is not known"),
        (library(set_of(ROW.replace("urn:example", "x", 1))), "source_requirement_urn: is not of"),
        (library(set_of(ROW.replace("target_req", "targetreq"))), "target_requirement_urn: is mis"),
        (
            library(set_of(mapping("a", "b", "equal", "x", "strength_of_relationship: 11"))),
            "strength_of_relationship: is out of range, got '11'",
        ),
        (
            library(set_of(mapping("a", "b", "equal", "x", "strength_of_relationship: high"))),
            "strength_of_relationship: is not a number",
        ),
        (library(set_of(mapping("a/b", "b"))), "source_requirement_urn: id: looks like a path"),
        (library(set_of(ROW, ROW.replace("- ", "- rationale: x\n      "))), "is written twice"),
        (library("  - 3\n"), "requirement_mapping_sets 1: is not a mapping"),
        ((HEAD + "  requirement_mapping_sets: 3\n").encode(), "is not a list, got '3'"),
        ((HEAD + "  risk_matrix: []\n").encode(), "no framework and no mapping set"),
        (b"name: x\n", "urn: is missing"),
        (b"- 1\n", "is not a mapping of fields"),
        (b"a: [\n", "not valid YAML"),
        ((HEAD + FRAMEWORK + FRAMEWORK).encode(), "framework: is written twice"),
        ((HEAD + FRAMEWORK.replace("-1:top\n      ref", "-1:gone\n      ref")).encode(),
         "parent_urn: is no node here"),
        ((HEAD + FRAMEWORK.replace("true", "'yes'")).encode(), "assessable: is neither true nor"),
        (
            (HEAD + FRAMEWORK.replace("house-rules-1:r.2", "house-rules-1:r.1")).encode(),
            "an id of house-rules-1 stands once",
        ),
    ],
)  # fmt: skip
def test_a_malformed_library_is_refused_in_one_line_each(data, words):
    messages = refusal(data)
    assert words in "\n".join(messages)
    assert all(message.startswith("lib.yaml: ") for message in messages)


def test_fifty_faults_are_told():
    assert len(refusal(library(set_of(*[mapping("a", "b", "similar")] * 80)))) == 51
