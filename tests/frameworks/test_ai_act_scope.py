"""Whom the AI Act reaches, who becomes a provider, what is open in its days, and who is fined."""

import pytest

from tests.frameworks.test_ai_act import ACT, TODAY, articles, asked, tiers
from workbench.errors import WorkbenchError
from workbench.files.catalogues.ai_act import read_answers
from workbench.frameworks.ai_act import Answers
from workbench.frameworks.ai_act_tiers import classify
from workbench.reports.ai_act_record import ai_act_record, ai_act_text
from workbench.reports.readiness_act import act_heading, system_lines
from workbench.reports.readiness_words import classes_told

CREDIT = {"annex_iii": ("III.5.b",)}
USER = {"develops": False, "uses": True}
OLD = {"on_market_since": "2024-05-01"}


def duty(found, article):
    return next(one for one in found.obligations if one.article == article)


@pytest.mark.parametrize("change", ["puts_own_name", "changed_purpose", "substantially_modified"])
def test_only_of_a_high_risk_system_does_a_change_make_a_new_provider(change):
    high = asked(**CREDIT, **USER, **{change: True})
    assert high.roles == ("provider", "deployer")
    assert {"16", "25"} <= set(articles(high, "provider"))
    chatbot = asked(interacts_with_people=True, **USER, **{change: True})
    assert chatbot.roles == ("deployer",)
    assert articles(chatbot, "provider") == []
    assert chatbot.cap() == 0, "50(1) is the provider's"
    assert any("nothing said makes this one high-risk" in doubt for doubt in chatbot.doubts)


def test_who_renames_what_the_sectors_law_keeps_has_no_duties_of_a_provider():
    found = asked(annex_i="B", third_party_assessment=True, puts_own_name=True, **USER)
    assert (found.roles, found.route) == (("deployer",), None)


def test_the_developer_of_what_he_changes_takes_over_from_nobody():
    found = asked(**CREDIT, substantially_modified=True)
    assert found.roles == ("provider",)
    assert "25" not in articles(found, "provider")


OUTSIDE = {
    "exclusively_military": "2(3)",
    "third_country_authority": "2(4)",
    "research_only": "2(6)",
    "before_market": "2(8)",
}


@pytest.mark.parametrize(("said", "paragraph"), OUTSIDE.items())
def test_what_art_2_excludes_owes_nothing_and_is_marked(said, paragraph):
    found = asked(
        **CREDIT, practices=("5.1.c",), interacts_with_people=True, general_purpose=True,
        **{said: True},
    )  # fmt: skip
    assert tiers(found) == ["outside"]
    assert found.tiers[0].articles == (paragraph,)
    assert (found.obligations, found.cap(), found.route) == ((), 0, None)
    assert any("reaches as far as its words" in doubt for doubt in found.doubts)
    text = ai_act_text(found, ACT)
    assert f"Outside the Act (Art. {paragraph})" in text
    assert "No duties" in text
    assert found.tiers[0].certainty in text


def test_private_use_frees_a_deployer_and_nobody_else():
    private = asked(makes_deepfakes=True, personal_use=True, **USER)
    assert tiers(private) == ["outside"]
    maker = asked(**CREDIT, personal_use=True, uses=True)
    assert maker.roles == ("provider",)
    assert tiers(maker) == ["high"]


@pytest.mark.parametrize(
    ("answers", "tier"),
    [
        ({}, "outside"),
        (CREDIT, "high"),
        ({"practices": ("5.1.c",)}, "prohibited"),
        ({"generates_content": True}, "transparency"),
        ({"general_purpose": True}, "gpai"),
    ],
)
def test_a_free_licence_excludes_only_what_is_in_no_tier(answers, tier):
    assert asked(**answers, open_source=True).tier == tier


def test_an_open_model_owes_copyright_and_summary_unless_it_is_systemic():
    abroad = {"general_purpose": True, "established_in_union": False}
    model = asked(**abroad, open_source=True)
    assert articles(model, "provider") == ["4", "53"]
    assert "53(1)(c) and (d) alone" in duty(model, "53").note
    assert "secondary" in duty(model, "53").note
    assert articles(asked(**abroad), "provider") == ["4", "53", "54"]
    systemic = asked(**abroad, open_source=True, designated_systemic=True)
    assert articles(systemic, "provider") == ["4", "52", "53", "54", "55"]
    assert duty(systemic, "53").note == ""


