"""Gaps by the money that they touch, and the roadmap that closes some of them."""

import math
from collections.abc import Callable, Sequence

from workbench.amounts import compact_money
from workbench.frameworks.controls import Controls
from workbench.frameworks.effects import SECONDARY, Effects, Saving
from workbench.frameworks.groups import SIX, short_name
from workbench.frameworks.readiness import Readiness
from workbench.frameworks.roadmap import Roadmap, month_by_month
from workbench.plots.axes import linear_axis
from workbench.plots.monthly import Month
from workbench.reports.readiness_values import GapLine, GapList, TaskLine

TOP = 10
NOT_PLANNED = "Not planned"
MOST_IDS = 6  # requirements that a line names
HOW_TO_READ = (
    "Pale: the average year of the scenarios that stand for a threat of the control. Solid: what "
    "an average year would cost less if this control alone were added, by the middle of a range "
    "that is an assumption; the line is the range. The savings overlap and do not add up."
)


def gap_list(
    readiness: Readiness,
    controls: Controls,
    effects: Effects,
    roadmap: Roadmap,
    elsewhere: Callable[[str], str] = lambda _: "",
) -> GapList | None:
    """Return the missing controls that would help with open requirements; None without money.

    Parameters
    ----------
    elsewhere : at which systems a control is in place that is missing at others, in words

    """
    if not math.isfinite(effects.average()):
        return None
    unmet = {f: {one.id for one in readiness.gaps(f)} for f in readiness.named()}
    found = []
    for control in controls:
        if not effects.lacks(control):
            continue
        wanted = {
            f: [i for i in ids if i in unmet.get(f, ())] for f, ids in control.requirements.items()
        }
        saving = effects.saving(control)
        if saving.touched > 0 and any(wanted.values()):
            found.append((saving, wanted))
    found.sort(key=lambda pair: (-pair[0].touched, -pair[0].middle, pair[0].control.id))
    top = max((saving.touched for saving, _ in found), default=1.0)
    latest_first = sorted(roadmap.tasks, key=lambda task: -task.last)
    landing = {control: task.last for task in latest_first for control in task.controls}
    currency = effects.study.currency
    lines = tuple(
        _line(
            saving,
            _requirements(wanted, readiness),
            currency,
            count=sum(map(len, wanted.values())),
            month=landing.get(saving.control.id),
            top=top,
            elsewhere=elsewhere(saving.control.id),
        )
        for saving, wanted in found
    )
    axis = linear_axis(0.0, top, effects.study.currency, "")
    marks = zip(axis["tickvals"], axis["ticktext"], strict=True)
    ticks = tuple((100 * v / top, compact_money(v, effects.study.currency, 2)) for v, _ in marks)
    return GapList(
        _heading([s for s, _ in found], effects), HOW_TO_READ, ticks, lines[:TOP], lines[TOP:]
    )


def _heading(found: Sequence[Saving], effects: Effects) -> str:
    if not found:
        return "No missing control touches money of this study."
    first = found[0]
    share = first.touched / effects.average()
    amount = compact_money(first.touched, effects.study.currency)
    return (
        f"{first.control.title} would touch most: {amount} a year, {share:.0%} of an average year."
    )


def _line(
    saving: Saving,
    requirements: str,
    currency: str,
    *,
    count: int,
    month: int | None,
    top: float,
    elsewhere: str,
) -> GapLine:
    """Return one gap; `month` is that in which its control lands, `top` the end of the axis."""
    low, middle, high, touched = (
        compact_money(v, currency) for v in (saving.low, saving.middle, saving.high, saving.touched)
    )
    between = f"{low} to {high}"
    return GapLine(
        saving.control.id,
        saving.control.title,
        requirements,
        count,
        ", ".join(saving.scenarios),
        touched,
        middle,
        between,
        f"Month {month}" if month else NOT_PLANNED,
        100 * saving.touched / top,
        100 * saving.middle / top,
        100 * saving.low / top,
        100 * (saving.high - saving.low) / top,
        f"touches {touched}; assumed to save {middle} a year, {between}",
        elsewhere,
    )


