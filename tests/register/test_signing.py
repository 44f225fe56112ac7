"""Checkpoints: signed by the log's key alone, and never over a log that was changed."""

from pathlib import Path

import pytest
from sqlalchemy import text

from workbench.audit.checkpoints import Checkpoint, parse_note
from workbench.audit.signing import SigningKey
from workbench.errors import WorkbenchError
from workbench.register import Register
from workbench.register.keys import find_key
from workbench.register.proving import covering
from workbench.threats.ties import Tie

ONE, TWO = Tie("S", ("T1",)), Tie("S", ("T2",))
pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


def sql(register: Register, statement: str, **values: object) -> None:
    with register._writing() as connection:
        connection.execute(text(statement), values)


def key_of(keys: Path) -> Path:
    return next(keys.glob("*.key"))


def test_a_log_that_was_changed_under_its_checkpoint_is_not_signed(place: str) -> None:
    with Register.create(place, by="mara") as register:
        register.save("tie", ONE, reason="first")
    with Register.open(place, by="mara") as register:
        sql(register, "UPDATE log SET body = replace(body, 'first', 'other') WHERE seq = 1")
        register.save("tie", TWO)
        with pytest.raises(WorkbenchError, match="a log only grows; got 3 entries"):
            register.checkpoint()
        kept = register.ask(lambda c: c.execute(text("SELECT count(*) FROM checkpoints")).scalar())
        assert kept == 1
        register._wrote = False


def test_a_log_that_was_cut_is_not_signed(place: str) -> None:
    with Register.create(place, by="mara") as register:
        register.save("tie", ONE)
        register.save("tie", TWO)
    with Register.open(place, by="mara") as register:
        with register._writing() as connection:
            for table in ("touched", "log"):
                connection.execute(text(f"DELETE FROM {table} WHERE seq = 2"))
        with pytest.raises(WorkbenchError, match="do not begin with the 3 of"):
            register.checkpoint()
        register._wrote = False


def test_another_key_does_not_sign(mara: Register, keys: Path) -> None:
    mara.save("tie", ONE)
    path = key_of(keys)
    own = path.read_text()
    path.write_text(SigningKey().seed.hex())
    with pytest.raises(WorkbenchError, match=r"signed by the key \w+ of the log; got another"):
        mara.checkpoint()
    assert mara.latest_checkpoint() is None
    path.write_text(own)
    assert mara.checkpoint() is not None


@pytest.mark.parametrize("forgery", ["no note", "by another", "of another size"])
def test_what_the_key_did_not_sign_is_no_checkpoint(mara: Register, forgery: str) -> None:
    mara.save("tie", ONE)
    good = mara.checkpoint()
    assert good is not None
    found = parse_note(good).checkpoint
    note = {
        "no note": "nothing",
        "by another": Checkpoint(found.origin, 9, found.root).signed(SigningKey()),
        "of another size": good,
    }[forgery]
    sql(mara, "INSERT INTO checkpoints (size, note) VALUES (9, :note)", note=note)
    assert mara.latest_checkpoint() == good
    assert mara.position() == (2, good)
    assert mara.ask(covering, 1) == good
    mara.save("tie", TWO)
    assert mara.ask(covering, 2) is None
    assert mara.checkpoint() != good


def test_a_row_in_the_place_of_a_checkpoint_is_told(mara: Register) -> None:
    mara.save("tie", ONE)
    sql(mara, "INSERT INTO checkpoints (size, note) VALUES (2, 'x')")
    with pytest.raises(WorkbenchError, match="signed by the key of its log; got one of 2"):
        mara.checkpoint()
    mara._wrote = False


def test_only_a_key_that_is_missing_is_not_held(mara: Register, keys: Path) -> None:
    path = key_of(keys)
    kept = path.read_text()
    path.unlink()
    assert find_key(mara.verifier().name) is None
    assert mara.checkpoint() is None
    path.mkdir()
    with pytest.raises(WorkbenchError):
        find_key(mara.verifier().name)
    path.rmdir()
    path.symlink_to(keys / "nowhere")
    with pytest.raises(WorkbenchError):
        mara.checkpoint()
    path.unlink()
    path.write_text(kept)


def test_an_act_that_no_log_knows_is_not_kept(mara: Register) -> None:
    before = mara.log()
    with pytest.raises(WorkbenchError, match=r"an act is known; got .*meddle"):
        mara.do("meddle", [])
    assert mara.log() == before
