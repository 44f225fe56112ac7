"""STIX bundles: a planted report by hand, the rules of the format, the same bytes again."""

import json
import re
from dataclasses import replace

import pytest

from tests.threats.test_applying import PLANTED, SYSTEM, threat
from workbench.errors import WorkbenchError
from workbench.files.catalogues.controls import shipped_controls
from workbench.files.catalogues.frameworks import shipped_frameworks
from workbench.files.catalogues.threats import shipped_threats
from workbench.files.exchange.stix import FIRST, stix_bundle, stix_json
from workbench.frameworks.controls import Control, Effect
from workbench.threats import Catalogue, Proof, threats_to

ATLAS = shipped_frameworks()["atlas_5_6"]
WHEN = "2026-11-28T12:00:00Z"
ONE = replace(
    threat("T-1", "rag_index", "I"),
    atlas=("AML.T0057",),
    atlas_tactics=("AML.TA0010",),
    owasp=("LLM02:2025",),
    nist_ai_100_2=("NISTAML.03",),
    mitigations={"atlas_5_6": ("AML.M0020",), "iso42001_2023": ("A.7.4",)},
    proof=Proof("atlas_case_study", "AML.CS0026", "A case", "exercise", "recalled"),
)
CONTROL = Control(
    "C-1", "Filter", "What it does.", "preventive", (Effect("vulnerability", 0.1, 0.5),), {},
    ("T-1", "T-none"),
)  # fmt: skip
ID = re.compile(r"[a-z-]+--[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def of_kind(bundle, kind):
    return [one for one in bundle["objects"] if one["type"] == kind]


def whole():
    report = threats_to(SYSTEM, shipped_threats())
    return stix_bundle(report, ATLAS, shipped_controls(), created=WHEN)


def test_a_threat_by_hand_with_what_is_against_it():
    report = threats_to(SYSTEM, Catalogue((ONE,)))
    bundle = stix_bundle(report, ATLAS, (CONTROL,), created=WHEN)
    (pattern,) = of_kind(bundle, "attack-pattern")
    assert pattern["name"] == "T-1"
    assert pattern["description"] == (
        "What it does. Information disclosure. "
        "Known by AML.CS0026 A case (atlas case study; recalled)."
    )
    assert pattern["kill_chain_phases"] == [
        {"kill_chain_name": "mitre-atlas", "phase_name": "exfiltration"}
    ]
    technique, study = "AML.T0057", "AML.CS0026"
    assert pattern["external_references"] == [
        {"source_name": "risk-workbench", "external_id": "T-1"},
        {"source_name": "mitre-atlas", "external_id": technique,
         "url": f"https://atlas.mitre.org/techniques/{technique}"},
        {"source_name": "owasp", "external_id": "LLM02:2025"},
        {"source_name": "nist-ai-100-2", "external_id": "NISTAML.03"},
        {"source_name": "mitre-atlas", "external_id": study,
         "url": f"https://atlas.mitre.org/studies/{study}"},
    ]  # fmt: skip
    title = ATLAS.requirement("AML.M0020").title
    assert [one["name"] for one in of_kind(bundle, "course-of-action")] == [title, "Filter"]
    assert {(one["relationship_type"], one["source_ref"], one["target_ref"])
            for one in of_kind(bundle, "relationship")} == {
        ("mitigates", one["id"], pattern["id"]) for one in of_kind(bundle, "course-of-action")
    }  # fmt: skip


def test_every_object_follows_the_rules_of_the_format():
    bundle = whole()
    ids = [one["id"] for one in bundle["objects"]]
    assert len(set(ids)) == len(ids)
    assert set(bundle) == {"type", "id", "objects"}
    for one in bundle["objects"]:
        assert ID.fullmatch(one["id"])
        assert one["id"].startswith(f"{one['type']}--")
        assert (one["spec_version"], one["created"], one["modified"]) == ("2.1", WHEN, WHEN)
        assert one.get("name") or one["type"] == "relationship"
        assert all(value not in ([], "", None) for value in one.values())
        for reference in one.get("external_references", ()):
            assert set(reference) <= {"source_name", "external_id", "url"}
        for end in ("source_ref", "target_ref"):
            assert one.get(end, ids[0]) in ids


def test_each_threat_that_touches_the_system_is_told_once_and_the_system_is_not():
    report = threats_to(SYSTEM, shipped_threats())
    bundle = whole()
    first = [
        one["external_references"][0]["external_id"] for one in of_kind(bundle, "attack-pattern")
    ]
    assert first == [one.id for one in report.threats()]
    text = stix_json(threats_to(SYSTEM, PLANTED), ATLAS, created=WHEN)
    for part in (SYSTEM.id, *(one.id for one in SYSTEM.components)):
        assert f'"{part}"' not in text


def test_the_same_report_makes_the_same_bytes_whatever_the_order_of_its_controls():
    report = threats_to(SYSTEM, shipped_threats())
    controls = list(shipped_controls())
    texts = {stix_json(report, ATLAS, given, created=WHEN) for given in (controls, controls[::-1])}
    assert len(texts) == 1
    assert json.loads(texts.pop()) == whole()
    later = stix_bundle(report, ATLAS, controls, created="2026-11-28T12:00:01.5Z")
    assert later["id"] != whole()["id"]
    assert [one["id"] for one in later["objects"]] == [one["id"] for one in whole()["objects"]]


def test_an_object_keeps_its_time_of_making_when_it_changes():
    report = threats_to(SYSTEM, PLANTED)
    bundle = stix_bundle(report, ATLAS, created=FIRST, modified="2026-11-28T12:00:00.5Z")
    times = {(one["created"], one["modified"]) for one in bundle["objects"]}
    assert times == {(FIRST, "2026-11-28T12:00:00.5Z")}
    with pytest.raises(WorkbenchError, match="made before it changes"):
        stix_bundle(report, ATLAS, created="2026-11-28T12:00:00.5Z", modified=WHEN)


def test_what_is_marked_stays_marked():
    report = threats_to(SYSTEM, shipped_threats())
    patterns = of_kind(whole(), "attack-pattern")
    for one, pattern in zip(report.threats(), patterns, strict=True):
        assert one.proof.sentence() in pattern["description"]


@pytest.mark.parametrize("when", ["", "2026-11-28", "2026-11-28T12:00:00", "28.11.2026 12:00Z"])
def test_a_time_of_another_form_is_refused(when):
    with pytest.raises(WorkbenchError, match="a time in STIX is in UTC"):
        stix_bundle(threats_to(SYSTEM, PLANTED), ATLAS, created=when)
