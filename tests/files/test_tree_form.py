"""The FAIR tree, terms, counts and states in a file: each node stated or derived, never both."""

import math

import pytest

from workbench.distributions import Beta, Metalog, Pareto, Point, Uniform, from_dict
from workbench.engines.counts import DiscreteCount, Poisson, count_from_dict
from workbench.models.tree import (
    LossEvents,
    LossForms,
    SecondaryLoss,
    Terms,
    ThreatEvents,
    Vulnerability,
)

RATE = {"type": "uniform", "low": 1, "high": 3}
SHARE = {"type": "beta", "alpha": 2, "beta": 3}
MONEY = {"type": "pert", "low": 1, "mode": 2, "high": 9}
FAIR = {"loss_event_frequency": RATE, "loss_magnitude": MONEY}
CONTACTS = {"contact_frequency": RATE, "probability_of_action": SHARE}
STRENGTHS = {"threat_capability": SHARE, "resistance_strength": SHARE}
MAGNITUDE = {"loss_magnitude": MONEY}


def read(gate, **fields):
    return gate.accepted(gate.full_of(**fields), "t.json").study.scenarios[0]


def said(gate, study=None, **fields):
    return "\n".join(gate.refusal(gate.full_of(study, **fields), "t.json"))


def test_every_derivation_of_the_frequency_is_read(gate):
    contacts = ThreatEvents(Uniform(1, 3), Beta(2, 3))
    strengths = Vulnerability(Beta(2, 3), Beta(2, 3))
    for threats, node in ((CONTACTS, contacts), ({"threat_event_frequency": RATE}, Uniform(1, 3))):
        for weak, other in ((STRENGTHS, strengths), ({"vulnerability": SHARE}, Beta(2, 3))):
            found = read(gate, **threats, **weak, **MAGNITUDE)
            assert found.frequency == LossEvents(node, other)
    classical = {"exposure_factor": SHARE, "asset_value": 9}
    assert read(gate, **CONTACTS, **STRENGTHS, **classical).lens == "classical"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (FAIR | {"vulnerability": SHARE},
         "loss_event_frequency: is stated, and also derived from vulnerability; keep one"),
        ({"aro": RATE, "exposure_factor": SHARE, "asset_value": 1} | CONTACTS,
         "aro: is stated, and also derived from contact_frequency, probability_of_action"),
        (MAGNITUDE | {"threat_event_frequency": RATE, "vulnerability": SHARE} | CONTACTS,
         "threat_event_frequency: is stated, and also derived from contact_frequency, prob"),
        (MAGNITUDE | CONTACTS | STRENGTHS | {"vulnerability": SHARE},
         "vulnerability: is stated, and also derived from threat_capability, resistance_strength"),
        (MAGNITUDE | {"contact_frequency": RATE, "vulnerability": SHARE},
         "probability_of_action: is missing beside contact_frequency"),
        (MAGNITUDE | {"threat_event_frequency": RATE},
         "vulnerability: is missing, allowed vulnerability, or threat_capability with resistance"),
        (MAGNITUDE | {"threat_event_frequency": RATE, "resistance_strength": SHARE},
         "threat_capability: is missing beside resistance_strength"),
        (MAGNITUDE | {"vulnerability": SHARE},
         "threat_event_frequency: is missing, allowed threat_event_frequency, or contact_freq"),
        (MAGNITUDE, "loss_event_frequency: is missing"),
        (FAIR | {"primary_loss": {"response": MONEY}},
         "loss_magnitude: is stated, and also derived from primary_loss; keep one"),
        ({"loss_event_frequency": RATE, "primary_loss": {}},
         "primary_loss: states no form of loss, allowed productivity, response"),
        ({"loss_event_frequency": RATE, "primary_loss": {"response": {**MONEY, "mode": 10}}},
         "primary_loss.response.mode: is above high, got '10', allowed at most 9"),
        ({"loss_event_frequency": RATE, "primary_loss": {"respons": MONEY}},
         "primary_loss.respons: is not a known field, did you mean 'response'?"),
        ({"loss_event_frequency": RATE, "primary_loss": {"response": MONEY, "together": 1}},
         "primary_loss.together: is neither true nor false, got '1'"),
        (FAIR | {"secondary_loss": {"share": 0.5}},
         "secondary_loss: states no form of loss"),
        (FAIR | {"secondary_loss": {"magnitude": MONEY}}, "secondary_loss.share: is missing"),
        (FAIR | {"secondary_loss": {"share": 2, "magnitude": MONEY}},
         "secondary_loss.share: is out of range, got '2'"),
        (FAIR | {"secondary_loss": {"share": RATE, "magnitude": MONEY}},
         "secondary_loss.share.high: is too large, got '3', allowed 0 to 1"),
        (FAIR | {"secondary_loss": {"share": 1, "magnitude": MONEY, "reputation": MONEY}},
         "secondary_loss.magnitude: is stated, and also derived from reputation; keep one"),
        (FAIR | {"terms": {"limit": 0}}, "terms.limit: is out of range, got '0', allowed above 0"),
        (FAIR | {"terms": {"share": 0}}, "terms.share: is out of range, got '0'"),
        (FAIR | {"terms": {"deductable": 1}}, "terms.deductable: is not a known field, did you"),
        (FAIR | {"terms": {}, "annual_cap": 5}, "annual_cap: is stated beside terms, allowed as"),
        (FAIR | {"annual_cap": 0}, "annual_cap: is out of range, got '0', allowed above 0"),
        (FAIR | {"count": {"type": "discrete", "values": [1], "probabilities": [1]}},
         "loss_event_frequency: is stated beside a discrete count, which states it; keep one"),
        (MAGNITUDE | {"count": {"type": "discrete", "values": [1, 1], "probabilities": [0.5, 0.5]}},
         "count: numbers of events are distinct whole numbers"),
        (MAGNITUDE | {"count": {"type": "discrete", "values": [1.5], "probabilities": [1]}},
         "count.values.1: is not a whole number, got '1.5'"),
        (FAIR | {"count": {"type": "binomial", "trials": 2}},
         "count: a binomial count has a rate of at most 2 a year; got 3"),
        (FAIR | {"count": {"type": "bernoulli", "zero_truncated": True}},
         "count.zero_truncated: is not a known field"),
        (MAGNITUDE | {"vulnerability": {"type": "point", "value": 1}, "threat_event_frequency":
         {"type": "point", "value": 1e9}}, "threat_event_frequency: reaches 1e+09 in its upper"),
        (FAIR | {"assumptions": [{"field": "count", "owner": "a", "reason": "b",
                                  "would_change": "c", "date": "2024-02-30"}]},
         "assumptions.1.date: is no day; write year, month and day: 2026-11-24, got '2024-02-30'"),
        (FAIR | {"assumptions": [{"field": "count", "review_by": "soon"}]},
         "assumptions.1.review_by: is not of the right form, got 'soon', allowed a day such as"),
        (FAIR | {"dependence": {}}, "dependence: stands elsewhere; write it under study:"),
        (FAIR | {"treatments": []}, "treatments: is not computed in this version; remove it"),
    ],
)  # fmt: skip
def test_a_node_is_stated_or_derived_and_whole(gate, fields, words):
    assert words in said(gate, **fields)


