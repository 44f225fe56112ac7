"""Crosswalks, readiness and the roadmap as plain data, and in words for a terminal."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workbench.frameworks import Changes, Coverage, Crosswalk, Frameworks, Link, Row
from workbench.frameworks.controls import Controls
from workbench.frameworks.crosswalk import Place
from workbench.frameworks.linting import Fault, pairs
from workbench.frameworks.readiness import Readiness, statement_of_applicability
from workbench.frameworks.roadmap import Roadmap
from workbench.reports.words import count_of

RELATED = "'intersects' and 'subset' are related only: nothing is inherited from them."


def row_record(row: Row) -> dict[str, Any]:
    """Return one row as plain data."""
    return {
        "source": list(row.source),
        "target": list(row.target),
        "relationship": row.relationship,
        "inherits": row.inherits,
        "strength": row.strength,
        "basis": row.basis,
        "provenance": row.provenance,
        "second_rating": row.second_rating,
        "raters_differ": row.raters_differ,
        "note": row.note,
    }


def link_record(link: Link) -> dict[str, Any]:
    """Return a chain as plain data."""
    return {
        "target": list(link.target),
        "relationship": link.relationship,
        "inherits": link.inherits,
        "strength": link.strength,
        "rows": [row_record(row) for row in link.rows],
    }


def query_record(
    crosswalk: Crosswalk, frameworks: Frameworks, place: Place, to: str = "", longest: int = 1
) -> dict[str, Any]:
    """Return what a requirement is related to: by rows, or by chains into one framework."""
    one = frameworks.requirement(*place)
    links = (
        crosswalk.chains(place, to, longest)
        if to
        else tuple(Link((row,)) for row in crosswalk.of(place))
    )
    found = []
    for link in links:
        target = frameworks.requirement(*link.target)
        found.append(link_record(link) | {"title": target.title})
    return {
        "framework": place[0],
        "id": place[1],
        "title": one.title,
        "to": to or None,
        "below": [part.id for part in frameworks[place[0]].children(place[1])],
        "related": found,
    }


def query_text(record: dict[str, Any]) -> str:
    """Return the answer to a query in words."""
    lines = [f"{record['framework']} {record['id']} {record['title']}"]
    for one in record["related"]:
        framework, target = one["target"]
        way = " via " + ", ".join(row["target"][1] for row in one["rows"][:-1])
        by = "; ".join(dict.fromkeys(row["basis"] for row in one["rows"]))
        by += "; raters differ" if any(row["raters_differ"] for row in one["rows"]) else ""
        lines.append(
            f"  {one['relationship']:<10} {framework} {target} {one['title']}"
            f"{way if len(one['rows']) > 1 else ''} (rank {one['strength']}, {by})"
        )
    lines += [RELATED] if record["related"] else _unrelated(record)
    return "\n".join(lines) + "\n"


def _unrelated(record: dict[str, Any]) -> list[str]:
    """Say that nothing is related, of which framework, and what stands below instead."""
    where = f" of {record['to']}" if record["to"] else ""
    below = ", ".join(record["below"])
    return [f"  related to nothing{where}{f'; below it stand {below}' if below else ''}"]


def lint_record(crosswalk: Crosswalk, faults: Sequence[Fault]) -> dict[str, Any]:
    """Return how many rows a crosswalk has between which frameworks, and every fault."""
    kinds = Counter(fault.kind for fault in faults)
    return {
        "rows": len(crosswalk),
        "between": [
            {"source": source, "target": target, "rows": number}
            for (source, target), number in pairs(crosswalk).items()
        ],
        "counts": dict(kinds.most_common()),
        "faults": [
            {"row": one.row, "place": one.where(), "kind": one.kind, "what": one.what}
            for one in faults
        ],
    }


def coverage_record(found: Coverage) -> dict[str, Any]:
    """Return coverage in its three parts."""
    return {
        "source": found.source,
        "target": found.target,
        "size": found.size,
        "inherited": {name: link_record(link) for name, link in found.inherited.items()},
        "candidates": {name: link_record(link) for name, link in found.candidates.items()},
        "recorded": {
            name: {"evidence": one.evidence, "by": one.by, "day": one.day}
            for name, one in found.recorded.items()
        },
        "unreached": list(found.unreached),
    }


def coverage_text(found: Coverage, frameworks: Frameworks) -> str:
    """Return coverage in words, each part with its requirements."""
    target = frameworks[found.target]
    lines = [f"{frameworks[found.source].name} for {target.name}: {found.sentence()}"]
    parts: list[tuple[str, Sequence[str]]] = [
        ("Inherited", list(found.inherited)),
        ("Candidates, counted only with evidence", list(found.candidates)),
        ("Unreached", found.unreached),
    ]
    for title, ids in parts:
        lines += ["", f"{title}: {len(ids)}"]
        for one in ids:
            link = found.inherited.get(one) or found.candidates.get(one)
            way = f" (by {_ids(link)})" if link else ""
            told = f" (evidence by {found.recorded[one].by})" if one in found.recorded else ""
            lines.append(f"  {target.requirement(one).words()}{way}{told}")
    lines += ["", RELATED] if found.candidates else []
    return "\n".join(lines) + "\n"


def _ids(link: Link) -> str:
    """Say from where a link leads, and on whose word."""
    bases = dict.fromkeys(row.basis for row in link.rows)
    differ = ", raters differ" if any(row.raters_differ for row in link.rows) else ""
    return f"{link.source[1]}, {link.relationship}, {' and '.join(bases)}{differ}"


def changes_record(changes: Changes) -> dict[str, Any]:
    """Return how two versions differ."""
    return {
        "added": [row_record(row) for row in changes.added],
        "removed": [row_record(row) for row in changes.removed],
        "changed": [
            {"before": row_record(before), "after": row_record(after)}
            for before, after in changes.changed
        ],
        "lost_cover": [list(place) for place in changes.lost_cover],
        "lost_all": [list(place) for place in changes.lost_all],
    }


def changes_text(changes: Changes) -> str:
    """Return how two versions differ, in words."""
    lines = [changes.sentence()]
    lines += [f"+ {_pair(row)}" for row in changes.added]
    lines += [f"- {_pair(row)}" for row in changes.removed]
    lines += [
        f"~ {_pair(after)}, was {before.relationship} rank {before.strength}"
        for before, after in changes.changed
    ]
    lines += [f"! {place[0]} {place[1]} inherits from nothing now" for place in changes.lost_cover]
    lines += [f"! {place[0]} {place[1]} is related to nothing now" for place in changes.lost_all]
    return "\n".join(lines) + "\n"


def _pair(row: Row) -> str:
    source, target = " ".join(row.source), " ".join(row.target)
    return f"{source} {row.relationship} {target} rank {row.strength}, {row.basis}"


def readiness_record(readiness: Readiness, controls: Controls, day: str) -> dict[str, Any]:
    """Return where every stated framework stands on a day, and the statement of applicability."""
    found: dict[str, Any] = {"day": day, "frameworks": {}}
    for name in readiness.named():
        tally = readiness.tally(name)
        found["frameworks"][name] = {
            "met": tally.met,
            "in_part": tally.in_part,
            "open": tally.unmet,
            "not_applicable": tally.not_applicable,
            "unstated": tally.unstated,
            "gaps": [one.id for one in readiness.gaps(name)],
            "overdue": [one.id for one in readiness.overdue(name, day)],
        }
    if "iso42001_2023" in readiness.named():
        found["statement_of_applicability"] = [
            {
                "id": row.requirement.id,
                "title": row.requirement.title,
                "included": row.included,
                "justification": row.justification,
                "status": row.status,
                "evidence": row.evidence,
                "controls": list(row.controls),
            }
            for row in statement_of_applicability(readiness, controls)
        ]
    return found


def readiness_text(readiness: Readiness, day: str) -> str:
    """Return where every stated framework stands on a day, in words."""
    lines = []
    for name in readiness.named():
        framework, gaps = readiness.frameworks[name], readiness.gaps(name)
        tally, late = readiness.tally(name), readiness.overdue(name, day)
        told = f"{tally.not_applicable} not applicable, {len(late)} overdue on {day}"
        lines += [f"{framework.name}: {tally.sentence()}, {told}"]
        have = readiness.of(name)
        for one in gaps:
            status = have[one.id].status if one.id in have else "not stated"
            since = f", overdue since {have[one.id].due}" if one in late else ""
            lines.append(f"  {status}{since}: {one.words()}")
    return "\n".join(lines) + "\n"


def roadmap_record(roadmap: Roadmap, there: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return a plan as plain data; see `roadmap_text`."""
    return {
        "tasks": [
            {
                "id": one.id,
                "phase": one.phase,
                "title": one.title,
                "first": one.first,
                "last": one.last,
                "waits_for": list(one.waits_for),
                "controls": list(one.controls),
                "owner": one.owner,
                "origin": one.origin,
            }
            for one in roadmap.tasks
        ],
        "note": roadmap.note,
        "critical": list(roadmap.critical()),
        "landed": {str(month): list(roadmap.landed(month)) for month in roadmap.months},
        "in_place": None if there is None else dict(there),
    }


