"""Published cases: each stands in one table by its id, run through the package or deferred by name.

The file of cases lies beside a checkout; the inputs and the expected values come from it.
"""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench import (
    Beta,
    Burr,
    Gamma,
    LogNormal,
    Metalog,
    Pert,
    Point,
    Scenario,
    Study,
    Triangular,
    Uniform,
    linear_pool,
    simulate,
)
from workbench.distributions import Empirical, scaled
from workbench.elicitation import brier, brier_score, threshold_weights
from workbench.fitting import Grouped, loss_at_return_period, rate_posterior
from workbench.losses import LossDistribution, SampledLosses
from workbench.models import (
    Anchors,
    DiscreteCount,
    LossForms,
    NegativeBinomial,
    Poisson,
    SecondaryLoss,
    Vulnerability,
    ZeroTruncated,
)
from workbench.models.cox import label_order
from workbench.models.horizon import FirstEvent
from workbench.models.rank_correlation import spearman
from workbench.models.severity_matrix import SeverityMatrix, unit_square_cdf

pytestmark = pytest.mark.pure

FILE = Path(__file__).resolve().parents[2].parent / "shared" / "cases" / "quant.json"
Values = dict[str, Any]
CASES: dict[str, Values] = (
    {case["id"]: case for case in json.loads(FILE.read_text(encoding="utf-8"))}
    if FILE.is_file()
    else {}
)


def year(rate: Any, magnitude: Any, **more: Any) -> LossDistribution:
    """Return the exact year of one scenario in the FAIR lens."""
    rate = Point(rate) if isinstance(rate, int | float) else rate
    scenario = Scenario.fair("S", "s", loss_event_frequency=rate, loss_magnitude=magnitude, **more)
    return simulate(Study(scenarios=(scenario,))).portfolio


def ale(aro: Any, value: Any, factor: Any) -> float:
    """Return the average of the classical lens."""
    scenario = Scenario.classical("S", "s", aro=aro, asset_value=value, exposure_factor=factor)
    return simulate(Study(scenarios=(scenario,))).portfolio.mean()


def discrete(masses: dict[str, float]) -> Empirical:
    return Empirical([float(x) for x in masses], list(masses.values()))


def belief(text: str) -> Any:
    """Read the case file's way of writing a belief, such as ``PERT(1,2,3)``."""
    name, numbers = text.rstrip(")").split("(")
    known = {"PERT": Pert, "Beta": Beta, "U": Uniform, "Gamma": Gamma}
    return known[name](*map(float, numbers.split(",")))


def ale_classic(given: Values) -> Values:
    return {"ALE": ale(Point(given["ARO"]), Point(given["AV"]), Point(given["EF"]))}


def ale_fair_equivalence(given: Values) -> Values:
    aro, factor = belief(given["ARO"]), belief(given["EF"])
    return {"mean_ALE": ale(aro, Point(given["AV"]), factor)}


def compound_poisson_lognormal(given: Values) -> Values:
    found = year(given["lam"], LogNormal.from_interval(given["low90"], given["high90"]))
    return {"mean": found.mean(), "sd": found.sd(), "VaR99": found.var(0.99)}


def median_sigma_ale(given: Values) -> Values:
    severity = LogNormal(math.log(given["median"]), given["sigma"])
    return {"severity_mean": severity.mean(), "ALE": year(given["lam"], severity).mean()}


def currency(given: Values) -> Values:
    severity = scaled(LogNormal(given["lognormal_mu"], given["sigma"]), given["rate"])
    amount = scaled(Point(given["amount"]), given["rate"])
    assert isinstance(severity, LogNormal)
    return {"amount": amount.mean(), "mu": severity.mu, "sigma": severity.sigma}


def layer_compound(given: Values) -> Values:
    scenario = Scenario.fair(
        "S", "s", loss_event_frequency=Point(given["lam"]), loss_magnitude=belief(given["X"])
    ).with_terms(deductible=given["deductible"], limit=given["cover"])
    return {"pure_premium": simulate(Study(scenarios=(scenario,))).portfolio.mean()}


