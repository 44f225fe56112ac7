"""The jobs of dev.py: what they start, what they pass on, what they return."""

import ast
import importlib.util
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def dev(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("dev", ROOT / "dev.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ensure", lambda: None)
    monkeypatch.setattr(os, "environ", os.environ.copy())  # what it sets is for what it starts
    return module


class Attempts:
    """Stands in for starting programs; every command whose words contain `broken` fails."""

    def __init__(self, broken: str = "") -> None:
        self.broken = broken
        self.commands: list[str] = []

    def __call__(self, *command: object) -> int:
        words = " ".join(map(str, command))
        self.commands.append(words)
        return int(bool(self.broken) and self.broken in words)

    def aside(self, *command: object) -> tuple[int, str]:
        return self(*command), "what it said\n"


@pytest.fixture
def stand_in(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Attempts]:
    """Return the function that puts attempts in the place of programs."""

    def put(broken: str = "") -> Attempts:
        attempts = Attempts(broken)
        monkeypatch.setattr(dev, "attempt", attempts)
        monkeypatch.setattr(dev, "attempt_aside", attempts.aside)
        return attempts

    return put


def test_it_imports_the_standard_library_only() -> None:
    tree = ast.parse((ROOT / "dev.py").read_text(encoding="utf-8"))
    plain = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    named = {str(n.module) for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert {name.split(".")[0] for name in plain | named} <= set(sys.stdlib_module_names)


def test_help_tells_every_verb(dev: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["--help"]) == 0
    told = capsys.readouterr().out
    assert list(dev.VERBS) == ["run", "test", "lock", "bench", "soak"]
    assert all(f"\n  {verb} " in told for verb in dev.VERBS)


def test_an_unknown_verb_is_refused(dev: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["tset"]) == 2
    assert "unknown verb 'tset'" in capsys.readouterr().err


def test_a_full_run_makes_every_check(
    dev: ModuleType, stand_in: Callable[..., Attempts], capsys: pytest.CaptureFixture[str]
) -> None:
    attempts = stand_in()
    assert dev.main(["test"]) == 0
    wanted = [
        "ruff check",
        "ruff format --check",
        "mypy",
        "--nbval",
        "-m not browser",
        "-m browser",
    ]
    found = [next((w for w in wanted if w in c), "?") for c in attempts.commands]
    assert sorted(found) == sorted(wanted)  # some of them run beside the others
    told = capsys.readouterr().out
    aside = "".join(f"-- {name}\nwhat it said\n" for name in dev.ASIDE)
    assert told.endswith(f"-- unit\n{aside}"), "apart, and at the end"


def test_the_processes_of_a_run_keep_what_they_compile_and_share_the_cores(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, stand_in: Callable[..., Attempts]
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    stand_in()
    assert dev.main(["test", "tests/house"]) == 0
    assert "PYTHONDONTWRITEBYTECODE" not in dev.os.environ
    assert dev.os.environ["OPENBLAS_NUM_THREADS"] == "1"


@pytest.mark.parametrize("broken", ["ruff check", "mypy", "-m browser", "-m not browser"])
def test_one_failing_check_fails_the_run_but_stops_no_other(
    dev: ModuleType, stand_in: Callable[..., Attempts], broken: str
) -> None:
    attempts = stand_in(broken)
    assert dev.main(["test"]) == 1
    assert len(attempts.commands) == len(dev.checks())


@pytest.mark.parametrize(
    ("free", "flag", "is_used"),
    [(8 << 30, 0, True), (1 << 30, 0, False), (8 << 30, os.ST_NOEXEC, False)],
)
def test_tests_write_into_memory_where_that_has_room_and_runs_programs(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, free: int, flag: int, *, is_used: bool
) -> None:
    state = SimpleNamespace(f_bavail=free // 4096, f_frsize=4096, f_flag=flag)
    monkeypatch.setattr(dev.os, "statvfs", lambda _: state)
    assert dev.in_memory() == (dev.IN_MEMORY if is_used else None)


def test_what_tests_wrote_goes_with_the_run(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Path] = []

    def outcomes(python: str) -> dict[str, int]:
        seen.append(Path(dev.os.environ["PYTEST_DEBUG_TEMPROOT"]))
        assert seen[0].is_dir()
        return {}

    monkeypatch.setattr(dev, "outcomes", outcomes)
    assert dev.main(["test"]) == 0
    assert not seen[0].exists()
    assert "PYTEST_DEBUG_TEMPROOT" not in dev.os.environ


def test_arguments_make_a_focused_run(dev: ModuleType, stand_in: Callable[..., Attempts]) -> None:
    attempts = stand_in("pytest")
    assert dev.main(["test", "tests/house", "-x"]) == 1
    assert [c.split(" ", 1)[1] for c in attempts.commands] == ["-m pytest tests/house -x"]


def test_soak_asks_for_the_long_versions(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, stand_in: Callable[..., Attempts]
) -> None:
    monkeypatch.setenv("WORKBENCH_SOAK", "")
    stand_in()
    assert dev.main(["soak", "tests/models"]) == 0
    assert dev.os.environ["WORKBENCH_SOAK"] == "1"


def test_a_whole_soak_ends_with_the_mutation_tests(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, stand_in: Callable[..., Attempts]
) -> None:
    monkeypatch.setenv("WORKBENCH_SOAK", "")
    attempts = stand_in()
    assert dev.main(["soak"]) == 0
    assert len(attempts.commands) == len(dev.checks()) + 1
    assert attempts.commands[-1].endswith(str(Path("mutation") / "run.py"))


@pytest.mark.parametrize("broken", ["mypy", "run.py"])
def test_a_soak_fails_with_either_of_its_parts(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, stand_in: Callable[..., Attempts], broken: str
) -> None:
    monkeypatch.setenv("WORKBENCH_SOAK", "")
    attempts = stand_in(broken)
    assert dev.main(["soak"]) == 1
    assert len(attempts.commands) == len(dev.checks()) + 1


def test_the_mutation_tests_run_alone_for_named_modules(
    dev: ModuleType, stand_in: Callable[..., Attempts]
) -> None:
    attempts = stand_in()
    assert dev.main(["soak", "mutants", "workbench/models/cox.py", "--sample", "9"]) == 0
    (command,) = attempts.commands
    assert command.endswith("run.py workbench/models/cox.py --sample 9")


def test_the_lock_is_made_without_the_settings_of_this_machine(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen: list[tuple[str, dict[str, str]]] = []

    def record(*command: object, env: dict[str, str]) -> None:
        words = [str(word) for word in command]
        seen.append((" ".join(words), env))
        if "compile" in words:
            Path(words[words.index("--output-file") + 1]).write_text("made==1\n")

    monkeypatch.setenv("UV_DEFAULT_INDEX", "somewhere")
    monkeypatch.setenv("PIP_FIND_LINKS", "somewhere")
    monkeypatch.setattr(dev, "call", record)
    monkeypatch.setattr(dev, "make_environment", lambda _env, _tool: ["pip"])
    monkeypatch.setattr(dev, "LOCK", tmp_path / "requirements.lock")
    assert dev.main(["lock", "--upgrade"]) == 0
    assert (tmp_path / "requirements.lock").read_text() == "made==1\n"
    command, _ = seen[-1]
    assert command.endswith("--upgrade")
    assert all(flag in command for flag in ("--universal", "--generate-hashes", "--no-config"))
    assert [k for _, env in seen for k in env if k.startswith(("UV_", "PIP_"))] == []


def bench(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, peers: Path | None
) -> tuple[list[str], str | None]:
    commands: list[list[str]] = []

    def record(*command: object) -> int:
        commands.append([str(word) for word in command])
        return 0

    monkeypatch.delenv("WORKBENCH_PEERS_PYTHON", raising=False)
    monkeypatch.setattr(dev, "replace_process", record)
    monkeypatch.setattr(dev, "peers_python", lambda: peers)
    assert dev.main(["bench", "imports"]) == 0
    return commands[0][1:], dev.os.environ.get("WORKBENCH_PEERS_PYTHON")


@pytest.mark.parametrize("peers", [None, Path("peers") / "python"])
def test_bench_finds_its_peers_or_runs_without(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, peers: Path | None
) -> None:
    words, told = bench(dev, monkeypatch, peers)
    assert words == [str(ROOT / "benchmarks" / "run.py"), "imports"]
    assert told == (str(peers) if peers else None)


def test_a_failing_command_gives_its_exit_code(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: Sequence[str]) -> int:
        dev.call(sys.executable, "-c", "raise SystemExit(7)")
        return 0

    monkeypatch.setitem(dev.VERBS, "run", fail)
    assert dev.main(["run"]) == 7
    assert "failed: " in capsys.readouterr().err


def test_an_old_python_is_told_which_one_is_needed(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dev, "OLDEST", (99, 0))
    assert dev.main(["run"]) == 2
    assert "or newer is needed" in capsys.readouterr().err
