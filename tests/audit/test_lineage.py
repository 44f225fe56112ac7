"""Lineage: what was made from what, by brute force over random graphs, and what cannot be true."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.audit.lineage import Lineage, Subject, joined
from workbench.errors import WorkbenchError

pytestmark = pytest.mark.pure
HASH = "ab" * 32


@st.composite
def graphs(draw):
    """Subjects 0..n-1, each made from earlier ones, used by some runs."""
    size = draw(st.integers(1, 9))
    rows = []
    for number in range(size):
        earlier = st.sets(st.integers(0, number - 1)) if number else st.just(set())
        parents = tuple(f"s{one}" for one in sorted(draw(earlier)))
        runs = tuple(f"r{one}" for one in sorted(draw(st.sets(st.integers(0, 3)))))
        rows.append(Subject(f"s{number}", "dataset", parents=parents, runs=runs))
    return Lineage(tuple(draw(st.permutations(rows))))


def is_before(lineage: Lineage, one: str, other: str) -> bool:
    parents = lineage.by_key[other].parents
    return one in parents or any(is_before(lineage, one, parent) for parent in parents)


@given(graphs())
def test_before_and_after_are_each_other_turned_round(lineage: Lineage) -> None:
    for one in lineage.by_key:
        found = {other for other in lineage.by_key if is_before(lineage, other, one)}
        assert set(lineage.before(one)) == found
        assert all(one in lineage.after(other) for other in found)
        assert set(lineage.after(one)).isdisjoint(found)


@given(graphs())
def test_a_run_rests_on_what_it_used_and_all_before_it(lineage: Lineage) -> None:
    for one in lineage.by_key:
        resting = {one, *lineage.after(one)}
        known = {run for other in resting for run in lineage.by_key[other].runs}
        assert set(lineage.runs_on(one)) == known


@given(graphs())
def test_telling_it_twice_adds_nothing(lineage: Lineage) -> None:
    assert joined([*lineage.subjects, *lineage.subjects]) == lineage


def test_two_tellings_of_one_subject_are_one() -> None:
    one = Subject("a", "model", "1", "", ("b",), ("r1",))
    other = Subject("a", "model", "1", HASH, ("c",), ("r2",))
    (found,) = joined([one, other]).subjects
    assert (found.key, found.sha256, found.parents, found.runs) == (
        "a@1",
        HASH,
        ("b", "c"),
        ("r1", "r2"),
    )


def test_what_nobody_tells_is_unknown_and_followed_no_further() -> None:
    lineage = Lineage((Subject("a", "dataset", parents=("b",)),))
    assert lineage.unknown == ("b",)
    assert lineage.before("a") == ("b",)


@pytest.mark.parametrize("length", [2, 3, 50])
def test_a_circle_is_refused(length: int) -> None:
    rows = [Subject(f"s{n}", "dataset", parents=(f"s{(n + 1) % length}",)) for n in range(length)]
    with pytest.raises(WorkbenchError, match="nothing comes from itself"):
        Lineage(tuple(rows))


def test_two_ways_to_one_origin_are_no_circle() -> None:
    lineage = Lineage(
        (
            Subject("d", "dataset", parents=("b", "c")),
            Subject("b", "dataset", parents=("a",)),
            Subject("c", "dataset", parents=("a",)),
            Subject("a", "dataset"),
        )
    )
    assert lineage.before("d") == ("b", "c", "a")


def test_a_long_chain_is_followed_to_its_end() -> None:
    rows = tuple(Subject(f"s{n}", "dataset", parents=(f"s{n + 1}",)) for n in range(5000))
    assert len(Lineage(rows).before("s0")) == 5000


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "thing"},
        {"name": " "},
        {"name": "a\nb"},
        {"version": "1@2"},
        {"sha256": "AB" * 32},
        {"sha256": "ab"},
        {"parents": ("a",)},
    ],
)
def test_a_subject_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(WorkbenchError):
        Subject(**{"name": "a", "type": "dataset"} | wrong)


@pytest.mark.parametrize("other", [{"type": "model"}, {"sha256": "cd" * 32}])
def test_two_tellings_that_cannot_both_be_true_are_refused(other: dict[str, str]) -> None:
    one = {"name": "a", "type": "dataset", "sha256": HASH}
    with pytest.raises(WorkbenchError, match=r"one type|one SHA-256"):
        joined([Subject(**one), Subject(**one | other)])


def test_a_subject_that_stands_twice_is_refused() -> None:
    with pytest.raises(WorkbenchError, match="stands once"):
        Lineage((Subject("a", "dataset"), Subject("a", "dataset")))


def test_an_unknown_subject_names_near_ones() -> None:
    with pytest.raises(WorkbenchError, match="loans"):
        Lineage((Subject("loans", "dataset"),)).subject("loan")
