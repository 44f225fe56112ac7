"""The way out: a study as CSV, YAML or JSON text that the gate reads back equal."""

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from workbench.distributions import Pert, Point
from workbench.engines.counts import Poisson
from workbench.errors import WorkbenchError, require
from workbench.files.columns import COLUMNS
from workbench.files.json_printing import ESCAPED, json_text
from workbench.files.messages import FileRefused
from workbench.files.neutralised import neutralised
from workbench.files.opening import KINDS
from workbench.files.reading import parse_study
from workbench.files.saving import save
from workbench.models.scenario import Scenario
from workbench.models.study import DEFAULT_CURRENCY, DEFAULT_NAME, DEFAULT_SEED, Study
from workbench.models.tree import NO_TERMS


def study_document(study: Study) -> dict[str, Any]:
    """Return the full form of a study file, assets and scenarios in the study's own order."""
    head = {
        "name": study.name,
        "currency": study.currency,
        "seed": study.seed,
        "assets": [plain_row(asset.to_dict()) for asset in study.assets],
        "tolerance": [point.to_dict() for point in study.tolerance],
        "anchors": None if study.anchors is None else study.anchors.to_dict(),
        "dependence": None if study.dependence is None else study.dependence.to_dict(),
    }
    kept = {name: value for name, value in head.items() if value not in ([], None)}
    return {"study": kept, "scenarios": [plain_row(row.to_dict()) for row in study.scenarios]}


def plain_row(row: dict[str, Any]) -> dict[str, Any]:
    """Write a known amount of money as a plain number, and leave out what is not stated."""
    found = dict(row)
    for name in ("asset_value", "value"):
        belief = found.get(name)
        if isinstance(belief, dict) and belief.get("type") == "point":
            found[name] = belief["value"]
    if found.get("count") == {"type": "poisson"}:
        del found["count"]
    if "assumptions" in found:
        found["assumptions"] = [
            {key: text for key, text in one.items() if text} for one in found["assumptions"]
        ]
    return found


def study_json(study: Study) -> str:
    """Write a study as a JSON study file."""
    return _checked(study, json_text(study_document(study)), "study.json")


def study_yaml(study: Study) -> str:
    """Write a study as a YAML 1.2 study file: block style, every text in double quotes."""
    return _checked(study, yaml_text(study_document(study)), "study.yaml")


def yaml_text(document: dict[str, Any]) -> str:
    """Write plain data as YAML 1.2 for people: block style, every text in double quotes.

    Its keys are names of fields.
    """
    return "\n".join(_yaml_lines(document, "")) + "\n"


def _yaml_lines(value: dict[str, Any], indent: str) -> Iterable[str]:
    """Yield the lines of a mapping. Keys are field names, so they need no quotes."""
    for key, item in value.items():
        if isinstance(item, list) and item and isinstance(item[0], dict):
            yield f"{indent}{key}:"
            for row in item:
                first, *rest = _yaml_lines(row, f"{indent}    ")
                yield f"{indent}  - {first.lstrip()}"
                yield from rest
        elif isinstance(item, dict) and item and "type" not in item:
            yield f"{indent}{key}:"
            yield from _yaml_lines(item, f"{indent}  ")
        else:
            yield f"{indent}{key}: {_flow(item)}"


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    # JSON's texts and numbers are YAML's, but for characters that YAML wants escaped.
    return json.dumps(value, ensure_ascii=False, allow_nan=False).translate(ESCAPED)


def study_csv(study: Study) -> str:
    """Write a study as a scenario table; what a table cannot hold is refused.

    Text cells that a spreadsheet would take for a formula begin with an apostrophe, which is taken
    away again where the table is read.

    Raises
    ------
    WorkbenchError
        for a study with a name, assets or tolerance, and for a scenario that is not three PERTs'
        columns with both levels.

    """
    head = {
        "name": study.name != DEFAULT_NAME,
        "currency": study.currency != DEFAULT_CURRENCY,
        "seed": study.seed != DEFAULT_SEED,
        "assets": bool(study.assets),
        "tolerance": bool(study.tolerance),
        "anchors": study.anchors is not None,
        "a dependence": study.dependence is not None,
    }
    stated = [name for name, is_stated in head.items() if is_stated]
    require(
        not stated,
        "a CSV table holds scenarios only, in USD and with seed 1",
        got=f"a study with {', '.join(stated)}",
        fix="Write the study as YAML or JSON.",
    )
    rows = [_table_row(scenario) for scenario in study.scenarios]
    return _checked(study, table_csv(COLUMNS, rows), "study.csv")


def _table_row(scenario: Scenario) -> list[Any]:
    aro, ef = _three(scenario.frequency), _three(scenario.exposure_factor)
    value, levels = scenario.asset_value, (scenario.likelihood, scenario.consequence)
    unfit = {
        "a rate that is no PERT": not aro,
        "no exposure factor that is a PERT": not ef,
        "no known asset value of its own": not isinstance(value, Point),
        "no likelihood or no consequence": None in levels,
        "a system": bool(scenario.system),
        "an owner": bool(scenario.owner),
        "assumptions": bool(scenario.assumptions),
        "a count": scenario.count != Poisson(),
        "a secondary loss": scenario.secondary is not None,
        "terms": scenario.terms != NO_TERMS,
        "an inherent state": scenario.inherent is not None,
        "a residual state": scenario.residual is not None,
    }
    reasons = [what for what, is_so in unfit.items() if is_so]
    require(
        not reasons,
        "a table row is a PERT rate, a known asset value, a PERT exposure factor and both levels",
        got=f"scenario {scenario.id} with {', '.join(reasons)}",
        fix="Write the study as YAML or JSON.",
    )
    assert isinstance(value, Point)
    return [scenario.id, scenario.name, *aro, value.value, *ef, *levels]


def _three(belief: object) -> tuple[float, ...]:
    if isinstance(belief, Point):
        return (belief.value,) * 3
    if isinstance(belief, Pert) and belief.shape == 4.0:
        return (belief.low, belief.mode, belief.high)
    return ()


def table_csv(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """Write a table as CSV (RFC 4180) in which no text cell is a live formula.

    `restored` gives back the text of a cell.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(map(_cell, row) for row in rows)
    return out.getvalue()


def _cell(value: Any) -> Any:
    """Write whole numbers without a point, as people do; csv itself writes floats by repr."""
    if isinstance(value, str):
        return neutralised(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value


def _checked(study: Study, text: str, name: str) -> str:
    """Return `text` once the gate has read it back equal: nothing leaves that could not return."""
    try:
        back = parse_study(name, text.encode("utf-8")).study
    except (FileRefused, UnicodeEncodeError) as error:
        first = str(error).partition("\n")[0]
        raise WorkbenchError(f"a study file holds what the gate reads back; {first}") from None
    require(back == study, "a study file reads back equal", got=study.name, fix="Report this.")
    return text


def write_study(study: Study, path: str | Path) -> None:
    """Write a study to a .yaml, .yml, .json or .csv file, whole or not at all.

    Raises
    ------
    WorkbenchError
        for another type of file, for what the type cannot hold, and where writing fails.

    """
    writers = {"yaml": study_yaml, "json": study_json, "csv": study_csv}
    write = writers.get(KINDS.get(Path(path).suffix.lower(), ""))
    require(
        write is not None,
        "a study is written as .yaml, .yml, .json or .csv",
        got=Path(path).suffix,
        fix="Choose one of these.",
    )
    assert write is not None
    save(path, write(study))
