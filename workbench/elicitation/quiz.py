"""A calibration quiz: questions with a known truth, ranges and chances as answers, the result."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from workbench.elicitation.calibration import (
    BrierScore,
    HitRate,
    brier_score,
    hit_rate,
    interval_score,
)
from workbench.elicitation.pooling import threshold_weights
from workbench.errors import require

KINDS = ("number", "statement")


@dataclass(frozen=True, slots=True)
class Question:
    """One question about a public fact.

    A `number` asks for a 90 % range of a positive number; a `statement` for the chance that it is
    true, and its truth is 1 or 0.
    """

    id: str
    kind: str
    text: str
    truth: float
    unit: str
    source: str
    date: str  # of the fact: a year or an ISO date

    def __post_init__(self) -> None:
        """Check kind and truth, and that a text, a source and a date are there."""
        fix = f"Known: {', '.join(KINDS)}."
        require(self.kind in KINDS, "a question is of a known kind", got=self.kind, fix=fix)
        truth_is_right = self.truth in (0, 1) if self.kind == "statement" else self.truth > 0
        fix = "Give 1 or 0 for a statement, a positive number otherwise."
        require(truth_is_right, "a question has a truth", got=self.truth, fix=fix)
        told = all(text.strip() for text in (self.id, self.text, self.source, self.date))
        fix = "Say where the truth can be looked up."
        require(told, "a question has an id, a text, a source and a date", got=self.id, fix=fix)


@dataclass(frozen=True, slots=True)
class QuizResult:
    """What a quiz says about one person; None for a part that was not answered."""

    ranges: HitRate | None
    relative_interval_score: float | None  # mean interval score over truth: units cancel
    chances: BrierScore | None
    weight: float | None  # for a pool, by the share of ranges that held the truth

    def words(self) -> str:
        """Say the result in plain words."""
        said = []
        if self.ranges is not None:
            said.append(self.ranges.verdict())
        if self.chances is not None:
            better = "better" if self.chances.score < 0.25 else "no better"
            said.append(
                f"The average Brier score of {self.chances.forecasts} chances is "
                f"{self.chances.score:.2f}: {better} than always saying 50%, which scores 0.25."
            )
        return " ".join(said)


def score_quiz(
    questions: tuple[Question, ...],
    ranges: Mapping[str, tuple[float, float]],
    chances: Mapping[str, float],
    *,
    mass: float = 0.90,
) -> QuizResult:
    """Score answers by question id: `ranges` to numbers (low, high), `chances` to statements.

    Unanswered questions are left out. Raises WorkbenchError for an answer to no question, or of the
    wrong kind, and where nothing is answered.
    """
    kinds = {question.id: question.kind for question in questions}
    wrong = [key for key in ranges if kinds.get(key) != "number"]
    wrong += [key for key in chances if kinds.get(key) != "statement"]
    fix = "Ranges answer numbers, chances answer statements."
    require(not wrong, "each answer belongs to a question of its kind", got=wrong, fix=fix)
    fix = "Answer some questions."
    require(bool(ranges or chances), "a quiz has answers", got="none", fix=fix)
    asked = {question.id: question for question in questions}
    held = score = weight = parts = None
    if ranges:
        low, high = (np.array([ranges[key][i] for key in ranges]) for i in (0, 1))
        truth = np.array([asked[key].truth for key in ranges])
        held = hit_rate(low.tolist(), high.tolist(), truth.tolist(), mass)
        score = float(np.mean(interval_score(low, high, truth, mass) / truth))
        weight = threshold_weights([held.share])[0]
    if chances:
        outcomes = [asked[key].truth for key in chances]
        parts = brier_score(list(chances.values()), outcomes)
    return QuizResult(held, score, parts, weight)
