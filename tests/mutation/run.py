"""Mutation testing of the engines and models: are wrong versions of the code found by its tests?

From each module a sample of small changes is taken (mutants.py), the same ones every time. Each is
tested in a process of its own by the tests that run the changed line (recording.py), and exists in
memory only (trial.py). It is killed if a test fails, if Python ends, or if the tests compute
for many times as long as before. At least `GATE` of all must be killed.

What survives is printed. `survivors.toml` gives reasons for those that are right all the same (no
test can tell them from the code) or accepted. They count as survivors: the share is of all mutants.
A list that had to be complete would make every edit of a formula fail here; a share does not.
"""

import argparse
import ast
import fnmatch
import importlib
import json
import os
import signal
import sys
import time
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TextIO

import forks
import mutants
import recording
import trial

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ["workbench/engines", "workbench/models"]
# Those that start servers, browsers or programs of their own see no mutant, and take long.
TESTS = "engines losses models reference files reports"
GATE = 0.85
SAMPLE = 15
# seconds of the tests that one mutant is given, as they were recorded: of those whose file imports
# the module, and of all together
NEAR, LONGEST = 4.0, 6.0
CHEAP = 1.5  # of these: for the quickest of all, hundreds of which say more than one long test
FACTOR, PATIENCE = 5.0, 10.0  # a mutant may compute for PATIENCE + FACTOR * recorded seconds
COMPILING = 60.0  # seconds more for a kernel, which is compiled anew for each mutant
WAITING = 10.0  # times as long on the clock
HEAVY = [
    *("hypothesis", "numpy", "pydantic", "pytest", "ruamel.yaml", "numba"),
    *(f"scipy.{part}" for part in ("fft", "integrate", "interpolate", "optimize", "special")),
    *("scipy.stats", "_pytest.assertion.rewrite"),
]
KERNELS = ".kernels."
PASSED = {0, 5}  # pytest's exit codes: all passed, and no test was left


def say(text: str, stream: TextIO = sys.stdout) -> None:
    """Print a line at once."""
    stream.write(f"{text}\n")
    stream.flush()


@dataclass
class Trial:
    """One mutant (None: the module as it is), its tests and what became of it."""

    module: str
    mutant: mutants.Mutant | None
    tests: list[str]
    limit: float
    outcome: str = "no test runs it"
    seconds: float = 0.0

    @property
    def killed(self) -> bool:
        return self.outcome in {"failed", "crashed", "too long"}

    def job(self, source: str, root: Path) -> forks.Job:
        """Return what a fork has to do."""

        def work() -> int:
            tree = mutants.mutated(source, self.mutant) if self.mutant else None
            return trial.attempt(root, self.module, tree, self.tests, self.limit)

        return forks.Job(work, WAITING * self.limit, self)

    def judge(self, job: forks.Job) -> None:
        """Take over how the job ended."""
        self.seconds = job.seconds
        if job.code in {None, -signal.SIGXCPU}:
            self.outcome = "too long"
        elif job.answer is None:
            self.outcome = "crashed"
        else:
            self.outcome = "survived" if job.answer in PASSED else "failed"


@dataclass
class Module:
    """A module and its trials."""

    name: str
    file: str
    source: str
    total: int = 0
    trials: list[Trial] = field(default_factory=list)

    @property
    def killed(self) -> int:
        return sum(each.killed for each in self.trials)

    def told(self) -> str:
        """Return the line of the table."""
        seconds = sum(each.seconds for each in self.trials)
        share = f"{self.killed:4} of {len(self.trials):3} killed"
        return f"{self.name:42}{share} ({self.total:3} possible), {seconds:6.1f} s"


def modules_of(root: Path, wanted: Sequence[str]) -> list[Module]:
    """Return the modules of the packages that are wanted; all without a wish."""
    files = sorted(f for package in PACKAGES for f in (root / package).rglob("*.py"))
    wish = [w.rstrip("/").removesuffix(".py").replace("/", ".") for w in wanted]
    found = []
    for file in files:
        name, place = mutants.module_name(file, root), file.relative_to(root).as_posix()
        if not wish or any(f"{name}.".startswith(f"{w}.") for w in wish):
            found.append(Module(name, place, file.read_text(encoding="utf-8")))
    return found


