"""Art. 25(2) and (4) along the value chain, and the fine for wrong information (Art. 99(5))."""

import pytest

from workbench.errors import WorkbenchError
from workbench.files.catalogues.ai_act import shipped_act
from workbench.frameworks.ai_act import Answers
from workbench.frameworks.ai_act_tiers import classify
from workbench.reports.ai_act_record import ai_act_text

ACT = shipped_act()
CREDIT = {"annex_iii": ("III.5.b",)}


def asked(**answers):
    return classify(Answers("system", **answers), ACT, "2028-01-01")


def chain(found):
    return {(one.role, one.article) for one in found.obligations if one.article.startswith("25(")}


@pytest.mark.parametrize(
    ("answers", "owed"),
    [
        ({"develops": True, "taken_over": True}, {("former provider", "25(2)")}),
        ({"develops": True, "taken_over": True, "not_for_high_risk": True}, set()),
        ({"uses": True, "taken_over": True}, set()),
        ({"develops": True, "third_party_parts": True, **CREDIT}, {("provider", "25(4)")}),
        ({"develops": True, "third_party_parts": True}, set()),
        ({"supplies_parts": True, **CREDIT}, {("supplier", "25(4)")}),
        ({"supplies_parts": True, "open_source": True, **CREDIT}, set()),
        (
            {"supplies_parts": True, "open_source": True, "general_purpose": True, **CREDIT},
            {("supplier", "25(4)")},
        ),
        ({"uses": True, "third_party_parts": True, **CREDIT}, set()),
    ],
)
def test_who_owes_what_along_the_chain(answers, owed):
    found = asked(**answers)
    assert chain(found) == owed
    told = ai_act_text(found, ACT)
    assert told.count("what it asks is recalled") == len(owed)
    assert bool(owed) <= ("99.4" in found.caps)


def test_a_part_of_nothing_high_risk_and_a_provider_who_is_none_are_told():
    assert any("25(4)" in one for one in asked(develops=True, third_party_parts=True).doubts)
    assert any("say develops" in one for one in asked(uses=True, taken_over=True).doubts)
    assert any(
        "no provider any more" in one for one in asked(develops=True, taken_over=True).doubts
    )


def test_who_only_supplies_parts_is_somebody():
    assert asked(supplies_parts=True, **CREDIT).roles == ("supplier",)
    with pytest.raises(WorkbenchError, match="or supplies its parts"):
        Answers("system")


@pytest.mark.parametrize(
    ("turnover", "small", "most"),
    [(None, False, 7.5e6), (1e9, False, 10e6), (1e8, False, 7.5e6), (1e8, True, 1e6)],
)
def test_wrong_information_has_a_ceiling_of_its_own_that_is_never_the_highest(
    turnover, small, most
):
    found = asked(develops=True, turnover=turnover, small=small, **CREDIT)
    assert found.caps["99.5"] == most
    assert found.cap() == found.caps["99.4"] > most
    assert "misleading information to notified bodies or authorities" in ai_act_text(found, ACT)


def test_who_owes_nothing_that_art_99_fines_has_no_such_ceiling():
    assert asked(develops=True).caps == {}
    assert set(asked(develops=True, general_purpose=True).caps) == {"101"}
    assert set(asked(develops=True, union_body=True, **CREDIT).caps) == {"100.3"}
