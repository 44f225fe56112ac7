"""A study's figures, enclosed."""

import pytest

import workbench
from workbench.distributions import Gamma, LogNormal, Pert, Point
from workbench.errors import WorkbenchError
from workbench.models import Scenario, Study, Terms, simulate
from workbench.models.bracket import Bracket, guaranteed
from workbench.models.tree import NO_TERMS

pytestmark = pytest.mark.pure


def study(terms: Terms = NO_TERMS) -> Study:
    first = Scenario(
        "S-01", "Leak", Point(0.4), Pert(0, 0.1, 0.7), asset_value=Point(1e6), terms=terms
    )
    other = Scenario("S-02", "Fraud", Gamma(2, 1), Pert(0, 0.2, 0.3), Point(2e5))
    return Study("Two", scenarios=[first, other])


def test_a_study_is_enclosed() -> None:
    known, found = simulate(study()).portfolio, workbench.guaranteed(study(), 1 << 13)
    for level in (0.9, 0.95, 0.99):
        assert found.var(level).low <= known.var(level) <= found.var(level).high
        assert found.tvar(level).low <= known.tvar(level) <= found.tvar(level).high
    chance = found.exceedance(3e5)
    assert chance.low <= float(known.exceedance(3e5)) <= chance.high


def test_terms_of_the_year_and_odd_sizes_are_refused() -> None:
    with pytest.raises(WorkbenchError, match="terms of the year"):
        workbench.guaranteed(study(Terms(annual_limit=1e5)))
    for cells in (0, 1, 128, 1000, 1 << 21):
        with pytest.raises(WorkbenchError, match="power of two from 256 to 1048576"):
            workbench.guaranteed(study(), cells)


def test_more_cells_narrow_what_encloses_the_year() -> None:
    widths = []
    for cells in (256, 1024, 4096):
        found = workbench.guaranteed(study(), cells).tvar(0.95)
        widths.append(found.high - found.low)
    assert 3 * widths[2] < widths[1] < widths[0] / 3  # as their size


def test_rates_that_nobody_counts_are_refused() -> None:
    often = Scenario.fair("S-01", "s", loss_event_frequency=Point(1e12), loss_magnitude=Gamma(2, 1))
    with pytest.raises(WorkbenchError, match="events a year"):
        workbench.guaranteed(Study("One", scenarios=[often]))


def test_levels_and_losses_that_are_none_are_no_proofs() -> None:
    one = Scenario.fair("S", "s", loss_event_frequency=Point(2.0), loss_magnitude=LogNormal(9, 1))
    found = guaranteed(Study(scenarios=(one,)), 1 << 10)
    assert found.exceedance(-3.0) == Bracket(1.0, 1.0)
    for call in (found.var, found.tvar):
        for level in (-0.1, 1.0, 1.5, 99):
            with pytest.raises(WorkbenchError, match="a level lies in"):
                call(level)
