"""A sample of replicates: figures of all points, errors from the spread between replicates."""

import math

import numpy as np
import pytest

from workbench.errors import WorkbenchError
from workbench.losses import FIGURES, ReplicatedLosses, SampledLosses

pytestmark = pytest.mark.pure

ROWS = np.random.default_rng(1).lognormal(0, 1, (16, 2048))


def test_figures_are_those_of_all_points() -> None:
    losses, whole = ReplicatedLosses(ROWS), SampledLosses(ROWS.ravel())
    assert [losses.figure(n) for n in FIGURES] == [whole.figure(n) for n in FIGURES]
    assert losses.degrees_of_freedom == 15


@pytest.mark.parametrize("figure", [n for n in FIGURES if n != "prob_no_loss"])
def test_of_independent_points_the_error_is_that_of_a_sample(figure: str) -> None:
    """A sample sd of 16 lies within 0.45 to 1.6 of its own for all but 1 in 1,000."""
    ratio = ReplicatedLosses(ROWS).error(figure) / SampledLosses(ROWS.ravel()).error(figure)
    assert 0.4 < ratio < 1.8


def test_of_equal_replicates_nothing_is_left_open() -> None:
    losses = ReplicatedLosses(np.tile(ROWS[:1], (4, 1)))
    assert [losses.error(n) for n in FIGURES if n != "prob_no_loss"] == [0] * (len(FIGURES) - 1)
    assert losses.exceedance_error(0.0) == 1 / losses.years, "no point was at or below 0"


def test_the_error_of_a_mean_by_hand() -> None:
    losses = ReplicatedLosses([[1.0, 3.0], [2.0, 4.0], [6.0, 8.0]])
    means = np.array([2.0, 3.0, 7.0])
    assert losses.mean() == 4
    assert losses.error("mean") == pytest.approx(math.sqrt(((means - 4) ** 2).sum() / (3 * 2)))


def test_a_layer_keeps_its_replicates() -> None:
    losses = ReplicatedLosses(ROWS, "EUR", ids=["a"])
    layer = losses.layer(1.0, 2.0)
    assert layer.annual.tolist() == np.clip(ROWS - 1, 0, 2).ravel().tolist()
    means = np.clip(ROWS - 1, 0, 2).mean(axis=1)
    assert layer.error("mean") == pytest.approx(means.std(ddof=1) / 4)
    assert (layer.currency, layer.ids) == ("EUR", {"a"})


def test_without_a_variance_there_is_no_error_of_a_moment() -> None:
    losses = ReplicatedLosses(ROWS, moments=1)
    assert losses.moment_errors() == (math.inf, math.inf)
    assert losses.tvar_error(0.99) == pytest.approx(ReplicatedLosses(ROWS).tvar_error(0.99))
    without_mean = ReplicatedLosses(ROWS, moments=0)
    assert without_mean.tvar_error(0.99) == math.inf
    assert 0 < without_mean.var_error(0.99) < math.inf


@pytest.mark.parametrize("rows", [ROWS[0], ROWS[:1]])
def test_one_replicate_is_refused(rows: np.ndarray) -> None:
    with pytest.raises(WorkbenchError, match="two rows of points or more"):
        ReplicatedLosses(rows)
