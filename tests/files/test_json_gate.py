"""Bad JSON: faults of the text name its line, faults of a scenario its number and id."""

import json

import pytest


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"scenarios": [', "line 1: not valid JSON: "),
        ('{"scenarios": [\n1,]}', "line 2: not valid JSON: "),
        ("{'scenarios': []}", 'text stands in double quotes: "..."'),
        ('// x\n{"scenarios": []}', "line 1: not valid JSON: expecting value, column 1, got '/'"),
        ('{"scenarios": []} {"scenarios": []}', "line 1: extra text '{\"scenarios\": []}'"),
        ('{"a": 1}\n{"b": 2}', "line 2: extra text"),
        ('{"scenarios": "a\x01b"}', r"line 1: a raw control character '\x01' in a text"),
        ('{"scenarios": "a\tb"}', r"line 1: a raw control character '\x09' in a text"),
        ("null", "the file holds nothing (null), allowed a list of scenarios"),
        ("3", "the file holds one value, got '3'"),
        ('"x"', "the file holds one value, got 'x'"),
        ("NaN", "the file holds one value, got 'NaN'"),
        ("{}", "scenarios: is missing, allowed a list of scenarios"),
        ('{"scenarios": {}}', "scenarios: is not a list, got a mapping"),
        ('{"scenarios": null}', "scenarios: is missing"),
        ('{"scenarios": [3]}', "row 1: is not a mapping of fields, got '3'"),
        ('{"scenarios": [null]}', "row 1: is not a mapping of fields, got nothing (null)"),
        ('{"scenarios": [[]]}', "row 1: is not a mapping of fields, got a list"),
        ('{"scenarios": [], "scenarios": []}', "scenarios: is written twice"),
        ('{"scenarios": [], "scenario": []}', "scenario: is not a known field, did you mean"),
        (
            '{"scenarios": [], "dependence": {}}',
            "dependence: stands elsewhere; write it under study:",
        ),
        ('{"scenarios": [], "threats": []}', "threats: is not computed in this version"),
        ("[" * 33 + "]" * 33, "line 1: nested deeper than 32 levels"),
        ('\n{"a":' * 40, "line 34: nested deeper than 32 levels"),
        ("[" * 1_000_000, "nested deeper than 32 levels"),
        ("[" + "0," * 3_000_000 + "0]", "more than 3000000 values"),
        ('"' + '\\"' * 500_000, "not valid JSON"),
        ("\ufeff\ufeff[]", "remove the byte order mark"),
        ("[1 2]", "not valid JSON"),
        ("[01]", "not valid JSON"),
        ("[+1]", "not valid JSON"),
        ("[.5]", "not valid JSON"),
        ("[0x10]", "not valid JSON"),
        ("[1_000]", "not valid JSON"),
        ("[True]", "not valid JSON"),
        ("undefined", "not valid JSON"),
        ('["\\x41"]', "not valid JSON"),
        ('["\\ud83"]', "not valid JSON"),
    ],
)
def test_a_file_of_the_wrong_shape_is_refused_in_one_line(gate, text, said):
    messages = gate.refusal(text, "t.json")
    assert said in messages[0]
    assert all(message.startswith("t.json: ") for message in messages)


@pytest.mark.parametrize(
    ("field", "raw", "said"),
    [
        ("aro_mode", "NaN", "is not a finite number, got 'NaN'"),
        ("aro_mode", "-Infinity", "is not a finite number, got '-Infinity'"),
        ("aro_mode", '"0.5"', "is not a number, got '0.5', allowed"),
        ("aro_mode", "true", "is not a number, got 'true'"),
        ("aro_mode", "null", "is missing"),
        ("aro_mode", "[0.5]", "is not a number, got a list"),
        ("aro_mode", '{"$numberDouble": "1"}', "is not a number, got a mapping"),
        ("asset_value", "1e999999999", "is larger than any number can be, got '1e999999999'"),
        ("asset_value", "1" + "0" * 400, "has too many digits"),
        ("asset_value", "9" * 5000, "has too many digits"),
        ("asset_value", "true", "is not a number, got 'true'"),
        ("asset_value", '"3M"', "write 3000000"),
        ("asset_value", "[]", "is not a number, got a list"),
        ("likelihood", "3.5", "is not a whole number, got '3.5'"),
        ("likelihood", "true", "is not a whole number, got 'true'"),
        ("likelihood", '"3"', "is not a whole number, got '3'"),
        ("likelihood", "1e99", "is not a whole number"),
        ("id", "7", "is not text, got '7'; put it in quotes"),
        ("id", "null", "is missing"),
        ("id", "[1]", "is not text, got a list"),
        ("id", '"\\u0000"', r"got '\x00'"),
        ("id", '"\\u202e"', r"got '\u202e'"),
        ("name", '{"py/object": "os.system"}', "is not text, got a mapping"),
        ("name", '"\\ud800"', r"half of a surrogate pair, which is no character, got '\ud800'"),
        ("name", '"\\u001b[2J"', r"got '\x1b[2J'"),
        ("name", "false", "is not text, got 'false'"),
    ],
)
def test_a_field_is_refused_with_the_scenario_that_it_stands_in(gate, field, raw, said):
    whole = json.loads(gate.json_of({}, {}))["scenarios"]
    whole[1][field] = "@@"
    text = json.dumps(whole).replace('"@@"', raw)
    (message,) = gate.refusal(text, "t.json")
    place = "row 2" if field == "id" else "row 2 (scenario S-2)"
    assert message.startswith((f"t.json: {place}: {field}: ", f"t.json: {place} (scenario "))
    assert f": {field}: " in message
    assert said in message


def test_a_repeated_key_is_named_with_its_path(gate):
    text = gate.full_of(
        loss_event_frequency={"type": "point", "value": 1},
        loss_magnitude={"type": "uniform", "low": 1, "high": 2},
    ).replace('"low": 1', '"low": 1, "low": 1')
    (message,) = gate.refusal(text, "t.json")
    assert message.startswith("t.json: row 1 (scenario F-1): loss_magnitude.low: is written twice")


@pytest.mark.parametrize("key", ["__proto__", "__class__", "$ref", "py/object", "secret", ""])
def test_an_unknown_field_is_refused_by_name(gate, key):
    (message,) = gate.refusal(gate.json_of({key: "x"}), "t.json")
    assert "is not a known field" in message
    assert key in message


def test_a_misspelt_field_is_met_with_the_right_one(gate):
    text = gate.json_of({"asset_value": None, "asset_vlaue": 5})
    assert "did you mean 'asset_value'?" in gate.refusal(text, "t.json")[0]


def test_a_flood_of_fields_is_one_fault(gate):
    text = json.dumps([{f"k{i}": i for i in range(100_000)}])
    assert gate.refusal(text, "t.json") == (
        "t.json: row 1: has too many fields, got 'a mapping of 100000 fields'",
    )


def test_an_accepted_list_is_the_study_of_the_same_table(gate):
    rows = json.loads(gate.json_of({}, {}))["scenarios"]
    table = gate.accepted(gate.csv_of({}, {})).study
    assert gate.accepted(json.dumps(rows), "t.json").study == table
    assert gate.accepted(gate.json_of({}, {}), "t.JSON").study == table
