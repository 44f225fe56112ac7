"""The bench of the engines: its numpy is right, its targets are read as they are meant."""

import importlib
import math
import sys
from pathlib import Path

import numpy as np
import pytest

from workbench.distributions import LogNormal, Point
from workbench.engines import exact
from workbench.engines.plan import CompoundPlan

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def module(monkeypatch):
    """Return the function that imports a script of the benchmarks."""
    for folder in (BENCHMARKS, BENCHMARKS / "peers"):
        monkeypatch.syspath_prepend(str(folder))
    before = set(sys.modules)
    yield importlib.import_module
    for name in set(sys.modules) - before:
        if not name.startswith(("workbench", "numpy", "scipy", "numba")):
            del sys.modules[name]


@pytest.mark.parametrize("rate", [0.1, 3.0, 40.0])
def test_plain_numpy_is_the_compound_sum(module, rate) -> None:
    worker = module("engines_worker")
    job = {"risks": [[rate, 10.0, 1.0]], "years": 60_000, "level": 0.99, "losses": [1e4]}
    mean, var, tvar = worker.by_numpy(job)
    known = exact.compound(CompoundPlan("a", Point(rate), LogNormal(10.0, 1.0)))
    assert abs(mean - known.mean()) < 5 * known.sd() / math.sqrt(job["years"])
    assert var == pytest.approx(known.var(0.99), rel=0.06)
    assert tvar == pytest.approx(known.tvar(0.99), rel=0.1)


def test_a_change_in_numpy_is_the_whole_run_of_the_changed_risks(module) -> None:
    worker = module("engines_worker")
    risks = [[0.5, 10.0, 1.0], [2.0, 9.0, 0.5]]
    job = {"risks": risks, "years": 5000, "level": 0.9, "losses": [1e4]}
    changed = [[0.5 * (1 + 3 / 97), 10.0, 1.0], risks[1]]
    found = worker.numpy_changes(job)(3)
    assert found == pytest.approx(worker.by_numpy(job | {"risks": changed}))


def test_measures_of_years_by_hand(module) -> None:
    worker = module("engines_worker")
    years = np.arange(1.0, 101.0)
    found = worker.measures(years, {"level": 0.9, "losses": [5.0]})
    assert found == pytest.approx((50.5, 90.0, np.arange(91, 101).mean()))


def test_a_target_says_by_how_much_it_is_missed(module) -> None:
    target = module("engines").Target
    assert target("time", 2.0, 1.5, "ms").verdict() == "met"
    assert target("time", 2.0, 5.0, "ms").verdict() == "missed by a factor of 2.5"
    faster = target("times faster", 20.0, 10.0, "", at_least=True)
    assert (faster.met(), faster.verdict()) == (False, "missed by a factor of 2")
    assert target("times faster", 20.0, 30.0, "", at_least=True).to_dict()["verdict"] == "met"


def test_a_scaled_run_tells_the_time_of_all_years(module) -> None:
    engines = module("engines")
    case = engines.Case("a", "A", engines.one(1.0), 1000, {"numpy": 250})
    run = {"cpu": 2.0, "wall": 3.0, "base": 10, "memory": 20, "mean": 1, "var": 2, "tvar": 3}
    found = engines.median(case, "numpy", [run | {"version": "1"}])
    assert (found["cpu"], found["wall"], found["memory"], found["scaled"]) == (8.0, 12.0, 20, True)


def test_every_case_has_the_programs_that_its_targets_read(module) -> None:
    engines = module("engines")
    cases = {case.key: case for case in engines.cases()}
    plain = {"cpu": 1.0, "wall": 1.0, "base": 1.0, "memory": 1.0}
    found = {key: dict.fromkeys(case.programs, plain) for key, case in cases.items()}
    cells = {"cpu": 1.0, "worst": 1e-5, "cells": 24}
    assert len(engines.targets(found, cells, cases["rate 300"].events())) == 7
    assert cases["rate 300"].events() == 3e8


def test_a_program_that_is_missing_is_said_to_be_missing(module, monkeypatch) -> None:
    engines = module("engines")
    monkeypatch.delenv(engines.PEERS_PYTHON, raising=False)
    case = engines.Case("a", "A", engines.one(1.0), 1000, {"pyfair": 1000})
    ((label, *cells),) = engines.rows(engines.measured(case), {})
    assert label == "pyfair"
    assert set(cells) == {"not installed"}


def test_a_program_that_fails_is_no_result(module, monkeypatch) -> None:
    engines = module("engines")
    monkeypatch.setenv(engines.PEERS_PYTHON, "/bin/false")
    case = engines.Case("a", "A", engines.one(1.0), 1000, {"pyfair": 1000})
    with pytest.raises(RuntimeError, match="pyfair failed"):
        engines.measured(case)
