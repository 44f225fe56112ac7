"""The data-flow diagram: nothing overlaps, words keep clear of lines, zones stand by trust."""

import re
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.plots.data_flow import MOST_DRAWN, data_flow
from workbench.plots.data_flow_drawing import LABEL_WIDE, TALL, WIDE, drawn
from workbench.plots.data_flow_grid import tall_grid, wide_grid
from workbench.threats import AISystem, Boundary, Component, Flow

pytestmark = pytest.mark.pure
KINDS = ("people", "application", "agent", "tools", "store", "base model")
ZONES = (
    Boundary("outside", "Outside", 0, "public"),
    Boundary("vendor", "Vendor", 1, "supplier"),
    Boundary("cloud", "Our cloud", 2),
    Boundary("core", "Core systems", 3),
)


@st.composite
def systems(draw):
    size = draw(st.integers(1, 14))
    zones = [draw(st.sampled_from(ZONES)).id for _ in range(size)]
    parts = tuple(
        Component(f"c{i}", draw(st.sampled_from(("One", "A long name of a part"))), KINDS[i % 6], z)
        for i, z in enumerate(zones)
    )
    ends = st.tuples(st.integers(0, size - 1), st.integers(0, size - 1))
    pairs = sorted(draw(st.sets(ends, max_size=18)))
    flows = tuple(Flow(f"c{a}", f"c{b}", "some data") for a, b in pairs)
    return AISystem("s", "System", parts, flows, ZONES)


def boxes(layout):
    return {
        b["id"]: (b["x"], b["y"], b["x"] + b["width"], b["y"] + b["height"])
        for b in layout["boxes"]
    }


