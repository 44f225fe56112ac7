"""What the severity matrix says and what it gets wrong, in sentences; never money from a score."""

from collections.abc import Sequence

from workbench.amounts import compact_money, percent
from workbench.models.cox import CoxCheck
from workbench.models.matrix_ranking import MatrixRanking
from workbench.models.portfolio import StudyResult
from workbench.models.rank_correlation import RankCorrelation
from workbench.models.severity_matrix import SeverityMatrix

LEVEL = 0.95  # the bad years: 1 in 20


def matrix_told(matrix: SeverityMatrix) -> str:
    """Tell its cells, ties, inversions against L x C, and the rule of its bands."""
    order, widths = matrix.against_product(), matrix.equal_width_shares()
    shares = ", ".join(f"{100 * share:.0f}%" for share in widths)
    cells, scores = len(matrix.cells()), len(matrix.distinct_scores())
    lines = (
        f"{cells} cells have {scores} scores; cells share {len(matrix.ties())} of them.",
        f"{len(order.inverted)} of {order.pairs} pairs of cells are ordered against L × C.",
        f"{len(widths)} equal widths would hold {shares} of the cells.",
        matrix.rule,
    )
    return "\n".join(lines)


def ties_told(ranking: MatrixRanking) -> str:
    """Tell each group of scenarios with one score, and how far apart their averages are."""
    lines = []
    for tie in ranking.ties():
        ales = sorted(row.ale or 0.0 for row in tie.scenarios)
        low, high = (compact_money(ales[i], ranking.currency) for i in (0, -1))
        ids = ", ".join(row.id for row in tie.scenarios)
        lines.append(f"Score {tie.score}: {ids}. Their average years cost {low} to {high}.")
    return "\n".join(lines) or "No two scenarios share a score."


def reversals_told(ranking: MatrixRanking, most: int = 3) -> str:
    """Tell how many pairs are reversed, and the `most` with most money between them."""
    lines = [f"{counted(ranking.reversed_pairs, 'pair is', 'pairs are')} reversed."]
    for pair in ranking.reversals[:most]:
        money = compact_money(pair.money, ranking.currency)
        lines.append(
            f"{pair.above.id} ranks above {pair.below.id}, which costs {money} a year more."
        )
    return "\n".join(lines)


def agreement_told(ranking: MatrixRanking, k: int = 5) -> str:
    """Tell the rank correlations with n and interval, the verdict, the top k and lie ratios."""
    top = ranking.top(k)
    found = f"{top.least}" if top.least == top.most else f"{top.least} to {top.most}"
    ratios = [f"{b.band} {b.lie_ratio:.1f}" for b in ranking.bands if b.lie_ratio is not None]
    lines = [
        *(correlation_told(measure) for measure in (ranking.rho, ranking.tau)),
        f"{ranking.rho.method}.",
        ranking.verdict(),
        f"Of the {top.k} that cost most, {found} are among the {top.k} that rank first.",
        f"Dearest over cheapest in a band: {', '.join(ratios) or 'no band has two scenarios'}.",
    ]
    low = ranking.matrix.bands[0].label
    lines += [f"{row.id} is called {low} and is among the dearest." for row in ranking.missed()]
    lines += [f"{name} is left out: {why}." for name, why in sorted(ranking.left_out.items())]
    return "\n".join(lines)


def correlation_told(found: RankCorrelation) -> str:
    """Tell one rank correlation, or why there is none."""
    n = f"n = {found.pairs}"
    if found.value is None:
        return f"{found.name}: none, since {found.why} ({n})."
    if found.low is None or found.high is None:
        return f"{found.name} {signed(found.value)}; {found.why} ({n})."
    interval = f"{signed(found.low)} to {signed(found.high)}"
    return f"{found.name} {signed(found.value)} (95% interval {interval}, {n})."


def cox_told(checks: Sequence[CoxCheck], ranking: MatrixRanking) -> str:
    """Tell each of Cox's axioms, the first cells that break it, and how labels order pairs."""
    lines = []
    for check in checks:
        verb = "" if check.verdict == "holds" else "is "
        line = f"{check.axiom.capitalize()} {verb}{check.verdict}: {check.why or check.states}."
        if check.witnesses:
            (low, high), pairs = check.witnesses[0], len(check.witnesses)
            line += f" {counted(pairs, 'pair breaks', 'pairs break')} it, first {low} and {high}."
        lines.append(line)
    share = ranking.labels.share
    if share is not None:
        worse = " A coin would do better." if ranking.labels.worse_than_random else ""
        lines.append(
            f"Of {ranking.labels.pairs} pairs of scenarios with different labels, "
            f"{percent(share)} are in the order of ALE.{worse}"
        )
    return "\n".join(lines)


def instead_told(result: StudyResult, ranking: MatrixRanking, most: int = 5) -> str:
    """Tell the dearest scenarios by ALE, with their share of the bad years and their score."""
    shares, tail = result.contributions(LEVEL), result.portfolio.tvar(LEVEL)
    lines = []
    for row in ranking.by_ale()[:most]:
        bad = percent(shares[row.id] / tail) if tail > 0 else "0%"
        money = compact_money(row.ale or 0.0, ranking.currency)
        lines.append(
            f"{row.name}: {money} in an average year, {bad} of the worst 1 year in 20, "
            f"score {row.score}."
        )
    return "\n".join(lines)


def counted(number: int, one: str, many: str) -> str:
    """Return the number with the right form of its word."""
    return f"{number} {one if number == 1 else many}"


def signed(value: float) -> str:
    """Two decimals with a true minus sign."""
    return f"{value:.2f}".replace("-", "\u2212")
