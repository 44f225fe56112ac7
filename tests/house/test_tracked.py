"""What is committed is clean: the lock, and every tracked file."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
# Each pattern is written in two halves, so that this file does not contain what it forbids.
HOSTS = [
    "pypi" + r"\.org", "python" + r"hosted\.org", "npm" + r"js\.org", "deb" + r"ian\.org/debian",
    "art" + "ifactory", "file" + ":///",
]  # fmt: skip
FOLDERS = [
    rf"(?<![\w.~-])/{a + b}/" for a, b in [("wo", "rk"), ("ro", "ot"), ("fa", "rm"), ("op", "t/py")]
]
PLACES = [
    *FOLDERS,
    "/home" + r"/\w+/",
    "/opt" + "/wheels",
    r"\.lib" + "rary",
    "farm" + r"-(bench|studio)",
]
FORBIDDEN = re.compile("|".join([*HOSTS, *PLACES]))


def tracked() -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]


def findings(text: str) -> list[str]:
    return [line[:160] for line in text.splitlines() if FORBIDDEN.search(line)]


def test_no_tracked_file_names_a_registry_or_a_place_on_a_build_machine() -> None:
    files = tracked()
    assert len(files) > 20
    found = {f.name: findings(f.read_text("utf-8", errors="replace")) for f in files}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "line",
    ["index = https://pypi" + ".org/simple", "cd /wo" + "rk/main", "read file" + ":///tmp/x"],
)
def test_a_planted_place_would_be_found(line: str) -> None:
    assert findings(line) == [line]


def test_a_path_that_only_looks_alike_is_left_alone() -> None:
    place = "work"  # apart, so that no search takes this line for a path
    assert findings(f"the net/{place}/flow and ~/{place}/x and /usr/bin/chromium") == []


def entries() -> dict[str, list[str]]:
    """Return the lock's requirement lines by package name (one for each marker)."""
    found: dict[str, list[str]] = {}
    for line in re.findall(r"^[A-Za-z0-9].*", LOCK, flags=re.MULTILINE):
        found.setdefault(re.split(r"[=<>\[; ]", line)[0].lower(), []).append(line)
    return found


def test_the_lock_names_no_host_no_path_and_no_index() -> None:
    assert (
        re.findall(r"://|file:|^-|--(?!hash=sha256:)\S+|@ |\\\w|(?<=\s)/\S+", LOCK, re.MULTILINE)
        == []
    )


def test_every_entry_is_pinned_and_carries_hashes() -> None:
    for name, lines in entries().items():
        assert all("==" in line for line in lines), name
    blocks = re.split(r"^(?=[A-Za-z0-9])", LOCK, flags=re.MULTILINE)[1:]
    assert [
        b.splitlines()[0] for b in blocks if not re.search(r"--hash=sha256:[0-9a-f]{64}", b)
    ] == []


def plain(requirement: str) -> str:
    return re.split(r"[=<>\[; ]", requirement)[0].lower().replace(".", "-")


def test_the_lock_holds_what_the_project_asks_for_and_none_of_its_peers() -> None:
    groups = PROJECT["dependency-groups"]
    asked = [*PROJECT["project"]["dependencies"], *groups["test"], *groups["build"]]
    assert {plain(r) for r in asked} - entries().keys() == set()
    assert {plain(r) for r in groups["peers"]} & entries().keys() == set()


def test_the_lock_resolves_for_the_oldest_and_the_newest_python() -> None:
    lines = entries()["numpy"]
    assert any("python_full_version < '3.12'" in line for line in lines)
    assert any("python_full_version >= '3.12'" in line for line in lines)
