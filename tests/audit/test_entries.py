"""Entries: canonical, proved with what they touched, and refused where they are not whole."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.audit.canonical import canonical_json
from workbench.audit.entries import Entry, Row, parse_entry, tree_over
from workbench.audit.merkle import leaf_hash, root_by_inclusion
from workbench.errors import WorkbenchError

pytestmark = pytest.mark.pure
TEXT = st.text(st.characters(codec="utf-8"))
ROWS = st.builds(Row, TEXT, TEXT, st.integers(1, 10**6), TEXT, TEXT)
ENTRY = Entry(
    3, "2026-11-29T01:00:00.000000Z", "edit", "acct-1", "ab", 2, "0" * 64, "why", {"a": 1}
)


def test_an_entry_is_its_canonical_json_and_comes_back_equal() -> None:
    assert ENTRY.data() == canonical_json(ENTRY.to_dict())
    assert parse_entry(ENTRY.data()) == ENTRY
    assert ENTRY.leaf() == leaf_hash(ENTRY.data())


@given(ROWS)
def test_the_leaf_of_a_row_is_over_its_canonical_json(row: Row) -> None:
    plain = [row.kind, row.id, row.version, row.state, row.sha256]
    assert row.leaf() == leaf_hash(canonical_json(plain))


@given(st.lists(ROWS, min_size=1, max_size=20), st.data())
def test_any_row_of_an_act_is_proved_without_the_others(rows: list[Row], data) -> None:
    index = data.draw(st.integers(0, len(rows) - 1))
    tree = tree_over(rows)
    path = tree.inclusion(index)
    assert root_by_inclusion(rows[index].leaf(), index, len(rows), path) == tree.root()


def test_every_single_byte_that_is_changed_changes_the_entry_or_refuses_it() -> None:
    data = ENTRY.data()
    for place in range(len(data)):
        spoilt = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        try:
            assert parse_entry(spoilt) != ENTRY
        except WorkbenchError:
            continue


@pytest.mark.parametrize(
    "change",
    [
        {"act": "forget"},
        {"seq": -1},
        {"seq": True},
        {"rows": "2"},
        {"root": "0" * 63},
        {"format": 2},
        {"details": []},
        {"more": 1},
    ],
)
def test_an_entry_with_a_wrong_field_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(WorkbenchError):
        parse_entry(canonical_json(ENTRY.to_dict() | change))


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"\xff", b"[" * 10**5, b"NaN"])
def test_what_is_no_entry_is_refused(data: bytes) -> None:
    with pytest.raises(WorkbenchError):
        parse_entry(data)


def test_an_entry_in_another_form_is_refused() -> None:
    with pytest.raises(WorkbenchError, match="canonical"):
        parse_entry(json.dumps(ENTRY.to_dict()).encode())
