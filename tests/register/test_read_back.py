"""What a program makes has passed no gate: a register keeps only what it can read back."""

from dataclasses import replace
from typing import Any

import pytest

from workbench.distributions import Point
from workbench.errors import WorkbenchError
from workbench.files.catalogues.ties import shipped_systems
from workbench.models.scenario import Scenario
from workbench.models.study import Study
from workbench.register import Register, parts

pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ({"id": "a/b"}, "looks like a path"),
        ({"name": "n" * 3000}, "too long"),
        ({"name": " "}, "is blank"),
        ({"loss_magnitude": Point(1e16)}, "out of range"),
    ],
)
def test_a_study_that_no_file_could_hold_is_not_kept(
    mara: Register, broken: dict[str, Any], told: str
) -> None:
    fields = {"id": "S-1", "name": "A", "loss_event_frequency": Point(0.1)}
    fields |= {"loss_magnitude": Point(1e3)} | broken
    study = Study(scenarios=(Scenario.fair(fields.pop("id"), fields.pop("name"), **fields),))
    with pytest.raises(WorkbenchError, match=told):
        mara.save_study("small", study)
    assert mara.items()[1] == 0


def test_nor_is_one_that_was_read_and_edited(mara: Register, example: Study) -> None:
    plain = replace(example, dependence=None, anchors=None)
    mara.save_study("lender", plain)
    edited = plain.replace_scenario(plain.scenarios[0].replace(name=" "))
    with pytest.raises(WorkbenchError, match="is blank"):
        mara.save_study("lender", edited, base=mara.load_study("lender"))
    assert mara.load_study("lender").study == plain


def test_a_value_that_would_not_be_read_back_is_not_kept(mara: Register) -> None:
    with pytest.raises(WorkbenchError, match="looks like a path"):
        mara.save("one", replace(shipped_systems()[0], id="a/b"))
    assert mara.items()[1] == 0


def test_a_full_study_takes_no_more_scenarios(
    mara: Register, example: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    mara.save_study("lender", example)
    monkeypatch.setitem(parts.MOST, "scenario", len(example.scenarios))
    one = example.scenarios[0]
    assert mara.save_part("lender", replace(one, name="As it was, almost")) is not None
    with pytest.raises(WorkbenchError, match="at most 14 scenarios; got 15"):
        mara.save_part("lender", replace(one, id="S-99"))
    assert len(mara.load_study("lender").study.scenarios) == 14
