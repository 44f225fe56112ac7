"""A planted system with a known answer: what touches it, why, and what was ruled out and why."""

import pytest

from workbench.errors import WorkbenchError
from workbench.files.catalogues.threats import shipped_threats
from workbench.threats import AISystem, Boundary, Catalogue, Component, Flow, Proof, Threat
from workbench.threats import threats_to as applied


def threat(id, asset, letters="T", who=("cyber_criminal",), *, stage="operation", needs=()):
    return Threat(
        id, id.title(), "What it does.", tuple(letters), asset, stage, who, ("response",),
        Proof("editorial"), needs,
    )  # fmt: skip


PLANTED = Catalogue(
    (
        threat("T-injected", "prompt_context", "TE", needs=("generative",)),
        threat("T-leaked", "rag_index", "I", ("insider_non_privileged", "cyber_criminal")),
        threat("T-poisoned", "training_data", stage="training", needs=("trained_here",)),
        threat("T-bodies", "prompt_context", "S", needs=("biometric",)),
        threat("T-fraud", "monitoring", "T", ("cyber_criminal",)),
        threat("T-drift", "monitoring", "D", ("accidental",)),
        threat("T-supplier", "base_model", "D", ("supplier",)),
        threat("T-tenant", "rag_index", "T", ("supplier",)),
        threat("T-retired", "base_model", "I", ("accidental",), stage="retirement"),
    )
)
SYSTEM = AISystem(
    "chat",
    "Chat",
    components=(
        Component("user", "Customer", "people", "outside"),
        Component("prompt", "Prompt", "prompt and context", "cloud"),
        Component("index", "Index", "RAG index", "cloud"),
        Component("model", "Model", "base model", "vendor"),
        Component("watch", "Monitor", "monitoring", "office"),
    ),
    flows=(
        Flow("user", "prompt", "questions"),
        Flow("prompt", "index", "searches"),
        Flow("index", "user", "passages"),
        Flow("prompt", "model", "prompts"),
    ),
    boundaries=(
        Boundary("outside", "Outside", 0, "public"),
        Boundary("vendor", "Vendor", 1, "supplier"),
        Boundary("cloud", "Cloud", 2),
        Boundary("office", "Office", 3),
    ),
    facts=("generative",),
    stages=("training", "deployment", "operation", "monitoring"),
)


@pytest.fixture(scope="module")
def report():
    return applied(SYSTEM, PLANTED)


def test_what_touches_each_component_and_by_whom(report):
    assert {(f.element, f.threat.id, f.communities) for f in report.components} == {
        ("prompt", "T-injected", ("cyber_criminal",)),
        ("index", "T-leaked", ("insider_non_privileged", "cyber_criminal")),
        ("watch", "T-drift", ("accidental",)),
        ("model", "T-supplier", ("supplier",)),
    }


def test_the_reason_names_the_asset_the_need_and_the_way(report):
    (injected,) = report.of("prompt")
    assert injected.why == (
        "holds prompt and context; generates text, pictures, sound or code; "
        "reached by user -> prompt; criminals"
    )
    (supplier,) = report.of("model")
    assert supplier.why == "holds base model, which a supplier controls; a supplier"


def test_what_was_ruled_out_and_why(report):
    assert {ruling.threat.id: ruling.why for ruling in report.ruled_out} == {
        "T-poisoned": "no component holds training data (training data)",
        "T-bodies": "Prompt: it is not stated that it recognises people by their bodies",
        "T-fraud": "Monitor: no way leads criminals to it",
        "T-tenant": "Index: no way leads a supplier to it",
        "T-retired": "the system does not go through retirement in our hands",
    }


def test_each_threat_touches_something_or_is_ruled_out(report):
    touched = {finding.threat.id for finding in report.components}
    out = {ruling.threat.id for ruling in report.ruled_out}
    assert touched | out == {one.id for one in PLANTED}
    assert not touched & out


def test_what_enters_and_what_leaves_with_a_flow_that_crosses(report):
    assert {(f.element, f.threat.id, f.why) for f in report.flows} == {
        ("user -> prompt", "T-injected", "enters Cloud with questions"),
        ("index -> user", "T-leaked", "leaves Cloud with passages"),
    }
    assert "prompt -> index" not in {flow.id for flow in SYSTEM.crossing()}


def test_without_the_flow_from_outside_only_insiders_are_left():
    cut = AISystem(
        "chat", "Chat", SYSTEM.components, SYSTEM.flows[1:], SYSTEM.boundaries,
        SYSTEM.facts, SYSTEM.stages,
    )  # fmt: skip
    report = applied(cut, PLANTED)
    assert {f.threat.id for f in report.components} == {"T-leaked", "T-drift", "T-supplier"}
    (leaked,) = report.of("index")
    assert leaked.communities == ("insider_non_privileged",)


def test_more_facts_never_rule_out_what_touched_before(report):
    more = AISystem(
        "chat", "Chat", SYSTEM.components, SYSTEM.flows, SYSTEM.boundaries,
        ("generative", "biometric"), SYSTEM.stages,
    )  # fmt: skip
    before = {(f.element, f.threat.id) for f in report.components}
    assert before < {(f.element, f.threat.id) for f in applied(more, PLANTED).components}


def test_the_whole_catalogue_is_accounted_for_by_any_system():
    report = applied(SYSTEM, shipped_threats())
    touched = {one.id for one in report.threats()}
    assert len(touched) + len(report.ruled_out) == 134
    assert sum(sum(row.values()) for row in report.counts().values()) >= len(touched)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"flows": (Flow("user", "nowhere", "x"),)}, "target of user -> nowhere is known"),
        ({"facts": ("magic",)}, "a fact of the system is known"),
        ({"components": SYSTEM.components * 2}, "a component has an id of its own"),
        ({"components": ()}, "a system has a component"),
        ({"boundaries": SYSTEM.boundaries[1:]}, "boundary of user is known"),
    ],
)
def test_a_system_that_refers_to_nothing_is_refused(change, rule):
    fields = {
        "components": SYSTEM.components, "flows": SYSTEM.flows, "boundaries": SYSTEM.boundaries,
        "facts": SYSTEM.facts,
    }  # fmt: skip
    with pytest.raises(WorkbenchError, match=rule):
        AISystem("chat", "Chat", **(fields | change))


@pytest.mark.parametrize(
    ("letters", "said"),
    [
        ("T", "comes with what is acquired or built"),
        ("SI", "comes with"),
        ("I", "where it is built"),
    ],
)
def test_only_what_can_be_planted_is_said_to_come_with_an_acquired_part(letters, said):
    """What reads, stops or rises while a model is made has no part that it could come with."""
    data = Component("data", "Rows", "training data", "office")
    system = AISystem("s", "S", (data,), boundaries=(Boundary("office", "Office", 1),))
    (found,) = applied(
        system, Catalogue((threat("T-1", "training_data", letters, stage="training"),))
    ).components
    assert said in found.why
    assert ("where it is built" in found.why) == (letters == "I")
