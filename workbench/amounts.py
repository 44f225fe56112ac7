"""What people type ('3M', '9%', '€50k', '1 in 5 years') to numbers, and numbers back to short text.

Reading is strict: a text with one meaning is read, a text with two meanings is refused with both
written out. `Amount.understood()` is the echo to show beside an input field. Decimal arithmetic is
used while reading, so that '1.1M' is 1100000 and not 1100000.0000000002.

Writing follows one rule for people: two significant figures (three on request), k, M, B, a true
minus sign (U+2212), and a rounding that carries (999,600 is '$1.0M'). Whole units of the chosen
scale are never rounded away, so 424,610 is '$425k'.
"""

import math
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from workbench.currencies import CURRENCIES
from workbench.errors import WorkbenchError, require

MINUS = "\u2212"
NO_BREAK_SPACE = "\u00a0"
LONGEST_TEXT = 60  # characters; nobody types a longer amount, and it bounds the work

# fmt: off
SIGNS = {
    "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩", "ILS": "₪", "UAH": "₴",
    "AUD": "A$", "CAD": "C$", "NZD": "NZ$", "HKD": "HK$", "SGD": "S$", "BRL": "R$", "MXN": "MX$",
    "TWD": "NT$", "CNY": "CN¥",
}
_CURRENCY_WORDS = {sign.lower(): code for code, sign in SIGNS.items()} | {
    "us$": "USD", "au$": "AUD", "ca$": "CAD", "dollar": "USD", "dollars": "USD", "euro": "EUR",
    "euros": "EUR", "pound": "GBP", "pounds": "GBP", "yen": "JPY", "francs": "CHF",
}
_MULTIPLIERS = {  # powers of ten
    "k": 3, "thousand": 3, "thousands": 3, "m": 6, "mn": 6, "mln": 6, "mio": 6, "million": 6,
    "millions": 6, "b": 9, "bn": 9, "bln": 9, "billion": 9, "billions": 9,
}
_PERIODS = {  # how often the period comes in a year
    "day": Decimal(365), "week": Decimal(52), "month": Decimal(12), "quarter": Decimal(4),
    "year": Decimal(1), "decade": Decimal("0.1"), "century": Decimal("0.01"),
}
_PERIOD_WORDS = {"yr": "year", "yrs": "year", "mo": "month", "centuries": "century"}
# fmt: on
_DOLLARS = frozenset({"$", "dollar", "dollars"})
_SCALES = ((1.0, ""), (1e3, "k"), (1e6, "M"), (1e9, "B"))

_NUMBER = r"(?:\d[\d.,'_]*|\.\d+)(?: [\d.,'_]+)*(?:[eE][+-]?\d+)?"
_AMOUNT = re.compile(rf"([+-]?) ?([^\d.+-]*)([+-]?) ?({_NUMBER})(\D*)")
_WORD = re.compile(r"[A-Za-z]{0,2}[$¥]|[A-Za-z]+|\S")
_PLAIN = re.compile(r"\d+(?:\.\d*)?|\.\d+")
_GROUPED = re.compile(r"[1-9]\d{0,2}([,' _])\d{3}(?:\1\d{3})*(?:\.\d+)?")
_FRACTION = re.compile(rf"({_NUMBER}) ?(?:/|in|of|out of) ?({_NUMBER})")
_RATE = re.compile(
    rf"(?:(once|twice|{_NUMBER}) ?(?:times?|x|events?)? ?)?(an?|per|in|every|each|/) ?"
    rf"(?:({_NUMBER}) ?)?([a-z]+)",
    re.IGNORECASE,
)
_RATE_FIX = "Write it such as 0.2, '3 a year' or '1 in 5 years'."
_AMOUNT_FIX = "Write it such as $3M, EUR 250k or 1,500,000."