def test_a_part_of_a_large_scale_system_has_until_the_end_of_2030_whatever_changes():
    part = {"annex_iii": ("III.7.d",), "annex_x": True, "interacts_with_people": True}
    old = asked(**part, on_market_since="2027-08-01", substantially_modified=True)
    assert {duty(old, one).date.day for one in ("9", "43", "50(1)")} == {"2030-12-31"}
    assert duty(old, "4").date.day == "2025-02-02"
    new = asked(**part, on_market_since="2027-08-02")
    assert (duty(new, "9").date.day, duty(new, "50(1)").date.day) == ("2027-12-02", "2026-08-02")
    assert "111(2)" in duty(new, "9").waits_for
    banned = asked(**part, practices=("5.1.h",), on_market_since="2027-08-01")
    assert duty(banned, "5.1.h").date.day == "2025-02-02", "without prejudice to Art. 5"


@pytest.mark.parametrize("who", ["public_authority", "for_public_authorities", "union_body"])
def test_old_systems_of_public_bodies_owe_by_2030_or_earlier(who):
    found = asked(**CREDIT, **OLD, **{who: True})
    assert duty(found, "9").date.day == "2030-08-02"
    text = ai_act_text(found, ACT)
    assert "from 2030-08-02, or from 2027-12-02 on after a significant change" in text
    (line,) = system_lines([found], ACT, _Nothing())
    assert "2 Aug 2030, or from 2027-12-02 on" in line.days[0]
    record = ai_act_record(found, ACT)
    (nine,) = [one for one in record["obligations"] if one["article"] == "9"]
    assert nine["or_earlier"].startswith("from 2027-12-02")
    changed = asked(**CREDIT, **OLD, **{who: True}, design_changed=True)
    assert (duty(changed, "9").date.day, duty(changed, "9").or_earlier) == ("2027-12-02", "")


class _Nothing:
    def met(self, _framework):
        return ()


def test_what_stands_in_chapters_that_were_not_moved_is_open_until_its_tiers_day():
    open_ones = ["43", "47", "48", "49", "72", "73"]
    found = asked(**CREDIT, day=TODAY)
    marked = [one.article for one in found.obligations if one.is_open(TODAY)]
    assert marked == open_ones
    assert any("Arts 43, 47, 48, 49, 72 and 73 each stand" in one for one in found.doubts)
    assert "(its chapter applies since 2026-08-02: open)" in ai_act_text(found, ACT)
    assert (duty(found, "9").was, duty(found, "43").was) == ("2026-08-02", ""), "it was not moved"
    before = asked(**CREDIT, day="2026-08-01")
    assert not any(one.is_open("2026-08-01") for one in before.obligations)
    user = asked(**CREDIT, **USER)
    assert any(one.startswith("Art. 86 stands in a chapter") for one in user.doubts)


@pytest.mark.parametrize(
    ("answers", "last"),
    [(CREDIT, "2027-12-01"), ({"annex_i": "A", "third_party_assessment": True}, "2028-08-01")],
)
def test_the_doubt_about_these_chapters_ends_on_the_tiers_day(answers, last):
    day = {"2027-12-01": "2027-12-02", "2028-08-01": "2028-08-02"}[last]
    assert any("treat as practice" in one for one in asked(**answers, day=last).doubts)
    after = asked(**answers, day=day)
    assert not any("treat as practice" in one for one in after.doubts)
    assert all(one.applies(day) for one in after.obligations)
    assert not any("72-73" in one for one in after.open_questions)
    assert any("72-73" in one for one in asked(**answers, day="2027-12-01").open_questions)


def test_nothing_is_open_of_a_system_that_art_111_leaves_alone():
    found = asked(**CREDIT, **OLD)
    assert not any(one.is_open(TODAY) for one in found.obligations)