def test_forms_terms_and_secondary_losses_are_read(gate):
    found = read(
        gate,
        loss_event_frequency=RATE,
        primary_loss={"response": MONEY, "reputation": MONEY, "together": True},
        secondary_loss={"share": 0.25, "fines_and_judgments": MONEY},
        terms={"deductible": 1, "share": 0.5, "annual_limit": 7},
    )
    one = from_dict(MONEY)
    assert found.loss_magnitude == LossForms(response=one, reputation=one, together=True)
    assert found.secondary == SecondaryLoss(Point(0.25), LossForms(fines_and_judgments=one))
    assert found.terms == Terms(1, math.inf, 0.5, 0, 7)
    assert read(gate, **FAIR, annual_cap=7).terms == Terms(annual_limit=7)


@pytest.mark.parametrize(
    "count",
    [{"type": "binomial", "trials": 12}, {"type": "poisson", "zero_truncated": True},
     {"type": "negative_binomial", "dispersion": 2, "zero_truncated": True},
     {"type": "binomial", "trials": 12, "zero_truncated": True}, {"type": "poisson"}],
)  # fmt: skip
def test_every_count_is_read(gate, count):
    more = FAIR | {"loss_event_frequency": {"type": "uniform", "low": 2, "high": 3}}
    assert read(gate, **more, count=count).count == count_from_dict(count)
    assert read(gate, **FAIR, count={"type": "poisson", "zero_truncated": False}).count == Poisson()


