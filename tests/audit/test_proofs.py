"""Proofs as text: what is in the log is proved by the key alone, and nothing else ever is."""

import base64
import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.audit.checkpoints import Checkpoint, VerifierKey, parse_note
from workbench.audit.entries import Entry, Row, tree_over
from workbench.audit.merkle import Tree
from workbench.audit.proofs import (
    Growth,
    Inclusion,
    ProofFails,
    Proved,
    check_growth,
    check_inclusion,
    parse_proof,
    split_notes,
)
from workbench.audit.signing import SigningKey
from workbench.errors import WorkbenchError

KEY = SigningKey(bytes(range(32)))
ORIGIN = "risk-workbench/register/00ff"
VERIFIER = VerifierKey(ORIGIN, KEY.public)
SIZE = 11
BODIES = ['{"a":1}', '{"name":"Größe \u202e"}', ""]
ROWS = [
    Row("scenario", f"s/{n}", 1, "draft", hashlib.sha256(b.encode()).hexdigest())
    for n, b in enumerate(BODIES)
]
ROOT = tree_over(ROWS).root().hex()
ENTRIES = [
    Entry(n, "2026-11-29T09:00:00.000000Z", "edit", "acct-1", "ab", len(ROWS), ROOT, f"why {n}")
    for n in range(SIZE)
]
TREE = Tree(entry.leaf() for entry in ENTRIES)


def note(size: int = SIZE, tree: Tree = TREE) -> str:
    return Checkpoint(ORIGIN, size, tree.root(size)).signed(KEY)


def of_entry(index: int, size: int = SIZE) -> Inclusion:
    path = tuple(TREE.inclusion(index, size))
    return Inclusion(Proved(ENTRIES[index].data()), index, path, note(size))


def of_row(index: int, place: int, *, tells: bool = True) -> Inclusion:
    path = tuple(tree_over(ROWS).inclusion(place))
    body = BODIES[place] if tells else None
    proved = Proved(ENTRIES[index].data(), ROWS[place], place, path, body, tells)
    return replace(of_entry(index), proved=proved)


def test_every_entry_is_proved_by_every_later_checkpoint() -> None:
    for size in range(1, SIZE + 1):
        for index in range(size):
            proof = parse_proof(str(of_entry(index, size)))
            assert proof == of_entry(index, size)
            found, entry = check_inclusion(proof, VERIFIER)
            assert (found.size, entry) == (size, ENTRIES[index])


@pytest.mark.parametrize("tells", [True, False])
@pytest.mark.parametrize("place", range(len(ROWS)))
def test_a_version_is_proved_with_its_entry_with_or_without_its_body(
    place: int, tells: bool
) -> None:
    proof = parse_proof(str(of_row(4, place, tells=tells)))
    assert proof == of_row(4, place, tells=tells)
    assert check_inclusion(proof, VERIFIER)[1] == ENTRIES[4]
    assert (BODIES[1] in json.dumps(str(proof.proved), ensure_ascii=False)) is False


def test_the_text_is_that_of_the_published_form() -> None:
    lines = str(of_entry(3)).split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    extra = json.loads(base64.b64decode(lines[1].removeprefix("extra ")))
    assert extra == {"entry": ENTRIES[3].data().decode()}
    assert lines[2] == "index 3"
    empty = lines.index("")
    assert [base64.b64decode(one) for one in lines[3:empty]] == TREE.inclusion(3)
    assert "\n".join(lines[empty + 1 :]) == note()


def test_the_log_is_proved_to_have_grown_from_every_earlier_size() -> None:
    for new in range(SIZE + 1):
        for old in range(new + 1):
            proof = Growth(old, tuple(TREE.consistency(old, new)), note(new))
            assert str(proof).startswith(f"old {old}\n")
            assert parse_proof(str(proof)) == proof
            held = Checkpoint(ORIGIN, old, TREE.root(old))
            assert check_growth(proof, held, VERIFIER).size == new


def test_a_rewritten_log_is_not_proved_to_have_grown() -> None:
    changed = [replace(ENTRIES[0], reason="never said"), *ENTRIES[1:]]
    other = Tree(entry.leaf() for entry in changed)
    held = Checkpoint(ORIGIN, 5, TREE.root(5))
    for path in (other.consistency(5), TREE.consistency(5)):
        with pytest.raises(ProofFails, match="does not begin with your 5"):
            check_growth(Growth(5, tuple(path), note(SIZE, other)), held, VERIFIER)
    proof = Growth(5, tuple(TREE.consistency(5)), note())
    with pytest.raises(ProofFails, match="about 5 entries, your checkpoint 4"):
        check_growth(proof, Checkpoint(ORIGIN, 4, TREE.root(4)), VERIFIER)


