"""Files of other programs have wider limits than study files, and fields that are left alone."""

import json
from dataclasses import replace

import pytest

from workbench.files.catalogues.checking import parsed
from workbench.files.exchange.foreign import Foreign, foreign_tree, report_twice, rows_of, whole
from workbench.files.forms.fields import Id
from workbench.files.messages import FileRefused, Findings
from workbench.files.tree import FOREIGN, STUDY, Unreadable
from workbench.files.yaml_text import read_yaml

WIDE = {f"k{number}": number for number in range(STUDY.fields + 1)}


class Row(Foreign):
    id: Id


@pytest.mark.parametrize("name", ["t.json", "t.yaml"])
def test_a_wide_mapping_is_one_of_other_programs_and_none_of_a_study(name):
    data = json.dumps(WIDE).encode()
    assert foreign_tree(name, data, Findings(name)) == WIDE
    assert isinstance(parsed(name, data, Findings(name)), Unreadable)


def test_a_long_yaml_file_is_one_of_other_programs_and_none_of_a_study():
    data = b"a: " + b"x" * STUDY.yaml_bytes
    assert len(foreign_tree("t.yaml", data, Findings("t.yaml"))["a"]) == STUDY.yaml_bytes
    with pytest.raises(FileRefused, match="at most 1 MiB"):
        parsed("t.yaml", data, Findings("t.yaml"))
    with pytest.raises(FileRefused, match="at most 4 MiB"):
        foreign_tree("t.yaml", data * 4, Findings("t.yaml"))


def test_wider_limits_are_limits():
    for text, limits in (
        ("a: [" + "1," * FOREIGN.yaml_marks + "]", FOREIGN),
        ("[" + "1 ,2\n," * 100 + "]", replace(FOREIGN, yaml_events=100)),
    ):
        with pytest.raises(FileRefused, match="too many values"):
            read_yaml(text, Findings("t.yaml"), limits)
    with pytest.raises(FileRefused, match="the anchor '&a' is not read"):
        foreign_tree("t.yaml", b"x: &a 1\ny: *a\n", Findings("t.yaml"))
    with pytest.raises(FileRefused, match="allowed 16 MiB"):
        foreign_tree("t.json", b" " * (2**24 + 1), Findings("t.json"))


def test_fields_of_no_interest_are_left_alone_and_the_others_are_checked():
    findings = Findings("t.json")
    rows = rows_of([{"id": "a", "colour": [1]}, {"id": 3}, 7], Row, "things", findings)
    assert [(place, row.id) for place, row in rows] == [("things row 1 (a)", "a")]
    with pytest.raises(FileRefused) as caught:
        findings.refuse_if_any()
    assert caught.value.messages == (
        "t.json: things row 2: id: is not text, got '3'; put it in quotes",
        "t.json: things row 3: is not a mapping of fields, got '7'",
    )


def test_a_whole_file_of_another_shape_is_refused():
    with pytest.raises(FileRefused, match=r"t\.json: is not a mapping of fields, got a list"):
        whole([], Row, Findings("t.json"))
    with pytest.raises(FileRefused, match=r"t\.json: id: is missing"):
        whole({}, Row, Findings("t.json"))


def test_an_id_that_was_there_is_told_with_the_first_place():
    findings = Findings("t.json")
    report_twice([("row 1 (a)", "a"), ("row 2 (b)", "b"), ("row 3 (a)", "a")], findings)
    with pytest.raises(
        FileRefused, match=r"row 3 \(a\): id: is used twice, got 'a', first in row 1$"
    ):
        findings.refuse_if_any()