def test_a_discrete_count_states_the_frequency(gate):
    count = {"type": "discrete", "values": [0, 2], "probabilities": [0.75, 0.25]}
    found = read(gate, **MAGNITUDE, count=count)
    assert found.count == DiscreteCount([0, 2], [0.75, 0.25])
    assert found.rate() == Point(0.5)
    assert read(gate, **MAGNITUDE, count=count | {"zero_truncated": True}).rate() == Point(2)


def test_states_restate_what_the_scenario_states(gate):
    more = {"type": "uniform", "low": 5, "high": 6}
    residual = {"loss_magnitude": {"type": "point", "value": 1}, "terms": {"limit": 3},
                "secondary_loss": {"share": 1, "magnitude": MONEY}, "consequence": 1}  # fmt: skip
    found = read(gate, **FAIR, owner="x", likelihood=2, terms={"deductible": 1},
                 inherent={"loss_event_frequency": more}, residual=residual)  # fmt: skip
    assert found.inherent.rate() == Uniform(5, 6)
    assert found.inherent.loss_magnitude == found.loss_magnitude
    assert found.inherent.terms == found.terms == Terms(1)
    assert (found.residual.primary(), found.residual.terms) == (Point(1), Terms(limit=3))
    assert (found.residual.likelihood, found.residual.consequence) == (2, 1)
    assert found.residual.owner == "x"
    capped = read(gate, **FAIR, annual_cap=9, inherent={"terms": {}}, residual={"annual_cap": 5})
    assert (capped.inherent.terms, capped.residual.terms) == (Terms(), Terms(annual_limit=5))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ([], "residual: is not a mapping, got a list"),
        ({"name": "x"}, "residual.name: is not a known field"),
        ({"aro": RATE}, "residual.aro: restates what the scenario itself does not state, allowed"),
        ({"vulnerability": SHARE}, "residual.vulnerability: restates what the scenario itself"),
        ({"loss_event_frequency": {**RATE, "low": 4}},
         "residual.loss_event_frequency.low: is above high, got '4'"),
        ({"loss_magnitude": {**MONEY, "low": -1}}, "residual.loss_magnitude.low: is out of range"),
        ({"count": {"type": "bernoulli"}}, "residual.count: a bernoulli count has a rate of at"),
        ({"count": {"type": "discrete", "values": [1], "probabilities": [1]}},
         "residual.loss_event_frequency: is stated beside a discrete count"),
        ({"likelihood": 6}, "residual.likelihood: is out of range, got '6'"),
        ({"residual": {}}, "residual.residual: is not a known field"),
        ({"terms": {"limit": -1}}, "residual.terms.limit: is out of range"),
    ],
)  # fmt: skip
def test_a_fault_of_a_state_stands_under_its_path(gate, state, words):
    assert words in said(gate, **FAIR, residual=state)


