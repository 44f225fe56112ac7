"""The card, the table and the headline figure of what changed since the last approval."""

from workbench.plots.blocks import Block, ChartBlock, Table
from workbench.reports.html import render
from workbench.reports.since_values import Since


def since_block(found: Since) -> Block:
    """Return the card: what happened, the waterfall, and every changed input as a table."""
    parts: list[str | Block | ChartBlock] = [render("since", since=found, part="head")]
    parts += [render("warning", text=text) for text in found.warnings]
    if found.figure is not None:
        parts.append(
            ChartBlock(
                "changes-since",
                found.figure,
                f"{found.kicker}: {found.heading}",
                since_table(found),
                height=max(180, 92 + 34 * min(len(found.rows), 12)),
                height_phone=max(220, 120 + 46 * min(len(found.rows), 12)),
                height_print=max(150, 80 + 26 * min(len(found.rows), 12)),
            )
        )
    if found.rows:
        parts.append(render("since", since=found, part="table"))
    return Block("card since mathjax_ignore", tuple(parts))


def since_table(found: Since) -> Table:
    """Return the numbers of the chart for its CSV; amounts in currency / year."""
    unit = f"{found.currency} a year"
    head = ("Changed input", "Before", "Now", f"Moves an average year by ({unit})", "Error")
    rows = tuple((r.name, r.before, r.after, r.amount, r.amount_error) for r in found.rows)
    return Table(head, rows)
