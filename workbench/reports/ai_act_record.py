"""What the EU AI Act asks of a system, as plain data and in words for a terminal."""

from typing import Any

from workbench.amounts import compact_money
from workbench.frameworks.ai_act import TIERS, Act, Route
from workbench.frameworks.ai_act_duties import Obligation
from workbench.frameworks.ai_act_tiers import WRONG_INFORMATION, Classification


def ai_act_record(found: Classification, act: Act) -> dict[str, Any]:
    """Return tiers, duties, dates, route and ceilings, each with source and certainty."""
    return {
        "system": found.answers.system,
        "day": found.day,
        "roles": list(found.roles),
        "tiers": [
            {"id": t.id, "articles": list(t.articles), "why": t.why, "certainty": t.certainty}
            for t in found.tiers
        ],
        "obligations": [_obligation(one, found.day) for one in found.obligations],
        "route": _route(found.route),
        "reassessment": _route(found.reassessment),
        "fine_ceilings_eur": {
            article: {
                "most": amount,
                "can_be_higher": article in found.can_be_higher,
                "from": found.fined_from[article],
                "waits_for": found.fines_wait_for[article],
                "certainty": act.fines[article].certainty,
            }
            for article, amount in found.caps.items()
        },
        "dates": [
            {
                "id": date.id,
                "day": date.day,
                "come": come,
                "scope": date.scope,
                "was": date.was,
                "source": date.source,
                "certainty": date.certainty,
            }
            for date, come in found.dates
        ],
        "doubts": list(found.doubts),
        "open_questions": list(found.open_questions),
        "disclaimer": act.disclaimer,
        "as_of": act.as_of,
    }


def _obligation(one: Obligation, day: str) -> dict[str, Any]:
    return {
        "role": one.role,
        "article": one.article,
        "title": one.title,
        "tier": one.tier,
        "from": one.date.day,
        "was": one.was,
        "applies": one.applies(day),
        "waits_for": one.waits_for,
        "or_earlier": one.or_earlier,
        "chapter_from": None if one.chapter is None else one.chapter.day,
        "open": one.is_open(day),
        "note": one.note,
        "certainty": one.date.certainty,
    }


def _route(one: Route | None) -> dict[str, str] | None:
    if one is None:
        return None
    return {"id": one.id, "route": one.route, "notified_body": one.notified_body}


def ai_act_text(found: Classification, act: Act) -> str:
    """Return what the Act asks of a system on a day, in words; each certainty is said once."""
    sure = _Certainties()
    lines = [f"{found.answers.system} on {found.day}, as {' and '.join(found.roles)}"]
    for tier in found.tiers:
        decided = ", ".join(article_name(one) for one in tier.articles)
        where = f" ({decided})" if decided else ""
        lines.append(f"  {TIERS[tier.id]}{where}: {tier.why}{sure.mark(tier.certainty)}")
    lines += ["", "Duties"] if found.obligations else ["", "No duties"]
    lines += [_duty_text(one, found.day) for one in found.obligations]
    lines += _days_told(found, sure)
    if found.route is not None:
        body = found.route.notified_body
        lines += ["", f"Conformity: {found.route.route}; notified body: {body}"]
    if found.reassessment is not None:
        lines.append(f"  After the change: {found.reassessment.route}")
    lines += _fine_lines(found, act, sure)
    coming = [date for date, come in found.dates if not come]
    lines += ["", "Still to come"] if coming else []
    lines += [f"  {date.day} {date.scope}{sure.mark(date.certainty)}" for date in coming]
    for title, texts in (("Take advice", found.doubts), ("Open", found.open_questions)):
        lines += ["", title] if texts else []
        lines += [f"  {text}" for text in texts]
    lines += sure.lines()
    lines += ["", f"{act.disclaimer} As of {act.as_of}."]
    return "\n".join(lines) + "\n"


def _duty_text(one: Obligation, day: str) -> str:
    now = "applies" if one.applies(day) else f"from {one.date.day}"
    later = f", after {one.waits_for}" if one.waits_for else ""
    sooner = f", or {one.or_earlier}" if one.or_earlier and not one.applies(day) else ""
    moved = f" (first set for {one.was})" if one.was else ""
    chapter = ""
    if one.chapter is not None and one.is_open(day):
        chapter = f" (its chapter applies since {one.chapter.day}: open)"
    told = f"; {one.note}" if one.note else ""
    return f"  {one.role}: {one.article} {one.title}: {now}{moved}{chapter}{sooner}{later}{told}"


def _fine_lines(found: Classification, act: Act, sure: "_Certainties") -> list[str]:
    """Say each ceiling, whether it can be higher, from when on and after what a fine can follow."""
    lines = []
    for article, amount in found.caps.items():
        fine = act.fines[article]
        unknown = article in found.can_be_higher
        more = f", or {fine.percent:g} % of a turnover that is not stated" if unknown else ""
        most = f"{compact_money(amount, 'EUR')}{more} ({fine.rule})"
        day = found.fined_from[article]
        since = f", from {day} on" if day > found.day else ""
        waits = found.fines_wait_for[article]
        after = f", after {waits}" if waits else ""
        told = f"Fine of Art. {article}{since}{after}: at most {most}; a ceiling"
        told += f", for {fine.breach}" if article == WRONG_INFORMATION else ""
        lines += ["", f"{told}{sure.mark(fine.certainty)}"]
    return lines


def article_name(id: str) -> str:
    """Name an article or, where the id begins with a Roman numeral, a point of an annex."""
    return f"{'Annex' if id[0] in 'IVX' else 'Art.'} {id}"


class _Certainties:
    """How sure things are: each is marked by its kind and a number, and said once at the end."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def mark(self, certainty: str) -> str:
        """Return the mark of a certainty, such as ' [secondary 1]'; nothing where there is none."""
        if not certainty:
            return ""
        number = self._numbers.setdefault(certainty, len(self._numbers) + 1)
        return f" [{_kind(certainty)} {number}]"

    def lines(self) -> list[str]:
        """Return what each mark means."""
        told = [f"  {number}: {certainty}" for certainty, number in self._numbers.items()]
        return ["", "How certain this is", *told] if told else []


def _kind(certainty: str) -> str:
    return certainty.partition(":")[0].partition(",")[0].partition(";")[0].strip()


def _days_told(found: Classification, sure: _Certainties) -> list[str]:
    """Say how sure the days of the duties are, days of the same certainty together."""
    days: dict[str, set[str]] = {}
    for one in found.obligations:
        days.setdefault(one.date.certainty, set()).add(one.date.day)
    return [f"  {', '.join(sorted(some))}:{sure.mark(one)}" for one, some in days.items()]