@pytest.mark.parametrize(
    "statement",
    [{"type": "triangular", "low": 1, "mode": 2, "high": 4},
     {"type": "weibull", "shape": 2, "scale": 3},
     {"type": "pareto", "alpha": 3, "low": 1}, {"type": "pareto2", "alpha": 3, "scale": 2},
     {"type": "gpd", "shape": 0.2, "scale": 2},
     {"type": "gpd", "shape": -0.2, "scale": 2, "low": 1},
     {"type": "burr", "alpha": 3, "shape": 2, "scale": 5},
     {"type": "metalog", "coefficients": [1, 0.5, 0.1], "lower": 0},
     {"type": "metalog", "levels": [0.1, 0.5, 0.9], "values": [1, 2, 4], "lower": 0, "upper": 9},
     {"type": "discrete", "values": [1, 5], "probabilities": [0.5, 0.5]},
     {"type": "mixture", "parts": [MONEY, RATE], "weights": [1, 3]},
     {"type": "truncated", "base": MONEY, "low": 2},
     {"type": "truncated", "base": MONEY, "high": 5}],
)  # fmt: skip
def test_every_family_is_read_as_the_models_read_it(gate, statement):
    found = read(gate, **(FAIR | {"loss_magnitude": statement})).loss_magnitude
    assert found == from_dict(statement)
    # and in each other place, or refused by its unit
    deep = {"type": "mixture", "parts": [{"type": "truncated", "base": statement}], "weights": [1]}
    assert read(gate, **(FAIR | {"loss_magnitude": deep})).loss_magnitude == from_dict(deep)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ({"type": "mixture", "parts": [MONEY, {**MONEY, "mode": "x"}], "weights": [1, 1]},
         "loss_magnitude.parts.2.mode: is not a number, got 'x'"),
        ({"type": "mixture", "parts": [MONEY, {"type": "lognormal", "mu": 1, "sigma": 0}],
          "weights": [1, 1]}, "loss_magnitude.parts.2.sigma: is out of range, got '0'"),
        ({"type": "mixture", "parts": [MONEY, {**MONEY, "low": 5}], "weights": [1, 1]},
         "loss_magnitude.parts.2.low: is above mode, got '5'"),
        ({"type": "mixture", "parts": [MONEY], "weights": [1, 1]},
         "loss_magnitude: a mixture has parts, and one weight for each"),
        ({"type": "mixture", "parts": [], "weights": []}, "loss_magnitude.parts: is an empty list"),
        ({"type": "mixture", "parts": [5], "weights": [1]},
         "loss_magnitude.parts.1: is a plain number, got '5'; write {type: point, value: 5}"),
        ({"type": "mixture", "parts": [{"type": "pret"}], "weights": [1]},
         "loss_magnitude.parts.1: type is not known, got 'pret'"),
        ({"type": "mixture", "parts": [{**MONEY, "median": 1}], "weights": [1]},
         "loss_magnitude.parts.1.median: is not a known field, allowed type, low, mode, high"),
        ({"type": "truncated", "base": {**MONEY, "low": 5}}, "loss_magnitude.base.low: is above"),
        ({"type": "truncated", "base": MONEY, "low": 20}, "loss_magnitude: the base lies between"),
        ({"type": "truncated", "base": MONEY, "low": 5, "high": 3}, "loss_magnitude.low: is above"),
        ({"type": "metalog", "coefficients": [1, 2]}, "loss_magnitude.coefficients: "),
        ({"type": "metalog", "coefficients": [1, -2, 1], "lower": 0},
         "loss_magnitude: the quantile function of a metalog rises everywhere"),
        ({"type": "metalog", "coefficients": [5, 1, 0.1]},
         "loss_magnitude: can be below 0, since it has no lower bound; write lower: 0"),
        ({"type": "metalog", "coefficients": [5, 1, 0.1], "lower": -3},
         "loss_magnitude: can be below 0, since it begins at -3; write lower: 0"),
        ({"type": "discrete", "values": [1], "probabilities": [0.5]},
         "loss_magnitude: probabilities are 0 or more and sum to 1"),
        ({"type": "pareto", "alpha": 0, "low": 1}, "loss_magnitude.alpha: is out of range"),
        ({"type": "gpd", "shape": 1, "scale": 0}, "loss_magnitude.scale: is out of range, got '0'"),
        ({"type": "pareto", "alpha": 0.1, "low": 1}, "loss_magnitude: reaches 1e+30 in its upper"),
    ],
)  # fmt: skip
def test_a_belief_within_a_belief_is_named_by_its_path(gate, statement, words):
    assert words in said(gate, **(FAIR | {"loss_magnitude": statement}))


