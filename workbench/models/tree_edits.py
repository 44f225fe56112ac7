"""Edits of one scenario's tree, through either lens; each gives another scenario or a reason.

A node is stated or derived, never both. What is stated can be stated anew or be derived; what is
derived is changed through what it is derived from, or is stated instead. Deriving a node, or
stating what was derived, keeps its present value wherever that can be said exactly, so that only
what a person types moves a figure.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from workbench.distributions import Distribution, Point, Uniform, product, scaled
from workbench.engines.counts import DiscreteCount
from workbench.errors import WorkbenchError, require
from workbench.models.scenario import Scenario
from workbench.models.tree import FORMS, LossEvents, LossForms, ThreatEvents, Vulnerability

Edit = Callable[[Scenario], Scenario]
SCALE = 100.0  # of capability and resistance where vulnerability is first derived: percentiles
# derived node -> what it is derived from, in words
FROM = {
    "frequency": "threat event frequency × vulnerability",
    "threat_event_frequency": "contact frequency × probability of action",
    "vulnerability": "threat capability and resistance strength",
    "primary": "its forms of loss",
    "secondary.magnitude": "its forms of loss",
}
COMPUTED = {
    "year": "frequency × loss magnitude",
    "ale": "ARO × SLE",
    "magnitude": "primary and secondary loss",
    "secondary": "its share × its magnitude",
    "beside": "ARO × secondary loss",
}


def edit(scenario: Scenario, path: str, belief: Distribution) -> Scenario:
    """State a node anew that is stated already; a form of loss that was left out may be added.

    States that do not restate the node follow it.

    Raises
    ------
    WorkbenchError
        for a node that is derived or not there, or a belief that its rule refuses.

    """
    _refuse_computed(path)
    before = stated(scenario, path)
    if before is None and _form(path) is None:
        raise _derived(scenario, path)
    changed = _put(scenario, path, belief)
    kept: dict[str, Any] = {}
    for name in ("inherent", "residual"):
        state = getattr(scenario, name)
        if state is not None and stated(state, path) == before:
            kept[name] = _put(state, path, belief)
    return changed.replace(**kept)


def state(scenario: Scenario, path: str, belief: Distribution | None = None) -> Scenario:
    """State a node that is derived: as `belief`, or as what it is derived from gives today.

    Raises
    ------
    WorkbenchError
        where the node is stated already, or where its present value is no belief about one event.

    """
    _refuse_computed(path)
    require(
        stated(scenario, path) is None and _exists(scenario, path),
        f"a node is derived before it is stated instead: {path} of scenario {scenario.id}",
        got="stated already",
        fix="Edit it.",
    )

    def put(one: Scenario) -> Scenario:
        # a state that restates the node keeps its own value
        own = belief is None or _restates(one, scenario, path)
        return _put(one, path, _present(one, path) if own or belief is None else belief)

    return _in_all_states(scenario, put)


def _restates(one: Scenario, today: Scenario, path: str) -> bool:
    """Whether a state has another value at a derived node than the scenario has today."""
    try:
        return _present(one, path) != _present(today, path)
    except WorkbenchError:  # an asset of the study has one value in all states
        return False


def derive(scenario: Scenario, path: str, by: str = "") -> Scenario:
    """Derive a node that is stated, from nodes that give its present value.

    A frequency becomes itself x a vulnerability of 1, a threat event frequency itself x a
    probability of action of 1, an amount its own first form of loss. A vulnerability of mean v
    becomes a capability spread evenly over 0..100 against a resistance of 100 (1 - v): the number
    stays, its spread does not. `by="asset"` derives the primary loss from AV and EF: the asset is
    worth the largest loss.

    Raises
    ------
    WorkbenchError
        where the node is derived already, is always stated, or cannot be said that way.

    """
    _refuse_computed(path)
    require(
        path in FROM,
        "a node that is derived has nodes below it",
        got=path,
        fix=f"Those that can be derived are {', '.join(FROM)}.",
    )
    require(
        stated(scenario, path) is not None,
        f"a node is stated before it is derived: {path} of scenario {scenario.id}",
        got="derived already" if _exists(scenario, path) else "no such node here",
        fix="Edit what it is derived from.",
    )
    return _in_all_states(scenario, lambda one: _taken_apart(one, path, by))


def stated(scenario: Scenario, path: str) -> Distribution | None:
    """Return what a node states; None where it is derived, or not there."""
    node: object
    if path in ("exposure_factor", "asset_value"):
        node = getattr(scenario, path)
    elif path == "frequency":
        node = scenario.frequency
    elif path.startswith("primary"):
        node = _within(scenario.loss_magnitude, path.removeprefix("primary").strip("."))
    elif path.startswith("secondary"):
        node = _in_secondary(scenario, path.removeprefix("secondary").strip("."))
    else:
        node = _in_frequency(scenario.frequency, path)
    return node if isinstance(node, Distribution) else None


def _within(node: object, form: str) -> object:
    if not form:
        return node
    return node.stated().get(form) if isinstance(node, LossForms) else None


def _in_secondary(scenario: Scenario, name: str) -> object:
    secondary = scenario.secondary
    if secondary is None:
        return None
    if name in ("share", "magnitude"):
        return getattr(secondary, name)
    return _within(secondary.magnitude, name) if name else None


def _in_frequency(node: object, name: str) -> object:
    if not isinstance(node, LossEvents):
        return None
    parts = (node, node.threat_event_frequency, node.vulnerability)
    return next((found for part in parts if (found := getattr(part, name, None)) is not None), None)


def _exists(scenario: Scenario, path: str) -> bool:
    """Whether the node is in this scenario's tree, stated or derived."""
    if path in ("frequency", "primary"):
        return True
    if path == "asset_value":
        return scenario.exposure_factor is not None
    if path == "secondary.magnitude":
        return scenario.secondary is not None
    events = scenario.frequency
    return isinstance(events, LossEvents) and path in ("threat_event_frequency", "vulnerability")


