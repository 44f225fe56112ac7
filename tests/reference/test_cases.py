"""Published cases: each stands in one table by its id, run through the package or deferred by name.

The file of cases lies beside a checkout; the inputs and the expected values come from it. What the
package answers is in `answers.py`.
"""

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.pure

FILE = Path(__file__).resolve().parents[2].parent / "shared" / "cases" / "quant.json"
Values = dict[str, Any]
CASES: dict[str, Values] = (
    {case["id"]: case for case in json.loads(FILE.read_text(encoding="utf-8"))}
    if FILE.is_file()
    else {}
)


def _answers() -> ModuleType:
    path = Path(__file__).with_name("answers.py")
    spec = importlib.util.spec_from_file_location("answers", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


answers = _answers()
RUN, LATER = "run", "later"
TREATMENT, CONTROLS = "treatments", "treatments: efficacy of controls"
COPULA = "dependence: copulas between beliefs"
TABLE: dict[str, tuple[str, Any]] = {
    "actuar-grouped": (RUN, answers.grouped_data),
    "ale-cissp-fire-exact": (RUN, answers.ale_classic),
    "ale-cissp-fire-rounded": (RUN, answers.ale_classic),
    "ale-dependent-aro-ef": (LATER, COPULA),
    "ale-fair-random-ef": (RUN, answers.ale_fair_equivalence),
    "bayes-gamma-poisson": (RUN, answers.bayes_gamma_poisson),
    "brier-murphy": (RUN, answers.brier_decomposition),
    "brier-single": (RUN, answers.single_scores),
    "climada-rp-interp": (RUN, answers.return_period_interp),
    "collector-sme-weights": (RUN, answers.sme_weights),
    "control-knapsack": (LATER, TREATMENT),
    "cox-worse-than-random": (RUN, answers.risk_matrix_fault),
    "cp-lognormal-frequent": (RUN, answers.compound_poisson_lognormal),
    "crml-readme-ransomware": (RUN, answers.median_sigma_ale),
    "crml-two-controls": (LATER, TREATMENT),
    "currency-convert": (RUN, answers.currency),
    "euler-allocation": (LATER, "dependence: correlated normal losses, which may be below 0"),
    "evaluator-select-loss": (RUN, answers.fair_vuln_paired),
    "evpi-markets": (LATER, "treatments: value of information"),
    "fair-vuln-uniform": (RUN, answers.fair_vuln),
    "faircam-6stage": (LATER, CONTROLS),
    "faircam-opeff": (LATER, CONTROLS),
    "faircam-reliability": (LATER, CONTROLS),
    "faircam-response-time": (LATER, CONTROLS),
    "gaussian-copula-bernoulli": (RUN, answers.copula_joint_event),
    "gemact-xl": (RUN, answers.layer_compound),
    "gordon-loeb-class1": (LATER, TREATMENT),
    "linear-opinion-pool": (RUN, answers.expert_pool_linear),
    "lm-9.31": (RUN, answers.layer_expected),
    "lm-9.34": (RUN, answers.compound_poisson_pmf),
    "lm-9.36-burr": (RUN, answers.compound_poisson_variance),
    "lm-9.47-dividend": (RUN, answers.aggregate_dividend),
    "lm-9.5-dental": (RUN, answers.compound_discrete),
    "lm-9.57-9.58": (RUN, answers.compound_poisson_vs_negbin),
    "lognormal90-params": (RUN, answers.lognormal90_fit),
    "mcse-mean": (RUN, answers.mc_standard_error),
    "metalog-spt3": (RUN, answers.metalog),
    "pert-means-faircam-kb": (RUN, answers.pert_mean),
    "pert-pyfair-classic": (LATER, "import of pyfair models, whose PERT is another"),
    "pert-pyfair-seed42": (LATER, "import of pyfair models, whose PERT is another"),
    "pert-vose-0-0-10-g4": (RUN, answers.pert),
    "pert-vose-50000-250000-1500000-g4": (RUN, answers.pert),
    "pyfair-pr44-secondary": (RUN, answers.fair_secondary),
    "risklens-cookies": (RUN, answers.product_point),
    "risklens-cookies-pert": (RUN, answers.product_pert),
    "riskquant-issue11-1000": (RUN, answers.lognormal90_ale),
    "riskquant-issue11-99999": (RUN, answers.lognormal90_ale),
    "riskquant-unit": (RUN, answers.lognormal90_ale),
    "rosi-enisa": (LATER, TREATMENT),
    "severity-continuous-cdf": (RUN, answers.severity_score),
    "severity-vs-ale-rank": (RUN, answers.rank_correlation),
    "sobol-ishigami": (LATER, "sensitivity: indices of variance"),
    "time-to-event": (RUN, answers.multi_year),
    "tornado-product": (RUN, answers.tornado),
    "triangular-moments": (RUN, answers.triangular),
    "tvar-with-atom": (RUN, answers.var_tvar),
    "ztpoisson": (RUN, answers.frequency),
}
OTHER_NAMES = {"single_scores": "brier"}  # the package has that name
RUNNING = [name for name, (state, _) in TABLE.items() if state == RUN]


@pytest.fixture
def cases() -> dict[str, Values]:
    if not CASES:
        pytest.skip("../shared is absent: the published cases lie beside a checkout")
    return CASES


def assert_equal(found: Any, wanted: Any, tolerance: Values) -> None:
    """Compare numbers, lists and mappings of them, and names, within the case's tolerance."""
    if isinstance(wanted, dict):
        assert found.keys() == wanted.keys()
        for key, value in wanted.items():
            assert_equal(found[key], value, tolerance)
    elif isinstance(wanted, list):
        assert len(found) == len(wanted)
        for one, other in zip(found, wanted, strict=True):
            assert_equal(one, other, tolerance)
    elif isinstance(wanted, str):
        assert found == wanted
    else:
        rel, absolute = tolerance.get("rel", 0), tolerance.get("abs", 1e-12)
        assert found == pytest.approx(wanted, rel=rel, abs=absolute)


def wrong_values(case: Values) -> list[tuple[str, float]]:
    """Return the (name, value) pairs that an answer must not equal."""
    told = case.get("must_not_equal", {})
    return [
        (name, value)
        for name, values in told.items()
        for value in (values if isinstance(values, list) else [values])
    ]


@pytest.mark.parametrize("name", RUNNING)
def test_case(name: str, cases: dict[str, Values]) -> None:
    case = cases[name]
    answer = TABLE[name][1]
    assert OTHER_NAMES.get(answer.__name__, answer.__name__) == case["kind"]
    found = answer(case["inputs"])
    for key, wanted in case["expected"].items():
        assert_equal(found[key], wanted, case["tolerance"])
    for key, wrong in wrong_values(case):
        assert np.all(np.abs(np.subtract(found[key], wrong)) > 0.02 * abs(wrong)), (
            f"the well-known wrong {key}"
        )


def test_every_case_stands_in_the_table(cases: dict[str, Values]) -> None:
    assert set(TABLE) == set(cases)
    assert len(cases) == 57


def test_nothing_is_empty() -> None:
    assert len(RUNNING) == 43
    for state, what in TABLE.values():
        assert state in (RUN, LATER)
        assert callable(what) if state == RUN else len(what) >= 6


def test_every_wrong_value_of_a_case_that_runs_is_looked_at(cases: dict[str, Values]) -> None:
    looked_at = {name for name in RUNNING if wrong_values(cases[name])}
    assert looked_at == {
        "ale-cissp-fire-exact",
        "cp-lognormal-frequent",
        "lognormal90-params",
        "pyfair-pr44-secondary",
        "tvar-with-atom",
    }
    waiting = {n for n, c in cases.items() if wrong_values(c)} - looked_at
    assert waiting == {"ale-dependent-aro-ef"}
    for name in looked_at:
        assert {key for key, _ in wrong_values(cases[name])} <= set(cases[name]["expected"])


def test_the_classic_pert_is_not_ours(cases: dict[str, Values]) -> None:
    case = cases["pert-pyfair-classic"]
    found = answers.pert(case["inputs"])
    assert found["mean"] == pytest.approx(case["expected"]["mean"])
    assert found["sd"] != pytest.approx(case["expected"]["sd"], rel=0.05)
