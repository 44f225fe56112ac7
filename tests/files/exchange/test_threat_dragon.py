"""Threat Dragon models: a small one by hand, which box holds what, guesses told, faults."""

import json

import pytest

from tests.files.exchange.mutants import answers
from workbench.files.catalogues.systems import parse_system, system_dict
from workbench.files.catalogues.threats import shipped_threats
from workbench.files.exchange.threat_dragon import OUTSIDE, parse_threat_dragon
from workbench.files.messages import FileRefused
from workbench.threats import AISystem, Boundary, Component, Flow, threats_to


def cell(id, shape, name="", at=(0, 0, 10, 10), **more):
    return {
        "id": id,
        "shape": shape,
        "zIndex": 1,
        "position": {"x": at[0], "y": at[1]},
        "size": {"width": at[2], "height": at[3]},
        "data": {"name": name, "type": f"tm.{shape}", "hasOpenThreats": False, "threats": []},
        **more,
    }


def flow(id, source, target, name="", **data):
    ends = {"source": {"cell": source, "port": "p"}, "target": {"cell": target}}
    data = {"name": name, "type": "tm.Flow", **data}
    return {"id": id, "shape": "flow", "connector": "smooth", "data": data, **ends}


BOXES = [
    cell("net", "trust-boundary-box", "Our network", (100, 0, 500, 500)),
    cell("vault", "trust-boundary-box", "Vault", (300, 100, 200, 200)),
]
PARTS = [
    cell("c-1", "actor", "Customer", (0, 0, 50, 50)),
    cell("c-2", "process", "Chat\nservice", (150, 100, 50, 50)),
    cell("c-3", "process", "RAG Index", (350, 150, 50, 50)),
    cell("c-4", "store", "Orders", (350, 400, 50, 50)),
]
LINES = [
    flow("f-1", "c-1", "c-2", "questions", isBidirectional=True),
    flow("f-2", "c-2", "c-3", "searches"),
    flow("f-3", "c-2", "c-3", "more searches"),
    flow("f-4", "c-2", "c-4"),
    {"id": "f-5", "shape": "flow", "source": {"cell": "c-2"}, "target": {"x": 1, "y": 2}},
    {"id": "b-1", "shape": "trust-broundary-curve", "source": {"x": 1, "y": 1}},
    cell("t-1", "td-text-block", "A note"),
]


def model(*cells):
    head = {"title": "Demo model (2)", "owner": "A person", "id": 0}
    diagram = {"title": "One", "diagramType": "STRIDE", "id": 0, "cells": list(cells)}
    detail = {"contributors": [], "diagrams": [diagram], "reviewer": ""}
    return {"version": "2.5.0", "summary": head, "detail": detail}


SMALL = model(*BOXES, *PARTS, *LINES)


def read(tree):
    return parse_threat_dragon("d.json", json.dumps(tree).encode())


def refusal(tree):
    with pytest.raises(FileRefused) as caught:
        read(tree)
    return caught.value.messages


def test_a_small_model_by_hand():
    assert read(SMALL).system == AISystem(
        "demo-model-2",
        "Demo model (2)",
        components=(
            Component("c-1", "Customer", "people", OUTSIDE, controlled_by="public"),
            Component("c-2", "Chat service", "application", "net"),
            Component("c-3", "RAG Index", "RAG index", "vault"),
            Component("c-4", "Orders", "store", "net"),
        ),
        flows=(
            Flow("c-1", "c-2", "questions"),
            Flow("c-2", "c-1", "questions"),
            Flow("c-2", "c-3", "searches; more searches"),
            Flow("c-2", "c-4", "f-4"),
        ),
        boundaries=(
            Boundary(OUTSIDE, "Outside all boxes", 0),
            Boundary("net", "Our network", 1),
            Boundary("vault", "Vault", 2),
        ),
    )


def test_every_guess_is_told():
    assert read(SMALL).warnings == (
        (
            "d.json: cells row 12 (b-1): a curve encloses nothing and is left out; "
            "draw a box in its place"
        ),
        "d.json: cells row 3 (c-1): an actor is taken as controlled by the public",
        (
            "d.json: cells row 4 (c-2): 'Chat service' is taken as 'application'; "
            "write 'kind: ...' into its description"
        ),
        (
            "d.json: cells row 6 (c-4): 'Orders' is taken as 'store'; "
            "write 'kind: ...' into its description"
        ),
        "d.json: states no trust: a box is trusted by how deep it stands in others",
        "d.json: cells row 9 (f-3): is joined with another flow from c-2 to c-3",
        "d.json: cells row 11 (f-5): a flow with a loose end is left out",
    )


