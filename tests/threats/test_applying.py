"""A planted system with a known answer: what touches it, why, and what was ruled out and why."""

import pytest

from workbench.errors import WorkbenchError
from workbench.files.catalogues.threats import shipped_threats
from workbench.threats import AISystem, Boundary, Catalogue, Component, Flow, Proof, Threat
from workbench.threats import threats_to as applied
from workbench.threats.reaching import BUILDING, FROM_OUTSIDE
from workbench.threats.system_edits import with_component


def threat(
    id,
    asset,
    letters="T",
    who=("cyber_criminal",),
    *,
    stage="operation",
    needs=(),
    outside=(),
    travels=(),
):
    return Threat(
        id, id.title(), "What it does.", tuple(letters), asset, stage, who, ("response",),
        Proof("editorial"), needs, outside, travels,
    )  # fmt: skip


PLANTED = Catalogue(
    (
        threat("T-injected", "prompt_context", "TE", needs=("generative",), travels=("prompts",)),
        threat(
            "T-leaked",
            "rag_index",
            "I",
            ("insider_non_privileged", "cyber_criminal"),
            travels=("documents",),
        ),
        threat("T-poisoned", "training_data", stage="training", needs=("trained_here",)),
        threat("T-bodies", "prompt_context", "S", needs=("biometric",), travels=("prompts",)),
        threat("T-fraud", "monitoring", "T", ("cyber_criminal",)),
        threat("T-drift", "monitoring", "D", ("accidental",)),
        threat("T-supplier", "base_model", "D", ("supplier",), travels=("outputs", "documents")),
        threat("T-denied", "prompt_context", "R", ("accidental",), travels=("prompts",)),
        threat("T-tenant", "rag_index", "T", ("supplier",)),
        threat("T-retired", "base_model", "I", ("accidental",), stage="retirement"),
        threat(
            "T-package",
            "mlops_ci",
            "TE",
            ("nation_state",),
            stage="training",
            outside=("outside_material",),
        ),
        threat(
            "T-login",
            "mlops_ci",
            "IE",
            ("cyber_criminal",),
            stage="training",
            outside=("reachable_when_built",),
        ),
        threat(
            "T-feed",
            "labels",
            "T",
            ("insider_privileged", "supplier", "cyber_criminal"),
            stage="data_prep",
            outside=("outside_material",),
            travels=("labels",),
        ),
        threat(
            "T-swapped",
            "model_registry",
            "TS",
            ("insider_privileged", "nation_state"),
            stage="release",
            outside=("reachable_when_built",),
            travels=("weights",),
        ),
        threat(
            "T-recited",
            "finetuning",
            "I",
            ("user_or_customer",),
            stage="training",
            outside=("reaches_outside",),
        ),
        threat("T-voice", "end_user", "S", needs=("staff",)),
        threat("T-leaning", "end_user", "T", ("accidental",), needs=("customers",)),
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
        Component("clerk", "Clerk", "people", "office", "staff"),
        Component("build", "Pipeline", "pipeline", "office", facts=("outside_material",)),
        Component("marks", "Marks", "labels", "office"),
        Component("agency", "Agency", "outside service", "vendor"),
        Component("shelf", "Registry", "registry", "office"),
        Component("tuned", "Tuning", "fine-tuning", "office"),
    ),
    flows=(
        Flow("user", "prompt", "questions"),
        Flow("prompt", "index", "searches"),
        Flow("index", "user", "passages"),
        Flow("prompt", "model", "prompts"),
        Flow("agency", "marks", "labels"),
        Flow("tuned", "prompt", "a tuned model"),
    ),
    boundaries=(
        Boundary("outside", "Outside", 0, "public"),
        Boundary("vendor", "Vendor", 1, "supplier"),
        Boundary("cloud", "Cloud", 2),
        Boundary("office", "Office", 3),
    ),
    facts=("generative",),
    stages=("data_prep", "training", "release", "deployment", "operation", "monitoring"),
)


@pytest.fixture(scope="module")
def report():
    return applied(SYSTEM, PLANTED)


def test_what_touches_each_component_and_by_whom(report):
    assert {(f.element, f.threat.id, f.communities) for f in report.components} == {
        ("prompt", "T-injected", ("cyber_criminal",)),
        ("prompt", "T-denied", ("accidental",)),
        ("index", "T-leaked", ("insider_non_privileged", "cyber_criminal")),
        ("watch", "T-drift", ("accidental",)),
        ("model", "T-supplier", ("supplier",)),
        ("build", "T-package", ("nation_state",)),
        ("marks", "T-feed", ("insider_privileged", "supplier", "cyber_criminal")),
        ("shelf", "T-swapped", ("insider_privileged",)),
        ("tuned", "T-recited", ("user_or_customer",)),
        ("clerk", "T-voice", ("cyber_criminal",)),
        ("user", "T-leaning", ("accidental",)),
    }


def test_the_reason_names_the_asset_the_need_and_the_way(report):
    injected, _ = report.of("prompt")
    assert injected.why == (
        "holds prompt and context; generates text, pictures, sound or code; "
        "reached by user -> prompt; criminals"
    )
    (supplier,) = report.of("model")
    assert supplier.why == "holds base model, which a supplier controls; a supplier"
    (voice,) = report.of("clerk")
    assert voice.why == (
        "holds people who use it; stands for people who work for us; "
        "reached by mail and telephone; criminals"
    )
    material = "takes in data, models or packages from outside while it is built"
    assert [f"holds pipeline; {material}; a state"] == [one.why for one in report.of("build")]
    (feed,) = report.of("marks")
    assert f"; {material}; " in feed.why, "a supplier's flow brings it"


