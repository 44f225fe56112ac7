"""Which inputs differ between two studies, by the leaf of the tree that was edited."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import chain, combinations
from typing import Any

from workbench.errors import WorkbenchError
from workbench.models.scenario import Scenario
from workbench.models.study import Study
from workbench.models.tree import LossEvents, LossForms, SecondaryLoss, ThreatEvents, Vulnerability

NODES = (LossEvents, ThreatEvents, Vulnerability, LossForms, SecondaryLoss)
# Fields that are checked against each other; where a mix of before and after is refused, the
# fields of one cluster change together.
CLUSTERS = {
    "frequency": ("frequency", "count"),
    "magnitude": ("exposure_factor", "asset_value", "asset", "loss_magnitude"),
    "secondary_loss": ("secondary",),
    "terms": ("terms",),
}


@dataclass(frozen=True)
class ChangedInput:
    """One input that differs between two studies."""

    owner: str  # the id of a scenario or an asset
    field: str  # "contact_frequency", "terms"; "asset value"; "added" or "removed" for a scenario
    before: Any  # a belief, a node of the tree, a scenario; several fields at once are a mapping
    after: Any
    path: tuple[str, ...] = ()  # attributes from the scenario down to what changed

    @property
    def name(self) -> str:
        """Say which input, for a person."""
        return f"{self.owner}: {self.field.replace('_', ' ')}"

    def told(self) -> tuple[Any, Any]:
        """Return both sides as plain data."""
        return _plain(self.before), _plain(self.after)


def changed_inputs(before: Study, after: Study) -> list[ChangedInput]:
    """Return the inputs that differ, in order of scenario and field, assets last.

    Names, owners, levels of the matrix and assumptions are no inputs: they move no figure. An asset
    that only one study lists is not one by itself; the scenario that names it is.
    """
    old, new = ({s.id: s.at("current") for s in study.scenarios} for study in (before, after))
    found: list[ChangedInput] = []
    for name in sorted(old.keys() | new.keys()):
        if name in old and name in new:
            found += _changed_fields(old[name], new[name])
        else:
            what = "added" if name in new else "removed"
            found.append(ChangedInput(name, what, old.get(name), new.get(name)))
    worth, worth_now = ({a.id: a.value for a in study.assets} for study in (before, after))
    for name in sorted(worth.keys() & worth_now.keys()):
        if worth[name] != worth_now[name]:
            found.append(ChangedInput(name, "asset value", worth[name], worth_now[name]))
    return found


def _changed_fields(old: Scenario, new: Scenario) -> list[ChangedInput]:
    found: list[ChangedInput] = []
    for cluster, names in CLUSTERS.items():
        paths = [
            path for n in names for path in _differences(getattr(old, n), getattr(new, n), (n,))
        ]
        apart = [
            ChangedInput(old.id, _label(old, new, path), _get(old, path), _get(new, path), path)
            for path in paths
        ]
        if all(_accepts(old, part) for part in _subsets(apart)):
            found += apart
        else:
            was, now = ({n: getattr(side, n) for n in names} for side in (old, new))
            found.append(ChangedInput(old.id, cluster, was, now))
    return found


def _differences(old: Any, new: Any, path: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return where two values of a field differ, as deep as both are made of the same nodes."""
    if old == new:
        return []
    alike = isinstance(old, NODES) and type(old) is type(new)
    if not alike or (isinstance(old, LossForms) and old.together != new.together):
        return [path]
    parts = [(f.name, getattr(old, f.name), getattr(new, f.name)) for f in fields(old)]
    return [deep for name, a, b in parts for deep in _differences(a, b, (*path, name))]


def _label(old: Scenario, new: Scenario, path: tuple[str, ...]) -> str:
    if path == ("frequency",):
        derived = isinstance(old.frequency, LossEvents) or isinstance(new.frequency, LossEvents)
        return "aro" if new.lens == "classical" and not derived else "loss_event_frequency"
    if path[0] == "secondary":
        return " ".join(["secondary_loss", *path[-1:]]) if path[1:] else "secondary_loss"
    return path[-1]


def _get(node: Any, path: Sequence[str]) -> Any:
    for name in path:
        node = getattr(node, name)
    return node


def _put(node: Any, path: Sequence[str], value: Any) -> Any:
    name, *rest = path
    inner = _put(getattr(node, name), rest, value) if rest else value
    return replace(node, **{name: inner})


def edited(scenario: Scenario, changed: ChangedInput) -> Scenario:
    """Return the scenario with one input changed."""
    if not changed.path:
        return scenario.replace(**changed.after)
    found = _put(scenario, changed.path, changed.after)
    assert isinstance(found, Scenario)
    return found


def _accepts(scenario: Scenario, changes: Sequence[ChangedInput]) -> bool:
    try:
        for changed in changes:
            scenario = edited(scenario, changed)
    except WorkbenchError:
        return False
    return True


def _subsets(changes: Sequence[ChangedInput]) -> Iterator[tuple[ChangedInput, ...]]:
    sizes = range(len(changes) + 1)
    return chain.from_iterable(combinations(changes, size) for size in sizes)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items() if part is not None}
    return value.to_dict() if hasattr(value, "to_dict") else value
