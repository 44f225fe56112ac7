"""Sentences for executives: one thought each, present tense, no jargon.

"±" is the error of the computation; "x to y" is what we do not know. The two are never mixed.
"""

import math
import re
from collections.abc import Sequence

from workbench.amounts import compact_money, full_money, money_with_error, percent
from workbench.losses import LossDistribution
from workbench.models.study import TolerancePoint
from workbench.models.tolerance import Breach
from workbench.models.tree_nodes import Parts

ALE = "ALE (classical; a special case of FAIR)"
MOST_FIGURES = 6  # of a stated amount
NO_AVERAGE = "does not exist"
NOTHING_LOST, NONE_SEEN = "Nothing is ever lost.", "No simulated year has a loss."
TOO_LARGE = "very large losses do not become rare fast enough"
NO_CHANGES = (
    "no change",
    "no change of an average can be told",
    "too small a change to tell",
)
ROUGHLY = 0.1  # of a chance: no more is lost where it is written beside another
DIGITS = (None, 1, 2, 3, 4, 5, 6)  # after the point of a chance; None as is usual
BAD_YEAR = 20  # the bad year of every page is 1 in 20
NOT_TIED = "not told where scenarios are tied together"
HOW_SLOW = (
    "Simulated without numba, which gives the same years some 20 times faster: "
    "pip install 'risk-workbench[fast]'."
)
NO_ERROR = "no standard error: no variance, or too few years"
WHOLE = {1: "One scenario is", 2: "Two scenarios are"}
NUMERALS = ("No", "One", "Two", "Three", "Four", "Five")


def nothing_lost(losses: LossDistribution) -> str:
    """Say that nothing is lost, or that no year of a simulation has a loss."""
    return NOTHING_LOST if losses.shows_losses() else NONE_SEEN


def amount(value: float, error: float, currency: str) -> str:
    """Money with as many figures as its error allows, the error left to `error_words`."""
    if not math.isfinite(value):
        return NO_AVERAGE
    if not math.isfinite(error):
        return money_with_error(value, None, currency)
    return money_with_error(value, error, currency).partition(" ± ")[0]


def error_words(value: float, error: float, currency: str, *, exact: bool) -> str:
    """What to say of a figure's error: '± $0.01M' (simulated), 'error under $20' (computed).

    The bound of a computed figure is far below its printed digits, so it is rounded up to one
    significant figure and said in full. A simulated average of what has no variance has no
    standard error; a figure that does not exist has no error either.
    """
    if not math.isfinite(value):
        return ""
    if not math.isfinite(error):
        return NO_ERROR
    if not exact:
        return "± " + money_with_error(value, error, currency).partition(" ± ")[2]
    return f"error under {full_money(_rounded_up(error), currency)}"


def chance_error_words(error: float, *, exact: bool) -> str:
    """The same for a chance: '± 0.1%', or 'error under 0.1%'."""
    size = max(math.ceil(1000 * error) / 10, 0.1)
    return f"error under {size:g}%" if exact else f"± {size:.1f}%"


def _rounded_up(error: float) -> float:
    """The next figure of one digit above `error`; at least 1."""
    if error <= 1:
        return 1.0
    unit = 10.0 ** math.floor(math.log10(error))
    return math.ceil(error / unit - 1e-9) * unit


def with_article(chance: str) -> str:
    """'an 8% chance', 'a 9.7% chance': the article follows how the number is spoken."""
    spoken = chance.removeprefix("<").removeprefix(">")
    is_an = spoken.startswith("8") or spoken.partition(".")[0].strip("%") in ("11", "18")
    return f"{'an' if is_an and spoken == chance else 'a'} {chance}"


def stated_money(value: float, currency: str) -> str:
    """Money that a person stated, in the figures that they wrote: '$5M', '$1.25M'."""
    wanted = (d for d in range(2, MOST_FIGURES) if float(f"{value:.{d - 1}e}") == value)
    return stated(compact_money(value, currency, next(wanted, MOST_FIGURES)))


