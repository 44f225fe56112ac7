"""What people type is read with one meaning or refused with the remedy; money is written back."""

import math

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from workbench.amounts import (
    MINUS,
    Amount,
    compact_money,
    full_money,
    money_with_error,
    parse_amount,
    parse_rate,
    parse_share,
    percent,
)
from workbench.errors import WorkbenchError

pytestmark = pytest.mark.pure

READ = [
    ("3M", 3e6, None, "3,000,000"),
    ("3 million", 3e6, None, "3,000,000"),
    ("3 mio", 3e6, None, "3,000,000"),
    ("1.2e6", 1.2e6, None, "1,200,000"),
    ("1.1M", 1_100_000.0, None, "1,100,000"),
    ("€50k", 5e4, "EUR", "€50,000"),
    ("50k€", 5e4, "EUR", "€50,000"),
    ("$1.5bn", 1.5e9, "USD", "$1,500,000,000"),
    ("2,500,000", 2.5e6, None, "2,500,000"),
    ("1,500", 1500.0, None, "1,500"),
    ("1,234.5", 1234.5, None, "1,234.5"),
    ("1 200 000", 1.2e6, None, "1,200,000"),
    ("1\u00a0200\u202f000", 1.2e6, None, "1,200,000"),
    ("1'200'000", 1.2e6, None, "1,200,000"),
    ("1_200_000", 1.2e6, None, "1,200,000"),
    ("USD 3m", 3e6, "USD", "$3,000,000"),
    ("us$ 3m", 3e6, "USD", "$3,000,000"),
    ("12.5k EUR", 12_500.0, "EUR", "€12,500"),
    ("CHF\u00a02.4M", 2.4e6, "CHF", "CHF\u00a02,400,000"),
    ("A$2.4M", 2.4e6, "AUD", "A$2,400,000"),
    ("20 thousand pounds", 2e4, "GBP", "£20,000"),
    ("650.88", 650.88, None, "650.88"),
    ("+3", 3.0, None, "3"),
    (".5", 0.5, None, "0.5"),
    ("0.09", 0.09, None, "0.09"),
    ("0", 0.0, None, "0"),
    ("-0", 0.0, None, "0"),
]

REFUSED = [
    ("", "Write a number such as 3M"),
    ("   ", "Write a number such as 3M"),
    ("abc", "Write it such as $3M"),
    ("1,5", "Write 1.5 or 1500."),
    ("12,34", "Write 12.34 or 12340."),
    ("0,5", "Write 0.5."),
    ("1.234,56", "Write 1234.56."),
    ("1.234.567,8", "Write 1234567.8."),
    ("1.234.567", "Write it such as 1234567.89"),
    ("1,23,456", "Write it such as 1234567.89"),
    ("1..2", "Write it such as 1234567.89"),
    ("nan", "Write a number such as 3M."),
    ("inf", "Write a number such as 3M."),
    ("-Infinity", "Write a number such as 3M."),
    ("1e999", "Write a number below 1e300."),
    ("1e300bn", "Write a number below 1e300."),
    ("1e-999", "Write 0 or a larger number."),
    ("3 5", "Write one number"),
    ("3M 5M", "Write one number"),
    ("3-5", "Write one number"),
    ("1 to 2", "Write one number"),
    ("5 in 100", "Write one number"),
    ("-5", "Leave the minus sign out."),
    ("\u22125", "Leave the minus sign out."),
    ("-$-5", "Leave one sign out."),
    ("XYZ 3", "Write it such as $3M"),
    ("3 apples", "Write it such as $3M"),
    ("3\u200bM", "Write it such as $3M"),
    ("$3 EUR", "Write it such as $3M"),
    ("3 k m", "Write it such as $3M"),
    ("9k%", "Write it such as $3M"),
    ("9% EUR", "Write 9%, or the amount itself."),
    ("\uff13\uff2d", "Write 3M."),
    ("\u0663M", "Write 3M."),
    ("½", "Write it such as 3M or 0.5."),
    ("1" * 61, "Write it such as $3M"),
]


@pytest.mark.parametrize(("text", "value", "currency", "echo"), READ)
def test_an_amount_with_one_meaning_is_read_and_echoed(text, value, currency, echo):
    amount = parse_amount(text)
    assert amount == Amount(value, currency)
    assert amount.understood() == echo


@pytest.mark.parametrize("text", ["9%", "9 %", "9 percent", "9 per cent", "9 pct"])
def test_a_percentage_is_read_as_its_share(text):
    amount = parse_amount(text)
    assert amount == Amount(0.09, is_percent=True)
    assert amount.understood() == "9% (0.09)"


@pytest.mark.parametrize(("text", "remedy"), REFUSED)
def test_a_refusal_shows_what_was_typed_and_names_the_remedy(text, remedy):
    with pytest.raises(WorkbenchError) as caught:
        parse_amount(text)
    message = str(caught.value)
    assert remedy in message
    assert repr(text) in message or f"({len(text)} characters)" in message


def test_an_amount_that_is_no_text_is_refused():
    with pytest.raises(WorkbenchError, match="Pass it as text"):
        parse_amount(3.0)


