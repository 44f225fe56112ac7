"""Scrambled Sobol points: unbiased, with an error that is borne out and far below plain words'."""

import math

import numpy as np
import pytest
from scipy import special

from workbench.distributions import Array, LogNormal, Triangular, Uniform
from workbench.engines import sobol
from workbench.errors import WorkbenchError
from workbench.losses import ReplicatedLosses, SampledLosses

pytestmark = pytest.mark.pure

SIGMAS = (0.3, 0.6, 0.9)
WHOLE = math.sqrt(sum(s * s for s in SIGMAS))  # of the product, a lognormal of median 1
T99 = 2.744  # of Student's t with 31 degrees of freedom: passed in absolute value 1 time in 100
SEEDS = 30


def lognormals(words: sobol.Words) -> Array:
    return np.prod([LogNormal(0, s).ppf(words("x", f"{i}")) for i, s in enumerate(SIGMAS)], axis=0)


def bounded(words: sobol.Words) -> Array:
    beliefs = Triangular(1, 3, 9), Uniform(0.1, 0.7), Triangular(1, 4, 20)
    return np.prod([b.ppf(words("x", f"{i}")) for i, b in enumerate(beliefs)], axis=0)


def sobol_losses(quantity: sobol.Quantity, seed: int) -> ReplicatedLosses:
    return ReplicatedLosses(sobol.replicates(quantity, seed, "test"))


def plain_losses(quantity: sobol.Quantity, size: int) -> SampledLosses:
    rng = np.random.default_rng(5)
    return SampledLosses(quantity(lambda *_: rng.random(size)))


@pytest.fixture(scope="module")
def seeded() -> list[ReplicatedLosses]:
    return [sobol_losses(lognormals, seed) for seed in range(SEEDS)]


def test_a_product_of_lognormals_has_its_closed_figures_within_its_errors(
    seeded: list[ReplicatedLosses],
) -> None:
    quantile = {q: math.exp(WHOLE * float(special.ndtri(q))) for q in (0.05, 0.5, 0.95, 0.99)}
    mean, top = math.exp(WHOLE**2 / 2), quantile[0.95]
    excess = mean * special.ndtr(WHOLE - special.ndtri(0.95)) - 0.05 * top  # Black and Scholes
    cases = [
        (mean, lambda one: (one.mean(), one.error("mean"))),
        (0.5, lambda one: (float(one.exceedance(1.0)), one.exceedance_error(1.0))),
        (top + excess / 0.05, lambda one: (one.tvar(0.95), one.tvar_error(0.95))),
    ]
    for level, value in quantile.items():
        cases.append((value, lambda one, q=level: (one.var(q), one.var_error(q))))
    for known, measured in cases:
        found = np.array([measured(one) for one in seeded])
        apart = (found[:, 0] - known) / found[:, 1]
        assert np.count_nonzero(np.abs(apart) <= T99) >= 0.9 * SEEDS
        assert 0.6 < np.sqrt(np.mean(apart**2)) < 1.5
        # unbiased: the mean over the seeds is as near as their errors together say
        assert abs(apart.mean()) <= 4 / math.sqrt(SEEDS)


@pytest.mark.parametrize(
    ("quantity", "figure", "times"),
    [
        (bounded, "mean", 40),
        (bounded, "sd", 5),
        (bounded, "tvar95", 5),
        (bounded, "p95", 1.5),
        (lognormals, "mean", 4),
        (lognormals, "p95", 1.5),
    ],
)
def test_the_error_is_far_below_that_of_as_many_plain_words(
    quantity: sobol.Quantity, figure: str, times: float
) -> None:
    ours = [sobol_losses(quantity, seed) for seed in range(3)]
    plain = plain_losses(quantity, ours[0].years)
    typical = math.sqrt(np.mean([one.error(figure) ** 2 for one in ours]))
    assert typical < plain.error(figure) / times


