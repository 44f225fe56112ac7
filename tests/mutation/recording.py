"""Which tests run which lines of the mutated packages, and how long they take: recorded once.

Seconds are of the processor, and so they hold on a busy machine; being watched costs some of them.

A line may also be run by what tests share: a fixture of a module or a session, or the top of the
test's file. Whoever uses that is taken to run the line. Kept results (`cache_clear`) are forgotten
before each test, since a line whose result is remembered would seem not to be run.
"""

import hashlib
import pickle
import sys
import time
from collections import defaultdict
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import coverage
import forks
import pytest
import trial

KEPT = "build/mutation.pickle"  # by file of tests, until it or the code changes
PATIENCE = 1200.0  # seconds for one file


@dataclass
class Recording:
    """`tests`: what each needs beside itself; `seconds`: of tests and of what they share.

    `lines` gives for every file (relative to the root) and line the tests and shared parts that
    run it.
    """

    tests: dict[str, list[str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=partial(defaultdict, float))
    lines: dict[str, dict[int, set[str]]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def running(self, file: str, first: int, last: int) -> set[str]:
        """Return the tests and shared parts that run one of these lines."""
        lines = self.lines.get(file, {})
        return set().union(*(lines[line] for line in lines if first <= line <= last))

    def anywhere(self, file: str) -> set[str]:
        """Return the tests that run any line of the file beyond its import."""
        return self.using(set().union(*self.lines.get(file, {}).values()))

    def using(self, parts: set[str]) -> set[str]:
        """Return the tests among these parts and those that need one of them."""
        return {t for t, needs in self.tests.items() if t in parts or not parts.isdisjoint(needs)}

    def cost(self, tests: Iterable[str]) -> float:
        """Return the seconds that these tests took, with what they share counted once."""
        parts = {part for test in tests for part in (test, *self.tests[test])}
        return sum(self.seconds[part] for part in parts)

    def cheapest(self, tests: set[str], limit: float, chosen: Sequence[str] = ()) -> list[str]:
        """Add tests to the chosen ones, the quickest of all first, up to a limit of seconds."""
        found, spent = list(chosen), self.cost(chosen)
        paid = {part for test in found for part in (test, *self.tests[test])}
        alone = {test: self.cost([test]) for test in tests - set(found)}
        for test in sorted(alone, key=lambda test: (alone[test], test)):
            if alone[test] > limit:
                break
            parts = {test, *self.tests[test]} - paid
            spent += sum(self.seconds[part] for part in parts)
            if spent > limit:
                break
            paid |= parts
            found.append(test)
        return found

    def quickest(self, tests: set[str], limit: float, chosen: Sequence[str] = ()) -> list[str]:
        """Add tests to the chosen ones, up to a limit of seconds.

        File by file in turn, the quickest first.
        """
        by_file, found = defaultdict(list), list(chosen)
        for test in sorted(tests - set(found), key=lambda test: (self.seconds[test], test)):
            by_file[test.partition("::")[0]].append(test)
        while by_file and self.cost(found) < limit:
            for file in list(by_file):
                found.append(by_file[file].pop(0))
                if not by_file[file]:
                    del by_file[file]
        return found


def forget() -> None:
    """Clear everything that our modules keep."""
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] == "workbench":
            for value in [*vars(module).values()]:
                owners = [value, *vars(value).values()] if isinstance(value, type) else [value]
                for owner in owners:
                    clear = getattr(owner, "cache_clear", None)
                    if callable(clear) and not isinstance(owner, type):
                        clear()


def shared_name(definition: Any) -> str:
    """Name a fixture that outlives one test."""
    return f"fixture {definition.baseid}::{definition.argname}"


class Recorder:
    """A plugin of pytest that tells coverage what is running."""

    def __init__(self, cover: coverage.Coverage, into: Recording) -> None:
        self.cover, self.into, self.now = cover, into, "import"

    def switch(self, part: str) -> str:
        """Say that from now on another part runs; return the one before."""
        before, self.now = self.now, part
        self.cover.switch_context(part)
        return before

    def timed(self, part: str) -> Generator[None, Any, Any]:
        """Run what is wrapped as this part."""
        before, start = self.switch(part), time.process_time()
        try:
            return (yield)
        finally:
            self.into.seconds[part] += time.process_time() - start
            self.switch(before)

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Generator[None, Any, Any]:
        if not isinstance(collector, pytest.Module):
            return (yield)
        return (yield from self.timed(f"file {collector.nodeid}"))

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Generator[None, Any, Any]:
        if fixturedef.scope == "function":
            return (yield)
        return (yield from self.timed(shared_name(fixturedef)))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        forget()
        fixtures = getattr(item, "_fixtureinfo", None)
        held = fixtures.name2fixturedefs.values() if fixtures else ()
        needs = {shared_name(d) for each in held for d in each if d.scope != "function"}
        self.into.tests[item.nodeid] = [f"file {item.nodeid.partition('::')[0]}", *sorted(needs)]
        self.switch(item.nodeid)
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        return (yield from self.timed(item.nodeid))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped:
            self.into.tests.pop(report.nodeid, None)
        if report.failed:
            self.into.failed.append(report.nodeid)


def record(root: Path, files: Sequence[str], test: str) -> Recording:
    """Run one file of tests (in a fork) and record it; only the lines of these files of ours."""
    trial.prepare(root)
    into = Recording()
    told = [str(root / file) for file in files]
    cover = coverage.Coverage(data_file=None, include=told, config_file=False, messages=False)
    cover.start()
    try:
        code = trial.run_pytest([test], Recorder(cover, into))
    finally:
        cover.stop()
    if code not in {0, 5} and not into.failed:
        into.failed.append(f"{test} ended with {code}")
    data = cover.get_data()
    for file in map(Path, data.measured_files()):
        found = data.contexts_by_lineno(str(file))
        into.lines[file.relative_to(root).as_posix()] = {
            line: set(parts) - {"", "import"} for line, parts in found.items()
        }
    return into


def hashed(files: Iterable[Path]) -> str:
    """Return one hash of what the files hold."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in sorted(files))).hexdigest()


def key_of(root: Path, test: str) -> str:
    """Hash what a recording depends on: all of our code, the file of tests and what it shares."""
    shared = {f for f in (root / "tests").rglob("conftest.py") if f.parent in (root / test).parents}
    code = [*(root / "workbench").rglob("*.py"), *(root / "tests/mutation").glob("rec*.py")]
    return hashed([*code, *shared, root / test])


def merged(parts: Iterable[Recording]) -> Recording:
    """Return recordings of several files of tests as one."""
    whole = Recording()
    for part in parts:
        whole.tests |= part.tests
        whole.failed += part.failed
        for name, seconds in part.seconds.items():
            whole.seconds[name] = max(seconds, whole.seconds[name])
        for file, lines in part.lines.items():
            for line, names in lines.items():
                whole.lines.setdefault(file, {}).setdefault(line, set()).update(names)
    return whole


def keep(store: Path, known: object) -> None:
    """Write what is kept, whole or not at all."""
    store.parent.mkdir(exist_ok=True)
    made = store.with_suffix(".new")
    made.write_bytes(pickle.dumps(known))
    made.replace(store)


def recorded(root: Path, files: Sequence[str], tests: Sequence[str], at_a_time: int) -> Recording:
    """Record every file of tests, but those that were recorded before and have not changed."""
    store = root / KEPT
    known = pickle.loads(store.read_bytes()) if store.is_file() else {}
    keys = {test: key_of(root, test) for test in tests}
    todo = [test for test in tests if known.get(test, ("",))[0] != keys[test]]
    jobs = (forks.Job(partial(record, root, files, test), PATIENCE, test) for test in todo)
    for job in forks.run_all(jobs, at_a_time):
        if job.answer is None or job.answer.failed:
            failed = job.answer.failed if job.answer else [f"{job.about} ended with {job.code}"]
            return Recording(failed=failed)
        known[job.about] = keys[job.about], job.answer
        keep(store, known)
    return merged(known[test][1] for test in tests)
