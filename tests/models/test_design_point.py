"""The nearest zero of a function in a box: closed forms, and a second method (SLSQP)."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from workbench.models.design_point import crossing, design_point, nearest_on_plane

WIDE = np.full(3, 9.0)
SLOPES = st.lists(st.floats(0.01, 5), min_size=1, max_size=6)


def second_method(g, low, high, start) -> float:
    found = minimize(
        lambda z: z @ z,
        start,
        jac=lambda z: 2 * z,
        bounds=list(zip(low, high, strict=True)),
        constraints={"type": "eq", "fun": g},
        options={"ftol": 1e-12, "maxiter": 500},
    )
    return float(np.linalg.norm(found.x))


@given(SLOPES, st.floats(-10, 10), st.data())
def test_the_nearest_point_of_a_plane_meets_the_optimality_conditions(slopes, level, data) -> None:
    a = np.array(slopes)
    signs = data.draw(st.lists(st.sampled_from([-1.0, 1.0]), min_size=a.size, max_size=a.size))
    a = a * np.array(signs)
    low = -np.array(data.draw(st.lists(st.floats(0, 2), min_size=a.size, max_size=a.size)))
    high = np.array(data.draw(st.lists(st.floats(0, 2), min_size=a.size, max_size=a.size)))
    z = nearest_on_plane(a, level, low, high)
    assert ((z >= low) & (z <= high)).all()
    farthest = float(np.where(a * level > 0, high, low) @ a)
    if abs(level) >= abs(farthest):
        assert z @ a == pytest.approx(farthest, abs=1e-9)
        return
    assert z @ a == pytest.approx(level, abs=1e-9)
    # one multiplier for all that are free; at a bound the multiplier would carry on beyond it
    free = (z > low + 1e-9) & (z < high - 1e-9)
    if free.any() and abs(level) > 1e-6:
        multiplier = float(np.median(z[free] / a[free]))
        assert z[free] == pytest.approx(multiplier * a[free], rel=1e-6, abs=1e-9)
        assert np.clip(multiplier * a, low, high) == pytest.approx(z, rel=1e-6, abs=1e-7)


def test_a_plane_is_met_in_closed_form() -> None:
    a = np.array([3.0, 0.0, 4.0])
    found = design_point(lambda z: float(a @ z) - 2.0, -WIDE, WIDE, np.zeros(3))
    assert found is not None
    assert found.converged
    assert found.distance == pytest.approx(2 / 5)
    assert found.z == pytest.approx(a * 2 / 25)


@pytest.mark.parametrize("start", [0.0, 0.3, -2.0])
def test_a_plane_takes_a_single_step_from_anywhere(start: float) -> None:
    a = np.array([3.0, -1.0, 4.0])
    found = design_point(lambda z: float(a @ z) - 2.0, -WIDE, WIDE, np.full(3, start))
    assert found is not None
    assert found.converged
    assert found.iterations <= 2  # the step, and seeing that it was the last
    assert found.gradient == pytest.approx(a)


def test_a_hyperbola_of_the_books() -> None:
    # g = z1 z2 - 4 with both above 0: the nearest point is (2, 2)
    box = np.zeros(2), np.full(2, 9.0)
    found = design_point(lambda z: float(z[0] * z[1]) - 4, *box, np.array([1.0, 3.0]))
    assert found is not None
    assert found.converged
    assert found.distance == pytest.approx(math.sqrt(8), rel=1e-4)
    assert found.z == pytest.approx([2, 2], rel=1e-2)


@pytest.mark.parametrize("seed", range(6))
def test_bent_surfaces_in_a_box_agree_with_a_second_method(seed) -> None:
    rng = np.random.default_rng(seed)
    weights, level = rng.uniform(0.2, 2, 4), rng.uniform(1.2, 1.8)
    high = np.array([9.0, 9.0, 9.0, 0.05])

    def g(z):
        return math.log(float(weights @ np.exp(z)) / float(weights.sum()) / level)

    found = design_point(g, -high, high, np.zeros(4))
    assert found is not None
    assert found.converged
    assert abs(g(found.z)) < 1e-9
    assert (found.z <= high + 1e-12).all()
    assert found.distance == pytest.approx(second_method(g, -high, high, found.z), rel=1e-4)


def test_a_function_that_does_not_move_has_no_design_point() -> None:
    assert design_point(lambda _: -1.0, -WIDE, WIDE, np.zeros(3)) is None


def test_a_zero_that_is_out_of_reach_is_not_reported_as_one() -> None:
    found = design_point(lambda z: float(z.sum()) - 99, -WIDE, WIDE, np.zeros(3))
    assert found is not None
    assert not found.converged


@pytest.mark.parametrize(("zero", "reach"), [(0.03, 5.0), (3.7, 5.0), (-0.5, -5.0), (5.0, 5.0)])
def test_a_crossing_is_found_on_either_side(zero, reach) -> None:
    side = math.copysign(1.0, reach)
    for f in (lambda t: side * (t - zero), lambda t: side * (math.exp(t) - math.exp(zero))):
        assert crossing(f, f(0.0), reach) == pytest.approx(zero, rel=1e-8)


@pytest.mark.parametrize("zero", [0.7, 3.7, 90.0])
def test_a_line_is_crossed_after_few_looks(zero: float) -> None:
    for reach in (100.0, -100.0):
        asked: list[float] = []

        def f(t: float, way: float = math.copysign(1.0, reach), asked: list = asked) -> float:
            asked.append(t)
            return way * t - zero

        assert crossing(f, -zero, reach) == pytest.approx(math.copysign(zero, reach))
        assert len(asked) <= 7  # two that show where it goes, what is beyond, and the zero


def test_out_of_reach_there_is_no_crossing() -> None:
    assert crossing(lambda t: t - 6, -6.0, 5.0) is None
    assert crossing(lambda _: -1.0, -1.0, 5.0) is None


def test_a_jump_is_passed_on_its_far_side() -> None:
    for place in (0.05, 0.77, 4.9):
        found = crossing(lambda t, at=place: 1.0 if t >= at else -1.0, -1.0, 5.0)
        assert found is not None
        assert place <= found < place + 1e-6


def test_mixing_steps_saves_iterations_where_the_surface_bends(monkeypatch) -> None:
    weights = np.array([0.2, 0.5, 1.1])

    def g(z):
        return math.log(float(weights @ np.exp(z)) / 4)

    mixed = design_point(g, -WIDE, WIDE, np.zeros(3))
    monkeypatch.setattr("workbench.models.design_point.DEPTH", 0)
    plain = design_point(g, -WIDE, WIDE, np.zeros(3))
    assert mixed is not None
    assert plain is not None
    assert mixed.converged
    assert mixed.iterations < plain.iterations