@dataclass(frozen=True, slots=True)
class Amount:
    """One number that a person stated.

    `value` is the number itself: 9% is 0.09, a rate is in events a year. `currency` is an ISO 4217
    code, or None where none was written or expected. At most one of the two marks is set.
    """

    value: float
    currency: str | None = None
    is_percent: bool = False
    is_rate: bool = False

    def understood(self) -> str:
        """What to echo: '$3,000,000', '9% (0.09)', '0.2 a year (1 in 5 years)'."""
        if self.is_percent:
            return f"{_exact(self.value, shift=2)}% ({_exact(self.value)})"
        if self.is_rate:
            text = f"{_exact(self.value)} a year"
            return f"{text} (1 in {1 / self.value:.3g} years)" if 0 < self.value < 1 else text
        return _signed(self.value, self.currency, _exact(abs(self.value)))


def parse_amount(text: str, *, currency: str | None = None, negative: bool = False) -> Amount:
    """Read one amount: '3M', '3 million', '1.2e6', '€50k', 'USD 3m', '2,500,000', '9%'.

    `currency` is the ISO code that the caller expects: an amount without one is taken to be in it,
    another one is refused. A bare '$' means the expected dollar, or USD. `negative=True` allows
    amounts below zero. Raises WorkbenchError, whose message names the remedy.
    """
    clean = _clean(text)
    found = _AMOUNT.fullmatch(clean)
    if found is None:
        raise _not_one_number(clean, text)
    first_sign, before, second_sign, numeral, after = found.groups()
    if first_sign and second_sign:
        raise _refusal("an amount has one sign", text, "Leave one sign out.")
    number = _numeral(numeral, text)
    power, stated, is_percent = _words(f"{before} {after}", currency, text)
    _check_currency(stated, currency, is_percent, text)
    value = number.scaleb(-2 if is_percent else power)
    if "-" in (first_sign, second_sign) and value:
        if not negative:
            raise _refusal("this amount is zero or above", text, "Leave the minus sign out.")
        value = -value
    unit = None if is_percent else stated or currency
    return Amount(_finite(value, text), currency=unit, is_percent=is_percent)


def parse_share(text: str) -> Amount:
    """Read a share or probability from 0 to 1: '9%', '0.09', '1/20', '5 in 100'.

    A bare number above 1 is refused and not guessed to be a percentage. Raises WorkbenchError.
    """
    fraction = _FRACTION.fullmatch(_clean(text).lower())
    if fraction is not None:
        part, whole = (_numeral(group, text) for group in fraction.groups())
        if part > whole or whole == 0:
            fix = "Write the part first, such as '5 in 100'."
            raise _refusal("a share is a part of a whole that is above zero", text, fix)
        return Amount(float(part / whole), is_percent=True)
    amount = parse_amount(text)
    if amount.currency is not None:
        raise _refusal("a share has no currency", text, "Write it such as 9% or 0.09.")
    if amount.value > 1:
        fix = "Write at most 100%." if amount.is_percent else "Write it such as 9% or 0.09."
        if not amount.is_percent and amount.value <= 100:
            fix = f"Write {_exact(amount.value)}% or {_exact(amount.value / 100)}."
        raise _refusal("a share lies between 0 and 1, or 0% and 100%", text, fix)
    return Amount(amount.value, is_percent=True)


def parse_rate(text: str) -> Amount:
    """Read events a year: '0.2', '3 a year', '2 per month', '1 in 5 years', 'every 5 years'.

    A bare number is events a year. A month is 1/12, a week 1/52, a day 1/365 of a year. Raises
    WorkbenchError.
    """
    clean = re.sub(r"\b(annually|yearly)$", "a year", _clean(text), flags=re.IGNORECASE)
    said = _RATE.fullmatch(clean)
    if said is None:
        return Amount(_finite(_bare_rate(clean, text), text), is_rate=True)
    count_text, link, length_text, unit = said.groups()
    name = _PERIOD_WORDS.get(unit.lower(), unit.lower().removesuffix("s"))
    if name not in _PERIODS:
        rule = "a rate names a day, week, month, quarter, year, decade or century"
        raise _refusal(rule, text, _RATE_FIX)
    if count_text is None and link.lower() not in ("every", "each"):
        raise _refusal("a rate says how many events", text, _RATE_FIX)
    said_in_words = {"once": "1", "twice": "2"}
    count_text = (count_text or "1").lower()
    count = _numeral(said_in_words.get(count_text, count_text), text)
    length = _numeral(length_text or "1", text)
    if length == 0:
        raise _refusal("the period of a rate is above zero", text, _RATE_FIX)
    return Amount(_finite(count * _PERIODS[name] / length, text), is_rate=True)


