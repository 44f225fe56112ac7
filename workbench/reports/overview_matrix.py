"""The severity matrix on the overview: where the scenarios stand, and what the order is worth."""

from workbench.models.matrix_ranking import MatrixRanking, rank
from workbench.models.portfolio import StudyResult
from workbench.plots import heat
from workbench.reports.matrix_words import correlation_told, counted
from workbench.reports.overview_values import MatrixCell, MatrixTable

HOW_TO_READ = "Rows: likelihood. Columns: consequence. Small figure: score, L² + C²."


def matrix_table(result: StudyResult) -> MatrixTable | None:
    """Return the matrix of a study, or None where no scenario has levels."""
    ranking = rank(result)
    if not ranking.rows:
        return None
    study = result.study
    found = heat(ranking.matrix, ranking.rows, anchors=study.anchors, currency=study.currency)
    levels = range(1, found["levels"] + 1)
    last = max(len(found["bands"]) - 1, 1)
    bands = [  # the palest tone is nearly that of the card
        (1 + round(3 * i / last), b["label"], b["scores"]) for i, b in enumerate(found["bands"])
    ]
    cells = {
        (c["likelihood"], c["consequence"]): MatrixCell(
            bands[c["band"]][0],
            c["score"],
            bands[c["band"]][1],
            tuple(s["id"] for s in found["scenarios"] if _in(s, c)),
            tuple(s["name"] for s in found["scenarios"] if _in(s, c)),
        )
        for c in found["cells"]
    }
    rates, amounts = (found[key] or [""] * len(levels) for key in ("likelihood", "consequence"))
    return MatrixTable(
        heading=_heading(ranking),
        rows=tuple(
            (level, rates[level - 1], tuple(cells[level, other] for other in levels))
            for level in reversed(levels)
        ),
        columns=tuple((level, amounts[level - 1]) for level in levels),
        bands=tuple(bands),
        notes=_notes(ranking),
    )


def _in(scenario: dict[str, object], cell: dict[str, object]) -> bool:
    return all(scenario[side] == cell[side] for side in ("likelihood", "consequence"))


def _heading(ranking: MatrixRanking) -> str:
    if ranking.reversed_pairs:
        pairs = counted(ranking.reversed_pairs, "pair", "pairs")
        return f"The matrix ranks {pairs} of scenarios against their money."
    return "The matrix ranks; only money adds up."


def _notes(ranking: MatrixRanking) -> tuple[str, ...]:
    """How to read it, its ties, and how far it agrees with money."""
    ties = ranking.ties()
    shared = sum(len(tie.scenarios) for tie in ties)
    told = [HOW_TO_READ]
    if ties:
        told.append(f"{shared} scenarios share a score with another one.")
    told.append(correlation_told(ranking.rho))
    if ranking.left_out:
        told.append(f"Not placed: {', '.join(sorted(ranking.left_out))}.")
    return tuple(told)
