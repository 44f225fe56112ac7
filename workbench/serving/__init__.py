"""Start what people look at: the dashboards in Voila, the notebooks in JupyterLab."""

from workbench.serving.dashboards import serve_dashboards
from workbench.serving.lab import serve_lab

__all__ = ["serve_dashboards", "serve_lab"]
