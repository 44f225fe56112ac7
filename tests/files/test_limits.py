"""Large and hostile files end soon: all rows are looked at, floods are counted and not kept."""

import time

import pytest


@pytest.fixture
def soon():
    begin = time.process_time()
    yield
    # processor time, since other tests may run beside this one
    assert time.process_time() - begin < 10


@pytest.mark.usefixtures("soon")
def test_a_fault_in_the_last_of_many_rows_is_found(gate):
    rows = [{} for _ in range(8000)] + [{"aro_low": 3, "aro_mode": 0.5, "aro_high": 1}]
    (message,) = gate.refusal(gate.csv_of(*rows))
    assert message.startswith("t.csv: row 8002: aro_low: is above aro_mode")


@pytest.mark.usefixtures("soon")
def test_a_hundred_thousand_errors_make_fifty_lines(gate):
    line = "S,x,x,x,x,x,x,x,x,x,x"
    messages = gate.refusal(gate.csv_of(*[line] * 12_000))
    assert len(messages) == 51
    assert int(messages[-1].split()[-2]) > 100_000
    assert sum(map(len, messages)) < 16_000


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize(
    "body",
    ["," * 1_000_000, "\n" * 1_000_000, ",,\n" * 300_000, '"' * 4_000_000, "a\n" * 300_000,
     '"' + "x" * 4_000_000, "x" * 4_000_000],
)  # fmt: skip
def test_degenerate_tables_end(gate, body):
    text = gate.columns + "\n" + body
    if body.strip(",\n"):
        gate.refusal(text)
    else:
        assert gate.accepted(text).study.scenarios == ()


@pytest.mark.usefixtures("soon")
def test_more_scenarios_than_the_limit_are_refused_by_number(gate):
    text = "[" + "0," * 100_000 + "0]"
    assert "has 100001 entries, allowed 100000" in gate.refusal(text, "t.json")[0]


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize(
    "text",
    ["- [" + "1," * 15_000, "- {" + "a: 1," * 15_000, '- "' + "\n" * 200_000,
     "- |\n" + "  x\n" * 30_000, "- " + "x\n  " * 30_000, "a:\n a:\n" * 8_000,
     "- '" + "''" * 200_000, "#" * 900_000],
)  # fmt: skip
def test_degenerate_yaml_ends(gate, text):
    assert gate.refusal(text, "t.yaml") != ()