def stated_chance(p: float) -> str:
    """A chance that a person stated, in the figures that they wrote: '7%', '12.5%', '0.05%'."""
    text = f"{100 * p:.4g}"
    is_plain = "e" not in text and not (p < 1 and text == "100")
    return f"{text}%" if is_plain else percent(p)


def chance_beside(p: float, accepted: float) -> str:
    """Write a chance with as many digits as tell it from the accepted one: '10.4%' beside '10%'.

    What is written lies on the same side of the accepted chance as `p` itself.
    """
    texts = (_chance(p, digits) for digits in DIGITS)
    return next((text for text in texts if _tells(text, p, accepted)), percent(p))


def _tells(text: str, p: float, accepted: float) -> bool:
    """Whether a written chance says on which side of the accepted one `p` lies."""
    written = float(text.strip("<>%"))
    if text.startswith("<"):
        return 100 * accepted >= written
    if text.startswith(">"):
        return 100 * accepted <= written
    if abs(written - 100 * p) > ROUGHLY * 100 * p:
        return False
    gap = written - float(f"{100 * accepted:.10g}")
    return gap * (p - accepted) > 0 or (gap == 0 and p == accepted)


def told_apart(chances: Sequence[float], accepted: float) -> tuple[list[str], str]:
    """Write chances and the accepted one with as many digits as tell them apart: '10.4%', '10.0%'.

    Those that are equal are written so.
    """
    for digits in DIGITS:
        texts, beside = [_chance(p, digits) for p in chances], _chance(accepted, digits)
        if all((t == beside) == (p == accepted) for t, p in zip(texts, chances, strict=True)):
            return texts, beside
    return [percent(p) for p in chances], percent(accepted)


def _chance(p: float, digits: int | None) -> str:
    return percent(p) if digits is None else f"{100 * p:.{digits}f}%"


def stated(text: str) -> str:
    """A number without the decimal that nobody wrote: '$5M' for '$5.0M'."""
    return re.sub(r"\.0(?=[kMB%])", "", text)


def average_year(losses: LossDistribution) -> str:
    """Say the average: 'An average year costs $2.38M.', or that there is none."""
    if not math.isfinite(losses.mean()):
        return f"There is no average year: {TOO_LARGE}."
    value = amount(losses.mean(), losses.error("mean"), losses.currency)
    return f"An average year costs {value}."


def one_year_in(losses: LossDistribution, years: int) -> str:
    """'1 year in 20 costs $6.8M or more.', or how often nothing is lost."""
    value = losses.return_period(years)
    if value <= 0:
        return f"In at least {years - 1} of {years} years nothing is lost."
    error = losses.var_error(1 - 1 / years)
    how_often = often(losses, years)
    return f"{how_often} costs {amount(value, error, losses.currency)} or more."


def often(losses: LossDistribution, years: int) -> str:
    """'1 year in 20', or 'At least 1 year in 20' where that many and more cost as much."""
    return f"{'At least ' if losses.comes_oftener(years) else ''}1 year in {years}"


def such_a_year(losses: LossDistribution, years: int) -> str:
    """Say the average of the worst 1 in `years`: 'When such a year comes, it costs $11M ...'.

    It is the TVaR. Where more years than that reach the amount they are not all among the worst.
    """
    tail = losses.tvar(1 - 1 / years)
    if not math.isfinite(tail):
        return "Such years have no average."
    value = compact_money(tail, losses.currency)
    if losses.return_period(years) <= 0 or losses.comes_oftener(years):
        return f"The worst 1 year in {years} costs {value} on average."
    return f"When such a year comes, it costs {value} on average."


def quiet_years(losses: LossDistribution) -> str:
    """How many years bring no loss at all."""
    chance = losses.prob_no_loss()
    if not losses.shows_losses():
        return NONE_SEEN
    if chance < 1e-9:
        return "Every year brings some loss." if losses.exact else "Every simulated year has one."
    return f"{percent(chance)} of years bring no loss at all."


