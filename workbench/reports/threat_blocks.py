"""The threat model as blocks: which card holds what, in the order of the page."""

from typing import TYPE_CHECKING

from workbench.plots.blocks import Block, ChoiceBlock, FlowBlock, Slot

if TYPE_CHECKING:
    from workbench.reports.threat_board import ThreatBoard

SYSTEM, FLOWS = "system", "data-flows"  # the names of the controls


def threat_blocks(board: "ThreatBoard") -> dict[str, Block]:
    """Return the page's blocks by name: the finding first, where it comes from last."""
    found = {"lede": Block("plain", (board.html("lede"),))}
    if board.systems:
        slots = board.chosen(board.first)
        found |= {
            "systems": _systems(board),
            "flows": _flows(board, slots),
            "worst": Block("row", (_card("worst", slots, 7), _card("coverage", slots, 5))),
            "stride": Block("card", (_slot("stride", slots),)),
            "ruled-out": Block("card", (_slot("ruled-out", slots),)),
        }
    return found | {"footer": Block("plain", (board.html("footer"),))}


def _slot(name: str, slots: dict[str, str]) -> Slot:
    return Slot(name, slots[name])


def _card(name: str, slots: dict[str, str], columns: int) -> Block:
    return Block(f"card c{columns}", (_slot(name, slots),))


def _systems(board: "ThreatBoard") -> Block:
    options = tuple((one.system.id, one.system.name) for one in board.systems.values())
    choice = ChoiceBlock(SYSTEM, "System shown below", options, board.first, SYSTEM)
    return Block("card", (board.html("systems"), choice))


def _flows(board: "ThreatBoard", slots: dict[str, str]) -> Block:
    systems = tuple((name, board.diagram(name), board.worst(name)) for name in board.systems)
    opening = board.diagram(board.first), board.worst(board.first)
    diagram = FlowBlock(FLOWS, *opening, SYSTEM, systems)
    element = Slot("element", slots["element"], is_live=True)
    return Block(
        "row",
        (
            Block("card c8", (_slot("flows", slots), diagram)),
            Block("card element c4", (element,)),
            _card("known", slots, 8),
        ),
    )
