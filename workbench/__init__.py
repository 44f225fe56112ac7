"""Quantify risk: state beliefs as ranges, simulate the years, read what they may cost.

The names below arrive on first use (PEP 562), so `import workbench` itself loads the standard
library only.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.distributions import (
        Beta,
        Burr,
        Comonotone,
        Discrete,
        Distribution,
        Empirical,
        Gamma,
        GeneralisedPareto,
        LogNormal,
        Lomax,
        Metalog,
        Mixture,
        Pareto,
        Pert,
        Point,
        Product,
        Triangular,
        Truncated,
        Uniform,
        Weibull,
    )
    from workbench.elicitation import (
        echo,
        explain_change,
        from_chips,
        from_quantiles,
        linear_pool,
        logarithmic_pool,
    )
    from workbench.errors import WorkbenchError
    from workbench.fitting import fit_amounts, fit_counts
    from workbench.losses import LossDistribution
    from workbench.models.portfolio import StudyResult, simulate
    from workbench.models.scenario import Assumption, Scenario
    from workbench.models.study import Asset, Study, TolerancePoint

__version__ = "0.1.0"

HOMES = {
    "Asset": "workbench.models.study",
    "Assumption": "workbench.models.scenario",
    "Beta": "workbench.distributions",
    "Burr": "workbench.distributions",
    "Comonotone": "workbench.distributions",
    "Discrete": "workbench.distributions",
    "Distribution": "workbench.distributions",
    "Empirical": "workbench.distributions",
    "Gamma": "workbench.distributions",
    "GeneralisedPareto": "workbench.distributions",
    "LogNormal": "workbench.distributions",
    "Lomax": "workbench.distributions",
    "LossDistribution": "workbench.losses",
    "Metalog": "workbench.distributions",
    "Mixture": "workbench.distributions",
    "Pareto": "workbench.distributions",
    "Pert": "workbench.distributions",
    "Point": "workbench.distributions",
    "Product": "workbench.distributions",
    "Scenario": "workbench.models.scenario",
    "Study": "workbench.models.study",
    "StudyResult": "workbench.models.portfolio",
    "TolerancePoint": "workbench.models.study",
    "Triangular": "workbench.distributions",
    "Truncated": "workbench.distributions",
    "Uniform": "workbench.distributions",
    "Weibull": "workbench.distributions",
    "WorkbenchError": "workbench.errors",
    "echo": "workbench.elicitation",
    "explain_change": "workbench.elicitation",
    "fit_amounts": "workbench.fitting",
    "fit_counts": "workbench.fitting",
    "from_chips": "workbench.elicitation",
    "from_quantiles": "workbench.elicitation",
    "linear_pool": "workbench.elicitation",
    "logarithmic_pool": "workbench.elicitation",
    "simulate": "workbench.models.portfolio",
}

__all__ = [
    "Asset",
    "Assumption",
    "Beta",
    "Burr",
    "Comonotone",
    "Discrete",
    "Distribution",
    "Empirical",
    "Gamma",
    "GeneralisedPareto",
    "LogNormal",
    "Lomax",
    "LossDistribution",
    "Metalog",
    "Mixture",
    "Pareto",
    "Pert",
    "Point",
    "Product",
    "Scenario",
    "Study",
    "StudyResult",
    "TolerancePoint",
    "Triangular",
    "Truncated",
    "Uniform",
    "Weibull",
    "WorkbenchError",
    "echo",
    "explain_change",
    "fit_amounts",
    "fit_counts",
    "from_chips",
    "from_quantiles",
    "linear_pool",
    "logarithmic_pool",
    "simulate",
]


def __getattr__(name: str) -> object:
    """Return the exported `name`, importing its module when it is first asked for."""
    home = HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'workbench' has no attribute {name!r}")
    value: object = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the exported names too, for completion in a notebook."""
    return sorted({*globals(), *__all__})
