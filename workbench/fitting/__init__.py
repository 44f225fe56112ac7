"""Data to beliefs: amounts and counts fitted, compared, and held against what was observed."""

from workbench.fitting.counts import (
    FrequencyFit,
    fit_counts,
    part_years,
    predictive,
    rate_interval,
    rate_posterior,
)
from workbench.fitting.diagnostics import (
    Bootstrap,
    Distances,
    bootstrap,
    distances,
    hill,
    mean_excess,
)
from workbench.fitting.fits import Comparison, Fit, fit_amounts
from workbench.fitting.grouped import Grouped, loss_at_return_period
from workbench.fitting.survival import Points, product_limit
from workbench.fitting.trend import Trend
from workbench.fitting.years import Costed, YearCheck, compare_years, in_money, simulate_years

__all__ = [
    "Bootstrap",
    "Comparison",
    "Costed",
    "Distances",
    "Fit",
    "FrequencyFit",
    "Grouped",
    "Points",
    "Trend",
    "YearCheck",
    "bootstrap",
    "compare_years",
    "distances",
    "fit_amounts",
    "fit_counts",
    "hill",
    "in_money",
    "loss_at_return_period",
    "mean_excess",
    "part_years",
    "predictive",
    "product_limit",
    "rate_interval",
    "rate_posterior",
    "simulate_years",
]
