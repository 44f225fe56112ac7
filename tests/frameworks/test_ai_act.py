"""Roles, tiers, duties, dates and ceilings of the EU AI Act, by the cases that the text decides."""

import pytest

from workbench.errors import WorkbenchError
from workbench.files.catalogues.ai_act import shipped_act
from workbench.frameworks.ai_act import Answers
from workbench.frameworks.ai_act_tiers import classify

ACT = shipped_act()
TODAY = "2026-11-28"


def asked(day=TODAY, **answers):
    fields = {"develops": True} | answers
    return classify(Answers("system", **fields), ACT, day)


def tiers(found):
    return [tier.id for tier in found.tiers]


def articles(found, role):
    return [one.article for one in found.obligations if one.role == role]


CASES = [
    ({"annex_iii": ("III.5.b",)}, ["high"]),
    ({"annex_iii": ("III.5.b",), "fraud_detection_only": True}, ["minimal"]),
    ({"annex_iii": ("III.4.a",), "no_significant_risk": True}, ["minimal"]),
    ({"annex_iii": ("III.4.a",), "no_significant_risk": True, "profiles_people": True}, ["high"]),
    ({"annex_i": "A", "third_party_assessment": True}, ["high"]),
    ({"annex_i": "A"}, ["minimal"]),
    ({"interacts_with_people": True}, ["transparency"]),
    ({"annex_iii": ("III.3.a",), "interacts_with_people": True}, ["high", "transparency"]),
    ({"practices": ("5.1.c",), "interacts_with_people": True}, ["prohibited", "transparency"]),
    ({"general_purpose": True, "training_flop": 1e25}, ["gpai"]),
    ({"general_purpose": True, "training_flop": 1.1e25}, ["gpai_systemic"]),
    ({"practices": ("5.1.h",), "in_union": False}, ["outside"]),
    ({}, ["minimal"]),
]


@pytest.mark.parametrize(("answers", "expected"), CASES, ids=lambda one: str(one)[:60])
def test_the_tiers_of_a_case(answers, expected):
    assert tiers(asked(**answers)) == expected


def test_high_risk_duties_came_due_in_2026_and_were_moved_to_december_2027():
    duty = next(o for o in asked(annex_iii=("III.5.b",)).obligations if o.article == "9")
    assert (duty.date.day, duty.date.was) == ("2027-12-02", "2026-08-02")
    assert not duty.applies(TODAY)
    assert duty.applies("2027-12-02")
    product = asked(annex_i="A", third_party_assessment=True)
    assert next(o for o in product.obligations if o.article == "9").date.day == "2028-08-02"


def test_literacy_and_the_first_prohibitions_apply_since_february_2025():
    found = asked(practices=("5.1.c", "5.1.ba"), day="2026-11-28")
    by = {one.article: one for one in found.obligations}
    assert by["4"].applies("2025-02-02")
    assert by["5.1.c"].applies(TODAY)
    assert not by["5.1.ba"].applies(TODAY)
    assert by["5.1.ba"].applies("2026-12-02")


def test_no_opt_out_makes_a_prohibited_practice_lawful():
    (tier, *_) = asked(practices=("5.1.h",), no_significant_risk=True).tiers
    assert tier.id == "prohibited"
    assert "no control, consent or opt-out" in tier.why


def test_conformity_by_internal_control_needs_no_notified_body():
    assert asked(annex_iii=("III.5.b",)).route.id == "CR-03"
    assert asked(annex_iii=("III.5.b",)).route.notified_body == "none"
    assert asked(annex_iii=("III.1.a",)).route.notified_body == "required"
    assert asked(annex_iii=("III.1.a",), standards="full").route.notified_body == "optional"
    assert asked(annex_iii=("III.5.b",), develops=False, uses=True).route is None
    assert asked().route is None


