"""A power cut at any moment: what was acknowledged is on the disk, and the register is whole.

The model: a file has what was written up to its last fsync for certain. Of what was written later,
the cut keeps nothing, or any part: each sector of 512 bytes may be there or not, in any order. A
new name is certain once its file or its folder was flushed, a name that is gone or changed once
its folder was; of the later ones the cut keeps the first few.
"""

import hashlib
import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from workbench.register import Register
from workbench.threats.ties import Tie

HEAD = struct.Struct("5q")
SECTOR = 512
ROUNDS = 24  # acts of a traced worker


@dataclass(frozen=True)
class Event:
    """One operation of a trace."""

    op: str
    path: str
    inode: int
    at: int
    data: bytes


@dataclass
class File:
    """What a file has for certain, and the writes and cuts since."""

    certain: bytearray = field(default_factory=bytearray)
    later: list[tuple[int, bytes | None]] = field(default_factory=list)

    def flush(self) -> None:
        """Make all of it certain."""
        for at, data in self.later:
            applied(self.certain, at, data)
        self.later.clear()

    def after_a_cut(self, keep: random.Random | None) -> bytes:
        """Return what is left: the certain, and of the later writes any part that is drawn."""
        left = bytearray(self.certain)
        for at, data in self.later if keep is not None else ():
            if data is None:
                if keep.random() < 0.5:
                    applied(left, at, None)
                continue
            for start in range(0, len(data), SECTOR):
                if keep.random() < 0.5:
                    applied(left, at + start, data[start : start + SECTOR])
        return bytes(left)


def applied(content: bytearray, at: int, data: bytes | None) -> None:
    """Write at an offset, or cut there."""
    if len(content) < at:
        content.extend(bytes(at - len(content)))
    if data is None:
        del content[at:]
    else:
        content[at : at + len(data)] = data


def events(trace: Path) -> Iterator[Event]:
    """Read a trace."""
    data, at = trace.read_bytes(), 0
    while at < len(data):
        op, letters, inode, offset, size = HEAD.unpack_from(data, at)
        at += HEAD.size
        path = data[at : at + letters].decode()
        at += letters
        yield Event(chr(op), path, inode, offset, data[at : at + size])
        at += size


