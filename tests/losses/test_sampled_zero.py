"""A simulation that has not seen an event says what that leaves open."""

import numpy as np
import pytest

from workbench.losses import SampledLosses

pytestmark = pytest.mark.pure


@pytest.mark.parametrize("loss", [0.0, 5.0, 100.0])
def test_a_chance_of_none_or_all_of_the_years_is_never_certain(loss: float) -> None:
    years = SampledLosses(np.full(400, 10.0))
    assert years.exceedance(loss) in (0, 1)
    assert years.exceedance_error(loss) == pytest.approx(1 / 400)
