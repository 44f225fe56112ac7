"""What every test shares: profiles, daily samples, an order, outside material, no silent skips."""

import gc
import os
import random
import shutil
import signal
import sys
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path
from typing import TypeVar

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)
# Modules that take longest, longest first: begun last, one of them would keep one core waiting.
LONGEST = [
    *(f"browser/test_{name}.py" for name in ("preheat", "inert", "accessible", "lab_themes")),
    *(f"browser/test_{name}.py" for name in ("readiness", "threats", "overview", "publish")),
    *("browser/test_register.py", "browser/test_chart.py"),
    *("serving/test_forks.py", "benchmarks/test_report.py", "engines/test_cluster.py"),
    *(f"register/faults/test_{name}.py" for name in ("server_kills", "failing_disk")),
    *("serving/test_start_and_end.py", "dev/test_mutation.py", "serving/test_refusals.py"),
    *("dev/test_bootstrap.py", "serving/test_addresses.py", "register/test_store.py"),
    *("engines/test_simulation.py", "engines/test_bounds.py", "notebooks/test_notebooks.py"),
    *("engines/test_laws.py", "models/test_event_losses.py", "serving/test_attacks.py"),
]

# What a shell starts in the background ignores Ctrl-C, and would hand that on to what is tested.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# jsonschema, which nbformat imports, would make 38 grammars of it: a second of each process.
sys.modules.setdefault("rfc3987_syntax", None)

# The everyday profile repeats the same examples, so that a failure is found again.
hypothesis.settings.register_profile("default", derandomize=True, deadline=None, max_examples=25)
hypothesis.settings.register_profile("soak", deadline=None, max_examples=300, print_blob=True)
hypothesis.settings.load_profile("soak" if os.environ.get("WORKBENCH_SOAK") else "default")


def pytest_configure(config: pytest.Config) -> None:
    """Name our own marker."""
    line = (
        "daily(n, soak=m): of the cases of this test a fixed sample of n is run each day, and in a "
        "soak all, or a fixed sample of m where so many are stated"
    )
    config.addinivalue_line("markers", line)


def sample_size(marker: pytest.Mark, cases: int, *, soaking: bool) -> int:
    """Return how many of the cases of a test with the marker `daily` are run."""
    stated = marker.kwargs.get("soak", cases) if soaking else marker.args[0]
    return min(cases, stated)


def left_out(items: list[pytest.Item], *, soaking: bool) -> set[pytest.Item]:
    """Choose the cases that are not of the samples of a day or of a soak; the same each time."""
    cases = defaultdict(list)
    for item in items:
        if item.get_closest_marker("daily"):
            cases[item.nodeid.partition("[")[0]].append(item)
    found: set[pytest.Item] = set()
    for name, all_of in cases.items():
        marker = all_of[0].get_closest_marker("daily")
        size = sample_size(marker, len(all_of), soaking=soaking)
        kept = random.Random(name).sample(all_of, size)
        found |= set(all_of) - set(kept)
    return found


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is not of the samples, unless cases are named; begin with the longest."""
    is_named = any("::" in argument for argument in config.args)
    if not is_named:
        out = left_out(items, soaking=bool(os.environ.get("WORKBENCH_SOAK")))
        config.hook.pytest_deselected(items=[item for item in items if item in out])
        items[:] = [item for item in items if item not in out]
    rank = {ROOT / "tests" / place: number for number, place in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))


def pytest_collection_finish() -> None:
    """Keep the garbage collector from what was collected: it stays, and a sweep takes long."""
    gc.freeze()


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the project's root."""
    return ROOT


@pytest.fixture(scope="session")
def soaking() -> bool:
    """Say whether the long versions are wanted (`python3 dev.py soak`)."""
    return bool(os.environ.get("WORKBENCH_SOAK"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return ../shared, the published cases and bad files that stand beside a checkout."""
    if not SHARED.is_dir():
        pytest.skip("../shared is absent")
    return SHARED


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of a Chromium, for the tests that drive a page."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.skip(f"no Chromium on this machine (looked for {', '.join(names)})")
    return path


def refuse_skip(report: Report) -> Report:
    """Turn a skip into a failure under WORKBENCH_REQUIRE=all, unless ../shared is truly absent."""
    expected = hasattr(report, "wasxfail")
    if os.environ.get("WORKBENCH_REQUIRE") != "all" or not report.skipped or expected:
        return report
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if "../shared" in reason and not SHARED.is_dir():
        return report
    report.outcome = "failed"
    report.longrepr = f"WORKBENCH_REQUIRE=all makes this skip a failure. {reason}"
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Look at every test's outcome."""
    return refuse_skip((yield))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Look at every module's outcome, since a whole module can skip itself."""
    return refuse_skip((yield))
