"""Which threats travel with which flow of the planted system, why, and what was ruled out."""

import json
from dataclasses import replace

import pytest

from tests.threats.test_applying import PLANTED, SYSTEM
from tests.threats.test_applying import threat as planted
from workbench.errors import WorkbenchError
from workbench.files.catalogues.systems import parse_system, system_dict
from workbench.threats import AISystem, Component, Flow
from workbench.threats import threats_to as applied


@pytest.fixture(scope="module")
def report():
    return applied(SYSTEM, PLANTED)


PROMPTS = "is taken to carry prompts and messages to a model, by its ends"
PASSAGES = "is taken to carry documents and passages for a model to read, by its ends"
READERS = "an insider without rights, criminals"
LABELS = "is taken to carry labels and outcomes to learn from, by its ends"


def test_what_travels_with_each_flow_and_why(report):
    """Elevation only at a receiver of more trust, disclosure only to one of less."""
    assert {(f.element, f.threat.id, f.why) for f in report.flows} == {
        (
            "user -> prompt",
            "T-injected",
            f"{PROMPTS}; leads to Prompt; tampering, elevation of privilege in Cloud; criminals",
        ),
        ("prompt -> model", "T-injected", f"{PROMPTS}; comes from Prompt; tampering; criminals"),
        (
            "index -> user",
            "T-leaked",
            f"{PASSAGES}; comes from Index; information disclosure to Outside; {READERS}",
        ),
        (
            "agency -> marks",
            "T-feed",
            f"{LABELS}; leads to Marks; tampering; an insider with rights, a supplier, criminals",
        ),
    }
    assert "prompt -> index" not in {flow.id for flow in SYSTEM.crossing()}


def test_what_was_ruled_out_of_each_flow_and_why(report):
    inward = "it is information disclosure: disclosure needs a way across a boundary into no more"
    beside = "what it touches does not stand where the flow would bring it: "
    touches_nothing = "it touches no component of the system"
    no_flow = "it is repudiation: that is done to no flow"
    assert {(one.flow, one.threat.id): one.why for one in report.flows_ruled_out} == {
        ("user -> prompt", "T-bodies"): touches_nothing,
        ("user -> prompt", "T-denied"): no_flow,
        ("prompt -> index", "T-leaked"): f"{inward} trust",
        ("prompt -> index", "T-supplier"): f"{beside}Model",
        ("index -> user", "T-supplier"): f"{beside}Model",
        ("prompt -> model", "T-bodies"): touches_nothing,
        ("prompt -> model", "T-denied"): no_flow,
        ("tuned -> prompt", "T-swapped"): f"{beside}Registry",
    }


def test_a_flow_that_nothing_touches_says_so(report):
    told = {flow.id: report.silence(flow) for flow in SYSTEM.flows}
    assert told == {
        "user -> prompt": "",
        "prompt -> index": "nothing in the catalogue touches this flow: T-leaked travels with the "
        "like, but it is information disclosure: disclosure needs a way across a boundary into no "
        "more trust; 1 more is ruled out",
        "index -> user": "",
        "prompt -> model": "",
        "agency -> marks": "",
        "tuned -> prompt": "nothing in the catalogue touches this crossing: T-swapped travels "
        "with the like, but what it touches does not stand where the flow would bring it: Registry",
    }


@pytest.mark.parametrize(
    ("contents", "touched", "told"),
    [
        ((), set(), "what it carries is not stated, and its ends do not say it"),
        (("code",), set(), "no threat travels with code, packages and settings"),
        (("prompts",), {"T-injected"}, ""),
    ],
)
def test_what_a_flow_is_stated_to_carry_decides_over_its_ends(contents, touched, told):
    """A flow into a store has threats where it carries what a model reads behind it."""
    shop = Component("shop", "Shop", "application", "outside")
    store = Component("store", "Store", "store", "cloud")
    flows = (Flow("shop", "store", "orders", contents), Flow("store", "prompt", "orders"))
    system = AISystem(
        "s", "S", (shop, store, SYSTEM.component("prompt")), flows, SYSTEM.boundaries,
        ("generative",),
    )  # fmt: skip
    report = applied(system, PLANTED)
    assert {one.threat.id for one in report.of("shop -> store")} == touched
    assert report.silence(flows[0]).endswith(told)
    stated = [one.why for one in report.of("shop -> store")]
    assert all(why.startswith("carries prompts and messages to a model; ") for why in stated)


def test_what_is_done_to_a_prompt_is_done_where_a_model_reads_it_too():
    """An agent is no prompt, and reads; a store neither is one nor reads."""
    away = Component("prompt", "Prompt", "prompt and context", "cloud", "public")
    agent = Component("agent", "Agent", "agent", "cloud")
    store = Component("store", "Store", "store", "cloud")
    shop = Component("shop", "Shop", "application", "outside")
    flows = tuple(Flow("shop", one, "orders", ("prompts",)) for one in ("agent", "store"))
    system = AISystem(
        "s", "S", (away, agent, store, shop), flows, SYSTEM.boundaries, ("generative",)
    )
    report = applied(system, PLANTED)
    (read,) = report.of("shop -> agent")
    assert "; leads to Agent, which reads it; tampering, elevation" in read.why
    assert report.of("shop -> store") == ()


def test_people_pass_nothing_on_as_it_came():
    """What leads to a clerk leads to nothing behind the clerk."""
    clerk = Component("clerk", "Clerk", "human reviewer", "cloud")
    user, prompt = SYSTEM.component("user"), SYSTEM.component("prompt")
    flows = (
        Flow("user", "clerk", "questions", ("prompts",)),
        Flow("clerk", "prompt", "notes", ("prompts",)),
    )
    system = AISystem("s", "S", (user, clerk, prompt), flows, SYSTEM.boundaries, ("generative",))
    report = applied(system, PLANTED)
    assert report.of("user -> clerk") == ()
    assert [one.threat.id for one in report.of("clerk -> prompt")] == ["T-injected"]


def test_contents_come_back_from_a_file_and_unknown_ones_are_refused():
    flows = (replace(SYSTEM.flows[0], contents=("prompts", "personal_data")), *SYSTEM.flows[1:])
    plain = system_dict(replace(SYSTEM, flows=flows))
    assert parse_system("s.json", json.dumps(plain).encode()).flows == flows
    plain["flows"][0]["contents"] = ["prompt"]
    with pytest.raises(WorkbenchError, match=r"row 1 .*: contents: .*'prompt'.*'prompts'"):
        parse_system("s.json", json.dumps(plain).encode())
    with pytest.raises(WorkbenchError, match="travels_with of threat T-1 are known words"):
        planted("T-1", "labels", travels=("anything",))
