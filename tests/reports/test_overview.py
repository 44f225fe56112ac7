"""The overview says what the result holds, with its errors, its appetite and its origin."""

import dataclasses
import re
from datetime import UTC, datetime

import pytest

from workbench import (
    LogNormal,
    Pareto,
    Pert,
    Point,
    Scenario,
    Study,
    TolerancePoint,
    __version__,
    simulate,
)
from workbench.amounts import compact_money, percent
from workbench.files import inputs_sha256
from workbench.losses import SampledLosses
from workbench.models.portfolio import StudyResult
from workbench.models.scenario import Assumption
from workbench.models.tolerance import ToleranceCurve, breaches, most_exceeded, verdict
from workbench.models.views import mean_belief
from workbench.plots.blocks import Slot
from workbench.reports.board import Board
from workbench.reports.overview import OverviewPage, overview_page
from workbench.reports.overview_states import plan_told
from workbench.reports.summary import result_text

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LIMITS = (TolerancePoint(1e5, 1.0), TolerancePoint(5e5, 0.5), TolerancePoint(2e6, 0.02))


def scenario(id_: str, name: str, rate: float = 1.0) -> Scenario:
    return Scenario.fair(
        id_,
        name,
        loss_event_frequency=Pert(0.2 * rate, rate, 3 * rate),
        loss_magnitude=LogNormal.from_interval(2e4, 2e6),
        system="Chatbot",
    )


STUDY = Study(
    "Two scenarios",
    scenarios=(scenario("A", "Often", 1.0), scenario("B", "Seldom", 0.2)),
    tolerance=LIMITS,
)


@pytest.fixture(scope="module")
def result() -> StudyResult:
    return simulate(STUDY, engine="exact")


@pytest.fixture(scope="module")
def page(result: StudyResult) -> OverviewPage:
    return overview_page(result, NOON)


def test_the_heading_tells_the_point_that_is_passed_most(
    page: OverviewPage, result: StudyResult
) -> None:
    worst = most_exceeded(result.portfolio, LIMITS)
    assert worst == LIMITS[2]
    chance = percent(float(result.portfolio.exceedance(worst.loss)))
    assert page.heading.startswith("We are outside our appetite")
    assert chance in page.heading
    assert page.heading.endswith("where we accept 2%.")


def test_four_headlines_each_with_its_error(page: OverviewPage) -> None:
    assert [h.kicker for h in page.headlines] == [
        "Average year",
        "1 year in 20 costs",
        "Chance of over $2M this year",
        "Largest scenario",
    ]
    for headline in page.headlines:
        assert "error under" in f"{headline.beside} {headline.note}".lower()
    assert [h.is_alert for h in page.headlines] == [False, False, True, False]
    assert page.headlines[3].value == "Often"


def test_a_simulated_page_tells_standard_errors() -> None:
    drawn = overview_page(simulate(STUDY, engine="montecarlo", years=2000), NOON)
    assert all("±" in f"{h.beside} {h.note}" for h in drawn.headlines)
    assert "standard error" in drawn.about_errors
    assert {term: short for term, short, _ in drawn.footer}["Engine"] == "Monte Carlo, 2,000 years"


def test_scenarios_come_by_their_average_and_their_chances_are_theirs(
    page: OverviewPage, result: StudyResult
) -> None:
    assert [row.id for row in page.scenarios] == ["A", "B"]
    for row, line in zip(page.rows, page.scenarios, strict=True):
        losses = result.scenarios[line.id]
        assert row.chance == pytest.approx(1 - losses.prob_no_loss())
        assert row.loss_year_mean * row.chance == pytest.approx(losses.mean())
        within = losses.exceedance(row.low) - losses.exceedance(row.high)
        assert within / row.chance == pytest.approx(0.9, abs=2e-3)


def test_return_periods_rise_and_are_those_of_the_result(
    page: OverviewPage, result: StudyResult
) -> None:
    for period in page.periods:
        value = result.portfolio.return_period(period.years)
        assert period.loss == compact_money(value, "USD", 3)
        assert period.error.startswith("under $")


def test_the_two_questions_have_two_answers(page: OverviewPage, result: StudyResult) -> None:
    view = mean_belief(STUDY)
    assert page.sure.mean == compact_money(result.portfolio.mean(), "USD")
    assert page.sure.high == compact_money(view.var(0.95), "USD")
    assert page.sure.high != page.periods[3].loss


def test_the_footer_names_where_the_figures_come_from(page: OverviewPage) -> None:
    footer = {term: (short, full) for term, short, full in page.footer}
    assert footer["Seed"][0] == "1"
    assert footer["Version"][0] == __version__
    assert footer["Input hash"][1] == inputs_sha256(STUDY)
    assert footer["Computed"][0] == "24 Nov 2026, 12:00 UTC"


@pytest.mark.parametrize(
    ("probability", "said"), [(0.9, "within"), (1e-6, "above"), (1.0, "within")]
)
def test_a_point_is_passed_or_not(result: StudyResult, probability: float, said: str) -> None:
    assert verdict(result.portfolio, TolerancePoint(5e5, probability)) == said


