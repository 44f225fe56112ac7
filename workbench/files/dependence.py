"""A checked form of dependence to a Dependence: ids that exist, each pair once, and warnings."""

from collections.abc import Iterable, Sequence
from itertools import combinations

from workbench.engines.copulas import Copula
from workbench.engines.dependence import Shock
from workbench.errors import WorkbenchError
from workbench.files.forms.dependence import CopulaForm, DependenceForm
from workbench.files.messages import Findings, cut, echo, short
from workbench.files.rows import Ids
from workbench.files.wording import plain
from workbench.models.dependence import Dependence, Factor, StatedCopula, tail_note
from workbench.models.planning import dependence_of
from workbench.models.study import Study

PLACE, FIELD = "study", "dependence"
TOLD = 10  # ids that an error lists
LONGEST_NAME = 24  # characters of an id in such a list
MOST_NOTED = 5  # pairs whose tails are told


class _Names:
    """The ids that a dependence may name."""

    def __init__(self, ids: Iterable[str], findings: Findings) -> None:
        self.known = frozenset(ids)
        self.findings = findings

    def check(self, field: str, ids: Sequence[str]) -> None:
        """Report ids that no scenario has."""
        for number, name in enumerate(ids, 1):
            if name not in self.known:
                told = ", ".join(cut(one, LONGEST_NAME) for one in sorted(self.known)[:TOLD])
                what = f"is no scenario of the study, got {echo(name)}, allowed {told or 'none'}"
                self.findings.error(PLACE, f"{field}.{number}", what)

    def check_once(self, field: str, ids: Sequence[str]) -> None:
        """Report ids that no scenario has, and those that stand there twice."""
        self.check(field, ids)
        first: dict[str, int] = {}
        for number, name in enumerate(ids, 1):
            if name in first:
                what = f"is named twice, got {echo(name)}, first in row {first[name]}; keep one"
                self.findings.error(PLACE, f"{field}.{number}", what)
            first.setdefault(name, number)


def dependence(
    form: DependenceForm | None, ids: Iterable[str], findings: Findings
) -> Dependence | None:
    """Make the dependence between scenarios with these ids; None where it is faulty or empty."""
    if form is None:
        return None
    before = findings.error_count
    names = _Names(ids, findings)
    copulas = {
        name: _copula(getattr(form, name), f"{FIELD}.{name}", names)
        for name in ("frequencies", "losses")
    }
    shocks = _shocks(form, names)
    if findings.error_count > before or not (any(copulas.values()) or shocks):
        return None
    return Dependence(shocks=tuple(shocks), **copulas)


def _copula(form: CopulaForm | None, field: str, names: _Names) -> StatedCopula | None:
    if form is None:
        return None
    before = names.findings.error_count
    if (form.copula == "t") != (form.degrees is not None):
        what = "is missing, allowed 1 to 1000 for a t copula; 4 is usual for losses"
        if form.degrees is not None:
            what = f"is stated for a gaussian copula, got {echo(form.degrees)}; write copula: t"
        names.findings.error(PLACE, f"{field}.degrees", what)
    factors = form.factors or []
    own = Ids(names.findings)
    for number, factor in enumerate(factors, 1):
        own.add(f"{PLACE}, {field}.factors row {number} ({short(factor.id)})", factor.id)
        ids = [scenario for scenario, _ in factor.loadings]
        names.check_once(f"{field}.factors.{number}.loadings", ids)
    stated = form.rank_correlation
    pairs = [] if stated is None or isinstance(stated, float) else stated
    _check_pairs(pairs, f"{field}.rank_correlation", names)
    names.check_once(f"{field}.scenarios", form.scenarios or [])
    if names.findings.error_count > before:
        return None
    try:
        return StatedCopula(
            form.degrees,
            tuple(Factor(one.id, tuple(one.loadings)) for one in factors),
            tuple(pairs),
            stated if isinstance(stated, float) else None,
            tuple(form.scenarios or ()),
        )
    except WorkbenchError as error:
        names.findings.error(PLACE, field, plain(error))
        return None


def _check_pairs(pairs: Sequence[tuple[str, str, float]], field: str, names: _Names) -> None:
    first: dict[frozenset[str], int] = {}
    for number, (one, other, _) in enumerate(pairs, 1):
        names.check(f"{field}.{number}", (one, other))
        if one == other:
            what = f"names one scenario twice, got {echo(one)}; a pair has two"
            names.findings.error(PLACE, f"{field}.{number}", what)
        pair = frozenset((one, other))
        if pair in first:
            what = f"is stated twice, got {echo(one)} and {echo(other)}, first in row {first[pair]}"
            names.findings.error(PLACE, f"{field}.{number}", what)
        first.setdefault(pair, number)


def _shocks(form: DependenceForm, names: _Names) -> list[Shock]:
    found = []
    own = Ids(names.findings)
    for number, shock in enumerate(form.shocks or [], 1):
        own.add(f"{PLACE}, {FIELD}.shocks row {number} ({short(shock.id)})", shock.id)
        field = f"{FIELD}.shocks.{number}.scenarios"
        before = names.findings.error_count
        names.check_once(field, [scenario for scenario, _ in shock.scenarios])
        if names.findings.error_count == before:
            found.append(Shock(shock.id, shock.rate, tuple(shock.scenarios)))
    return found


def check_ties(study: Study, findings: Findings) -> None:
    """Report what a dependence contradicts in any state; warn of what it moved or joins unseen."""
    if study.dependence is None:
        return
    for state in study.states():
        try:
            plan = dependence_of(study.at(state))
        except WorkbenchError as error:
            where = "" if state == "current" else f"in the {state} state: "
            findings.error(PLACE, FIELD, f"{where}{plain(error)}")
            return
    if plan is None:
        return
    for name in ("frequencies", "losses"):
        copula = getattr(plan, name)
        if copula is not None:
            _warn(copula, f"{FIELD}.{name}", findings)


def _warn(copula: Copula, field: str, findings: Findings) -> None:
    if copula.repair is not None:
        findings.warning(PLACE, f"{field}.rank_correlation", str(copula.repair))
    if copula.family != "t" or copula.factors:
        return
    apart = (pair for pair in combinations(copula.ids, 2) if copula.correlation(*pair) == 0)
    notes = (tail_note(copula, *pair) for pair in apart)
    for _, note in zip(range(MOST_NOTED), filter(None, notes), strict=False):
        findings.warning(PLACE, field, note)
