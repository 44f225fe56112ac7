"""One scenario by itself: what it costs in each state, and who assumed what."""

import math
from collections.abc import Mapping
from datetime import date

from workbench.amounts import compact_money, percent
from workbench.losses import LossDistribution
from workbench.models.portfolio import StudyResult
from workbench.models.scenario import STATES, Scenario, State
from workbench.models.tree_nodes import Parts
from workbench.reports import words
from workbench.reports.overview_states import NAMES
from workbench.reports.overview_values import Assumed, Story


def story_of(
    result: StudyResult, others: Mapping[State, StudyResult], scenario: Scenario, today: date
) -> Story:
    """Tell one scenario of a study; an assumption is overdue after its day of review."""
    by_state = {"current": result, **others}
    losses = result.scenarios[scenario.id]
    facts = [("Id", scenario.id), ("System", scenario.system), ("Owner", scenario.owner)]
    parts = words.main_parts(Parts.of(scenario, result.study), losses.currency)
    sentences = [words.average_year(losses), words.one_year_in(losses, 20)]
    if parts:
        sentences.append(f"Its average year is {parts}.")
    return Story(
        scenario.id,
        scenario.name,
        tuple((term, text) for term, text in facts if text),
        tuple(sentences),
        tuple(
            _state(state, by_state[state].scenarios[scenario.id])
            for state in STATES
            if state in by_state
        ),
        tuple(
            Assumed(
                a.field.replace("_", " "),
                a.owner,
                a.reason,
                a.would_change,
                _when(a.date, a.review_by),
                f"Review overdue since {a.review_by}" if _days(a.review_by, today) > 0 else "",
            )
            for a in scenario.assumptions
        ),
    )


def _state(state: State, losses: LossDistribution) -> tuple[str, str, str, str]:
    mean, bad = losses.mean(), losses.return_period(20)
    average = compact_money(mean, losses.currency) if math.isfinite(mean) else words.NO_AVERAGE
    rare = compact_money(bad, losses.currency) if bad > 0 else "nothing"
    return NAMES[state], percent(1 - losses.prob_no_loss()), average, rare


def _days(review_by: str, today: date) -> int:
    """Return the days since a review was due, 0 where it is not."""
    return max((today - date.fromisoformat(review_by)).days, 0) if review_by else 0


def _when(date: str, review_by: str) -> str:
    said = [f"said {date}"] if date else []
    said += [f"review by {review_by}"] if review_by else []
    return ", ".join(said)
