"""The readiness page as blocks: which card holds what, in the order of the page."""

from typing import TYPE_CHECKING

from workbench.frameworks.crosswalk import Crosswalk
from workbench.frameworks.groups import SIX, short_name
from workbench.frameworks.requirement import Frameworks
from workbench.plots.blocks import Block, ChartBlock, ChoiceBlock, Slot, Table
from workbench.plots.coverage import tones_shown
from workbench.reports.crosswalk_words import basis_words, flow
from workbench.reports.html import render
from workbench.reports.note_places import notes_html
from workbench.reports.readiness_gaps import month_lines

if TYPE_CHECKING:
    from workbench.reports.readiness import ReadinessBoard

FLOW = "crosswalk-rows"  # the chart of the rows between two frameworks
TOLD, ROWS = "flow-told", "flow-table"  # the slots that say what they are, and hold their numbers
EDITIONS = (("iso27001_2013", "iso27001_2022"), ("iso27701_2019", "iso27701_2025"))
SUCCESSIONS = {"iso27001_2013": "ISO 27001:2013", "iso27701_2019": "ISO 27701:2019"}


def readiness_blocks(board: "ReadinessBoard") -> dict[str, Block]:
    """Return the page's blocks by name: the finding first, where it comes from last."""
    found = {
        "lede": _plain(board.html("lede")),
        "standings": Block("row", _standings(board)),
        "gaps": _gaps(board),
        "crosswalk": _crosswalk(board),
        "flow": _flow(board),
        "roadmap": _roadmap(board),
        "footer": _plain(board.html("footer")),
    }
    return {name: block for name, block in found.items() if block.parts}


def _plain(*fragments: str) -> Block:
    return Block("plain", fragments)


def _header(kicker: str, heading: str, note: str = "") -> str:
    return render("header", kicker=kicker, heading=heading, note=note)


def _standings(board: "ReadinessBoard") -> tuple[Block, ...]:
    page = board.page
    act = Block(
        f"card side {'c5' if page.bars else 'c12'} mathjax_ignore",
        (_header("EU AI Act", page.act_heading), board.html("act"), notes_html("ai-act")),
    )
    if not page.bars:
        return (act,)
    bars = Block(
        "card c7 mathjax_ignore", (_header("Readiness", page.bars_heading), board.html("bars"))
    )
    return bars, act


def _gaps(board: "ReadinessBoard") -> Block:
    gaps = board.page.gaps
    if gaps is None:
        return Block("card", ())
    parts = (
        _header("Gaps by money at risk", gaps.heading, gaps.note),
        board.html("gaps", gaps=gaps),
        notes_html("gaps"),
    )
    return Block("card gaps mathjax_ignore", parts)


def _crosswalk(board: "ReadinessBoard") -> Block:
    page = board.page
    parts = (
        board.html("coverage", scale=tones_shown(page.coverage)),
        notes_html("crosswalk"),
    )
    return Block("card coverage mathjax_ignore", parts)


def pairs(crosswalk: Crosswalk, frameworks: Frameworks) -> tuple[tuple[str, str], ...]:
    """Return the pairs of frameworks that rows relate as a choice, those with most rows first."""
    six = [(one, other) for i, one in enumerate(SIX) for other in SIX[i + 1 :]]
    counted = [(len(crosswalk.between(*pair)), pair) for pair in (*six, *EDITIONS)]
    ordered = sorted((row for row in counted if row[0]), key=lambda row: (-row[0], row[1]))

    def name(framework: str) -> str:
        return SUCCESSIONS.get(framework, short_name(frameworks, framework))

    return tuple(
        (f"{one}-{other}", f"{name(one)} and {name(other)}, {number} rows")
        for number, (one, other) in ordered
    )


def flow_chart(crosswalk: Crosswalk, frameworks: Frameworks, pair: str) -> ChartBlock:
    """Return the ribbons of one pair, by its id in `pairs`."""
    one, _, other = pair.partition("-")
    figure, told, table = flow(crosswalk, frameworks, one, other)
    return ChartBlock(FLOW, figure, told, table, 520, 480, 250)


def flow_header(crosswalk: Crosswalk, chart: ChartBlock, pair: str) -> str:
    """Return the heading above the ribbons: what they say, and who relates the ids."""
    one, _, other = pair.partition("-")
    note = f"{HOW_TO_READ} Who says so: {basis_words(crosswalk.between(one, other))}."
    return _header("Rows between two frameworks", chart.label, note)


HOW_TO_READ = (
    "Each ribbon is as thick as its number of rows, from the headings of one framework to those "
    "of the other. Blue: meeting the left one meets the right one. Grey: related, and nothing is "
    "inherited."
)


def _flow(board: "ReadinessBoard") -> Block:
    options = pairs(board.crosswalk, board.frameworks)
    first = options[0][0]
    chart = board.flow(first)
    rows = Slot(ROWS, board.flow_table(first))
    if board.fresh:  # a copy has no kernel that would draw another pair
        return Block("card flow no-print mathjax_ignore", (board.flow_told(first), chart, rows))
    choice = ChoiceBlock("pair", "Frameworks", options, first, "pair")
    told = Slot(TOLD, board.flow_told(first), is_live=True)
    return Block(
        "card flow no-print mathjax_ignore",
        (told, choice, chart, Slot(ROWS, board.flow_table(first))),
    )


def _roadmap(board: "ReadinessBoard") -> Block:
    page = board.page
    tasks = Table(
        ("task", "title", "months", "owner", "waits for", "controls", "origin"),
        tuple(
            (t.id, t.title, t.months, t.owner, t.waits_for, t.controls, t.origin)
            for t in page.tasks
        ),
    )
    parts: list[str | ChartBlock] = [_header("Roadmap", page.roadmap_heading, page.roadmap_note)]
    parts.append(ChartBlock("roadmap", board.gantt(), _gantt_label(board), tasks, 680, 820, 480))
    if board.months:
        table = Table(
            ("month", "controls landed", "average year", "low", "high", "basis"),
            tuple((m.month, m.controls, m.loss, m.low, m.high, "assumption") for m in board.months),
        )
        parts.append(
            ChartBlock("expected-loss", board.monthly(), page.roadmap_heading, table, 260, 240, 180)
        )
    parts += [
        board.html("tasks", months=month_lines(board.months, board.study.currency)),
        notes_html("roadmap"),
    ]
    return Block("card plan mathjax_ignore", tuple(parts))


def _gantt_label(board: "ReadinessBoard") -> str:
    roadmap = board.roadmap
    landed = len(roadmap.landed(max(roadmap.months)))
    chain = " then ".join(roadmap.critical())
    return (
        f"{len(roadmap.tasks)} tasks in {len(roadmap.phases)} phases over {max(roadmap.months)} "
        f"months deliver {landed} controls. The longest chain of work is {chain}."
    )