def layer_expected(given: Values) -> Values:
    kinds = {kind: given[kind] for kind in ("medical", "dental")}
    scenarios = [
        Scenario.fair(
            kind, kind, loss_event_frequency=Point(own["lam"]), loss_magnitude=belief(own["X"])
        ).with_terms(deductible=given["deductible"])
        for kind, own in kinds.items()
    ]
    yearly = simulate(Study(scenarios=tuple(scenarios))).portfolio.mean()
    return {"E_excess": yearly / sum(own["lam"] for own in kinds.values())}  # per claim


def pmf_at(losses: LossDistribution, value: float) -> float:
    return float(losses.exceedance(value - 0.5) - losses.exceedance(value + 0.5))


def compound_poisson_pmf(given: Values) -> Values:
    return {"pmf": pmf_at(year(given["lam"], discrete(given["X"])), given["at"])}


def aggregate_dividend(given: Values) -> Values:
    found, limit = year(given["lam"], discrete(given["X"])), 0.75 * given["premium"]
    dividend = limit - found.limited_mean(limit)  # E[(limit - L)+]
    return {
        "expected_loss": found.mean(),
        "dividend": dividend,
        "excess": given["premium"] - found.mean() - dividend,
    }


def compound_poisson_vs_negbin(given: Values) -> Values:
    severity, r, beta = discrete(given["X"]), given["negbin"]["r"], given["negbin"]["beta"]
    clustered = year(r * beta, severity, count=NegativeBinomial(1 + beta))
    found = {"P_poisson": year(given["poisson"], severity), "P_negbin": clustered}
    return {name: 1 - float(losses.exceedance(given["at"])) for name, losses in found.items()}


def lognormal90_fit(given: Values) -> Values:
    fitted = LogNormal.from_interval(given["low"], given["high"], given["ci"])
    p5, median, p95 = fitted.ppf(np.array([0.05, 0.5, 0.95]))
    found = {"mu": fitted.mu, "sigma": fitted.sigma, "mean": fitted.mean()}
    return found | {"p5": p5, "median": median, "p95": p95}


def lognormal90_ale(given: Values) -> Values:
    return {"ALE": year(given["freq"], LogNormal.from_interval(given["low"], given["high"])).mean()}


def mc_standard_error(given: Values) -> Values:
    found = year(given["lam"], LogNormal.from_interval(given["low90"], given["high90"]))
    needed = (found.sd() / (0.01 * found.mean())) ** 2
    return {"MCSE": found.sd() / math.sqrt(given["n"]), "n_for_1pct": math.ceil(needed)}


def pert_mean(given: Values) -> Values:
    return {"means": [Pert(*triple).mean() for triple in given["triples"]]}


def pert(given: Values) -> Values:
    made = Pert(given["low"], given["mode"], given["high"], given["gamma"])
    alpha, beta, _, _ = made.beta_parameters()
    return {"alpha": alpha, "beta": beta, "mean": made.mean(), "sd": made.sd()}


def product_point(given: Values) -> Values:
    def product(events: float, number: float, each: float) -> float:
        return year(events, scaled(Point(number), each)).mean()

    names = ("parties", "cookies", "calories")
    return {
        "point": product(*(given[name] for name in names)),
        "a": product(*given["iteration_a"]),
        "b": product(*given["iteration_b"]),
    }


def product_pert(given: Values) -> Values:
    # a share of an asset: calories in units of the most there can be
    most = given["calories"][-1]
    parties, cookies, calories = (
        Pert(*given[name], given["gamma"]) for name in ("parties", "cookies", "calories")
    )
    return {"mean": ale(parties, scaled(cookies, most), scaled(calories, 1 / most))}


