"""OSCAL mapping collections are valid by the schema of NIST, and say of each pair what holds."""

import itertools
import json
import re
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import WorkbenchError
from workbench.files import FileRefused
from workbench.files.catalogues.crosswalks import shipped_crosswalk
from workbench.files.catalogues.frameworks import shipped_frameworks
from workbench.files.exchange.oscal_mapping import (
    mapping_collection,
    of_each_pair,
    parse_mapping_collection,
    read_mapping_collection,
)
from workbench.frameworks import Crosswalk, Row, lint

STAMP = "2026-11-28T22:00:00Z"
SCHEMA = Path(__file__).with_name("oscal_1_2_3.json")


@pytest.fixture(scope="module")
def validator():
    """The schema of NIST; its classes of characters as Python's `re` writes them."""
    text = SCHEMA.read_text(encoding="utf-8")
    text = text.replace("\\\\p{L}", "[^\\\\W\\\\d_]").replace("\\\\p{N}", "\\\\d")
    return jsonschema.Draft7Validator(json.loads(text)["mapping-collection"])


def written(*rows, **more):
    return mapping_collection(Crosswalk(rows), title="T", stamp=STAMP, **more)


def row(source="A.2.2", target="A.5.1", relationship="superset", **more):
    ends = ("iso42001_2023", source), ("iso27001_2022", target)
    facts = {"strength": 7, "basis": "editorial", "provenance": "me", **more}
    return Row(*ends, relationship, **facts)


def test_all_shipped_rows_leave_valid_and_come_back_equal_and_in_order(validator, tmp_path):
    text = mapping_collection(shipped_crosswalk(), title="Shipped", stamp=STAMP)
    assert list(validator.iter_errors(json.loads(text))) == []
    path = tmp_path / "mapping.json"
    path.write_text(text, encoding="utf-8")
    back = read_mapping_collection(path)
    assert back.value == shipped_crosswalk()
    assert back.warnings == ()
    assert lint(back.value, shipped_frameworks()) == []


def test_the_schema_finds_what_is_wrong(validator):
    tree = json.loads(written(row()))
    assert list(validator.iter_errors(tree)) == []
    del tree["mapping-collection"]["provenance"]
    tree["mapping-collection"]["mappings"][0]["maps"][0]["uuid"] = "x"
    assert len(list(validator.iter_errors(tree))) >= 1


def test_every_identifier_stands_once_and_the_same_rows_give_the_same_text():
    rows = (row(), row(), row(target="A.5.2"), row("A.2.3"))
    text = written(*rows)
    assert text == written(*rows)
    names = re.findall(r'"uuid": "([^"]+)"', text)
    assert len(names) == len(set(names)) == 1 + 2 + 1 + 4
    other = mapping_collection(Crosswalk(rows), title="T", stamp="2026-11-29T22:00:00Z")
    assert set(re.findall(r'"uuid": "([^"]+)"', other)) ^ set(names) == {
        names[0],
        re.findall(r'"uuid": "([^"]+)"', other)[0],
    }


def test_rows_of_two_pairs_of_frameworks_in_turn_keep_their_order():
    rows = (row(), Row(("a", "1"), ("b", "2"), "equal", 1, "derived", "rule"), row("A.2.3"))
    assert parse_mapping_collection("x.json", written(*rows).encode()).value.rows == rows


TEXTS = st.text(st.sampled_from('ab \n\t\u2028="\\'), max_size=6)


@given(st.sampled_from(["equal", "subset", "superset", "intersects"]), TEXTS, TEXTS, TEXTS)
def test_texts_of_any_kind_leave_valid_and_come_back(validator, kind, provenance, rating, note):
    one = row(relationship=kind, provenance=provenance, second_rating=rating, note=note)
    text = written(one)
    assert list(validator.iter_errors(json.loads(text))) == []
    assert parse_mapping_collection("x.json", text.encode()).value.rows == (one,)


@pytest.mark.parametrize("stamp", ["", "2026-11-28", "2026-11-28T22:00:00", "2026-13-28T22:00:00Z"])
def test_a_time_without_its_zone_is_refused(stamp):
    with pytest.raises(WorkbenchError, match="says when it was made"):
        mapping_collection(Crosswalk((row(),)), title="T", stamp=stamp)


def test_a_crosswalk_without_rows_is_no_collection():
    with pytest.raises(WorkbenchError, match="has a row"):
        written()


def holds(kind, one, other):
    """Whether a relationship holds of two sets of effective requirements."""
    return {
        "equal": one == other,
        "superset": one >= other,
        "subset": one <= other,
        "intersects": True,
    }[kind]


SETS = [frozenset(s) for n in range(4) for s in itertools.combinations("xyz", n)]


@pytest.mark.parametrize("kind", ["equal", "superset", "subset", "intersects"])
@pytest.mark.parametrize(("sources", "targets"), [(1, 1), (1, 2), (2, 1), (2, 2)])
def test_what_is_said_of_each_pair_follows_from_what_is_said_of_all(kind, sources, targets):
    """Brute force over all sets of three requirements: no pair claims more than the map does."""
    each = of_each_pair(kind, sources, targets)
    strongest = set()
    for many in itertools.product(SETS, repeat=sources + targets):
        ones, others = many[:sources], many[sources:]
        if not holds(kind, frozenset().union(*ones), frozenset().union(*others)):
            continue
        for one, other in itertools.product(ones, others):
            assert holds(each, one, other)
            strongest |= {k for k in ("equal", "superset", "subset") if not holds(k, one, other)}
    if each == "intersects":
        assert strongest == {"equal", "superset", "subset"}  # nothing stronger would be true


