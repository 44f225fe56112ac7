"""Every reader against every attack: one-line refusals, soon, in little memory, nothing run."""

import os
import random
import re
import resource
import signal
import socket
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.files.attacks import (
    BOOKS,
    CANARY,
    NUMBERS,
    ODD_TEXTS,
    RAW,
    TABLES,
    TREES,
    WHOLE_YAML,
    Attack,
    celled,
    floods,
    on_values,
    planted,
)
from tests.files.readers import READERS
from workbench.errors import WorkbenchError
from workbench.files.messages import MOST_MESSAGES, FileRefused
from workbench.files.sources import checkpoint_beside, checkpoint_file, source_digest
from workbench.register.keys import VARIABLE, find_key, key_file

NO_NUMBER = re.compile(r"(?<![\w'])(nan|inf)(?![\w'])")
SECONDS, MEMORY = 10, 2**30  # of processor time; of memory beyond what the interpreter has
LONGEST = 64 * 2**10  # bytes of all messages
SOAKING = bool(os.environ.get("WORKBENCH_SOAK"))
EACH = sorted(READERS)


class Late(BaseException):
    """Raised where a reader goes on for too long; no reader catches it."""


def stop(*_):
    raise Late


@contextmanager
def bounded():
    """Within it, memory ends at a limit and processor time at another."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    before = resource.getrlimit(resource.RLIMIT_AS)
    handler = signal.signal(signal.SIGVTALRM, stop)
    limit = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, before[1]))
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        resource.setrlimit(resource.RLIMIT_AS, before)
        signal.signal(signal.SIGVTALRM, handler)


def said(reader, path):
    """What a reader says when it refuses a path, nothing where it reads it; the laws are checked.

    The laws: at most fifty lines and 'and N more', each with the file in front, printable, all of
    them short; nothing of another file in them; no file made or changed.
    """
    before = sorted(path.parent.iterdir())
    try:
        with bounded():
            reader.read(path)
    except WorkbenchError as error:
        refusal = error
    else:
        return ""
    finally:
        assert sorted(path.parent.iterdir()) == before, reader.name
        assert not Path(CANARY).exists(), reader.name
    lines = refusal.messages if isinstance(refusal, FileRefused) else [str(refusal)]
    text = "\n".join(lines)
    assert 0 < len(lines) <= MOST_MESSAGES + 1, reader.name
    assert len(text.encode()) < LONGEST, reader.name
    assert all(line.isprintable() and line.startswith(str(path)) for line in lines), text[:400]
    assert "root:" not in text, text[:400]
    return text


def sampled(pairs, daily):
    """All pairs in a soak, and a fixed sample of them each day."""
    return pairs if SOAKING or len(pairs) <= daily else random.Random(7).sample(pairs, daily)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder, in which a tag would leave its canary."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", EACH)
def test_a_good_sample_is_read_with_and_without_a_byte_order_mark(folder, name):
    reader = READERS[name]
    path = folder / reader.file
    path.write_bytes(reader.sample())
    assert said(reader, path) == ""
    if reader.kind != "xlsx":
        path.write_bytes(b"\xef\xbb\xbf" + reader.sample())
        assert said(reader, path) == ""


PAIRS = [
    (name, attack)
    for name in EACH
    for attack in (*RAW, *BOOKS)
    if READERS[name].kind in attack.kinds
]


@pytest.mark.parametrize(
    ("name", "attack"), sampled(PAIRS, 50), ids=lambda one: getattr(one, "name", one)
)
def test_no_attack_on_the_bytes_of_a_file_passes_a_reader(folder, name, attack: Attack):
    reader = READERS[name]
    path = folder / reader.file
    path.write_bytes(attack.made(reader.sample()))
    assert said(reader, path) or not attack.is_fatal


def _link(path, target):
    path.symlink_to(target)


NO_FILES = {
    "missing": (lambda _: None, "there is no such file"),
    "folder": (Path.mkdir, "this is a folder"),
    "pipe": (os.mkfifo, "this is a pipe"),
    "zeros": (lambda path: _link(path, "/dev/zero"), "this is a device"),
    "terminal": (lambda path: _link(path, "/dev/tty"), "this is a device"),
    "loop": (lambda path: _link(path, path.name), "the file cannot be read"),
    "dangling": (lambda path: _link(path, "nowhere"), "there is no such file"),
    "passwords": (lambda path: _link(path, "/etc/passwd"), ""),
    "own memory": (lambda path: _link(path, "/proc/self/mem"), ""),
    "own variables": (lambda path: _link(path, "/proc/self/environ"), ""),
    "kernel log": (lambda path: _link(path, "/proc/kmsg"), ""),
    "kernel memory": (lambda path: _link(path, "/proc/kcore"), ""),
    "beneath a file": (lambda path: _link(path, "/etc/passwd/x"), "the file cannot be read"),
}


@pytest.mark.parametrize("kind", NO_FILES)
@pytest.mark.parametrize("name", EACH)
def test_what_is_no_file_of_somebody_is_refused_and_not_waited_for(folder, name, kind):
    make, words = NO_FILES[kind]
    reader = READERS[name]
    path = folder / reader.file
    make(path)
    begin = time.monotonic()
    found = said(reader, path)
    assert found or (kind == "missing" and reader.may_be_absent)
    assert words in found or not found
    assert time.monotonic() - begin < 60  # it does not wait for somebody who writes


@pytest.mark.parametrize("name", EACH)
def test_a_socket_and_a_file_without_permission_are_refused(folder, name, monkeypatch):
    reader = READERS[name]
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(reader.file)  # the names of sockets are short
        assert "this is a socket" in said(reader, folder / reader.file)
    path = folder / f"other.{reader.kind}"
    path.write_bytes(reader.sample())

    def denied(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", denied)  # root may read everything
    assert "the file cannot be read: Permission denied" in said(reader, path)


def test_what_stands_beside_a_study_is_looked_at_before_it_is_opened(folder):
    study = folder / "study.yaml"
    study.write_bytes(READERS["study yaml"].sample())
    empty = source_digest(study)
    for make in (os.mkfifo, Path.mkdir, lambda path: _link(path, "/dev/zero")):
        path = checkpoint_file(study)
        make(path)
        with bounded():
            assert checkpoint_beside(study) is None
            assert source_digest(study) != empty  # that something is there is seen
        path.rmdir() if path.is_dir() else path.unlink()


@pytest.mark.parametrize("kind", ["pipe", "zeros", "folder", "passwords", "missing"])
def test_a_key_is_read_from_a_file_and_from_nothing_else(folder, monkeypatch, kind):
    monkeypatch.setenv(VARIABLE, str(folder))
    NO_FILES[kind][0](key_file("log"))
    if kind == "passwords":
        with bounded(), pytest.raises(WorkbenchError, match="a key file holds 32 bytes") as caught:
            find_key("log")
        assert "root:" not in str(caught.value)
    elif kind == "missing":
        with bounded():
            assert find_key("log") is None
    else:
        with bounded(), pytest.raises(WorkbenchError):
            find_key("log")


VALUES = [
    (name, attack)
    for name in EACH
    if READERS[name].kind in TREES
    for attack in on_values(READERS[name].kind)
]


def some(made, seed, daily):
    """All that is made in a soak, and one of it each day."""
    files = list(made)
    return files if SOAKING else random.Random(seed).sample(files, min(daily, len(files)))


@pytest.mark.parametrize(("name", "attack"), sampled(VALUES, 70))
def test_no_attack_in_place_of_a_value_passes_a_reader(folder, name, attack):
    reader = READERS[name]
    text, is_fatal = on_values(reader.kind)[attack]
    path = folder / reader.file
    for data in some(planted(reader.sample(), text), f"{name} {attack}", 2):
        path.write_bytes(data)
        found = said(reader, path)
        assert found or not is_fatal
        if attack in NUMBERS and not found:  # it stood where nobody reads
            assert NO_NUMBER.search(repr(reader.read(path))) is None


YAMLS = [(n, attack) for n in EACH if READERS[n].kind == "yaml" for attack in WHOLE_YAML]


@pytest.mark.parametrize(("name", "attack"), sampled(YAMLS, 12))
def test_no_attack_of_yaml_itself_passes_a_reader(folder, name, attack):
    reader = READERS[name]
    path = folder / reader.file
    path.write_text(WHOLE_YAML[attack])
    assert said(reader, path)


CELLED = [(n, text) for n in EACH if READERS[n].kind in TABLES for text in ODD_TEXTS]


@pytest.mark.parametrize(("name", "text"), sampled(CELLED, 30))
def test_no_odd_text_in_a_cell_leaves_a_reader_raw(folder, name, text):
    reader = READERS[name]
    path = folder / reader.file
    mark = "\t" if reader.kind == "tsv" else ","
    for data in some(celled(reader.sample(), ODD_TEXTS[text], mark), text, 3):
        path.write_bytes(data)
        said(reader, path)


@pytest.mark.parametrize("name", sampled([n for n in EACH if READERS[n].kind != "xlsx"], 3))
def test_a_hundred_thousand_faults_are_told_in_fifty_lines(folder, name):
    reader = READERS[name]
    path = folder / reader.file
    for data in some(floods(reader.kind, reader.sample()), name, 1):
        path.write_bytes(data)
        said(reader, path)
