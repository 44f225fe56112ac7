"""Labels keep clear of curves, of each other and of the frame."""

import numpy as np
import pytest

from workbench.plots.labels import Frame, Label, place

FRAME = Frame((0.0, 1.0), (0.0, 1.0))
FALLING = (np.linspace(0, 1, 50), np.linspace(1, 0, 50) ** 2)


def box_of(label: Label, note: dict) -> tuple[float, float, float, float]:
    """Return left, top, right, bottom in pixels of an annotation, as plotly places it."""
    ((x, y),) = FRAME.pixels(label.x, label.y)
    dx = note["ax"] if note["showarrow"] else note["xshift"]
    dy = note["ay"] if note["showarrow"] else -note["yshift"]
    width = 6.0 * max(len(line) for line in label.lines)
    height = 15.0 * len(label.lines)
    left = x + dx - {"left": 0, "center": width / 2, "right": width}[note["xanchor"]]
    top = y + dy - {"top": 0, "middle": height / 2, "bottom": height}[note["yanchor"]]
    return left, top, left + width, top + height


LABELS = [
    Label(("one year in 20", "7.9M"), 0.60, 0.16, "ink"),
    Label(("back within", "11M"), 0.64, 0.13, "ink"),
    Label(("over from", "3.6M"), 0.58, 0.18, "ink"),
    Label(("Today",), 0.2, 0.64, "current"),
]


def test_close_points_get_labels_that_do_not_overlap() -> None:
    notes = place(LABELS, [FALLING], FRAME)
    found = [box_of(*pair) for pair in zip(LABELS, notes, strict=True)]
    for i, (l1, t1, r1, b1) in enumerate(found):
        for l2, t2, r2, b2 in found[i + 1 :]:
            assert r1 <= l2 or r2 <= l1 or b1 <= t2 or b2 <= t1


def test_labels_keep_off_the_curve_and_inside_the_frame() -> None:
    notes = place(LABELS, [FALLING], FRAME)
    x, y = (np.interp(np.linspace(0, 49, 2000), np.arange(50), part) for part in FALLING)
    ink = FRAME.pixels(x, y)
    for label, note in zip(LABELS, notes, strict=True):
        left, top, right, bottom = box_of(label, note)
        assert left >= 0
        assert right <= FRAME.width
        assert top >= 0
        assert bottom <= FRAME.height
        inside = (ink[:, 0] > left) & (ink[:, 0] < right) & (ink[:, 1] > top) & (ink[:, 1] < bottom)
        assert not inside.any()


@pytest.mark.parametrize("x", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("y", [0.0, 0.5, 1.0])
def test_a_label_at_an_edge_turns_inwards(x: float, y: float) -> None:
    label = Label(("some words",), x, y, "ink")
    (note,) = place([label], [FALLING], FRAME)
    left, top, right, bottom = box_of(label, note)
    assert left >= 0
    assert right <= FRAME.width
    assert top >= 0
    assert bottom <= FRAME.height


def test_no_labels_are_no_annotations() -> None:
    assert place([], [FALLING], FRAME) == []
