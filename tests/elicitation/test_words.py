"""Echoes, and explanations that are computed."""

import math

import numpy as np
import pytest

from workbench.distributions import Gamma, LogNormal, Pareto, Pert, Point, Uniform
from workbench.elicitation import echo, explain_change

pytestmark = pytest.mark.pure


def ninety(low, high):
    return LogNormal.from_interval(low, high)


def test_an_echo_says_range_middle_average_tail_and_end():
    said = echo(ninety(1_000, 100_000), "EUR")
    for part in (
        "nine times in ten it is between €1.0k and €100k",
        "half of the time it is €10k or less",
        "the average is €27k, which 24% of cases exceed",
        "once in 20 it exceeds €100k",
        "it has no highest value",
    ):
        assert part in said
    assert "it never exceeds 10 events a year" in echo(Pert(1, 5, 10), "events a year")
    assert echo(Point(3), "hours") == "You say: it is exactly 3 hours."


def test_an_echo_never_prints_an_average_that_does_not_exist():
    said = echo(Pareto(0.9, 10.0), "USD")
    assert "there is no average" in said
    assert "inf" not in said
    assert "nan" not in said


def test_the_published_ales_and_their_non_monotone_low_end(published):
    for name in ("riskquant-issue11-1000", "riskquant-issue11-99999"):
        case = published[name]
        given = case["inputs"]
        ale = given["freq"] * ninety(given["low"], given["high"]).mean()
        assert ale == pytest.approx(case["expected"]["ALE"], rel=case["tolerance"]["rel"])
    means = [ninety(low, 1e5).mean() for low in (10, 1_000, 99_999)]
    assert means[1] < means[0]
    assert means[1] < means[2]


def test_a_raised_low_end_that_lowers_the_average_is_explained():
    before, after = ninety(10, 100_000), ninety(1_000, 100_000)
    found = explain_change(before, after, "USD")
    assert found.text.startswith(
        "You raised the low end from $10 to $1.0k, and the average fell from $50k to $27k, because "
        "a narrower range has a smaller spread (sigma fell from 2.8 to 1.4): "
        "the upper tail is drawn in"
    )
    parts = dict(found.parts)
    assert parts["median"] == pytest.approx(10)
    assert parts["spread"] == pytest.approx(math.exp((after.sigma**2 - before.sigma**2) / 2))
    assert parts["median"] * parts["spread"] == pytest.approx(after.mean() / before.mean())


def test_a_lowered_low_end_that_raises_the_average_is_explained():
    found = explain_change(ninety(1_000, 100_000), ninety(10, 100_000))
    assert "a wider range has a larger spread" in found.reason
    assert "the upper tail reaches further" in found.reason


def test_where_the_average_follows_the_ends_no_reason_is_made_up():
    for before, after in (
        (ninety(1_000, 100_000), ninety(99_999, 100_000)),
        (ninety(1_000, 100_000), ninety(1_000, 200_000)),
        (Pert(1, 5, 10), Pert(2, 5, 10)),
        (Gamma(2, 3), Gamma(2, 4)),
    ):
        found = explain_change(before, after)
        assert found.reason is None
        assert "because" not in found.text
        assert found.mean_after > found.mean_before


def test_the_shift_of_a_pert_is_told_by_its_parts():
    found = explain_change(Pert(1, 5, 10), Pert(2, 3, 10))
    assert dict(found.parts) == pytest.approx(
        {"low end": 1 / 6, "most likely value": -8 / 6, "high end": 0}
    )
    assert "the most likely value is lower and it weighs 4 in 6" in found.reason
    assert sum(dict(found.parts).values()) == pytest.approx(found.mean_after - found.mean_before)


def test_other_families_are_told_by_what_each_band_brings():
    before, after = Gamma(0.5, 10), Uniform(0.1, 8)
    found = explain_change(before, after)
    assert sum(dict(found.parts).values()) == pytest.approx(after.mean() - before.mean())
    u = (np.arange(400_000) + 0.5) / 400_000
    top = after.ppf(u[u > 0.95]).sum() / u.size - before.ppf(u[u > 0.95]).sum() / u.size
    assert dict(found.parts)["highest 5%"] == pytest.approx(top, rel=1e-3)


def test_an_opposed_edit_of_another_family_names_its_band():
    # both quantiles rise, and the average falls: only the very top was heavier before
    before, after = Pareto(1.05, 1.0), Uniform(1.1, 20)
    assert before.ppf(0.95) < after.ppf(0.95)
    assert before.mean() > after.mean()
    found = explain_change(before, after)
    assert "because the highest 5% of cases now bring" in found.text
    assert "less to it" in found.reason


def test_nothing_moved_and_no_average_are_said():
    same = ninety(1, 10)
    assert explain_change(same, same).text == "Nothing moved; the average stays at 4.04."
    found = explain_change(Pareto(0.9, 1.0), Pareto(0.8, 1.0))
    assert "there is no average to compare" in found.text
    assert found.parts == ()
    assert "inf" not in found.text