def test_what_was_ruled_out_and_why(report):
    assert {ruling.threat.id: ruling.why for ruling in report.ruled_out} == {
        "T-poisoned": "no component holds training data (training data)",
        "T-bodies": "Prompt: it is not stated that it recognises people by their bodies",
        "T-fraud": "Monitor: no way leads criminals to it",
        "T-tenant": "Index: no way leads a supplier to it",
        "T-retired": "the system does not go through retirement in our hands",
        "T-login": "Pipeline: no way leads criminals to it, nor is it said that it can be "
        "reached or overheard from outside while it is built or kept",
    }


def test_each_threat_touches_something_or_is_ruled_out(report):
    touched = {finding.threat.id for finding in report.components}
    out = {ruling.threat.id for ruling in report.ruled_out}
    assert touched | out == {one.id for one in PLANTED}
    assert not touched & out


def test_without_the_flow_from_outside_only_insiders_are_left():
    cut = AISystem(
        "chat", "Chat", SYSTEM.components, SYSTEM.flows[1:], SYSTEM.boundaries,
        SYSTEM.facts, SYSTEM.stages,
    )  # fmt: skip
    report = applied(cut, PLANTED)
    assert {f.threat.id for f in report.components} == {
        "T-leaked", "T-denied", "T-drift", "T-supplier", "T-package", "T-feed", "T-swapped",
        "T-voice", "T-leaning", "T-recited",
    }  # fmt: skip
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


BUILT_ALONE = AISystem(
    "scorer",
    "Internal scorer",
    components=(
        Component("rows", "Rows", "training data", "office"),
        Component("build", "Pipeline", "pipeline", "office"),
        Component("shelf", "Registry", "registry", "office"),
        Component("cluster", "Cluster", "compute", "office"),
        Component("score", "Score", "inference API", "office"),
        Component("clerk", "Clerk", "people", "office", "staff"),
    ),
    flows=(
        Flow("rows", "build", "rows"),
        Flow("build", "shelf", "weights"),
        Flow("shelf", "score", "weights"),
        Flow("score", "clerk", "scores"),
    ),
    boundaries=(Boundary("office", "Office", 3),),
    facts=("predictive", "trained_here", "weights_here", "personal_data"),
)


def test_nobody_outside_reaches_what_an_isolated_scorer_is_built_of():
    report = applied(BUILT_ALONE, shipped_threats())
    reached = {
        one.element
        for one in report.components
        if set(one.communities) & {*one.threat.outsiders(), "supplier"}
    }
    assert reached == {"clerk"}, "people are reached by mail and telephone"
    out = {one.threat.id for one in report.ruled_out}
    assert {"STAI-001", "STAI-028", "STAI-067", "STAI-070", "STAI-113"} <= out
    assert {"STAI-008", "STAI-025", "STAI-027"} <= {one.id for one in report.threats()}, "insiders"


@pytest.mark.parametrize(
    ("fact", "element", "brought", "kept_out"),
    [
        ("outside_material", "build", {"STAI-067"}, {"STAI-069"}),
        ("reachable_when_built", "shelf", {"STAI-028", "STAI-113"}, {"STAI-115"}),
        ("reaches_outside", "rows", {"STAI-117"}, {"STAI-001"}),
    ],
)
def test_what_is_stated_of_a_part_that_is_built_opens_it_to_those_outside(
    fact, element, brought, kept_out
):
    before = applied(BUILT_ALONE, shipped_threats())
    stated = with_component(BUILT_ALONE, element, facts=(fact,))
    after = applied(stated, shipped_threats())
    new = {one.id for one in after.threats()} - {one.id for one in before.threats()}
    assert brought <= new
    assert not kept_out & {one.threat.id for one in after.of(element)}


def test_every_outside_doer_of_the_catalogue_while_building_asks_for_something():
    """What supplies from outside by what it is (a public model, a host, a device) asks no more."""
    brings = {"public_models", "hosted", "on_device"}
    asks_nothing = {
        one.id
        for one in shipped_threats()
        if one.stage in BUILDING
        and set(one.communities) & FROM_OUTSIDE
        and not one.outside_needs
        and not set(one.needs) & brings
    }
    assert asks_nothing == {"STAI-074", "STAI-075"}, "federated training has others by its nature"


def test_a_fraud_on_staff_does_not_touch_customers_nor_the_other_way_round():
    parts = {
        "clerk": Component("p", "P", "people", "office", "staff"),
        "customer": Component("p", "P", "people", "office", "public"),
        "abroad": Component("p", "P", "people", "office", controlled_by="customer"),
        "agent of a supplier": Component("p", "P", "people", "office", controlled_by="supplier"),
    }
    found = {
        name: {one.id for one in applied(_alone(part), shipped_threats()).threats()}
        & {"STAI-078", "STAI-128", "STAI-130"}
        for name, part in parts.items()
    }
    assert found == {
        "clerk": {"STAI-078", "STAI-130"},
        "customer": {"STAI-128", "STAI-130"},
        "abroad": {"STAI-128", "STAI-130"},
        "agent of a supplier": {"STAI-130"},
    }


def _alone(part):
    office = Boundary("office", "Office", 1)
    return AISystem("s", "S", (part,), boundaries=(office,), facts=("converses",))
