"""Bad YAML: no tag, anchor or alias is ever followed, and scalars are those of YAML 1.2."""

import time

import pytest

ROW = "- id: {id}\n  name: {name}\n" + "".join(
    f"  {field}: {value}\n"
    for field, value in (("aro_low", 0.1), ("aro_mode", 0.5), ("aro_high", 2))
)
REST = "  ef_low: 0.1\n  ef_mode: 0.3\n  ef_high: 0.8\n  likelihood: 3\n  consequence: 4\n"


def row(name="Leak", value="1000000", name_of="S-1"):
    return ROW.format(id=name_of, name=name) + f"  asset_value: {value}\n" + REST


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- &a {id: S-1}\n", "line 1: the anchor '&a' is not read; remove it"),
        ("- {id: S-1, name: *a}\n", "line 1: the alias '*a' is not read; write the value out"),
        ("a: &a [*a]\n", "line 1: the anchor '&a'"),
        ("&r\nscenarios: []\n", "the anchor '&r'"),
        ("? &k key\n: 1\n", "the anchor '&k'"),
        (
            "- !!python/object/apply:os.system ['touch PWNED']\n",
            "the tag 'tag:yaml.org,2002:python",
        ),
        ("- !!set {a}\n", "the tag 'tag:yaml.org,2002:set'"),
        ("- !!binary aGk=\n", "the tag 'tag:yaml.org,2002:binary'"),
        ("- !!str 5\n", "the tag 'tag:yaml.org,2002:str'"),
        ("- !local 5\n", "the tag '!local'"),
        ("- ! 5\n", "the tag '!'"),
        ("%TAG ! tag:x,2000:\n---\n- 1\n", "%TAG is not read"),
        ("%YAML 1.1\n---\n- 1\n", "only YAML 1.2 is read"),
        ("%YAML 2.0\n---\n- 1\n", "line 1: not valid YAML"),
        ("- 1\n---\n- 2\n", "line 2: a second document begins"),
        ("--- 1\n...\n--- 2\n", "a second document begins"),
        ("- <<: {a: 1}\n", "the merge key '<<' is not read"),
        ("- 1: a\n", "a key is a text, got '1'"),
        ("- null: a\n", "a key is a text, got 'null'"),
        ("- true: a\n", "a key is a text, got 'true'"),
        ("- ? [1, 2]\n  : 3\n", "a key is a plain word, not a list"),
        ("- {{a: 1}: 2}\n", "a key is a plain word"),
        ("# nothing\n", "the file holds nothing"),
        ("---\n...\n", "the file holds nothing"),
        ("hello\n", "the file holds one value, got 'hello'"),
        ("scenarios: x\n", "scenarios: is not a list, got 'x'"),
        ("scenarios:\n\t- id: 1\n", "not valid YAML"),
        ("scenarios:\n  - a: b: c\n", "line 2: not valid YAML: mapping values are not allowed"),
        ("a: 'x\n", "not valid YAML"),
        ('a: "\\q"\n', "not valid YAML"),
        ('a: "\\U00110000"\n', "not valid YAML"),
        ("a: @x\n", "put the text in quotes"),
        ("a: `x`\n", "put the text in quotes"),
        ("a: \x07\n", r"line 1: a raw control character '\x07'"),
        ("a: 1\nb: \x85\n", r"line 2: a raw control character '\x85'"),
        ("a: \ufffe\n", r"a raw control character '\ufffe'"),
        ("[" * 100_000, "nested deeper than 32 levels"),
        ("{a: " * 100_000, "nested deeper than 32 levels"),
        ("- " * 100_000, "nested deeper than 32 levels"),
        ("? " * 100_000, "nested deeper than 32 levels"),
        ("".join(" " * i + "a:\n" for i in range(40)), "nested deeper than 32 levels"),
        ("x" * (2**20 + 1), "a YAML file has at most 1 MiB"),
    ],
)
def test_a_file_of_the_wrong_shape_is_refused_quickly_in_one_line(gate, text, said):
    begin = time.process_time()
    messages = gate.refusal(text, "t.yaml")
    assert said in messages[0]
    assert all(message.startswith("t.yaml: ") for message in messages)
    assert time.process_time() - begin < 5


