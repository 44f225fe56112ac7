"""What the EU AI Act asks of a system, as plain data and in words for a terminal."""

from typing import Any

from workbench.amounts import compact_money
from workbench.frameworks.ai_act import Act
from workbench.frameworks.ai_act_tiers import TIERS, Classification


def ai_act_record(found: Classification, act: Act) -> dict[str, Any]:
    """Return tiers, duties, dates, route and ceilings, each with source and certainty."""
    return {
        "system": found.answers.system,
        "day": found.day,
        "roles": list(found.answers.roles()),
        "tiers": [{"id": t.id, "articles": list(t.articles), "why": t.why} for t in found.tiers],
        "obligations": [
            {
                "role": one.role,
                "article": one.article,
                "title": one.title,
                "tier": one.tier,
                "from": one.date.day,
                "was": one.date.was,
                "applies": one.applies(found.day),
                "waits_for": one.waits_for,
                "note": one.note,
                "certainty": one.date.certainty,
            }
            for one in found.obligations
        ],
        "route": None
        if found.route is None
        else {
            "id": found.route.id,
            "route": found.route.route,
            "notified_body": found.route.notified_body,
        },
        "fine_ceilings_eur": {
            article: {"most": amount, "certainty": act.fines[article].certainty}
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


def ai_act_text(found: Classification, act: Act) -> str:
    """Return what the Act asks of a system on a day, in words."""
    lines = [f"{found.answers.system} on {found.day}, as {' and '.join(found.answers.roles())}"]
    for tier in found.tiers:
        decided = ", ".join(article_name(one) for one in tier.articles)
        where = f" ({decided})" if decided else ""
        lines.append(f"  {TIERS[tier.id]}{where}: {tier.why}")
    lines += ["", "Duties"]
    for one in found.obligations:
        now = "applies" if one.applies(found.day) else f"from {one.date.day}"
        later = f", after {one.waits_for}" if one.waits_for else ""
        moved = f" (first set for {one.date.was})" if one.date.was else ""
        told = f"; {one.note}" if one.note else ""
        lines.append(f"  {one.role}: {one.article} {one.title}: {now}{moved}{later}{told}")
    lines += _certainties(found)
    if found.route is not None:
        body = found.route.notified_body
        lines += ["", f"Conformity: {found.route.route}; notified body: {body}"]
    for article, amount in found.caps.items():
        fine = act.fines[article]
        unknown = fine.can_be_higher(found.answers.turnover, small=found.answers.small)
        more = f", or {fine.percent:g} % of a turnover that is not stated" if unknown else ""
        most = f"{compact_money(amount, 'EUR')}{more} ({fine.rule})"
        lines += ["", f"Fine of Art. {article}: at most {most}; a ceiling [{fine.certainty}]"]
    coming = [date for date, come in found.dates if not come]
    lines += ["", "Still to come"] if coming else []
    lines += [f"  {date.day} {date.scope} [{date.certainty}]" for date in coming]
    for title, texts in (("Take advice", found.doubts), ("Open", found.open_questions)):
        lines += ["", title] if texts else []
        lines += [f"  {text}" for text in texts]
    lines += ["", f"{act.disclaimer} As of {act.as_of}."]
    return "\n".join(lines) + "\n"


def article_name(id: str) -> str:
    """Name an article or, where the id begins with a Roman numeral, a point of an annex."""
    return f"{'Annex' if id[0] in 'IVX' else 'Art.'} {id}"


def _certainties(found: Classification) -> list[str]:
    """Say how sure the days of the duties are, days of the same certainty together."""
    days: dict[str, set[str]] = {}
    for one in found.obligations:
        days.setdefault(one.date.certainty, set()).add(one.date.day)
    return [f"  {', '.join(sorted(some))}: [{certainty}]" for certainty, some in days.items()]
