"""Open Threat Models: a small one by hand, a system there and back, faults with their place."""

import json
from dataclasses import replace

import hypothesis.strategies as st
import pytest
from hypothesis import given

from tests.files.exchange.mutants import answers
from tests.threats.test_applying import PLANTED, SYSTEM
from workbench.errors import WorkbenchError
from workbench.files.catalogues.controls import shipped_controls
from workbench.files.catalogues.threats import shipped_threats
from workbench.files.exchange.kinds import guessed_kind, id_of, known_kind
from workbench.files.exchange.otm import parse_otm
from workbench.files.exchange.otm_writing import otm_json, otm_of_report, otm_of_system
from workbench.files.messages import FileRefused
from workbench.frameworks.controls import Control, Effect
from workbench.threats import AISystem, Boundary, Component, Flow, threats_to
from workbench.threats.system import EXPOSURES, KINDS, WHO
from workbench.threats.threat import CONTENTS, FACTS, STAGES

SMALL = """\
otmVersion: 0.2.0
project: {name: Shop, id: shop, owner: A person, attributes: {cmdb: 7}}
representations: [{name: Diagram, id: d, type: diagram, size: {width: 10, height: 10}}]
trustZones:
- {id: net, name: The Internet, risk: {trustRating: 1}}
- {id: dmz, name: Front, type: dmz, risk: {trustRating: 40.4}, attributes: null}
components:
- {id: client, name: Browser, type: web-client, parent: {trustZone: net}, tags: null}
- {id: chat, name: Chat, type: Docker, tags: [LLM, blue], parent: {trustZone: dmz}}
- {id: index, name: Index, type: RAG-index, parent: {component: chat}}
- {id: data, name: Orders, type: postgres database, parent: {component: index}}
dataflows:
- {id: f1, name: questions, source: client, destination: chat, bidirectional: true}
- {id: f2, name: searches, source: chat, destination: index}
- {id: f3, name: answers, source: chat, destination: client, assets: [x]}
threats: [{id: t, name: T, risk: {likelihood: 1, impact: 1}}]
"""
READ = AISystem(
    "shop",
    "Shop",
    components=(
        Component("client", "Browser", "outside service", "net"),
        Component("chat", "Chat", "base model", "dmz"),
        Component("index", "Index", "RAG index", "dmz"),
        Component("data", "Orders", "store", "dmz"),
    ),
    flows=(
        Flow("client", "chat", "questions"),
        Flow("chat", "client", "questions; answers"),
        Flow("chat", "index", "searches"),
    ),
    boundaries=(Boundary("net", "The Internet", 1, "public"), Boundary("dmz", "Front", 40)),
)


def refusal(text, name="m.yaml"):
    with pytest.raises(FileRefused) as caught:
        parse_otm(name, text.encode())
    return caught.value.messages


def test_a_small_model_by_hand_and_what_was_guessed():
    found = parse_otm("m.yaml", SMALL.encode())
    assert found.system == READ
    assert found.warnings == (
        "m.yaml: threats: 1 are left in the file; the catalogue is asked anew",
        "m.yaml: trustZones row 1 (net): is taken as controlled by the public, for its name",
        "m.yaml: trustZones row 2 (dmz): risk.trustRating: is rounded to 40",
        (
            "m.yaml: components row 1 (client): type: is not known, got 'web-client'; "
            "taken as 'outside service', state its kind"
        ),
        (
            "m.yaml: components row 4 (data): type: is not known, got 'postgres database'; "
            "taken as 'store', state its kind"
        ),
        "m.yaml: dataflows row 3 (f3): is joined with another flow from chat to client",
    )


