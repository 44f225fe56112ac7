"""Every id in every catalogue resolves, and the counts are those that the READMEs tell."""

from collections import Counter

import pytest

from workbench.files.catalogues.ai_act import shipped_act
from workbench.files.catalogues.controls import shipped_controls
from workbench.files.catalogues.crosswalks import shipped_crosswalk
from workbench.files.catalogues.frameworks import shipped_frameworks
from workbench.files.catalogues.plans import shipped_playbooks, shipped_roadmap
from workbench.files.catalogues.threats import shipped_threats
from workbench.frameworks import lint

ATLAS = "atlas_5_6"
COUNTS = {
    ("iso42001_2023", "control"): 38,
    ("iso42001_2023", "objective"): 9,
    ("iso27001_2022", "control"): 93,
    ("iso27001_2013", "control"): 114,
    ("iso27701_2025", "control"): 78,
    ("iso27701_2019", "control"): 49,
    ("nist_ai_rmf_1_0", "subcategory"): 72,
    ("nist_ai_rmf_1_0", "category"): 19,
    ("nist_ai_rmf_1_0", "risk"): 12,
    ("soc2_tsc_2017_2022", "criterion"): 61,
    ("eu_ai_act_2024_1689", "prohibition"): 10,
    ("eu_ai_act_2024_1689", "area"): 8,
    ("eu_ai_act_2024_1689", "annex"): 14,
    ("nist_ai_100_2_e2025", "element"): 30,
    (ATLAS, "technique"): 170,
    (ATLAS, "tactic"): 16,
    (ATLAS, "mitigation"): 35,
    (ATLAS, "case study"): 57,
}


@pytest.fixture(scope="module")
def frameworks():
    return shipped_frameworks()


def unknown(frameworks, framework, ids):
    return [one for one in ids if not frameworks.holds(framework, one)]


@pytest.mark.parametrize(("place", "number"), COUNTS.items(), ids=str)
def test_a_framework_has_as_many_as_its_standard(frameworks, place, number):
    framework, kind = place
    assert sum(one.kind == kind for one in frameworks[framework]) == number


def test_there_are_fifteen_frameworks_and_113_articles_and_one_inserted(frameworks):
    assert len(frameworks) == 15
    act = frameworks["eu_ai_act_2024_1689"]
    assert sum(one.kind in ("article", "duty") for one in act) == 114


def test_themes_of_27001_and_tables_of_27701_have_their_sizes(frameworks):
    themes = Counter(one.parent for one in frameworks["iso27001_2022"] if one.kind == "control")
    assert themes == {"A.5": 37, "A.6": 8, "A.7": 14, "A.8": 34}
    new = [one for one in frameworks["iso27001_2022"] if one.facts.get("new_in_2022")]
    assert len(new) == 11
    tables = Counter(o.id[:3] for o in frameworks["iso27701_2025"] if o.kind == "control")
    assert tables == {"A.1": 31, "A.2": 18, "A.3": 29}


def test_every_2013_control_leads_to_2022_and_the_new_ones_come_from_nowhere(frameworks):
    old, new = frameworks["iso27001_2013"], frameworks["iso27001_2022"]
    reached = {
        one
        for requirement in old
        for one in requirement.facts["now"].split(", ")
        if requirement.kind == "control"
    }
    controls = {one.id: one for one in new if one.kind == "control"}
    assert reached <= set(controls)
    assert {one for one in controls if one not in reached} == {
        name for name, one in controls.items() if one.facts.get("new_in_2022")
    }


def test_an_alias_finds_its_edition(frameworks):
    assert frameworks["iso42001"] is frameworks["iso42001_2023"]
    assert frameworks["eu_ai_act"].id == "eu_ai_act_2024_1689"


def test_no_title_is_long_enough_to_be_the_text_of_a_standard(frameworks):
    for name in ("iso42001_2023", "iso27001_2022", "iso27701_2025", "soc2_tsc_2017_2022"):
        assert max(len(one.title.split()) for one in frameworks[name]) <= 8


