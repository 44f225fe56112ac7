"""Small study files to spoil, and what the gate says of them."""

import json

import pytest

from workbench.files import FileRefused, parse_study

COLUMNS = (
    "id,name,aro_low,aro_mode,aro_high,asset_value,ef_low,ef_mode,ef_high,likelihood,consequence"
)
CELLS = {
    "id": "S-1",
    "name": "Leak",
    "aro_low": 0.1,
    "aro_mode": 0.5,
    "aro_high": 2,
    "asset_value": 1000000,
    "ef_low": 0.1,
    "ef_mode": 0.3,
    "ef_high": 0.8,
    "likelihood": 3,
    "consequence": 4,
}


def refusal(data, name="t.csv"):
    """The messages with which the gate refuses a file; it must refuse it."""
    with pytest.raises(FileRefused) as caught:
        parse_study(name, data if isinstance(data, bytes) else data.encode())
    return caught.value.messages


def accepted(data, name="t.csv"):
    """The loaded study of a file that the gate must accept."""
    return parse_study(name, data if isinstance(data, bytes) else data.encode())


def csv_of(*rows, header=COLUMNS):
    """A table whose rows are the usual cells with some of them changed, or whole lines."""
    lines = [header]
    for number, row in enumerate(rows, 1):
        cells = (CELLS | {"id": f"S-{number}"} | row).values() if isinstance(row, dict) else [row]
        lines.append(",".join(map(str, cells)))
    return "\n".join(lines) + "\n"


def json_of(*rows, study=None):
    """A JSON study file of the usual scenario with some fields changed; None leaves a field out."""
    scenarios = []
    for number, row in enumerate(rows, 1):
        fields = CELLS | {"id": f"S-{number}"} | row
        scenarios.append({name: value for name, value in fields.items() if value is not None})
    whole = {"scenarios": scenarios} if study is None else {"study": study, "scenarios": scenarios}
    return json.dumps(whole)


def full_of(study=None, **scenario):
    """A JSON study file in the full form with one scenario of these fields."""
    fields = {"id": "F-1", "name": "Outage", **scenario}
    return json.dumps({"study": study or {}, "scenarios": [fields]})


@pytest.fixture(scope="session")
def gate():
    """The helpers above, under one name."""

    class Gate:
        pass

    for helper in (refusal, accepted, csv_of, json_of, full_of):
        setattr(Gate, helper.__name__, staticmethod(helper))
    Gate.cells, Gate.columns, Gate.dumps = CELLS, COLUMNS, staticmethod(json.dumps)
    return Gate
