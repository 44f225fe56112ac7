"""Figures: values in, plotly's own plain data out (`{"data": [...], "layout": {...}}`).

No data work happens here and no plotly is imported. Colours are references to the tokens of the
page, such as "var(--current)"; whoever draws the figure puts the colour of the theme in use in
their place. `layout.meta` says what changes on a narrow screen: below `narrow_below` pixels the
patch `narrow` is merged into the layout, and `views` are layouts that a visitor may choose.
"""

from workbench.plots.belief import average_belief, density
from workbench.plots.exceedance import Band, loss_exceedance, loss_range, moving_curve
from workbench.plots.matrix import heat, rank_scatter
from workbench.plots.ranges import RangeRow, top_scenarios
from workbench.plots.text import Figure, escaped
from workbench.plots.waterfall import WaterfallBar, waterfall

__all__ = [
    "Band",
    "Figure",
    "RangeRow",
    "WaterfallBar",
    "average_belief",
    "density",
    "escaped",
    "heat",
    "loss_exceedance",
    "loss_range",
    "moving_curve",
    "rank_scatter",
    "top_scenarios",
    "waterfall",
]
