"""The severity matrix: cells as a real table holds them, and its order beside that of ALE."""

from collections.abc import Sequence
from typing import Any

from workbench.amounts import compact_money
from workbench.models.anchors import Anchors
from workbench.models.matrix_ranking import MatrixRanking, Placed, Reversal
from workbench.models.severity_matrix import Cell, SeverityMatrix
from workbench.plots.text import Figure, escaped, money, token

TONES = 5  # the scale of amount, a0 to a4
MOST_DRAWN = 5  # reversals in full colour; the others stay faint
MOST_FAINT = 200
MOST_NAMED = 40  # more ids beside their points would cover each other
LONGEST_ID = 10
NARROW_BELOW = 480


def heat(
    matrix: SeverityMatrix,
    rows: Sequence[Placed] = (),
    *,
    anchors: Anchors | None = None,
    currency: str | None = None,
) -> dict[str, Any]:
    """Return the matrix with its scenarios as plain data, for a table with a number in each cell.

    Texts are plain text and not escaped: whoever shows them makes text of them, never markup.
    """
    return {
        "levels": matrix.levels,
        "rule": matrix.rule,
        "bands": _bands(matrix),
        "cells": [_cell(matrix, cell) for cell in matrix.cells()],
        "scenarios": [_scenario(row, len(rows), currency) for row in rows],
        "likelihood": [f"{rate:g} a year" for rate in anchors.rates] if anchors else [],
        "consequence": [_plain_money(v, currency) for v in anchors.amounts] if anchors else [],
    }


def _bands(matrix: SeverityMatrix) -> list[dict[str, Any]]:
    """Name, tone and scores of each band; the tones spread over the scale of amount."""
    last = len(matrix.bands) - 1
    return [
        {
            "label": band.label,
            "tone": round(i * (TONES - 1) / max(last, 1)),
            "scores": f"up to {band.up_to}" if i < last else f"above {band.above}",
        }
        for i, band in enumerate(matrix.bands)
    ]


def _cell(matrix: SeverityMatrix, cell: Cell) -> dict[str, Any]:
    score = matrix.score(*cell)
    return {
        "likelihood": cell[0],
        "consequence": cell[1],
        "score": score,
        "band": matrix.bands.index(matrix.band(*cell)),
        "ties": [list(other) for other in matrix.cells_at(score) if other != cell],
    }


def _scenario(row: Placed, count: int, currency: str | None) -> dict[str, Any]:
    note = f"place {row.rank} of {count} by score"
    if row.ale is not None and row.ale_rank is not None:
        note += f", {row.ale_rank} by ALE ({_plain_money(row.ale, currency)} a year)"
    return {
        "id": row.id,
        "name": row.name,
        "likelihood": row.likelihood,
        "consequence": row.consequence,
        "note": note,
    }


def _plain_money(value: float, currency: str | None) -> str:
    """Compact money as plain text."""
    return f"{value:.3g}" if currency is None else compact_money(value, currency)


def rank_scatter(ranking: MatrixRanking) -> Figure:
    """Draw each scenario's place by score against its place by ALE, and the reversals as lines.

    Place 1, the worst, is at the top and at the right. Equal scores stand at one height, their
    middle place. On the dotted diagonal both orders agree; a line that falls is a reversal. The
    five with most money between them are drawn in full.
    """
    rows, n = ranking.rows, len(ranking.rows)
    if not rows:
        return {"data": [], "layout": {"xaxis": {"visible": False}, "yaxis": {"visible": False}}}
    places = {row.id: _place(row, rows) for row in rows}
    strong, faint = ranking.reversals[:MOST_DRAWN], ranking.reversals[MOST_DRAWN:MOST_FAINT]
    data = [
        _agreement(n),
        _lines("Other reversals", faint, places, {"color": token("line-strong"), "width": 1}),
        _lines("Reversals", strong, places, {"color": token("current"), "width": 2.25}),
        _points(ranking, places),
    ]
    step = max(1, round(n / 8))
    marks = list(range(1, n + 1, step))
    axis = {"type": "linear", "range": [n + 0.9, 0.1], "tickmode": "array", "tickvals": marks}
    layout = {
        "xaxis": axis | {"title": {"text": "Place by ALE (1 costs most)"}},
        "yaxis": axis | {"title": {"text": "Place by score (1 ranks first)"}},
        "margin": {"l": 8, "r": 16, "t": 12, "b": 8, "pad": 4},
        "showlegend": False,
        "meta": {
            "narrow_below": NARROW_BELOW,
            "narrow": {"yaxis": {"title": {"text": "By score"}}},
        },
    }
    return {"data": data, "layout": layout}


def _place(row: Placed, rows: Sequence[Placed]) -> tuple[float, float]:
    """(place by ALE, middle place by score)."""
    equal = sum(other.score == row.score for other in rows)
    return float(row.ale_rank or 0), row.rank + (equal - 1) / 2


def _agreement(n: int) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "Both orders agree",
        "x": [0.5, n + 0.5],
        "y": [0.5, n + 0.5],
        "line": {"color": token("ink-3"), "width": 1.25, "dash": "2px,3px"},
        "hoverinfo": "skip",
    }


def _lines(
    name: str,
    pairs: Sequence[Reversal],
    places: dict[str, tuple[float, float]],
    line: dict[str, Any],
) -> dict[str, Any]:
    x: list[float | None] = []
    y: list[float | None] = []
    for pair in pairs:
        (x1, y1), (x2, y2) = places[pair.above.id], places[pair.below.id]
        x += [x1, x2, None]
        y += [y1, y2, None]
    trace = {"type": "scatter", "mode": "lines", "name": name, "x": x, "y": y}
    return trace | {"line": line, "hoverinfo": "skip"}


def _points(ranking: MatrixRanking, places: dict[str, tuple[float, float]]) -> dict[str, Any]:
    rows, is_named = ranking.rows, len(ranking.rows) <= MOST_NAMED
    return {
        "type": "scatter",
        "mode": "markers+text" if is_named else "markers",
        "name": "Scenarios",
        "x": [places[row.id][0] for row in rows],
        "y": [places[row.id][1] for row in rows],
        "text": [escaped(row.id, LONGEST_ID) for row in rows],
        "textposition": [_side(row, rows) for row in rows],
        "textfont": {"size": 12, "color": token("ink-2")},
        "customdata": [_told(row, ranking.currency) for row in rows],
        "hovertemplate": "%{customdata}<extra></extra>",
        "marker": {"size": 10, "color": token("ink"), "line": {"color": token("card"), "width": 2}},
        "cliponaxis": False,
    }


def _side(row: Placed, rows: Sequence[Placed]) -> str:
    """Above and below in turn along one height, so that the ids of neighbours keep clear."""
    before = sum(other.score == row.score and _by_ale(other) < _by_ale(row) for other in rows)
    return ("top center", "bottom center")[before % 2]


def _by_ale(row: Placed) -> tuple[int, str]:
    return row.ale_rank or 0, row.id


def _told(row: Placed, currency: str) -> str:
    cell = f"likelihood {row.likelihood}, consequence {row.consequence}"
    return (
        f"<b>{escaped(row.name, 60)}</b><br>{cell}: score {row.score}, {escaped(row.band)}"
        f"<br>average year {money(row.ale or 0.0, currency)}"
    )
