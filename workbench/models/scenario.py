"""A scenario: one kind of loss event, how often it happens and what it costs.

Two lenses look at the same thing. The classical lens holds ARO, AV and EF, with SLE = AV x EF and
ALE = ARO x SLE. The FAIR lens holds loss event frequency and loss magnitude. ARO is the loss event
frequency, AV x EF the (primary) loss magnitude.
"""

from dataclasses import dataclass, field, replace
from typing import Any, Self

from workbench.distributions import Distribution, Point, WithTerms, scaled
from workbench.engines.counts import Count, Poisson
from workbench.errors import require

LEVELS = range(1, 6)  # of likelihood and consequence


@dataclass(frozen=True, slots=True)
class Assumption:
    """Why a field of a scenario says what it says."""

    field: str  # the field it is about, for example "loss_magnitude"
    owner: str  # a role
    reason: str
    would_change: str  # what would change it
    source: str = ""  # an id or a citation

    def to_dict(self) -> dict[str, str]:
        """Plain data."""
        names = ("field", "owner", "reason", "source", "would_change")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario of a study.

    Raises
    ------
    WorkbenchError
        unless it has exactly one lens, an exposure factor within 0..1, and levels within 1..5.

    """

    id: str
    name: str
    frequency: Distribution  # loss events / year: ARO, or LEF; held for the year
    exposure_factor: Distribution | None = None  # share of the asset lost per event, 0..1
    asset_value: Distribution | None = None  # currency; held for the year
    asset: str | None = None  # the id of a shared asset of the study, instead of asset_value
    loss_magnitude: Distribution | None = None  # currency / event
    count: Count = field(default_factory=Poisson)
    likelihood: int | None = None  # 1..5, for the severity matrix
    consequence: int | None = None  # 1..5
    system: str = ""
    owner: str = ""
    assumptions: tuple[Assumption, ...] = ()

    def __post_init__(self) -> None:
        """Check the rules that every scenario keeps."""
        require(
            isinstance(self.id, str) and bool(self.id.strip()),
            "a scenario has an id",
            got=self.id,
            fix="Give each a short text of its own.",
        )
        beliefs = ("frequency", "exposure_factor", "asset_value", "loss_magnitude")
        for name in beliefs:
            belief = getattr(self, name)
            require(
                isinstance(belief, Distribution) or (belief is None and name != "frequency"),
                f"{name} of scenario {self.id} is a belief",
                got=belief,
                fix="Write Point(...) for a number known exactly.",
            )
        self._check_lens()
        for name in ("likelihood", "consequence"):
            level = getattr(self, name)
            whole = isinstance(level, int) and not isinstance(level, bool)
            require(
                level is None or (whole and level in LEVELS),
                f"{name} is a whole number from 1 to 5",
                got=level,
                fix="Use the levels of the matrix.",
            )
        self.count.check(self.frequency)

    def _check_lens(self) -> None:
        classical = self.exposure_factor is not None
        require(
            classical != (self.loss_magnitude is not None),
            f"scenario {self.id} is seen through one lens",
            got="both" if classical else "neither",
            fix="State exposure_factor with an asset, or loss_magnitude, not both.",
        )
        has_value, has_asset = self.asset_value is not None, self.asset is not None
        if self.exposure_factor is not None:
            require(
                has_value != has_asset,
                f"scenario {self.id} has one asset",
                got="both" if has_value else "neither",
                fix="State asset_value, or asset with the id of a shared one.",
            )
            require(
                self.exposure_factor.support()[1] <= 1,
                "an exposure factor is a share of the asset, from 0 to 1",
                got=self.exposure_factor.support()[1],
                fix="Write 0.8 for 80 %.",
            )
        else:
            require(
                not (has_value or has_asset),
                f"scenario {self.id} states its magnitude in money and needs no asset",
                got=self.asset or self.asset_value,
                fix="Leave the asset out, or use the classical lens.",
            )

    @classmethod
    def classical(
        cls,
        id: str,
        name: str,
        *,
        aro: Distribution,
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
        loss_event_frequency: Distribution,
        loss_magnitude: Distribution,
        **more: Any,
    ) -> Self:
        """State loss event frequency (events / year) and loss magnitude (currency / event)."""
        return cls(id, name, loss_event_frequency, loss_magnitude=loss_magnitude, **more)

    @property
    def lens(self) -> str:
        """Return "classical" or "fair"."""
        return "classical" if self.exposure_factor is not None else "fair"

    def severity(self) -> Distribution:
        """What one event costs: currency, or a share of the asset."""
        severity = self.exposure_factor or self.loss_magnitude
        assert severity is not None
        return severity

    def with_terms(
        self, *, deductible: float = 0.0, limit: float = float("inf"), share: float = 1.0
    ) -> "Scenario":
        """Apply per-event terms to the loss magnitude, in the order deductible, limit, share.

        A classical scenario with a known asset value becomes its FAIR form: the terms are money.
        """
        magnitude = self.loss_magnitude
        if magnitude is None:
            require(
                isinstance(self.asset_value, Point),
                "terms need a magnitude in money",
                got=f"an uncertain or shared asset in scenario {self.id}",
                fix="State the scenario by its loss magnitude.",
            )
            magnitude = scaled(self.severity(), self.asset_value.mean())  # type: ignore[union-attr]  # just checked
        changed = WithTerms(magnitude, deductible, limit, share)
        return self.replace(
            loss_magnitude=changed, exposure_factor=None, asset_value=None, asset=None
        )

    def replace(self, **changes: Any) -> "Scenario":
        """Return a copy with some fields changed."""
        return replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """Canonical plain data: the full form of a study file, without fields left empty."""
        beliefs = {
            "aro" if self.lens == "classical" else "loss_event_frequency": self.frequency,
            "exposure_factor": self.exposure_factor,
            "asset_value": self.asset_value,
            "loss_magnitude": self.loss_magnitude,
        }
        found: dict[str, Any] = {"id": self.id, "name": self.name, "count": self.count.to_dict()}
        found |= {name: belief.to_dict() for name, belief in beliefs.items() if belief is not None}
        optional = ("asset", "likelihood", "consequence", "system", "owner")
        found |= {n: getattr(self, n) for n in optional if getattr(self, n) not in (None, "")}
        if self.assumptions:
            found["assumptions"] = [a.to_dict() for a in self.assumptions]
        return found
