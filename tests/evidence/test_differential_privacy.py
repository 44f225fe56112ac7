"""Differential privacy: closed forms, the definition over every set, and what an attack refutes."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from workbench.errors import WorkbenchError
from workbench.evidence import (
    Guarantee,
    composed,
    epsilon_from_attack,
    gaussian_delta,
    gaussian_sd,
    laplace_epsilon,
    least_delta,
    least_epsilon,
)

pytestmark = pytest.mark.pure
CHANCES = st.lists(st.integers(0, 20), min_size=4, max_size=4).filter(any)
COIN = np.array([0.75, 0.25])  # tell the truth, or else toss a coin for the answer


def shares(whole):
    return np.array(whole) / sum(whole)


def sets_of(k):
    return [list(s) for size in range(k + 1) for s in itertools.combinations(range(k), size)]


@given(CHANCES, CHANCES, st.floats(0, 3))
def test_the_least_delta_is_that_of_the_worst_set_of_outputs(one, other, epsilon):
    p, q = shares(one), shares(other)
    growth = math.exp(epsilon)
    worst = max(a[s].sum() - growth * b[s].sum() for s in sets_of(4) for a, b in ((p, q), (q, p)))
    assert least_delta(p, q, epsilon) == pytest.approx(worst, abs=1e-12)


@given(CHANCES, CHANCES, st.floats(0, 0.9))
def test_the_least_epsilon_is_kept_and_nothing_less_is(one, other, delta):
    p, q = shares(one), shares(other)
    least = least_epsilon(p, q, delta)
    if math.isfinite(least):
        assert Guarantee(least, delta + 1e-11).holds(p, q)
    if least > 1e-6:
        below = least * 0.999 if math.isfinite(least) else 50.0
        assert not Guarantee(below, delta).holds(p, q)


def test_randomised_response_keeps_ln_3():
    assert least_epsilon(COIN, COIN[::-1]) == pytest.approx(math.log(3), rel=1e-12)
    assert Guarantee(math.log(3)).advantage == pytest.approx(0.5)  # 0.75 - 0.25: it is reached


@given(st.floats(0, 4), st.floats(0, 0.5))
def test_no_mechanism_of_a_guarantee_gives_an_attack_more_than_its_advantage(epsilon, delta):
    """The mechanism that tells all with chance delta, and else answers as a coin would."""
    truth, lie = ((1 - delta) / (1 + math.exp(sign * epsilon)) for sign in (-1, 1))
    p = np.array([delta, truth, lie, 0.0])
    q = p[::-1]
    guarantee = Guarantee(epsilon, delta)
    assert guarantee.holds(p, q)
    gained = max(p[s].sum() - q[s].sum() for s in sets_of(4))
    assert gained == pytest.approx(guarantee.advantage, abs=1e-12)


def test_gaussian_noise_has_the_published_curve_and_that_of_its_densities():
    published = {-2: 0.86749642, -1: 0.67881797, 0: 0.38292492, 1: 0.12693674, 2: 0.020923636}
    for epsilon, delta in published.items():
        assert gaussian_delta(1, 1, epsilon) == pytest.approx(delta, abs=1e-8)
    one, other = stats.norm(1, 2), stats.norm(0, 2)
    gap, _ = integrate.quad(lambda x: max(one.pdf(x) - math.exp(0.3) * other.pdf(x), 0), -20, 40)
    assert gaussian_delta(1, 2, 0.3) == pytest.approx(gap, rel=1e-6)


def test_the_least_noise_keeps_its_guarantee_and_is_less_than_the_older_formula_asks():
    told = Guarantee(0.5, 1e-5)
    sd = gaussian_sd(1, told)
    assert gaussian_delta(1, sd, 0.5) == pytest.approx(1e-5, rel=1e-9)
    assert gaussian_sd(7, told) == pytest.approx(7 * sd)
    older = math.sqrt(2 * math.log(1.25 / 1e-5)) / 0.5
    assert older == pytest.approx(9.6896105, abs=1e-6)  # Dwork and Roth 2014, theorem A.1
    assert sd < older


def test_laplace_noise_has_its_ratio_of_densities():
    assert laplace_epsilon(1, 2) == 0.5
    at = np.linspace(-9, 9, 400)
    ratio = stats.laplace(1, 2).logpdf(at) - stats.laplace(0, 2).logpdf(at)
    assert np.abs(ratio).max() == pytest.approx(0.5)


def test_two_releases_keep_the_sum_and_randomised_response_reaches_it():
    twice = np.outer(COIN, COIN).ravel()
    whole = composed([Guarantee(math.log(3))] * 2)
    assert least_epsilon(twice, twice[::-1]) == pytest.approx(whole.epsilon)
    assert composed([Guarantee(1, 0.6), Guarantee(2, 0.6)]) == Guarantee(3, 1.0)
    assert composed([]) == Guarantee(0)


def test_an_epsilon_without_end_bounds_nothing_but_what_delta_forbids():
    assert Guarantee(math.inf).holds([0.9, 0.1], [0.1, 0.9])
    assert not Guarantee(math.inf, 0.4).holds([0.5, 0.5, 0.0], [0.0, 0.5, 0.5])
    assert Guarantee(math.inf, 0.5).holds([0.5, 0.5, 0.0], [0.0, 0.5, 0.5])
    assert least_epsilon([0.5, 0.5, 0.0], [0.0, 0.5, 0.5], 0.4) == math.inf
    assert gaussian_delta(1, 1, 800) == 0


def test_what_is_believed_after_an_answer_is_bounded_by_bayes():
    assert Guarantee(math.log(3)).posterior(0.1) == pytest.approx(0.075 / (0.075 + 0.225))
    assert [Guarantee(800).posterior(x) for x in (0, 1e-9, 1)] == [0, 1, 1]
    assert Guarantee(math.inf).posterior(0.5) == 1
    with pytest.raises(WorkbenchError, match="pure privacy"):
        Guarantee(1, 1e-5).posterior(0.1)


def test_an_attack_refutes_what_is_claimed_too_small_and_hardly_ever_what_is_true():
    rng, refuted = np.random.default_rng(2), 0
    for _ in range(400):
        found = epsilon_from_attack(rng.binomial(500, 0.75), 500, rng.binomial(500, 0.25), 500)
        assert found > 0.5
        refuted += found > math.log(3)
    assert refuted / 400 < 0.05
    assert epsilon_from_attack(50, 100, 50, 100) == 0
    assert epsilon_from_attack(0, 100, 0, 100) == 0
    assert epsilon_from_attack(100, 100, 100, 100) == 0
    low, high = 0.025 ** (1 / 100), 1 - 0.025 ** (1 / 100)  # all, and none: closed forms
    assert epsilon_from_attack(100, 100, 0, 100) == pytest.approx(math.log(low / high))
    with_delta = epsilon_from_attack(100, 100, 0, 100, delta=0.01)
    assert with_delta == pytest.approx(math.log((low - 0.01) / high))


@pytest.mark.parametrize("epsilon", [0.0, 1e-12, 1e-9, 1e-6, 1e-3, 0.1, 1.0, 50.0, 5000.0])
@pytest.mark.parametrize("delta", [1e-300, 1e-50, 1e-20, 1e-9, 1e-5, 0.5, 0.999])
def test_gaussian_noise_keeps_its_guarantee_to_the_ends_of_the_floats(epsilon, delta):
    """By the mean of what the privacy loss exceeds epsilon by: nothing in it cancels."""
    mu = 1 / gaussian_sd(1.0, Guarantee(epsilon, delta))
    at = epsilon / mu - mu / 2
    peak = max(-at, 0.0)
    log_scale = -((at + peak) ** 2) / 2
    t = np.linspace(0, peak + 12 / max(at / 4, 1.0), 200_001)
    whole = integrate.simpson(-np.expm1(-mu * t) * np.exp(-((at + t) ** 2) / 2 - log_scale), x=t)
    found = log_scale + math.log(whole) - math.log(2 * math.pi) / 2
    assert found == pytest.approx(math.log(delta), abs=1e-6)


@pytest.mark.parametrize(
    ("faulty", "rule"),
    [
        (lambda: Guarantee(-1), "epsilon"),
        (lambda: Guarantee(math.nan), "epsilon"),
        (lambda: Guarantee(1, 2), "delta"),
        (lambda: least_delta([0.5, 0.4], [0.5, 0.5], 1), "sum to 1"),
        (lambda: least_delta([1.0], [0.5, 0.5], 1), "same outputs"),
        (lambda: laplace_epsilon(0, 1), "sensitivity"),
        (lambda: gaussian_delta(1, -1, 1), "noise"),
        (lambda: gaussian_sd(1, Guarantee(1)), "delta of 0"),
        (lambda: gaussian_sd(1, Guarantee(1, 1e-305)), "1e-300 or more"),
        (lambda: gaussian_sd(1, Guarantee(math.inf, 1e-5)), "finite"),
        (lambda: Guarantee(1).posterior(2), "prior"),
        (lambda: epsilon_from_attack(5, 4, 0, 4), "attack"),
    ],
)
def test_what_is_no_guarantee_is_refused(faulty, rule):
    with pytest.raises(WorkbenchError, match=rule):
        faulty()