def test_a_changed_high_risk_system_is_assessed_anew():
    for change in ("substantially_modified", "design_changed"):
        found = asked(**CREDIT, **OLD, **{change: True})
        assert (found.route.id, found.reassessment.id) == ("CR-03", "CR-06")
        assert "After the change: new assessment" in ai_act_text(found, ACT)
        assert ai_act_record(found, ACT)["reassessment"]["id"] == "CR-06"
    assert asked(**CREDIT).reassessment is None
    sector = asked(annex_i="B", third_party_assessment=True, substantially_modified=True)
    assert sector.reassessment is None
    assert asked(**CREDIT, **USER, design_changed=True).reassessment is None, "the provider's"


def test_what_is_let_off_is_documented_and_registered():
    off = asked(annex_iii=("III.4.a",), no_significant_risk=True)
    assert articles(off, "provider") == ["4", "6(4)", "49(2)"]
    assert duty(off, "49(2)").is_open(TODAY)
    assert off.cap() == 0
    user = asked(annex_iii=("III.4.a",), no_significant_risk=True, **USER)
    assert articles(user, "deployer") == ["4"]


def test_bodies_of_the_union_are_fined_by_art_100():
    union = {"union_body": True, "turnover": 1e12}
    assert asked(**CREDIT, **union).caps == {"100.3": 750_000}
    both = asked(**CREDIT, practices=("5.1.c",), **union)
    assert both.caps == {"100.2": 1_500_000, "100.3": 750_000}
    assert both.bound() == 1_500_000
    assert "recalled" in ai_act_text(both, ACT)
    user = asked(annex_iii=("III.3.a",), union_body=True, **USER)
    assert articles(user, "deployer") == ["4", "26", "27", "49", "86"]


def test_whether_a_public_body_is_fined_is_its_states_to_say():
    found = asked(**CREDIT, public_authority=True, turnover=1e9)
    assert any("99(8)" in doubt for doubt in found.doubts)
    assert not any("99(8)" in doubt for doubt in asked(**CREDIT, turnover=1e9).doubts)
    assert not any("99(8)" in one for one in asked(public_authority=True).doubts), "owes nothing"


def test_without_a_turnover_no_amount_bounds_a_fine_and_none_is_told_as_a_bound():
    unknown = asked(**CREDIT)
    with pytest.raises(WorkbenchError, match=r"a turnover is stated.*99\.4"):
        unknown.bound()
    told = classes_told([unknown])
    assert "whichever is higher; no turnover is stated" in told
    assert "a bound and no expectation" not in told
    assert asked(**CREDIT, small=True).bound() == 15e6, "the lower of the two is never above it"
    assert asked(**CREDIT, turnover=1e9).bound() == 30e6
    assert ai_act_record(unknown, ACT)["fine_ceilings_eur"]["99.4"]["can_be_higher"] is True


def test_a_turnover_of_nothing_leaves_the_amount_and_to_a_small_firm_nothing():
    assert asked(**CREDIT, turnover=0).bound() == 15e6
    small = asked(**CREDIT, turnover=0, small=True)
    assert small.bound() == 0
    assert any("a ceiling of 0" in doubt for doubt in small.doubts)


def same(value, article="99.4"):
    """A fine, and that for wrong information about what it is for (Art. 99(5))."""
    return {article: value, "99.5": value}


def test_a_fine_follows_a_duty_that_applies_and_penalties_that_do():
    assert asked(practices=("5.1.c",)).fined_from == same("2025-08-02", "99.3")
    assert asked(practices=("5.1.ba",)).fined_from == same("2026-12-02", "99.3")
    assert asked(**CREDIT).fined_from == same("2027-12-02")
    assert asked(**CREDIT, interacts_with_people=True).fined_from == same("2026-08-02")
    assert asked(general_purpose=True).fined_from == {"101": "2026-08-02"}
    assert asked(**CREDIT).fines_wait_for == same("")


