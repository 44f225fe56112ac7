"""A roadmap: tasks as bars over months, phases behind them, what waits for what, what lands."""

from typing import Any

from workbench.frameworks.roadmap import Roadmap, Task
from workbench.plots.text import Figure, escaped, token, two_lines

NARROW_BELOW = 620
WIDTH, NARROW_WIDTH = 0.56, 0.26  # of a bar, of the distance between two
ROOM, NARROW_ROOM = 76, 30  # pixels to the right of the axis, for the landed controls
LONGEST_NARROW = 42  # characters of a name above its bar
TOP = 0.9  # of a row, above the first one, for the names of the phases


def gantt(roadmap: Roadmap) -> Figure:
    """Draw each task from its first to its last month, in order, with the controls it delivers.

    A bar that delivers controls is blue, another one grey; the number of controls stands at its
    right. A thin line leads from the end of a task down to one that waits for it.
    """
    tasks = roadmap.tasks
    places = {task.id: len(tasks) - 1 - i for i, task in enumerate(tasks)}
    last = max(roadmap.months, default=1)
    layout = {
        "xaxis": _months(last),
        "yaxis": {
            "type": "linear",
            "tickmode": "array",
            "tickvals": [places[task.id] for task in tasks],
            "ticktext": [two_lines(task.title) for task in tasks],
            "tickfont": {"size": 12, "color": token("ink")},
            "range": [-0.6, len(tasks) - 0.5 + TOP],
            "showgrid": False,
        },
        "margin": {"l": 8, "r": ROOM, "t": 8, "b": 8, "pad": 4},
        "bargap": 1 - WIDTH,
        "shapes": _phases(roadmap, len(tasks)),
        "annotations": [*_titles(roadmap, len(tasks)), *_landed(tasks, places), _head(len(tasks))],
        "meta": {"narrow_below": NARROW_BELOW, "narrow": _narrow(roadmap, places)},
    }
    return {"data": [_links(roadmap, places), _bars(roadmap, places)], "layout": layout}


def _months(last: int) -> dict[str, Any]:
    marks = list(range(last))
    return {
        "type": "linear",
        "range": [0, last],
        "tickmode": "array",
        "tickvals": [m + 0.5 for m in marks],
        "ticktext": [str(m + 1) for m in marks],
        "title": {"text": "Month"},
        "showgrid": False,
    }


def _bars(roadmap: Roadmap, places: dict[str, int]) -> dict[str, Any]:
    tasks = roadmap.tasks
    return {
        "type": "bar",
        "orientation": "h",
        "base": [task.first - 1 for task in tasks],
        "x": [task.last - task.first + 1 for task in tasks],
        "y": [places[task.id] for task in tasks],
        "marker": {
            "color": [token("residual" if task.controls else "ink-3") for task in tasks],
            "line": {"width": 0},
        },
        "text": [_told(task) for task in tasks],
        "hovertemplate": "%{text}<extra></extra>",
        "textposition": "none",
    }


def _told(task: Task) -> str:
    waits = f"<br>waits for {escaped(', '.join(task.waits_for))}" if task.waits_for else ""
    lands = f"<br>delivers {escaped(', '.join(task.controls), 60)}" if task.controls else ""
    months = f"month {task.first}" + (f" to {task.last}" if task.last > task.first else "")
    return f"<b>{escaped(task.id)} {escaped(task.title, 60)}</b><br>{months}{waits}{lands}"


def _links(roadmap: Roadmap, places: dict[str, int]) -> dict[str, Any]:
    """Return lines from the end of each task down to those that wait for it, then to their start.

    Who waits may begin while the other is at work, but never ends before it: the line meets it.
    """
    x: list[float | None] = []
    y: list[float | None] = []
    for task in roadmap.tasks:
        for other in task.waits_for:
            before = roadmap.task(other)
            end, there = before.last - 0.06, places[task.id]
            x += [end, end, max(end, task.first - 1), None]
            y += [places[other], there, there, None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "line": {"color": token("line-strong"), "width": 1},
        "hoverinfo": "skip",
    }


def _phases(roadmap: Roadmap, rows: int) -> list[dict[str, Any]]:
    """Shade every second phase, and draw where each begins."""
    return [
        {
            "type": "rect",
            "layer": "below",
            "x0": phase.first - 1,
            "x1": phase.last,
            "y0": -0.6,
            "y1": rows - 0.5 + TOP,
            "line": {"width": 0},
            "fillcolor": token("sunk" if i % 2 == 0 else "card"),
        }
        for i, phase in enumerate(roadmap.phases)
    ]


def _titles(roadmap: Roadmap, rows: int) -> list[dict[str, Any]]:
    return [
        {
            "x": phase.first - 1,
            "xanchor": "left",
            "xshift": 4,
            "y": rows - 0.5 + TOP,
            "yanchor": "top",
            "text": f"<b>{escaped(phase.title)}</b>",
            "showarrow": False,
            "font": {"size": 12, "color": token("ink-2")},
        }
        for phase in roadmap.phases
    ]


def _landed(tasks: tuple[Task, ...], places: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "xref": "paper",
            "x": 1,
            "xanchor": "right",
            "xshift": ROOM - 10,
            "y": places[task.id],
            "text": f"<b>{len(task.controls)}</b>" if task.controls else "",
            "showarrow": False,
            "font": {"size": 13, "color": token("ink")},
        }
        for task in tasks
    ]


def _head(rows: int) -> dict[str, Any]:
    return {
        "xref": "paper",
        "x": 1,
        "xanchor": "right",
        "xshift": ROOM - 10,
        "y": rows - 0.5 + TOP,
        "yanchor": "top",
        "text": "controls",
        "showarrow": False,
        "font": {"size": 12, "color": token("ink-3")},
    }


def _narrow(roadmap: Roadmap, places: dict[str, int]) -> dict[str, Any]:
    """On a phone the name stands above each bar, which is thinner, and the number beside it."""
    rows = len(roadmap.tasks)
    notes = [
        one | {"text": f"<b>{phase.id}</b>"}
        for one, phase in zip(_titles(roadmap, rows), roadmap.phases, strict=True)
    ]
    notes += [_above(task, places[task.id]) for task in roadmap.tasks]
    notes += [one | {"xshift": NARROW_ROOM - 6} for one in _landed(roadmap.tasks, places)]
    return {
        "annotations": notes,
        "shapes": [_start(phase.first - 1, rows) for phase in roadmap.phases],
        "bargap": 1 - NARROW_WIDTH,
        "margin": {"l": 8, "r": NARROW_ROOM, "t": 8, "b": 8, "pad": 4},
        "yaxis": {"tickvals": []},
        "xaxis": {"title": {"text": ""}},
    }


def _above(task: Task, place: int) -> dict[str, Any]:
    return {
        "xref": "paper",
        "x": 0,
        "xanchor": "left",
        "y": place,
        "yshift": 11,
        "text": escaped(task.title, LONGEST_NARROW),
        "showarrow": False,
        "font": {"size": 11, "color": token("ink")},
        "bgcolor": token("card"),  # the lines between bars end before the names
        "borderpad": 1,
    }


def _start(month: int, rows: int) -> dict[str, Any]:
    """Return a line where a phase begins."""
    return {
        "type": "line",
        "layer": "below",
        "x0": month,
        "x1": month,
        "y0": -0.6,
        "y1": rows - 0.5 + TOP,
        "line": {"color": token("line"), "width": 1},
    }
