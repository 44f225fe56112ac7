"""The record of a result: the same bytes for the same inputs, and the laws between its numbers."""

import csv
import io
import json
import math

import jsonschema
import pytest

from workbench.distributions import Pert, Point
from workbench.files import inputs_sha256
from workbench.models.portfolio import simulate
from workbench.models.scenario import Scenario
from workbench.models.study import Study
from workbench.reports.result import (
    EXCEEDANCE_PROBABILITIES,
    result_csv,
    result_json,
    result_record,
    rounded,
)
from workbench.reports.result_schema import result_schema
from workbench.reports.summary import result_text


def fair(name, rate, magnitude, title="n"):
    return Scenario.fair(name, title, loss_event_frequency=rate, loss_magnitude=magnitude)


STUDY = Study(
    name="Two",
    currency="EUR",
    seed=3,
    scenarios=(
        fair("B", Point(0.5), Point(100.0), "=cmd()"),
        fair("A", Pert(0.1, 0.5, 2), Pert(1, 2, 9)),
    ),
)


@pytest.fixture(scope="module", params=["exact", "montecarlo"])
def record(request):
    return result_record(simulate(STUDY, engine=request.param, years=20_000))


def test_probabilities_are_sixty_falling_with_exact_ends():
    assert len(EXCEEDANCE_PROBABILITIES) == 60
    assert (EXCEEDANCE_PROBABILITIES[0], EXCEEDANCE_PROBABILITIES[-1]) == (0.99, 0.0001)
    assert sorted(set(EXCEEDANCE_PROBABILITIES), reverse=True) == list(EXCEEDANCE_PROBABILITIES)


def test_the_record_passes_its_schema_and_has_the_stated_keys(record):
    jsonschema.Draft202012Validator(result_schema()).validate(json.loads(result_json(record)))
    assert list(record) == ["study", "currency", "seed", "engine", "years", "version",
                            "inputs_sha256", "scenarios", "portfolio", "dependence"]  # fmt: skip
    assert [scenario["id"] for scenario in record["scenarios"]] == ["A", "B"]
    assert record["inputs_sha256"] == inputs_sha256(STUDY)
    assert record["portfolio"]["undefined"] == {}


def test_the_schema_refuses_what_is_no_record(record):
    validator = jsonschema.Draft202012Validator(result_schema())
    for change in ({"extra": 1}, {"years": "many"}, {"inputs_sha256": "x"}, {"portfolio": {}}):
        assert not validator.is_valid(record | change)
    both = record["portfolio"] | {"error_bound": {}, "standard_error": {}}
    assert not validator.is_valid(record | {"portfolio": both})
    assert not validator.is_valid({k: v for k, v in record.items() if k != "seed"})


def test_the_mean_adds_and_losses_rise_as_their_chance_falls(record):
    means = [scenario["mean"] for scenario in record["scenarios"]]
    assert math.isclose(sum(means), record["portfolio"]["mean"], rel_tol=1e-9)
    for figures in (*record["scenarios"], record["portfolio"]):
        losses = [loss for loss, _ in figures["exceedance"]]
        assert losses == sorted(losses)
        assert figures["p50"] <= figures["p90"] <= figures["p95"] <= figures["p99"]
        assert figures["p95"] <= figures["tvar95"] <= figures["tvar99"]
        errors = figures.get("error_bound") or figures["standard_error"]
        assert len(errors["exceedance"]) == 60


def test_figures_are_right_where_they_are_known_in_closed_form():
    b = result_record(simulate(STUDY, engine="exact"))["scenarios"][1]
    assert b["mean"] == 50
    assert math.isclose(b["sd"], math.sqrt(0.5 * 100**2), rel_tol=1e-9)
    assert math.isclose(b["prob_no_loss"], math.exp(-0.5), rel_tol=1e-9)
    assert (b["p50"], b["p90"]) == (0, 100)


def test_the_same_inputs_give_the_same_bytes_in_any_order_of_scenarios():
    turned = Study(STUDY.name, STUDY.currency, STUDY.seed, scenarios=STUDY.scenarios[::-1])
    for engine in ("exact", "montecarlo"):
        texts = {
            result_json(result_record(simulate(study, engine=engine, years=3000)))
            for study in (STUDY, STUDY, turned)
        }
        assert len(texts) == 1


def test_numbers_have_twelve_digits_and_no_minus_zero():
    assert rounded(1 / 3) == 0.333333333333
    assert rounded(123456789.123456) == 123456789.123
    assert math.copysign(1, rounded(-0.0)) == 1


def test_the_table_has_a_line_for_each_scenario_and_no_live_formula():
    rows = list(csv.DictReader(io.StringIO(result_csv(simulate(STUDY, engine="exact")))))
    assert [(row["scope"], row["id"], row["name"]) for row in rows] == [
        ("scenario", "A", "n"),
        ("scenario", "B", "'=cmd()"),
        ("portfolio", "", "Two"),
    ]
    assert float(rows[1]["mean"]) == 50
    assert {row["currency"] for row in rows} == {"EUR"}


def test_a_study_without_losses_is_told_in_words():
    study = Study(scenarios=(fair("Z", Point(0.0), Point(5.0)),))
    text = result_text(simulate(study, engine="exact"))
    assert "in at least 99 of 100 years no loss occurs" in text
    assert "100%" in text


def test_long_and_hostile_names_keep_their_line():
    names = ["x" * 500, "a\nb\x1b[31m", "\u202egnp.exe"]
    rows = tuple(fair(f"S{i}", Point(1.0), Point(9.0), name) for i, name in enumerate(names))
    text = result_text(simulate(Study(name="n\nm", scenarios=rows), engine="exact"))
    assert not set("\x1b\u202e") & set(text)
    assert max(map(len, text.splitlines())) < 120
    assert r"n\x0am" in text
