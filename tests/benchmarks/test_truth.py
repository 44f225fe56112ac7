"""The lattice that judges totals of several risks, by closed forms and by the stored reference."""

import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, stats

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def truth():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        import truth

        yield truth
    for name in ("truth", "reference"):
        sys.modules.pop(name, None)


def test_one_risk_is_the_stored_reference(truth):
    import reference

    kept = next(c for c in reference.stored() if (c["rate"], c["sigma"]) == (3.0, 1.0))
    found = truth.measures([truth.lognormal(3.0, 1.0, 1.0)], 1.2 * kept["var"])
    assert found == pytest.approx((kept["var"], kept["tvar"]), rel=1e-7)


def test_equal_risks_are_one_of_the_summed_rate(truth):
    # Poisson sums of one severity add up to the Poisson sum of the summed rate
    parts = truth.measures(
        [truth.lognormal(0.5, 10.0, 1.5), truth.lognormal(1.5, 10.0, 1.5)], 1500.0
    )
    whole = truth.measures([truth.lognormal(2.0, 10.0, 1.5)], 1500.0)
    assert parts == pytest.approx(whole, rel=1e-9)


@pytest.mark.parametrize("x", [0.0, 1.0, 2.5, 6.0, 9.9, 12.0])
def test_the_premium_of_a_pert_is_its_integral(truth, x):
    law = stats.beta(1 + 4 * 2 / 9, 1 + 4 * 7 / 9, loc=1.0, scale=9.0)  # PERT(1, 3, 10)
    known, _ = integrate.quad(law.sf, x, 10.0) if x < 10 else (0.0, 0.0)
    assert float(truth.pert(1.0, 1.0, 3.0, 10.0).premium(np.array(x))) == pytest.approx(
        known, abs=1e-9
    )