def told(losses: LossDistribution) -> str:
    """Tell a year in three lines: the average, the bad year with its error, the quiet years."""
    value, error = losses.return_period(20), losses.var_error(0.95)
    how_exact = error_words(value, error, losses.currency, exact=losses.exact)
    bad = f"{one_year_in(losses, 20)} {such_a_year(losses, 20)}"
    if value > 0:
        bad = bad.replace(" or more.", f" or more ({how_exact}).", 1)
    return "\n".join([average_year(losses), bad, quiet_years(losses)])


def against_appetite(losses: LossDistribution, point: TolerancePoint) -> str:
    """'a 9.7% chance of losing more than $5M this year, where we accept 7%'."""
    chance = with_article(chance_beside(float(losses.exceedance(point.loss)), point.probability))
    limit = stated_money(point.loss, losses.currency)
    accepted = stated_chance(point.probability)
    return f"{chance} chance of losing more than {limit} this year, where we accept {accepted}"


def crossing(breaches: Sequence[Breach], currency: str) -> str:
    """Tell where the loss exceedance curve lies above the tolerance curve, and where it may."""
    if not breaches:
        return "We stay within our appetite at every loss that we stated."
    sure, unsure = (
        " and ".join(_stretch(one, currency) for one in breaches if one.is_sure is is_sure)
        for is_sure in (True, False)
    )
    if not sure:
        return f"We are too close to our appetite {unsure} to say whether we exceed it."
    rest = f", and may exceed it {unsure}" if unsure else ""
    return f"We exceed our appetite {sure}{rest}."


def _stretch(breach: Breach, currency: str) -> str:
    if breach.end is None:
        return f"from {compact_money(breach.start, currency)} a year upward"
    for figures in range(2, MOST_FIGURES + 1):
        start, end = (compact_money(v, currency, figures) for v in (breach.start, breach.end))
        if start != end:
            return f"between {start} and {end} a year"
    return f"at {start} a year"


def how_sure(low: float, mean: float, high: float, currency: str) -> str:
    """How sure we are of the average year: the 5 % and 95 % of `mean_belief`."""
    first, last = (compact_money(v, currency) for v in (low, high))
    if first == last:
        return f"Our ranges leave the average year at {compact_money(mean, currency)}."
    return f"We are 90% sure that an average year costs {first} to {last}, if our ranges are right."


def largest_share(names: int, share: float) -> str:
    """Say what the first few make: 'Two scenarios make 36% of an average year.'."""
    if names in WHOLE and share > 1 - 1e-9:  # a small rest is a rest
        return f"{WHOLE[names]} the whole of an average year."
    count = NUMERALS[names] if names < len(NUMERALS) else str(names)
    verb, plural = ("makes", "") if names == 1 else ("make", "s")
    return f"{count} scenario{plural} {verb} {percent(share)} of an average year."


def main_parts(parts: Parts, currency: str) -> str:
    """'$310k primary (ALE), $90k secondary': the secondary loss on its own; '' without one."""
    if parts.secondary is None:
        return ""
    ale, more = (
        compact_money(v, currency) if math.isfinite(v) else NO_AVERAGE
        for v in (parts.ale, parts.secondary)
    )
    before = " before terms" if parts.has_terms else ""
    return f"{ale} primary (ALE), {more} secondary{before}"


def count_of(number: int, noun: str) -> str:
    """'1 scenario', '14 scenarios'."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def change_words(value: float, currency: str, error: float = 0.0) -> str:
    """Money with a sign, as changes are written: '+$310k', '−$310k', 'no change'.

    What is within two of its errors may be none, as in `tolerance.verdict`, and is said to be so.
    """
    if not math.isfinite(value):
        return NO_CHANGES[1]
    if abs(value) < 0.5:  # half a unit is written as one
        return NO_CHANGES[0]
    if math.isfinite(error) and abs(value) <= 2 * error:
        return NO_CHANGES[2]
    text = compact_money(value, currency)
    return f"+{text}" if value > 0 else text


def within(name: str) -> str:
    """Return a name as it stands within a sentence: 'credit model', but 'AI scorer'."""
    is_word = name[1:2].islower() or not name[1:2].isalpha()
    return f"{name[:1].lower()}{name[1:]}" if is_word else name
