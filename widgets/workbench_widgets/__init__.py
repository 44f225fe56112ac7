"""Controls and charts for notebooks and pages: a class of traits and one JavaScript file each.

Values go in, traits come out. No widget computes risk, reads a file or keeps a state of its own.

>>> from workbench_widgets import Chart, RangeControl, Slider, box
>>> box("card", "<h2>Losses</h2>", box("split", Chart(figure=figure), "<div>...</div>"))
"""

from workbench_widgets.base import OneWayWidget
from workbench_widgets.chart import Chart
from workbench_widgets.choice import Choice
from workbench_widgets.data_flow import DataFlow
from workbench_widgets.fair_tree import FairTree
from workbench_widgets.layout import Built, box, built
from workbench_widgets.range_control import RangeControl
from workbench_widgets.record_editor import RecordEditor
from workbench_widgets.reset import Reset
from workbench_widgets.severity_matrix import SeverityMatrix
from workbench_widgets.slider import Slider
from workbench_widgets.system_editor import SystemEditor

__all__ = [
    "Built",
    "Chart",
    "Choice",
    "DataFlow",
    "FairTree",
    "OneWayWidget",
    "RangeControl",
    "RecordEditor",
    "Reset",
    "SeverityMatrix",
    "Slider",
    "SystemEditor",
    "box",
    "built",
]
