"""One row of a study file to a Scenario: shape, lens, order of bounds, and ids that are unique."""

import unicodedata
from typing import Any

from pydantic import ValidationError

from workbench.distributions import Distribution
from workbench.engines.counts import Count, Poisson, count_from_dict
from workbench.errors import WorkbenchError
from workbench.files.beliefs import MONEY, RATE, SHARE, Report, belief, table_triple
from workbench.files.messages import Findings, echo, short
from workbench.files.schema import AssumptionForm, ClassicalForm, FairForm, Strict
from workbench.files.suspicious import doubts, looks_like_date
from workbench.files.tree import Unreadable, repeated_keys
from workbench.files.wording import ALLOWED, path_of, plain, sentence
from workbench.models.scenario import Assumption, Scenario

ARO = ("aro_low", "aro_mode", "aro_high")
EF = ("ef_low", "ef_mode", "ef_high")
FAIR = frozenset({"loss_event_frequency", "loss_magnitude"})
CLASSICAL = frozenset({*ARO, *EF, "aro", "exposure_factor", "asset_value", "asset"})
_FORM_ONLY = frozenset({"aro", "exposure_factor", "asset", *FAIR})
_TEXTS = ("id", "name", "system", "owner")
_ASSUMED = (FAIR | CLASSICAL | {"count", "likelihood", "consequence"}) - {"asset"}


def place_of(number: int, row: Any) -> str:
    """Write 'row 2 (scenario S-002)', with the id only where it is one."""
    name = row.get("id") if isinstance(row, dict) else None
    if isinstance(name, str) and name:
        return f"row {number} (scenario {short(name)})"
    return f"row {number}"


def report_faults(
    error: ValidationError, model: type[Strict], place: str, findings: Findings
) -> None:
    """Report every fault that the schema found; beyond the messages that are kept, count them."""
    if findings.is_full:
        findings.count(error.error_count())
        return
    for fault in error.errors(include_url=False):
        findings.error(place, path_of(fault["loc"]), sentence(fault, model.model_fields))


def report_repeats(mapping: dict[str, Any], place: str, findings: Findings) -> bool:
    """Report every field that was written twice, at any depth; return whether there is one."""
    repeated = list(repeated_keys(mapping))
    for field in repeated:
        findings.error(place, field, "is written twice (a duplicate key); keep one")
    return bool(repeated)


class Ids:
    """The ids seen so far; two that differ only by case or by Unicode form are taken as equal."""

    def __init__(self, findings: Findings) -> None:
        self._seen: dict[str, tuple[str, str]] = {}
        self._findings = findings

    def add(self, place: str, name: str) -> None:
        """Record an id, or report the place where it stands for the second time."""
        key = name if name.isascii() else unicodedata.normalize("NFKC", name)
        key = key.casefold()
        if key not in self._seen:
            self._seen[key] = place, name
            return
        first_place, first = self._seen[key]
        how = (
            "is used twice" if first == name else f"differs from {echo(first)} only by its writing"
        )
        what = f"{how}, got {echo(name)}, first in {first_place.partition(' (')[0]}"
        self._findings.error(place, "id", f"{what}; give each its own")


