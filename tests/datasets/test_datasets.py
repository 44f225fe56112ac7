"""What ships in datasets is described, its numbers are owned and argued, its citations exist."""

import csv
import json
import math
import re
from itertools import pairwise
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from scipy import stats

from workbench.files import read_study
from workbench.models.portfolio import simulate
from workbench.models.tolerance import ToleranceCurve

ROOT = Path(__file__).parents[2]
DATASETS = ROOT / "datasets"
LENDER = DATASETS / "studies" / "ai-lender"
RATES = ("loss_event_frequency", "aro")
MAGNITUDES = ("loss_magnitude", "exposure_factor")
ID = re.compile(r"(?:BEN|RAT)-\d{3}")
LIKELIHOOD_BANDS = (0.03, 0.1, 0.5, 2.0)  # events a year, as in the README of the study
CONSEQUENCE_BANDS = (10_000, 100_000, 500_000, 2_000_000)  # EUR an event, as in the README

folders = sorted({path.parent for path in DATASETS.rglob("*") if path.is_file()})


@pytest.fixture(scope="module")
def lender():
    return YAML(typ="safe").load(LENDER / "study.yaml")


@pytest.fixture(scope="module")
def rows():
    found = {}
    for name in ("ai_losses", "public_rates"):
        data = json.loads((DATASETS / "benchmarks" / f"{name}.json").read_text("utf-8"))
        found |= {row["id"]: row for row in data["rows"]}
    return found


def field(scenario, names):
    (name,) = [name for name in names if name in scenario]
    return name


def assumption(scenario, name):
    (found,) = [a for a in scenario["assumptions"] if a["field"] == name]
    return found


def cited(text):
    return set(ID.findall(text))


def level(value, bands):
    return 1 + sum(value >= band for band in bands)


def median_loss(scenario, assets):
    """Median loss of one event: of a lognormal interval, or of the share times a middling asset."""
    if "loss_magnitude" in scenario:
        return math.sqrt(scenario["loss_magnitude"]["low"] * scenario["loss_magnitude"]["high"])
    value = assets[scenario["asset"]] if "asset" in scenario else scenario["asset_value"]
    share = scenario["exposure_factor"]
    if share["type"] == "beta":
        return value["mode"] * stats.beta(share["alpha"], share["beta"]).median()
    low, mode, high = share["low"], share["mode"], share["high"]
    shape = 1 + 4 * (mode - low) / (high - low), 1 + 4 * (high - mode) / (high - low)
    return value["mode"] * stats.beta(*shape, loc=low, scale=high - low).median()


