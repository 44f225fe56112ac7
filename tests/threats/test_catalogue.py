"""The catalogue is asked by any of its columns."""

import pytest

from tests.threats.test_applying import SYSTEM
from workbench.errors import WorkbenchError
from workbench.files import study_yaml
from workbench.files.catalogues.frameworks import shipped_frameworks
from workbench.files.catalogues.threats import shipped_threats
from workbench.files.exchange.navigator import layer_json, layer_of_threats
from workbench.files.exchange.otm_writing import otm_json
from workbench.files.exchange.stix import stix_json
from workbench.threats import Finding, Report, drafts_of

CATALOGUE = shipped_threats()
QUERIES = [
    ("stride", "D", lambda t: "D" in t.stride),
    ("asset", "rag_index", lambda t: t.asset == "rag_index"),
    ("stage", "training", lambda t: t.stage == "training"),
    ("atlas", "AML.T0010", lambda t: any(i.startswith("AML.T0010") for i in t.atlas)),
    ("atlas", "AML.TA0003", lambda t: "AML.TA0003" in t.atlas_tactics),
    ("owasp", "ASI01:2026", lambda t: "ASI01:2026" in t.owasp),
    ("nist_ai_100_2", "NISTAML.018", lambda t: "NISTAML.018" in t.nist_ai_100_2),
    ("mitigation", "A.7.4", lambda t: "A.7.4" in [i for _, i in t.requirements()]),
]


@pytest.mark.parametrize(("column", "value", "has"), QUERIES, ids=lambda one: str(one)[:24])
def test_a_query_finds_just_what_has_the_value(column, value, has):
    found = CATALOGUE.having(**{column: value})
    assert found
    assert {t.id for t in CATALOGUE if has(t)} <= {t.id for t in found}
    if column != "atlas":
        assert all(has(t) for t in found)


@pytest.mark.parametrize("threat", CATALOGUE.threats[::5], ids=lambda t: t.id)
def test_what_is_editorial_is_never_called_known_in_any_form_that_leaves(threat):
    told = threat.proof.sentence()
    assert told.startswith("Known by ") == (threat.proof.type != "editorial")
    assert told.endswith(".")
    report = Report(SYSTEM, (Finding(threat, "prompt", "x", threat.communities),), (), ())
    drafts = drafts_of(report)
    texts = [
        otm_json(report),
        stix_json(report, shipped_frameworks()["atlas_5_6"], created="2026-11-28T12:00:00Z"),
        layer_json(layer_of_threats(report)),
        study_yaml(drafts.study()),
    ]
    assert all("nown by editorial" not in text for text in texts)


def test_several_columns_narrow_the_answer():
    both = CATALOGUE.having(stride="I", asset="inference_api")
    assert set(both) == set(CATALOGUE.having(stride="I")) & set(
        CATALOGUE.having(asset="inference_api")
    )


def test_what_nobody_has_is_refused_with_what_is_near():
    with pytest.raises(WorkbenchError, match="Such as rag_index"):
        CATALOGUE.having(asset="rag_indx")
    with pytest.raises(WorkbenchError, match="asked by its columns"):
        CATALOGUE.having(colour="red")
    with pytest.raises(WorkbenchError, match="Such as STAI-"):
        CATALOGUE.threat("STAI-01")
