"""A simulation with several seeds, told in a table and plain words for a terminal."""

import math

from workbench.amounts import compact_money
from workbench.files.messages import short
from workbench.models.stability import SURE, FigureStability, Stability, limits
from workbench.reports.words import count_of

LABELS = {
    "mean": "average year",
    "sd": "standard deviation",
    "p50": "1 year in 2",
    "p90": "1 year in 10",
    "p95": "1 year in 20",
    "p99": "1 year in 100",
    "tvar95": "average of the worst 1 in 20",
    "tvar99": "average of the worst 1 in 100",
    "prob_no_loss": "chance of no loss",
}
HEAD = ("", "mean of the runs", "between seeds", "one run states", "ratio", "stated error")
SAID = {
    "borne out": "borne out",
    "too small": "TOO SMALL",
    "too large": "larger than needed",
    "none stated": "none: no variance, or too few years",
    "does not exist": "",
}


def stability_text(found: Stability) -> str:
    """Return the figures of all runs beside the errors that one run states, and what follows."""
    rows = [HEAD, *(_cells(one, found.study.currency) for one in found.figures)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEAD))]
    seeds = f"{count_of(len(found.seeds), 'seed')} from {found.seeds[0]} on"
    lines = [
        short(found.study.name),
        f"{seeds}, {found.years:,} simulated years each, {found.study.currency}",
        "",
        *(_aligned(row, widths) for row in rows),
        "",
        *_verdict(found),
    ]
    return "\n".join(lines) + "\n"


def _aligned(row: tuple[str, ...], widths: list[int]) -> str:
    cells = [cell.rjust(width) for cell, width in zip(row, widths, strict=True)]
    cells[0], cells[-1] = row[0].ljust(widths[0]), row[-1]
    return "  ".join(cells).rstrip()


def _cells(one: FigureStability, currency: str) -> tuple[str, ...]:
    if one.verdict() == "does not exist":
        return (LABELS[one.name], "does not exist", "", "", "", "")

    def said(value: float) -> str:
        if not math.isfinite(value):
            return ""
        return f"{value:.4f}" if one.name == "prob_no_loss" else compact_money(value, currency, 3)

    ratio = f"{one.ratio():.2f}" if math.isfinite(one.stated) else ""
    figures = said(one.mean), said(one.spread), said(one.stated)
    return (LABELS[one.name], *figures, ratio, SAID[one.verdict()])


def _verdict(found: Stability) -> list[str]:
    seeds = len(found.seeds)
    low, high = limits(seeds)
    told = [one for one in found.figures if math.isfinite(one.stated)]
    short_ones = [one for one in told if one.verdict() == "too small"]
    rule = f"chi-square, {seeds - 1} degrees of freedom"
    within = f"Of right errors chance leaves the ratio within {low:.2f} and {high:.2f}"
    lines = [f"{within}, {SURE:.1%} of the times ({rule})."]
    if not short_ones:
        return [*lines, "No stated error is too small: other seeds tell the same within it."]
    for one in short_ones:
        times = f"{one.ratio():.1f} times" if math.isfinite(one.ratio()) else "more than"
        lines.append(
            f"The runs differ by {times} what one run states for the {LABELS[one.name]}: "
            "do not rely on its error."
        )
    why = "Most often a tail is so heavy that one run has not seen what makes the figure."
    return [*lines, f"{why} Use the exact engine, or many more years."]
