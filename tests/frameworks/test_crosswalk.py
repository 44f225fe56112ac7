"""Rows are read both ways, chains keep only what holds, coverage counts only what is inherited."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import WorkbenchError
from workbench.files.catalogues.crosswalks import shipped_crosswalk
from workbench.files.catalogues.frameworks import shipped_frameworks
from workbench.frameworks import (
    Crosswalk,
    Framework,
    Frameworks,
    Link,
    Record,
    Requirement,
    Row,
    compared,
    coverage,
    lint,
    matrix,
)
from workbench.frameworks.crosswalk import RELATIONSHIPS

MAIN = (
    "iso42001_2023",
    "iso27001_2022",
    "iso27701_2025",
    "eu_ai_act_2024_1689",
    "nist_ai_rmf_1_0",
    "soc2_tsc_2017_2022",
)


def row(source, target, relationship="intersects", strength=5, **more):
    fields = {"basis": "editorial", "provenance": "planted"} | more
    return Row(source, target, relationship, strength, **fields)


def framework(name, *ids):
    rows = tuple(Requirement(name, one, one.title(), "control") for one in ids)
    return Framework(name, name.partition("_")[0], name, "1", "own", rows)


A, B, C = (framework(name, "x", "y", "z") for name in ("a_1", "b_1", "c_1"))
ALL = Frameworks([A, B, C])
relationships = st.sampled_from(RELATIONSHIPS)


@given(relationships)
def test_a_row_read_back_and_back_again_is_itself(relationship):
    one = row(("a_1", "x"), ("b_1", "y"), relationship)
    assert one.reversed().reversed() == one
    assert one.reversed().inherits == (relationship in ("equal", "subset"))


@given(st.lists(relationships, min_size=2, max_size=4))
def test_a_chain_inherits_only_where_every_step_does(kinds):
    places = [("f", str(i)) for i in range(len(kinds) + 1)]
    rows = tuple(row(a, b, k) for (a, b), k in zip(itertools.pairwise(places), kinds, strict=True))
    chain = Link(rows)
    assert chain.inherits == all(one.inherits for one in rows)
    if set(kinds) == {"equal"}:
        assert chain.relationship == "equal"
    elif set(kinds) <= {"equal", "superset"}:
        assert chain.relationship == "superset"
    else:
        assert chain.relationship == "intersects"


def brute_force(rows, start, to, longest):
    """Every way from `start` into a framework, found by listing all orders of the rows."""
    both = [r for one in rows for r in (one, one.reversed())]
    best = {}
    for length in range(1, longest + 1):
        for way in itertools.permutations(both, length):
            joined = all(a.target == b.source for a, b in itertools.pairwise(way))
            places = [way[0].source, *(r.target for r in way)]
            if joined and places[0] == start and len(set(places)) == len(places):
                link = Link(way)
                if link.target[0] == to:
                    rank = (RELATIONSHIPS.index(link.relationship), length, -link.strength)
                    best[link.target] = min(rank, best.get(link.target, rank))
    return best


@given(
    st.lists(
        st.tuples(
            st.sampled_from("xyz"), st.sampled_from("xyz"), relationships, st.integers(1, 10)
        ),
        max_size=3,
    ),
    st.lists(
        st.tuples(
            st.sampled_from("xyz"), st.sampled_from("xyz"), relationships, st.integers(1, 10)
        ),
        max_size=3,
    ),
)
def test_chains_are_the_best_of_all_ways(ab, bc):
    rows = [row(("a_1", a), ("b_1", b), k, s) for a, b, k, s in ab]
    rows += [row(("b_1", b), ("c_1", c), k, s) for b, c, k, s in bc]
    found = Crosswalk(tuple(rows)).chains(("a_1", "x"), "c_1", 3)
    got = {
        link.target: (
            RELATIONSHIPS.index(link.relationship),
            len(link.rows),
            -link.strength,
        )
        for link in found
    }
    assert got == brute_force(rows, ("a_1", "x"), "c_1", 3)


def test_both_directions_of_the_shipped_crosswalk_are_the_same_pairs():
    crosswalk = shipped_crosswalk()
    for one, other in itertools.combinations(MAIN, 2):
        there = {(r.source, r.target) for r in crosswalk.between(one, other)}
        back = {(r.target, r.source) for r in crosswalk.between(other, one)}
        assert there == back


def test_coverage_has_three_parts_and_counts_only_what_is_inherited_or_recorded():
    crosswalk = Crosswalk(
        (row(("a_1", "x"), ("b_1", "x"), "superset"), row(("a_1", "x"), ("b_1", "y"), "intersects"))
    )
    found = coverage(crosswalk, A, B)
    assert (list(found.inherited), list(found.candidates), found.unreached) == (
        ["x"],
        ["y"],
        ("z",),
    )
    assert found.met() == ["x"]
    record = Record("b_1", "y", "Test report 7", "A. Auditor", "2026-11-24")
    stray = Record("b_1", "z", "Something", "A. Auditor", "2026-11-24")
    assert coverage(crosswalk, A, B, records=[record, stray]).met() == ["x", "y"]
    assert coverage(crosswalk, A, B, met=["y"]).unreached == ("x", "y", "z")
    assert coverage(crosswalk, B, A).inherited == {}  # x of b answers only a part of x of a


def test_coverage_is_of_one_framework_by_another_in_which_something_is_met():
    with pytest.raises(WorkbenchError, match="of one framework by another"):
        coverage(Crosswalk(()), A, A)
    threats = shipped_frameworks()["owasp_llm_2025"]
    for pair in ((threats, A), (A, threats)):
        with pytest.raises(WorkbenchError, match="requirements that are met or not met"):
            coverage(shipped_crosswalk(), *pair)


def test_evidence_without_a_person_or_a_day_is_refused():
    for by, day in (("", "2026-11-24"), ("A. Auditor", "soon")):
        with pytest.raises(WorkbenchError, match="who recorded it, and when"):
            Record("b_1", "y", "Report", by, day)


def test_between_the_six_frameworks_nearly_all_is_candidate():
    found = matrix(shipped_crosswalk(), shipped_frameworks(), MAIN)
    inherited = sum(len(one.inherited) for one in found.values())
    candidates = sum(len(one.candidates) for one in found.values())
    assert len(found) == 30
    assert inherited < candidates / 50
    assert all(
        one.size == len(shipped_frameworks()[one.target].assessed()) for one in found.values()
    )


def test_renamed_editions_inherit():
    frameworks = shipped_frameworks()
    old = frameworks["iso27001_2013"]
    found = coverage(shipped_crosswalk(), old, frameworks["iso27001_2022"])
    new = [o.id for o in frameworks["iso27001_2022"] if o.facts.get("new_in_2022")]
    assert set(new) <= set(found.unreached)
    assert len(found.inherited) + len(found.candidates) == 82


@pytest.mark.parametrize("alias", ["iso42001", "eu_ai_act", "nist_ai_rmf", "soc2_tsc"])
def test_the_shipped_crosswalk_knows_older_names_and_answers_them_as_the_edition(alias):
    crosswalk, one = shipped_crosswalk(), shipped_frameworks()[alias]
    assert alias != one.id
    for other in ("iso27001_2022", "iso27701"):
        assert crosswalk.between(alias, other) == crosswalk.between(
            one.id, shipped_frameworks()[other].id
        )
    named = [r.id for r in one if crosswalk.of((one.id, r.id))]
    assert named
    for name in named[::7]:
        assert crosswalk.of((alias, name)) == crosswalk.of((one.id, name))
        assert crosswalk.of((alias, name), "iso27001_2022") == crosswalk.of(
            (one.id, name), "iso27001_2022"
        )
        assert crosswalk.chains((alias, name), "iso27701") == crosswalk.chains(
            (one.id, name), "iso27701_2025"
        )


def test_a_framework_that_is_not_known_is_refused_with_what_is_near_and_never_answered_empty():
    crosswalk, near = shipped_crosswalk(), r"got 'iso42001_2032'. Such as iso42001_2023"
    with pytest.raises(WorkbenchError, match=near):
        crosswalk.of(("iso42001_2032", "A.7.4"))
    with pytest.raises(WorkbenchError, match=near):
        crosswalk.of(("iso27001_2022", "A.5.1"), "iso42001_2032")
    with pytest.raises(WorkbenchError, match=near):
        crosswalk.chains(("iso27001_2022", "A.5.1"), "iso42001_2032")
    with pytest.raises(WorkbenchError, match=near):
        crosswalk.between("iso42001_2032", "iso27001_2022")
    with pytest.raises(WorkbenchError, match="Did you mean iso42001_2023"):
        shipped_frameworks()["iso42001_2032"]
    assert crosswalk.between("nist_aml", "iso27001_2022") == ()  # known, and no row between them


FAULTS = {
    "dangling": [row(("a_1", "nope"), ("b_1", "x"))],
    "missing source": [row(("a_1", "x"), ("b_1", "x"), provenance=" ")],
    "duplicate": [row(("a_1", "x"), ("b_1", "x")), row(("b_1", "x"), ("a_1", "x"))],
    "contradictory": [row(("a_1", "x"), ("b_1", "x")), row(("a_1", "x"), ("b_1", "x"), "equal")],
    "edition mismatch": [row(("a", "x"), ("b_1", "x"))],
    "inverted": [row(("a_1", "x"), ("b_1", "x"), "superset", provenance="skos:broadMatch there")],
}


@pytest.mark.parametrize(("kind", "rows"), FAULTS.items(), ids=str)
def test_lint_names_each_kind_of_fault_alone(kind, rows):
    found = lint(Crosswalk(tuple(rows)), ALL)
    assert [fault.kind for fault in found] == [kind]
    assert found[0].row == len(rows)


def test_a_contradiction_across_directions_is_told_in_each_rows_own_direction():
    one = row(("a_1", "x"), ("b_1", "y"), "subset")
    (fault,) = lint(Crosswalk((one, row(("b_1", "y"), ("a_1", "x"), "subset"))), ALL)
    assert fault.line() == (
        "row 2: contradictory: y to x: row 1 says x is a subset of y, this one y is a subset of x"
    )
    (fault,) = lint(Crosswalk((one, row(("b_1", "y"), ("a_1", "x"), "equal"))), ALL)
    assert "row 1 says x is a subset of y, this one y is equal to x" in fault.line()


def test_lint_knows_an_id_of_another_edition_and_a_wrong_count():
    two = Frameworks([A, framework("b_1", "x"), framework("b_2", "new")])
    (fault,) = lint(Crosswalk((row(("a_1", "x"), ("b_1", "new")),)), two)
    assert fault.line() == "row 1: edition mismatch: target new is not in b_1 but in b_2"
    (count,) = lint(Crosswalk(()), ALL, {("a_1", "b_1"): 3})
    assert count.line() == "count: a_1 to b_1 has 0 rows, 3 are expected"


def test_two_versions_are_compared_and_what_lost_its_cover_is_named():
    before = Crosswalk(
        (
            row(("a_1", "x"), ("b_1", "x"), "equal"),
            row(("a_1", "y"), ("b_1", "y")),
            row(("a_1", "z"), ("b_1", "z")),
        )
    )
    after = Crosswalk(
        (
            row(("a_1", "x"), ("b_1", "x"), "intersects"),
            row(("a_1", "z"), ("b_1", "z")),
            row(("a_1", "z"), ("b_1", "x")),
        )
    )
    found = compared(before, after)
    assert (len(found.added), len(found.removed), len(found.changed)) == (1, 1, 1)
    assert found.lost_cover == (("a_1", "x"), ("b_1", "x"))
    assert found.lost_all == (("a_1", "y"), ("b_1", "y"))
    assert compared(before, before).is_empty()
    back = compared(after, before)
    assert (len(back.added), len(back.removed)) == (len(found.removed), len(found.added))


@given(relationships)
def test_a_row_that_is_turned_round_is_no_change(relationship):
    one = row(("a_1", "x"), ("b_1", "y"), relationship)
    before, after = Crosswalk((one,)), Crosswalk((one.reversed(),))
    assert compared(before, after).is_empty()
    weaker = Crosswalk((row(("b_1", "y"), ("a_1", "x"), "intersects", 1),))
    found = compared(before, weaker)
    assert (found.added, found.removed) == ((), ())
    assert found.changed[0][1].source == ("a_1", "x"), "read in the direction of before"


@pytest.mark.parametrize(
    "change", [{"relationship": "related"}, {"strength": 11}, {"basis": "hearsay"}]
)
def test_a_row_with_an_unknown_word_is_refused(change):
    with pytest.raises(WorkbenchError, match=r"got .*\. "):
        row(("a_1", "x"), ("b_1", "x"), **change)


def test_what_is_met_is_an_id_of_its_framework_and_evidence_goes_by_any_of_its_names():
    crosswalk = Crosswalk((row(("a_1", "x"), ("b_1", "y"), "intersects"),))
    with pytest.raises(WorkbenchError, match="what is met is in a_1"):
        coverage(crosswalk, A, B, met=["x", "typo"])
    record = Record(B.alias, "y", "Test report 7", "A. Auditor", "2026-11-24")
    assert coverage(crosswalk, A, B, records=[record]).met() == ["y"]