def test_an_otm_file_is_yaml_or_json_by_its_content():
    assert parse_otm("m.otm", SMALL.encode()).system == READ
    text = json.dumps(otm_of_system(READ))
    assert parse_otm("m.otm", text.encode()) == parse_otm("m.json", text.encode())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("0.2.0", "1.0", "otmVersion: is not text, got '1'; put it in quotes"),
        ("0.2.0", "'2.0'", "otmVersion: is not of the right form, got '2.0'"),
        ("id: shop,", "", "project.id: is missing, allowed a text of 1 to 100 characters"),
        ("trustRating: 1}", "trustRating: 101}",
         ("trustZones row 1 (net): risk.trustRating: is out of range, got '101', "
         "allowed at most 100")),
        ("trustRating: 1}", "trust: 1}", "trustZones row 1 (net): risk.trustRating: is missing"),
        ("id: dmz", "id: net", ("trustZones row 2 (net): id: is used twice, got 'net', "
         "first in trustZones row 1")),
        ("{trustZone: net}", "{trustZone: nut}", ("components row 1 (client): parent.trustZone: "
         "is no zone of the file, got 'nut'")),
        ("{component: chat}", "{component: data}", ("components row 3 (index): parent.component: "
         "leads back to itself, got 'index'")),
        ("{component: chat}", "{component: cat}", ("components row 4 (data): parent.component: "
         "is no component of the file, got 'cat'")),
        ("{component: chat}", "{}", ("components row 3 (index): parent: "
         "is one of a trustZone and a component, got both or neither")),
        ("{component: chat}", "chat", ("components row 3 (index): parent: "
         "is not a mapping, got 'chat'")),
        ("type: Docker", "type: [1]", "components row 2 (chat): type: is not text, got a list"),
        ("type: Docker", "type: Docker, attributes: {workbench: {kind: Docker}}",
         "components (chat): kind: is not known, got 'Docker', allowed training data"),
        ("id: client", "id: a/b", ("components row 1 (a/b): id: looks like a path; write it "
         "without / \\ and leading ., got 'a/b'")),
        ("destination: index", "destination: x",
         "dataflows row 2 (f2): destination: is no component of the file, got 'x'"),
        ("bidirectional: true", "bidirectional: 3",
         "dataflows row 1 (f1): bidirectional: is neither true nor false, got '3'"),
        ("name: searches", "name: ''", ("dataflows row 2 (f2): name: is empty, got '', "
         "allowed a text of 1 to 1000 characters")),
    ],
)  # fmt: skip
def test_a_bad_row_of_each_sort_is_refused_with_its_place(old, new, message):
    assert old in SMALL
    found = refusal(SMALL.replace(old, new, 1))
    assert any(line.startswith(f"m.yaml: {message}") for line in found), found


def test_a_model_without_components_is_no_system():
    head, _, rest = SMALL.partition("components:")
    (message,) = refusal(head + "threats:" + rest.partition("threats:")[2])
    assert message.startswith("m.yaml: components: a system has a component, got 0")


WORDS = st.text("abcXYZ ä<=-'\u202e", min_size=1, max_size=12).filter(str.strip)
SETS = st.lists(st.sampled_from(sorted(FACTS)), max_size=3, unique=True).map(tuple)


LOADS = st.lists(st.sampled_from(sorted(CONTENTS)), max_size=3, unique=True).map(tuple)


@st.composite
def systems(draw):
    zones = tuple(
        Boundary(f"z{n}", draw(WORDS), draw(st.integers(0, 100)), draw(st.sampled_from(WHO)))
        for n in range(draw(st.integers(1, 3)))
    )
    parts = tuple(
        Component(
            f"p{n}", draw(WORDS), draw(st.sampled_from(sorted(KINDS))),
            draw(st.sampled_from(zones)).id, draw(st.sampled_from(EXPOSURES)),
            draw(st.sampled_from(("", *WHO))), draw(SETS), draw(st.sampled_from(("", "asset-1"))),
        )
        for n in range(draw(st.integers(1, 4)))
    )  # fmt: skip
    ends = st.tuples(st.sampled_from(parts), st.sampled_from(parts))
    ways = draw(st.lists(ends, max_size=5, unique=True))
    flows = tuple(Flow(one.id, other.id, draw(WORDS), draw(LOADS)) for one, other in ways)
    stages = tuple(one for one in STAGES if draw(st.booleans()))
    return AISystem("s", draw(WORDS), parts, flows, zones, draw(SETS), stages)