def multi_year(given: Values) -> Values:
    scenario = Scenario.fair(
        "S", "s", loss_event_frequency=Point(given["lam"]), loss_magnitude=Point(1)
    )
    first = FirstEvent.of(Study(scenarios=(scenario,)))
    return {"P": [first.within(t) for t in given["years"]], "mean_time_years": first.mean()}


def grouped_data(given: Values) -> Values:
    data = Grouped(given["bounds"], given["counts"])
    return {
        "mean": data.mean(),
        "ogive": data.ogive(given["bounds"]).tolist(),
        "q": data.quantile([0.25, 0.5, 0.75]).tolist(),
    }


def bayes_gamma_poisson(given: Values) -> Values:
    prior = {"prior_shape": given["prior_shape"], "prior_exposure": given["prior_rate"]}
    after = rate_posterior(given["events"], given["years"], **prior)
    return {
        "post_shape": after.shape,
        "post_rate": 1 / after.scale,
        "mean": after.mean(),
        "predictive_P0": year(after, Point(1)).prob_no_loss(),
    }


def brier_decomposition(given: Values) -> Values:
    found = brier_score(given["forecast"], given["outcome"])
    names = ("reliability", "resolution", "uncertainty")
    return {"brier": found.score} | {name: getattr(found, name) for name in names}


def single_scores(given: Values) -> Values:
    return {"scores": brier(given["forecast"], given["outcome"]).tolist()}


def return_period_interp(given: Values) -> Values:
    found = loss_at_return_period(given["events"], given["frequency_each"], given["return_periods"])
    return {"impact": found.tolist()}


def sme_weights(given: Values) -> Values:
    weights = np.array(threshold_weights(given["pct_correct"]))  # sharing out 1
    return {"weight": (weights * 4 / weights[0]).tolist()}


def risk_matrix_fault(given: Values) -> Values:
    assert given["curve"] == "P=0.75-C, C in (0,0.75)"
    consequence = np.linspace(0, 0.75, 3002)[1:-1]
    amounts = consequence * (0.75 - consequence)
    bands = [int(max(c, 0.75 - c) >= 0.5) for c in consequence]
    low, medium = (amounts[np.array(bands) == band] for band in (0, 1))
    order = label_order(bands, amounts.tolist())
    return {
        "min_product_low": low.min(),
        "max_product_medium": medium.max(),
        "worse_than_random": order.right < order.pairs / 2,
    }


def fair_vuln(given: Values) -> Values:
    return {"vuln": Vulnerability(belief(given["TC"]), belief(given["RS"])).probability()}


def fair_vuln_paired(given: Values) -> Values:
    """Pairs of draws: each is an event where the threat is stronger."""
    pairs = list(zip(given["tc"], given["diff"], strict=True))
    events = [Vulnerability(Point(tc), Point(diff)).probability() for tc, diff in pairs]
    margin = Empirical([diff - tc for tc, diff in pairs], [1] * len(pairs))
    return {"loss_events": sum(events), "mean_diff_exceedance": margin.mean()}


def expert_pool_linear(given: Values) -> Values:
    experts = given["experts"]
    beliefs = [LogNormal.from_interval(one["low"], one["high"]) for one in experts]
    pooled = linear_pool(beliefs, [one["weight"] for one in experts])
    return {"mean": pooled.mean(), "p95": float(pooled.ppf(0.95))}


def compound_poisson_variance(given: Values) -> Values:
    own = given["burr"]
    severity = Burr(own["alpha"], own["gamma"], own["theta"])
    return {"variance": year(given["lam"], severity).variance()}


def compound_discrete(given: Values) -> Values:
    unit, chances = given["unit"], given["freq_pmf"]
    count = DiscreteCount(range(len(chances)), chances)
    severity = discrete({str(unit * k): p for k, p in enumerate(given["sev_pmf"]) if p > 0})
    scenario = Scenario.fair("S", "s", loss_magnitude=severity, count=count)
    found = simulate(Study(scenarios=(scenario,))).portfolio
    return {
        "mean_units": found.mean() / unit,
        "sd_units": found.sd() / unit,
        "mean_money": found.mean(),
        "p0": found.prob_no_loss(),
        "p1": pmf_at(found, unit),
        "p5": pmf_at(found, 5 * unit),
        "stop_loss_at": [found.excess(unit * k) for k in range(5)],
    }


