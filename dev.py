#!/usr/bin/env python3
"""Set the project up and do one job: `python3 dev.py run`, `test`, `lock`, `bench` or `soak`.

The standard library is all it needs. The first start makes `.venv` from the hash-pinned
`requirements.lock`; later starts find it complete and go straight to the job.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent
LOCK = ROOT / "requirements.lock"
ENV = ROOT / ".venv"
PEERS_ENV = ROOT / ".venv-peers"
MARK = ".complete"  # written last, so an environment that lacks it was interrupted
IN_MEMORY, ROOM = Path("/dev") / "shm", 4 << 30  # a folder of Linux; bytes that are enough
ASIDE = ("browser", "notebooks", "mypy")  # run in this order beside the other checks
OLDEST = (3, 11)
UV = "uv==0.13.9"
REMEDY = "neither ensurepip nor pip is here; run: apt install python3-venv"


def bin_of(env: Path, name: str) -> Path:
    """Return where the environment `env` keeps its program `name`."""
    return env / "Scripts" / f"{name}.exe" if os.name == "nt" else env / "bin" / name


def can_import(name: str) -> bool:
    """Say whether the module `name` really imports (Debian cuts ensurepip out of Python)."""
    try:
        __import__(name)
    except ImportError:
        return False
    return True


def installer() -> str:
    """Choose who fills an environment: "ensurepip", "pip" of this Python, or leave with 2."""
    for name in ("ensurepip", "pip"):
        if can_import(name):
            return name
    print(REMEDY, file=sys.stderr)
    raise SystemExit(2)


def call(*command: object, env: Mapping[str, str] | None = None) -> None:
    """Run `command` in the project's folder; a failure raises CalledProcessError."""
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT, env=env)


def make_environment(env: Path, tool: str) -> list[str]:
    """Make `env` anew and return the pip command that installs into it.

    Without ensurepip the pip of this Python works on `env` from outside. That also passes
    Debian's ban on installing into the system, since nothing is installed there.
    """
    python = str(bin_of(env, "python"))
    venv.EnvBuilder(with_pip=tool == "ensurepip", clear=True, symlinks=os.name != "nt").create(env)
    pip = [python, "-m", "pip"] if tool == "ensurepip" else [sys.executable, "-m", "pip"]
    return [*pip, *([] if tool == "ensurepip" else ["--python", python])]


def fingerprint() -> str:
    """Hash what an environment was made from: lock, packaging tables, Python and place."""
    import tomllib  # after the version check: older Pythons lack it

    tables = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packaging = [tables["build-system"], tables["project"], tables["tool"]["hatch"]]
    made_from = [LOCK.read_text(encoding="utf-8"), packaging, sys.version, str(ROOT)]
    return hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()


def install_locked(pip: Sequence[str]) -> None:
    """Install the lock, every file checked against its hash, then the project as editable."""
    quiet = ["install", "-qq", "--disable-pip-version-check", "--no-deps"]
    call(*pip, *quiet, "--require-hashes", "--only-binary", ":all:", "-r", LOCK)
    call(*pip, *quiet, "--no-build-isolation", "-e", ROOT)


def ensure() -> None:
    """Make `.venv` complete; do nothing when its mark fits the lock and this Python."""
    mark, want = ENV / MARK, fingerprint()
    if mark.is_file() and mark.read_text() == want and bin_of(ENV, "python").exists():
        return
    tool = installer()
    print(f"Setting up {ENV.name} from {LOCK.name} (about a minute, once) ...", flush=True)
    install_locked(make_environment(ENV, tool))
    mark.write_text(want)


def replace_process(*command: object) -> int:
    """Become `command`, so that Ctrl-C and the exit code are its own."""
    words = [str(part) for part in command]
    sys.stdout.flush()
    if os.name != "nt":  # there exec returns to the prompt at once
        os.execv(words[0], words)
    return subprocess.run(words, check=False).returncode


