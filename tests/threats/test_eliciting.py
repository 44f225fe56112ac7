"""Drafts of several systems as one study, and placeholders that a person has answered."""

from dataclasses import replace

import pytest

from workbench.errors import WorkbenchError
from workbench.files.catalogues.threats import shipped_threats
from workbench.files.catalogues.ties import shipped_systems
from workbench.models.portfolio import simulate
from workbench.reports import threat_words as told
from workbench.threats import drafts_of, threats_to
from workbench.threats.drafting import TO_BE_ELICITED, to_be_elicited
from workbench.threats.eliciting import elicited, joined

BOTH = ("threat_event_frequency", "vulnerability")
WHO = {"owner": "Head of fraud", "reason": "Counted.", "would_change": "Another count."}


@pytest.fixture(scope="module")
def drafts():
    return [drafts_of(threats_to(one, shipped_threats())) for one in shipped_systems()]


@pytest.fixture(scope="module")
def study(drafts):
    return joined(drafts, name="Drafts", currency="EUR")


def test_systems_keep_their_drafts_apart_by_id(drafts, study):
    assert len(study.scenarios) == sum(len(one.drafts) for one in drafts)
    assert {one.id.partition(".")[0] for one in study.scenarios} == {
        one.system.id for one in drafts
    }
    with pytest.raises(WorkbenchError):
        joined([drafts[0], drafts[0]], name="Twice")


def test_every_range_of_every_draft_waits_until_somebody_has_answered(study):
    waiting = to_be_elicited(study.scenarios)
    assert len(waiting) == sum(len(one.assumptions) for one in study.scenarios)
    first = study.scenarios[0]
    answered = study.replace_scenario(elicited(first, BOTH, **WHO))
    left = to_be_elicited(answered.scenarios)
    assert set(waiting) - set(left) == {(first.id, field) for field in BOTH}
    assert len(left) == len(waiting) - 2


def test_what_was_answered_names_who_why_and_what_would_change_it(study):
    found = {one.field: one for one in elicited(study.scenarios[0], BOTH, **WHO).assumptions}
    for field in BOTH:
        one = found[field]
        assert (one.owner, one.reason, one.would_change) == tuple(WHO.values())
    others = [one for field, one in found.items() if field not in BOTH]
    assert others
    assert {one.owner for one in others} == {TO_BE_ELICITED}


@pytest.mark.parametrize("owner", ["", "  ", TO_BE_ELICITED])
def test_nobody_answers_for_nobody(study, owner):
    with pytest.raises(WorkbenchError, match="a name or a role"):
        elicited(study.scenarios[0], BOTH, **WHO | {"owner": owner})


def test_a_range_whose_reason_is_still_the_placeholders_is_a_placeholder_whoever_owns_it(study):
    first = study.scenarios[0]
    named = tuple(replace(one, owner="Head of fraud") for one in first.assumptions)
    owned = replace(first, assumptions=named)
    assert to_be_elicited([owned]) == to_be_elicited([first])
    once = elicited(owned, ("vulnerability",), **WHO)
    assert (first.id, "vulnerability") not in to_be_elicited([once])
    with pytest.raises(WorkbenchError, match="a reason of its own"):
        elicited(first, BOTH, **WHO | {"reason": named[0].reason})


def test_a_range_is_answered_once_and_only_where_there_is_one(study):
    once = elicited(study.scenarios[0], ("vulnerability",), **WHO)
    for field in ("vulnerability", "contact_frequency"):
        with pytest.raises(WorkbenchError, match=f"before it is elicited; got '{field}'"):
            elicited(once, (field,), **WHO)


def test_a_study_of_drafts_is_never_told_without_saying_what_it_rests_on(drafts):
    small = joined([drafts[0]], name="One system", currency="EUR")
    year = simulate(small)
    ranges, size = len(to_be_elicited(small.scenarios)), len(small.scenarios)
    start = f"{ranges} of {ranges} ranges, in {size} of {size} scenarios"
    assert told.waiting_told(year).startswith(start)
    assert "says nothing about a firm" in told.waiting_told(year)
    one = small.scenarios[0]
    fields = [a.field for a in one.assumptions]
    answered = simulate(small.replace_scenario(elicited(one, fields, **WHO)), engine="exact")
    assert (
        f"{ranges - len(fields)} of {ranges} ranges, in {size - 1} of {size}"
        in told.waiting_told(answered)
    )


def test_each_merge_is_told_with_the_threats_that_are_one(drafts):
    text = told.drafts_told(drafts)
    for one in (d for many in drafts for d in many.drafts if len(d.threats) > 1):
        assert f"{one.scenario.id}: {', '.join(one.threats)} do the same" in text


def test_what_is_ruled_out_is_counted_whole_and_a_few_are_named():
    for system in shipped_systems():
        report = threats_to(system, shipped_threats())
        text = told.ruled_out_told(report, most=1)
        counts = [int(line.split()[0]) for line in text.splitlines() if " because " in line]
        assert sum(counts) == len(report.ruled_out)
        assert counts == sorted(counts, reverse=True)