def metalog(given: Values) -> Values:
    assert given["bounds"] is None
    levels = np.array([0.1, 0.5, 0.9])
    values = [given["q10"], given["q50"], given["q90"]]
    fitted = Metalog.from_quantiles(levels.tolist(), values, terms=given["terms"])
    return {
        "a": list(fitted.coefficients),
        "q": fitted.ppf(levels).tolist(),
        "mean": fitted.mean(),
    }


def fair_secondary(given: Values) -> Values:
    """Two stakeholders, each with a share of the events and an amount: what both cost adds."""
    totals = []
    for (share, one), (other_share, other) in given["cases"]:
        assert share == other_share
        forms = LossForms(response=Point(one), fines_and_judgments=Point(other))
        secondary = SecondaryLoss(Point(share), forms)
        totals.append(year(1, Point(0), secondary=secondary).mean())
    return {"total": totals}


def severity_score(given: Values) -> Values:
    assert given["score"] == "L^2+C^2"
    grid = np.linspace(0, 2, 20_001)
    survival = [1 - unit_square_cdf(r) for r in grid]
    return {
        "mean": float(np.trapezoid(survival, grid)),
        "P_le_0_25": unit_square_cdf(0.25),
        "P_le_1": unit_square_cdf(1),
        "P_gt_1": 1 - unit_square_cdf(1),
    }


def rank_correlation(given: Values) -> Values:
    matrix = SeverityMatrix()
    anchors = Anchors(given["frequency_by_L"], given["magnitude_by_C"])
    cells = matrix.cells()
    ale = [anchors.ale(*cell) for cell in cells]
    return {
        "spearman_L2C2": spearman([matrix.score(*cell) for cell in cells], ale).value,
        "spearman_LxC": spearman([math.prod(cell) for cell in cells], ale).value,
    }


def triangular(given: Values) -> Values:
    made = Triangular(given["low"], given["mode"], given["high"])
    return {"mean": made.mean(), "variance": made.variance()}


def frequency(given: Values) -> Values:
    assert given["dist"] == "zero-truncated Poisson"
    count = ZeroTruncated(Poisson())
    rate = count.rate_of(given["mu"])
    found = year(rate, Point(1), count=count)
    # P(N = 1) = mu exp(-mu) / (1 - exp(-mu)) says that the parent is the one that was asked for
    mu = given["mu"]
    assert pmf_at(found, 1) == pytest.approx(mu * math.exp(-mu) / -math.expm1(-mu), rel=1e-9)
    return {"mean": found.mean()}


def tornado(given: Values) -> Values:
    base = given["base"]

    def at(**changed: float) -> float:
        now = base | changed
        return ale(Point(now["ARO"]), Point(now["AV"]), Point(now["EF"]))

    swing = {k: [at(**{k: given["p5"][k]}), at(**{k: given["p95"][k]})] for k in base}
    rank = sorted(base, key=lambda k: swing[k][0] - swing[k][1])
    return {"base": at(), "swing": swing, "rank": rank}


def var_tvar(given: Values) -> Values:
    assert given["sample"] == "995 zeros and 5 losses of 1e6"
    losses = SampledLosses([0.0] * 995 + [1e6] * 5)
    return {"VaR": losses.var(given["p"]), "TVaR": losses.tvar(given["p"])}