def test_beliefs_nest_to_a_depth_of_four(gate):
    statement = MONEY
    for _ in range(3):
        statement = {"type": "mixture", "parts": [statement], "weights": [1]}
    read(gate, **(FAIR | {"loss_magnitude": statement}))
    deeper = {"type": "truncated", "base": statement}
    assert "nests beliefs deeper than 4 levels" in said(gate, **(FAIR | {"loss_magnitude": deeper}))


def test_moments_that_do_not_exist_are_told_in_amounts_and_refused_elsewhere(gate):
    heavy = {"type": "pareto", "alpha": 0.9, "low": 1}
    rough = {"type": "pareto2", "alpha": 1.5, "scale": 1}
    for statement, words in ((heavy, "has no mean: no average"), (rough, "has no variance: no st")):
        text = gate.full_of(**(FAIR | {"loss_magnitude": statement}))
        (warning,) = gate.accepted(text, "t.json").warnings
        assert f"row 1 (scenario F-1): loss_magnitude: {words}" in warning
        limited = gate.full_of(**(FAIR | {"loss_magnitude": statement}), terms={"limit": 9})
        assert gate.accepted(limited, "t.json").warnings == ()
    found = said(gate, **(FAIR | {"loss_event_frequency": {**heavy, "low": 1e-6}}))
    assert "loss_event_frequency: has no mean, which is allowed in amounts of loss only" in found
    study = {"assets": [{"id": "a", "name": "b", "value": rough}]}
    assert "value: has no variance, which is allowed in amounts" in said(gate, study, **FAIR)
    found = read(gate, **MAGNITUDE, threat_event_frequency=RATE, threat_capability=heavy,
                 resistance_strength={"type": "metalog", "coefficients": [0, 1, 0.2]})  # fmt: skip
    assert found.frequency.vulnerability == Vulnerability(Pareto(0.9, 1), Metalog([0, 1, 0.2]))


@pytest.mark.parametrize(
    ("anchors", "words"),
    [
        ([], "study: anchors: is not a mapping"),
        ({"likelihood": [0.1, 1]}, "study: anchors.consequence: is missing"),
        ({"likelihood": [0.1], "consequence": [1, 2]}, "study: anchors.likelihood: "),
        ({"likelihood": [0.1, 0.1], "consequence": [1, 2]}, "study: anchors: the anchors of likel"),
        ({"likelihood": [0, 0.1], "consequence": [1, 2]}, "study: anchors.likelihood.1: is out of"),
        ({"likelihood": [0.1, 1], "consequence": [1, 2, 3]}, "study: anchors: anchors name as ma"),
    ],
)  # fmt: skip
def test_anchors_are_read_and_set_the_levels(gate, anchors, words):
    assert words in said(gate, {"anchors": anchors}, **FAIR)
    seven = {"likelihood": list(range(1, 8)), "consequence": list(range(1, 8))}
    text = gate.full_of({"anchors": seven}, **FAIR, likelihood=7)
    assert gate.accepted(text, "t.json").study.levels == 7
    assert "likelihood: is out of range, got '8'" in said(
        gate, {"anchors": seven}, **FAIR, likelihood=8
    )


def test_bounds_out_of_order_are_told_beside_a_number_that_cannot_be_read(gate):
    messages = gate.refusal(gate.csv_of({"aro_low": 5, "aro_high": "many", "ef_low": 0.9}))
    fields = [message.split(": ")[2] for message in messages]
    assert fields == ["aro_high", "aro_low", "ef_low"]
