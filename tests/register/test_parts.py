"""One scenario, asset or tolerance of a study changed by itself: as if the study were saved."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from workbench.distributions import Pert, Point
from workbench.engines.dependence import Shock
from workbench.errors import WorkbenchError
from workbench.files.parts import (
    asset_of,
    part_text,
    part_tree,
    scenario_of,
    tolerance_of,
    tolerance_rows,
    tree_of,
)
from workbench.models.dependence import Dependence
from workbench.models.scenario import Scenario
from workbench.models.study import Asset, Study, TolerancePoint
from workbench.register import Conflict, Register

NEW = Scenario("S-new", "New", frequency=Pert(1, 2, 3), loss_magnitude=Point(1000.0))


@pytest.fixture
def kept(mara: Register, example: Study) -> Register:
    """Return a register that has the example as `lender`."""
    mara.save_study("lender", example)
    return mara


def changed(study: Study, number: int) -> Scenario:
    one = study.scenarios[number]
    return one.replace(likelihood=1 + (one.likelihood or 0) % 5)


def test_a_part_saved_is_the_study_saved_with_it(kept: Register, example: Study) -> None:
    one = changed(example, 3)
    asset = replace(example.assets[0], value=Point(7e6))
    points = (*example.tolerance[:-1], TolerancePoint(2e7, 0.005))
    for part in (one, asset, points):
        assert kept.save_part("lender", part) is not None
        assert kept.save_part("lender", part) is None, "it is kept already"
    wanted = replace(
        example.replace_scenario(one), assets=(asset, *example.assets[1:]), tolerance=points
    )
    assert kept.load_study("lender").study == wanted
    assert kept.load_part("scenario", "lender", one.id) == one
    assert kept.load_part("asset", "lender", asset.id) == asset
    assert kept.load_part("appetite", "lender") == points
    assert kept.verify().is_good


def test_a_new_part_stands_last_in_the_study(kept: Register, example: Study) -> None:
    entry = kept.save_part("lender", Asset("new", "A new one", Point(1.0)))
    kept.save_part(
        "lender", replace(NEW, loss_magnitude=None, asset="new", exposure_factor=Point(0.5))
    )
    study = kept.load_study("lender").study
    assert (entry.act, entry.rows) == ("create", 2)
    assert [one.id for one in study.assets] == [*(a.id for a in example.assets), "new"]
    assert study.scenarios[-1].asset == "new"
    kept.undo()
    assert len(kept.load_study("lender").study.scenarios) == len(example.scenarios)


def test_no_tolerance_is_one_that_is_gone(kept: Register) -> None:
    kept.save_part("lender", ())
    assert kept.load_study("lender").study.tolerance == ()
    kept.undo()
    assert kept.load_study("lender").study.tolerance


def test_two_writers_of_two_scenarios_are_in_nobodys_way(
    kept: Register, tom: Register, example: Study
) -> None:
    ours, others = changed(example, 0), changed(example, 1)
    kept.save_part("lender", ours, base=1)
    tom.save_part("lender", others, base=1)
    study = kept.load_study("lender").study
    assert study.scenarios[:2] == (ours, others)
    with pytest.raises(Conflict, match="mara saved version 2") as told:
        tom.save_part("lender", ours.replace(likelihood=None), base=1)
    assert told.value.clashes[0].current.version == 2
    assert tom.load_part("scenario", "lender", ours.id) == ours


@pytest.mark.parametrize(
    ("part", "rule"),
    [
        (replace(NEW, likelihood=9), "likelihood: is out of range"),
        (
            replace(NEW, loss_magnitude=None, asset="none", exposure_factor=Point(0.5)),
            "is not listed in study.assets",
        ),
        (replace(NEW, id="s-01"), "differs from 'S-01' only by its writing"),
        ((TolerancePoint(1.0, 0.1), TolerancePoint(2.0, 0.2)), "rises with the loss"),
    ],
)
def test_what_a_study_refuses_is_refused_of_a_part(kept: Register, part, rule: str) -> None:
    before = kept.log()
    with pytest.raises(WorkbenchError, match=rule):
        kept.save_part("lender", part)
    assert kept.log() == before


def test_what_a_dependence_refuses_is_refused_of_a_part(kept: Register, example: Study) -> None:
    one = replace(NEW, id="tied")
    tied = Dependence(shocks=(Shock("outage", 0.5, (("tied", 1.0),)),))
    kept.save_study(
        "lender", replace(example, scenarios=(*example.scenarios, one), dependence=tied)
    )
    often = one.replace(frequency=Pert(2, 3, 4))
    assert kept.save_part("lender", often) is not None
    assert kept.load_study("lender").study.scenario("tied") == often
    with pytest.raises(WorkbenchError, match="dependence"):
        kept.save_part("lender", one.replace(frequency=Point(0.1)))
    assert kept.load_study("lender").study.scenario("tied") == often


def test_a_study_that_is_not_there_takes_no_part(kept: Register) -> None:
    with pytest.raises(WorkbenchError, match="Known are lender"):
        kept.save_part("borrower", NEW)
    kept.delete("study", "lender")
    with pytest.raises(WorkbenchError, match="Undo its deletion"):
        kept.save_part("lender", NEW)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_part_is_saved_without_the_others_being_read(
    kept: Register, example: Study, place: str
) -> None:
    with closing(sqlite3.connect(place)) as file:
        spoilt = "UPDATE versions SET body = '{' WHERE kind = 'scenario' AND id <> 'lender/S-01'"
        file.execute(spoilt)
        file.commit()
    assert kept.save_part("lender", changed(example, 0)) is not None
    assert kept.save_part("lender", NEW) is not None
    with pytest.raises(WorkbenchError, match="S-02 version 1 is not what"):
        kept.load_study("lender")


@pytest.mark.parametrize("kind", ["scenario", "asset", "tolerance"])
def test_every_part_of_the_example_is_read_back_equal_from_its_text(
    example: Study, kind: str
) -> None:
    head = {"assets": [part_tree(one) for one in example.assets]}
    parts = {
        "scenario": example.scenarios,
        "asset": example.assets,
        "tolerance": (example.tolerance,),
    }[kind]
    for part in parts:
        tree = tree_of(part_text(part))
        back = {
            "scenario": lambda tree: scenario_of(tree, head),
            "asset": asset_of,
            "tolerance": lambda tree: tolerance_of(tolerance_rows(tree)),
        }[kind](tree)
        assert back == part