@pytest.mark.parametrize(
    ("scalar", "said"),
    [
        (".nan", "is not a finite number, got '.nan'"),
        (".inf", "is not a finite number, got '.inf'"),
        ("-.INF", "is not a finite number, got '-.INF'"),
        ("nan", "is not a finite number, got 'nan'"),
        ("0100", "begins with 0, which some programs read as octal, got '0100'"),
        ("0o17", "is not a decimal number, got '0o17', allowed 0 to 1e15; write 15"),
        ("0x1F", "is not a decimal number, got '0x1F', allowed 0 to 1e15; write 31"),
        ("0b11", "is not a decimal number, got '0b11', allowed 0 to 1e15; write 3"),
        ("1_000_000", "is not a number, got '1_000_000', allowed 0 to 1e15; write 1000000"),
        ("1,000", "is not a number, got '1,000'"),
        ("12:30:00", "is not a number, got '12:30:00'"),
        ("2024-01-01", "is not a number, got '2024-01-01'"),
        ("2024-01-01T00:00:00Z", "is not a number, got '2024-01-01T00:00:00Z'"),
        ("3M", "write 3000000"),
        ("80%", "is not a number, got '80%'"),
        ("'5'", "is not a number, got '5'"),
        ("yes", "is not a number, got 'yes'"),
        ("true", "is not a number, got 'true'"),
        ("", "is missing"),
        ("~", "is missing"),
        ("1e999", "is larger than any number can be, got '1e999'"),
        ("[1]", "is not a number, got a list"),
        ("|\n    5", r"is not a number, got '5"),
    ],
)
def test_what_is_no_number_is_refused_where_it_stands(gate, scalar, said):
    messages = gate.refusal(row() + row(value=scalar, name_of="S-2"), "t.yaml")
    assert messages[0].startswith("t.yaml: row 2 (scenario S-2): asset_value: ")
    assert said in messages[0]


@pytest.mark.parametrize("scalar", ["1e6", "1E6", "1.0e+6", "1000000", "+1000000", "1000000."])
def test_the_numbers_of_yaml_12_are_numbers(gate, scalar):
    assert gate.accepted(row(value=scalar), "t.yaml").study == gate.accepted(row(), "t.yml").study


@pytest.mark.parametrize(
    ("written", "text"),
    [("no", "no"), ("on", "on"), ("y", "y"), ("12:30:00", "12:30:00"), ("1_000", "1_000"),
     ("2024-13-45", "2024-13-45"), ("'007'", "007"), ('"\\u00e9"', "é"), ("=cmd()", "=cmd()"),
     ('"\\ud83d\\ude00"', "\U0001f600"), ("NA", "NA"), ("None", "None"), ("a#b", "a#b")],
)  # fmt: skip
def test_texts_of_yaml_12_are_texts(gate, written, text):
    assert gate.accepted(row(name=written), "t.yaml").study.scenarios[0].name == text


@pytest.mark.parametrize("written", ["007", "1e5", "7", "true", "0x10", "5.", "1.0"])
def test_an_id_that_yaml_takes_for_something_else_wants_quotes(gate, written):
    message = gate.refusal(row(name_of=written), "t.yaml")[0]
    assert message.startswith("t.yaml: row 1: id: is not text, got ")
    assert message.endswith("put it in quotes")
    assert gate.accepted(row(name_of=f"'{written}'"), "t.yaml").study.scenarios[0].id == written


def test_a_date_as_an_id_stays_text_with_a_word_of_warning(gate):
    loaded = gate.accepted(row(name_of="2024-01-01"), "t.yaml")
    assert loaded.study.scenarios[0].id == "2024-01-01"
    assert "put it in quotes for other programs" in loaded.warnings[0]


def test_a_lone_surrogate_is_refused(gate):
    assert "surrogate" in gate.refusal(row(name='"\\ud800"'), "t.yaml")[0]


def test_a_repeated_key_is_named(gate):
    message = gate.refusal(row() + "  asset_value: 5\n", "t.yaml")[0]
    assert message.startswith("t.yaml: row 1 (scenario S-1): asset_value: is written twice")


def test_json_is_yaml(gate):
    assert gate.accepted(gate.json_of({}), "t.yaml").study == gate.accepted(gate.csv_of({})).study


def test_comments_order_and_style_do_not_matter(gate):
    text = "# a study\nscenarios:\n" + row(name='"Leak"  # said twice', value="1.0e6")
    assert gate.accepted(text, "t.yaml").study == gate.accepted(row(), "t.yaml").study


def test_a_flood_of_values_is_cut_short(gate):
    for text in ("- \n" * 210_000, "[" + "[]," * 63_000):
        assert "too many values for YAML" in gate.refusal(text, "t.yaml")[0]