def test_within_two_errors_nothing_is_decided() -> None:
    drawn = simulate(STUDY, engine="montecarlo", years=500).portfolio
    close = float(drawn.exceedance(5e5)) + 0.5 * drawn.exceedance_error(5e5)
    assert verdict(drawn, TolerancePoint(5e5, close)) == "too close to call"


def test_the_point_that_is_passed_comes_before_one_that_may_be() -> None:
    # over 1M in 2 of 100 years (accepted: 1), over 0.1M in 50 of 100 (accepted: 35)
    sample = SampledLosses([0.0] * 50 + [2e5] * 48 + [2e6] * 2)
    likely, rare = TolerancePoint(1e5, 0.35), TolerancePoint(1e6, 0.01)
    assert [verdict(sample, point) for point in (likely, rare)] == ["above", "too close to call"]
    assert most_exceeded(sample, (likely, rare)) == likely


def test_a_breach_that_may_be_luck_is_not_called_sure() -> None:
    sample = SampledLosses([0.0] * 98 + [2e6] * 2)
    lenient, strict = (
        ToleranceCurve((TolerancePoint(1e6, p), TolerancePoint(1e7, p / 10))) for p in (0.015, 1e-5)
    )
    assert [one.is_sure for one in breaches(sample, lenient)] == [False]
    sure = SampledLosses([0.0] * 9800 + [2e6] * 200)
    assert [one.is_sure for one in breaches(sure, strict)] == [True]


def test_a_plan_that_leaves_another_point_passed_is_told() -> None:
    points = (TolerancePoint(1e5, 0.35), TolerancePoint(1e6, 0.05))
    today = SampledLosses([0.0] * 4000 + [2e5] * 4000 + [2e6] * 2000)
    planned = SampledLosses([0.0] * 4000 + [2e5] * 6000)
    worst = most_exceeded(today, points)
    assert worst == points[1]
    said = plan_told(planned, worst, points)
    assert said.startswith("The plan brings the chance of more than $1M to 0%, within the 5%")
    assert said.endswith(
        "It leaves that of more than $100k at 60%, still above the 35% that we accept."
    )
    assert plan_told(planned, worst, points[1:]).count(".") == 1


def test_a_line_that_is_passed_between_its_points_is_told_after_the_verdict() -> None:
    points = (TolerancePoint(1e5, 0.7), TolerancePoint(1e7, 0.01))
    one = Scenario.fair("A", "A", loss_event_frequency=Point(1), loss_magnitude=Point(8e5))
    page = overview_page(simulate(Study(scenarios=(one,), tolerance=points)), NOON)
    assert page.heading.startswith("We are within our appetite")
    said = "No stated point is exceeded, but the line between them is: between"
    assert page.summary.startswith(said)
    assert page.crossing.startswith(said)
    assert page.appetite == "No point of our appetite is exceeded."


def test_where_nobody_stated_anything_nothing_is_exceeded() -> None:
    """Beyond the last point its line goes on, and falls the faster the laxer the point before."""
    points = (TolerancePoint(1e6, 0.5), TolerancePoint(5e6, 0.2), TolerancePoint(1e7, 0.02))
    heavy = scenario("A", "Heavy").replace(loss_magnitude=Pareto(alpha=1.2, low=1e5))
    page = overview_page(simulate(Study(scenarios=(heavy,), tolerance=points)), NOON)
    assert {point.verdict for point in page.tolerance} == {"within"}
    assert page.crossing == "We stay within our appetite at every loss that we stated."
    assert "exceed" not in page.heading + page.summary


def test_an_assumption_past_its_review_is_marked_and_counted() -> None:
    said = tuple(
        Assumption(field, "CISO", "Seen twice", would_change="A third", review_by=day)
        for field, day in (("loss_event_frequency", "2026-11-23"), ("loss_magnitude", "2026-11-24"))
    )
    one = scenario("A", "Often").replace(assumptions=said)
    board = Board(simulate(Study(scenarios=(one,))), computed=NOON)
    assert "1 assumption past review" in board.page.state
    assert board.chosen("A")["story"].count("Review overdue since 2026-11-23") == 1
    assert board.chosen("A")["story"].count("overdue") == 1


def test_below_the_smallest_stated_loss_nothing_is_accepted_or_refused() -> None:
    board = Board(simulate(dataclasses.replace(STUDY, tolerance=LIMITS[1:])))
    small = [point for point in board.curve_points if point.loss < LIMITS[1].loss]
    assert small
    assert {point.accepted for point in small} == {None}
    assert board.curve_table().count("not stated") == len(small)
    assert all(p.accepted is not None for p in board.curve_points if p.loss >= LIMITS[1].loss)


