"""What experts say to beliefs: quantiles, chips, pools, calibration, and echoes in plain words."""

from workbench.elicitation.calibration import (
    BrierScore,
    HitRate,
    brier,
    brier_score,
    clopper_pearson,
    hit_rate,
    interval_score,
)
from workbench.elicitation.changes import Explanation, explain_change
from workbench.elicitation.echo import echo
from workbench.elicitation.pooling import (
    equal_weights,
    linear_pool,
    logarithmic_pool,
    threshold_weights,
)
from workbench.elicitation.quantiles import Elicited, QuantileFit, from_quantiles
from workbench.elicitation.quiz import Question, QuizResult, score_quiz
from workbench.elicitation.roulette import from_chips, histogram
from workbench.elicitation.tabulated import Tabulated

__all__ = [
    "BrierScore",
    "Elicited",
    "Explanation",
    "HitRate",
    "QuantileFit",
    "Question",
    "QuizResult",
    "Tabulated",
    "brier",
    "brier_score",
    "clopper_pearson",
    "echo",
    "equal_weights",
    "explain_change",
    "from_chips",
    "from_quantiles",
    "histogram",
    "hit_rate",
    "interval_score",
    "linear_pool",
    "logarithmic_pool",
    "score_quiz",
    "threshold_weights",
]