def test_the_crosswalk_is_clean_and_has_715_rows(frameworks):
    crosswalk = shipped_crosswalk()
    assert len(crosswalk) == 715
    assert lint(crosswalk, frameworks) == []
    assert Counter(row.relationship for row in crosswalk.rows) == {
        "intersects": 542,
        "equal": 110,
        "subset": 60,
        "superset": 3,
    }
    assert sum(bool(row.second_rating) for row in crosswalk.rows) == 148
    assert all(row.note for row in crosswalk.rows if row.raters_differ)


def test_all_ids_of_the_134_threats_resolve(frameworks):
    catalogue = shipped_threats()
    assert len(catalogue) == 134
    assert {letter for threat in catalogue for letter in threat.stride} == set("STRIDE")
    for threat in catalogue:
        assert not unknown(frameworks, ATLAS, (*threat.atlas, *threat.atlas_tactics))
        assert not unknown(frameworks, "nist_ai_100_2_e2025", threat.nist_ai_100_2)
        assert not unknown(frameworks, "owasp_llm_2026", threat.owasp_llm_2026)
        lists = ("owasp_llm_2025", "owasp_agentic_2026", "owasp_ml_2023")
        assert all(any(frameworks.holds(one, i) for one in lists) for i in threat.owasp)
        for framework, one in threat.requirements():
            assert frameworks.holds(framework, one), (threat.id, framework, one)
        if threat.proof.type == "atlas_case_study":
            case = frameworks.requirement(ATLAS, threat.proof.reference)
            assert case.title == threat.proof.title


def test_all_28_weak_fits_and_31_editorial_proofs_are_marked():
    catalogue = shipped_threats()
    assert sum(one.stride_fit == "weak" for one in catalogue) == 28
    assert sum(one.proof.type == "editorial" for one in catalogue) == 31
    assert sum(one.proof.is_marked for one in catalogue) == 33


def test_replaced_atlas_ids_are_known_in_the_newer_edition(frameworks):
    replaced = {one.facts["was"]: one.id for one in frameworks["atlas_2026_07"]}
    assert len(replaced) == 3
    for threat in shipped_threats():
        assert threat.atlas_2026_07 == tuple(replaced.get(one, one) for one in threat.atlas)


def test_all_ids_of_the_61_controls_resolve_and_each_threat_has_a_control(frameworks):
    controls, threats = shipped_controls(), shipped_threats()
    assert len(controls) == 61
    for control in controls:
        assert all(frameworks.holds(*place) for place in control.meets())
        assert all(threats.threat(one) for one in control.threats)
        assert all(effect.basis in ("assumption", "source") for effect in control.effects)
    assert {one for control in controls for one in control.threats} == {t.id for t in threats}


def test_all_ids_of_the_plans_resolve(frameworks):
    controls, threats = shipped_controls(), shipped_threats()
    roadmap, playbooks = shipped_roadmap(), shipped_playbooks()
    assert (len(roadmap.tasks), len(playbooks.playbooks)) == (19, 12)
    assert sum(task.origin == "source document" for task in roadmap.tasks) == 12
    for task in roadmap.tasks:
        places = [(f, i) for f, ids in task.requirements.items() for i in ids]
        assert all(frameworks.holds(*place) for place in places)
        assert all(controls.control(one) for one in task.controls)
    for playbook in playbooks.playbooks:
        places = [(f, i) for f, ids in playbook.requirements.items() for i in ids]
        assert all(frameworks.holds(*place) for place in places)
        assert all(threats.threat(one) for one in playbook.threats)
        assert all(controls.control(one) for one in playbook.controls)


def test_every_article_that_the_act_speaks_of_exists(frameworks):
    act = shipped_act()
    known = frameworks["eu_ai_act_2024_1689"]
    assert all(one in known for articles, _ in act.duties.values() for one in articles)
    assert [date.day for date in act.dates.values()] == sorted(d.day for d in act.dates.values())
    assert (act.fines["99.3"].cap, act.fines["99.3"].percent) == (35_000_000, 7)