def test_a_sure_single_amount_leaves_no_band_around_the_curve() -> None:
    one = Scenario.fair("A", "A", loss_event_frequency=Point(0.3), loss_magnitude=Point(1e6))
    points = Board(simulate(Study(scenarios=(one,), tolerance=LIMITS))).curve_points
    assert {1e6, 2e6} <= {point.loss for point in points}
    for point in points:
        assert point.alone.low == pytest.approx(point.states["current"], rel=1e-9)
        assert point.alone.high == pytest.approx(point.states["current"], rel=1e-9)


def test_points_that_accept_every_year_are_not_called_missing() -> None:
    every = dataclasses.replace(STUDY, tolerance=LIMITS[:1])
    assert overview_page(simulate(every), NOON).headlines[2].value == "Every year"
    passed = dataclasses.replace(STUDY, tolerance=LIMITS[2:])
    assert (
        overview_page(simulate(passed), NOON).appetite == "The point of our appetite is exceeded."
    )


def test_what_costs_nothing_leads_nothing() -> None:
    quiet = [scenario(name, f"Name {name}", 1.0).replace(frequency=Point(0.0)) for name in "BC"]
    told = overview_page(simulate(Study(scenarios=(scenario("A", "Only"), *quiet))), NOON)
    assert "It is led by “Only”." in told.summary
    assert told.scenarios_heading == "One scenario is the whole of an average year."


def test_a_state_without_an_average_is_told() -> None:
    heavy = simulate(
        Study(
            scenarios=(scenario("A", "Heavy").replace(loss_magnitude=Pareto(alpha=0.9, low=1e4)),)
        )
    )
    told = overview_page(simulate(STUDY), NOON, others={"inherent": heavy})
    assert "Without controls there is none." in told.headlines[0].note


def test_the_terminal_judges_as_the_page_does(page: OverviewPage, result: StudyResult) -> None:
    lines = [line for line in result_text(result).splitlines() if "tolerated" in line]
    said = [line.rpartition(": ")[2].replace("EXCEEDED", "above") for line in lines]
    assert said == [point.verdict for point in page.tolerance]


def test_without_a_tolerance_the_page_says_so_and_leads_with_the_average() -> None:
    bare = overview_page(simulate(dataclasses.replace(STUDY, tolerance=())), NOON)
    assert bare.heading.startswith("An average year costs")
    assert bare.headlines[2].value == "Not stated"
    assert bare.appetite.startswith("No appetite is stated")


def test_one_tolerance_point_is_compared_without_a_curve() -> None:
    one = dataclasses.replace(STUDY, tolerance=LIMITS[2:])
    board = Board(simulate(one))
    assert board.tolerance is None
    assert board.page.crossing.startswith("There is a")
    names = [t.get("name") for t in board.exceedance()["data"]]
    assert "Appetite" not in names
    said = str(board.exceedance()["layout"]["annotations"])
    assert "appetite: at most 2" in said


@pytest.mark.parametrize(
    "study",
    [
        Study(),
        Study(
            scenarios=(
                Scenario.fair("Q", "Quiet", loss_event_frequency=Point(0), loss_magnitude=Point(1)),
            )
        ),
    ],
)
def test_a_study_without_loss_still_makes_a_page(study: Study) -> None:
    board = Board(simulate(study))
    for block in board.blocks.values():
        assert block.words()
    assert board.page.largest is None
    assert board.drivers == ()
    assert board.answer({"times-1": 2.0}).moved == "no change"
    assert "Nothing" in board.page.headlines[1].value
    assert board.exceedance()["data"] == []
    assert board.curve_table()
    assert board.average()["layout"]


HOSTILE = "<img src=x onerror=alert(1)>{{7*7}}\"'&"


def test_whatever_a_study_says_is_shown_literally() -> None:
    said = Assumption("loss_magnitude", HOSTILE, HOSTILE, would_change=HOSTILE)
    hostile = scenario(HOSTILE, HOSTILE).replace(
        system=HOSTILE, owner=HOSTILE, likelihood=2, consequence=3, assumptions=(said,)
    )
    study = Study(HOSTILE, scenarios=(hostile,), tolerance=LIMITS)
    planned = Study(HOSTILE, scenarios=(hostile,), tolerance=LIMITS)
    board = Board(simulate(study), others={"residual": simulate(planned)})
    fragments = [leaf for block in board.blocks.values() for leaf in block.leaves()]
    page = "".join(leaf for leaf in fragments if isinstance(leaf, str))
    page += "".join(leaf.html for leaf in fragments if isinstance(leaf, Slot))
    page += board.answer({"times-1": 0.5}).slots["answer"]
    assert "<img" not in page
    assert "{{7*7}}" in page  # shown, not computed
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    tags = set(re.findall(r"<([a-z]\w*)", page))
    known = "aside b caption code dd details div dl dt footer h1 h2 h3 h4 header i li p path rect"
    known += " section small span strong summary svg table tbody td tfoot th thead tr ul"
    assert tags <= set(known.split())


def test_a_fragment_that_asks_for_an_unknown_value_is_refused() -> None:
    with pytest.raises(Exception, match="'change' is undefined"):
        Board(simulate(STUDY)).html("delta")
