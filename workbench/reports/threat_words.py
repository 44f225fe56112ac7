"""A threat model in sentences and short lists, for a notebook."""

import math
from collections import Counter
from collections.abc import Iterable

from workbench.amounts import compact_money
from workbench.models.portfolio import StudyResult
from workbench.reports.threat_record import ruled_out_lines
from workbench.reports.threat_record import told as threat_told
from workbench.reports.words import count_of, told
from workbench.threats import LETTERS, AISystem, Drafts, Report
from workbench.threats.drafting import to_be_elicited
from workbench.threats.threat import STAGES
from workbench.threats.ties import Ties


def system_told(system: AISystem) -> str:
    """Say what a system consists of, and what reaches it from outside."""
    parts, flows = (
        count_of(len(system.components), "component"),
        count_of(len(system.flows), "flow"),
    )
    ways = sorted(system.ways_in.values(), key=lambda way: -len(way))
    longest = f"; the longest way is {' -> '.join(ways[0])}" if ways else ""
    lines = [
        f"{system.name}: {parts}, {flows}, {len(system.crossing())} across a trust boundary.",
        f"People outside reach {len(ways)} of the components{longest}.",
        f"It is said to be: {', '.join(system.facts) or 'nothing in particular'}.",
    ]
    if system.stages != STAGES:
        lines.append(f"In our hands: {', '.join(system.stages).replace('_', ' ')}.")
    return "\n".join(lines)


def counts_told(reports: Iterable[Report]) -> str:
    """Say how many threats apply to each system, and of which kind."""
    lines = []
    for one in reports:
        threats = one.threats()
        kinds = Counter(letter for threat in threats for letter in threat.stride)
        letters = ", ".join(f"{LETTERS[x].lower()} {kinds[x]}" for x in LETTERS)
        out = count_of(len(one.ruled_out), "threat")
        lines.append(f"{one.system.name}: {len(threats)} apply ({letters}); {out} ruled out.")
    return "\n".join(lines)


def element_told(report: Report, element: str, most: int = 5) -> str:
    """Say what touches a component or a flow and why, the first few of it."""
    found = report.of(element)
    lines = [f"{element}: {count_of(len(found), 'threat')}"]
    lines += [
        f"  {why}"
        for flow in report.system.flows
        if flow.id == element and (why := report.silence(flow))
    ]
    lines += [f"  {threat_told(one)}" for one in found[:most]]
    return "\n".join([*lines, *([f"  and {len(found) - most} more"] if len(found) > most else [])])


def ruled_out_told(report: Report, most: int = 2) -> str:
    """Say what was ruled out, by kind of reason, with a few of each."""
    head = f"{report.system.name}: {count_of(len(report.ruled_out), 'threat')} ruled out"
    return "\n".join([head, *ruled_out_lines(report, most)[1:]])


def drafts_told(many: Iterable[Drafts]) -> str:
    """Say how many drafts each system gives, and each merge."""
    lines = []
    for drafts in many:
        merges = [(one.scenario.id, one.merge()) for one in drafts.drafts if one.merge()]
        whole = count_of(len(drafts.drafts), "draft")
        lines.append(f"{drafts.system.name}: {whole}, {count_of(len(merges), 'merge')}")
        lines += [f"  {name}: {why}" for name, why in merges]
    return "\n".join(lines)


def waiting_told(result: StudyResult) -> str:
    """Say how much of a study is still a placeholder, so that no figure of it stands alone."""
    scenarios = result.study.scenarios
    waiting = to_be_elicited(scenarios)
    ranges = sum(len(one.assumptions) for one in scenarios)
    if not waiting:
        return "No range is a placeholder."
    touched = len({name for name, _ in waiting})
    where = f"{touched} of {count_of(len(scenarios), 'scenario')}"
    return (
        f"{len(waiting)} of {ranges} ranges, in {where}, "
        "are placeholders to be elicited. What follows from them says nothing about a firm."
    )


def year_told(result: StudyResult) -> str:
    """Say what a year costs, with what it rests on before it and each system after it."""
    return "\n".join([waiting_told(result), told(result.portfolio), by_system_told(result)])


def by_system_told(result: StudyResult) -> str:
    """Say what each system's scenarios cost in an average year; averages may be added."""
    found: dict[str, float] = {}
    for one in result.study.scenarios:
        found[one.system] = found.get(one.system, 0.0) + result.scenarios[one.id].mean()
    currency = result.study.currency
    return "\n".join(
        f"{name or 'No system'}: {_year(found[name], currency, 3)}"
        for name in sorted(found, key=lambda name: -found[name])
    )


def _amount(money: float, currency: str, digits: int = 2) -> str:
    return compact_money(money, currency, digits) if math.isfinite(money) else "no average"


def _year(money: float, currency: str, digits: int) -> str:
    if not math.isfinite(money):
        return "an average year does not exist"
    return f"{compact_money(money, currency, digits)} in an average year"


def money_told(ties: Ties, report: Report, result: StudyResult, most: int = 4) -> str:
    """Say at which components of a system most money is at risk; the figures overlap."""
    money = ties.money(report, {name: one.mean() for name, one in result.scenarios.items()})
    order = sorted(money, key=lambda name: -money[name])[:most]
    currency = result.study.currency
    parts = ", ".join(f"{name} {_amount(money[name], currency)}" for name in order)
    return (
        f"{report.system.name}: {parts}. A scenario counts at each component it touches: these do "
        "not add up."
    )