@given(systems())
def test_any_system_comes_back_equal_with_its_threats_and_without(system):
    for report in (threats_to(system, PLANTED), threats_to(system, shipped_threats())):
        text = otm_json(report, shipped_controls())
        assert parse_otm("s.json", text.encode()).system == system
    assert parse_otm("s.json", json.dumps(otm_of_system(system)).encode()).system == system


def test_a_system_that_would_not_come_back_is_not_written():
    odd = replace(SYSTEM, boundaries=(replace(SYSTEM.boundaries[0], trust=101),
                                      *SYSTEM.boundaries[1:]))  # fmt: skip
    with pytest.raises(WorkbenchError, match="trustRating: is out of range"):
        otm_json(threats_to(odd, PLANTED))


def test_threats_and_mitigations_are_told_with_what_is_known_and_nothing_is_quantified():
    control = Control(
        "C-1", "Filter", "What it does.", "preventive", (Effect("vulnerability", 0.1, 0.5),), {},
        ("T-injected", "T-none"),
    )  # fmt: skip
    other = replace(control, id="C-2", threats=("T-none",))
    report = threats_to(SYSTEM, PLANTED)
    tree = otm_of_report(report, (control, other), {"C-1"})
    told = {one["id"]: one for one in tree["threats"]}
    assert list(told) == [one.id for one in report.threats()]
    injected = told["T-injected"]
    assert injected["categories"] == ["Tampering", "Elevation of privilege"]
    assert injected["risk"]["likelihood"] is None
    assert injected["risk"]["impactComment"].startswith("Not elicited")
    assert "Editorial: no incident" in injected["description"]
    assert set(injected["attributes"]["workbench"]["why"]) == {
        "prompt",
        "user -> prompt",
        "prompt -> model",
    }
    (prompt,) = (one for one in tree["components"] if one["id"] == "prompt")
    touched = [{"mitigation": "C-1", "state": "implemented"}]
    assert prompt["threats"] == [
        {"threat": "T-injected", "state": "partly-mitigated", "mitigations": touched},
        {"threat": "T-denied", "state": "exposed", "mitigations": []},
    ]
    assert [one["id"] for one in tree["mitigations"]] == ["C-1"]
    assert tree["mitigations"][0]["riskReduction"] == 0
    assert [flow["id"] for flow in tree["dataflows"] if "threats" in flow] == [
        "user -> prompt", "index -> user", "prompt -> model", "agency -> marks",
    ]  # fmt: skip
    exposed = otm_of_report(report, (control,))["components"][1]["threats"][0]
    assert exposed["state"] == "exposed"


def test_names_of_kinds_are_known_in_any_writing_and_others_are_guessed():
    for kind in KINDS:
        assert known_kind(["?", kind.upper().replace(" ", "_")]) == kind
    assert known_kind(["Vector-Database"]) == "RAG index"
    assert known_kind(["prompts"]) == ""
    assert guessed_kind(["S3 bucket"]) == "store"
    assert guessed_kind(["restore service"]) == "outside service"
    assert (id_of("Demo model (2)", "x"), id_of("?", "x")) == ("demo-model-2", "x")


@pytest.mark.parametrize("name", ["m.yaml", "m.json"])
def test_mutants_are_read_or_refused_without_a_traceback(name, soaking):
    sample = SMALL if name == "m.yaml" else otm_json(threats_to(SYSTEM, PLANTED))
    count = 1_250 if soaking else 40
    refused = answers(parse_otm, name, sample.encode(), count)
    assert 0 < refused < count
