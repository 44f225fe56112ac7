"""Figures of a study's year that are enclosed, not estimated."""

from workbench.engines.bracket import CELLS, Bracket, Enclosed, enclose
from workbench.errors import is_whole, require
from workbench.models.exact_year import refuse_high_rates
from workbench.models.planning import plans_of
from workbench.models.study import Study

__all__ = ["Bracket", "Enclosed", "guaranteed"]
FEWEST, MOST = 1 << 8, 1 << 20


def guaranteed(study: Study, cells: int = CELLS) -> Enclosed:
    """Return the year of a study between two years that enclose it always.

    Ask it for `var(level)`, `tvar(level)` or `exceedance(loss)`: each is a `Bracket` with a `low`
    and a `high`, in currency or as a chance. An `error_bound` is an estimate with a safety factor;
    this one is proved, and wider. It narrows with the number of cells, a power of two.

    Raises
    ------
    WorkbenchError
        for terms of the year, terms on a sum or an uncertain asset, beliefs whose chances are not
        in closed form, and a number of cells out of range.

    """
    require(
        is_whole(cells, FEWEST, MOST) and cells & (cells - 1) == 0,
        f"the number of cells is a power of two from {FEWEST} to {MOST}",
        got=cells,
        fix=f"Use {CELLS}.",
    )
    refuse_high_rates(study)
    return enclose(plans_of(study), int(cells))
