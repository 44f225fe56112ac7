"""A page: its text, its policy, and that equal inputs give equal bytes."""

import hashlib
import json
import re
from dataclasses import replace
from html import unescape

import pytest

from workbench.errors import WorkbenchError
from workbench.plots.blocks import Block, Slot
from workbench.publishing import as_of, published_files
from workbench.publishing.markup import markup
from workbench.publishing.scripts import source_hash


def index(board, copy) -> str:
    return published_files(board, copy)["index.html"].decode()


def test_equal_inputs_give_equal_bytes(board, copy):
    assert published_files(board, copy) == published_files(type(board)(), copy)


def test_every_script_and_style_of_the_page_is_allowed_by_its_hash_alone(board, copy):
    page = index(board, copy)
    policy = unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1])
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    styles = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    assert len(scripts) == 3
    assert rules["script-src"] == " ".join([*map(source_hash, scripts), "'strict-dynamic'"])
    assert source_hash(styles[0]) in rules["style-src-elem"]
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert not re.search(
        r"<[^>]+\son\w+=", re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    )


def test_hostile_names_are_text(board, copy):
    page = index(board, copy)
    assert "<script>globalThis.planted" not in page
    assert page.count("<script") == page.count("</script>") == 4
    answers = published_files(board, copy)["answers.js"].decode()
    assert "<" not in answers
    assert "\u2028" not in answers


def test_the_data_of_the_page_are_those_of_its_blocks(board, copy):
    found = re.search(r'id="published">(.*?)</script>', index(board, copy), re.DOTALL)
    data = json.loads(found[1])
    assert data["charts"]["one"]["label"] == board.name
    assert data["charts"]["one"]["table"] == {"head": ["a"], "rows": [[board.name], [1.5]]}
    assert data["sliders"]["a"] | {"step": 0.05} == vars(board.drivers[0])
    assert data["choices"]["which"]["address"] == "scenario"
    assert data["resets"] == {"reset": {"name": "reset", "label": "Reset", "about": board.name}}


def test_beside_the_sliders_stands_in_which_steps_they_move(board, copy):
    page = index(board, copy)
    data = json.loads(re.search(r'id="published">(.*?)</script>', page, re.DOTALL)[1])
    steps = {slider["step"] for slider in data["sliders"].values()}
    told = re.findall(
        r'class="note steps">In this copy the sliders move in steps of ([\d.]+):', page
    )
    assert [float(step) for step in told] == list(steps) == [0.25]
    assert page.index('data-slider="b"') < page.index('class="note steps"')
    without = {name: block for name, block in board.blocks.items() if name != "what-if"}
    plain = type("Plain", (type(board),), {"blocks": without})()
    assert "In this copy" not in index(plain, copy)


def test_what_answers_a_slider_is_read_aloud_and_nothing_else(board, copy):
    page = index(board, copy)
    assert re.findall(r'data-slot="(\w+)" aria-live="polite"', page) == ["answer"]
    assert page.count(" aria-live=") == 1


def test_the_manifest_names_the_bytes(board, copy):
    files = published_files(board, copy)
    manifest = json.loads(files.pop("manifest.json"))
    assert manifest["sha256"] == {n: hashlib.sha256(c).hexdigest() for n, c in files.items()}
    assert manifest["computed"] == "2026-11-24T09:12:00+00:00"
    assert manifest["study"] == board.name


def test_a_copy_says_of_when_it_is(copy):
    assert as_of(copy.made) == "As of 24 Nov 2026, 09:12 UTC; this copy does not change"


def test_a_page_without_controls_has_no_answers(board, copy):
    plain = type("Plain", (type(board),), {"blocks": {"a": Block("card", ("<p>A</p>",))}})()
    assert set(published_files(plain, copy)) == {"index.html", "plotly.min.js", "manifest.json"}


def test_two_parts_of_one_name_are_refused(board, copy):
    twice = {**board.blocks, "again": board.blocks["curve"]}
    other = type("Twice", (type(board),), {"blocks": twice})()
    with pytest.raises(WorkbenchError, match=r"names are unique on a page; got \['one'\]"):
        published_files(other, copy)


def test_boxes_are_nested_and_fragments_stay_as_they_are():
    block = Block("card c7", ("<p>&lt;</p>", Block("split", (Slot('"', "<i>1</i>"),))))
    assert markup(block) == (
        '<div class="wb-box card c7"><p>&lt;</p><div class="wb-box split">'
        '<div data-slot="&quot;"><i>1</i></div></div></div>'
    )


def test_another_time_is_another_page(board, copy):
    later = replace(copy, made=copy.made.replace(year=2027))
    assert (
        published_files(board, later)["manifest.json"]
        != published_files(board, copy)["manifest.json"]
    )
