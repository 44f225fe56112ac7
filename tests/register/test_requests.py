"""What a page sends again, because no answer came, is done once and told as done."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from workbench.audit.entries import Entry
from workbench.distributions import Point
from workbench.errors import WorkbenchError
from workbench.models.scenario import Scenario
from workbench.models.study import Asset, Study, TolerancePoint
from workbench.register import Register

Acts = dict[str, Callable[[str], Entry | None]]


@pytest.fixture
def acts(mara: Register, example: Study) -> Acts:
    """Return acts that make, change and take out parts of a study, each under a request's name."""
    plain = replace(example, dependence=None)
    new = plain.scenarios[0].replace(id="S-99")
    fewer = replace(plain, scenarios=plain.scenarios[1:], tolerance=())

    def based(request: str) -> Entry | None:
        return mara.save_study("lender", replace(fewer, name="New"), base=base, request=request)

    mara.save_study("lender", plain)
    base = mara.load_study("lender")
    return {
        "fewer from what was read": based,
        "a new scenario": lambda request: mara.save_part("lender", new, request=request),
        "a new asset": lambda request: mara.save_part(
            "lender", Asset("A-99", "New", plain.assets[0].value), request=request
        ),
        "a tolerance": lambda request: mara.save_part(
            "lender", (TolerancePoint(1e6, 0.1),), request=request
        ),
        "no tolerance": lambda request: mara.save_part("lender", (), request=request),
        "fewer scenarios": lambda request: mara.save_study("lender", fewer, request=request),
    }


def test_what_is_sent_again_is_done_once(mara: Register, acts: Acts) -> None:
    for name, act in acts.items():
        first = act(name)
        assert first is not None
        assert act(name) == first, name
        assert mara.log()[-1] == first


def test_what_is_sent_under_the_name_of_another_is_refused(mara: Register, acts: Acts) -> None:
    first = acts["a new scenario"]("page-1")
    for name in acts.keys() - {"a new scenario", "fewer from what was read"}:
        with pytest.raises(WorkbenchError, match="a request has a name of its own"):
            acts[name]("page-1")
    assert mara.log()[-1] == first
    mara.save_study("lender", replace(mara.load_study("lender").study, name="New"), request="head")
    with pytest.raises(WorkbenchError, match="a request has a name of its own"):
        acts["a new asset"]("head")


def test_what_was_kept_is_told_as_kept_whatever_others_have_changed_since(
    mara: Register, tom: Register, example: Study
) -> None:
    """Tom takes out the asset that Mara's scenario names, and then the study."""
    kept = mara.save_study("lender", replace(example, dependence=None, scenarios=()))
    assert kept is not None
    asset = example.assets[0].id
    on_it = Scenario.classical(
        "S-99", "On it", asset=asset, aro=Point(1), exposure_factor=Point(0.5)
    )
    first = mara.save_part("lender", on_it, request="page-1")
    mara.delete("scenario", "lender/S-99")
    tom.delete("asset", f"lender/{asset}")
    with pytest.raises(WorkbenchError, match=asset):
        mara.save_part("lender", on_it)
    assert mara.save_part("lender", on_it, request="page-1") == first
    tom.delete("study", "lender")
    assert mara.save_part("lender", on_it, request="page-1") == first
    with pytest.raises(WorkbenchError, match="a request has a name of its own"):
        mara.save_part("lender", on_it.replace(name="Other"), request="page-1")
