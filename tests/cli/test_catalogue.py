"""The commands about the catalogue of threats, in words and as JSON."""

import pytest

from tests.cli.answers import parsed
from tests.files.exchange.test_atlas import FIVE
from workbench.files.catalogues.controls import shipped_controls
from workbench.files.catalogues.frameworks import shipped_frameworks
from workbench.files.catalogues.threats import shipped_threats


@pytest.mark.parametrize(
    ("options", "has"),
    [
        ([], lambda t: t.id),
        (["--stride", "R"], lambda t: "R" in t.stride),
        (
            ["--asset", "rag_index", "--stage", "operation"],
            lambda t: (t.asset, t.stage) == ("rag_index", "operation"),
        ),
        (["--contents", "weights"], lambda t: "weights" in t.travels_with),
        (["--community", "supplier"], lambda t: "supplier" in t.communities),
        (["--owasp", "ASI01:2026"], lambda t: "ASI01:2026" in t.owasp),
        (["--atlas", "AML.TA0003"], lambda t: "AML.TA0003" in t.atlas_tactics),
        (["--nist", "NISTAML.018"], lambda t: "NISTAML.018" in t.nist_ai_100_2),
        (["--mitigation", "A.7.4"], lambda t: "A.7.4" in [i for _, i in t.requirements()]),
        (
            ["--mitigation", "CTL-013", "--stride", "T"],
            lambda t: t.id in shipped_controls().control("CTL-013").threats and "T" in t.stride,
        ),
    ],
)
def test_a_query_lists_what_the_rows_say_in_words_and_in_json(run, options, has):
    wanted = [one.id for one in shipped_threats() if has(one)]
    assert wanted
    record = parsed(run("catalogue", "query", *options, "--json"))
    assert [one["id"] for one in record["threats"]] == wanted
    assert "travels_with" in record["editorial_fields"]
    words = run("catalogue", "query", *options).stdout
    assert [line[:8] for line in words.splitlines() if line.startswith("STAI-")] == wanted


def test_a_value_that_no_threat_has_is_refused_with_what_is_near(run):
    done = run("catalogue", "query", "--asset", "rag_idx")
    assert done.exit_code == 2
    assert "rag_index" in done.stderr


def test_marks_stand_in_the_catalogue_too(run):
    words = run("catalogue", "query", "--asset", "governance_docs").stdout
    assert "STRIDE fits weakly" in words
    listed = parsed(run("catalogue", "query", "--stride", "T", "--json"))["threats"]
    (held,) = (one for one in listed if one["id"] == "STAI-012")
    assert held["known_by"] == "editorial: no incident is claimed"


def test_a_release_of_atlas_tells_what_became_of_each_id_that_threats_name(run, tmp_path):
    """A release in which one id was replaced, one is called otherwise, and the rest are gone."""
    title = shipped_frameworks()["atlas_5_6"].requirement("AML.T0020").title
    text = FIVE.replace("AML.T0001", "AML.T0020").replace("AML.T0020.000", "AML.T0115.001")
    path = tmp_path / "atlas.yaml"
    path.write_text(text.replace("AML.M0001", "AML.M0007"))
    record = parsed(run("catalogue", "atlas", str(path), "--json"))
    named = {t.id for t in shipped_threats() if "AML.T0020" in t.atlas}
    (again,) = (one for one in record["retitled"] if one["id"] == "AML.T0020")
    assert (again["before"], again["now"], set(again["threats"])) == (title, "Rehearse", named)
    replaced = {(one["threat"], one["id"], *one["replaced_by"]) for one in record["replaced"]}
    assert replaced == {
        (t.id, "AML.T0058", "AML.T0115.001") for t in shipped_threats() if "AML.T0058" in t.atlas
    }
    lost = {(one["threat"], one["id"]) for one in record["missing"] if one["field"] == "atlas"}
    kept = {"AML.T0020", "AML.T0058"}
    assert lost == {(t.id, one) for t in shipped_threats() for one in t.atlas if one not in kept}
    words = run("catalogue", "atlas", str(path)).stdout
    assert f"AML.T0020: {title} is now Rehearse (" in words
    assert "AML.T0058 is replaced by AML.T0115.001" in words


def test_what_is_no_release_of_atlas_is_refused_by_its_file(run, tmp_path):
    (tmp_path / "a.yaml").write_text("a: 1")
    done = run("catalogue", "atlas", str(tmp_path / "a.yaml"))
    assert done.exit_code == 2
    assert "neither matrices nor format-version" in done.stderr