def test_the_expected_currency_fills_in_and_another_one_is_refused():
    assert parse_amount("3M", currency="EUR").understood() == "€3,000,000"
    assert parse_amount("EUR 3M", currency="EUR").currency == "EUR"
    with pytest.raises(WorkbenchError, match=r"the currency here is EUR.*Convert it to EUR first"):
        parse_amount("$3M", currency="EUR")
    with pytest.raises(WorkbenchError, match=r"an amount in EUR is needed.*Write the amount"):
        parse_amount("9%", currency="EUR")


def test_a_bare_dollar_or_yen_sign_follows_the_expected_currency():
    assert parse_amount("$3", currency="AUD").currency == "AUD"
    assert parse_amount("$3").currency == "USD"
    assert parse_amount("¥3", currency="CNY").currency == "CNY"
    assert parse_amount("¥3").currency == "JPY"


def test_an_amount_below_zero_is_read_where_it_is_allowed():
    assert parse_amount("\u2212$2.4M", negative=True) == Amount(-2.4e6, "USD")
    assert parse_amount("$-2.4M", negative=True).understood() == f"{MINUS}$2,400,000"


@pytest.mark.parametrize(
    ("text", "value", "echo"),
    [
        ("9%", 0.09, "9% (0.09)"),
        ("0.09", 0.09, "9% (0.09)"),
        ("1/20", 0.05, "5% (0.05)"),
        ("1 in 20", 0.05, "5% (0.05)"),
        ("5 in 100", 0.05, "5% (0.05)"),
        ("5 out of 100", 0.05, "5% (0.05)"),
        ("1 of 3", 1 / 3, "33.3333% (0.333333)"),
        ("0", 0.0, "0% (0)"),
        ("1", 1.0, "100% (1)"),
        ("100%", 1.0, "100% (1)"),
    ],
)
def test_a_share_is_read_and_echoed_as_a_percentage(text, value, echo):
    share = parse_share(text)
    assert share == Amount(value, is_percent=True)
    assert share.understood() == echo


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("9", "Write 9% or 0.09."),
        ("1.5", "Write 1.5% or 0.015."),
        ("250", "Write it such as 9% or 0.09."),
        ("150%", "Write at most 100%."),
        ("20/1", "Write the part first"),
        ("1/0", "Write the part first"),
        ("$0.5", "Write it such as 9% or 0.09."),
        ("-1%", "Leave the minus sign out."),
        ("0,5", "Write 0.5."),
    ],
)
def test_a_number_that_is_no_share_is_refused_with_the_remedy(text, remedy):
    with pytest.raises(WorkbenchError) as caught:
        parse_share(text)
    assert remedy in str(caught.value)


@pytest.mark.parametrize(
    ("text", "value", "echo"),
    [
        ("0.2", 0.2, "0.2 a year (1 in 5 years)"),
        ("1 in 5 years", 0.2, "0.2 a year (1 in 5 years)"),
        ("every 5 years", 0.2, "0.2 a year (1 in 5 years)"),
        ("once every 5 years", 0.2, "0.2 a year (1 in 5 years)"),
        ("3 times in 10 years", 0.3, "0.3 a year (1 in 3.33 years)"),
        ("3 per decade", 0.3, "0.3 a year (1 in 3.33 years)"),
        ("1 per century", 0.01, "0.01 a year (1 in 100 years)"),
        ("3 a year", 3.0, "3 a year"),
        ("3/year", 3.0, "3 a year"),
        ("twice a year", 2.0, "2 a year"),
        ("once annually", 1.0, "1 a year"),
        ("every year", 1.0, "1 a year"),
        ("2 per month", 24.0, "24 a year"),
        ("1 a week", 52.0, "52 a year"),
        ("0", 0.0, "0 a year"),
    ],
)
def test_a_rate_is_read_in_events_a_year(text, value, echo):
    rate = parse_rate(text)
    assert rate == Amount(value, is_rate=True)
    assert rate.understood() == echo


@pytest.mark.parametrize(
    "text",
    [
        "1 in 5",
        "1/5",
        "20%",
        "3 a fortnight",
        "a year",
        "-1 a year",
        "$3 a year",
        "every 0 years",
        "3 years",
        "monthly",
        "once",
        "10k",
        "nan",
    ],
)
def test_a_text_that_is_no_rate_is_refused_with_examples(text):
    with pytest.raises(WorkbenchError, match=r"Write it such as 0\.2"):
        parse_rate(text)


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.49, 2, "$0"),
        (-0.49, 2, "$0"),
        (0.5, 2, "$1"),
        (12, 2, "$12"),
        (999.4, 2, "$999"),
        (999.6, 2, "$1.0k"),
        (9_960, 2, "$10k"),
        (424_610, 2, "$425k"),
        (999_400, 2, "$999k"),
        (999_600, 2, "$1.0M"),
        (2_381_100, 2, "$2.4M"),
        (2_381_100, 3, "$2.38M"),
        (-2_381_100, 2, f"{MINUS}$2.4M"),
        (1e9, 2, "$1.0B"),
        (1.2e12, 2, "$1,200B"),
    ],
)
def test_compact_money_has_two_figures_and_carries(value, digits, text):
    assert compact_money(value, digits=digits) == text