def _form(path: str) -> str | None:
    place, _, name = path.partition(".")
    return name if place in ("primary", "secondary") and name in FORMS else None


def _refuse_computed(path: str) -> None:
    if path in COMPUTED:
        raise WorkbenchError(
            f"{path} is computed; got an edit of it. It is derived from {COMPUTED[path]}: edit "
            "those."
        )


def _derived(scenario: Scenario, path: str) -> WorkbenchError:
    """Return why a node cannot be edited."""
    what = f"{path} of scenario {scenario.id}"
    if path == "asset_value" and scenario.asset is not None:
        return WorkbenchError(
            f"{what} is that of the shared asset; got an edit here. Several scenarios share "
            f"{scenario.asset}: edit it in the study, or state a value of its own instead."
        )
    if path == "primary" and scenario.exposure_factor is not None:
        return WorkbenchError(
            f"{what} is derived; got an edit of it. It is derived from AV × EF: edit those, or "
            "state it instead."
        )
    if path in FROM and _exists(scenario, path):
        return WorkbenchError(
            f"{what} is derived; got an edit of it. It is derived from {FROM[path]}: edit those, "
            "or state it instead."
        )
    return WorkbenchError(
        f"a node is in the tree; got {path!r} for scenario {scenario.id}. Derive the node above "
        "it first."
    )


def _put(scenario: Scenario, path: str, belief: Distribution) -> Scenario:
    """Return the scenario in which a node states `belief`."""
    if path == "frequency":
        require(
            not isinstance(scenario.count, DiscreteCount),
            f"the count of scenario {scenario.id} states its frequency",
            got="an edit of the frequency",
            fix="Edit the count in the study file, or choose another count.",
        )
        return scenario.replace(frequency=belief)
    if path == "exposure_factor":
        return scenario.replace(exposure_factor=belief)
    if path == "asset_value":
        return scenario.replace(asset_value=belief, asset=None)
    form = _form(path)
    if path.startswith("primary"):
        if form is None:
            empty = {"asset_value": None, "asset": None, "exposure_factor": None}
            return scenario.replace(loss_magnitude=belief, **empty)
        return scenario.replace(loss_magnitude=_with_form(scenario, path, form, belief))
    if path.startswith("secondary"):
        name = path.removeprefix("secondary.")
        change: dict[str, Any] = {name: belief}
        if form is not None:
            change = {"magnitude": _with_form(scenario, path, form, belief)}
        assert scenario.secondary is not None  # else nothing of it was stated, nor any form
        return scenario.replace(secondary=replace(scenario.secondary, **change))
    return scenario.replace(frequency=_in_events(scenario, path, belief))