def collection(*maps, resource=None, **more):
    """A file as another program writes one."""
    href = {"type": "catalog", "href": "https://somewhere/catalogs/iso42001-2023.json"}
    mapping = {
        "uuid": "m",
        "source-resource": resource or href,
        "target-resource": {"type": "catalog", "href": "#r-1"},
        "maps": list(maps),
    }
    body = {
        "uuid": "c",
        "metadata": {"title": "Theirs", "version": "3", "oscal-version": "1.2.1"},
        "provenance": {"method": "human", "matching-rationale": "semantic", "status": "draft"},
        "mappings": mapping | more,
        "back-matter": {"resources": [{"uuid": "r-1", "title": "ISO27001 2022"}]},
    }
    return json.dumps({"mapping-collection": body}).encode()


def one(relationship="equal-to", sources=("a.2.2",), targets=("a.5.1",), **more):
    ends = {
        "sources": [{"type": "control", "id-ref": name} for name in sources],
        "targets": [{"type": "statement", "id-ref": name} for name in targets],
    }
    return {"uuid": "x", "relationship": relationship} | ends | more


def rows_of(*maps, **more):
    return parse_mapping_collection("x.json", collection(*maps, **more)).value.rows


def test_a_file_of_others_is_read_under_our_ids():
    (found,) = rows_of(one())
    assert found.source == ("iso42001_2023", "A.2.2")
    assert found.target == ("iso27001_2022", "A.5.1")
    assert (found.relationship, found.strength, found.basis) == ("equal", 5, "published")
    assert found.provenance == "published: Theirs version 3; human, semantic, draft"


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("equal-to", "equal"),
        ("equivalent-to", "equal"),
        ("subset-of", "subset"),
        ("superset-of", "superset"),
        ("intersects-with", "intersects"),
    ],
)
def test_each_word_is_its_relationship(word, kind):
    assert rows_of(one(word))[0].relationship == kind


def test_a_map_of_several_gives_every_pair_what_holds_of_it():
    read = parse_mapping_collection(
        "x.json",
        collection(
            one("superset-of", targets=("a.5.1", "a.5.2")), one("superset-of", ("a.2.2", "a.2.3"))
        ),
    )
    kinds = [found.relationship for found in read.value.rows]
    assert kinds == ["superset", "superset", "intersects", "intersects"]
    assert read.value.rows[2].note == "the source says superset-of of all together"
    assert read.warnings == (
        "x.json: 1 maps say less of each pair than of all, or hold on conditions",
    )


def test_a_map_on_conditions_lets_nothing_be_inherited():
    condition = {
        "subject": "source",
        "predicate": "has-requirement",
        "category": "restricted",
        "description": "with a second factor",
    }
    (found,) = rows_of(one(qualifiers=[condition]))
    assert not found.inherits
    assert "only if: with a second factor" in found.note


@pytest.mark.parametrize(
    ("score", "strength"),
    [({"percentage": 0.9}, 9), ({"percentage": 1}, 10), ({"percentage": 0}, 1),
     ({"category": "high"}, 8), ({"category": "low"}, 3), ({}, 5),
     ({"category": "unspecified"}, 5)],
)  # fmt: skip
def test_a_score_is_read_as_a_rank(score, strength):
    assert rows_of(one(**{"confidence-score": score}))[0].strength == strength


def test_what_says_nothing_is_left_out_and_told():
    maps = one("no-relationship"), one(ns="urn:theirs"), one()
    read = parse_mapping_collection("x.json", collection(*maps))
    assert len(read.value) == 1
    assert len(read.warnings) == 2
    past = parse_mapping_collection("x.json", collection(one(), status="superseded"))
    assert len(past.value) == 0
    assert "deprecated or superseded: left out" in past.warnings[0]


def test_a_catalogue_that_is_not_known_keeps_a_name_and_lint_says_so():
    resource = {"type": "catalog", "href": "x/NIST_SP-800-53_rev5_catalog.json?raw=1"}
    found = parse_mapping_collection("x.json", collection(one(), resource=resource)).value
    assert found.rows[0].source[0] == "NIST_SP-800-53_rev5_catalog"
    assert [fault.kind for fault in lint(found, shipped_frameworks())] == ["dangling"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (collection(one("similar-to")), "maps row 1: relationship: is not known, got 'similar-to'"),
        (collection(one(sources=())), "sources: is an empty list"),
        (collection(one(targets=("a/b",))), "targets.1.id-ref: looks like a path"),
        (collection(one(sources=(3,))), "sources.1.id-ref: is not text"),
        (
            collection(one(**{"confidence-score": {"percentage": 1.5}})),
            "percentage: is out of range",
        ),
        (collection(one(), resource={"href": "#gone"}), "is not in the back matter, got '#gone'"),
        (collection(), "maps: is an empty list"),
        (collection(3), "maps row 1: is not a mapping"),
        (b"{}", "mapping-collection: is missing"),
        (b'{"mapping-collection": {}}', "mapping-collection: metadata: is missing"),
        (b'{"mapping-collection": []}', "mapping-collection: is not a mapping"),
        (b"[]", "is not a mapping of fields"),
        (b"{", "not valid JSON"),
    ],
)
def test_a_malformed_collection_is_refused_in_one_line_each(data, words):
    with pytest.raises(FileRefused) as caught:
        parse_mapping_collection("x.json", data)
    assert words in "\n".join(caught.value.messages)
    assert all(message.startswith("x.json: ") for message in caught.value.messages)


def test_fifty_faults_are_told():
    with pytest.raises(FileRefused) as caught:
        parse_mapping_collection("x.json", collection(*[one("x")] * 80))
    assert len(caught.value.messages) == 51
