"""The command that measures drift between two files."""

import math
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from workbench.cli.output import AsJson, write_out
from workbench.cli.running import guarded

if TYPE_CHECKING:
    from workbench.evidence import Drift
    from workbench.evidence.divergences import Measure

BASES = {"e": math.e, "2": 2.0, "10": 10.0}


@guarded
def drift(
    reference: Annotated[
        str, typer.Argument(metavar="REFERENCE", help="The data that the model learnt from: CSV.")
    ],
    current: Annotated[str, typer.Argument(metavar="CURRENT", help="The data of now: CSV.")],
    column: Annotated[str, typer.Option(metavar="NAME", help="The column to compare.")],
    *,
    measure: Annotated[str, typer.Option(help="kl, psi or js.")] = "kl",
    cells: Annotated[int, typer.Option(help="Cells of equal share of the reference.")] = 10,
    categories: Annotated[
        bool, typer.Option("--categories", help="Compare texts, each a cell of its own.")
    ] = False,
    base: Annotated[str, typer.Option(help="Of the logarithm: e (nats), 2 (bits) or 10.")] = "e",
    smoothing: Annotated[float, typer.Option(help="Added to each cell, 0 to 1; 0 for none.")] = 0.5,
    threshold: Annotated[
        float | None, typer.Option(help="The most that is accepted; without it no verdict.")
    ] = None,
    because: Annotated[
        str, typer.Option(metavar="TEXT", help="Who or what sets the threshold.")
    ] = "",
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Measure how far a column moved, with its interval and what no drift at all would give."""
    from workbench.errors import looked_up
    from workbench.evidence import Threshold, count_categories, count_numbers
    from workbench.evidence import drift as measured
    from workbench.files.samples import read_categories, read_numbers

    most = None if threshold is None else Threshold(threshold, because)
    unit = looked_up(BASES, base, "the base is e, 2 or 10")
    if categories:
        texts = (read_categories(file, column) for file in (reference, current))
        counted = count_categories(*texts)
    else:
        numbers = (read_numbers(file, column) for file in (reference, current))
        counted = count_numbers(*numbers, cells=cells)
    found = measured(
        counted,
        measure=cast("Measure", measure),
        base=unit,
        smoothing=smoothing,
        threshold=most,
        seed=seed,
    )
    write_out(_record(found, column), _text(found, column), as_json)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _record(found: "Drift", column: str) -> dict[str, Any]:
    most = found.threshold
    return {
        "column": column,
        "measure": found.measure,
        "direction": found.title,
        "estimate": _finite(found.estimate),
        "interval": [found.low, _finite(found.high)],
        "level": 0.95,
        "corrected": _finite(found.corrected),
        "without_drift": found.without_drift,
        "by_luck": found.by_luck,
        "n": int(found.n),
        "m": int(found.m),
        "cells": found.cells,
        "base": found.base,
        "unit": found.unit,
        "smoothing": found.smoothing,
        "replicates": found.replicates,
        "threshold": None if most is None else {"value": most.value, "source": most.source},
        "verdict": found.verdict,
        "why": found.why,
    }


def _text(found: "Drift", column: str) -> str:
    most = found.threshold
    verdict = found.verdict or "no verdict"
    by = "" if most is None else f" ({most.value:g}, {most.source})"
    return f"""\
{found.title} of {column}: {found.estimate:.3g} {found.unit}, 95 % interval \
{found.low:.3g} to {found.high:.3g}
  {found.n:,.0f} rows before, {found.m:,.0f} now, {found.cells} cells, \
smoothing {found.smoothing:g}, {found.replicates:,} replicates
  without drift: {found.without_drift:.2g} on average, above {found.by_luck:.2g} in 1 case of 20; \
the estimate less that average: {found.corrected:.3g}
{verdict}: {found.why}{by}
"""
