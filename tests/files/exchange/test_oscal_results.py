"""OSCAL assessment results are valid by the schema of NIST; what is in part is never satisfied."""

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import WorkbenchError
from workbench.files import FileRefused
from workbench.files.catalogues.frameworks import shipped_frameworks
from workbench.files.exchange.oscal_results import (
    assessment_results,
    parse_assessment_results,
    read_assessment_results,
    token,
)
from workbench.frameworks.readiness import STATUSES, Readiness, Standing, blank

STAMP = "2026-11-28T22:00:00+01:00"
ISO, RMF = "iso42001_2023", "nist_ai_rmf_1_0"
SCHEMA = Path(__file__).with_name("oscal_1_2_3.json")


@pytest.fixture(scope="module")
def validator():
    """The schema of NIST; its classes of characters as Python's `re` writes them."""
    text = SCHEMA.read_text(encoding="utf-8")
    text = text.replace("\\\\p{L}", "[^\\\\W\\\\d_]").replace("\\\\p{N}", "\\\\d")
    return jsonschema.Draft7Validator(json.loads(text)["assessment-results"])


def ready(*standings):
    return Readiness(shipped_frameworks(), standings)


def written(*standings, stamp=STAMP):
    return assessment_results(ready(*standings), title="Half year", stamp=stamp)


SAMPLE = (
    Standing(ISO, "A.2.2", "met", 3, 4, "Ann", "2026-12-01", "policy v3"),
    Standing(RMF, "GOVERN 1.1", "not applicable", justification="no such use"),
    Standing(ISO, "4.1", "in part", 1),
    Standing(ISO, "A.2.3", "open", due="2027-01-31", owner="Bo"),
)


def test_a_readiness_leaves_valid_and_comes_back_equal_and_in_order(validator, tmp_path):
    path = tmp_path / "results.json"
    path.write_text(written(*SAMPLE), encoding="utf-8")
    assert list(validator.iter_errors(json.loads(path.read_text()))) == []
    back = read_assessment_results(path)
    assert back.value == ready(*SAMPLE)
    assert back.warnings == ()


def test_every_requirement_of_every_framework_has_a_token_of_its_own(validator):
    frameworks = shipped_frameworks()
    for framework in frameworks.values():
        tokens = [token(one.id) for one in framework]
        assert len(set(tokens)) == len(tokens)
    standings = [one for name in (ISO, RMF, "eu_ai_act_2024_1689", "soc2_tsc_2017_2022")
                 for one in blank(frameworks[name])]  # fmt: skip
    text = written(*standings)
    assert list(validator.iter_errors(json.loads(text))) == []
    assert parse_assessment_results("x.json", text.encode()).value.standings == tuple(standings)


@pytest.mark.parametrize(
    ("id", "word"),
    [("A.2.2", "A.2.2"), ("GOVERN 1.1", "GOVERN_20_1.1"), ("4.1", "__4.1"), ("_a", "_5F_a")],
)
def test_a_token_stays_as_near_to_its_id_as_it_may(id, word):
    assert token(id) == word


@given(st.lists(st.text(max_size=6), min_size=2, max_size=2, unique=True))
def test_tokens_of_two_ids_differ_and_are_ascii_words(ids):
    one, other = map(token, ids)
    assert one != other
    assert all(ch.isascii() and (ch.isalnum() or ch in "._-") for ch in one + other)


@pytest.mark.parametrize("status", STATUSES)
def test_only_what_is_met_is_satisfied(status):
    one = Standing(ISO, "A.2.2", status, evidence="e", justification="j")
    (result,) = json.loads(written(one))["assessment-results"]["results"]
    (finding,) = result["findings"]
    state = finding["target"]["status"]["state"]
    assert state == ("satisfied" if status == "met" else "not-satisfied")
    if status == "not applicable":
        assert finding["target"]["implementation-status"]["remarks"] == "j"


def test_the_same_readiness_and_stamp_give_the_same_bytes():
    assert written(*SAMPLE) == written(*SAMPLE)
    assert written(*SAMPLE) != written(*SAMPLE, stamp="2026-11-29T22:00:00Z")


TEXTS = st.text(st.sampled_from("ab \n\u2028=\"\\'"), max_size=6).filter(
    lambda text: text == "" or text.strip()
)


@given(TEXTS, TEXTS, TEXTS)
def test_texts_of_any_kind_leave_valid_and_come_back(validator, owner, evidence, justification):
    one = Standing(ISO, "A.2.2", "in part", None, 5, owner, "", evidence, justification)
    text = written(one)
    assert list(validator.iter_errors(json.loads(text))) == []
    assert parse_assessment_results("x.json", text.encode()).value == ready(one)


def test_nothing_stated_and_a_time_without_its_zone_are_refused():
    with pytest.raises(WorkbenchError, match="have a finding"):
        written()
    with pytest.raises(WorkbenchError, match="says when it was made"):
        written(*SAMPLE, stamp="2026-11-28T22:00:00")


