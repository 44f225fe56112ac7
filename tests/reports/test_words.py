"""Sentences for executives say what the figures are, and nothing more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench import LogNormal, Pert, Point, Scenario, Study, TolerancePoint, simulate
from workbench.losses import LossDistribution
from workbench.models.tolerance import Breach
from workbench.reports import words

UNSURE = (
    "We exceed our appetite between $1.0M and $2.0M a year, "
    "and may exceed it from $5.0M a year upward."
)
TOO_CLOSE = (
    "We are too close to our appetite between $1.0M and $2.0M a year to say whether we exceed it."
)


def year(rate: float, magnitude: float = 1e6) -> LossDistribution:
    """Return a year of sure events of `magnitude` at a sure rate."""
    one = Scenario.fair("A", "A", loss_event_frequency=Point(rate), loss_magnitude=Point(magnitude))
    return simulate(Study(scenarios=(one,)), engine="exact").portfolio


def test_an_average_year_is_told_with_its_amount() -> None:
    assert words.average_year(year(2.0)) == "An average year costs $2.00M."


def test_a_bad_year_is_told_as_one_in_twenty() -> None:
    # P(N > 5) = 0.0166 and P(N > 4) = 0.0527 for a Poisson count of mean 2
    assert words.one_year_in(year(2.0), 20) == "1 year in 20 costs $5.00M or more."


def test_an_amount_that_many_years_cost_is_told_as_at_least_one_in_twenty() -> None:
    # P(N > 0) = 0.095 and P(N > 1) = 0.005: nearly 1 year in 10 costs just one event
    assert words.one_year_in(year(0.1), 20) == "At least 1 year in 20 costs $1.00M or more."
    assert not year(2.0).comes_oftener(20)


def test_where_the_bad_year_costs_nothing_the_quiet_years_are_counted() -> None:
    rare = year(0.04)  # P(N > 0) = 0.0392
    assert words.one_year_in(rare, 20) == "In at least 19 of 20 years nothing is lost."
    assert words.such_a_year(rare, 20).startswith("The worst 1 year in 20 costs $8")
    assert words.quiet_years(rare) == "96% of years bring no loss at all."


@pytest.mark.parametrize(
    ("chance", "said"),
    [("8%", "an"), ("80%", "an"), ("11%", "an"), ("18%", "an"), ("8.5%", "an"), ("11.2%", "an")],
)
def test_numbers_spoken_with_a_vowel_take_an(chance: str, said: str) -> None:
    assert words.with_article(chance) == f"{said} {chance}"


@pytest.mark.parametrize("chance", ["9.7%", "1.8%", "1.1%", "10%", "50%", "<0.1%", ">99%"])
def test_other_numbers_take_a(chance: str) -> None:
    assert words.with_article(chance) == f"a {chance}"


def test_a_chance_is_told_against_what_is_accepted() -> None:
    said = words.against_appetite(year(0.5), TolerancePoint(500_000, 0.07))
    assert said == "a 39% chance of losing more than $500k this year, where we accept 7%"


@pytest.mark.parametrize(
    ("breaches", "said"),
    [
        ([], "We stay within our appetite at every loss that we stated."),
        ([Breach(1.8e6, 1.1e7)], "We exceed our appetite between $1.8M and $11M a year."),
        ([Breach(2e6, None)], "We exceed our appetite from $2.0M a year upward."),
        (
            [Breach(1e6, 2e6), Breach(5e6, None)],
            "We exceed our appetite between $1.0M and $2.0M a year and from $5.0M a year upward.",
        ),
        (
            [Breach(1e6, 2e6), Breach(5e6, None, is_sure=False)],
            UNSURE,
        ),
        (
            [Breach(1e6, 2e6, is_sure=False)],
            TOO_CLOSE,
        ),
    ],
)
def test_crossings_are_told_in_words(breaches: list[Breach], said: str) -> None:
    assert words.crossing(breaches, "USD") == said


@given(st.floats(0, 1e9))
def test_a_bound_is_never_told_smaller_than_it_is(error: float) -> None:
    said = words.error_words(1e9, error, "USD", exact=True)
    told = float(said.removeprefix("error under $").replace(",", ""))
    assert told >= error * (1 - 1e-9)
    assert told <= max(1.0, 2 * error)


@given(st.floats(0, 0.5))
def test_the_error_of_a_chance_is_never_told_smaller_than_it_is(error: float) -> None:
    exact = words.chance_error_words(error, exact=True)
    drawn = words.chance_error_words(error, exact=False)
    assert float(exact.removeprefix("error under ").rstrip("%")) >= 100 * error * (1 - 1e-9)
    assert float(drawn.removeprefix("± ").rstrip("%")) >= 100 * error * (1 - 1e-9)


def test_simulated_and_computed_errors_are_told_apart() -> None:
    assert words.error_words(2.38e6, 1e4, "USD", exact=False) == "± $0.01M"
    assert words.error_words(2.38e6, 13.2, "USD", exact=True) == "error under $20"


def test_how_sure_we_are_is_a_range_and_no_error() -> None:
    said = words.how_sure(2.7e6, 3.3e6, 4.0e6, "EUR")
    assert (
        said
        == "We are 90% sure that an average year costs €2.7M to €4.0M, if our ranges are right."
    )
    assert "±" not in said


def test_sure_beliefs_leave_one_average() -> None:
    assert words.how_sure(2e6, 2e6, 2e6, "USD") == "Our ranges leave the average year at $2.0M."


@pytest.mark.parametrize(
    ("value", "said"),
    [(3.1e5, "+$310k"), (-3.1e5, "\u2212$310k"), (0.0, "no change"), (0.2, "no change")],
)
def test_changes_carry_their_sign(value: float, said: str) -> None:
    assert words.change_words(value, "USD") == said


@pytest.mark.parametrize(
    ("p", "accepted", "said"),
    [
        (0.10003, 0.1, "10.003%"),
        (0.104, 0.1, "10.4%"),
        (0.0007, 0.0001, "0.07%"),
        (0.00005, 0.0001, "0.005%"),
        (0.999, 0.995, "99.9%"),
        (0.0004, 0.01, "<0.1%"),
        (0.3, 0.07, "30%"),
        (0.1, 0.1, "10%"),
    ],
)
def test_a_chance_is_written_on_its_side_of_the_accepted_one(p, accepted, said) -> None:
    assert words.chance_beside(p, accepted) == said


def test_where_many_years_cost_as_much_the_worst_are_told_as_the_worst() -> None:
    # of the 9.5 years in 100 with an event most cost just 1M; the TVaR is that of the worst 5
    assert words.such_a_year(year(0.1), 20).startswith("The worst 1 year in 20 costs $1.1M")


def test_both_ends_of_a_short_stretch_are_told() -> None:
    said = words.crossing([Breach(1.001e6, 1.004e6)], "USD")
    assert said == "We exceed our appetite between $1.001M and $1.004M a year."


def test_only_those_who_leave_nothing_are_the_whole() -> None:
    assert words.largest_share(2, 1.0) == "Two scenarios are the whole of an average year."
    assert words.largest_share(2, 0.9997) == "Two scenarios make >99% of an average year."


def test_an_error_that_does_not_exist_hides_no_change() -> None:
    assert words.change_words(-1.6e5, "USD", float("inf")).endswith("$160k")


def test_a_change_within_two_errors_is_not_told() -> None:
    assert words.change_words(1.9e5, "USD", 1e5) == "too small a change to tell"
    assert words.change_words(2.1e5, "USD", 1e5) == "+$210k"


@pytest.mark.parametrize(
    ("chances", "accepted", "said"),
    [
        ([0.104, 0.2], 0.1, (["10.4%", "20.0%"], "10.0%")),
        ([0.097], 0.07, (["9.7%"], "7.0%")),
        ([0.1, 0.2], 0.1, (["10%", "20%"], "10%")),
        ([0.10001], 0.1, (["10.001%"], "10.000%")),
    ],
)
def test_chances_are_written_apart_from_the_accepted_one(chances, accepted, said) -> None:
    assert words.told_apart(chances, accepted) == said


@pytest.mark.parametrize(
    ("text", "said"), [("$5.0M", "$5M"), ("7.0%", "7%"), ("$5.2M", "$5.2M"), ("50%", "50%")]
)
def test_stated_numbers_keep_the_figures_that_were_written(text: str, said: str) -> None:
    assert words.stated(text) == said


def test_a_year_is_told_in_three_lines_with_the_error_of_the_bad_one() -> None:
    one = Scenario.fair(
        "A",
        "A",
        loss_event_frequency=Pert(0.5, 1, 3),
        loss_magnitude=LogNormal.from_interval(2e4, 2e6),
    )
    lines = words.told(simulate(Study(scenarios=(one,))).portfolio).splitlines()
    assert len(lines) == 3
    assert "error under $" in lines[1]
    assert not {"VaR", "ALE", "maximum", "guaranteed"} & set(" ".join(lines).split())


@pytest.mark.parametrize(
    ("p", "accepted", "text"),
    [
        (0.104, 0.1, "10.4%"),
        (0.1004, 0.1, "10.04%"),
        (0.11, 0.08, "11%"),
        (0.05004, 0.05, "5.004%"),
    ],
)
def test_a_chance_is_told_from_the_accepted_one(p: float, accepted: float, text: str) -> None:
    assert words.chance_beside(p, accepted) == text
