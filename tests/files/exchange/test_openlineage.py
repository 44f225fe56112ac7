"""OpenLineage in, CycloneDX out: what is told comes through, and bad events are refused."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from workbench.audit.lineage import Subject
from workbench.cli import app
from workbench.files import FileRefused
from workbench.files.exchange.ml_bom import parse_ml_bom
from workbench.files.exchange.ml_bom_writing import ml_bom_json
from workbench.files.exchange.openlineage import parse_openlineage
from workbench.register import Register

HASH = "ab" * 32


def dataset(name: str, version: str = "", **facets: object) -> dict[str, object]:
    told = {"version": {"datasetVersion": version}} if version else {}
    return {"namespace": "lake", "name": name, "facets": told | facets}


def event(run: str, inputs: list[object], outputs: list[object], kind: str = "COMPLETE"):
    return {
        "eventType": kind,
        "eventTime": "2026-11-29T09:00:00Z",
        "run": {"runId": run},
        "job": {"namespace": "jobs", "name": "train"},
        "inputs": inputs,
        "outputs": outputs,
        "producer": "https://example.com",
    }


MODEL = {"datasetType": {"datasetType": "MODEL"}, "hash": {"sha256": HASH}}
EVENTS = [
    event("r0", [dataset("raw", "1")], [dataset("loans", "2026-10")], "START"),
    event("r0", [dataset("raw", "1")], [dataset("loans", "2026-10")]),
    event("r1", [dataset("loans", "2026-10")], [dataset("score", "3", **MODEL)]),
    event("r2", [dataset("score", "3", **MODEL)], []),
]


def test_events_tell_what_was_made_from_what_and_by_which_runs() -> None:
    found = parse_openlineage("events.json", json.dumps(EVENTS).encode())
    assert found.subject("lake/score@3") == Subject(
        "lake/score", "model", "3", HASH, ("lake/loans@2026-10",), ("r2",), "OpenLineage"
    )
    assert found.before("lake/score@3") == ("lake/loans@2026-10", "lake/raw@1")
    assert found.runs_on("lake/raw@1") == ("r0", "r1", "r2")


def test_events_line_by_line_are_the_same_as_a_list() -> None:
    lines = "\n".join(json.dumps(one) for one in EVENTS) + "\n\n"
    listed = parse_openlineage("events.json", json.dumps(EVENTS).encode())
    assert parse_openlineage("events.jsonl", lines.encode()) == listed
    assert parse_openlineage("e.NDJSON", lines.encode()) == listed


def test_one_event_alone_is_read() -> None:
    assert len(parse_openlineage("e.json", json.dumps(EVENTS[1]).encode()).subjects) == 2


def test_a_run_that_failed_has_made_nothing() -> None:
    told = [event("r", [dataset("a")], [dataset("b")], "FAIL")]
    found = parse_openlineage("e.json", json.dumps(told).encode())
    assert [one.key for one in found.subjects] == ["lake/a"]


def test_what_is_changed_in_place_is_not_its_own_origin() -> None:
    told = [event("r", [dataset("a"), dataset("c")], [dataset("a")])]
    found = parse_openlineage("e.json", json.dumps(told).encode())
    assert found.subject("lake/a").parents == ("lake/c",)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"run": {}}, "runId"),
        ({"inputs": [{"name": "a"}]}, "namespace"),
        ({"inputs": 5}, "inputs"),
        ({"inputs": [dataset("a", hash={"sha256": "xyz"})]}, "SHA-256"),
    ],
)
def test_a_faulty_event_is_named(change: dict[str, object], told: str) -> None:
    with pytest.raises(FileRefused) as refused:
        parse_openlineage("e.json", json.dumps([EVENTS[0], EVENTS[1] | change]).encode())
    assert "e.json" in str(refused.value)
    assert "event 2" in str(refused.value)
    assert told in str(refused.value)


def test_two_hashes_of_one_version_are_refused() -> None:
    other = event("r9", [dataset("score", "3", hash={"sha256": "cd" * 32})], [])
    with pytest.raises(FileRefused, match=r"one type|one SHA-256"):
        parse_openlineage("e.json", json.dumps([*EVENTS, other]).encode())


@pytest.mark.parametrize("data", [b"", b"[", b"5", b"[5]", b'{"a":1}', b"\xff", b"[" * 10**5])
def test_what_is_no_event_is_refused(data: bytes) -> None:
    for name in ("e.json", "e.jsonl"):
        if data or name == "e.json":
            with pytest.raises(FileRefused):
                parse_openlineage(name, data)


def test_a_bill_of_materials_holds_hashes_and_what_rests_on_what() -> None:
    found = parse_openlineage("e.json", json.dumps(EVENTS).encode())
    told = json.loads(ml_bom_json(found))
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")
    by_ref = {one["bom-ref"]: one for one in told["components"]}
    assert by_ref["lake/score@3"]["type"] == "machine-learning-model"
    assert by_ref["lake/score@3"]["hashes"] == [{"alg": "SHA-256", "content": HASH}]
    refs = {one["ref"]: one["dependsOn"] for one in told["dependencies"]}
    assert refs["lake/score@3"] == ["lake/loans@2026-10"]
    assert set(refs) == set(by_ref)
    assert all(set(needed) <= set(by_ref) for needed in refs.values())


def test_a_bill_of_one_subject_has_what_it_was_made_from_and_no_more() -> None:
    found = parse_openlineage("e.json", json.dumps(EVENTS).encode())
    told = json.loads(ml_bom_json(found, "lake/loans@2026-10"))
    assert {one["name"] for one in told["components"]} == {"lake/loans", "lake/raw"}


def test_our_own_reader_draws_a_system_from_the_bill() -> None:
    found = parse_openlineage("e.json", json.dumps(EVENTS).encode())
    system = parse_ml_bom("bom.json", ml_bom_json(found).encode()).system
    assert {part.kind for part in system.components} == {"base model", "training data"}
    assert any(flow.carries for flow in system.flows)


def test_the_command_keeps_events_and_finds_a_file_by_its_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hashlib

    monkeypatch.setenv("WORKBENCH_REGISTER_KEYS", str(tmp_path / "keys"))
    model = tmp_path / "score.bin"
    model.write_bytes(b"weights")
    sha256 = hashlib.sha256(b"weights").hexdigest()
    told = json.dumps(EVENTS).replace(HASH, sha256)
    (tmp_path / "events.json").write_text(told)
    place = str(tmp_path / "register.db")
    Register.create(place, by="mara").close()
    run = CliRunner().invoke
    kept = ["--register", place, "--as", "mara"]
    first = run(app, ["lineage", str(tmp_path / "events.json"), *kept, "--reason", "nightly"])
    assert first.exit_code == 0, first.output
    found = run(app, ["lineage", str(model), *kept, "--json", "--bom", str(tmp_path / "bom.json")])
    assert found.exit_code == 0, found.output
    (one,) = json.loads(found.stdout)["subjects"]
    assert one["made_from"] == ["lake/loans@2026-10", "lake/raw@1"]
    assert one["runs_that_rest_on_it"] == ["r2"]
    assert json.loads((tmp_path / "bom.json").read_text())["components"]
    with Register.open(place, by="mara") as register:
        entry = next(entry for entry in register.log() if entry.act == "record")
        assert entry.reason == "nightly"
        assert entry.details["file"] == "events.json"
        assert register.verify().is_good
        again = register.save_lineage(parse_openlineage("e.json", told.encode()))
        assert again is None
    unknown = tmp_path / "other.bin"
    unknown.write_bytes(b"other")
    refused = run(app, ["lineage", str(unknown), *kept])
    assert refused.exit_code == 2
    assert "Traceback" not in refused.output
    alone = run(app, ["lineage", str(unknown)], env={"WORKBENCH_REGISTER": ""})
    assert alone.exit_code == 2
