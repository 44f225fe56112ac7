"""What a person stated is repeated as they wrote it, and no printed error is below the computed."""

import pytest

from workbench.distributions import LogNormal, Point
from workbench.models import Scenario, Study, TolerancePoint, simulate
from workbench.reports import words
from workbench.reports.overview import overview_page
from workbench.reports.summary import _chance, result_text


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (5e6, "$5M"),
        (1.25e6, "$1.25M"),
        (9.95e6, "$9.95M"),
        (12.5e6, "$12.5M"),
        (425_000, "$425k"),
        (999_950, "$999.95k"),
        (950, "$950"),
        (1e9, "$1B"),
    ],
)
def test_stated_money_keeps_its_figures(value: float, said: str) -> None:
    assert words.stated_money(value, "USD") == said


@pytest.mark.parametrize(
    ("p", "said"),
    [
        (0.07, "7%"),
        (0.125, "12.5%"),
        (0.0125, "1.25%"),
        (0.0995, "9.95%"),
        (0.0005, "0.05%"),
        (0.2, "20%"),
        (1.0, "100%"),
        (1e-7, "<0.1%"),
        (0.9999999, ">99%"),
    ],
)
def test_stated_chances_keep_their_figures(p: float, said: str) -> None:
    assert words.stated_chance(p) == said


def test_page_and_terminal_repeat_a_tolerance_as_it_was_stated() -> None:
    claims = Scenario.fair(
        "A",
        "Claims",
        loss_event_frequency=Point(1.0),
        loss_magnitude=LogNormal(13.5, 1.2),
    )
    points = (TolerancePoint(1_250_000, 0.125), TolerancePoint(9_950_000, 0.0125))
    result = simulate(Study(scenarios=(claims,), tolerance=points))
    page, text = overview_page(result), result_text(result)
    assert [(t.loss, t.accepted) for t in page.tolerance] == [
        ("$1.25M", "12.5%"),
        ("$9.95M", "1.25%"),
    ]
    assert "losing more than $1.25M this year, where we accept 12.5%" in page.heading
    assert "More than $1.25M" in text
    assert "tolerated 12.5%" in text


@pytest.mark.parametrize("error", [0.0005, 0.00101, 0.00149, 0.0149, 0.105])
def test_the_printed_error_of_a_chance_is_not_below_it(error: float) -> None:
    printed = _chance(0.3, error).partition(" ± ")[2]
    assert error <= float(printed.removesuffix("%")) / 100 <= error + 0.001