def attempt(*command: object) -> int:
    """Run `command` in the project's folder and return its exit code."""
    return subprocess.run([str(part) for part in command], check=False, cwd=ROOT).returncode


def run(arguments: Sequence[str]) -> int:
    """Serve the dashboards, on the shipped example study unless another is named."""
    ensure()
    return replace_process(bin_of(ENV, "workbench"), "dashboard", *arguments)


def attempt_aside(*command: object) -> tuple[int, str]:
    """Run `command` in the project's folder; return its exit code and all that it wrote."""
    words = [str(part) for part in command]
    out = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    done = subprocess.run(words, check=False, cwd=ROOT, text=True, errors="replace", **out)
    return done.returncode, done.stdout


def checks() -> list[tuple[str, list[str]]]:
    """Name every check of a full test run with its command; the long tests come last.

    Module by module, in the order of tests/conftest.py: the longest first.
    """
    shared_out = ["-m", "pytest", "-q", "--dist", "loadscope", "--no-loadscope-reorder", "-n", "2"]
    notebooks = [*shared_out, "--nbval", "--nbval-current-env", "notebooks"]
    tests = [*shared_out, "-p", "no:nbval"]  # importing it takes 2 s of each process
    browser = [*tests, "tests/browser", "-m", "browser"]  # no other module is read for them
    return [
        ("ruff check", ["-m", "ruff", "check"]),
        ("ruff format", ["-m", "ruff", "format", "--check"]),
        ("mypy", ["-m", "mypy"]),
        *([("notebooks", notebooks)] if any(ROOT.glob("notebooks/**/*.ipynb")) else []),
        ("unit", [*tests, "tests", "-m", "not browser"]),
        *([("browser", browser)] if any(ROOT.glob("tests/browser/test_*.py")) else []),
    ]


def in_memory() -> Path | None:
    """Return a folder in memory for what tests write; None where none has room and runs programs.

    Where all cores are busy, a disk answers each of thousands of small writes late.
    """
    try:
        found = os.statvfs(IN_MEMORY)
    except (AttributeError, OSError):
        return None
    has_room = found.f_bavail * found.f_frsize > ROOM
    return IN_MEMORY if has_room and not found.f_flag & os.ST_NOEXEC else None


def outcomes(python: str) -> dict[str, int]:
    """Run every check; return their exit codes.

    The tests of browsers wait more than they compute, so they and the checks after them run beside
    the other checks, and what they say is told at the end.
    """
    named = dict(checks())
    codes = {}
    with ThreadPoolExecutor(max_workers=1) as beside:
        jobs = {
            name: beside.submit(attempt_aside, python, *named.pop(name))
            for name in ASIDE
            if name in named
        }
        for name, command in named.items():
            print(f"-- {name}", flush=True)
            codes[name] = attempt(python, *command)
        for name, job in jobs.items():
            codes[name], told = job.result()
            print(f"-- {name}\n{told}", end="", flush=True)
    return codes


def test(arguments: Sequence[str]) -> int:
    """Run every check, or only pytest with the given arguments; return 0 if all passed."""
    ensure()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # hundreds of processes would compile us anew
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # they share the cores
    python = str(bin_of(ENV, "python"))
    if arguments:
        return attempt(python, "-m", "pytest", *arguments)
    with tempfile.TemporaryDirectory(dir=in_memory(), ignore_cleanup_errors=True) as folder:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = folder  # below it every test has its `tmp_path`
        codes = outcomes(python)
    del os.environ["PYTEST_DEBUG_TEMPROOT"]
    failed = [name for name, code in codes.items() if code]
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def mutants(arguments: Sequence[str]) -> int:
    """Run the mutation tests of the engines and models: all, or those of the named modules."""
    ensure()
    return attempt(bin_of(ENV, "python"), ROOT / "tests" / "mutation" / "run.py", *arguments)


