"""Names of accounts: one way to write each, and nothing left of those that are erased."""

from pathlib import Path

import pytest
from sqlalchemy import text

from workbench.errors import WorkbenchError
from workbench.register import Register
from workbench.threats.ties import Tie

ONE = Tie("S", ("T1",))
pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


def test_nobody_erases_the_name_they_act_under(mara: Register) -> None:
    before = mara.log()
    with pytest.raises(WorkbenchError, match="nobody erases the name they act under"):
        mara.erase("mara")
    assert mara.log() == before
    assert list(mara.names().values()) == ["mara"]


def test_the_drafts_of_an_erased_name_go_with_it(mara: Register, tom: Register) -> None:
    mara.put_draft("link", "mine", {"text": "x"})
    tom.put_draft("link", "his", {"text": "y"})
    mara.erase("tom")
    assert [one.id for one in mara.drafts()] == ["mine"]
    kept = mara.ask(lambda c: c.execute(text("SELECT id FROM drafts")).scalars().all())
    assert kept == ["mine"]


def test_a_name_that_is_erased_leaves_the_file(place: str) -> None:
    name, typed = "thomasina-quill", "a sentence that was never saved"
    with Register.create(place, by="mara") as register:
        register.save("tie", ONE)
    with Register.open(place, by=name) as register:
        register.save("tie", Tie("S", ("T2",)))
        register.put_draft("link", "tie", {"text": typed})
    assert name.encode() in Path(place).read_bytes()
    with Register.open(place, by="mara") as register:
        register.erase(name)
    left = Path(place).read_bytes()
    assert name.encode() not in left
    assert typed.encode() not in left


@pytest.mark.parametrize("name", [" mara", "mara ", "\uff4dara", "ma\u0301ra"])
def test_a_name_is_written_in_one_way(mara: Register, place: str, name: str) -> None:
    with (
        Register.open(place, by=name) as register,
        pytest.raises(WorkbenchError, match=r"form NFKC, without spaces .* Write"),
    ):
        register.save("tie", ONE)
