"""Where a register may be: files of this machine, servers by URL, and never a network share."""

from pathlib import Path

import pytest

from workbench.errors import WorkbenchError
from workbench.register import Register, place_of, places
from workbench.register.places import SHARES, file_system, mounts, refuse_share

# lines of /proc/self/mountinfo, as proc(5) describes them
MOUNTS = [
    "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw",
    "40 22 0:35 / /srv/far rw - nfs4 server:/far rw,vers=4.2",
    "41 22 0:36 / /mnt/my\\040disk rw shared:3 master:1 - cifs //server/disk rw",
    "42 40 8:2 / /srv/far/local rw - xfs /dev/sdb1 rw",
    "43 22 0:37 / /disk rw - ext4 /dev/sdc rw",
    "44 22 0:38 / /disk rw - fuse.sshfs me@there: rw",
]


def test_a_path_is_a_file_and_a_url_a_server() -> None:
    assert place_of("risk.db").path == Path("risk.db")
    found = place_of("postgresql://ada:secret@db.example:5433/risk")
    assert not found.is_file
    assert str(found) == "postgresql://ada:***@db.example:5433/risk"


@pytest.mark.parametrize("told", ["mysql://a/b", "sqlite:///x.db", "http://x", "://", " "])
def test_another_database_is_refused_without_its_password(told: str) -> None:
    with pytest.raises(WorkbenchError) as refused:
        place_of(told)
    assert "register" in str(refused.value)


def test_a_password_is_never_told() -> None:
    with pytest.raises(WorkbenchError) as refused:
        place_of("mysql://ada:secret@db/risk")
    assert "secret" not in str(refused.value)


def test_mounts_are_read_with_their_escapes() -> None:
    assert list(mounts(MOUNTS))[2] == ("/mnt/my disk", "cifs")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv/risk.db", "ext4"),
        ("/srv/far/ada/risk.db", "nfs4"),
        ("/srv/far/local/risk.db", "xfs"),
        ("/srv/farther/risk.db", "ext4"),
        ("/mnt/my disk/risk.db", "cifs"),
        ("/disk/risk.db", "fuse.sshfs"),
    ],
)
def test_the_longest_and_last_mount_holds_a_path(
    monkeypatch: pytest.MonkeyPatch, path: str, kind: str
) -> None:
    monkeypatch.setattr(places.Path, "read_text", lambda *_, **__: "\n".join(MOUNTS))
    monkeypatch.setattr(places.os.path, "realpath", str)
    monkeypatch.setattr(places.Path, "exists", lambda _: True)
    assert file_system(Path(path)) == kind
    if kind in SHARES:
        with pytest.raises(WorkbenchError, match=f"network share \\({kind}\\)"):
            refuse_share(Path(path))
    else:
        refuse_share(Path(path))


def test_a_register_on_a_share_is_neither_made_nor_opened(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(places, "file_system", lambda _: "nfs4")
    for opened in (Register.create, Register.open):
        with pytest.raises(WorkbenchError, match="write-ahead log"):
            opened(tmp_path / "risk.db", by="mara")
    assert list(tmp_path.glob("risk*")) == []


def test_what_is_not_there_is_not_made_by_opening_it(tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match="workbench register init"):
        Register.open(tmp_path / "risk.db", by="mara")
    assert not (tmp_path / "risk.db").exists()


def test_a_register_is_made_once(tmp_path: Path) -> None:
    Register.create(tmp_path / "risk.db", by="mara").close()
    with pytest.raises(WorkbenchError, match="a place of its own"):
        Register.create(tmp_path / "risk.db", by="tom")


def test_a_key_is_its_owners_alone_and_not_in_the_register(tmp_path: Path, keys: Path) -> None:
    Register.create(tmp_path / "risk.db", by="mara").close()
    (key,) = keys.glob("*.key")
    assert key.stat().st_mode & 0o777 == 0o600
    seed = key.read_text().strip()
    assert seed.encode() not in (tmp_path / "risk.db").read_bytes()
    assert bytes.fromhex(seed) not in (tmp_path / "risk.db").read_bytes()


def test_a_register_and_its_copy_are_their_owners_alone(tmp_path: Path) -> None:
    with Register.create(tmp_path / "risk.db", by="mara") as register:
        register.backup(tmp_path / "copy.db")
    for name in ("risk.db", "copy.db"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


def test_a_register_without_its_key_works_and_makes_no_checkpoint(
    tmp_path: Path, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Register.create(tmp_path / "risk.db", by="mara").close()
    monkeypatch.setenv("WORKBENCH_REGISTER_KEYS", str(tmp_path / "elsewhere"))
    with Register.open(tmp_path / "risk.db", by="tom") as register:
        assert register.checkpoint() is None


@pytest.mark.parametrize("content", ["", "zz", "00" * 31])
def test_a_key_file_that_is_no_key_is_refused(tmp_path: Path, keys: Path, content: str) -> None:
    Register.create(tmp_path / "risk.db", by="mara").close()
    (key,) = keys.glob("*.key")
    key.chmod(0o600)
    key.write_text(content)
    with (
        Register.open(tmp_path / "risk.db", by="tom") as register,
        pytest.raises(WorkbenchError, match="32 bytes"),
    ):
        register.checkpoint()


def test_a_register_opened_to_be_read_cannot_be_written(tmp_path: Path, example) -> None:
    with Register.create(tmp_path / "risk.db", by="mara") as register:
        register.save_study("lender", example)
    with Register.open(tmp_path / "risk.db", reads_only=True) as reader:
        assert reader.load_study("lender").study == example
        with pytest.raises(WorkbenchError, match=r"reading alone|may not be written"):
            reader.save_study("lender", example, request="x")
