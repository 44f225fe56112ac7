"""Real data from records to a year: 1,151 breaches of health data in the United States.

Breaches of 500 people or more were reported from the end of 2009 on; the file runs from its first
to its last submission. Records are whole numbers, so 'from 500 on' is above 499.5 for a density.
"""

import csv
from datetime import date

import numpy as np
import pytest

from workbench.distributions import LogNormal
from workbench.fitting import (
    compare_years,
    distances,
    fit_amounts,
    fit_counts,
    hill,
    in_money,
    mean_excess,
    part_years,
)

SEEN_FROM = 499.5
MOST_PEOPLE = 320e6  # about the population then: nobody is counted twice in one breach
WHOLE = range(2010, 2015)


@pytest.fixture(scope="module")
def records(breaches):
    with breaches.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    days = [date.fromisoformat(row["Breach.Submission.Date"]) for row in rows]
    return days, np.array([float(row["Individuals.Affected"]) for row in rows])


@pytest.fixture(scope="module")
def sizes(records):
    families = ("exponential", "lognormal", "gamma", "lomax", "burr", "pareto")
    return fit_amounts(records[1], truncated_below=SEEN_FROM, families=families)


def by_year(records, years):
    days, people = records
    year = np.array([day.year for day in days])
    return [int(np.sum(year == y)) for y in years], [people[year == y].sum() for y in years]


def decimal_year(day):
    start, end = date(day.year, 1, 1), date(day.year + 1, 1, 1)
    return day.year + (day - start).days / (end - start).days


def test_2009_and_2015_are_part_years(records):
    days, people = records
    assert (min(days), max(days)) == (date(2009, 10, 21), date(2015, 2, 26))
    years, parts = part_years(decimal_year(min(days)), decimal_year(max(days)))
    assert list(years) == list(range(2009, 2016))
    assert parts[0] == pytest.approx(72 / 365)
    assert parts[-1] == pytest.approx(56 / 365)
    assert people.min() == 500


def test_the_counts_rise_and_what_is_left_may_be_chance(records):
    counts, _ = by_year(records, WHOLE)
    fit = fit_counts(counts)
    assert fit.dispersion.p_value < 1e-4  # with one rate the years look wildly dispersed
    assert fit.dispersion.ratio > 5
    low, high = fit.trend.growth_interval
    assert 0 < low < fit.trend.growth < high
    assert fit.trend.leftover_p_value > 0.05  # around the line they do not
    assert fit.trend.aic < fit.negative_binomial.aic < fit.aic
    assert "The counts rise by 10% a year" in fit.words()


def test_part_years_by_exposure_agree_on_the_trend_and_add_to_the_spread(records):
    days, _ = records
    years, parts = part_years(decimal_year(min(days)), decimal_year(max(days)))
    counts, _ = by_year(records, years)
    whole, all_of_it = fit_counts(by_year(records, WHOLE)[0]), fit_counts(counts, parts)
    low, high = whole.trend.growth_interval
    assert low < all_of_it.trend.growth < high
    # The register was young in 2009 and still filling for 2015: their rates lie below the line.
    for part in (0, -1):
        assert counts[part] / parts[part] < all_of_it.trend.rate(all_of_it.times[part])
    assert all_of_it.trend.leftover > whole.trend.leftover


def test_two_families_are_close_in_size_and_the_exponential_is_not(sizes):
    assert set(list(sizes.fits)[:2]) == {"burr", "lognormal"}
    assert sizes.fits["lognormal"].aic - sizes.best.aic < 2
    assert sizes.fits["exponential"].aic - sizes.best.aic > 1000
    assert "gamma" in sizes.refused
    for fit in (sizes.fits["burr"], sizes.fits["lognormal"]):
        assert distances(fit).kolmogorov_smirnov < 1.36 / np.sqrt(1151)


def test_the_tails_are_compared_where_it_matters(sizes):
    for name in ("burr", "lognormal", "lomax"):
        points = sizes.fits[name].qq()
        top = points.y > 100_000
        assert top.sum() >= 20
        inside = (points.low <= points.y) & (points.y <= points.high)
        assert inside[top].mean() > 0.6
    pareto = sizes.fits["pareto"].tail_table((0.99,))[0]
    assert pareto["fitted"] > 3 * pareto["observed"]  # a straight Pareto from 500 is too heavy


def test_the_tail_is_so_heavy_that_the_average_needs_a_cap(sizes, records):
    people = records[1]
    index = hill(people, most=115)
    assert index.y[-1] == pytest.approx(0.73, abs=0.03)
    rising = mean_excess(people, truncated_below=500)
    assert rising.y[np.searchsorted(rising.x, 50_000)] > 2 * rising.y[0]
    burr = sizes.fits["burr"]
    assert burr.belief.mean() == np.inf  # alpha x shape < 1
    capped = burr.seen_belief(MOST_PEOPLE)
    assert 20_000 < capped.mean() < 200_000
    assert people.mean() == pytest.approx(35_779, abs=1)


def test_simulated_years_cover_those_observed(sizes, records):
    counts, totals = by_year(records, WHOLE)
    fit = fit_counts(counts)
    rates = [fit.trend_belief(time) for time in fit.times]
    for name in ("burr", "lognormal"):
        amount = sizes.fits[name].seen_belief(MOST_PEOPLE)
        rng = np.random.default_rng(2015)
        checks = compare_years(
            counts, totals, fit.exposures, rates, amount, rng=rng, size=1000, labels=WHOLE
        )
        held = np.array([check.is_covered for check in checks])
        assert held[:, 0].all()
        assert held[:, 1].sum() >= 4
        assert [check.label for check in checks] == [str(year) for year in WHOLE]


def test_money_comes_from_a_stated_cost_only(sizes):
    amount = sizes.fits["lognormal"].seen_belief(MOST_PEOPLE)
    cost = LogNormal.from_interval(1, 100)
    made = in_money(amount, cost, citation="invented for this test, USD a record")
    assert made.belief.mean() == pytest.approx(amount.mean() * cost.mean(), rel=1e-6)
    assert "invented for this test" in made.words()
