"""Hostile texts, planted wherever people write: in a study, in systems and in a readiness."""

import csv
import io
import json

from workbench.files.messages import Findings
from workbench.files.sources import readiness_folder, systems_folder
from workbench.files.yaml_text import read_yaml
from workbench.resources import example_study

HOSTILE = (
    '<img src=x onerror="globalThis.pwned=1">',
    "<script>globalThis.pwned=1</script>",
    "</script><script>globalThis.pwned=1</script>",
    "{{7*7}} {%print(7*7)%}",
    "${globalThis.pwned=1} `${7*7}`",
    "[a](javascript:globalThis.pwned=1) <a href=javascript:globalThis.pwned=1>b</a>",
    "$\\alpha$ \\(\\beta\\) $$\\gamma$$",
    "%{x} %{customdata} <extra>x</extra>",
    "\u202egnihtyreve <b onmouseover=globalThis.pwned=1>bold</b>",
    '=HYPERLINK("javascript:globalThis.pwned=1")',
    "' onfocus='globalThis.pwned=1' autofocus x='",
    "--></title></style><svg onload=globalThis.pwned=1>",
)
HOSTILE_ID = '<img src=x onerror="globalThis.pwned=1">'  # an id holds no path and nothing unseen
GIVEN = {"type", "currency", "field", "date", "review_by"}  # from a list or a calendar
IDS = {"id", "asset", "scenarios"}
# of systems, ties, statements and standings: what people write freely
SAID = {"name", "carries", "why", "organisation", "owner", "subject", "conditions", "reason"}
SAID |= {"evidence", "justification", "members"}


class Planter:
    """Hostile texts in place of every text of a study; the same id becomes the same hostile id."""

    def __init__(self):
        self.count, self.ids, self.texts, self.kept = 0, {}, [], set()

    def planted(self, value, key=""):
        if isinstance(value, dict):
            return {name: self.planted(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.planted(inner, key) for inner in value]
        if not isinstance(value, str):
            return value
        if key in GIVEN:
            self.kept.add(key)
            return value
        if key in IDS:
            return self.ids.setdefault(value, f"{HOSTILE_ID} {len(self.ids)}")
        text = f"{HOSTILE[self.count % len(HOSTILE)]} {self.count}"
        self.count += 1
        self.texts.append(text)
        return text


def kinds(value, path=()):
    """Return the places of a scenario's texts, without regard to how many of each there are."""
    if isinstance(value, dict):
        return {place for name, inner in value.items() for place in kinds(inner, (*path, name))}
    if isinstance(value, list):
        return {place for inner in value for place in kinds(inner, path)}
    return {path} if isinstance(value, str) else set()


def few(tree):
    """Return the example with as few scenarios as still hold a text in every place; at least 5."""
    kept, known = [], set()
    for scenario in tree["scenarios"]:
        if len(kept) < 5 or not kinds(scenario) <= known:
            kept.append(scenario)
            known |= kinds(scenario)
    return tree | {"scenarios": kept}


def plant_beside(path, planter):
    """Write hostile systems and a hostile statement of readiness beside a study."""
    for shipped in (systems_folder(example_study()), readiness_folder(example_study())):
        folder = path.with_suffix(f".{shipped.name}")
        folder.mkdir()
        for file in shipped.glob("*.yaml"):
            tree = read_yaml(file.read_text(encoding="utf-8"), Findings(file.name))
            planted = told(tree, planter)
            (folder / file.name).write_text(json.dumps(planted), encoding="utf-8")
        for file in shipped.glob("*.csv"):
            rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))
            with (folder / file.name).open("w", encoding="utf-8", newline="") as out:
                writer = csv.DictWriter(out, rows[0])
                writer.writeheader()
                writer.writerows(told(row, planter) for row in rows)


def told(value, planter, key=""):
    """Plant in what people write of systems and readiness; ids of catalogues stay, and no more."""
    if isinstance(value, dict):
        return {name: told(inner, planter, name) for name, inner in value.items()}
    if isinstance(value, list):
        kept = [one for one in value if key != "scenarios" or of_study(one, planter)]
        return [told(inner, planter, key) for inner in kept]
    if key in SAID and isinstance(value, str) and value:
        return planter.planted(value)
    if key in {"scenario", "id"} and value in planter.ids:
        return planter.ids[value]
    return value


def of_study(row, planter):
    return {row.get("id"), row.get("scenario")} & set(planter.ids) != set()
