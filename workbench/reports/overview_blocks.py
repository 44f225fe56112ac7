"""The overview as blocks: which card holds what, in the order of the page."""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from workbench.models.whatif import by_average
from workbench.plots.blocks import Block, Cell, ChartBlock, ChoiceBlock, ResetBlock, Slot, Table
from workbench.reports.html import render
from workbench.reports.overview_matrix import matrix_table
from workbench.reports.overview_states import NAMES
from workbench.reports.since_block import since_block
from workbench.reports.source_notes import note_for
from workbench.reports.what_if import ANSWER

if TYPE_CHECKING:
    from workbench.reports.board import Board

STORY = "story"  # the slot that tells one scenario
ALONE = ("today, 5 % of beliefs", "today, 95 % of beliefs", "one event")
RANGES = ("chance", "5 % of loss years", "95 % of loss years", "average loss year", "average year")


def overview_blocks(board: "Board") -> dict[str, Block]:
    """Return the page's blocks by name: the finding first, where it comes from last."""
    found = {
        "lede": _plain(board.html("lede")),
        "headlines": _plain(board.html("headlines")),
        "curve": _curve(board),
        "what-if": _what_if(board),
        "scenarios": Block("row", tuple(_scenarios(board))),
        "together": _together(board),
        "since": Block("row", tuple(_since(board))),
        "appetite": _appetite(board),
        "one": _one(board),
        "formula": _plain(note_for("ale")),
        "footer": _plain(board.html("footer")),
    }
    return {name: block for name, block in found.items() if block.parts}


def _plain(*fragments: str) -> Block:
    return Block("plain", fragments)


def _curve(board: "Board") -> Block:
    states = [state for state in NAMES if state == "current" or state in board.others]
    head: tuple[str, ...] = (
        "loss, currency a year",
        *(f"chance, {NAMES[state].lower()}" for state in states),
    )
    head += () if board.page.together else ALONE
    table = Table(
        (*head, "accepted"),
        tuple(
            (p.loss, *p.states.values(), *(p.alone or ()), p.accepted) for p in board.curve_points
        ),
    )
    chart = ChartBlock(
        "loss-exceedance", board.exceedance(), board.page.crossing, table, 400, 320, 300
    )
    return Block(
        "card",
        (
            board.header("What may a year cost · Loss exceedance", board.page.crossing),
            board.html("key"),
            Block("split", (chart, board.html("periods"))),
            board.curve_table(),
        ),
    )


def _what_if(board: "Board") -> Block:
    sliders = board.drivers
    if not sliders:
        return Block("card", ())
    slot = Slot(ANSWER, board.answer({}).slots[ANSWER], is_live=True)
    note = "Each slider holds how often one scenario happens, in times as often as today."
    return Block(
        "card",
        (
            Block(
                "titled", (board.header("What if", board.page.question, note), ResetBlock("reset"))
            ),
            Block(f"whatif sliders-{len(sliders)}", (*sliders, slot)),
        ),
    )


def _scenarios(board: "Board") -> Iterable[Block]:
    page = board.page
    rows = tuple(
        (r.name, *map(_known, (r.chance, r.low, r.high, r.loss_year_mean, r.mean)))
        for r in page.rows
    )
    chart = ChartBlock(
        "top-scenarios",
        board.scenarios(),
        page.scenarios_heading,
        Table(("scenario", *RANGES), rows),
        510,
        400,
        315,
    )
    header = board.header("Top scenarios", page.scenarios_heading, page.how_to_read)
    table = matrix_table(board.result)
    width = "c12" if table is None else "c7"
    yield Block(f"card {width}", (header, chart, board.html("scenarios")))
    if table is not None:
        yield Block("card matrix c5", (render("matrix", table=table), note_for("l2c2")))


def _known(value: float) -> Cell:
    """A number that exists; a table says nothing in place of one that does not."""
    return value if math.isfinite(value) else None


def _since(board: "Board") -> Iterable[Block]:
    """What changed, beside how sure we are; nothing where the headline has said it all."""
    sure = _sure(board)
    if board.since.is_told_by_headline:
        yield Block("card sure c12", sure.parts)
        return
    told = since_block(board.since)
    yield Block(f"{told.classes} c7", told.parts)
    yield sure


def _together(board: "Board") -> Block:
    parts = () if board.page.together is None else (board.html("together"),)
    return Block("card mathjax_ignore", parts)


def _appetite(board: "Board") -> Block:
    return Block("card", (board.html("tolerance"),))


def _sure(board: "Board") -> Block:
    sure = board.page.sure
    header = board.header("How sure are we of the average", sure.sentence, sure.note)
    if sure.view is None:
        return Block("card sure c5", (header,))
    levels = (0.05, 0.25, 0.5, 0.75, 0.95)
    rows = (*((f"{level:g}", sure.view.var(level)) for level in levels), ("mean", sure.view.mean()))
    table = Table(("quantile", "average year, currency a year"), rows)
    chart = ChartBlock("average-year", board.average(), sure.sentence, table, 380, 240, 180)
    return Block("card sure c5", (header, chart, board.html("average")))


def _one(board: "Board") -> Block:
    order = by_average(board.result)
    if not order:
        return Block("card", ())
    first = order[0].id
    options = tuple((scenario.id, f"{scenario.id} · {scenario.name}") for scenario in order)
    choice = ChoiceBlock("scenario", "Scenario", options, first, "scenario")
    header = board.header("One scenario", "What it costs, and who assumed what.")
    return Block("card", (header, choice, Slot(STORY, board.chosen(first)[STORY])))