class RowReader:
    """Reads the rows of one file, in order."""

    def __init__(
        self, findings: Findings, *, kind: str, bare: bool, assets: frozenset[str]
    ) -> None:
        self.findings = findings
        self.kind = kind  # csv, xlsx, yaml or json
        self.bare = bare  # a table without a study section: both levels are required
        self.assets = assets
        self.ids = Ids(findings)

    def scenario(self, place: str, row: Any) -> Scenario | None:
        """Return the scenario of a row, or report every fault of it and return None."""
        if not isinstance(row, dict):
            what = row.what if isinstance(row, Unreadable) else "is not a mapping of fields"
            self.findings.error(place, "", f"{what}, got {echo(row)}")
            return None
        has_repeats = report_repeats(row, place, self.findings)
        name = row.get("id")
        if isinstance(name, str):
            self.ids.add(place, name)
        model = self._model(place, row)
        if model is None:
            return None
        try:
            form = model.model_validate(row)
        except ValidationError as error:
            report_faults(error, model, place, self.findings)
            form = None
        complete = self._complete(place, row, model)
        if form is None or not complete or has_repeats:
            return None
        self._warn(place, form)
        return self._made(place, form)

    def _error(self, place: str, field: str, what: str) -> None:
        self.findings.error(place, field, what)

    def _model(self, place: str, row: dict[str, Any]) -> type[ClassicalForm | FairForm] | None:
        """Choose the lens by the fields that are there."""
        classical, fair = CLASSICAL & row.keys(), FAIR & row.keys()
        if classical and fair:
            what = f"mixes two lenses with {', '.join(sorted(classical))}"
            fix = "allowed loss_event_frequency with loss_magnitude, or aro, asset_value and ef"
            self._error(place, min(fair), f"{what}, {fix}")
            return None
        if not classical and not fair and not self.bare:
            fix = "allowed loss_event_frequency with loss_magnitude, or aro with an asset and an "
            self._error(place, "aro", f"is missing, {fix}exposure_factor")
            return None
        return FairForm if fair else ClassicalForm

    def _complete(self, place: str, row: dict[str, Any], model: type[Strict]) -> bool:
        """Report the required fields that the schema cannot tell: one of two ways, but whole."""
        missing: list[str] = []
        if self.bare and not _FORM_ONLY & row.keys():
            missing += [n for n in ("likelihood", "consequence") if row.get(n) is None]
        good = True
        if model is ClassicalForm:
            for whole, three in (("aro", ARO), ("exposure_factor", EF)):
                good &= self._one_way(place, row, whole, three, missing)
            if row.get("asset_value") is not None and row.get("asset") is not None:
                self._error(place, "asset", "is stated beside asset_value, allowed one of the two")
                good = False
            elif row.get("asset_value") is None and row.get("asset") is None:
                missing.append("asset_value")
        for name in missing:
            allowed = f", allowed {ALLOWED[name]}" if name in ALLOWED else ""
            self._error(place, name, f"is missing{allowed}")
        return good and not missing

    def _one_way(
        self,
        place: str,
        row: dict[str, Any],
        whole: str,
        three: tuple[str, str, str],
        missing: list[str],
    ) -> bool:
        stated = [name for name in three if row.get(name) is not None]
        if row.get(whole) is not None:
            if stated:
                self._error(place, whole, f"is stated twice, also by {', '.join(stated)}")
            return not stated
        if stated or self.bare:
            missing += [name for name in three if name not in stated]
        else:
            missing.append(whole)
        return True

    def _warn(self, place: str, form: ClassicalForm | FairForm) -> None:
        for name in _TEXTS:
            for doubt in doubts(getattr(form, name) or "x"):
                self.findings.warning(place, name, doubt)
        if self.kind == "yaml" and looks_like_date(form.id):
            what = f"looks like a date, got {echo(form.id)}; put it in quotes for other programs"
            self.findings.warning(place, "id", what)

    def _made(self, place: str, form: ClassicalForm | FairForm) -> Scenario | None:
        """Build the beliefs and the scenario; the models' own rules have the last word."""
        faults = 0

        def report(field: str, what: str) -> None:
            nonlocal faults
            faults += 1
            self._error(place, field, what)

        fields = (
            _fair(form, report) if isinstance(form, FairForm) else self._classical(form, report)
        )
        fields["count"] = _count(form, report)
        fields["assumptions"] = _assumptions(form, report)
        if faults:
            return None
        more = {name: getattr(form, name) for name in ("likelihood", "consequence")}
        try:
            return Scenario(
                form.id,
                form.name,
                system=form.system or "",
                owner=form.owner or "",
                **more,
                **fields,
            )
        except WorkbenchError as error:
            report("" if form.count is None else "count", plain(error))
            return None

    def _classical(self, form: ClassicalForm, report: Report) -> dict[str, Any]:
        if form.asset is not None and form.asset not in self.assets:
            known = ", ".join(sorted(self.assets)[:10]) or "none, since the study lists no assets"
            report(
                "asset", f"is not listed in study.assets, got {echo(form.asset)}, allowed {known}"
            )
        value = form.asset_value
        return {
            "frequency": _either(form, "aro", ARO, report),
            "exposure_factor": _either(form, "exposure_factor", EF, report),
            "asset_value": None if value is None else belief(value, "asset_value", MONEY, report),
            "asset": form.asset,
        }


def _either(
    form: ClassicalForm, whole: str, three: tuple[str, str, str], report: Report
) -> Distribution | None:
    """Make the belief that is stated whole or by three columns; `_complete` saw that one is."""
    stated = getattr(form, whole)
    if stated is not None:
        return belief(stated, whole, RATE if whole == "aro" else SHARE, report)
    low, mode, high = (getattr(form, column) for column in three)
    return table_triple((low, mode, high), three, report)


def _fair(form: FairForm, report: Report) -> dict[str, Any]:
    return {
        "frequency": belief(form.loss_event_frequency, "loss_event_frequency", RATE, report),
        "loss_magnitude": belief(form.loss_magnitude, "loss_magnitude", MONEY, report),
    }


def _count(form: ClassicalForm | FairForm, report: Report) -> Count:
    if form.count is None:
        return Poisson()
    try:
        return count_from_dict(form.count.model_dump())
    except WorkbenchError as error:
        report("count", plain(error))
        return Poisson()


def _assumptions(form: ClassicalForm | FairForm, report: Report) -> tuple[Assumption, ...]:
    found = []
    for number, one in enumerate(form.assumptions or (), 1):
        if one.field not in _ASSUMED:
            known = ", ".join(sorted(_ASSUMED))
            what = f"is not a field of a scenario, got {echo(one.field)}, allowed {known}"
            report(f"assumptions.{number}.field", what)
        found.append(_assumption(one))
    return tuple(found)


def _assumption(form: AssumptionForm) -> Assumption:
    return Assumption(form.field, form.owner, form.reason, form.would_change, form.source or "")
