"""Dependence in a study file: read strictly, written back equal, refused and warned of in words."""

import json
import math

import jsonschema
import pytest

from workbench.engines.dependence import Shock
from workbench.errors import WorkbenchError
from workbench.files import (
    inputs_sha256,
    parse_study,
    study_csv,
    study_json,
    study_schema,
    study_yaml,
)
from workbench.models.dependence import Dependence, Factor, StatedCopula

PAIRS = [["S-1", "S-2", 0.4], ["S-3", "S-2", -0.2]]
STATED = [
    {"frequencies": {"copula": "gaussian", "rank_correlation": PAIRS}},
    {"frequencies": {"copula": "gaussian", "rank_correlation": 0.25}},
    {"losses": {"copula": "t", "degrees": 4.5, "rank_correlation": 0.25,
                "scenarios": ["S-3", "S-1"]}},
    {"losses": {"copula": "t", "degrees": 3, "factors": [
        {"id": "cloud", "loadings": [["S-2", 0.5], ["S-1", 0.7]]},
        {"id": "a", "loadings": [["S-3", -1]]}]}},
    {"shocks": [{"id": "outage", "rate": 0.05, "scenarios": [["S-2", 0.5], ["S-1", 1]]},
                {"id": "flood", "rate": 0, "scenarios": [["S-3", 0]]}]},
    {"frequencies": {"copula": "gaussian", "rank_correlation": [["S-1", "S-2", 0.4]]},
     "losses": {"copula": "gaussian", "rank_correlation": [["S-3", "S-4", 0.4]]},
     "shocks": [{"id": "outage", "rate": 0.05, "scenarios": [["S-2", 0.5]]}]},
]  # fmt: skip


def file_of(gate, dependence, rows=4):
    return gate.json_of(*[{}] * rows, study={"dependence": dependence})


@pytest.fixture(scope="module")
def validator():
    return jsonschema.Draft202012Validator(study_schema())


@pytest.mark.parametrize("stated", STATED)
def test_what_is_stated_reads_back_equal_and_is_written_alike(gate, validator, stated):
    text = file_of(gate, stated)
    assert validator.is_valid(json.loads(text))
    study = gate.accepted(text, "t.json").study
    assert study.dependence is not None
    assert study.at("residual").dependence == study.dependence
    for name, write in (("t.json", study_json), ("t.yaml", study_yaml)):
        back = parse_study(name, write(study).encode()).study
        assert back == study
        assert write(back) == write(study)
        assert inputs_sha256(back) == inputs_sha256(study)


def test_the_parts_are_what_the_file_says(gate):
    def read(stated):
        return gate.accepted(file_of(gate, stated), "t.json").study.dependence

    by_pairs, _, by_one, by_factors, by_shocks, _ = map(read, STATED)
    pairs = (("S-1", "S-2", 0.4), ("S-2", "S-3", -0.2))
    assert by_pairs == Dependence(StatedCopula(pairs=pairs))
    assert by_one == Dependence(losses=StatedCopula(4.5, common=0.25, scenarios=("S-1", "S-3")))
    factors = (Factor("a", {"S-3": -1}), Factor("cloud", {"S-1": 0.7, "S-2": 0.5}))
    assert by_factors == Dependence(losses=StatedCopula(3, factors=factors))
    assert by_shocks.shocks[1] == Shock("outage", 0.05, {"S-1": 1, "S-2": 0.5})


def test_the_order_in_a_file_does_not_change_the_hash_and_independence_keeps_it(gate):
    turned = {"frequencies": {"copula": "gaussian", "rank_correlation": [
        ["S-2", "S-3", -0.2], ["S-2", "S-1", 0.4]]}}  # fmt: skip
    one, other = (gate.accepted(file_of(gate, s), "t.json").study for s in (STATED[0], turned))
    assert one == other
    assert inputs_sha256(one) == inputs_sha256(other)
    empty = gate.accepted(file_of(gate, {}), "t.json").study
    assert gate.accepted(file_of(gate, None), "t.json").study == empty
    without = gate.accepted(gate.json_of({}, {}, {}, {}, study={}), "t.json").study
    assert empty == without
    assert "dependence" not in without.to_dict()["study"]
    assert inputs_sha256(one) != inputs_sha256(without)