def _requirements(wanted: dict[str, list[str]], readiness: Readiness) -> str:
    """Name up to six of the requirements, by framework, and how many more there are."""
    order = [f for f in SIX if f in wanted] + [f for f in wanted if f not in SIX]
    pairs = [(framework, one) for framework in order for one in wanted[framework]]
    shown: dict[str, list[str]] = {}
    for framework, one in pairs[:MOST_IDS]:
        shown.setdefault(framework, []).append(one)
    parts = [
        f"{short_name(readiness.frameworks, framework)} {', '.join(ids)}"
        for framework, ids in shown.items()
    ]
    rest = len(pairs) - MOST_IDS
    return " · ".join([*parts, *([f"and {rest} more"] if rest > 0 else [])])


def months_of(effects: Effects, roadmap: Roadmap) -> list[Month]:
    """Return the average year month by month as controls land; empty where there is none."""
    if not math.isfinite(effects.average()):
        return []
    return [
        Month(
            month,
            len(set(there) - set(effects.in_place)),
            loss,
            effects.average(there, "high"),
            effects.average(there, "low"),
        )
        for month, there, loss in month_by_month(roadmap, effects.loss())
    ]


def roadmap_heading(months: Sequence[Month], currency: str) -> str:
    """Say where the plan leads, and that it is assumed."""
    if not months:
        return "What lands when, and what waits for what."
    first, last = months[0], months[-1]
    if last.loss >= first.loss:
        return "No control of the plan touches money of this study."
    before, after = (compact_money(one.loss, currency, 3) for one in (first, last))
    return (
        f"The plan is assumed to bring an average year from {before} to {after} "
        f"in {last.month} months."
    )


def roadmap_note(months: Sequence[Month], effects: Effects, roadmap: Roadmap) -> str:
    """Say what the figures of the plan rest on."""
    if not months:
        return "No average year can be told for this study."
    last, currency = months[-1], effects.study.currency
    low, high = (compact_money(v, currency, 3) for v in (last.low, last.high))
    every = [control.id for control in effects.controls]
    left_out = effects.study_with(every).left_out
    bare = {one.scenario for one in left_out if one.factor in SECONDARY}
    landed = roadmap.landed(last.month)
    there = len(set(landed) & set(effects.in_place))
    known = (
        f"{there} of the {len(landed)} controls of the plan are in place and in today's figure. "
    )
    local = len(set(landed) & effects.somewhere())
    some = f"{local} more are in place at some systems and land for the others. " if local else ""
    told = f" {len(bare)} scenarios state no secondary loss, so that effects on it are left out."
    return (
        f"{low} to {high} by the ends of the ranges. Each effect is an assumption of the catalogue "
        "and no measurement; of controls on one factor the largest counts, and they are never "
        f"multiplied. {known if there else ''}{some}{told.strip() if bare else ''}".strip()
    )


def unplanned(gaps: GapList) -> str:
    """Say which control would save most of those that no task delivers; "" where none saves."""
    rows = [row for row in (*gaps.top, *gaps.rest) if row.planned == NOT_PLANNED and row.solid > 0]
    if not rows:
        return ""
    most = max(rows, key=lambda row: row.solid)
    return (
        f"Of what no task plans, {most.title.lower()} is assumed to save most: {most.saving} a "
        "year."
    )


def month_lines(months: Sequence[Month], currency: str) -> tuple[tuple[str, str, str, str], ...]:
    """Return month, controls landed, average year and its range, as a table."""
    return tuple(
        (
            "today" if one.month == 0 else str(one.month),
            str(one.controls),
            compact_money(one.loss, currency, 3),
            f"{compact_money(one.low, currency, 3)} to {compact_money(one.high, currency, 3)}",
        )
        for one in months
    )


def task_lines(roadmap: Roadmap) -> tuple[TaskLine, ...]:
    """Return the tasks of a roadmap as a table."""
    return tuple(
        TaskLine(
            task.id,
            task.title,
            f"{task.first} to {task.last}" if task.last > task.first else f"{task.first}",
            task.owner or "nobody yet",
            ", ".join(task.waits_for),
            ", ".join(task.controls),
            task.origin,
        )
        for task in roadmap.tasks
    )
