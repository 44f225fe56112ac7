"""A scenario: one kind of loss event, how often it happens and what it costs.

Two lenses look at one tree. The classical lens holds ARO, AV and EF, with SLE = AV x EF and ALE =
ARO x SLE. The FAIR lens holds loss event frequency and loss magnitude, or the nodes that they are
derived from. ARO is the loss event frequency, AV x EF the primary loss magnitude; a secondary loss
stands outside the classical ALE, on its own line.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any, Literal, Self

from workbench.distributions import Distribution, Point
from workbench.engines.counts import Count, DiscreteCount, Poisson
from workbench.errors import WorkbenchError, all_of, is_whole, require, shown
from workbench.models.tree import (
    NO_TERMS,
    LossEvents,
    LossForms,
    SecondaryLoss,
    Terms,
    check_amount,
    check_share,
)

LEVELS = range(1, 11)  # of likelihood and consequence, in the largest matrix
State = Literal["inherent", "current", "residual"]
DESCRIBED = ("name", "system", "owner", "assumptions")  # of a scenario, whatever its state
STATES: tuple[State, ...] = ("inherent", "current", "residual")


@dataclass(frozen=True, slots=True)
class Assumption:
    """Why a field of a scenario says what it says.

    Raises
    ------
    WorkbenchError
        for a day that is no ISO 8601 date (2026-11-24).

    """

    field: str  # the field it is about, for example "loss_magnitude"
    owner: str  # a role
    reason: str
    would_change: str  # what would change it
    source: str = ""  # an id or a citation
    date: str = ""  # the day it was made, ISO 8601
    review_by: str = ""  # the day after which it is stale, ISO 8601

    def __post_init__(self) -> None:
        """Check the two days."""
        for name in ("date", "review_by"):
            day = getattr(self, name)
            require(
                day == "" or is_day(day),
                f"{name} of an assumption is a day such as 2026-11-24",
                got=day,
                fix="Write year, month and day.",
            )

    def to_dict(self) -> dict[str, str]:
        """Plain data; days that are not stated are left out."""
        names = ("field", "owner", "reason", "source", "would_change")
        days = {n: getattr(self, n) for n in ("date", "review_by") if getattr(self, n)}
        return {name: getattr(self, name) for name in names} | days


def is_day(text: object) -> bool:
    """Whether a text is a calendar day in the form 2026-11-24."""
    try:
        return isinstance(text, str) and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario of a study, as it is today (its current state).

    Raises
    ------
    WorkbenchError
        unless its magnitude is stated one way, its shares lie within 0..1, its levels within 1..10,
        and its other states restate what it states itself.

    """

    id: str
    name: str
    frequency: Distribution | LossEvents | None = None  # loss events / year, held: ARO, or LEF
    exposure_factor: Distribution | None = None  # share of the asset lost per event, 0..1
    asset_value: Distribution | None = None  # currency; held for the year
    asset: str | None = None  # the id of a shared asset of the study, instead of asset_value
    loss_magnitude: Distribution | LossForms | None = None  # currency / event
    count: Count = field(default_factory=Poisson)  # a DiscreteCount states the frequency itself
    likelihood: int | None = None  # level, for the severity matrix
    consequence: int | None = None
    system: str = ""
    owner: str = ""
    assumptions: tuple[Assumption, ...] = ()
    secondary: SecondaryLoss | None = None
    terms: Terms = NO_TERMS
    inherent: "Scenario | None" = None  # the same without controls
    residual: "Scenario | None" = None  # the same after the plan

    def __post_init__(self) -> None:
        """Check the rules that every scenario keeps."""
        require(
            isinstance(self.id, str) and bool(self.id.strip()),
            "a scenario has an id",
            got=self.id,
            fix="Give each a short text of its own.",
        )
        self._check_kinds()
        if self.frequency is None and isinstance(self.count, DiscreteCount):
            object.__setattr__(self, "frequency", Point(self.count.mean()))
        self._check_beliefs()
        self._check_lens()
        for name in ("likelihood", "consequence"):
            level = getattr(self, name)
            if level is None:
                continue
            require(
                is_whole(level, LEVELS[0], LEVELS[-1]),
                f"{name} is a whole number from 1 to {LEVELS[-1]}",
                got=level,
                fix="Use the levels of the matrix.",
            )
            object.__setattr__(self, name, int(level))  # numpy's whole numbers are no JSON
        self.count.check(self.rate())
        for name in ("inherent", "residual"):
            self._describe_state(name)
            self._check_state(name, getattr(self, name))

    def _check_kinds(self) -> None:
        """Check that every part that is no belief is of its kind; an assumption list is a tuple."""
        what = f"of scenario {self.id}"
        found = all_of(self.assumptions, Assumption, f"the assumptions {what}")
        object.__setattr__(self, "assumptions", tuple(found))
        for name, (kind, words, fix) in _kinds().items():
            value = getattr(self, name)
            is_left_out = value is None and name not in ("name", "count", "terms")
            if not (isinstance(value, kind) or is_left_out):
                raise WorkbenchError(f"{name} {what} is {words}; got {shown(value)}. {fix}")

    def _describe_state(self, name: str) -> None:
        """A state is the same scenario: it is called and owned as the scenario is."""
        state = getattr(self, name)
        own = {field: getattr(self, field) for field in DESCRIBED}
        if state is not None and any(getattr(state, key) != value for key, value in own.items()):
            object.__setattr__(self, name, state.replace(**own))

    def _check_beliefs(self) -> None:
        what = f"of scenario {self.id}"
        if not isinstance(self.frequency, LossEvents):
            check_amount(f"frequency {what}", self.frequency)
        if self.exposure_factor is not None:
            check_share(f"exposure_factor {what}", self.exposure_factor)
        if self.asset_value is not None:
            check_amount(f"asset_value {what}", self.asset_value)
        if self.loss_magnitude is not None and not isinstance(self.loss_magnitude, LossForms):
            check_amount(f"loss_magnitude {what}", self.loss_magnitude)

    def _check_lens(self) -> None:
        classical = self.exposure_factor is not None
        require(
            classical != (self.loss_magnitude is not None),
            f"scenario {self.id} states its magnitude one way",
            got="both" if classical else "neither",
            fix="State exposure_factor with an asset, or loss_magnitude, not both.",
        )
        has_value, has_asset = self.asset_value is not None, self.asset is not None
        if classical:
            require(
                has_value != has_asset,
                f"scenario {self.id} has one asset",
                got="both" if has_value else "neither",
                fix="State asset_value, or asset with the id of a shared one.",
            )
        else:
            require(
                not (has_value or has_asset),
                f"scenario {self.id} states its magnitude in money and needs no asset",
                got=self.asset or self.asset_value,
                fix="Leave the asset out, or use the classical lens.",
            )

    def _check_state(self, name: str, state: "Scenario | None") -> None:
        """Check that a state is the same scenario, with the same nodes stated."""
        if state is None:
            return
        mine, theirs = _stated(self), _stated(state)
        require(
            state.id == self.id and state.inherent is None and state.residual is None,
            f"the {name} state of scenario {self.id} is the same scenario, without states",
            got=state.id,
            fix="Change its beliefs with replace().",
        )
        require(
            mine <= theirs <= mine | {"secondary_loss"},
            f"the {name} state of scenario {self.id} restates what the scenario itself states",
            got=sorted(mine ^ theirs),
            fix="State the same nodes of the tree in every state.",
        )

    @classmethod
    def classical(
        cls,
        id: str,
        name: str,
        *,
        aro: Distribution | LossEvents | None = None,
        exposure_factor: Distribution,
        asset_value: Distribution | None = None,
        asset: str | None = None,
        **more: Any,
    ) -> Self:
        """State ARO (events / year), AV (currency) and EF (share of AV lost per event)."""
        return cls(
            id,
            name,
            aro,
            exposure_factor=exposure_factor,
            asset_value=asset_value,
            asset=asset,
            **more,
        )

    @classmethod
    def fair(
        cls,
        id: str,
        name: str,
        *,
        loss_event_frequency: Distribution | LossEvents | None = None,
        loss_magnitude: Distribution | LossForms,
        **more: Any,
    ) -> Self:
        """State loss event frequency (events / year) and loss magnitude (currency / event)."""
        return cls(id, name, loss_event_frequency, loss_magnitude=loss_magnitude, **more)

    @property
    def lens(self) -> str:
        """Return "classical" or "fair", by how the primary magnitude is stated."""
        return "classical" if self.exposure_factor is not None else "fair"

    def rate(self) -> Distribution:
        """Loss events / year, stated or derived: the ARO of the classical lens."""
        node = self.frequency
        assert node is not None
        return node.belief() if isinstance(node, LossEvents) else node

    def primary(self) -> Distribution:
        """Return the primary loss of one event: currency, or a share of the asset."""
        if self.exposure_factor is not None:
            return self.exposure_factor
        magnitude = self.loss_magnitude
        assert magnitude is not None
        return magnitude.belief() if isinstance(magnitude, LossForms) else magnitude

    def at(self, state: State) -> "Scenario":
        """Return the scenario in one of its states; today where it has none of that name.

        Raises
        ------
        WorkbenchError
            for a state that is none of inherent, current and residual.

        """
        require(state in STATES, "a state is known", got=state, fix=f"One of {STATES}.")
        found = self if state == "current" else getattr(self, state)
        return (found or self).replace(inherent=None, residual=None)

    def with_terms(
        self, *, deductible: float = 0.0, limit: float = float("inf"), share: float = 1.0
    ) -> "Scenario":
        """Apply per-event terms, in money, in the order deductible, limit, share."""
        return self.replace(
            terms=replace(self.terms, deductible=deductible, limit=limit, share=share)
        )

    def replace(self, **changes: Any) -> "Scenario":
        """Return a copy with some fields changed."""
        return replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """Canonical plain data: the full form of a study file, without fields left empty."""
        found: dict[str, Any] = {"id": self.id, "name": self.name, "count": self.count.to_dict()}
        found |= self._frequency_dict()
        beliefs = {"exposure_factor": self.exposure_factor, "asset_value": self.asset_value}
        found |= {name: belief.to_dict() for name, belief in beliefs.items() if belief is not None}
        if self.loss_magnitude is not None:
            by_form = isinstance(self.loss_magnitude, LossForms)
            found["primary_loss" if by_form else "loss_magnitude"] = self.loss_magnitude.to_dict()
        if self.secondary is not None:
            found["secondary_loss"] = self.secondary.to_dict()
        if self.terms != NO_TERMS:
            found["terms"] = self.terms.to_dict()
        optional = ("asset", "likelihood", "consequence", "system", "owner")
        found |= {n: getattr(self, n) for n in optional if getattr(self, n) not in (None, "")}
        if self.assumptions:
            found["assumptions"] = [a.to_dict() for a in self.assumptions]
        for name in ("inherent", "residual"):
            if getattr(self, name) is not None:
                found[name] = _differences(found, getattr(self, name).to_dict())
        return found

    def _frequency_dict(self) -> dict[str, Any]:
        if isinstance(self.count, DiscreteCount):
            return {}  # the count says it
        if isinstance(self.frequency, LossEvents):
            return self.frequency.to_dict()
        name = "aro" if self.lens == "classical" else "loss_event_frequency"
        return {name: self.rate().to_dict()}


@cache
def _kinds() -> dict[str, tuple[type, str, str]]:
    """Return the kind of each part that is no belief, in words too, and how it is written."""
    state = (Scenario, "a Scenario", "Restate the scenario by replace().")
    return {
        "name": (str, "a text", "Say in a few words what happens."),
        "count": (Count, "a count of events", "Write count=Poisson(), or Bernoulli()."),
        "terms": (Terms, "a value of Terms", "Write terms=Terms(limit=5e6)."),
        "secondary": (SecondaryLoss, "a SecondaryLoss", "Write SecondaryLoss(share, magnitude)."),
        "inherent": state,
        "residual": state,
    }


def _stated(scenario: Scenario) -> set[str]:
    """Return the fields that say something about the tree."""
    plain = scenario.replace(inherent=None, residual=None, likelihood=None, consequence=None)
    return set(plain.to_dict()) - {"terms", "assumptions", "system", "owner"}


def _differences(base: dict[str, Any], state: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that a state restates; terms that it does not have are an empty mapping."""
    found = {name: value for name, value in state.items() if base.get(name) != value}
    return found | ({"terms": {}} if "terms" in base and "terms" not in state else {})