FAULTS = {
    "another entry": replace(of_entry(3), proved=Proved(ENTRIES[4].data())),
    "another place": replace(of_entry(3), index=4),
    "another path": replace(of_entry(3), path=of_entry(4).path),
    "no path": replace(of_entry(3), path=()),
    "another row": replace(of_row(3, 0), proved=replace(of_row(3, 0).proved, row=ROWS[1])),
    "another body": replace(of_row(3, 0), proved=replace(of_row(3, 0).proved, body="{}")),
    "a body that is gone": replace(of_row(3, 0), proved=replace(of_row(3, 0).proved, body=None)),
    "another state": replace(
        of_row(3, 0), proved=replace(of_row(3, 0).proved, row=replace(ROWS[0], state="approved"))
    ),
    "another log": replace(of_entry(3), note=note(tree=Tree([*TREE.inclusion(0)] * 3))),
    "another signer": replace(
        of_entry(3), note=Checkpoint(ORIGIN, SIZE, TREE.root()).signed(SigningKey())
    ),
}


@pytest.mark.parametrize("proof", FAULTS.values(), ids=FAULTS.keys())
def test_what_is_not_in_the_log_is_not_proved(proof: Inclusion) -> None:
    with pytest.raises(WorkbenchError):
        check_inclusion(proof, VERIFIER)


def test_a_proof_of_another_key_or_log_fails() -> None:
    for key in (VerifierKey(ORIGIN, SigningKey().public), VerifierKey("elsewhere", KEY.public)):
        with pytest.raises(ProofFails):
            check_inclusion(of_entry(3), key)


TEXT = str(of_row(3, 1))


@given(st.integers(0, len(TEXT) - 2), st.characters(codec="utf-8"))
def test_no_single_character_of_a_proof_can_be_changed(place: int, character: str) -> None:
    spoilt = TEXT[:place] + character + TEXT[place + 1 :]
    try:
        proof = parse_proof(spoilt)
        assert isinstance(proof, Inclusion)
        check_inclusion(proof, VERIFIER)
    except WorkbenchError:
        return
    assert replace(proof, note="") == replace(of_row(3, 1), note="")
    assert parse_note(proof.note) == parse_note(note())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        note(),
        TEXT.replace("@v1", "@v2"),
        TEXT.replace("index 3", "index 03"),
        TEXT.replace("index 3", "index -3"),
        TEXT.replace("index 3", "index ٣"),
        TEXT.replace("index 3", "index"),
        TEXT.replace("extra ", "more "),
        TEXT.replace("\n\n", "\nAAAA\n\n", 1),
        TEXT.replace("\n\n", "\n" + "A" * 43 + "=" * 64, 1),
        "old 3",
        f"old 3\nAAAA\n\n{note()}",
        f"old x\n\n{note()}",
        f"old 3\n{(base64.b64encode(bytes(32)).decode() + chr(10)) * 64}\n{note()}",
    ],
)
def test_what_is_no_proof_is_refused(text: str) -> None:
    with pytest.raises(WorkbenchError):
        parse_proof(text)


@pytest.mark.parametrize(
    "extra",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 10**5,
        b'{"entry":5}',
        b'{"entry":"no"}',
        b'{ "entry": ""}',
        json.dumps({"entry": ENTRIES[3].data().decode(), "row": 5}, separators=(",", ":")).encode(),
        of_row(3, 0).proved.data().replace(b'"place":0', b'"place":-1'),
        of_row(3, 0).proved.data().replace(b'"place":0', b'"place":true'),
        of_row(3, 0).proved.data().replace(b'"version":1', b'"version":"1"'),
        of_row(3, 0).proved.data().replace(b'"path":[', b'"path":[5,'),
        of_row(3, 0).proved.data().replace(b'"body"', b'"bodx"'),
    ],
)
def test_an_extra_that_is_none_of_ours_is_refused(extra: bytes) -> None:
    line = f"extra {base64.b64encode(extra).decode()}"
    lines = str(of_entry(3)).split("\n")
    with pytest.raises(WorkbenchError):
        parse_proof("\n".join([lines[0], line, *lines[2:]]))


@given(st.lists(st.integers(0, SIZE), max_size=5), st.sampled_from(["", "\n", "\n\n\n"]))
def test_a_file_of_checkpoints_gives_each_of_them_back(sizes: list[int], between: str) -> None:
    text = between.join(note(size) for size in sizes)
    assert split_notes(text) == [note(size) for size in sizes]
    assert split_notes(text.replace("\n", "\r\n")) == [note(size) for size in sizes]


def test_what_is_no_checkpoint_in_a_file_of_them_is_not_left_out() -> None:
    first, second = split_notes(f"{note(3)}\nsomething else\n\n{note(4)}")
    assert first == note(3)
    with pytest.raises(WorkbenchError):
        parse_note(second)