def test_duties_are_those_of_the_role():
    deployer = asked(annex_iii=("III.5.b",), develops=False, uses=True)
    assert articles(deployer, "deployer") == ["4", "26", "27", "86"]
    assert articles(deployer, "provider") == []
    authority = asked(annex_iii=("III.3.a",), develops=False, uses=True, public_authority=True)
    assert articles(authority, "deployer") == ["4", "26", "27", "49", "86"]
    school = asked(annex_iii=("III.3.a",), develops=False, uses=True)
    assert articles(school, "deployer") == ["4", "26", "86"]
    assert "22" not in articles(asked(annex_iii=("III.5.b",)), "provider")
    abroad = asked(annex_iii=("III.5.b",), established_in_union=False)
    assert "22" in articles(abroad, "provider")


def test_who_puts_his_name_on_it_becomes_the_provider():
    found = asked(annex_iii=("III.5.b",), develops=False, uses=True, puts_own_name=True)
    assert "16" in articles(found, "provider")
    assert any("Art. 25" in doubt for doubt in found.doubts)


def test_systems_on_the_market_before_wait_for_a_change_or_for_2030():
    old = {"annex_iii": ("III.5.b",), "on_market_since": "2024-05-01"}
    duty = next(o for o in asked(**old).obligations if o.article == "9")
    assert "111(2)" in duty.waits_for
    assert not duty.applies("2035-01-01")
    changed = asked(**old, substantially_modified=True)
    assert next(o for o in changed.obligations if o.article == "9").applies("2027-12-02")
    public = asked(**old, public_authority=True)
    assert next(o for o in public.obligations if o.article == "9").date.day == "2030-08-02"


def test_marking_has_a_grace_for_what_was_on_the_market():
    new = asked(generates_content=True)
    old = asked(generates_content=True, on_market_since="2026-01-01")
    assert [o.date.day for o in new.obligations if o.article == "50(2)"] == ["2026-08-02"]
    assert [o.date.day for o in old.obligations if o.article == "50(2)"] == ["2026-12-02"]


def test_a_fine_is_the_higher_ceiling_and_for_small_ones_the_lower():
    banned = {"practices": ("5.1.c",)}
    assert asked(**banned).cap() == 35e6
    assert asked(**banned, turnover=1e9).cap() == 70e6
    assert asked(**banned, turnover=1e8).cap() == 35e6
    assert asked(**banned, turnover=1e8, small=True).cap() == 7e6
    assert asked(annex_iii=("III.5.b",), turnover=1e9).cap() == 30e6
    assert asked(general_purpose=True, turnover=1e8, small=True).cap() == 15e6  # Art. 101
    assert asked().cap() == 0


def test_every_date_has_its_source_and_its_certainty():
    found = asked()
    assert len(found.dates) == 12
    assert all(date.source and date.certainty for date, _ in found.dates)
    assert [come for _, come in found.dates] == sorted((c for _, c in found.dates), reverse=True)
    assert found.open_questions


def test_unknown_points_and_roles_are_refused():
    with pytest.raises(WorkbenchError, match="a point of Annex III is known"):
        asked(annex_iii=("III.9",))
    with pytest.raises(WorkbenchError, match="or supplies its parts"):
        Answers("system")
    with pytest.raises(WorkbenchError, match="a day is asked about"):
        asked(day="tomorrow")


@pytest.mark.parametrize("role", [{}, {"develops": False, "uses": True, "public_authority": True}])
def test_what_annex_iii_alone_brings_is_not_owed_for_a_product_of_annex_i(role):
    """Arts 27(1), 49(1), 49(3) and 86(1) each speak of systems of Annex III."""
    product = asked(annex_i="A", third_party_assessment=True, **role)
    owed = {one.article for one in product.obligations}
    assert owed & {"16", "26"}
    assert not owed & {"27", "49", "86"}
    both = asked(annex_i="A", third_party_assessment=True, annex_iii=("III.3.a",), **role)
    assert "49" in {one.article for one in both.obligations}


