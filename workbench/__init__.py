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
    from workbench.engines.counts import (
        Bernoulli,
        Binomial,
        DiscreteCount,
        NegativeBinomial,
        Poisson,
        ZeroTruncated,
    )
    from workbench.engines.dependence import Shock
    from workbench.errors import WorkbenchError
    from workbench.fitting import fit_amounts, fit_counts
    from workbench.losses import LossDistribution
    from workbench.models.anchors import Anchors
    from workbench.models.bracket import guaranteed
    from workbench.models.dependence import Dependence, Factor, StatedCopula
    from workbench.models.horizon import FirstEvent, LargestEvent, over_years
    from workbench.models.portfolio import StudyResult, simulate
    from workbench.models.scenario import Assumption, Scenario
    from workbench.models.stability import stability
    from workbench.models.study import Asset, Study, TolerancePoint
    from workbench.models.tree import (
        LossEvents,
        LossForms,
        SecondaryLoss,
        Terms,
        ThreatEvents,
        Vulnerability,
    )
    from workbench.models.views import mean_belief

__version__ = "0.1.0"

HOMES = {
    "Anchors": "workbench.models.anchors",
    "Asset": "workbench.models.study",
    "Assumption": "workbench.models.scenario",
    "Bernoulli": "workbench.engines.counts",
    "Beta": "workbench.distributions",
    "Binomial": "workbench.engines.counts",
    "Burr": "workbench.distributions",
    "Comonotone": "workbench.distributions",
    "Dependence": "workbench.models.dependence",
    "Discrete": "workbench.distributions",
    "DiscreteCount": "workbench.engines.counts",
    "Distribution": "workbench.distributions",
    "Empirical": "workbench.distributions",
    "Factor": "workbench.models.dependence",
    "FirstEvent": "workbench.models.horizon",
    "Gamma": "workbench.distributions",
    "GeneralisedPareto": "workbench.distributions",
    "LargestEvent": "workbench.models.horizon",
    "LogNormal": "workbench.distributions",
    "Lomax": "workbench.distributions",
    "LossDistribution": "workbench.losses",
    "LossEvents": "workbench.models.tree",
    "LossForms": "workbench.models.tree",
    "Metalog": "workbench.distributions",
    "Mixture": "workbench.distributions",
    "NegativeBinomial": "workbench.engines.counts",
    "Pareto": "workbench.distributions",
    "Pert": "workbench.distributions",
    "Point": "workbench.distributions",
    "Poisson": "workbench.engines.counts",
    "Product": "workbench.distributions",
    "Scenario": "workbench.models.scenario",
    "SecondaryLoss": "workbench.models.tree",
    "Shock": "workbench.engines.dependence",
    "StatedCopula": "workbench.models.dependence",
    "Study": "workbench.models.study",
    "StudyResult": "workbench.models.portfolio",
    "Terms": "workbench.models.tree",
    "ThreatEvents": "workbench.models.tree",
    "TolerancePoint": "workbench.models.study",
    "Triangular": "workbench.distributions",
    "Truncated": "workbench.distributions",
    "Uniform": "workbench.distributions",
    "Vulnerability": "workbench.models.tree",
    "Weibull": "workbench.distributions",
    "WorkbenchError": "workbench.errors",
    "ZeroTruncated": "workbench.engines.counts",
    "echo": "workbench.elicitation",
    "explain_change": "workbench.elicitation",
    "fit_amounts": "workbench.fitting",
    "fit_counts": "workbench.fitting",
    "from_chips": "workbench.elicitation",
    "from_quantiles": "workbench.elicitation",
    "guaranteed": "workbench.models.bracket",
    "linear_pool": "workbench.elicitation",
    "logarithmic_pool": "workbench.elicitation",
    "mean_belief": "workbench.models.views",
    "over_years": "workbench.models.horizon",
    "simulate": "workbench.models.portfolio",
    "stability": "workbench.models.stability",
}

__all__ = [
    "Anchors",
    "Asset",
    "Assumption",
    "Bernoulli",
    "Beta",
    "Binomial",
    "Burr",
    "Comonotone",
    "Dependence",
    "Discrete",
    "DiscreteCount",
    "Distribution",
    "Empirical",
    "Factor",
    "FirstEvent",
    "Gamma",
    "GeneralisedPareto",
    "LargestEvent",
    "LogNormal",
    "Lomax",
    "LossDistribution",
    "LossEvents",
    "LossForms",
    "Metalog",
    "Mixture",
    "NegativeBinomial",
    "Pareto",
    "Pert",
    "Point",
    "Poisson",
    "Product",
    "Scenario",
    "SecondaryLoss",
    "Shock",
    "StatedCopula",
    "Study",
    "StudyResult",
    "Terms",
    "ThreatEvents",
    "TolerancePoint",
    "Triangular",
    "Truncated",
    "Uniform",
    "Vulnerability",
    "Weibull",
    "WorkbenchError",
    "ZeroTruncated",
    "echo",
    "explain_change",
    "fit_amounts",
    "fit_counts",
    "from_chips",
    "from_quantiles",
    "guaranteed",
    "linear_pool",
    "logarithmic_pool",
    "mean_belief",
    "over_years",
    "simulate",
    "stability",
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
