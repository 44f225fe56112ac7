"""What to do when an AI system fails, and who is told by when: as plain data and in words."""

from collections.abc import Iterable
from datetime import datetime
from html import escape
from typing import Any

from workbench.frameworks.periods import BASIS
from workbench.frameworks.playbooks import Playbook, escalations, in_utc


def playbook_record(playbook: Playbook, start: datetime) -> dict[str, Any]:
    """Return a playbook with its clocks, started at a time."""
    return {
        "id": playbook.id,
        "failure_mode": playbook.failure_mode,
        "triggers": list(playbook.triggers),
        "roles": list(playbook.roles),
        "steps": [
            {"number": s.number, "phase": s.phase, "action": s.action} for s in playbook.steps
        ],
        "clocks": [
            {
                "id": limit.id,
                "limit": limit.limit,
                "clock_start": limit.clock_start,
                "who": limit.who,
                "due": None if due is None else in_utc(due).isoformat(),
                "last_day": None if (last := limit.last_day(start)) is None else last.isoformat(),
                "last_day_basis": None if last is None else BASIS,
                "source": limit.source,
                "assumption": limit.is_assumption,
                "binds_from": limit.binds_from,
                "not_yet": limit.not_yet(start),
            }
            for limit, due in playbook.clocks(start)
        ],
        "threats": list(playbook.threats),
        "controls": list(playbook.controls),
        "evidence_to_keep": list(playbook.evidence_to_keep),
    }


def playbook_text(playbook: Playbook, start: datetime) -> str:
    """Return a playbook in words: who is told by when, then what to do."""
    lines = [f"{playbook.id} {playbook.failure_mode}"]
    lines += [f"  when: {one}" for one in playbook.triggers]
    lines += ["", "Who is told, and by when (in UTC; longest time allowed; take legal advice)"]
    for one in escalations(playbook, start):
        mark = " [assumption]" if one.is_assumption else ""
        lines.append(f"  {one.within}{mark}: {one.role} ({one.because})")
    lines += ["", "What to do"]
    lines += [f"  {step.number}. {step.phase}: {step.action}" for step in playbook.steps]
    lines += ["", f"Keep: {', '.join(playbook.evidence_to_keep)}"]
    return "\n".join(lines) + "\n"


def playbook_html(playbook: Playbook, start: datetime) -> str:
    """Return a playbook as HTML, each of its lines on a line."""
    return "<br>".join(escape(line) for line in playbook_text(playbook, start).splitlines())


def playbooks_text(playbooks: Iterable[Playbook]) -> str:
    """Return the list of playbooks."""
    lines = [f"{one.id} {one.failure_mode}\n" for one in playbooks]
    return "".join(lines) or "No playbook is for it.\n"