def compact_money(value: float, currency: str = "USD", digits: int = 2) -> str:
    """Short money for people: '$2.4M', '−€340k', 'CHF 1.0B'; '$0' for less than half a unit.

    At least `digits` significant figures (whole units of the scale stay whole: '$425k'); amounts
    below 1,000 are whole. Rounding carries to the next scale, and is monotone in `value`.
    """
    scale, decimals = _scale(value, digits)
    return _write(value, currency, scale, decimals)


def money_with_error(value: float, error: float | None, currency: str = "USD") -> str:
    """Write a figure and its error in one scale: '$2.38M ± $0.01M'.

    Two significant figures; three when the error is smaller than the last of two. The error is
    rounded up, so the printed error is never below the computed one, and is '$0' only when it is
    zero. Without an error (`None`) the figure stands alone, in two figures.
    """
    if error is None:
        return compact_money(value, currency)
    require(
        error >= 0, "an error is zero or above", got=error, fix="Pass its size, without a sign."
    )
    larger = max(abs(value), error)
    scale, decimals = _scale(larger, 2)
    if error < _SCALES[scale][0] * 10.0**-decimals:
        scale, decimals = _scale(larger, 3)
    step = _SCALES[scale][0] * 10.0**-decimals
    rounded_up = step * max(math.ceil(error / step - 1e-9), 1 if error > 0 else 0)
    figures = (_write(amount, currency, scale, decimals) for amount in (value, rounded_up))
    return " ± ".join(figures)


def full_money(value: float, currency: str = "USD") -> str:
    """Money to the whole unit: '$2,381,100'."""
    return _write(_finite_money(value), currency, 0, 0)


def percent(p: float) -> str:
    """A share for people: whole from 10%, one decimal below, '<0.1%' below that, '0%' for none.

    A share below one that would round to 100% is '>99%': a page never calls a chance certain.
    """
    require(math.isfinite(p), "a share is a finite number", got=p, fix="Pass it such as 0.09.")
    size, sign = abs(p), MINUS if p < 0 else ""
    if size < 0.001:
        return "0%" if size == 0 else f"{sign}<0.1%"
    text = f"{100 * size:.1f}"
    if float(text) >= 10:
        text = f"{100 * size:.0f}"
    return f"{sign}>99%" if size < 1 and text == "100" else f"{sign}{text}%"


def _refusal(rule: str, text: str, fix: str) -> WorkbenchError:
    """The error in the house's phrase, for a rule that this text broke."""
    return WorkbenchError(f"{rule}; got {text!r}. {fix}")


def _clean(text: str) -> str:
    """The text in plain spaces and signs, refused where it is empty, endless or in other digits."""
    require(isinstance(text, str), "an amount is read from text", got=text, fix="Pass it as text.")
    if len(text) > LONGEST_TEXT:
        rule = f"an amount has at most {LONGEST_TEXT} characters"
        raise _refusal(rule, f"{text[:20]}... ({len(text)} characters)", _AMOUNT_FIX)
    clean = " ".join(text.split()).replace(MINUS, "-").replace("\u2019", "'")
    if not clean:
        raise _refusal("an amount is needed", text, "Write a number such as 3M, 250k or 9%.")
    if any(not ch.isascii() and ch.isnumeric() for ch in clean):
        plain = "".join(_ascii_digit(ch) for ch in clean)
        fix = f"Write {plain}." if plain.isascii() else "Write it such as 3M or 0.5."
        raise _refusal("amounts are written with the digits 0 to 9", text, fix)
    return re.sub(r"\bper ?cent\b|\bpct\b", "%", clean, flags=re.IGNORECASE)


