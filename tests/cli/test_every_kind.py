"""A study for each belief, count and term goes through the command line, twice.

The exact engine and the reference engine, which simulates, agree within their stated errors.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from workbench import cli

YEARS = 20_000
RATE: Any = {"type": "pert", "low": 0.4, "mode": 1, "high": 3}
MONEY: Any = {"type": "lognormal", "mu": 11, "sigma": 1}
SHARE: Any = {"type": "beta", "alpha": 2, "beta": 4}

BELIEFS: dict[str, Any] = {
    "point": {"type": "point", "value": 50_000},
    "uniform": {"type": "uniform", "low": 1e4, "high": 2e5},
    "triangular": {"type": "triangular", "low": 1e4, "mode": 5e4, "high": 4e5},
    "pert": {"type": "pert", "low": 1e4, "mode": 5e4, "high": 4e5},
    "lognormal": MONEY,
    "gamma": {"type": "gamma", "shape": 2, "scale": 5e4},
    "weibull": {"type": "weibull", "shape": 0.8, "scale": 1e5},
    "pareto": {"type": "pareto", "alpha": 1.5, "low": 2e4},
    "pareto without a mean": {"type": "pareto", "alpha": 0.8, "low": 1e4},
    "pareto2": {"type": "pareto2", "alpha": 2.5, "scale": 1e5},
    "gpd": {"type": "gpd", "shape": 0.4, "scale": 5e4, "low": 1e4},
    "burr": {"type": "burr", "alpha": 2, "shape": 1.5, "scale": 1e5},
    "metalog": {"type": "metalog", "coefficients": [11, 0.4, 0.1], "lower": 0},
    "metalog of quantiles": {
        "type": "metalog",
        "levels": [0.1, 0.5, 0.9],
        "values": [1e4, 5e4, 3e5],
        "terms": 3,
        "lower": 0,
        "upper": 1e6,
    },
    "mixture": {
        "type": "mixture",
        "parts": [{"type": "uniform", "low": 1e3, "high": 1e4}, MONEY],
        "weights": [0.7, 0.3],
    },
    "truncated": {"type": "truncated", "base": MONEY, "low": 1e4, "high": 5e5},
    "discrete": {"type": "discrete", "values": [1e4, 5e4, 3e5], "probabilities": [0.6, 0.3, 0.1]},
}
COUNTS: dict[str, Any] = {
    "poisson": {"type": "poisson"},
    "negative_binomial": {"type": "negative_binomial", "dispersion": 2.5},
    "binomial": {"type": "binomial", "trials": 12},
    "bernoulli": {"type": "bernoulli"},
    "discrete": {
        "type": "discrete",
        "values": [0, 1, 2, 5],
        "probabilities": [0.5, 0.3, 0.15, 0.05],
    },
    "poisson from 1": {"type": "poisson", "zero_truncated": True},
    "negative_binomial from 1": {
        "type": "negative_binomial",
        "dispersion": 2.5,
        "zero_truncated": True,
    },
    "binomial from 1": {"type": "binomial", "trials": 12, "zero_truncated": True},
    "discrete from 1": {
        "type": "discrete",
        "values": [0, 1, 4],
        "probabilities": [0.5, 0.4, 0.1],
        "zero_truncated": True,
    },
}
TERMS: dict[str, Any] = {
    "deductible": {"deductible": 5e4},
    "limit": {"limit": 1e5},
    "share": {"share": 0.4},
    "annual_deductible": {"annual_deductible": 1e5},
    "annual_limit": {"annual_limit": 3e5},
    "all": {
        "deductible": 2e4,
        "limit": 2e5,
        "share": 0.8,
        "annual_deductible": 5e4,
        "annual_limit": 4e5,
    },
}
FAIR: Any = {"loss_event_frequency": RATE, "loss_magnitude": MONEY}
TREES: dict[str, Any] = {
    "threat events": {
        "threat_event_frequency": RATE,
        "vulnerability": SHARE,
        "loss_magnitude": MONEY,
    },
    "leaves": {
        "contact_frequency": {"type": "point", "value": 12},
        "probability_of_action": SHARE,
        "threat_capability": {"type": "uniform", "low": 0, "high": 1},
        "resistance_strength": {"type": "beta", "alpha": 3, "beta": 2},
        "loss_magnitude": MONEY,
    },
    "forms": {
        "loss_event_frequency": RATE,
        "primary_loss": {"productivity": MONEY, "response": {"type": "point", "value": 20_000}},
    },
    "forms together": {
        "loss_event_frequency": RATE,
        "primary_loss": {"productivity": MONEY, "reputation": MONEY, "together": True},
    },
    "secondary": FAIR | {"secondary_loss": {"share": 0.3, "magnitude": MONEY}},
    "secondary, held": FAIR | {"secondary_loss": {"share": SHARE, "fines_and_judgments": MONEY}},
    "classical": {"aro": RATE, "exposure_factor": SHARE, "asset_value": MONEY},
    "annual cap": FAIR | {"annual_cap": 250_000},
}


def rate_of(name: str) -> Any:
    if name.startswith("discrete"):
        return {}
    if name == "bernoulli":
        return {"loss_event_frequency": SHARE}
    low = 2 if name.endswith("from 1") else 0.4
    return {"loss_event_frequency": {"type": "uniform", "low": low, "high": 4}}


SCENARIOS: dict[str, Any] = {
    **{
        f"loss: {n}": {"loss_event_frequency": RATE, "loss_magnitude": b}
        for n, b in BELIEFS.items()
    },
    **{
        f"rate: {n}": {"loss_event_frequency": b, "loss_magnitude": MONEY}
        for n, b in {
            "point": {"type": "point", "value": 1.3},
            "uniform": {"type": "uniform", "low": 0, "high": 3},
            "triangular": {"type": "triangular", "low": 0, "mode": 1, "high": 3},
            "beta": SHARE,
            "lognormal": {"type": "lognormal", "mu": 0, "sigma": 0.8},
            "gamma": {"type": "gamma", "shape": 2, "scale": 0.7},
            "weibull": {"type": "weibull", "shape": 1.5, "scale": 1.5},
            "pareto2": {"type": "pareto2", "alpha": 4, "scale": 3},
            "discrete": {"type": "discrete", "values": [0, 1, 4], "probabilities": [0.3, 0.4, 0.3]},
            "truncated": {
                "type": "truncated",
                "base": {"type": "pareto", "alpha": 1.5, "low": 0.3},
                "low": 0,
                "high": 20,
            },
        }.items()
    },
    **{
        f"count: {n}": rate_of(n) | {"count": c, "loss_magnitude": MONEY} for n, c in COUNTS.items()
    },
    **{f"terms: {n}": FAIR | {"terms": t} for n, t in TERMS.items()},
    **{f"tree: {n}": t for n, t in TREES.items()},
}


def simulated(path: Path, *options: str) -> Any:
    done = CliRunner().invoke(cli.app, ["simulate", str(path), "--json", *options])
    assert done.exit_code == 0, done.output
    assert "NaN" not in done.stdout
    assert "Infinity" not in done.stdout
    return json.loads(done.stdout)


def both(folder: Path, name: str) -> tuple[Any, Any]:
    """Return the records of a study of one scenario from both engines."""
    path = folder / "s.json"
    row = {"id": "S-1", "name": name} | SCENARIOS[name]
    head = {"name": name, "currency": "USD", "seed": 5}
    path.write_text(json.dumps({"study": head, "scenarios": [row]}))
    return simulated(path), simulated(path, "--engine", "montecarlo", "--years", str(YEARS))


@pytest.mark.daily(17)
@pytest.mark.parametrize("name", SCENARIOS)
def test_the_engines_agree(name: str, tmp_path: Path) -> None:
    exact, other = both(tmp_path, name)
    assert exact["engine"] == "exact"
    assert other["engine"] == "montecarlo"
    one, two = exact["portfolio"], other["portfolio"]
    assert one["undefined"].keys() == {k for k in two["undefined"] if "." not in k}
    for figure in ("mean", "p50", "p95", "p99", "tvar95", "prob_no_loss"):
        bound, error = one["error_bound"][figure], two["standard_error"][figure]
        if one[figure] is None or error is None:
            assert figure in one["undefined"] or f"standard_error.{figure}" in two["undefined"]
            continue
        # 5 standard errors: some 300 comparisons, one in a million each
        assert abs(one[figure] - two[figure]) <= bound + 5 * error + 1e-9, figure
        if figure in ("p95", "p99"):
            assert bound <= 0.01 * one["p99"], figure


def test_what_does_not_exist_is_said(tmp_path: Path) -> None:
    without = both(tmp_path, "loss: pareto without a mean")[0]["portfolio"]
    assert without["mean"] is None
    assert "does not exist" in without["undefined"]["mean"]
    some = both(tmp_path, "loss: pareto")[0]["portfolio"]
    assert some["sd"] is None
    assert some["mean"] > 0


def test_text_names_what_does_not_exist(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    row = {"id": "S-1", "name": "x"} | SCENARIOS["loss: pareto without a mean"]
    path.write_text(json.dumps({"study": {"currency": "USD"}, "scenarios": [row]}))
    done = CliRunner().invoke(cli.app, ["simulate", str(path)])
    assert done.exit_code == 0, done.output
    words = done.output.lower().replace("information", "").split()
    assert not {"inf", "nan", "infinity", "$inf", "$nan"} & set(words)
    assert "does not exist" in done.output
