"""What is told of two versions: something wherever they differ, and nothing where they do not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.register.differences import differences
from workbench.register.kinds import body_of

LEAVES = st.booleans() | st.sampled_from([0, 1, 1.0, 0.5, -0.0, 0.0]) | st.sampled_from("ab")
ROWS = st.lists(
    st.fixed_dictionaries({"id": st.sampled_from("abc")}, optional={"x": LEAVES}), max_size=3
)
TREES = st.dictionaries(
    st.sampled_from("pqr"), LEAVES | ROWS | st.lists(LEAVES, max_size=3), max_size=3
)


@given(TREES, TREES)
def test_a_difference_is_told_wherever_the_bodies_differ(old: object, new: object) -> None:
    before, after = body_of(old), body_of(new)
    assert bool(differences(before, after)) == (before != after)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ({"rows": [{"id": "a", "x": 1}]}, {"rows": [{"id": "a", "x": 2}]}, ["rows.a.x: 1 -> 2"]),
        (
            {"rows": [{"id": "a"}, {"id": "b"}, {"id": "c"}]},
            {"rows": [{"id": "d"}, {"id": "c"}, {"id": "a"}]},
            [
                'rows.b: {"id": "b"} -> not stated',
                'rows.d: not stated -> {"id": "d"}',
                "rows, their order: ['a', 'c'] -> ['c', 'a']",
            ],
        ),
        ({"x": 1}, {"x": True}, ["x: 1 -> True"]),
        ({"rows": []}, {"rows": [{"id": "a"}]}, ['rows: [] -> [{"id": "a"}]']),
        ({"x": None}, {}, []),
    ],
    ids=["field", "rows", "number", "list", "null"],
)
def test_what_is_told(old: object, new: object, told: list[str]) -> None:
    assert [str(one) for one in differences(json.dumps(old), json.dumps(new))] == told