def _ascii_digit(ch: str) -> str:
    """The digit 0 to 9 that a decimal digit of any script stands for, or the plain form of `ch`."""
    return str(unicodedata.decimal(ch)) if ch.isdecimal() else unicodedata.normalize("NFKC", ch)


def _not_one_number(clean: str, text: str) -> WorkbenchError:
    """The reason why a text does not hold exactly one number."""
    if re.fullmatch(r"[+-]?(nan|inf|infinity|∞)", clean, flags=re.IGNORECASE):
        return _refusal("an amount is a finite number", text, "Write a number such as 3M.")
    if re.search(r"\d\D+\d", clean):
        fix = "Write one number; a range goes into two fields, low and high."
        return _refusal("one amount at a time", text, fix)
    if not re.search(r"\d", clean):
        return _refusal("an amount has a number in it", text, _AMOUNT_FIX)
    return _refusal("an amount is a number with a currency, k, M, bn or %", text, _AMOUNT_FIX)


def _numeral(numeral: str, text: str) -> Decimal:
    """The number that a numeral states: grouped by commas, spaces, ' or _, with a decimal point."""
    mantissa, _, exponent = numeral.strip().lower().partition("e")
    is_grouped = _GROUPED.fullmatch(mantissa) is not None
    if not is_grouped and _PLAIN.fullmatch(mantissa) is None:
        raise _unclear(mantissa, text)
    digits = re.sub(r"[,' _]", "", mantissa) if is_grouped else mantissa
    written = f"{digits}e{exponent}" if exponent else digits
    if _finite(float(written), text) == 0 and digits.strip("0."):
        raise _refusal("an amount is zero or at least 1e-300", text, "Write 0 or a larger number.")
    return Decimal(written)


def _unclear(mantissa: str, text: str) -> WorkbenchError:
    """The refusal of a numeral with two readings or none, with the readings written out."""
    if " " in mantissa:
        fix = "Write one number; thousands are grouped by three, such as 1 200 000."
        return _refusal("one amount at a time", text, fix)
    if re.fullmatch(r"\d+,\d+", mantissa):
        whole, part = mantissa.split(",")
        other = f" or {whole}{part.ljust(3, '0')}" if whole.strip("0") else ""
        rule = "a single comma can mean decimals or thousands"
        return _refusal(rule, text, f"Write {whole}.{part}{other}.")
    if re.fullmatch(r"\d+(\.\d{3})+,\d+", mantissa):
        fix = f"Write {mantissa.replace('.', '').replace(',', '.')}."
        return _refusal("a point marks decimals and a comma marks thousands", text, fix)
    fix = "Write it such as 1234567.89 or 1,234,567.89."
    return _refusal("thousands are grouped by three and there is one decimal point", text, fix)


def _words(rest: str, expected: str | None, text: str) -> tuple[int, str | None, bool]:
    """(power of ten, ISO code or None, is a percentage) from what stands around the number."""
    powers: list[int] = []
    codes: list[str] = []
    percents = 0
    for word in _WORD.findall(rest):
        low = word.lower()
        if low in _MULTIPLIERS:
            powers.append(_MULTIPLIERS[low])
        elif low in _CURRENCY_WORDS or word.upper() in CURRENCIES or word.upper() == expected:
            codes.append(_code(low, expected))
        elif word == "%":
            percents += 1
        else:
            raise _refusal(f"{word!r} is no currency or multiplier known here", text, _AMOUNT_FIX)
    if len(powers) + percents > 1 or len(codes) > 1:
        raise _refusal("one multiplier, or one %, and one currency", text, _AMOUNT_FIX)
    return sum(powers), codes[0] if codes else None, percents == 1


def _code(word: str, expected: str | None) -> str:
    """The ISO code of a currency word; '$' and '¥' follow the expected currency where they can."""
    if expected is not None and word in _DOLLARS and SIGNS.get(expected, "").endswith("$"):
        return expected
    return "CNY" if word == "¥" and expected == "CNY" else _CURRENCY_WORDS.get(word, word.upper())


