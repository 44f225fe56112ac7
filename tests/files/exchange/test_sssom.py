"""SSSOM says what a crosswalk says, in both directions, and what it cannot say it does not hide."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.files import FileRefused
from workbench.files.catalogues.crosswalks import shipped_crosswalk
from workbench.files.catalogues.frameworks import shipped_frameworks
from workbench.files.exchange.sssom import parse_sssom, read_sssom, sssom_tsv, strength_of
from workbench.files.suspicious import FORMULA_STARTS
from workbench.frameworks import Crosswalk, Row, lint

HEADER = "subject_id\tpredicate_id\tobject_id\tmapping_justification"
ONE = "owasp_llm_2025:LLM01%3A2025", "owasp_llm_2026:LLM01%3A2026"


def sample(*rows, header=HEADER, head="# mapping_set_title: Ours\n"):
    return (head + "\n".join(("\t".join(header.split("\t")), *rows, ""))).encode()


def line(predicate="skos:exactMatch", subject=ONE[0], object=ONE[1], more=()):
    return "\t".join((subject, predicate, object, "semapv:ManualMappingCuration", *more))


def rows_of(*args, **kwargs):
    return parse_sssom("x.tsv", sample(*args, **kwargs)).value.rows


def refusal(data):
    with pytest.raises(FileRefused) as caught:
        parse_sssom("x.tsv", data)
    return caught.value.messages


def test_all_shipped_rows_come_back_equal_and_in_order(tmp_path):
    path = tmp_path / "crosswalk.sssom.tsv"
    text = sssom_tsv(shipped_crosswalk(), title="Shipped", day="2026-11-28")
    path.write_text(text, encoding="utf-8", newline="")
    back = read_sssom(path)
    assert back.value == shipped_crosswalk()
    assert len(back.value) == 715
    assert back.warnings == ()
    assert lint(back.value, shipped_frameworks()) == []


def test_the_file_has_the_slots_that_the_standard_wants():
    text = sssom_tsv(shipped_crosswalk(), title="Shipped", day="2026-11-28")
    head = [row for row in text.splitlines() if row.startswith("#")]
    for slot in ("mapping_set_id", "license", "curie_map", "mapping_date"):
        assert any(row.startswith(f"# {slot}:") for row in head)
    prefixes = {json.loads(row[4:].split(": ")[0]) for row in head if row.startswith("#   ")}
    rows = list(csv.DictReader(text.splitlines()[len(head) :], delimiter="\t"))
    curies = [row[name] for row in rows for name in row if name.endswith(("_id", "_source"))]
    assert {curie.partition(":")[0] for curie in curies} <= prefixes
    assert not [curie for curie in curies if " " in curie]
    assert all(0 < float(row["confidence"]) <= 1 for row in rows)


def test_the_same_crosswalk_gives_the_same_text_and_another_one_another_id():
    once, again = (sssom_tsv(shipped_crosswalk(), title="T") for _ in range(2))
    other = sssom_tsv(Crosswalk(shipped_crosswalk().rows[1:]), title="T")
    assert once == again
    assert once.splitlines()[0] != other.splitlines()[0]


@pytest.mark.parametrize(
    ("predicate", "relationship", "reverse"),
    [
        ("skos:exactMatch", "equal", "skos:exactMatch"),
        ("skos:broadMatch", "subset", "skos:narrowMatch"),
        ("skos:narrowMatch", "superset", "skos:broadMatch"),
        ("skos:relatedMatch", "intersects", "skos:relatedMatch"),
    ],
)
def test_a_predicate_is_its_relationship_and_its_inverse_the_reverse(
    predicate, relationship, reverse
):
    (row,) = rows_of(line(predicate))
    assert row.relationship == relationship
    (back,) = rows_of(line(reverse, ONE[1], ONE[0]))
    assert (back.source, back.target, back.relationship) == (
        row.reversed().source,
        row.reversed().target,
        row.reversed().relationship,
    ) or back.reversed().relationship == relationship
    assert f"\t{predicate}\t" in sssom_tsv(Crosswalk((row,)), title="T")
    full = predicate.replace("skos:", "http://www.w3.org/2004/02/skos/core#")
    assert rows_of(line(full))[0].relationship == relationship


def test_whoever_meets_the_broader_one_meets_the_narrower_one():
    """`A broadMatch B`: B is broader, so B is the superset, and inheriting goes from B to A."""
    (row,) = rows_of(line("skos:broadMatch"))
    assert not row.inherits
    assert row.reversed().inherits


def test_close_is_read_as_related_only_and_that_is_told():
    read = parse_sssom("x.tsv", sample(line("skos:closeMatch")))
    assert [row.relationship for row in read.value.rows] == ["intersects"]
    assert read.warnings == ("x.tsv: 1 rows with skos:closeMatch are read as intersects",)


def test_denied_and_unmatched_rows_are_never_read_as_relations():
    header = f"{HEADER}\tpredicate_modifier"
    data = sample(line(more=("Not",)), line(object="sssom:NoTermFound", more=("",)), header=header)
    read = parse_sssom("x.tsv", data)
    assert read.value.rows == ()
    assert read.warnings == (
        "x.tsv: 1 rows with a predicate_modifier (such as Not) were left out",
        "x.tsv: 1 rows with no match were left out",
    )


@pytest.mark.parametrize("strength", range(1, 11))
def test_a_tenth_of_a_rank_is_the_rank_again(strength):
    assert strength_of(strength / 10) == strength
    row = Row(("a", "1"), ("b", "2"), "equal", strength, "editorial", "me")
    back = parse_sssom("x.tsv", sssom_tsv(Crosswalk((row,)), title="T").encode())
    assert back.value.rows == (row,)


def test_confidence_in_between_is_rounded_and_no_confidence_is_the_middle():
    assert [strength_of(c) for c in (0, 0.04, 0.85, 0.84, 1)] == [1, 1, 9, 8, 10]
    assert rows_of(line())[0].strength == 5


def test_rows_of_others_say_where_they_come_from_and_keep_their_comment():
    header = f"{HEADER}\tauthor_id\tcomment"
    (row,) = rows_of(line(more=("orcid:1", "because")), header=header)
    assert row.basis == "published"
    assert row.provenance == (
        "published: Ours, orcid:1, skos:exactMatch, semapv:ManualMappingCuration"
    )
    assert row.note == "because"


def test_a_set_that_names_nobody_is_found_by_lint():
    (row,) = rows_of(line(), head="")
    (fault,) = lint(Crosswalk((row,)), shipped_frameworks())
    assert fault.kind == "missing source"


@pytest.mark.parametrize(
    ("head", "subject", "columns"),
    [
        ("", "iso42001_2023:A.2.2", {}),
        ("", "x:a.2.2", {"subject_source": "framework:iso42001-2023"}),
        ("# subject_source: iso42001\n", "x:A.2.2", {}),
        ("# curie_map:\n#   iso42001: https://iso.org/42001#\n", "https://iso.org/42001#A.2.2", {}),
        ("# curie_map:\n#   i: 'urn:workbench:requirement:iso42001_2023:'\n", "i:A.2.2", {}),
        ("# curie_map:\n#   i: https://iso.org/42001/iso42001/\n", "i:A.2.2", {}),
        ("# curie_map:\n#   iso42001: https://iso.org/clauses/\n", "iso42001:A.2.2", {}),
        ("# curie_map:\n#   i: 'urn:a:iso42001:'\n", "urn:a:iso42001:A.2.2", {}),
        ("# curie_map:\n#   iso27001: 'urn:a:iso42001_2023:'\n", "iso27001:A.2.2", {}),
        ("", "https://here/iso42001_2023#A.2.2", {}),
        ("", "https://here/iso42001_2023/A.2.2", {}),
    ],
)
def test_the_framework_is_found_in_every_place_where_it_may_stand(head, subject, columns):
    header = "\t".join((HEADER, *columns))
    (row,) = rows_of(line(subject=subject, more=columns.values()), header=header, head=head)
    assert row.source == ("iso42001_2023", "A.2.2")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (line("skos:mappingRelation"), "row 3: predicate_id: is not known"),
        (line("owl:sameAs"), "row 3: predicate_id: is not known, got 'owl:sameAs'"),
        (line(subject=""), "row 3: subject_id: is missing"),
        (line() + "\tmore", "row 3: has 5 cells, the header has 4"),
        (line(subject="a:x/y"), "row 3: subject_id: id: looks like a path"),
        (line(subject="nothing"), "row 3: subject_id: framework: is empty"),
        (line(subject=ONE[1]) + '"', None),
    ],
)
def test_a_bad_row_of_each_sort_is_refused(row, words):
    if words is None:
        assert len(rows_of(row)) == 1  # a quote inside a cell is text
    else:
        (message,) = refusal(sample(row))
        assert message.startswith(f"x.tsv: {words}")


@pytest.mark.parametrize("value", ["1.5", "-0.1", "high", "0x1", "nan"])
def test_a_confidence_that_is_none_is_refused(value):
    (message,) = refusal(sample(line(more=(value,)), header=f"{HEADER}\tconfidence"))
    assert message.startswith("x.tsv: row 3: confidence: is ")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the file is empty"),
        (b"# only: this\n", "there is no header"),
        (b"subject_id,predicate_id\n", "subject_id: the column is missing; columns are separated"),
        (sample(header=HEADER + "\tobject_id"), "object_id: the column stands in the header twice"),
        (sample(head="# a: [1\n"), "line 1: not valid YAML"),
        (sample(head="# - a\n"), "the block above: is not a mapping"),
        (sample(head="# mapping_set_id: 3\n"), "the block above: mapping_set_id: is not text"),
        (b"a\tb\xff", "is not UTF-8"),
    ],
)
def test_a_file_that_is_no_mapping_set_is_refused(data, words):
    assert words in "\n".join(refusal(data))


def test_fifty_faults_are_told():
    assert len(refusal(sample(*[line("x")] * 70))) == 51


TEXTS = st.text(st.sampled_from("=+'@ |\\a\t\n\"#="), max_size=8).filter(
    lambda text: text == "" or text.strip()
)


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=4))
def test_texts_of_any_kind_come_back_and_no_cell_is_live(texts):
    rows = tuple(
        Row(("a", str(n)), ("b", "1|=2"), "subset", 3, "derived", *three)
        for n, three in enumerate(texts)
    )
    text = sssom_tsv(Crosswalk(rows), title="= {T}: '\U0001f600\n")
    assert parse_sssom("x.tsv", text.encode()).value == Crosswalk(rows)
    table = "\n".join(one for one in text.split("\n") if not one.startswith("# "))
    cells = [
        cell for row in csv.reader(io.StringIO(table, newline=""), delimiter="\t") for cell in row
    ]
    assert not [cell for cell in cells if cell.lstrip(" ")[:1] in FORMULA_STARTS and cell]
