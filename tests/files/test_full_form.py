"""The full form: two lenses, every distribution, shared assets, tolerance, counts, assumptions."""

import pytest

from workbench.distributions import Beta, Empirical, Gamma, LogNormal, Pert, Point, Uniform
from workbench.engines.counts import Bernoulli, NegativeBinomial, Poisson

LEF = {"type": "pert", "low": 0.1, "mode": 0.5, "high": 2}
MAGNITUDE = {"type": "lognormal", "low": 50000, "high": 900000, "mass": 0.9}
FAIR = {"loss_event_frequency": LEF, "loss_magnitude": MAGNITUDE}
CLASSICAL = {
    "aro": LEF,
    "asset_value": 12e6,
    "exposure_factor": {"type": "beta", "alpha": 2, "beta": 6},
}


def message(gate, study=None, **scenario):
    """The one refusal of a study with one scenario."""
    (found,) = gate.refusal(gate.full_of(study, **scenario), "t.json")
    return found


@pytest.mark.parametrize(
    ("statement", "belief"),
    [
        ({"type": "point", "value": 3}, Point(3)),
        ({"type": "uniform", "low": 1, "high": 3}, Uniform(1, 3)),
        ({"type": "pert", "low": 1, "mode": 2, "high": 3}, Pert(1, 2, 3)),
        ({"type": "pert", "low": 1, "mode": 2, "high": 3, "shape": 8}, Pert(1, 2, 3, 8)),
        ({"type": "lognormal", "mu": 10, "sigma": 1}, LogNormal(10, 1)),
        ({"type": "lognormal", "low": 10, "high": 90}, LogNormal.from_interval(10, 90)),
        ({"type": "lognormal", "low": 10, "high": 90, "mass": 0.5},
         LogNormal.from_interval(10, 90, 0.5)),
        ({"type": "lognormal", "mean": 10, "sd": 5}, LogNormal.from_mean_sd(10, 5)),
        ({"type": "lognormal", "median": 10, "quantile": 50, "level": 0.95},
         LogNormal.from_median_quantile(10, 50, 0.95)),
        ({"type": "beta", "alpha": 2, "beta": 5}, Beta(2, 5)),
        ({"type": "gamma", "shape": 2, "scale": 1000}, Gamma(2, 1000)),
        ({"type": "empirical", "values": [3, 1, 2]}, Empirical([1, 2, 3])),
        ({"type": "empirical", "values": [1, 2], "weights": [1, 3]}, Empirical([1, 2], [1, 3])),
    ],
)  # fmt: skip
def test_every_way_to_state_a_belief_is_read(gate, statement, belief):
    text = gate.full_of(**(FAIR | {"loss_magnitude": statement}))
    assert gate.accepted(text, "t.json").study.scenarios[0].loss_magnitude == belief


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (5, "is a plain number, got '5'; write {type: point, value: 5}"),
        ("3M", "loss_magnitude: is not a mapping with a type, got '3M'"),
        ({}, "loss_magnitude: has no type, allowed type: point"),
        ({"type": "normal", "mean": 1}, "type 'normal' is not computed in this version"),
        ({"type": "scaled", "base": LEF, "factor": 2}, "'scaled' is not computed"),
        ({"type": "lognromal"}, "did you mean 'lognormal'?"),
        ({"type": 5}, "type is not known, got '5'"),
        ({"type": "point"}, "loss_magnitude.value: is missing"),
        ({"type": "point", "value": -1}, "loss_magnitude.value: is out of range, got '-1'"),
        ({"type": "point", "value": 1e16}, "loss_magnitude.value: is out of range"),
        ({"type": "point", "value": "x"}, "loss_magnitude.value: is not a number, got 'x'"),
        ({"type": "point", "value": 1, "mean": 2}, "loss_magnitude.mean: is not a known field"),
        ({"type": "uniform", "low": 3, "high": 1}, "loss_magnitude.low: is above high, got '3'"),
        ({"type": "uniform", "low": 3, "high": 3}, "loss_magnitude.high: equals low, got '3'"),
        ({"type": "pert", "low": 1, "high": 3}, "loss_magnitude.mode: is missing"),
        ({"type": "pert", "low": 4, "mode": 2, "high": 3}, "loss_magnitude.low: is above mode"),
        ({"type": "pert", "low": 1, "mode": 5, "high": 3}, "loss_magnitude.mode: is above high"),
        ({"type": "pert", "low": 1, "mode": 2, "high": 3, "shape": 0}, "loss_magnitude.shape: is"),
        ({"type": "lognormal", "low": 0, "high": 3}, "loss_magnitude.low: is out of range"),
        ({"type": "lognormal", "low": 5, "high": 3}, "loss_magnitude.low: is above high"),
        ({"type": "lognormal", "low": 1, "high": 3, "mass": 1}, "loss_magnitude.mass: is out of"),
        ({"type": "lognormal", "mu": 1}, "loss_magnitude.sigma: is missing"),
        ({"type": "lognormal", "mu": 1, "sigma": 0}, "loss_magnitude.sigma: is out of range"),
        ({"type": "lognormal", "mu": 500, "sigma": 9}, "loss_magnitude: "),
        ({"type": "lognormal", "mu": 40, "sigma": 1}, "in its upper tail, allowed 0 to 1e15"),
        ({"type": "lognormal", "mean": 5, "sd": 0}, "loss_magnitude.sd: is out of range"),
        ({"type": "lognormal", "median": 5, "quantile": 4, "level": 0.95}, "loss_magnitude: "),
        ({"type": "lognormal", "median": 5, "quantile": 9, "level": 0.5}, "loss_magnitude: "),
        ({"type": "lognormal", "mu": 1, "sd": 1}, "loss_magnitude.mu: is not a known field"),
        ({"type": "beta", "alpha": 0, "beta": 1}, "loss_magnitude.alpha: is out of range"),
        ({"type": "gamma", "shape": 1e300, "scale": 1}, "loss_magnitude.shape: is out of range"),
        ({"type": "empirical", "values": []}, "loss_magnitude.values: is an empty list"),
        ({"type": "empirical", "values": 3}, "loss_magnitude.values: is not a list, got '3'"),
        ({"type": "empirical", "values": [1, "x"]}, "loss_magnitude.values.2: is not a number"),
        ({"type": "empirical", "values": [1], "weights": [0]}, "loss_magnitude: weights are"),
        ({"type": "empirical", "values": [1], "weights": [1, 2]}, "one weight for each value"),
        ({"type": "empirical", "values": [1] * 10_001}, "too long, got 10001 entries"),
    ],
)
def test_a_belief_that_does_not_hold_is_named_by_its_path(gate, statement, said):
    scenario = FAIR | {"loss_magnitude": statement}
    text = "\n".join(gate.refusal(gate.full_of(**scenario), "t.json"))
    assert text.startswith("t.json: row 1 (scenario F-1): loss_magnitude")
    assert said in text