@cache
def named_in(file: Path) -> dict[str, str]:
    """Return the dotted names that a file imports, by the names that it gives them."""
    found: dict[str, str] = {}
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {one.asname or one.name: one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    return found


@cache
def imports_of(file: Path, root: Path) -> frozenset[str]:
    """Return the modules and names that a file of tests imports.

    What it takes from a package counts for the module from which the package has it.
    """
    names = set(named_in(file).values())
    for name in list(names):
        package, _, item = name.rpartition(".")
        hub = root.joinpath(*package.split("."), "__init__.py")
        if package and hub.is_file() and item in (taken := named_in(hub)):
            names.add(taken[item])
    return frozenset(names | {name.rpartition(".")[0] for name in names})


def tests_for(
    module: Module, mutant: mutants.Mutant, seen: recording.Recording, root: Path
) -> list[str]:
    """Choose tests that run the mutant's line: first those of files that import the module.

    The quickest of those that run the line begin. Then, of these and of the others, come those that
    run the line themselves, and those that use what ran it before them: a fixture, the top of their
    file. What is run by the import alone (a constant, a default) is given to all who use the
    module, and so is a compiled kernel, whose lines nobody sees.
    """
    parts = seen.running(module.file, *mutant.lines)
    wider = seen.using(parts)
    if mutant.at_import or (not wider and KERNELS in module.name):
        wider |= seen.anywhere(module.file)
        parts |= wider
    names = {module.name, module.name.removesuffix("_loops")}  # loops are asked for by their twin
    near = {t for t in wider if names & imports_of(root / t.partition("::")[0], root)}
    chosen: list[str] = []
    for some in (near & parts, wider & parts):
        chosen = seen.cheapest(some, CHEAP, chosen)
    for some, limit in ((near & parts, NEAR), (near, NEAR), (wider & parts, LONGEST)):
        chosen = seen.quickest(some, limit, chosen)
    return seen.quickest(wider, LONGEST, chosen)


def plan(
    module: Module, size: int | None, seen: recording.Recording, root: Path, patience: float
) -> None:
    """Choose the mutants of a module and the tests of each."""
    all_of = mutants.mutants_of(module.name, module.source)
    module.total = len(all_of)
    for mutant in all_of if size is None else mutants.sample(all_of, size):
        tests = tests_for(module, mutant, seen, root)
        limit = patience + FACTOR * seen.cost(tests) + COMPILING * (KERNELS in module.name)
        module.trials.append(Trial(module.name, mutant, tests, limit))


def reasons(file: Path) -> dict[str, str]:
    """Return the accepted survivors: a pattern of names, and why."""
    if not file.is_file():
        return {}
    listed = tomllib.loads(file.read_text(encoding="utf-8")).get("survivor", [])
    return {each["mutant"]: each["reason"] for each in listed}


def reason_of(name: str, known: dict[str, str]) -> str:
    """Return why a mutant may survive; empty if nobody has said."""
    fits = (why for listed, why in known.items() if name == listed or fnmatch.fnmatch(name, listed))
    return next(fits, "")


def survivors(module: Module, known: dict[str, str]) -> Iterator[str]:
    """Tell what was not killed."""
    for each in module.trials:
        if not each.killed and each.mutant:
            tests = f"survived {len(each.tests)} tests" if each.tests else each.outcome
            yield f"  line {each.mutant.lines[0]}: {each.mutant.name}  ({tests})"
            if why := reason_of(each.mutant.name, known):
                yield f"      {why}"


def as_data(found: list[Module], known: dict[str, str]) -> list[dict[str, object]]:
    """Return every trial as plain data."""
    return [
        {
            "mutant": each.mutant.name,
            "line": each.mutant.lines[0],
            "file": module.file,
            "outcome": each.outcome,
            "tests": len(each.tests),
            "seconds": round(each.seconds, 2),
            "reason": reason_of(each.mutant.name, known),
        }
        for module in found
        for each in module.trials
        if each.mutant
    ]


def control(module: Module) -> Iterator[Trial]:
    """Yield a trial without a change, on most of the tests: they must pass in the same way."""
    most = max(module.trials, key=lambda each: len(each.tests), default=None)
    if most and most.tests:
        yield Trial(module.name, None, most.tests, most.limit)


def test_all(found: list[Module], root: Path, at_a_time: int, known: dict[str, str]) -> bool:
    """Run the trials and tell each module when it is done; False if tests fail unchanged."""
    is_fair = True
    by_name = {module.name: module for module in found}
    left = {m.name: sum(bool(t.tests) for t in m.trials) for m in found}
    trials = ((m, [*control(m), *(t for t in m.trials if t.tests)]) for m in found)
    jobs = (each.job(m.source, root) for m, several in trials for each in several)
    for job in forks.run_all(jobs, at_a_time):
        each = job.about
        each.judge(job)
        if each.mutant is None and each.outcome != "survived":
            say(f"tests fail without a change: {each.module} {each.outcome}", sys.stderr)
            is_fair = False
        left[each.module] -= each.mutant is not None
        if each.mutant and not left[each.module]:
            module = by_name[each.module]
            say("\n".join([module.told(), *survivors(module, known)]))
    return is_fair


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    reader = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    reader.add_argument("modules", nargs="*", help="files, folders or dotted names; else all")
    reader.add_argument("--sample", type=int, default=SAMPLE, help="mutants of each module")
    reader.add_argument("--all", action="store_true", help="every mutant")
    reader.add_argument("--jobs", type=int, default=2, help="processes at a time")
    reader.add_argument(
        "--tests", default=TESTS, help="folders and files below tests/ that may kill"
    )
    reader.add_argument("--json", type=Path, help="write every trial to this file")
    reader.add_argument("--patience", type=float, default=PATIENCE, help="seconds for the slow")
    reader.add_argument("--preload", nargs="*", default=HEAVY, help="imported before the forks")
    reader.add_argument("--root", type=Path, default=ROOT, help="another checkout")
    return reader.parse_args(words)


def prepared(given: argparse.Namespace, root: Path) -> list[Module] | None:
    """Return the modules with their trials; None where the tests do not pass as they are."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # each fork is one of `jobs`
    for name in given.preload:  # once, before any fork
        with suppress(ImportError):
            importlib.import_module(name)
    found, begun = modules_of(root, given.modules), time.monotonic()
    if not found:
        say(
            f"no module of that name: {', '.join(given.modules)}; say workbench/engines", sys.stderr
        )
        return None
    places = [root / "tests" / name for name in given.tests.split()]
    files = [f for p in places for f in (p.rglob("test_*.py") if p.is_dir() else [p]) if f.exists()]
    tests = sorted(file.relative_to(root).as_posix() for file in files)
    say(f"running {len(tests)} files of tests once, those that have changed ...")
    every = [module.file for module in modules_of(root, [])]
    seen = recording.recorded(root, every, tests, given.jobs)
    if seen.failed or not seen.tests:
        say(f"the tests must pass first: {', '.join(seen.failed)}", sys.stderr)
        return None
    say(f"{len(seen.tests)} tests, {time.monotonic() - begun:.0f} s")
    for module in found:
        plan(module, None if given.all else given.sample, seen, root, given.patience)
    return found


def main(words: Sequence[str] | None = None) -> int:
    """Test the mutants; return 0 if enough were killed, 1 if not, 2 if it could not be told."""
    given, begun = arguments(words), time.monotonic()
    root = given.root.resolve()
    known = reasons(root / "tests" / "mutation" / "survivors.toml")
    found = prepared(given, root)
    if not found or not test_all(found, root, given.jobs, known):
        return 2
    if given.json:
        given.json.write_text(json.dumps(as_data(found, known), indent=1), encoding="utf-8")
    count, killed = sum(len(m.trials) for m in found), sum(m.killed for m in found)
    share, minutes = killed / max(count, 1), (time.monotonic() - begun) / 60
    say(f"{killed} of {count} mutants killed ({share:.1%}), {minutes:.1f} minutes")
    if share < GATE:
        say(f"at least {GATE:.0%} must be killed", sys.stderr)
    return int(share < GATE)


if __name__ == "__main__":
    sys.exit(main())
