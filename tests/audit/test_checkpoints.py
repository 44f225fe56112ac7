"""Checkpoints: the published key and signature, the form of a note, and what is no checkpoint."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.audit.checkpoints import DASH, Checkpoint, VerifierKey, parse_note
from workbench.audit.merkle import EMPTY
from workbench.audit.signing import SigningKey, is_signed
from workbench.errors import WorkbenchError

# The example of Go's package note, whose format C2SP signed-note is.
EXAMPLE = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
KEY = SigningKey(bytes(range(32)))
LOG = "risk-workbench/register/00ff"
VERIFIER = VerifierKey(LOG, KEY.public)
CHECKPOINT = Checkpoint(LOG, 7, bytes(32))
NOTE = CHECKPOINT.signed(KEY)


def test_a_published_key_has_its_published_hint() -> None:
    key = VerifierKey.parse(EXAMPLE)
    assert (key.name, key.hint.hex()) == ("PeterNeumann", "c74f20a3")
    assert str(key) == EXAMPLE


def test_a_signature_is_that_of_rfc_8032() -> None:
    # section 7.1, test 1: the empty message
    seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
    public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    signature = (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b"
    )
    key = SigningKey(bytes.fromhex(seed))
    assert key.public.hex() == public
    assert key.sign(b"").hex() == signature


def test_a_note_is_three_lines_an_empty_one_and_a_signature() -> None:
    origin, size, root, empty, signature, end = NOTE.split("\n")
    assert (origin, size, empty, end) == (LOG, "7", "", "")
    assert base64.b64decode(root) == bytes(32)
    assert signature.startswith(f"{DASH} {LOG} ")
    assert parse_note(NOTE).checkpoint == CHECKPOINT
    assert is_signed(parse_note(NOTE), VERIFIER)


@pytest.mark.parametrize("change", [lambda t: t.replace("\n", "\r\n"), lambda t: f"\n{t}\n\n"])
def test_what_mail_does_to_a_note_is_undone(change) -> None:
    assert is_signed(parse_note(change(NOTE)), VERIFIER)


def test_another_key_another_name_and_another_text_are_not_signed() -> None:
    other = VerifierKey(LOG, SigningKey().public)
    assert not is_signed(parse_note(NOTE), other)
    assert not is_signed(parse_note(NOTE), VerifierKey("elsewhere", KEY.public))
    assert not is_signed(parse_note(NOTE.replace("\n7\n", "\n8\n")), VERIFIER)


@given(st.integers(0, len(NOTE) - 2), st.characters(codec="utf-8"))
def test_no_single_character_of_a_note_can_be_changed(place: int, character: str) -> None:
    spoilt = NOTE[:place] + character + NOTE[place + 1 :]
    try:
        note = parse_note(spoilt)
    except WorkbenchError:
        return
    assert not is_signed(note, VERIFIER) or note == parse_note(NOTE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\nb\nc",
        NOTE.replace("\n7\n", "\n07\n"),
        NOTE.replace("\n7\n", "\n-7\n"),
        NOTE.replace("\n7\n", "\n٧\n"),
        NOTE.replace("AAAA=", "AAAA"),
        NOTE.replace("AAAA=", "AAAB="),
        NOTE.split("\n\n", maxsplit=1)[0],
        NOTE.replace(DASH, "-"),
        "x" * 5000,
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(WorkbenchError):
        parse_note(text)


@pytest.mark.parametrize(
    "text", ["", "a+b", EXAMPLE.replace("c74f20a3", "c74f20a4"), EXAMPLE[:-4], "a b" + EXAMPLE]
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(WorkbenchError):
        VerifierKey.parse(text)


def test_a_key_file_of_another_length_is_refused() -> None:
    with pytest.raises(WorkbenchError, match="32 bytes"):
        SigningKey(b"short")


def test_the_checkpoint_of_an_empty_log_has_the_root_of_nothing() -> None:
    assert base64.b64encode(EMPTY).decode() in str(Checkpoint(LOG, 0, EMPTY))
