"""Bills of materials of models and data as drafts of systems: by hand, the sample, faults."""

import json

import pytest

from tests.files.exchange.mutants import answers
from workbench.files.catalogues.systems import parse_system, system_dict
from workbench.files.exchange.ml_bom import ZONE, parse_ml_bom, read_ml_bom
from workbench.files.messages import FileRefused
from workbench.threats import AISystem, Component, Flow

CARD = {
    "modelParameters": {"task": "Text generation", "datasets": [{"ref": "d"}, {"name": "wiki"}]}
}
MODEL = {
    "type": "machine-learning-model",
    "bom-ref": "pkg:huggingface/acme/chat@7",
    "name": "chat",
    "version": "7",
    "purl": "pkg:huggingface/acme/chat@7",
    "modelCard": CARD,
    "pedigree": {
        "ancestors": [
            {"type": "machine-learning-model", "name": "base", "version": "2"},
            {"type": "library", "name": "torch"},
        ]
    },
}
DATA = {"type": "data", "bom-ref": "d", "name": "chat", "data": [{"type": "dataset"}]}
LIBRARY = {"type": "library", "name": "torch", "version": "", "components": [DATA]}
OTHER = {"type": "machine-learning-model", "name": "?", "modelCard": {"modelParameters": {
    "task": "dancing", "datasets": [{"type": "dataset", "name": "wiki"}]}}}  # fmt: skip


def bom(*components, **head):
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, **head} | {
        "components": list(components)
    }


SMALL = bom(
    MODEL, LIBRARY, OTHER, metadata={"component": {"type": "application", "name": "Help desk"}}
)

FACTS = ("generative", "public_models")


def read(tree):
    return parse_ml_bom("b.json", json.dumps(tree).encode())


def test_a_small_bill_by_hand():
    found = read(SMALL)
    assert found.system == AISystem(
        "help-desk",
        "Help desk",
        components=(
            Component("chat-7", "chat 7", "base model", ZONE.id, facts=FACTS),
            Component("chat", "chat", "training data", ZONE.id),
            Component("part", "?", "base model", ZONE.id),
            Component("wiki", "wiki", "training data", ZONE.id),
            Component("base-2", "base 2", "base model", ZONE.id),
        ),
        flows=(
            Flow("chat", "chat-7", "data it was made from"),
            Flow("wiki", "chat-7", "data it was made from"),
            Flow("base-2", "chat-7", "weights it was made from"),
            Flow("wiki", "part", "data it was made from"),
        ),
        boundaries=(ZONE,),
    )  # fmt: skip
    task = "modelCard.modelParameters.task"
    first = "b.json: components row 1 (pkg:huggingface/acme/chat@7)"
    assert found.warnings == (
        f"{first}: {task}: is taken as the fact 'generative', got 'Text generation'",
        f"{first}: purl: is taken as the fact 'public_models'",
        f"b.json: components row 3: {task}: tells no fact that is known here, got 'dancing'",
        "b.json: components: of other types are left out: 'application' 1, 'library' 1",
        (
            "b.json: components: all stand in one zone, reached by nobody; "
            "place them, and add what uses them"
        ),
    )
    assert parse_system("s.json", json.dumps(system_dict(found.system)).encode()) == found.system


def test_parts_of_one_name_have_ids_of_their_own():
    same = [{"type": "data", "name": "A b"} for _ in range(3)]
    assert list(read(bom(*same)).system.ways_in) == []
    assert [part.id for part in read(bom(*same)).system.components] == ["a-b", "a-b-2", "a-b-3"]


def test_the_sample_is_read(shared):
    path = shared / "data" / "sample_mlbom_1.7.json"
    if not path.is_file():
        pytest.skip("../shared/data/sample_mlbom_1.7.json is absent")
    found = read_ml_bom(path).system
    assert [(part.id, part.kind, part.facts) for part in found.components] == [
        ("credit-scorer-3-1", "base model", ("predictive",)),
        ("adult", "training data", ()),
    ]
    assert [flow.id for flow in found.flows] == ["adult -> credit-scorer-3-1"]


def within(**changes):
    return bom(MODEL | changes, DATA)


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        (bom(specVersion="1.4"), ("specVersion: is not known, got '1.4', allowed '1.5', '1.6' or "
         "'1.7'")),
        (bom(bomFormat="SPDX"), "bomFormat: is not known, got 'SPDX', allowed 'CycloneDX'"),
        (bom({"type": "library", "name": "x"}),
         "components: none is a machine-learning-model, and none is data"),
        (bom({"type": "data"}), ("components row 1: name: is missing, allowed a text of 1 to 1000 "
         "characters")),
        (bom({"type": "data", "name": 3}), ("components row 1: name: is not text, got '3'; put it "
         "in quotes")),
        (bom(DATA, DATA), "components row 2 (d): bom-ref: is used twice, got 'd'"),
        (bom(MODEL), ("components row 1 (pkg:huggingface/acme/chat@7): modelCard.modelParameters."
         "datasets.1: ref: is no model and no data of the file, got 'd'")),
        (within(modelCard={"modelParameters": {"datasets": [{}]}}),
         ("components row 1 (pkg:huggingface/acme/chat@7): modelCard.modelParameters.datasets.1: "
         "has a ref or a name, got both or neither")),
        (within(modelCard={"modelParameters": {"datasets": 3}}),
         ("components row 1 (pkg:huggingface/acme/chat@7): modelCard.modelParameters.datasets: "
         "is not a list, got '3'")),
        (within(pedigree={"ancestors": [4]}), ("components row 1 (pkg:huggingface/acme/chat@7) "
         "ancestors row 1: is not a mapping of fields, got '4'")),
        (bom({"type": "library", "name": "x", "components": [{"type": "data", "name": " "}]}),
         "components row 1 components row 1: name: is blank, got ' '"),
        (bom(DATA, metadata={"component": {"name": "x"}}), "metadata.component: type: is missing"),
    ],
)  # fmt: skip
def test_a_bad_component_of_each_sort_is_refused_with_its_place(tree, message):
    with pytest.raises(FileRefused) as caught:
        read(tree)
    assert f"b.json: {message}" in caught.value.messages


def test_mutants_are_read_or_refused_without_a_traceback(soaking):
    count = 2_000 if soaking else 60
    refused = answers(parse_ml_bom, "b.json", json.dumps(SMALL, indent=1).encode(), count)
    assert 0 < refused < count