def test_rates_and_shares_keep_to_their_ranges(gate):
    rare = {"type": "uniform", "low": 0, "high": 2_000_000}
    said = message(gate, **(FAIR | {"loss_event_frequency": rare}))
    assert "loss_event_frequency.high: is too large, got '2000000', allowed 0 to 1000000" in said
    tail = {"type": "lognormal", "mu": 10, "sigma": 2}
    said = message(gate, **(FAIR | {"loss_event_frequency": tail}))
    assert "in its upper tail, allowed 0 to 1000000 events a year" in said
    for share, where in (
        ({"type": "uniform", "low": 0, "high": 1.5}, "exposure_factor.high: is too large"),
        ({"type": "gamma", "shape": 1, "scale": 0.1}, "exposure_factor: can be above 1"),
        ({"type": "empirical", "values": [0.1, 30]}, "exposure_factor.values.2: is too large"),
    ):
        assert where in message(gate, **(CLASSICAL | {"exposure_factor": share}))


def test_one_lens_is_wanted_neither_two_nor_none(gate):
    assert "loss_event_frequency: mixes two lenses" in message(gate, **(CLASSICAL | FAIR))
    neither = "\n".join(gate.refusal(gate.full_of(), "t.json"))
    assert "aro: is missing, allowed aro, or loss_event_frequency" in neither
    assert "loss_magnitude: is missing, allowed loss_magnitude, primary_loss" in neither
    half = {"loss_event_frequency": LEF}
    assert "loss_magnitude: is missing" in message(gate, **half)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"asset_value": None}, "asset_value: is missing"),
        ({"aro": None}, "aro: is missing"),
        ({"exposure_factor": None}, "exposure_factor: is missing"),
        ({"aro_low": 1}, "aro: is stated twice, also by aro_low"),
        ({"ef_mode": 1}, "exposure_factor: is stated twice, also by ef_mode"),
        ({"asset": "x"}, "asset: is stated beside asset_value"),
        ({"asset": "x", "asset_value": None}, "asset: is not listed in study.assets, got 'x'"),
        ({"aro": None, "aro_low": 1, "aro_mode": 2}, "aro_high: is missing"),
        ({"likelihood": 9}, "likelihood: is out of range, got '9'"),
        ({"owner": ""}, "owner: is empty"),
        ({"system": 5}, "system: is not text, got '5'"),
        ({"evidence": 0.5}, "evidence: is not computed in this version"),
        ({"controls": []}, "controls: is not computed in this version"),
        ({"count": {"type": "binomial"}}, "count.trials: is missing, allowed a whole number"),
        ({"count": {"type": "negative_binomial"}}, "count.dispersion: is missing"),
        ({"count": {"type": "negative_binomial", "dispersion": 1}}, "count.dispersion: is out of"),
        ({"count": {"type": "poisson", "rate": 2}}, "count.rate: is not a known field"),
        ({"count": "poisson"}, "count: is not a mapping"),
        ({"count": {"type": "bernoulli"}}, "count: "),
        ({"assumptions": {}}, "assumptions: is not a list"),
        ({"assumptions": [{}]}, "assumptions.1.field: is missing"),
    ],
)
def test_a_classical_scenario_is_whole_and_stated_once(gate, change, said):
    text = "\n".join(gate.refusal(gate.full_of(**(CLASSICAL | change)), "t.json"))
    assert said in text