def overlap(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def words(label):
    width = LABEL_WIDE * len(label["text"])
    left = label["x"] - {"start": 0, "middle": width / 2, "end": width}[label["anchor"]]
    return left, label["y"] - 10, left + width, label["y"] + 3


def passes(segment, box):
    (x0, y0), (x1, y1) = segment
    left, top, right, bottom = box
    inside = min(x0, x1) < right and max(x0, x1) > left
    return inside and min(y0, y1) < bottom and max(y0, y1) > top


@settings(max_examples=60, deadline=None)
@given(systems())
def test_boxes_stand_apart_and_inside_their_own_zone(system):
    for layout in data_flow(system, {})["layouts"].values():
        places = boxes(layout)
        assert not any(overlap(a, b) for a, b in combinations(places.values(), 2))
        zones = {
            z["name"]["text"]: (z["x"], z["y"], z["x"] + z["width"], z["y"] + z["height"])
            for z in layout["zones"]
        }
        assert not any(overlap(a, b) for a, b in combinations(zones.values(), 2))
        for part in system.components:
            x0, y0, x1, y1 = zones[system.zone(part.id).name]
            left, top, right, bottom = places[part.id]
            assert x0 < left < right < x1
            assert y0 < top < bottom < y1
        for x0, y0, x1, y1 in zones.values():
            assert min(x0, y0) >= 0
            assert x1 <= layout["width"]
            assert y1 <= layout["height"]


@settings(max_examples=60, deadline=None)
@given(systems())
def test_no_flow_passes_over_a_component_and_its_words_touch_nothing(system):
    for grid, sizes, name in (
        (wide_grid(system), WIDE, "wide"),
        (tall_grid(system), TALL, "tall"),
    ):
        drawing = drawn(system, grid, sizes)
        layout = data_flow(system, {})["layouts"][name]
        places = list(boxes(layout).values())
        ways = [list(pairwise(drawing.points(i))) for i in range(len(drawing.ways))]
        assert len(ways) == sum(flow.source != flow.target for flow in system.flows)
        for way in ways:
            assert all(a[0] == b[0] or a[1] == b[1] for a, b in way), "level or upright"
            assert not any(passes(s, box) for s in way for box in places)
        told = [line["label"] for line in layout["lines"]]
        rects = [words(label) for label in told if label]
        assert not any(overlap(a, b) for a, b in combinations(rects, 2))
        assert not any(overlap(a, b) for a in rects for b in places)
        for number, label in enumerate(told):
            others = [s for i, way in enumerate(ways) if i != number for s in way]
            assert label is None or not any(passes(s, words(label)) for s in others)


def test_who_anybody_is_stands_left_ours_by_trust_and_a_supplier_where_there_is_room():
    parts = [Component(z.id, z.name, "store", z.id) for z in ZONES]
    more = [Component(f"m{i}", "More", "store", "cloud") for i in range(5)]
    grid = wide_grid(AISystem("s", "S", (*parts, *more), (), ZONES))
    left = {zone.boundary.id: zone.column for zone in grid.zones}
    assert left["outside"] < left["cloud"] < left["core"] == left["vendor"]
    rows = {
        zone.boundary.id: zone.row
        for zone in tall_grid(AISystem("s", "S", tuple(parts), (), ZONES)).zones
    }
    assert rows["outside"] < rows["cloud"] < rows["core"] < rows["vendor"]


def test_a_crossing_flow_is_marked_and_its_threats_counted():
    parts = (Component("a", "A", "people", "outside"), Component("b", "B", "agent", "cloud"))
    flows = (Flow("a", "b", "questions"), Flow("b", "b", "itself"))
    found = data_flow(AISystem("s", "S", parts, flows, ZONES), {"b": 3, "a -> b": 2})
    (line,) = found["layouts"]["wide"]["lines"]
    assert line["crosses"]
    assert [(flow["crosses"], flow["count"]) for flow in found["flows"]] == [
        (True, 2),
        (False, None),
    ]
    assert "2 components in 2 zones of trust, 2 flows, of which 1 cross" in found["label"]


def test_tones_rise_with_the_number_and_none_is_the_lightest():
    parts = tuple(Component(f"c{i}", "C", "store", "cloud") for i in range(9))
    counts = {f"c{i}": i for i in range(9)}
    tones = [
        c["tone"] for c in data_flow(AISystem("s", "S", parts, (), ZONES), counts)["components"]
    ]
    assert tones == sorted(tones)
    assert (tones[0], tones[1], tones[-1]) == (0, 1, 4)


def test_the_largest_system_that_is_drawn_and_one_that_is_a_table_only():
    def row(size):
        parts = tuple(Component(f"c{i}", "C", "store", ZONES[i % 4].id) for i in range(size))
        flows = tuple(Flow(f"c{i}", f"c{(7 * i + 3) % size}", "data") for i in range(size))
        return data_flow(AISystem("s", "S", parts, flows, ZONES), {})

    assert len(row(MOST_DRAWN)["layouts"]["wide"]["boxes"]) == MOST_DRAWN
    assert "tall" not in row(MOST_DRAWN)["layouts"], "on a phone it could not be read"
    assert "tall" in row(12)["layouts"]
    larger = row(MOST_DRAWN + 1)
    assert larger["layouts"] == {}
    assert len(larger["components"]) == MOST_DRAWN + 1


def test_a_long_name_is_two_lines_and_the_whole_is_in_the_table():
    name = "An extraordinarily long name that nobody would fit into a small box"
    parts = (Component("a", name, "store", "cloud"),)
    found = data_flow(AISystem("s", "S", parts, (), ZONES), {})
    (box,) = found["layouts"]["wide"]["boxes"]
    assert len(box["lines"]) == 2
    assert box["lines"][1].endswith("…")
    assert found["components"][0]["name"] == name


def test_a_path_ends_short_of_what_it_points_at_and_turns_in_curves():
    parts = tuple(Component(f"c{i}", "C", "store", "cloud") for i in range(6))
    flows = tuple(Flow(f"c{i}", f"c{j}", "x") for i in range(6) for j in range(6) if i != j)
    lines = data_flow(AISystem("s", "S", parts, flows, ZONES), {})["layouts"]["wide"]["lines"]
    assert any("Q" in line["path"] for line in lines)
    assert all(re.fullmatch(r"[MLQ\d. -]+", line["path"]) for line in lines)
