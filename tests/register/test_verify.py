"""Verify: who is said to have acted, and the key, are held by the log as well."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from workbench.cli.register_words import IF_BELIEVED, verdict_text
from workbench.errors import WorkbenchError
from workbench.models.study import Study, TolerancePoint
from workbench.register import Register
from workbench.register.keys import make_key
from workbench.register.kinds import body_of
from workbench.register.records import Change
from workbench.register.soundness import faults_of
from workbench.threats.ties import Tie


@pytest.fixture
def written(mara: Register, tom: Register) -> Register:
    """Two acts of Mara (the first opened the log), and one of Tom."""
    mara.save("one", Tie("S", ("T1",)))
    tom.save("two", Tie("S", ("T2",)))
    return mara


def spoilt(register: Register, statement: str, **values: object) -> list[str]:
    with register._writing() as connection:
        connection.execute(text(statement), values)
    verdict = register.verify()
    assert not verdict.is_good
    return list(verdict.faults)


def test_what_is_sound_is_good(written: Register) -> None:
    written.checkpoint()
    verdict = written.verify()
    assert (verdict.is_good, verdict.entries, verdict.last_good) == (True, 3, 3)
    assert verdict.first_bad is None


def test_another_name_over_an_act_is_found(written: Register) -> None:
    (fault,) = spoilt(written, "UPDATE accounts SET name = 'ada' WHERE name = 'tom'")
    assert fault == "entry 2: its author is shown under another name"


def test_names_that_are_exchanged_are_found(written: Register) -> None:
    with written._writing() as connection:
        for old, new in (("tom", "x"), ("mara", "tom"), ("x", "mara")):
            values = {"old": old, "new": new}
            connection.execute(text("UPDATE accounts SET name = :new WHERE name = :old"), values)
    verdict = written.verify()
    assert verdict.first_bad == 0
    assert len(verdict.faults) == 2


def test_a_name_erased_by_no_entry_is_found(written: Register) -> None:
    (fault,) = spoilt(written, "UPDATE accounts SET name = NULL, salt = NULL WHERE name = 'tom'")
    assert fault == "entry 2: its author's name was erased by no entry"


def test_a_name_erased_by_an_entry_is_in_order(written: Register) -> None:
    written.erase("tom")
    assert written.verify().is_good


def test_another_key_is_found(written: Register, keys) -> None:
    from workbench.audit.checkpoints import VerifierKey

    name = written.verifier().name
    next(keys.glob("*.key")).unlink()
    other = VerifierKey(name, make_key(name).public)
    change = "UPDATE register SET value = :key WHERE key = 'verifier'"
    assert "entry 0: the key of the log" in spoilt(written, change, key=str(other))[0]


def test_a_name_in_a_list_that_is_not_the_versions_own_is_found(written: Register) -> None:
    (fault,) = spoilt(written, "UPDATE items SET name = 'nothing to see' WHERE id = 'two'")
    assert fault == "entry 2: link two is shown under another name"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE items SET version = 1, state = 'approved' WHERE id = 'two'",
        "UPDATE items SET seq = 1 WHERE id = 'two'",
        "DELETE FROM items WHERE id = 'two'",
    ],
)
def test_what_is_shown_as_current_is_what_was_touched_last(written: Register, change: str) -> None:
    (fault,) = spoilt(written, change)
    assert fault.startswith("entry 2: link two is not shown")


def test_checkpoints_signed_again_by_the_owner_do_not_count_beside_an_outside_one(
    written: Register, mara: Register, tom: Register
) -> None:
    """Who holds file and key changes an entry, and signs everything in the register anew."""
    from workbench.register.checkpointing import tree_of
    from workbench.register.keys import find_key
    from workbench.register.tables import CHECKPOINTS

    outside = written.checkpoint()
    assert outside is not None
    mara.save("three", Tie("S", ("T3",)))
    with written._writing() as connection:
        body = connection.execute(text("SELECT body FROM log WHERE seq = 1")).scalar_one()
        other = body.replace('"reason":""', '"reason":"another"')
        assert other != body
        connection.execute(text("UPDATE log SET body = :body WHERE seq = 1"), {"body": other})
        connection.execute(CHECKPOINTS.delete())
        key, tree = find_key(written.verifier().name), tree_of(connection)
        assert key is not None
        for size in (2, 3, 4):
            from workbench.audit.checkpoints import Checkpoint

            note = Checkpoint(written.verifier().name, size, tree.root(size)).signed(key)
            connection.execute(CHECKPOINTS.insert().values(size=size, note=note))
    assert written.verify().is_good  # as the documentation says: without an outside one
    verdict = written.verify([outside])
    assert (verdict.is_good, verdict.first_bad, verdict.last_good) == (False, 0, None)
    assert (verdict.between, verdict.between_inside) == ((0, 2), None)  # those inside contradict it
    for register in (mara, tom):
        register._wrote = False  # else closing would sign what is not as it was


def test_checkpoints_inside_narrow_what_one_from_outside_proves(
    written: Register, mara: Register, tom: Register
) -> None:
    """An entry between two of those inside is rewritten, before the first one kept outside."""
    for name in ("three", "four"):
        written.checkpoint()  # of 3 and 4 entries
        mara.save(name, Tie("S", ("T3",)))
    written.checkpoint()
    tom.save("five", Tie("S", ("T5",)))
    outside = written.checkpoint()
    assert outside is not None
    change = "UPDATE log SET body = replace(body, :old, :new) WHERE seq = 3"
    with written._writing() as connection:
        connection.execute(text(change), {"old": '"reason":""', "new": '"reason":"x"'})
    proven, alone = written.verify([outside]), written.verify()
    assert (proven.first_bad, proven.last_good) == (0, None)
    assert (proven.between, proven.between_inside) == ((0, 5), (3, 3))
    assert (alone.first_bad, alone.between, alone.between_inside) == (3, (3, 3), None)
    lines = verdict_text(proven, outside=1).split("\n")
    changed = "the first that was changed is"
    assert lines[-2:] == [
        f"checkpoints from outside prove: {changed} one of the entries 0 to 5",
        f"{IF_BELIEVED}: {changed} entry 3",
    ]
    for register in (mara, tom):
        register._wrote = False  # else closing would sign what is not as it was


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE touched SET sha256 = :x WHERE id = 'two'", "is another than it recorded, first "),
        ("UPDATE touched SET state = :x WHERE id = 'two'", "is another than it recorded, one of 2"),
    ],
)
def test_what_differs_of_what_an_entry_touched_is_named(
    written: Register, change: str, told: str
) -> None:
    act = [Change("link", name, body_of({"threats": []}), "S") for name in ("one", "two")]
    written.do("import", act, details={})
    (fault, *_) = spoilt(written, f"{change} AND seq = 3", x="approved")
    assert fault.startswith(f"entry 3: what it touched {told}")
    assert fault.endswith(("first link two version 2", "begin with link one version 2"))


def test_a_row_in_no_place_of_its_entry_does_not_pass_for_one_of_it(written: Register) -> None:
    """Its owner lets an entry approve a version; what the entry recorded is as it was."""
    added = (
        "INSERT INTO touched SELECT seq, 7, kind, id, version, 'approved', sha256 "
        "FROM touched WHERE id = 'two'"
    )
    with written._writing() as connection:
        connection.execute(text(added))
    (fault,) = spoilt(written, "UPDATE items SET state = 'approved' WHERE id = 'two'")
    assert fault == "entry 2: 1 of its rows stand in another place than their own"


def test_a_checkpoint_that_cannot_be_believed_says_nothing_of_an_entry(written: Register) -> None:
    note = written.checkpoint()
    assert note is not None
    verdict = written.verify([note.replace("\n3\n", "\n2\n")])
    assert (verdict.is_good, verdict.first_bad) == (False, None)
    assert "is not signed by" in verdict.faults[0]


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kind", ["run", "appetite", "link"])
def test_a_version_of_another_shape_is_found(written: Register, example: Study, kind: str) -> None:
    points = (TolerancePoint(1e6, 0.1),)
    small = replace(example, tolerance=points, scenarios=(), assets=(), dependence=None)
    written.save_study("lender", small)
    written.do(
        "run", [Change("run", "lender/1", '{"engine":"exact","saved":"2026"}', "exact, 2026")]
    )
    assert written.verify().is_good
    (fault, *_) = written.items(kind=kind)[0]
    for body in ("{}", "[]", "5", "null", '{"engine":1,"saved":2}', "[" * 10_000, ""):
        told = spoilt(
            written,
            "UPDATE versions SET body = :body WHERE kind = :kind",
            body=body,
            kind=kind,
        )
        assert any(f"{kind} {fault.id} version 1 is not what it recorded" in one for one in told)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
@pytest.mark.parametrize("time", ["", "yesterday", "2026-11-29T10:00:00"])
def test_an_entry_that_tells_no_time_is_found_and_none_is_added(
    written: Register, time: str
) -> None:
    last = written.log()[-1]
    body = replace(last, time=time).data().decode()
    told = spoilt(written, "UPDATE log SET body = :body WHERE seq = :seq", body=body, seq=last.seq)
    assert "['time']" in told[0]
    with pytest.raises(WorkbenchError, match="fields are of their kinds"):
        written.save("three", Tie("S", ("T3",)))


def test_an_index_that_was_dropped_or_changed_is_told_with_what_makes_it_again(
    written: Register,
) -> None:
    with written._writing() as connection:
        for statement in ("DROP INDEX log_by", "DROP INDEX touched_item"):
            connection.execute(text(statement))
        connection.execute(text("CREATE INDEX touched_item ON touched (id)"))
    gone, other = written.ask(faults_of)
    assert gone.startswith("the index log_by is gone; this harms speed alone")
    assert other.startswith("the index touched_item is of other columns")
    assert written.verify().is_good
    with written._writing() as connection:
        connection.execute(text("DROP INDEX touched_item"))
        for told in (gone, other):
            connection.execute(text(told.partition("makes it again: ")[2]))
    assert written.ask(faults_of) == []