def test_four_times_the_points_cut_the_error_of_an_average_more_than_in_half(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def typical(points: int) -> float:
        monkeypatch.setattr(sobol, "POINTS", points)
        errors = [sobol_losses(bounded, seed).error("mean") for seed in range(4)]
        return math.sqrt(np.mean(np.square(errors)))

    assert typical(1 << 11) < typical(1 << 9) / 3


def test_the_same_address_gives_the_same_bytes_and_another_gives_others() -> None:
    first = sobol.replicates(bounded, 7, "a")
    assert first.tobytes() == sobol.replicates(bounded, 7, "a").tobytes()
    assert first.tobytes() != sobol.replicates(bounded, 8, "a").tobytes()
    assert first.tobytes() != sobol.replicates(bounded, 7, "b").tobytes()
    assert len({row.tobytes() for row in first}) == sobol.REPLICATES


def test_no_global_generator_matters() -> None:
    found = []
    for seed in (3, 4):
        np.random.seed(seed)  # noqa: NPY002 - it is the global one that must not matter
        found.append(sobol.scrambled(1, "a", 0, 4, 256).tobytes())
        found.append(np.random.random())  # noqa: NPY002
    assert found[0] == found[2]
    np.random.seed(3)  # noqa: NPY002
    assert np.random.random() == found[1], "and it is left where it was"  # noqa: NPY002


@pytest.mark.parametrize("coordinates", [1, 2, 7])
def test_each_coordinate_has_one_point_in_every_equal_part(coordinates: int) -> None:
    size = 1 << 9
    points = sobol.scrambled(3, "a", 1, coordinates, size)
    assert points.shape == (coordinates, size)
    for row in points:
        assert np.array_equal(np.sort((row * size).astype(int)), np.arange(size))
        assert row.min() > 0
        assert row.max() < 1


def test_what_weighs_most_has_the_most_even_coordinate_whatever_its_name() -> None:
    def weighed(words: sobol.Words) -> Array:
        return words("z", "rate") - 100 * words("m", "rate") + words("a", "rate")

    named: list[float] = []

    def seen(words: sobol.Words) -> Array:
        named.append(float(words("m", "rate")[0]))
        return weighed(words)

    sobol.replicates(seen, 5, "t", count=2)
    assert named[1] == sobol.scrambled(5, "t", 0, 3, sobol.POINTS)[0, 0]


def test_owners_that_ask_for_the_same_word_get_the_same_and_others_another() -> None:
    def same(words: sobol.Words) -> Array:
        return words("asset", "worth") - words("asset", "worth")

    def others(words: sobol.Words) -> Array:
        return np.abs(words("a", "worth") - words("b", "worth"))

    assert (sobol.replicates(same, 1, "t") == 0).all()
    assert sobol.replicates(others, 1, "t").mean() == pytest.approx(1 / 3, rel=1e-3)


def test_what_is_known_is_one_number_without_an_error() -> None:
    losses = sobol_losses(lambda _: np.array(5.0), 1)
    assert (losses.mean(), losses.var(0.5)) == (5.0, 5.0)
    assert (losses.error("mean"), losses.var_error(0.5), losses.tvar_error(0.9)) == (0, 0, 0)


def test_points_are_fewer_where_coordinates_are_many_and_always_a_power_of_two() -> None:
    sizes = [sobol.points_for(d) for d in (1, 10, 1000, 2000, 5000, sobol.MOST_COORDINATES)]
    assert sizes[0] == sizes[3] == sobol.POINTS
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] >= sobol.FEWEST
    for size, d in zip(sizes, (1, 10, 1000, 2000, 5000, sobol.MOST_COORDINATES), strict=True):
        assert size & (size - 1) == 0
        assert size * d <= sobol.CELLS


def test_too_many_coordinates_are_refused_with_their_number() -> None:
    def everything(words: sobol.Words) -> Array:
        return sum(words(f"{i}", "rate") for i in range(sobol.MOST_COORDINATES + 1))

    with pytest.raises(WorkbenchError, match=r"1 to 21,201 coordinates; got 21202"):
        sobol.replicates(everything, 1, "t", count=2)
    with pytest.raises(WorkbenchError, match="1 to 21,201 coordinates; got 0"):
        sobol.scrambled(1, "t", 0, 0, 8)
    with pytest.raises(WorkbenchError, match="two scramblings or more; got 1"):
        sobol.replicates(bounded, 1, "t", count=1)


def test_points_are_the_middles_of_their_cells() -> None:
    """Of 2^-52 each: an odd multiple of 2^-53, and never 0 or 1."""
    found = sobol.scrambled(1, "test", 0, 3, 64) * 2.0**53
    assert (found % 2 == 1).all()
