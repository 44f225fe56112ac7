"""A year whose 1-in-100 loss is read off a grid of its own is the year of the whole table."""

import numpy as np
import pytest

from workbench.distributions import Distribution, Gamma, LogNormal, Pareto, Pert, Point
from workbench.engines import exact, near
from workbench.engines.plan import CompoundPlan
from workbench.losses import TabulatedLosses
from workbench.losses.partial import PartialLosses

pytestmark = pytest.mark.pure

YEARS = {
    "rare": (Point(0.02), LogNormal(10, 2.5)),
    "light": (Point(3.0), LogNormal(10, 0.3)),  # its year is looked for on a second grid
    "usual": (Pert(1, 3, 9), LogNormal(10, 1.5)),
    "bounded": (Point(0.5), Pert(1e4, 5e4, 4e5)),
    "often": (Point(300.0), Gamma(0.7, 1e4)),
    "heavy": (Point(20.0), Pareto(alpha=1.6, low=1e4)),
}
each = pytest.mark.parametrize("name", YEARS)


def year(name: str) -> TabulatedLosses:
    rate, severity = YEARS[name]
    return exact.compound(CompoundPlan("S-1", rate, severity))


def figures(losses: TabulatedLosses) -> list[float]:
    levels = (0.99, 0.5, 0.985, 0.9, 0.999, 0.992)
    return [f(level) for level in levels for f in (losses.var, losses.tvar, losses.var_error)]


@each
def test_no_figure_hangs_on_what_was_asked_before(name: str) -> None:
    first, other = year(name), year(name)
    assert isinstance(first, PartialLosses)
    other.nodes()
    assert other.coarse is not None
    other.coarse.nodes()
    assert figures(first) == figures(other)
    levels = np.array([0.9, 0.985, 0.99, 0.992, 0.999])
    assert first.quantiles(levels).tolist() == [first.var(float(level)) for level in levels]


@each
def test_the_whole_table_says_what_one_that_is_computed_at_once_says(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = year(name)
    monkeypatch.setattr("workbench.engines.ladder.near_of", lambda *_: None)
    whole = year(name)
    assert not isinstance(whole, PartialLosses)
    assert found.var(near.LEVEL) == pytest.approx(whole.var(near.LEVEL), rel=1e-9)
    assert found.tvar(near.LEVEL) == pytest.approx(whole.tvar(near.LEVEL), rel=1e-9)
    for own, known in zip(found.nodes(), whole.nodes(), strict=True):
        np.testing.assert_allclose(own, known, rtol=1e-9, atol=1e-9 * known.max())


def severities() -> list[Distribution]:
    return [LogNormal(mu, sigma) for mu in (-3.0, 12.0) for sigma in (0.05, 0.5, 2.5)]


@pytest.mark.parametrize("rate", [0.011, 0.3, 40.0])
def test_the_1_in_100_year_lies_where_it_was_read(rate: float) -> None:
    for severity in severities():
        found = exact.compound(CompoundPlan("S-1", Point(rate), severity))
        value = found.var(near.LEVEL)
        assert float(found.exceedance(value)) == pytest.approx(1 - near.LEVEL, rel=1e-7)
        renamed = found.renamed("EUR", ["S-2"])
        assert (renamed.var(near.LEVEL), renamed.currency) == (value, "EUR")