@pytest.mark.parametrize(
    ("count", "read"),
    [({"type": "poisson"}, Poisson()), ({"type": "bernoulli"}, Bernoulli()),
     ({"type": "negative_binomial", "dispersion": 1.8}, NegativeBinomial(1.8))],
)  # fmt: skip
def test_counts_are_read(gate, count, read):
    rare = {"type": "uniform", "low": 0, "high": 1}
    text = gate.full_of(**(FAIR | {"count": count, "loss_event_frequency": rare}))
    assert gate.accepted(text, "t.json").study.scenarios[0].count == read


def test_a_table_row_may_stand_in_the_full_form_without_levels(gate):
    text = gate.json_of({"likelihood": None, "consequence": None}, study={"currency": "EUR"})
    study = gate.accepted(text, "t.json").study
    assert (study.currency, study.scenarios[0].likelihood) == ("EUR", None)
    bare = gate.json_of({"likelihood": None})
    assert "likelihood: is missing" in gate.refusal(bare, "t.json")[0]


def test_assumptions_are_read_and_name_a_field(gate):
    one = {
        "field": "loss_magnitude",
        "owner": "Head of compliance",
        "reason": "Two cases",
        "would_change": "A third",
    }
    study = gate.accepted(gate.full_of(**(FAIR | {"assumptions": [one]})), "t.json").study
    assert study.scenarios[0].assumptions[0].owner == "Head of compliance"
    said = message(gate, **(FAIR | {"assumptions": [one, one | {"field": "lossmagnitude"}]}))
    assert "assumptions.2.field: is not a field of a scenario, got 'lossmagnitude'" in said


