"""What a threat model comes to: which controls are against which of its threats."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from workbench.threats.applying import Report


@dataclass(frozen=True, slots=True)
class Mitigation:
    """One control, and which threats of a report it is against."""

    control: str  # id
    threats: tuple[str, ...]
    in_place: bool


def mitigations(
    report: Report, against: Mapping[str, Collection[str]], in_place: Collection[str] = ()
) -> list[Mitigation]:
    """Return the controls that are against any threat of a report, those against most first.

    Parameters
    ----------
    against : control -> ids of the threats that it is against
    in_place : the controls that are there already

    """
    touched = {threat.id for threat in report.threats()}
    found = [
        Mitigation(control, tuple(sorted(touched & set(threats))), control in in_place)
        for control, threats in against.items()
    ]
    return sorted((m for m in found if m.threats), key=lambda m: (-len(m.threats), m.control))


def uncovered(report: Report, found: Collection[Mitigation]) -> list[str]:
    """Return the threats of a report that no control in place is against."""
    covered = {threat for one in found if one.in_place for threat in one.threats}
    return [threat.id for threat in report.threats() if threat.id not in covered]
