"""A figure is plain data that plotly accepts, and draws what it was given."""

import json
import math
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from numpy.testing import assert_allclose

from workbench import (
    Beta,
    Empirical,
    Gamma,
    LogNormal,
    Pert,
    Point,
    Scenario,
    Study,
    TolerancePoint,
    Uniform,
    plots,
    simulate,
)
from workbench.distributions import Distribution
from workbench.losses import LossDistribution
from workbench.models.portfolio import StudyResult
from workbench.models.tolerance import ToleranceCurve, breaches
from workbench.models.views import mean_belief, second_order_band
from workbench.plots import (
    Band,
    Figure,
    RangeRow,
    average_belief,
    density,
    loss_exceedance,
    loss_range,
    moving_curve,
    top_scenarios,
)

LIMITS = (TolerancePoint(100_000, 0.9), TolerancePoint(1_000_000, 0.1), TolerancePoint(1e7, 0.01))


@pytest.fixture(scope="module")
def result() -> StudyResult:
    often = Scenario.fair(
        "A",
        "Often",
        loss_event_frequency=Pert(0.5, 1, 3),
        loss_magnitude=LogNormal.from_interval(2e4, 2e6),
    )
    return simulate(Study(scenarios=(often,), tolerance=LIMITS), engine="exact")


def checked(figure: Figure) -> Figure:
    """Return the figure after plotly and JSON have both accepted it."""
    go.Figure({"data": figure["data"], "layout": figure["layout"]})
    return dict(json.loads(json.dumps(figure, allow_nan=False)))


def trace(figure: Figure, name: str) -> dict[str, Any]:
    return next(t for t in figure["data"] if t.get("name") == name)


def test_the_curve_is_the_exceedance_of_the_losses(result: StudyResult) -> None:
    today = trace(checked(loss_exceedance(result.portfolio)), "Today")
    assert_allclose(today["y"], result.portfolio.exceedance(np.array(today["x"])), rtol=1e-6)
    assert today["x"] == sorted(today["x"])


def test_the_band_and_the_tolerance_are_drawn_as_given(result: StudyResult) -> None:
    curve = ToleranceCurve(LIMITS)
    x = loss_range(result.portfolio, curve)
    band = Band(x, *second_order_band(result.study, x, draws=40))
    figure = checked(loss_exceedance(result.portfolio, tolerance=curve, band=band))
    ribbon = trace(figure, "5 to 95 % of what we believe")
    assert_allclose(ribbon["y"], [*band.low, *band.high[::-1]], rtol=1e-6)
    appetite = trace(figure, "Appetite")
    assert_allclose(appetite["y"], curve.probability(np.array(appetite["x"])), rtol=1e-6)


def test_each_crossing_has_a_ring_and_the_bad_year_a_dot(result: StudyResult) -> None:
    curve, losses = ToleranceCurve(LIMITS), result.portfolio
    figure = checked(loss_exceedance(losses, tolerance=curve))
    dots = figure["data"][-1]
    ends = [v for b in breaches(losses, curve) for v in (b.start, b.end)]
    assert ends
    assert_allclose(sorted(dots["x"]), sorted([losses.var(0.95), *ends]), rtol=1e-6)
    assert_allclose(dots["y"], losses.exceedance(np.array(dots["x"])), atol=1e-4)


