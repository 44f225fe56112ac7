"""The three systems of the example study: what touches each, and what its scenarios are made of."""

import json

import pytest

from workbench.errors import WorkbenchError
from workbench.files import read_study
from workbench.files.catalogues.controls import shipped_controls
from workbench.files.catalogues.systems import parse_system, system_dict
from workbench.files.catalogues.threats import shipped_threats
from workbench.files.catalogues.ties import read_ties, shipped_systems, shipped_ties
from workbench.resources import example_study
from workbench.threats import AISystem, Boundary, Component, Flow, threats_to
from workbench.threats.ties import Safeguard, Tie, Ties

NAMES = {
    "credit-model": "Credit model",
    "customer-chatbot": "Customer chatbot",
    "document-agent": "Document agent",
}
INJECTION = {"STAI-043", "STAI-044"}


@pytest.fixture(scope="module")
def reports():
    return {one.id: threats_to(one, shipped_threats()) for one in shipped_systems()}


@pytest.fixture(scope="module")
def study():
    return read_study(example_study()).study


def ids(report):
    return {one.id for one in report.threats()}


def test_the_three_systems_are_those_of_the_study(reports, study):
    assert {one.id: one.name for one in shipped_systems()} == NAMES
    assert set(NAMES.values()) < {one.system for one in study.scenarios}


@pytest.mark.parametrize("system", NAMES)
def test_a_system_comes_back_from_its_plain_data(system):
    (one,) = [s for s in shipped_systems() if s.id == system]
    assert parse_system("s.json", json.dumps(system_dict(one)).encode()) == one


def test_a_model_that_scores_has_no_prompt_to_inject_and_no_agent(reports):
    report = reports["credit-model"]
    assert not INJECTION & ids(report)
    ruled = {one.threat.id: one.why for one in report.ruled_out}
    assert all("no component holds prompt and context" in ruled[one] for one in INJECTION)
    assert all(one.threat.asset != "agent_tools" for one in report.components)


def test_a_model_of_ones_own_has_data_to_poison_and_weights_to_take(reports):
    assert {"STAI-004", "STAI-003", "STAI-027"} <= ids(reports["credit-model"])
    for bought in ("customer-chatbot", "document-agent"):
        assert not {"STAI-004", "STAI-003", "STAI-027"} & ids(reports[bought])


def test_what_acts_for_people_can_be_raised_above_its_rights(reports):
    counts = reports["document-agent"].counts()
    assert min(counts[one]["E"] for one in ("agent", "tools", "pages")) >= 3
    assert "STAI-104" in ids(reports["document-agent"]), "it reads pages as pictures"
    assert "STAI-104" not in ids(reports["customer-chatbot"]), "that one reads text only"


def test_a_bought_model_can_stop_and_be_withdrawn(reports):
    for bought in ("customer-chatbot", "document-agent"):
        assert {"STAI-129", "STAI-019"} <= ids(reports[bought])


@pytest.mark.parametrize("system", NAMES)
def test_every_threat_is_told_of_once_as_touching_or_ruled_out(reports, system):
    report = reports[system]
    out = [one.threat.id for one in report.ruled_out]
    assert sorted(out + [t.id for t in report.threats()]) == [t.id for t in shipped_threats()]
    assert all(one.why for one in (*report.components, *report.flows, *report.ruled_out))


@pytest.mark.parametrize("system", NAMES)
def test_each_scenario_of_the_study_is_tied_to_threats_that_touch_its_system(
    reports, study, system
):
    ties, report = shipped_ties()[system], reports[system]
    of_study = {one.id for one in study.scenarios if one.system == NAMES[system]}
    assert {tie.scenario for tie in ties.scenarios} == of_study
    for tie in ties.scenarios:
        assert set(tie.threats) <= ids(report), f"{tie.scenario} names a threat that is ruled out"
    assert ties.untied(report) == ()
    assert {one.control for one in ties.controls} <= {one.id for one in shipped_controls()}


def test_one_crossing_of_all_is_touched_by_nothing_and_says_so(reports):
    """A decision of a person is no answer of a model: no row of the catalogue travels so."""
    crossings = [(r, flow) for r in reports.values() for flow in r.system.crossing()]
    silent = {flow.id: r.silence(flow) for r, flow in crossings if not r.of(flow.id)}
    assert len(crossings) == 21
    assert list(silent) == ["underwriter -> applicant"]
    assert silent["underwriter -> applicant"].startswith(
        "nothing in the catalogue touches this crossing: no threat travels with decisions "
    )