def copula(**fields):
    return {"frequencies": {"copula": "gaussian"} | fields}


def shock(**fields):
    one = {"id": "x", "rate": 0.1, "scenarios": [["S-1", 0.5]]} | fields
    return {"shocks": [{k: v for k, v in one.items() if v is not None}]}


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        (copula(rank_correlation=[["S-1", "S-9", 0.2]]),
         "1.2: is no scenario of the study, got 'S-9', allowed S-1, S-2, S-3, S-4"),
        (copula(rank_correlation=[["S-1", "S-1", 0.2]]), "names one scenario twice, got 'S-1'"),
        (copula(rank_correlation=[["S-1", "S-2", 0.2], ["S-2", "S-1", 0.3]]),
         "rank_correlation.2: is stated twice, got 'S-2' and 'S-1', first in row 1"),
        (copula(rank_correlation=[["S-1", "S-2", 1.2]]),
         "frequencies.rank_correlation.1.3: is out of range, got '1.2', allowed at most 1"),
        (copula(rank_correlation=[["S-1", "S-2", "0.2"]]), "rank_correlation.1.3: is not a number"),
        (copula(rank_correlation=[["S-1", "S-2"]]), "rank_correlation.1.3: is missing"),
        (copula(rank_correlation=[["S-1", "S-2", 0.1, 0.2]]), "rank_correlation.1: is too long"),
        (copula(rank_correlation=[0.3]), "rank_correlation.1: is not a list, got '0.3'"),
        (copula(rank_correlation=[]), "rank_correlation: is an empty list"),
        (copula(rank_correlation=-0.2), "rank_correlation: is out of range, got '-0.2'"),
        (copula(rank_correlation=True), "rank_correlation: is not a number, got 'true'"),
        (copula(rank_correlation={}), "rank_correlation: is not a number, got a mapping"),
        (copula(rank_correlation=0.2, degrees=4), "degrees: is stated for a gaussian copula"),
        (copula(rank_correlation=0.2, copula="t"), "degrees: is missing, allowed 1 to 1000"),
        (copula(rank_correlation=0.2, copula="t", degrees=0.5), "degrees: is out of range"),
        (copula(rank_correlation=0.2, copula="clayton"), "copula: is not known, got 'clayton'"),
        (copula(), "a copula is stated by factors, by rank correlations of pairs, or by one"),
        (copula(rank_correlation=0.2, factors=[{"id": "f", "loadings": [["S-1", 0.1]]}]),
         "a copula is stated by factors, by rank correlations of pairs, or by one"),
        (copula(rank_correlation=0.2, scenarios=["S-1", "S-1"]),
         "scenarios.2: is named twice, got 'S-1', first in row 1"),
        (copula(rank_correlation=0.2, scenarios=["S-1", "S-8"]), "scenarios.2: is no scenario"),
        (copula(rank_correlation=PAIRS, scenarios=["S-1", "S-2"]), "scenarios are listed beside"),
        (copula(correlation=0.2), "correlation: is not computed in this version"),
        (copula(rank_corelation=0.2), "did you mean 'rank_correlation'?"),
        (copula(factors=[{"id": "f", "loadings": [["S-1", 0.8]]},
                         {"id": "g", "loadings": [["S-1", 0.8], ["S-2", 0.1]]}]),
         "the squares of the loadings of scenario S-1 add up to at most 1"),
        (copula(factors=[{"id": "f", "loadings": [["S-1", 0.8], ["S-2", 0.1]]}] * 2),
         "factors row 2 (f): id: is used twice"),
        (copula(factors=[{"id": "f", "loadings": [["S-1", 2]]}]), "loadings.1.2: is out of range"),
        (copula(factors=[{"id": "f", "loadings": {"S-1": 2}}]), "loadings: is not a list"),
        (copula(factors=[{"id": "f", "loadings": [["S-1", 0.1], ["S-1", 0.1]]}]),
         "factors.1.loadings.2: is named twice"),
        (shock(rate=-1), "shocks.1.rate: is out of range"),
        (shock(rate={"type": "pert"}), "shocks.1.rate: is not a number, got a mapping"),
        (shock(rate=None), "shocks.1.rate: is missing"),
        (shock(scenarios=[["S-1", 1.5]]), "shocks.1.scenarios.1.2: is out of range"),
        (shock(scenarios=[["S-7", 1]]), "scenarios.1: is no scenario of the study, got 'S-7'"),
        (shock(scenarios=[["S-1", 1], ["S-1", 0.5]]), "scenarios.2: is named twice"),
        (shock(rate=5), "dependence: the stated frequency of scenario S-1 includes the shocks"),
        ({"shocks": shock()["shocks"] * 2}, "shocks row 2 (x): id: is used twice"),
        (copula(rank_correlation=0.2) | {"losses": {"copula": "gaussian", "rank_correlation": 0.1}},
         "a scenario is in the copula of frequencies or in that of losses, not in both"),
        ({"losses": {"copula": "gaussian", "rank_correlation": PAIRS}} | shock(),
         "dependence: a scenario with common shocks is not in the copula of losses"),
        ({"copulas": {}}, "dependence.copulas: is not a known field"),
    ],
)  # fmt: skip
def test_faults_are_told_in_one_line(gate, stated, words):
    messages = gate.refusal(file_of(gate, stated), "t.json")
    assert any(words in line for line in messages), messages
    assert all("\n" not in line for line in messages)