def _with_form(scenario: Scenario, path: str, form: str, belief: Distribution) -> LossForms:
    secondary = scenario.secondary
    node = secondary.magnitude if path.startswith("secondary") and secondary else None
    forms = scenario.loss_magnitude if path.startswith("primary") else node
    require(
        isinstance(forms, LossForms),
        f"a form of loss belongs to an amount by forms: {path} of scenario {scenario.id}",
        got="an amount that is stated as a whole, or none",
        fix="Derive the amount from its forms of loss first.",
    )
    assert isinstance(forms, LossForms)
    changed: dict[str, Any] = {form: belief}
    return replace(forms, **changed)


def _in_events(scenario: Scenario, path: str, belief: Distribution) -> LossEvents:
    events = scenario.frequency
    if not isinstance(events, LossEvents):
        raise _derived(scenario, path)
    change: dict[str, Any] = {path: belief}
    if path in ("threat_event_frequency", "vulnerability"):
        return replace(events, **change)
    for name in ("threat_event_frequency", "vulnerability"):
        node = getattr(events, name)
        if isinstance(node, ThreatEvents | Vulnerability) and hasattr(node, path):
            below: dict[str, Any] = {name: replace(node, **change)}
            return replace(events, **below)
    raise _derived(scenario, path)


def _present(scenario: Scenario, path: str) -> Distribution:
    """Return what a derived node gives today, as a belief that can be stated."""
    if path == "frequency":
        return scenario.rate()
    if path == "primary" and scenario.exposure_factor is not None:
        value = scenario.asset_value
        require(
            isinstance(value, Point),
            f"AV × EF of scenario {scenario.id} is one amount where AV is a known number",
            got="an asset of uncertain or shared value, which is held for the year",
            fix="Say the amount as a range to state it.",
        )
        assert value is not None
        return product(value, scenario.exposure_factor)
    if path == "primary":
        return scenario.primary()
    if path == "secondary.magnitude" and scenario.secondary is not None:
        return scenario.secondary.belief()
    events = scenario.frequency
    if isinstance(events, LossEvents) and path == "threat_event_frequency":
        return events.threat_events()
    if isinstance(events, LossEvents) and path == "vulnerability":
        return events.vulnerable()
    raise WorkbenchError(
        f"the value of a shared asset belongs to the study; got {path!r} without a value. Say the "
        "value as a range to state it for this scenario alone."
    )


def _taken_apart(scenario: Scenario, path: str, by: str) -> Scenario:
    belief = stated(scenario, path)
    if belief is None:
        raise WorkbenchError(
            f"a node is derived in all states at once; got {path} of scenario {scenario.id}, which "
            "another state says by its forms. State it there first."
        )
    one = Point(1.0)
    if path == "frequency":
        require(
            not isinstance(scenario.count, DiscreteCount),
            f"the count of scenario {scenario.id} states its frequency",
            got="a frequency to derive",
            fix="Choose another count first.",
        )
        return scenario.replace(frequency=LossEvents(belief, one))
    if path == "primary" and by == "asset":
        return _by_asset(scenario, belief)
    if path in ("primary", "secondary.magnitude"):
        forms = LossForms(productivity=belief)
        if path == "primary":
            return scenario.replace(loss_magnitude=forms)
        assert scenario.secondary is not None
        return scenario.replace(secondary=replace(scenario.secondary, magnitude=forms))
    events = scenario.frequency
    assert isinstance(events, LossEvents)
    if path == "threat_event_frequency":
        node = ThreatEvents(belief, one)
        return scenario.replace(frequency=replace(events, threat_event_frequency=node))
    strength = Point(SCALE * (1 - belief.mean()))
    against = Vulnerability(Uniform(0.0, SCALE), strength)
    return scenario.replace(frequency=replace(events, vulnerability=against))


def _by_asset(scenario: Scenario, amount: Distribution) -> Scenario:
    top = amount.support()[1]
    require(
        0 < top < float("inf"),
        f"EF is a share of the asset, so that a loss of scenario {scenario.id} has a highest value",
        got=top,
        fix="State a range with a highest value first, such as a PERT.",
    )
    share = scaled(amount, 1 / top)
    return scenario.replace(loss_magnitude=None, asset_value=Point(top), exposure_factor=share)


def _in_all_states(scenario: Scenario, change: Edit) -> Scenario:
    """Make the same change in every state, since all of them state the same nodes."""
    names = ("inherent", "residual")
    states = {n: change(one) for n in names if (one := getattr(scenario, n)) is not None}
    bare = scenario.replace(inherent=None, residual=None)
    return change(bare).replace(**states)
