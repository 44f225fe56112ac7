"""Whatever a file holds, a message is one harmless line, and nothing but FileRefused comes out."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import WorkbenchError
from workbench.files import FileRefused, parse_study
from workbench.files.messages import Findings, echo, printable, shown_name

ANY = st.text(st.characters(), max_size=400)
LIVE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
PIECES = ["scenarios", "id", "aro_low", "type", "pert", ":", "- ", "{", "}", "[", "]", ",",
          '"', "'", "\n", "  ", "1", "1e5", "&a", "*a", "!!", "<<", "?", "|", ">", "%", "#", "\\",
          "null", "\t", "\u202e", "\x1b", "\ufeff", "é", "study", "---", "=", "\r", "0x1",
          ".nan"]  # fmt: skip
SOUP = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)


def harmless(text):
    return not any(unicodedata.category(ch) in LIVE for ch in text)


@given(ANY)
def test_an_echo_is_short_and_shows_what_cannot_be_seen(text):
    assert harmless(echo(text))
    assert len(echo(text)) < 120


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\x1b[31m", r"a\x1b[31m"), ("\u202e", r"\u202e"), ("\ud800", r"\ud800"), ("é 漢", "é 漢"),
     ("\U000e0001", r"\U000e0001"), ("\xa0", r"\xa0"), ("\n", r"\x0a"), ("\u200b", r"\u200b")],
)  # fmt: skip
def test_escapes_are_those_of_python(text, shown):
    assert printable(text) == shown


def test_a_long_path_is_named_by_its_last_part():
    assert shown_name("/a" * 100 + "/study.csv") == "study.csv"
    assert shown_name("a/study.csv") == "a/study.csv"


def test_messages_beyond_fifty_are_counted_not_kept():
    findings = Findings("f.csv")
    for number in range(80):
        findings.error(f"row {number}", "id", "is wrong")
        findings.warning(f"row {number}", "id", "is odd")
    assert findings.warnings()[50] == "f.csv: and 30 more"
    with pytest.raises(FileRefused) as caught:
        findings.refuse_if_any()
    assert caught.value.messages[-1] == "f.csv: and 30 more"
    assert isinstance(caught.value, WorkbenchError)
    assert str(caught.value) == "\n".join(caught.value.messages)


def is_read_or_refused(name, data):
    """Read anything; only the refusal may come out, and only in few, short and harmless lines."""
    try:
        lines = parse_study(name, data).warnings
    except FileRefused as error:
        lines = error.messages or ("",)  # a refusal without a line is not one
    return len(lines) <= 51 and all(harmless(line) and 0 < len(line) < 1000 for line in lines)


@pytest.mark.parametrize("name", ["t.csv", "t.yaml", "t.json", "t.xlsx"])
@given(data=st.binary(max_size=300))
def test_no_bytes_break_the_gate(name, data):
    assert is_read_or_refused(name, data)


@pytest.mark.parametrize("name", ["t.csv", "t.yaml", "t.json"])
@given(text=SOUP)
def test_no_soup_of_syntax_breaks_the_gate(name, text):
    assert is_read_or_refused(name, text.encode("utf-8", "replace"))


@pytest.mark.parametrize("name", ["t.yaml", "t.json"])
@given(data=st.data())
def test_no_change_of_a_good_file_breaks_the_gate(gate, name, data):
    good = gate.full_of(
        {"assets": [{"id": "a", "name": "b", "value": 1}], "tolerance": []},
        loss_event_frequency={"type": "lognormal", "low": 1, "high": 2},
        loss_magnitude={"type": "empirical", "values": [1, 2], "weights": [1, 2]},
        count={"type": "negative_binomial", "dispersion": 2},
    )
    begin = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(begin, min(len(good), begin + 12)))
    assert is_read_or_refused(
        name, (good[:begin] + data.draw(SOUP) + good[end:]).encode("utf-8", "replace")
    )


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | ANY
TREES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
    st.sampled_from(["type", "low", "high", "value", "values", "id", "mode", "x"]), inner,
    max_size=4), max_leaves=8)  # fmt: skip


@given(data=st.data())
def test_no_value_in_any_field_breaks_the_gate(gate, data):
    fields = ["id", "name", "aro_low", "asset_value", "likelihood", "count", "assumptions", "asset"]
    fields += ["aro", "exposure_factor", "loss_magnitude", "loss_event_frequency", "system"]
    changes = data.draw(st.dictionaries(st.sampled_from(fields), TREES, max_size=3))
    row = gate.cells | changes
    study = data.draw(st.none() | st.dictionaries(st.sampled_from(
        ["name", "currency", "seed", "assets", "tolerance"]), TREES, max_size=2))  # fmt: skip
    whole = {"scenarios": [row]} | ({} if study is None else {"study": study})
    assert is_read_or_refused("t.json", gate.dumps(whole).encode())