def roadmap_text(roadmap: Roadmap, there: Mapping[str, str] | None = None) -> str:
    """Return a plan as a chart of characters, a column for each month, and what lands when.

    Parameters
    ----------
    there : where each control that is in place is: "" everywhere, or the systems that have it;
        None where nobody says

    """
    months = roadmap.months
    widest = max(len(one.title) for one in roadmap.tasks)
    head = f"{'Month':<{widest + 8}} " + "".join(f"{month:>3}" for month in months)
    lines = [head]
    for phase in roadmap.phases:
        lines.append(f"{phase.id}. {phase.title}")
        for task in (one for one in roadmap.tasks if one.phase == phase.id):
            bar = "".join("  #" if task.first <= m <= task.last else "  ." for m in months)
            added = f"  {task.origin}" if task.origin.startswith("added") else ""
            lines.append(f"{task.id:<7} {task.title:<{widest}} {bar}{added}")
    lines.append(f"Longest chain: {' -> '.join(roadmap.critical())}")
    lines += [*_landing(roadmap, there or {}), _landed_told(roadmap, there)]
    lines += [roadmap.note] if roadmap.note else []
    return "\n".join(lines) + "\n"


def _landing(roadmap: Roadmap, there: Mapping[str, str]) -> Iterator[str]:
    """Yield which controls land with each task, by the month in which it ends."""
    yield "Controls that land"
    for task in sorted(roadmap.tasks, key=lambda one: one.last):
        if task.controls:
            told = ", ".join(_marked(one, there.get(one)) for one in task.controls)
            yield f"  month {task.last:>2}, {task.id}: {told}"


def _marked(control: str, where: str | None) -> str:
    """Say where a control is in place: "" stands for everywhere, None for nowhere."""
    if where is None:
        return control
    return f"{control} (in place at {where})" if where else f"{control} (in place)"


def _landed_told(roadmap: Roadmap, there: Mapping[str, str] | None) -> str:
    """Say how many controls land in all, and how many of them are in place."""
    landed = roadmap.landed(roadmap.months[-1])
    told = f"{count_of(len(landed), 'control')} land by the last month"
    if there is None:
        return f"{told}; name a study to see which are in place."
    places = [there[one] for one in landed if one in there]
    some = sum(bool(where) for where in places)
    more = f", {some} more at some systems" if some else ""
    return f"{told}; {len(places) - some} of them are in place already{more}."