def soak(arguments: Sequence[str]) -> int:
    """Run the tests in their long versions and the mutation tests; `soak mutants`: these alone.

    What follows `mutants` goes to tests/mutation/run.py, other arguments go to pytest.
    """
    if arguments[:1] == ["mutants"]:
        return mutants(arguments[1:])
    os.environ["WORKBENCH_SOAK"] = "1"
    failed = test(arguments)
    return failed if arguments else mutants(()) or failed


def without_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Drop every UV_* and PIP_* variable: a lock must not depend on one machine's mirrors."""
    return {k: v for k, v in environ.items() if not k.upper().startswith(("UV_", "PIP_"))}


def lock(arguments: Sequence[str]) -> int:
    """Make requirements.lock again; arguments such as `--upgrade` go to uv.

    uv reads neither pip's configuration nor (here) its own, so it asks the public index. Its
    requirements format carries hashes and no address; a test holds that.
    """
    clean = without_settings(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        env, made = Path(folder) / "env", Path(folder) / LOCK.name
        call(*make_environment(env, installer()), "install", "-qq", UV, env=clean)
        if LOCK.exists():
            shutil.copy(LOCK, made)  # pins that still fit stay
        groups = [f"--group=pyproject.toml:{name}" for name in ("test", "build")]
        groups.append("--all-extras")
        shape = ["--universal", "--python-version=3.11", "--generate-hashes"]
        silent = ["--quiet", "--no-header", "--no-annotate", "--no-config", "--no-python-downloads"]
        uv = [bin_of(env, "uv"), "pip", "compile", "pyproject.toml", *groups, *shape, *silent]
        call(*uv, "--output-file", made, *arguments, env=clean)
        shutil.copy(made, LOCK)
    return 0


def peers_python() -> Path | None:
    """Make `.venv-peers` once, with the programs we are measured against; None if that fails."""
    import tomllib

    peers = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]["peers"]
    mark, want = PEERS_ENV / MARK, json.dumps([peers, sys.version, str(ROOT)])
    if not (mark.is_file() and mark.read_text() == want):
        try:
            call(*make_environment(PEERS_ENV, installer()), "install", "-qq", *peers)
        except subprocess.CalledProcessError:
            print("the peers cannot be installed here; their columns stay empty", file=sys.stderr)
            return None
        mark.write_text(want)
    return bin_of(PEERS_ENV, "python")


def bench(arguments: Sequence[str]) -> int:
    """Run benchmarks/run.py; it finds the peers' Python in WORKBENCH_PEERS_PYTHON."""
    ensure()
    if peers := peers_python():
        os.environ["WORKBENCH_PEERS_PYTHON"] = str(peers)
    return replace_process(bin_of(ENV, "python"), ROOT / "benchmarks" / "run.py", *arguments)


VERBS: dict[str, Callable[[Sequence[str]], int]] = {
    "run": run,
    "test": test,
    "lock": lock,
    "bench": bench,
    "soak": soak,
}


def usage() -> str:
    """Return one line for each verb, from its own docstring."""
    lines = [f"  {name:6}{(verb.__doc__ or '').splitlines()[0]}" for name, verb in VERBS.items()]
    return "\n".join(["usage: python3 dev.py VERB [ARGUMENTS]", "", *lines])


def main(arguments: Sequence[str]) -> int:
    """Do the job named first in `arguments` and return its exit code."""
    if sys.version_info < OLDEST:
        print("Python 3.11 or newer is needed, got", sys.version.split()[0], file=sys.stderr)
        return 2
    if not arguments or arguments[0] in {"-h", "--help"}:
        print(usage())
        return 0
    if arguments[0] not in VERBS:
        print(f"unknown verb {arguments[0]!r}\n{usage()}", file=sys.stderr)
        return 2
    try:
        return VERBS[arguments[0]](arguments[1:])
    except subprocess.CalledProcessError as failure:
        print(f"failed: {' '.join(failure.cmd[:4])} ...", file=sys.stderr)
        return failure.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