def test_where_every_duty_waits_for_a_change_the_fine_waits_for_it_too():
    found = asked(**CREDIT, **OLD)
    assert found.fined_from == same("2027-12-02"), "at the earliest"
    assert "change of its design" in found.fines_wait_for["99.4"]
    told = ai_act_text(found, ACT)
    assert "Fine of Art. 99.4, from 2027-12-02 on, after a significant change of its design" in told
    fine = ai_act_record(found, ACT)["fine_ceilings_eur"]["99.4"]
    assert (fine["from"], fine["waits_for"]) == ("2027-12-02", found.fines_wait_for["99.4"])
    also = asked(**CREDIT, **OLD, interacts_with_people=True)
    assert also.fines_wait_for == same(""), "Art. 50 waits for nothing"


def test_the_page_says_outside_of_what_is_outside():
    found = asked(research_only=True)
    (line,) = system_lines([found], ACT, _Nothing())
    assert line.tiers == ("Outside the Act",)
    assert act_heading([line]) == "The system is outside the Act."


def test_answers_of_before_are_read_and_new_ones_too(tmp_path):
    path = tmp_path / "answers.yaml"
    path.write_text("system: Chat\nuses: true\npublic_authority: true\n", encoding="utf-8")
    assert read_answers(path) == Answers("Chat", uses=True, public_authority=True)
    said = [
        "annex_x",
        "small_mid_cap",
        "for_public_authorities",
        "union_body",
        "open_source",
        "personal_use",
    ]
    said += OUTSIDE
    lines = "".join(f"{name}: true\n" for name in said)
    path.write_text(f"system: Chat\nuses: true\n{lines}", encoding="utf-8")
    assert read_answers(path) == Answers("Chat", uses=True, **dict.fromkeys(said, True))
    path.write_text(
        "system: Chat\nuses: true\nbefore_market: true\non_market_since: '2026-01-01'\n",
        encoding="utf-8",
    )
    with pytest.raises(WorkbenchError, match="on the market, or before it"):
        read_answers(path)


def test_every_exclusion_has_its_certainty():
    assert {*OUTSIDE.values(), "2(10)", "2(12)", "53(2)"} == set(ACT.exclusions)
    assert all(one.certainty for one in ACT.exclusions.values())
    assert classify(Answers("s", uses=True), ACT, TODAY).tier == "minimal"


@pytest.mark.parametrize("said", [{"practices": ("5.1.c",) * 2}, {"annex_iii": ("III.2",) * 2}])
def test_a_point_that_stands_twice_is_refused_and_owed_by_nobody_twice(said):
    with pytest.raises(WorkbenchError, match="stands once"):
        asked(**said)


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ({"designated_systemic": True}, {"general_purpose": True}),
        ({"training_flop": 2e25}, {"general_purpose": True}),
        ({"annex_i": "A"}, {"third_party_assessment": True}),
        ({"third_party_assessment": True}, {"annex_i": "A"}),
    ],
)
def test_an_answer_that_decides_nothing_without_another_says_which(said, missing):
    (name,) = missing
    assert any(f"say {name}" in doubt for doubt in asked(**said).doubts)
    assert not any(f"say {name}" in doubt for doubt in asked(**said, **missing).doubts)


def test_a_small_mid_cap_pays_the_lower_ceiling_which_one_source_says():
    found = asked(**CREDIT, small_mid_cap=True, turnover=1e8)
    assert found.bound() == 3e6
    assert any("rests on one detailed source" in doubt for doubt in found.doubts)
    small = asked(**CREDIT, small=True, turnover=1e8)
    assert (small.bound(), any("one detailed source" in d for d in small.doubts)) == (3e6, False)
    model = asked(general_purpose=True, small_mid_cap=True, turnover=1e8)
    assert model.bound() == 15e6, "neither reaches Art. 101"
    assert not any("99(6a)" in doubt for doubt in model.doubts)


def test_whether_transparency_binds_an_old_high_risk_system_is_told_as_open():
    old = asked(**CREDIT, **OLD, interacts_with_people=True)
    assert any("it is told as binding" in doubt for doubt in old.doubts)
    for other in ({**CREDIT, **OLD}, {**OLD, "interacts_with_people": True}):
        assert not any("told as binding" in doubt for doubt in asked(**other).doubts)