def test_a_state_that_shocks_do_not_fit_is_named(gate):
    rare = {"aro_low": 0.001, "aro_mode": 0.002, "aro_high": 0.003}
    text = gate.json_of({"residual": rare}, study={"dependence": shock()})
    assert "dependence: in the residual state: the stated frequency of scenario S-1" in str(
        gate.refusal(text, "t.json")
    )


def test_a_repair_is_a_warning_that_says_how_far(gate):
    pairs = [["S-1", "S-2", 0.9], ["S-2", "S-3", 0.9], ["S-1", "S-3", -0.9]]
    loaded = gate.accepted(file_of(gate, copula(rank_correlation=pairs)), "t.json")
    (line,) = loaded.warnings
    assert "dependence.frequencies.rank_correlation: the correlations contradict each" in line
    assert "moves an entry by at most" in line
    assert not gate.accepted(file_of(gate, copula(rank_correlation=PAIRS)), "t.json").warnings


def test_a_t_copula_with_0_is_told_to_be_dependent_in_the_tail(gate):
    stated = {"losses": {"copula": "t", "degrees": 3, "rank_correlation": [["S-1", "S-2", 0]]}}
    (line,) = gate.accepted(file_of(gate, stated), "t.json").warnings
    # 2 t_4(-2) = 0.116
    assert "S-1 and S-2 are dependent in the tail" in line
    assert "12% are such years of the other, too, although their rank correlation is 0" in line


def test_more_scenarios_than_a_matrix_holds_ask_for_a_factor_model(gate):
    pairs = [["S-1", f"S-{i}", 0.01] for i in range(2, 203)]
    text = file_of(gate, copula(rank_correlation=pairs), rows=202)
    assert "Use a factor model" in str(gate.refusal(text, "t.json"))
    loadings = [[f"S-{i}", 0.1] for i in range(1, 203)]
    text = file_of(gate, copula(factors=[{"id": "f", "loadings": loadings}]), rows=202)
    assert gate.accepted(text, "t.json").study.dependence is not None


def test_a_table_holds_no_dependence(gate):
    study = gate.accepted(file_of(gate, STATED[0]), "t.json").study
    with pytest.raises(WorkbenchError, match="a dependence"):
        study_csv(study)


@pytest.mark.parametrize(
    "hostile", ["\u202e", "=1+1", "x" * 4000, "../x", "", 5, math.pi, None, []]
)
def test_hostile_ids_are_refused_in_words(gate, hostile):
    for stated in (
        copula(rank_correlation=[["S-1", hostile, 0.1]]),
        copula(rank_correlation=0.1, scenarios=["S-1", hostile]),
        copula(factors=[{"id": hostile, "loadings": [["S-1", 0.1], [hostile, 0.1]]}]),
        shock(scenarios=[[hostile, 0.1]]),
    ):
        messages = gate.refusal(file_of(gate, stated), "t.json")
        assert all(line.isprintable() and len(line) < 700 for line in messages)