@pytest.mark.parametrize("folder", folders, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_folder_says_source_licence_date_and_units(folder):
    text = (folder / "README.md").read_text("utf-8")
    for word in ("Source:", "Licence:", "Date:", "Units:"):
        assert f"- {word}" in text


def test_datasets_hold_no_python():
    assert list(DATASETS.rglob("*.py")) == []


def test_every_benchmark_row_is_complete_and_has_its_own_id(rows):
    for key, row in rows.items():
        assert ID.fullmatch(key)
        assert row["source"].strip()
        assert row["certainty"] in ("verified", "recalled")
        assert row["date"]
        figure = row["amount"] if "amount" in row else row["figure"]
        assert figure > 0
    for name, count in (("ai_losses", 68), ("public_rates", 16)):
        data = json.loads((DATASETS / "benchmarks" / f"{name}.json").read_text("utf-8"))
        assert len(data["rows"]) == len({row["id"] for row in data["rows"]}) == count


def test_the_lender_has_many_scenarios_of_both_lenses_and_three_systems(lender):
    scenarios = lender["scenarios"]
    assert len(scenarios) >= 12
    assert len({s["id"] for s in scenarios}) == len(scenarios)
    assert {field(s, RATES) for s in scenarios} == set(RATES)
    assert {"Credit model", "Customer chatbot", "Document agent"} <= {
        s["system"] for s in scenarios
    }
    counts = {s["count"]["type"] for s in scenarios if "count" in s}
    assert counts == {"negative_binomial", "bernoulli"}
    shared = [s["asset"] for s in scenarios if "asset" in s]
    assert all(shared.count(asset["id"]) >= 2 for asset in lender["study"]["assets"])


def test_every_number_has_an_owner_a_reason_and_what_would_change_it(lender):
    for scenario in lender["scenarios"]:
        stated = set(scenario) & {*RATES, *MAGNITUDES, "asset_value", "count"}
        stated |= {"asset_value"} if "asset" in scenario else set()
        assert {a["field"] for a in scenario["assumptions"]} == stated
        for one in scenario["assumptions"]:
            assert set(one) - {"source"} == {"field", "owner", "reason", "would_change"}
            assert all(isinstance(text, str) and text.strip() for text in one.values())
            assert len(one["reason"]) >= 40
            assert one["owner"].split()[0] in ("Chief", "Head", "General", "Data", "Fraud")


def test_half_of_the_sizes_and_a_third_of_the_rates_rest_on_a_cited_figure(lender):
    scenarios = lender["scenarios"]
    sizes = [assumption(s, field(s, MAGNITUDES)) for s in scenarios]
    rates = [assumption(s, field(s, RATES)) for s in scenarios]
    assert sum(bool(cited(a.get("source", ""))) for a in sizes) * 2 >= len(sizes)
    assert sum(bool(cited(a.get("source", ""))) for a in rates) * 3 >= len(rates)


def test_every_cited_id_is_shipped_and_stands_in_the_readme(lender, rows):
    readme = cited((LENDER / "README.md").read_text("utf-8"))
    used = set()
    for scenario in lender["scenarios"]:
        for one in scenario["assumptions"]:
            source = one.get("source", "")
            assert cited(one["reason"]) <= cited(source)
            used |= cited(source)
    assert used <= set(rows)
    assert used <= readme


def test_no_loss_figure_is_used_as_a_rate(lender):
    for scenario in lender["scenarios"]:
        source = assumption(scenario, field(scenario, RATES)).get("source", "")
        assert not {key for key in cited(source) if key.startswith("BEN")}


def test_caps_are_ceilings_and_overturned_fines_are_not_cited(lender, rows):
    assets = {a["id"]: a["value"] for a in lender["study"]["assets"]}
    for scenario in lender["scenarios"]:
        one = assumption(scenario, field(scenario, MAGNITUDES))
        keys = [key for key in cited(one.get("source", "")) if key.startswith("BEN")]
        caps = [rows[key] for key in keys if rows[key]["kind"] == "cap"]
        assert not caps or "ceiling" in one["reason"]
        for cap in caps:
            assert median_loss(scenario, assets) < cap["amount"] / 4
            stated = [x for x in scenario["loss_magnitude"].values() if isinstance(x, int | float)]
            assert cap["amount"] not in stated
        for key in keys:
            status = rows[key].get("status", "")
            assert not re.search("annulled by|overturned|unpaid", status)
            if rows[key].get("statistic") == "mean":
                assert "mean" in one["reason"]
                assert median_loss(scenario, assets) < 0.86 * rows[key]["amount"]


def test_likelihood_and_consequence_follow_the_rule_of_the_readme(lender):
    assets = {a["id"]: a["value"] for a in lender["study"]["assets"]}
    for scenario in lender["scenarios"]:
        rate = scenario[field(scenario, RATES)]
        assert scenario["likelihood"] == level(rate["mode"], LIKELIHOOD_BANDS), scenario["id"]
        expected = level(median_loss(scenario, assets), CONSEQUENCE_BANDS)
        assert scenario["consequence"] == expected, scenario["id"]


def test_rates_are_believable_and_the_tolerance_falls(lender):
    for scenario in lender["scenarios"]:
        rate = scenario[field(scenario, RATES)]
        assert rate["type"] == "pert"
        assert 0 < rate["low"] < rate["mode"] < rate["high"] <= 10
    points = lender["study"]["tolerance"]
    assert len(points) == 4
    for first, second in pairwise(points):
        assert first["loss"] < second["loss"]
        assert first["probability"] > second["probability"] > 0


def test_the_readme_states_the_ranges_that_the_study_has(lender):
    table = (LENDER / "README.md").read_text("utf-8")
    for scenario in lender["scenarios"]:
        # the first table has the ranges, the second what the other states say
        row = next(line for line in table.splitlines() if line.startswith(f"| {scenario['id']} "))
        rate = scenario[field(scenario, RATES)]
        assert f"| {rate['low']}, {rate['mode']}, {rate['high']}" in row
        assert ("clustered" in row) == (
            scenario.get("count", {}).get("type") == "negative_binomial"
        )
        assert ("at most one" in row) == (scenario.get("count", {}).get("type") == "bernoulli")
        source = " ".join(a.get("source", "") for a in scenario["assumptions"])
        assert cited(row) == cited(source), scenario["id"]


def test_the_first_table_has_the_eleven_columns():
    path = DATASETS / "studies" / "first-table" / "table.csv"
    with path.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    triples = [[f"{name}_{end}" for end in ("low", "mode", "high")] for name in ("aro", "ef")]
    columns = ["id", "name", *triples[0], "asset_value", *triples[1], "likelihood", "consequence"]
    assert len(table) == 5
    for row in table:
        assert list(row) == columns
        for low, mode, high in ([float(row[name]) for name in triple] for triple in triples):
            assert 0 < low < mode < high
        assert float(row["ef_high"]) <= 1


@pytest.mark.parametrize("name", ["ai-lender/study.yaml", "first-table/table.csv"])
def test_every_study_passes_the_gate_without_a_warning(name):
    loaded = read_study(DATASETS / "studies" / name)
    assert loaded.warnings == ()
    assert len(loaded.study.scenarios) >= 5


def test_a_year_of_the_lender_has_the_size_that_its_readme_tells():
    study = read_study(LENDER / "study.yaml").study
    year = simulate(study, engine="montecarlo", years=40_000).portfolio
    curve = ToleranceCurve(study.tolerance)
    assert year.mean() == pytest.approx(3.28e6, rel=0.03)
    assert year.var(0.95) == pytest.approx(7.94e6, rel=0.06)
    assert year.var(0.99) == pytest.approx(14.3e6, rel=0.12)
    assert year.exceedance(2.5e6) < curve.probability(2.5e6)
    assert year.exceedance(6e6) > curve.probability(6e6)