def finding(target="a.2.2", state="satisfied", built=None, **more):
    target = {"type": "objective-id", "target-id": target, "status": {"state": state}}
    target |= {"implementation-status": built} if built else {}
    return {"uuid": "f", "title": "Check", "description": "seen it", "target": target} | more


def results(*findings, start="2026-11-28T12:00:00Z", others=()):
    many = [{"uuid": "r", "title": "R", "start": start, "findings": list(findings)}, *others]
    body = {"uuid": "a", "metadata": {"title": "Theirs"}, "results": many}
    return json.dumps({"assessment-results": body}).encode()


def standings_of(data, framework=ISO):
    return parse_assessment_results("x.json", data, framework).value.standings


@pytest.mark.parametrize("target", ["a.2.2", "A.2.2", "a.2.2_obj", "a.2.2_obj.a-1", "A.2.2_smt.b"])
def test_a_finding_of_others_about_a_requirement_or_a_part_of_it_is_read(target):
    (one,) = standings_of(results(finding(target)))
    assert one == Standing(ISO, "A.2.2", "met", evidence="Check: seen it")


NOT = "not-satisfied"


@pytest.mark.parametrize(
    ("findings", "status"),
    [
        ([("satisfied", None)], "met"),
        ([("satisfied", None), ("satisfied", None)], "met"),
        ([("satisfied", None), (NOT, None)], "in part"),
        ([(NOT, None)], "open"),
        ([(NOT, {"state": "partial"})], "in part"),
        ([(NOT, {"state": "not-applicable", "remarks": "no such use"})], "not applicable"),
        ([(NOT, {"state": "not-applicable"}), ("satisfied", None)], "in part"),
    ],
)
def test_findings_of_one_requirement_are_judged_together(findings, status):
    parts = [finding(f"a.2.2_obj.{n}", *one) for n, one in enumerate(findings)]
    (one,) = standings_of(results(*parts))
    assert one.status == status
    if status == "not applicable":
        assert one.justification == "no such use"


def test_the_latest_result_counts_whatever_its_place():
    early = {"start": "2026-11-28T12:30:00+01:00", "findings": [finding(state=NOT)]}
    assert standings_of(results(finding(), others=[early]))[0].status == "met"
    late = early | {"start": "2026-11-28T13:30:00+01:00"}
    assert standings_of(results(finding(), others=[late]))[0].status == "open"


def spoilt(path, value):
    """Our own file with the property of a finding changed."""
    tree = json.loads(written(SAMPLE[0]))
    (one,) = tree["assessment-results"]["results"][0]["findings"]
    next(prop for prop in one["props"] if prop["name"] == path)["value"] = value
    return json.dumps(tree).encode()


def twice():
    tree = json.loads(written(SAMPLE[0]))
    findings = tree["assessment-results"]["results"][0]["findings"]
    findings.append(findings[0])
    return json.dumps(tree).encode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (results(finding("a.99")), "row 1: target-id: is not in iso42001_2023, got 'a.99'"),
        (results(finding(state="maybe")), "target.status.state: is not known, got 'maybe'"),
        (results(finding() | {"target": 3}), "row 1 (f): target: is not a mapping"),
        (results(finding() | {"title": None}), "row 1 (f): title: is missing"),
        (results(finding(), start="today"), "results row 1: start: is no time with its zone"),
        (results(finding(), start="2026-11-28T12:00:00"), "is no time with its zone"),
        (spoilt("status", "done"), "status: is not known, got 'done'"),
        (spoilt("maturity", "6"), "maturity: is out of range"),
        (spoilt("maturity", "x"), "maturity: is not a whole number"),
        (spoilt("due", "soon"), "due of iso42001_2023 A.2.2 is a day"),
        (spoilt("id", "A.99") .replace(b"A.2.2", b"A.98"), "is not in iso42001_2023, got 'A.99'"),
        (twice(), "findings row 2: target-id: stands in results row 1 findings row 1, too"),
        (b'{"assessment-results": {"metadata": {"title": "x"}, "results": []}}', "an empty list"),
        (b"{}", "assessment-results: is missing"),
        (b"[1]", "is not a mapping of fields"),
        (b"\xff", "is not UTF-8"),
    ],
)  # fmt: skip
def test_malformed_results_are_refused_in_one_line_each(data, words):
    with pytest.raises(FileRefused) as caught:
        parse_assessment_results("x.json", data, ISO)
    assert words in "\n".join(caught.value.messages)
    assert all(message.startswith("x.json: ") for message in caught.value.messages)


def test_whoever_reads_findings_of_others_says_of_which_framework_they_are():
    with pytest.raises(FileRefused, match="framework: is not said; say of which framework"):
        parse_assessment_results("x.json", results(finding()))
    with pytest.raises(WorkbenchError, match="a framework is one that is known"):
        parse_assessment_results("x.json", results(finding()), "other")


def test_fifty_faults_are_told():
    with pytest.raises(FileRefused) as caught:
        parse_assessment_results("x.json", results(*[finding("a.99")] * 80), ISO)
    assert len(caught.value.messages) == 51