def test_a_description_states_a_kind_and_without_boxes_there_is_one_zone():
    part = cell("c", "process", "Brain")
    part["data"]["description"] = "What it is.\n  Kind: base-model\nMore."
    del part["position"]
    found = read(model(part))
    assert found.system.components == (Component("c", "Brain", "base model", OUTSIDE),)
    assert found.system.boundaries == (Boundary(OUTSIDE, "Outside all boxes", 0),)
    assert found.warnings == ()


def test_threats_of_a_file_are_left_there_and_what_is_out_of_scope_is_kept():
    part = cell("c", "process", "RAG index")
    part["data"] |= {"threats": [{"title": "A"}, {}], "outOfScope": True}
    found = read(model(part))
    assert [one.id for one in found.system.components] == ["c"]
    assert found.warnings == (
        "d.json: threats: 2 are left in the file; the catalogue is asked anew",
        "d.json: cells row 1 (c): is out of the diagram's scope, and kept",
    )


def test_what_is_read_is_a_system_like_any_other_and_its_actors_are_a_way_in():
    found = read(SMALL).system
    assert parse_system("s.json", json.dumps(system_dict(found)).encode()) == found
    assert found.ways_in["c-3"] == ("c-1", "c-2", "c-3")
    assert threats_to(found, shipped_threats()).of("c-3")


def test_boxes_hold_only_what_is_in_their_diagram():
    tree = model(*BOXES)
    tree["detail"]["diagrams"].append({"cells": PARTS[:3]})
    zones = {part.id: part.boundary for part in read(tree).system.components}
    assert zones == dict.fromkeys(("c-1", "c-2", "c-3"), OUTSIDE)


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        (model(), "components: a system has a component, got 0; name its parts first"),
        (model(PARTS[0], PARTS[0]), ("cells row 2 (c-1): id: is used twice, got 'c-1', "
         "first in cells row 1")),
        (model(cell("../x", "actor")), ("cells row 1 (../x): id: looks like a path; write it "
         "without / \\ and leading ., got '../x'")),
        (model(PARTS[0] | {"shape": 3}), ("cells row 1 (c-1): shape: is not text, got '3'; "
         "put it in quotes")),
        (model(PARTS[0] | {"data": {"name": "a\x1bb"}}), ("cells row 1 (c-1): data.name: holds a "
         "control character; remove it, got 'a\\x1bb'")),
        (model(PARTS[0], PARTS[1] | {"size": None}, BOXES[0]), ("cells row 2 (c-2): size: "
         "is missing; a box encloses what lies within it")),
        (model(BOXES[0] | {"position": {"x": "left", "y": 1}}), ("cells row 1 (net): position.x: "
         "is not a number, got 'left'; write a plain number such as 1500000 or 0.25")),
        (model(PARTS[1], LINES[1]), ("cells row 2 (f-2): target.cell: is no component of the "
         "file, got 'c-3'")),
        (model(cell("c", "process") | {"data": {"description": "kind: brain"}}),
         "cells row 1 (c): description: names a kind that is not known, got 'brain'"),
        ({"summary": {"title": "x"}, "detail": {"diagrams": [{"diagramJson": {"cells": []}}]}},
         "detail.diagrams: is a model of version 1; open and save it with Threat Dragon 2"),
        ({"summary": {}, "detail": {"diagrams": []}}, "summary.title: is missing"),
        ({"summary": {"title": "x"}, "detail": {"diagrams": []}},
         "detail.diagrams: is an empty list, allowed one entry or more"),
        (model(7), "cells row 1: is not a mapping of fields, got '7'"),
    ],
)  # fmt: skip
def test_a_bad_cell_of_each_sort_is_refused_with_its_place(tree, message):
    assert f"d.json: {message}" in refusal(tree)


def test_mutants_are_read_or_refused_without_a_traceback(soaking):
    count = 2_500 if soaking else 70
    refused = answers(parse_threat_dragon, "d.json", json.dumps(SMALL, indent=1).encode(), count)
    assert 0 < refused < count