@pytest.mark.parametrize(
    ("study", "said"),
    [
        ([], "t.json: study: is not a mapping, got a list"),
        (3, "t.json: study: is not a mapping, got '3'"),
        ({"name": ""}, "study: name: is empty"),
        ({"name": 5}, "study: name: is not text"),
        ({"currency": "eur"}, "study: currency: is not of the right form, got 'eur'"),
        ({"currency": "XXX"}, "study: currency: is no ISO 4217 currency code"),
        ({"currency": "EUR\n"}, r"study: currency: is not of the right form, got 'EUR\x0a'"),
        ({"seed": -1}, "study: seed: is out of range, got '-1'"),
        ({"seed": 2**53}, "study: seed: is out of range"),
        ({"seed": 1.5}, "study: seed: is not a whole number, got '1.5'"),
        ({"seed": True}, "study: seed: is not a whole number, got 'true'"),
        ({"seed": "1"}, "study: seed: is not a whole number, got '1'"),
        ({"dependence": []}, "study: dependence: is not a mapping, got a list"),
        ({"currrency": "EUR"}, "did you mean 'currency'?"),
        ({"assets": {}}, "study: assets: is not a list, got a mapping"),
        ({"assets": [{"id": "a"}]}, "study: assets.1.name: is missing"),
        ({"assets": [{"id": "a", "name": "b", "value": "3M"}]}, "study: assets.1.value: is not a"),
        ({"assets": [{"id": "a", "name": "b", "value": {"type": "uniform", "low": 2, "high": 1}}]},
         "study, assets row 1 (a): value.low: is above high"),
        ({"assets": [{"id": "a", "name": "b", "value": 1}] * 2}, "assets row 2 (a): id: is used"),
        ({"tolerance": [{"loss": 0, "probability": 0.1}]}, "tolerance.1.loss: is out of range"),
        ({"tolerance": [{"loss": 1, "probability": 5}]}, "tolerance.1.probability: is out of"),
        ({"tolerance": [{"loss": 1}]}, "study: tolerance.1.probability: is missing"),
        ({"tolerance": [{"loss": 9, "probability": 0.2}, {"loss": 1, "probability": 0.1}]},
         "study, tolerance row 1: probability: rises with the loss, got '0.2'"),
        ({"tolerance": [{"loss": 1, "probability": 0.1}] * 2},
         "study, tolerance row 2: loss: is stated twice"),
    ],
)  # fmt: skip
def test_the_study_section_is_checked_like_a_row(gate, study, said):
    text = gate.full_of(**FAIR).replace('"study": {}', f'"study": {gate.dumps(study)}')
    assert said in "\n".join(gate.refusal(text, "t.json"))


def test_shared_assets_are_found_and_unused_ones_told(gate):
    asset = {"id": "db", "name": "Records", "value": {"type": "uniform", "low": 1, "high": 2}}
    scenario = CLASSICAL | {"asset": "db"}
    del scenario["asset_value"]
    study = {"assets": [asset, asset | {"id": "idle"}]}
    loaded = gate.accepted(gate.full_of(study, **scenario), "t.json")
    assert loaded.study.asset("db").value == Uniform(1, 2)
    assert loaded.study.scenarios[0].asset == "db"
    assert loaded.warnings == ("t.json: study, assets row 2 (idle): id: is used by no scenario",)


def test_plain_numbers_are_money_where_money_is_asked(gate):
    scenario = gate.accepted(gate.full_of(**CLASSICAL), "t.json").study.scenarios[0]
    assert scenario.asset_value == Point(12e6)


def test_tolerance_points_come_in_any_order(gate):
    points = [{"loss": 9, "probability": 0.1}, {"loss": 1, "probability": 0.2}]
    study = gate.accepted(gate.full_of({"tolerance": points}, **FAIR), "t.json").study
    assert [point.loss for point in study.tolerance] == [1, 9]