def test_a_currency_has_its_sign_or_its_code():
    assert compact_money(2.4e6, "EUR") == "€2.4M"
    assert compact_money(2.4e6, "CAD") == "C$2.4M"
    assert compact_money(-2.4e6, "CHF") == f"{MINUS}CHF\u00a02.4M"


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (2_381_100, 8_230, "$2.38M ± $0.01M"),
        (2_381_100, 20, "$2.38M ± $0.01M"),
        (2_381_100, 0, "$2.38M ± $0"),
        (2_381_100, 250_000, "$2.4M ± $0.3M"),
        (50_000, 2e6, "$0.1M ± $2.0M"),
        (650_000, 900, "$650k ± $1k"),
        (0, 0, "$0 ± $0"),
        (0, 1_000, "$0 ± $1.0k"),
        (2_381_100, None, "$2.4M"),
    ],
)
def test_the_error_chooses_the_digits(value, error, text):
    assert money_with_error(value, error) == text


def test_full_money_has_whole_units():
    assert full_money(2_381_100.4) == "$2,381,100"
    assert full_money(-1234.5, "EUR") == f"{MINUS}€1,235"
    assert full_money(0.2, "CHF") == "CHF\u00a00"


@pytest.mark.parametrize("write", [compact_money, full_money, lambda x: money_with_error(1.0, x)])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_money_that_is_no_number_is_never_printed(write, value):
    with pytest.raises(WorkbenchError, match=r"say so in words|Pass its size"):
        write(value)


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0, "0%"),
        (1e-9, "<0.1%"),
        (0.000999, "<0.1%"),
        (0.001, "0.1%"),
        (0.097, "9.7%"),
        (0.0994, "9.9%"),
        (0.0996, "10%"),
        (0.104, "10%"),
        (0.994, "99%"),
        (0.9999, ">99%"),
        (1, "100%"),
        (3.38, "338%"),
        (-0.057, f"{MINUS}5.7%"),
    ],
)
def test_percent_is_whole_from_ten_and_never_certain_below_one(p, text):
    assert percent(p) == text


def test_percent_of_no_number_is_refused():
    with pytest.raises(WorkbenchError, match=r"Pass it such as 0\.09"):
        percent(math.nan)


money = st.floats(min_value=-1e14, max_value=1e14)
codes = st.sampled_from(["USD", "EUR", "GBP", "JPY", "AUD", "CHF", "SEK", "CNY"])


@given(value=money, currency=codes, digits=st.integers(1, 5))
@example(value=999_600.0, currency="USD", digits=2)
@example(value=999.5, currency="USD", digits=2)
@example(value=1_128_056_402_821.0, currency="USD", digits=5)
def test_compact_money_reads_back_within_its_rounding(value, currency, digits):
    amount = parse_amount(compact_money(value, currency, digits), negative=True)
    assert amount.currency == currency
    half_step = max(0.5, 0.5 * 10.0 ** (1 - digits) * abs(value))
    assert abs(amount.value - value) <= half_step * (1 + 1e-9)


@given(first=money, second=money, digits=st.integers(1, 4))
@example(first=999_400.0, second=999_600.0, digits=2)
def test_compact_money_keeps_the_order(first, second, digits):
    low, high = sorted((first, second))
    read = [parse_amount(compact_money(x, digits=digits), negative=True).value for x in (low, high)]
    assert read[0] <= read[1]


@given(value=st.floats(0, 1e12), error=st.floats(0, 1e12))
def test_the_printed_error_is_never_below_the_computed_one(value, error):
    shown_value, shown_error = money_with_error(value, error).split(" ± ")
    printed = parse_amount(shown_error).value
    assert printed >= error * (1 - 1e-6)
    assert (printed == 0) == (error == 0)
    assert abs(parse_amount(shown_value).value - value) <= max(0.5, 0.05 * max(value, error))


@given(value=st.floats(0, 1e14), currency=codes)
def test_what_was_understood_reads_back_to_the_same_amount(value, currency):
    assume(value == 0 or value > 1e-8)
    amount = parse_amount(repr(value), currency=currency)
    assert amount.value == value
    assert parse_amount(amount.understood()).value == pytest.approx(value, rel=1e-5)


@given(p=st.floats(0, 1), q=st.floats(0, 1))
def test_percent_keeps_the_order(p, q):
    def number(text):
        return float(text.strip("<>%")) + {"<": -0.01, ">": 0.01}.get(text[0], 0.0)

    low, high = sorted((p, q))
    assert number(percent(low)) <= number(percent(high))


@given(text=st.text(max_size=30) | st.text("0123459.,'_ -+eEkmbnM%$€/x\u2212\u00a0", max_size=12))
def test_any_text_is_read_as_a_finite_number_or_refused_in_the_house_phrase(text):
    for parse in (parse_amount, parse_share, parse_rate):
        try:
            amount = parse(text)
        except WorkbenchError as error:
            rule, _, rest = str(error).partition("; got ")
            assert rule
            assert rest.endswith(".")
        else:
            assert math.isfinite(amount.value)
            assert amount.value >= 0
