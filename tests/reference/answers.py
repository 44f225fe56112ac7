"""What the package answers to each kind of published case, under the names of the case file."""

import math
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
from workbench.engines import tied_total
from workbench.engines.copulas import Copula
from workbench.engines.dependence import DependencePlan
from workbench.engines.plan import CompoundPlan
from workbench.fitting import Grouped, loss_at_return_period, rate_posterior
from workbench.losses import LossDistribution, SampledLosses
from workbench.models import (
    Anchors,
    Bernoulli,
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

Values = dict[str, Any]


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


def copula_joint_event(given: Values) -> Values:
    plans = [
        CompoundPlan(str(i), Point(p), Point(1.0), Bernoulli()) for i, p in enumerate(given["p"])
    ]
    pair = np.array([[1.0, given["rho"]], [given["rho"], 1.0]])
    ties = DependencePlan(Copula.by_matrix("frequencies", [plan.id for plan in plans], pair))
    found = tied_total.total(plans, ties)
    return {"P_both": float(found.exceedance(1.0)), "P_any": float(found.exceedance(0.0))}


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
