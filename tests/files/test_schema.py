"""The published JSON Schema says of a study file what the gate says."""

import json

import jsonschema
import pytest

from workbench.files import FileRefused, parse_study, read_study, study_schema
from workbench.files.writing import study_document

FAIR = {
    "loss_event_frequency": {"type": "uniform", "low": 0, "high": 2},
    "loss_magnitude": {"type": "lognormal", "low": 1, "high": 9},
}


@pytest.fixture(scope="module")
def validator():
    jsonschema.Draft202012Validator.check_schema(study_schema())
    return jsonschema.Draft202012Validator(study_schema())


@pytest.mark.parametrize("study", ["ai-lender/study.yaml", "first-table/table.csv"])
def test_the_shipped_studies_pass_it(validator, root, study):
    document = study_document(read_study(root / "datasets" / "studies" / study).study)
    assert list(validator.iter_errors(json.loads(json.dumps(document)))) == []


@pytest.mark.parametrize(
    "text",
    [
        '{"scenarios": []}',
        '{"study": {"currency": "EUR"}, "scenarios": []}',
        '{"study": {"currency": "eur"}, "scenarios": []}',
        '{"study": {"seed": -1}, "scenarios": []}',
        '{"study": {"extra": 1}, "scenarios": []}',
        '{"study": {}}',
        '{"scenarios": {}}',
        '{"study": {"tolerance": [{"loss": 1, "probability": 2}]}, "scenarios": []}',
        '{"study": {"tolerance": [{"loss": 1, "probability": 1}]}, "scenarios": []}',
        '{"study": {"assets": [{"id": "a", "name": "b", "value": 3}]}, "scenarios": []}',
        '{"study": {"assets": [{"id": "", "name": "b", "value": 3}]}, "scenarios": []}',
    ],
)
def test_it_agrees_with_the_gate_on_heads(validator, text):
    assert validator.is_valid(json.loads(text)) == passes(text)


@pytest.mark.parametrize(
    "change",
    [{}, {"id": None}, {"id": 5}, {"likelihood": 3}, {"likelihood": 6}, {"likelihood": 2.5},
     {"extra": 1}, {"count": {"type": "bernoulli", "x": 1}}, {"count": {"type": "poisson"}},
     {"count": {"type": "negative_binomial", "dispersion": 1}}, {"loss_magnitude": 5},
     {"loss_magnitude": {"type": "lognormal", "mu": 1, "sigma": 1}},
     {"loss_magnitude": {"type": "lognormal", "mu": 1, "sd": 1}},
     {"loss_magnitude": {"type": "pareto"}}, {"loss_magnitude": {"type": "point", "value": -1}},
     {"loss_magnitude": {"type": "empirical", "values": []}}, {"aro": 1}, {"owner": "x"},
     {"owner": 3}, {"assumptions": [{"field": "count"}]}],
)  # fmt: skip
def test_it_agrees_with_the_gate_on_scenarios(validator, gate, change):
    fields = {k: v for k, v in (FAIR | change).items() if v is not None}
    text = gate.full_of(**fields)
    if "id" in change:
        text = text.replace('"id": "F-1", ', "") if change["id"] is None else text
    assert validator.is_valid(json.loads(text)) == passes(text)


@pytest.mark.parametrize(
    "change",
    [{}, {"aro_low": None}, {"aro": FAIR["loss_event_frequency"]}, {"asset": "x"},
     {"asset_value": None}, {"asset_value": {"type": "gamma", "shape": 2, "scale": 3}},
     {"ef_high": 2}, {"likelihood": None}, {"asset_value": "3M"}],
)  # fmt: skip
def test_it_agrees_with_the_gate_on_table_rows(validator, gate, change):
    text = gate.json_of(change, study={})
    assert validator.is_valid(json.loads(text)) == passes(text)


def passes(text):
    try:
        parse_study("t.json", text.encode())
    except FileRefused:
        return False
    return True