def test_only_what_lies_above_tolerance_is_shaded(result: StudyResult) -> None:
    curve, losses = ToleranceCurve(LIMITS), result.portfolio
    areas = [t for t in loss_exceedance(losses, tolerance=curve)["data"] if "fillpattern" in t]
    for area in areas:
        x = np.array(area["x"][: len(area["x"]) // 2])[1:-1]
        assert (losses.exceedance(x) > curve.probability(x)).all()
    assert len(areas) == len(breaches(losses, curve))


def test_nothing_is_shaded_without_a_breach(result: StudyResult) -> None:
    wide = ToleranceCurve((TolerancePoint(10, 1.0), TolerancePoint(1e9, 0.9)))
    figure = checked(loss_exceedance(result.portfolio, tolerance=wide))
    assert [t for t in figure["data"] if "fillpattern" in t] == []


def test_a_study_without_loss_has_words_and_no_curve() -> None:
    quiet = Scenario.fair("Q", "Quiet", loss_event_frequency=Point(0.0), loss_magnitude=Point(1.0))
    figure = checked(loss_exceedance(simulate(Study(scenarios=(quiet,))).portfolio))
    assert figure["data"] == []
    assert "Nothing is ever lost" in figure["layout"]["annotations"][0]["text"]


def test_a_narrow_figure_has_no_labels_and_ticks_at_decades(result: StudyResult) -> None:
    narrow = checked(loss_exceedance(result.portfolio))["layout"]["meta"]["narrow"]
    assert narrow["annotations"] == []
    assert all(math.log10(v) == round(math.log10(v)) for v in narrow["xaxis"]["tickvals"])


def test_every_curve_and_mark_has_one_label(result: StudyResult) -> None:
    figure = loss_exceedance(result.portfolio, tolerance=ToleranceCurve(LIMITS))
    said = " ".join(a["text"] for a in figure["layout"]["annotations"])
    for words in ("Today", "Appetite", "1 year in 20", "above appetite from", "back within it at"):
        assert said.count(words) == 1


BELIEFS = [
    LogNormal.from_interval(1e4, 1e6),
    Pert(2, 5, 10),
    Pert(0, 0, 4),
    Uniform(1, 3),
    Beta(1.2, 43.8),
    Beta(0.4, 0.6),
    Gamma(0.5, 2.0),
    Empirical((1.0, 2.0, 5.0, 40.0)),
    Point(3.0),
    Point(0.0),
]


@pytest.mark.parametrize("belief", BELIEFS, ids=repr)
def test_every_belief_has_a_picture_of_finite_height(belief: Distribution) -> None:
    figure = checked(density(belief, currency="EUR", title="Cost"))
    for line in figure["data"]:
        assert min(line["y"]) >= 0
        assert max(line["y"]) <= 1
    assert any("€" in a["text"] for a in figure["layout"]["annotations"])


@pytest.mark.parametrize("belief", [b for b in BELIEFS if not isinstance(b, Point | Empirical)])
def test_the_shaded_part_holds_the_stated_share(belief: Distribution) -> None:
    shaded = density(belief, mass=0.8)["data"][0]["x"]
    inside = belief.cdf(shaded[-1]) - belief.cdf(shaded[0])
    assert 0.7 < inside <= 0.8 + 1e-9


@pytest.mark.parametrize(
    ("belief", "kind"),
    [
        (Uniform(1000, 1100), "linear"),
        (Uniform(1, 7), "linear"),
        (Pert(0, 2e-5, 1e-2), "log"),
        (LogNormal(10, 0.01), "linear"),
        (LogNormal(10, 1), "log"),
    ],
    ids=repr,
)
def test_the_axis_is_one_of_ratios_for_a_wide_range_only(belief: Distribution, kind: str) -> None:
    figure = checked(density(belief, title="Cost"))
    assert figure["layout"]["xaxis"]["type"] == kind
    x = np.array(figure["data"][1]["x"])
    steps = np.diff(np.log(x) if kind == "log" else x)
    assert_allclose(steps, steps.mean(), rtol=1e-3)


@pytest.mark.parametrize("belief", [Point(3.0), Uniform(1, 3)])
def test_a_title_is_shown_literally(belief: Distribution) -> None:
    title = density(belief, title="<b>x</b>")["layout"]["xaxis"]["title"]["text"]
    assert title == "&lt;b&gt;x&lt;/b&gt;"


def test_how_sure_we_are_is_drawn_around_its_mean(result: StudyResult) -> None:
    view = mean_belief(result.study)
    figure = checked(average_belief(view))
    low, mean, high = (shape["x0"] for shape in figure["layout"]["shapes"])
    assert_allclose([low, mean, high], [view.var(0.05), view.mean(), view.var(0.95)])


def test_scenarios_stand_in_order_with_their_ranges() -> None:
    rows = [RangeRow("B", 0.9, 2e4, 9e5, 3e5, 2.7e5), RangeRow("A", 0.1, 1e3, 5e4, 2e4, 2e3)]
    figure = checked(top_scenarios(rows, currency="USD"))
    bars, dots = figure["data"]
    assert bars["x"] == [2e4, 9e5, None, 1e3, 5e4, None]
    assert dots["x"] == [3e5, 2e4]
    assert dots["y"][0] > dots["y"][1]


def test_scenarios_that_never_cost_anything_are_left_out() -> None:
    assert checked(top_scenarios([RangeRow("Z", 0, 0, 0, 0, 0)], currency="USD"))["data"] == []


STATES = ("Without controls", "Today", "After the plan", "With this change", "Appetite")


@pytest.fixture(scope="module")
def years() -> dict[str, LossDistribution]:
    """The year with twice and with a quarter of today's frequency."""

    def year(low: float, mode: float, high: float) -> LossDistribution:
        changed = Scenario.fair(
            "A",
            "Often",
            loss_event_frequency=Pert(low, mode, high),
            loss_magnitude=LogNormal.from_interval(2e4, 2e6),
        )
        return simulate(Study(scenarios=(changed,)), engine="exact").portfolio

    return {"twice": year(1, 2, 6), "quarter": year(0.125, 0.25, 0.75)}


def test_each_state_is_drawn_in_a_line_of_its_own(
    result: StudyResult, years: dict[str, LossDistribution]
) -> None:
    figure = checked(
        loss_exceedance(
            result.portfolio,
            inherent=years["twice"],
            residual=years["quarter"],
            tolerance=ToleranceCurve(LIMITS),
        )
    )
    lines = [trace(figure, name)["line"] for name in STATES]
    assert len({line["dash"] for line in lines}) == len(STATES)
    assert len({line["color"] for line in lines}) == len(STATES)
    widths = [line["width"] for line in lines]
    assert max(widths) == trace(figure, "Today")["line"]["width"]
    assert min(widths) == trace(figure, "Without controls")["line"]["width"]
    bare = trace(figure, "Without controls")
    assert_allclose(bare["y"], years["twice"].exceedance(np.array(bare["x"])), rtol=1e-6)


def test_the_axis_reaches_the_rare_year_of_every_curve(
    result: StudyResult, years: dict[str, LossDistribution]
) -> None:
    x = loss_range(result.portfolio, None, list(years.values()))
    assert x[-1] >= years["twice"].var(0.999)
    assert x[0] <= years["quarter"].var(1 - 0.97 * (1 - years["quarter"].prob_no_loss()))


def test_the_moved_curve_is_hidden_until_there_is_one_and_takes_an_overlay(
    result: StudyResult, years: dict[str, LossDistribution]
) -> None:
    hidden = trace(checked(loss_exceedance(result.portfolio)), "With this change")
    assert hidden["visible"] is False
    x = loss_range(result.portfolio)
    over = moving_curve(years["quarter"], x)
    assert over["name"] == "With this change"
    assert_allclose(over["x"], hidden["x"])
    assert_allclose(over["y"], years["quarter"].exceedance(np.array(over["x"])), rtol=5e-4)
    assert len(json.dumps(over)) < 4000
    shown = checked(loss_exceedance(result.portfolio, after=years["quarter"]))
    assert trace(shown, "With this change")["visible"] is True


def test_one_tolerated_point_is_marked_and_told(result: StudyResult) -> None:
    point = TolerancePoint(1_000_000, 0.1)
    figure = checked(loss_exceedance(result.portfolio, tolerance=point))
    dots = figure["data"][-1]
    at = dots["x"].index(1_000_000)
    assert dots["y"][at] == 0.1
    assert dots["marker"]["symbol"][at] == "diamond"
    said = " ".join(a["text"] for a in figure["layout"]["annotations"])
    assert "at most 10%" in said
    assert [t for t in figure["data"] if "fillpattern" in t] == []


def test_rare_years_are_a_view_with_odds_and_labels_of_its_own(result: StudyResult) -> None:
    layout = checked(loss_exceedance(result.portfolio, tolerance=ToleranceCurve(LIMITS)))["layout"]
    whole, rare = layout["meta"]["views"]
    assert (whole, rare["name"]) == ({"name": "Whole curve"}, "Rare years")
    axis = rare["patch"]["yaxis"]
    assert axis["type"] == "log"
    assert axis["ticktext"] == ["1 in 2", "1 in 10", "1 in 100", "1 in 1,000"]
    low, high = axis["range"]
    for note in rare["patch"]["annotations"]:
        assert low <= note["y"] <= high


def test_every_figure_is_exported() -> None:
    assert callable(plots.waterfall)
    assert set(plots.__all__) >= {"waterfall", "moving_curve", "loss_exceedance"}


def test_a_name_beside_a_bar_on_a_phone_leaves_room_for_the_figure() -> None:
    rows = [RangeRow("A name that goes on and on, far beyond a phone", 0.9, 2e4, 9e5, 3e5, 2.7e5)]
    notes = top_scenarios(rows, currency="USD")["layout"]["meta"]["narrow"]["annotations"]
    assert len(notes[0]["text"]) <= 30
    assert notes[0]["text"].endswith("…")
