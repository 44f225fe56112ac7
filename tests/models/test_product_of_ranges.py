"""What other tools print is no year: its mean alone is right (test_views.py holds that)."""

import numpy as np
import pytest

from workbench.distributions import Pert, Point
from workbench.models import Scenario, Study, simulate
from workbench.models.views import product_of_ranges

pytestmark = pytest.mark.pure
STUDY = Study(
    scenarios=(
        Scenario.classical(
            "a",
            "A",
            aro=Pert(0.05, 0.2, 0.6),
            exposure_factor=Pert(0.01, 0.08, 0.6),
            asset_value=Point(1e6),
        ),
    )
)


def test_the_product_has_no_quiet_years_and_too_mild_bad_ones() -> None:
    product, year = product_of_ranges(STUDY, "a"), simulate(STUDY).portfolio
    assert product.prob_no_loss() == 0
    # E[N] lies near 0.24, so that most years bring nothing and the loss years weigh more
    assert year.prob_no_loss() > 0.7
    assert product.var(0.99) < 0.6 * year.var(0.99)


def test_the_draws_are_the_studys_own() -> None:
    first, second = product_of_ranges(STUDY, "a", 500), product_of_ranges(STUDY, "a", 500)
    assert np.array_equal(first.annual, second.annual)
