"""A system is read from whichever file describes it, and a large one ends soon."""

import json

import pytest

from tests.files.exchange.mutants import answers
from tests.files.exchange.test_ml_bom import SMALL as BOM
from tests.files.exchange.test_otm import READ, SMALL
from tests.files.exchange.test_threat_dragon import SMALL as DRAGON
from tests.files.exchange.test_threat_dragon import cell, flow, model
from tests.threats.test_applying import SYSTEM
from workbench.files.catalogues.systems import MOST_PARTS, system_dict
from workbench.files.exchange.ml_bom import parse_ml_bom
from workbench.files.exchange.otm import parse_otm
from workbench.files.exchange.systems import parse_any_system, read_any_system
from workbench.files.exchange.threat_dragon import MOST_CELLS, parse_threat_dragon
from workbench.files.messages import FileRefused


def text(tree):
    return json.dumps(tree).encode()


def test_each_format_is_known_by_what_stands_in_it(tmp_path):
    path = tmp_path / "shop.otm"
    path.write_text(SMALL, encoding="utf-8")
    assert read_any_system(path).system == READ
    assert parse_any_system("m.yaml", SMALL.encode()) == parse_otm("m.yaml", SMALL.encode())
    assert parse_any_system("b.json", text(BOM)) == parse_ml_bom("b.json", text(BOM))
    assert parse_any_system("d.json", text(DRAGON)) == parse_threat_dragon("d.json", text(DRAGON))
    ours = parse_any_system("s.json", text(system_dict(SYSTEM)))
    assert (ours.system, ours.warnings) == (SYSTEM, ())


def test_a_file_of_ours_is_as_strict_as_ever():
    tree = system_dict(SYSTEM) | {"colour": 1}
    with pytest.raises(FileRefused, match="colour: is not a known field"):
        parse_any_system("s.json", text(tree))
    with pytest.raises(FileRefused, match="is not a mapping of fields"):
        parse_any_system("s.json", b"[1]")


MANY = range(MOST_PARTS + 1)
DATA = [{"type": "data", "name": "same"} for _ in MANY]


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        (model(*(cell(f"c{n}", "store") for n in MANY)), "components: are too many, got 501"),
        (
            model(cell("a", "store"), *(cell(f"b{n}", "trust-boundary-box") for n in MANY)),
            "boundaries: are too many, got 502",
        ),
        (
            model(
                *(cell(f"c{n}", "store") for n in range(30)),
                *(flow(f"f{n}", f"c{n // 30}", f"c{n % 30}") for n in MANY),
            ),
            "flows: are too many, got 501",
        ),
        (model(*[{}] * (MOST_CELLS + 1)), "detail.diagrams: have more than 2000 cells"),
        (BOM | {"components": DATA}, "components: have too many models and data, got 501"),
    ],
    ids=["components", "boundaries", "flows", "cells", "data"],
)
def test_a_system_larger_than_one_of_ours_may_be_is_refused(tree, message):
    with pytest.raises(FileRefused, match=message):
        parse_any_system("x.json", text(tree))


def test_mutants_whose_format_is_no_longer_known_are_answered_too(soaking):
    for name, tree in (("s.json", system_dict(SYSTEM)), ("b.json", BOM), ("d.json", DRAGON)):
        count = 1_000 if soaking else 10
        assert answers(parse_any_system, name, text(tree), count) > 0