def _check_currency(stated: str | None, expected: str | None, is_percent: bool, text: str) -> None:
    """Refuse a percentage of money, and money in another currency than the expected one."""
    if is_percent and stated is not None:
        raise _refusal("a percentage has no currency", text, "Write 9%, or the amount itself.")
    if expected is None:
        return
    if is_percent:
        raise _refusal(f"an amount in {expected} is needed", text, "Write the amount, such as 3M.")
    if stated not in (None, expected):
        fix = f"Convert it to {expected} first, and note the rate and its date."
        raise _refusal(f"the currency here is {expected}", text, fix)


def _bare_rate(clean: str, text: str) -> Decimal:
    """Events a year where only a number is written; anything else is refused with its reason."""
    if re.fullmatch(_NUMBER, clean):
        return _numeral(clean, text)
    if "%" in clean:
        raise _refusal("a rate counts events a year and is not a percentage", text, _RATE_FIX)
    if clean.startswith("-"):
        raise _refusal("a rate is zero or above", text, _RATE_FIX)
    if any(unicodedata.category(ch) == "Sc" for ch in clean):
        raise _refusal("a rate has no currency", text, _RATE_FIX)
    if _FRACTION.fullmatch(clean.lower()) is not None:
        raise _refusal("a rate names its period", text, _RATE_FIX)
    raise _refusal("a rate is a number of events a year", text, _RATE_FIX)


def _finite(value: Decimal | float, text: str) -> float:
    """`value` as a float, refused where it is beyond what a float holds."""
    number = float(value)
    if not math.isfinite(number):
        raise _refusal("an amount is a finite number", text, "Write a number below 1e300.")
    return number


def _finite_money(value: float) -> float:
    """`value`, refused where it is no number; a moment that does not exist is said in words."""
    fix = "Where a moment does not exist, say so in words."
    require(math.isfinite(value), "money is a finite number", got=value, fix=fix)
    return value


def _scale(value: float, digits: int) -> tuple[int, int]:
    """(index in _SCALES, decimals) that show `value` with at least `digits` significant figures."""
    fix = "Use 2, or 3 where figures are compared."
    require(1 <= digits <= 12, "an amount shows 1 to 12 figures", got=digits, fix=fix)
    size = abs(_finite_money(value))
    for index, (unit, _) in enumerate(_SCALES):
        exponent = int(f"{size / unit:.{digits - 1}e}".partition("e")[2])  # with the carry in it
        decimals = max(0, digits - 1 - exponent) if index else 0
        if float(f"{size / unit:.{decimals}f}") < 1000:
            break
    return index, decimals  # the largest scale goes on beyond 1,000


def _write(value: float, currency: str, scale: int, decimals: int) -> str:
    """`value` in one scale; half a unit is one unit, and what rounds to nothing is a plain 0."""
    unit, suffix = _SCALES[scale]
    size = math.floor(abs(value) + 0.5) if scale == 0 and decimals == 0 else abs(value) / unit
    text = f"{size:,.{decimals}f}"
    if not text.strip("0.,"):
        return _signed(0.0, currency, "0")
    return _signed(value, currency, text + suffix)


def _signed(value: float, currency: str | None, text: str) -> str:
    """`text` with a true minus sign and the sign of the currency, or its code and a fixed space."""
    mark = "" if currency is None else SIGNS.get(currency, f"{currency}{NO_BREAK_SPACE}")
    return f"{MINUS if value < 0 else ''}{mark}{text}"


def _exact(value: float, shift: int = 0) -> str:
    """`value` times 10**shift in full digits, grouped; six figures where it has no short form."""
    shown = Decimal(repr(value))
    if len(shown.as_tuple().digits) > 15:
        shown = Decimal(f"{value:.6g}")
    if abs(value) >= 1e15 or 0 < abs(value) < 1e-9:
        return f"{float(shown.scaleb(shift)):g}"
    text = f"{shown.scaleb(shift):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