def test_critical_infrastructure_is_registered_by_its_provider_and_explained_by_nobody():
    """Point 2 of Annex III is excepted from 27(1), 49(3) and 86(1); 49(5) registers it at home."""
    found = asked(annex_iii=("III.2",), uses=True, public_authority=True)
    assert "49" in articles(found, "provider")
    assert articles(found, "deployer") == ["4", "26"]


def test_a_point_that_is_excepted_brings_no_impact_assessment():
    fraud = {"annex_iii": ("III.4.a", "III.5.b"), "fraud_detection_only": True}
    assert articles(asked(develops=False, uses=True, **fraud), "deployer") == ["4", "26", "86"]


def test_the_sector_keeps_its_own_law_only_where_annex_iii_does_not_reach_as_well():
    sector = {"annex_i": "B", "third_party_assessment": True, "turnover": 1e9}
    alone, both = asked(**sector), asked(**sector, annex_iii=("III.5.b",))
    assert (alone.route.id, both.route.id) == ("CR-05", "CR-03")
    assert (alone.cap(), both.cap()) == (0, 30e6)  # Art. 2(2): Art. 99 does not apply
    assert any("section B" in doubt for doubt in alone.doubts)
    assert not any("section B" in doubt for doubt in both.doubts)
    assert asked(**sector, annex_iii=("III.1.a",)).route.id == "CR-02"


def test_nobody_is_fined_for_what_he_does_not_owe():
    user = {"develops": False, "uses": True, "turnover": 1e9}
    assert asked(**user, interacts_with_people=True).cap() == 0  # 50(1) is the provider's
    assert asked(**user, general_purpose=True, training_flop=1e26).cap() == 0  # so is Art. 101
    assert asked(**user, makes_deepfakes=True).cap() == 30e6


def test_only_providers_outside_the_union_have_a_representative_for_their_model():
    model = {"general_purpose": True, "training_flop": 1e26}
    assert articles(asked(**model), "provider") == ["4", "52", "53", "55"]
    abroad = asked(**model, established_in_union=False)
    assert articles(abroad, "provider") == ["4", "52", "53", "54", "55"]


@pytest.mark.parametrize(
    ("answers", "is_told"),
    [
        ({"annex_iii": ("III.5.b",)}, True),
        ({"annex_iii": ("III.5.b",), "turnover": 1e9}, False),
        ({"annex_iii": ("III.5.b",), "small": True}, False),  # the lower one: never above the cap
        ({"general_purpose": True, "small": True}, True),  # Art. 99(6) does not reach Art. 101
        ({}, False),
    ],
)
def test_without_a_turnover_a_cap_is_told_to_be_no_bound(answers, is_told):
    assert any("No turnover" in doubt for doubt in asked(**answers).doubts) == is_told


def test_emotion_recognition_is_asked_whether_it_is_prohibited_at_work_or_in_education():
    said = asked(recognises_emotion=True, annex_iii=("III.1.c",))
    assert any("5(1)(f)" in doubt for doubt in said.doubts)
    stated = asked(recognises_emotion=True, practices=("5.1.f",))
    assert not any("5(1)(f)" in doubt for doubt in stated.doubts)
    assert not any("5(1)(f)" in doubt for doubt in asked(generates_content=True).doubts)


def test_emotion_recognition_is_asked_whether_it_is_a_point_of_annex_iii():
    said = asked(recognises_emotion=True)
    assert any("III.1(c)" in doubt for doubt in said.doubts)
    stated = asked(recognises_emotion=True, annex_iii=("III.1.c",))
    assert not any("III.1(c)" in doubt for doubt in stated.doubts)


def test_a_deployer_of_a_system_that_its_provider_changed_owes_his_duties_and_no_others():
    old = {"annex_iii": ("III.5.b",), "on_market_since": "2024-05-01"}
    found = asked(**old, develops=False, uses=True, design_changed=True)
    assert found.roles == ("deployer",)
    assert next(o for o in found.obligations if o.article == "26").applies("2027-12-02")
    own = asked(**old, develops=False, uses=True, substantially_modified=True)
    assert own.roles == ("provider", "deployer")  # Art. 25(1)(b)
