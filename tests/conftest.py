"""What every test shares: hypothesis profiles, the way to outside material, and no silent skips."""

import os
import shutil
from collections.abc import Generator
from pathlib import Path
from typing import TypeVar

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

# The everyday profile repeats the same examples, so that a failure is found again.
hypothesis.settings.register_profile("default", derandomize=True, deadline=None, max_examples=25)
hypothesis.settings.register_profile("soak", deadline=None, max_examples=300, print_blob=True)
hypothesis.settings.load_profile("soak" if os.environ.get("WORKBENCH_SOAK") else "default")


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