RUN, LATER = "run", "later"
TREATMENT, CONTROLS = "treatments", "treatments: efficacy of controls"
COPULA = "dependence: copulas between beliefs"
TABLE: dict[str, tuple[str, Any]] = {
    "actuar-grouped": (RUN, grouped_data),
    "ale-cissp-fire-exact": (RUN, ale_classic),
    "ale-cissp-fire-rounded": (RUN, ale_classic),
    "ale-dependent-aro-ef": (LATER, COPULA),
    "ale-fair-random-ef": (RUN, ale_fair_equivalence),
    "bayes-gamma-poisson": (RUN, bayes_gamma_poisson),
    "brier-murphy": (RUN, brier_decomposition),
    "brier-single": (RUN, single_scores),
    "climada-rp-interp": (RUN, return_period_interp),
    "collector-sme-weights": (RUN, sme_weights),
    "control-knapsack": (LATER, TREATMENT),
    "cox-worse-than-random": (RUN, risk_matrix_fault),
    "cp-lognormal-frequent": (RUN, compound_poisson_lognormal),
    "crml-readme-ransomware": (RUN, median_sigma_ale),
    "crml-two-controls": (LATER, TREATMENT),
    "currency-convert": (RUN, currency),
    "euler-allocation": (LATER, "dependence: correlated normal losses, which may be below 0"),
    "evaluator-select-loss": (RUN, fair_vuln_paired),
    "evpi-markets": (LATER, "treatments: value of information"),
    "fair-vuln-uniform": (RUN, fair_vuln),
    "faircam-6stage": (LATER, CONTROLS),
    "faircam-opeff": (LATER, CONTROLS),
    "faircam-reliability": (LATER, CONTROLS),
    "faircam-response-time": (LATER, CONTROLS),
    "gaussian-copula-bernoulli": (LATER, COPULA),
    "gemact-xl": (RUN, layer_compound),
    "gordon-loeb-class1": (LATER, TREATMENT),
    "linear-opinion-pool": (RUN, expert_pool_linear),
    "lm-9.31": (RUN, layer_expected),
    "lm-9.34": (RUN, compound_poisson_pmf),
    "lm-9.36-burr": (RUN, compound_poisson_variance),
    "lm-9.47-dividend": (RUN, aggregate_dividend),
    "lm-9.5-dental": (RUN, compound_discrete),
    "lm-9.57-9.58": (RUN, compound_poisson_vs_negbin),
    "lognormal90-params": (RUN, lognormal90_fit),
    "mcse-mean": (RUN, mc_standard_error),
    "metalog-spt3": (RUN, metalog),
    "pert-means-faircam-kb": (RUN, pert_mean),
    "pert-pyfair-classic": (LATER, "import of pyfair models, whose PERT is another"),
    "pert-pyfair-seed42": (LATER, "import of pyfair models, whose PERT is another"),
    "pert-vose-0-0-10-g4": (RUN, pert),
    "pert-vose-50000-250000-1500000-g4": (RUN, pert),
    "pyfair-pr44-secondary": (RUN, fair_secondary),
    "risklens-cookies": (RUN, product_point),
    "risklens-cookies-pert": (RUN, product_pert),
    "riskquant-issue11-1000": (RUN, lognormal90_ale),
    "riskquant-issue11-99999": (RUN, lognormal90_ale),
    "riskquant-unit": (RUN, lognormal90_ale),
    "rosi-enisa": (LATER, TREATMENT),
    "severity-continuous-cdf": (RUN, severity_score),
    "severity-vs-ale-rank": (RUN, rank_correlation),
    "sobol-ishigami": (LATER, "sensitivity: indices of variance"),
    "time-to-event": (RUN, multi_year),
    "tornado-product": (RUN, tornado),
    "triangular-moments": (RUN, triangular),
    "tvar-with-atom": (RUN, var_tvar),
    "ztpoisson": (RUN, frequency),
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
    assert len(RUNNING) == 42
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
    found = pert(case["inputs"])
    assert found["mean"] == pytest.approx(case["expected"]["mean"])
    assert found["sd"] != pytest.approx(case["expected"]["sd"], rel=0.05)
