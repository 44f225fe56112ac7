"""The benchmarks' reference is right where the answer is known otherwise, and is what it says."""

import importlib.util
import math
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from scipy import special

from workbench.distributions import LogNormal, Point
from workbench.engines import exact
from workbench.engines.plan import CompoundPlan

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


def module(name: str) -> ModuleType:
    """Load a script of the benchmarks under a name that no test shares."""
    spec = importlib.util.spec_from_file_location(f"benchmarks_{name}", FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    return made


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    return module("reference")


def test_all_cells_are_stored(reference):
    cells = {(c["rate"], c["sigma"]) for c in reference.stored()}
    assert cells == {(rate, sigma) for rate in reference.RATES for sigma in reference.SIGMAS}


def test_it_claims_far_less_error_than_it_judges(reference):
    assert max(max(c["var_error"], c["tvar_error"]) for c in reference.stored()) < 1e-8


@pytest.mark.parametrize(("rate", "sigma"), [(0.02, 0.3), (3.0, 1.0), (300.0, 1.5)])
def test_a_smaller_lattice_agrees(reference, rate, sigma):
    kept = next(c for c in reference.stored() if (c["rate"], c["sigma"]) == (rate, sigma))
    again = reference.cell(rate, sigma, size=1 << 17)
    assert again["var"] == pytest.approx(kept["var"], rel=1e-6)
    assert again["tvar"] == pytest.approx(kept["tvar"], rel=1e-6)


def test_a_rare_event_has_the_quantile_of_one_event(reference):
    # Two events of median 1 and a small spread almost surely cost more than 1, so that near there
    # P(L > x) = P(N = 1) P(X > x) + P(N > 1)
    rate, sigma = 0.02, 0.3
    var, _ = reference.extrapolated(rate, sigma, reference.enough(rate, sigma), 1 << 16)
    one = rate * math.exp(-rate)
    above = (0.01 - (1 - math.exp(-rate) - one)) / one
    assert var == pytest.approx(math.exp(-sigma * special.ndtri(above)), rel=1e-4)


def test_the_stop_loss_premium_is_that_of_the_package(reference):
    x = np.array([0.0, 0.1, 1.0, 7.0, 300.0])
    _, ours, _ = LogNormal(0.0, 1.5).excess_moments(x)
    assert reference.stop_loss(x, 1.5) == pytest.approx(ours, rel=1e-10)


def test_the_exact_engine_meets_it_in_every_cell(reference):
    for c in reference.stored():
        losses = exact.compound(CompoundPlan("one", Point(c["rate"]), LogNormal(0.0, c["sigma"])))
        assert losses.var(0.99) == pytest.approx(c["var"], rel=1e-4)
        assert losses.tvar(0.99) == pytest.approx(c["tvar"], rel=1e-4)