@pytest.mark.parametrize(
    ("system", "flow", "travels", "not_so"),
    [
        ("credit-model", "reports -> features", {"STAI-012", "STAI-013"}, {"STAI-001"}),
        ("credit-model", "portal -> history", {"STAI-001", "STAI-004"}, {"STAI-031"}),
        ("credit-model", "registry -> score", {"STAI-025", "STAI-113"}, {"STAI-012"}),
        ("customer-chatbot", "customer -> chat", {"STAI-043", "STAI-041"}, {"STAI-044"}),
        ("customer-chatbot", "accounts -> lookup", {"STAI-044"}, {"STAI-043"}),
        ("customer-chatbot", "model -> gateway", {"STAI-129", "STAI-019"}, {"STAI-034"}),
        ("document-agent", "cases -> agent", {"STAI-044", "STAI-061"}, {"STAI-043", "STAI-038"}),
        ("document-agent", "gateway -> model", {"STAI-040", "STAI-047"}, {"STAI-051"}),
        ("document-agent", "tools -> payouts", {"STAI-056", "STAI-060"}, {"STAI-044"}),
        ("document-agent", "applicant -> upload", {"STAI-044", "STAI-104"}, {"STAI-043"}),
    ],
)
def test_what_flows_decides_what_travels_with_it(reports, system, flow, travels, not_so):
    found = {one.threat.id for one in reports[system].of(flow)}
    assert travels <= found
    assert not not_so & found


def test_money_counts_at_each_component_and_nowhere_twice(reports, study):
    ties, report = shipped_ties()["document-agent"], reports["document-agent"]
    means = {"S-08": 3.0, "S-12": 5.0, "S-09": 100.0}
    money = ties.money(report, means)
    assert money["gateway"] == 100.0, "forged documents are read there"
    assert money["tools"] == 3.0 + 5.0, "two threats of one scenario count once"
    assert money["payouts"] == 0.0
    assert sum(money.values()) > sum(means.values()), "they overlap"


def test_a_scenario_or_control_is_tied_once_and_a_status_is_known():
    with pytest.raises(WorkbenchError, match="are tied once; got"):
        Ties("x", (Tie("S-1", ("T",)), Tie("S-1", ("U",))))
    with pytest.raises(WorkbenchError, match="in place or planned; got 'there'"):
        Safeguard("CTL-001", "there")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("systems: []", "systems"),
        ("systems: [{system: a}, {system: a}]", "row 2 (a): system: stands twice"),
        ("systems: [{system: a, scenarios: [{id: S-1}]}]", "threats"),
        (
            "systems: [{system: a, controls: [{id: CTL-001, status: maybe}]}]",
            "row 1 (a): controls.1.status: is not known, got 'maybe', allowed 'in place' or",
        ),
        (
            "systems: [{system: a, controls: [{id: CTL-0005, status: planned}]}]",
            "row 1 (a): controls.1.id: is not known, got 'CTL-0005', allowed CTL-001, CTL-002, ",
        ),
        (
            "systems: [{system: a}, {system: b, scenarios: [{id: S, threats: [STAI-01]}]}]",
            "row 2 (b): scenarios.1.threats: is not known, got 'STAI-01', allowed STAI-001, ",
        ),
        ("systems: [{system: a, more: 1}]", "more"),
    ],
)
def test_a_bad_file_of_ties_is_refused_by_file_row_and_field(tmp_path, text, fault):
    path = tmp_path / "ties.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WorkbenchError) as refused:
        read_ties(path)
    assert fault in str(refused.value)
    assert "ties.yaml" in str(refused.value)


def test_json_is_read_too(tmp_path):
    path = tmp_path / "ties.json"
    path.write_text('{"systems": [{"system": "a"}]}', encoding="utf-8")
    assert read_ties(path) == {"a": Ties("a")}


def test_an_agent_without_the_prompts_that_it_reads_is_not_silently_safe_from_injection():
    mail = Component("mail", "Mail", "people", "out")
    agent = Component("agent", "Triage", "agent", "in")
    prompts = Component("prompts", "Prompts", "prompt and context", "in")
    zones = (Boundary("out", "Senders", 0, "public"), Boundary("in", "Ours", 2, "us"))
    flow = Flow("mail", "agent", "letters", ("documents",))
    told = {
        parts: threats_to(
            AISystem("s", "S", parts, (flow,), zones, ("generative",)), shipped_threats()
        ).not_drawn()
        for parts in ((mail, agent), (mail, agent, prompts))
    }
    assert "the prompt and context that Triage read" in told[mail, agent]
    assert "STAI-043, STAI-044" in told[mail, agent]
    assert told[mail, agent, prompts] == ""


def test_what_is_done_to_features_that_are_kept_reaches_one_step(reports):
    """What a score service logs is no feature as it was stored."""
    found = {one.element for one in reports["credit-model"].flows if one.threat.id == "STAI-012"}
    assert found == {"reports -> features", "features -> score"}


def test_a_monitor_is_blinded_by_what_it_is_told_and_by_no_application(reports):
    report = reports["credit-model"]
    found = {one.element for one in report.flows if one.threat.asset == "monitoring"}
    assert found == {"score -> watch", "watch -> file"}
