"""Layers for the Navigator: counted by hand, money by hand, the shape of the format."""

import json
import math
from dataclasses import replace

import pytest

from tests.threats.test_applying import SYSTEM, threat
from workbench.errors import WorkbenchError
from workbench.files.catalogues.threats import shipped_threats
from workbench.files.exchange.navigator import layer_json, layer_of_money, layer_of_threats
from workbench.threats import Catalogue, drafts_of, threats_to

ONE = replace(
    threat("T-1", "rag_index", "I"),
    atlas=("AML.T0057", "AML.T0010.002"),
    atlas_2026_07=("AML.T0057", "AML.T0115.001"),
)
TWO = replace(threat("T-2", "monitoring", "D", ("accidental",)), atlas=("AML.T0057",))
AWAY = replace(threat("T-3", "training_data"), atlas=("AML.T0020",))  # touches nothing
REPORT = threats_to(SYSTEM, Catalogue((ONE, TWO, AWAY)))


def scores(layer):
    return {one["techniqueID"]: one.get("score") for one in layer["techniques"]}


def test_techniques_are_scored_by_the_threats_that_name_them():
    layer = layer_of_threats(REPORT)
    assert scores(layer) == {"AML.T0010": None, "AML.T0010.002": 1, "AML.T0057": 2}
    assert layer["gradient"]["maxValue"] == 2
    (both,) = (one for one in layer["techniques"] if one["techniqueID"] == "AML.T0057")
    assert both["metadata"] == [{"name": "threats", "value": "T-1, T-2"}]
    assert both["comment"].count("Editorial: no incident is claimed.") == 2
    assert "2 threats" in layer["description"]


def test_the_newer_edition_has_its_own_ids():
    layer = layer_of_threats(REPORT, edition="atlas_2026_07")
    assert scores(layer) == {"AML.T0057": 1, "AML.T0115": None, "AML.T0115.001": 1}
    assert layer["metadata"] == [{"name": "atlas_data_version", "value": "2026.07"}]
    with pytest.raises(WorkbenchError, match="One of atlas_5_6, atlas_2026_07"):
        layer_of_threats(REPORT, edition="atlas_4")


def test_money_counts_at_each_technique_and_where_it_is_unknown_there_is_no_score():
    drafts = drafts_of(REPORT)
    layer = layer_of_money(drafts, {"chat.T-1": 1_000.256, "chat.T-2": 500.0}, currency="EUR")
    assert scores(layer) == {
        "AML.T0010": None, "AML.T0010.002": 1_000.26, "AML.T0057": 1_500.26,
    }  # fmt: skip
    assert "in EUR" in layer["description"]
    assert "do not add up" in layer["description"]
    for lacking in ({"chat.T-1": 10.0}, {"chat.T-1": 10.0, "chat.T-2": math.inf}):
        known = layer_of_money(drafts, lacking, currency="EUR")
        assert scores(known) == {"AML.T0010": None, "AML.T0010.002": 10.0, "AML.T0057": None}
        assert json.loads(layer_json(known)) == known


def test_a_layer_has_the_shape_of_the_format():
    layer = json.loads(layer_json(layer_of_threats(threats_to(SYSTEM, shipped_threats()))))
    assert (layer["domain"], layer["versions"]["layer"]) == ("atlas-atlas", "4.5")
    assert isinstance(layer["name"], str)
    ids = [one["techniqueID"] for one in layer["techniques"]]
    assert ids == sorted(set(ids))
    top = layer["gradient"]["maxValue"]
    assert all(0 < one.get("score", 1) <= top for one in layer["techniques"])
    for one in ids:
        assert one[:9] in ids
    for one in layer["techniques"]:
        assert all(set(pair) == {"name", "value"} for pair in one.get("metadata", ()))


def test_a_system_that_nothing_touches_has_an_empty_layer():
    layer = layer_of_threats(threats_to(SYSTEM, Catalogue((AWAY,))))
    assert layer["techniques"] == []
    assert layer["gradient"]["maxValue"] == 1