class Disk:
    """A folder on a disk that knows what is certain."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.by_inode: dict[int, File] = {}
        self.names: dict[str, File] = {}  # as programs see them
        self.certain: dict[str, File] = {}  # as a cut leaves them
        self.later: list[tuple[str, File | None]] = []  # names given or taken since
        for path in folder.iterdir():
            file = File(bytearray(path.read_bytes()))
            self.by_inode[path.stat().st_ino] = self.names[str(path)] = file
        self.certain = dict(self.names)

    def do(self, event: Event) -> None:
        """Let one operation happen."""
        match event.op:
            case "O" if event.path not in self.names:
                self.by_inode[event.inode] = File()
                self._name(event.path, self.by_inode[event.inode])
            case "W":
                self.by_inode[event.inode].later.append((event.at, event.data))
            case "T":
                self.by_inode[event.inode].later.append((event.at, None))
            case "S" if event.path == str(self.folder):
                self._keep(self.later)
                self.later = []
            case "S":
                file = self.by_inode[event.inode]
                file.flush()
                self._keep([one for one in self.later if one[1] is file])
            case "R" | "L":
                old = event.data.decode()
                self._name(event.path, self.names[old])
                if event.op == "R":
                    self._name(old, None)
            case "U":
                self._name(event.path, None)

    def _name(self, path: str, file: File | None) -> None:
        self.later.append((path, file))
        self._set(self.names, path, file)

    def _keep(self, changes: list[tuple[str, File | None]]) -> None:
        for path, file in changes:
            self._set(self.certain, path, file)

    @staticmethod
    def _set(names: dict[str, File], path: str, file: File | None) -> None:
        if file is None:
            names.pop(path, None)
        else:
            names[path] = file

    def cut(self, target: Path, keep: random.Random | None) -> None:
        """Write what a power cut leaves: nothing that is not certain, or any part that is drawn."""
        left = dict(self.certain)
        many = 0 if keep is None else keep.randint(0, len(self.later))
        for path, file in self.later[:many]:
            self._set(left, path, file)
        target.mkdir()
        for path, file in left.items():
            (target / Path(path).name).write_bytes(file.after_a_cut(keep))


@pytest.fixture
def traced(tmp_path: Path, shim: Path, keys: Path, make_workers):
    """Return how two writers work under a setting: the disk before, and all that they did."""

    def run(synchronous: str) -> tuple[Disk, list[Event]]:
        folder, trace = tmp_path / synchronous, tmp_path / f"{synchronous}.trace"
        folder.mkdir()
        place = folder / "register.db"
        Register.create(place, by="ada").close()
        disk = Disk(folder)
        environment = {"FAULT_FOLDER": str(folder), "FAULT_TRACE": str(trace)}
        found = make_workers(keys, LD_PRELOAD=str(shim), **environment)
        told = {"place": str(place), "rounds": ROUNDS, "synchronous": synchronous}
        for one in [found.start("traced", name=name, **told) for name in ("mara", "tom")]:
            found.join(one)
        found.close()
        done = list(events(trace))
        assert sum(one.op == "A" for one in done) > ROUNDS
        return disk, done

    return run


def cuts(disk: Disk, done: list[Event], many: int, folder: Path, *, parts: bool):
    """Yield the image that each of so many cuts leaves, and what was acknowledged before it."""
    draw = random.Random(many)
    places = sorted(draw.sample(range(len(done)), many))
    acks: list[str] = []
    for number, event in enumerate(done):
        if places and number == places[0]:
            image = folder / f"cut-{places.pop(0)}"
            disk.cut(image, draw if parts and len(places) % 2 else None)
            yield image, list(acks)
        disk.do(event)
        if event.op == "A":
            acks.append(event.data.decode())


def lost_of(image: Path, acks: list[str]) -> list[str]:
    """Return which acknowledged entries, backups and exports an image does not have."""
    with Register.open(image / "register.db", by="after") as register:
        there = {f"entry {entry.leaf().hex()}" for entry in register.log()}
        assert register.verify().faults == ()
        assert register.save("after", Tie("after", ("T",)), reason="it goes on") is not None
    return [
        one
        for one in acks
        if not (one in there or (not one.startswith("entry") and is_whole(image, one)))
    ]


def is_whole(image: Path, ack: str) -> bool:
    """Whether a backup or an export that was acknowledged is there, all of it."""
    _, name, sha256 = ack.split(" ")
    path = image / name
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def test_no_acknowledged_act_backup_or_export_is_lost(
    traced, tmp_path: Path, record_property, *, soaking: bool
) -> None:
    disk, done = traced("FULL")
    (tmp_path / "cuts").mkdir()
    found = cuts(disk, done, 200 if soaking else 20, tmp_path / "cuts", parts=True)
    results = [(len(acks), lost_of(image, acks)) for image, acks in found]
    record_property("acknowledged", sum(many for many, _ in results))
    assert [lost for _, lost in results if lost] == []


def test_a_setting_that_flushes_later_would_be_found(
    traced, tmp_path: Path, record_property, *, soaking: bool
) -> None:
    disk, done = traced("NORMAL")
    (tmp_path / "cuts").mkdir()
    found = cuts(disk, done, 200 if soaking else 20, tmp_path / "cuts", parts=False)
    results = [(len(acks), lost_of(image, acks)) for image, acks in found]
    record_property("acknowledged", sum(many for many, _ in results))
    record_property("lost", sum(len(lost) for _, lost in results))
    assert sum(any(one.startswith("entry") for one in lost) for _, lost in results) > 10
