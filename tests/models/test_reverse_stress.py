"""The smallest change that meets the appetite: closed forms, optimality, and no nearer point."""

import math

import numpy as np
import pytest
from scipy.optimize import brentq

from workbench.distributions import Empirical, Gamma, LogNormal, Pert, Point, Uniform
from workbench.engines import exact
from workbench.errors import WorkbenchError
from workbench.models import (
    Asset,
    Bernoulli,
    DiscreteCount,
    LossEvents,
    LossForms,
    Poisson,
    Scenario,
    Study,
    ThreatEvents,
    TolerancePoint,
    zero_truncated,
)
from workbench.models.planning import plans_of
from workbench.models.reverse_stress import (
    LARGEST,
    ReverseStress,
    StressInput,
    reverse_stress,
    stress_inputs,
    stressed,
)

FEW = TolerancePoint(1.0, 0.2)  # at most 1 year in 5 with a loss to speak of
LARGE = Uniform(1000, 2000)  # always above the loss that FEW speaks of, whatever it is scaled by


def fair(name: str, rate, magnitude=LARGE, **more) -> Scenario:
    return Scenario.fair(name, name, loss_event_frequency=rate, loss_magnitude=magnitude, **more)


def factors(found: ReverseStress) -> dict[str, float]:
    assert found.joint is not None
    return {one.name: factor for one, factor in found.joint.factors.items()}


def chance(study: Study, point: TolerancePoint) -> float:
    return float(exact.portfolio(plans_of(study), study.currency).exceedance(point.loss))


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.9])
def test_one_poisson_scenario_has_a_closed_form_on_both_sides(rate) -> None:
    # P(L > 0) = 1 - exp(-rate f)
    found = reverse_stress(Study(scenarios=(fair("S-1", Point(rate)),)), FEW)
    expected = -math.log(1 - FEW.probability) / rate
    assert found.above == (rate > 0.3)
    by_name = {one.changed.name: one.factor for one in found.single}
    assert by_name["S-1: frequency"] == pytest.approx(expected, rel=1e-7)
    assert by_name["S-1: loss magnitude"] is None  # 1 % of it is above the loss still
    assert factors(found) == pytest.approx(
        {"S-1: frequency": expected, "S-1: loss magnitude": 1.0}, rel=1e-6
    )
    assert found.joint.distance == pytest.approx(abs(math.log(expected)), rel=1e-6)
    assert found.joint.converged
    assert found.joint.holds(FEW)


def test_two_poisson_scenarios_share_the_change_by_their_rates() -> None:
    # min z1^2 + z2^2 with r1 e^z1 + r2 e^z2 = c: z_i = mu r_i e^z_i, solved for mu
    rates, needed = np.array([0.05, 0.11]), -math.log(1 - FEW.probability)

    def logs(multiplier: float) -> list[float]:
        return [
            brentq(lambda z, r=r: z - multiplier * r * math.exp(z), 0, 1, xtol=1e-14) for r in rates
        ]

    multiplier = brentq(lambda m: rates @ np.exp(logs(m)) - needed, 0, 2.5, xtol=1e-14)
    study = Study(scenarios=tuple(fair(f"S-{i}", Point(r)) for i, r in enumerate(rates)))
    found = reverse_stress(study, FEW)
    expected = float(np.linalg.norm(logs(multiplier)))
    assert found.joint.distance == pytest.approx(expected, rel=1e-4)
    got = [factors(found)[f"S-{i}: frequency"] for i in range(2)]
    assert np.log(got) == pytest.approx(logs(multiplier), rel=1e-2)


def portfolio() -> Study:
    rows = (
        fair("A", Pert(0.1, 0.4, 1.0), LogNormal.from_interval(1e4, 1e6)),
        fair("B", Point(2.0), Gamma(2.0, 5e4)),
        Scenario.classical("C", "C", aro=Point(0.3), exposure_factor=Uniform(0, 1), asset="db"),
    )
    return Study(
        scenarios=rows, assets=(Asset("db", "Records", Empirical([2e5, 7e5], [0.6, 0.4])),)
    )


@pytest.mark.parametrize("point", [TolerancePoint(1e6, 0.1), TolerancePoint(1e6, 0.03)])
def test_the_smallest_change_is_optimal(point) -> None:
    study = portfolio()
    found = reverse_stress(study, point)
    joint = found.joint
    assert found.above == (chance(study, point) > point.probability)
    assert joint.converged
    assert joint.holds(point)
    changed = stressed(study, joint.factors)
    assert chance(changed, point) == pytest.approx(point.probability, abs=joint.error)
    inputs, z = list(joint.factors), np.log(list(joint.factors.values()))
    assert np.linalg.norm(z) == pytest.approx(joint.distance)
    assert ((z <= 1e-9) if found.above else (z >= -1e-9)).all()

    def height(at) -> float:
        moved = dict(zip(inputs, np.exp(at).tolist(), strict=True))
        return math.log(chance(stressed(study, moved), point))

    # KKT: z is parallel to the gradient of the constraint
    step = 0.01
    slope = np.array(
        [(height(z + step * e) - height(z - step * e)) / (2 * step) for e in np.eye(z.size)]
    )
    cosine = abs(float(slope @ z)) / np.linalg.norm(slope) / np.linalg.norm(z)
    assert cosine > 1 - 1e-4
    # and no point that is nearer meets the appetite
    rng = np.random.default_rng(7)
    for _ in range(40):
        way = np.abs(rng.normal(size=z.size)) * (-1 if found.above else 1)
        nearer = 0.999 * joint.distance * way / np.linalg.norm(way)
        still_above = height(nearer) > math.log(point.probability)
        assert still_above == found.above


def test_single_factors_meet_the_appetite_and_stand_in_order() -> None:
    study, point = portfolio(), TolerancePoint(1e6, 0.03)
    found = reverse_stress(study, point)
    sizes = [math.inf if s.factor is None else abs(math.log(s.factor)) for s in found.single]
    assert sizes == sorted(sizes)
    assert {s.changed for s in found.single} == set(stress_inputs(study))
    for one in found.single:
        if one.factor is not None:
            moved = chance(stressed(study, {one.changed: one.factor}), point)
            assert moved == pytest.approx(point.probability, rel=1e-6)
            assert found.joint.distance <= abs(math.log(one.factor)) * (1 + 1e-6)


def test_the_way_back_is_as_long() -> None:
    # from the changed study, the point that was today's chance is at most as far away
    study, point = portfolio(), TolerancePoint(1e6, 0.1)
    joint = reverse_stress(study, point).joint
    back = TolerancePoint(point.loss, chance(study, point))
    again = reverse_stress(stressed(study, joint.factors), back)
    assert again.joint.distance <= joint.distance * (1 + 1e-3)


def test_inputs_are_frequencies_primary_amounts_and_shared_assets_once() -> None:
    forms = LossForms(productivity=Point(1), response=Point(2))
    tree = LossEvents(ThreatEvents(Point(3), Point(0.5)), Point(0.5))
    rows = (
        fair("D", None, count=DiscreteCount([0, 1], [0.5, 0.5])),
        fair("F", tree, forms),
        Scenario.classical("G", "G", aro=Point(1), exposure_factor=Point(1), asset_value=Point(1)),
        *(
            Scenario.classical(n, n, aro=Point(1), exposure_factor=Point(1), asset="db")
            for n in "HI"
        ),
    )
    study = Study(scenarios=rows, assets=(Asset("db", "", Point(1)), Asset("idle", "", Point(1))))
    inputs = stress_inputs(study)
    assert [one.name for one in inputs] == [
        "D: loss magnitude",
        "F: frequency",
        "F: loss magnitude",
        "G: frequency",
        "G: asset value",
        "H: frequency",
        "I: frequency",
        "db: shared asset value",
    ]
    for one in inputs:
        before, after = (exact.portfolio(plans_of(s)) for s in (study, stressed(study, {one: 3.0})))
        owners = ["H", "I"] if one.owner == "db" else [one.owner]
        alone = Study(
            scenarios=tuple(s for s in study.scenarios if s.id in owners), assets=study.assets
        )
        part = exact.portfolio(plans_of(alone)).mean()
        assert after.mean() - before.mean() == pytest.approx(2 * part)


def test_a_count_that_allows_no_more_ends_the_search() -> None:
    # at most once a year, today in 1 of 10 years: ten times as often is every year
    sure = fair("S-1", Point(0.1), count=Bernoulli())
    (frequency,) = (
        s for s in reverse_stress(Study(scenarios=(sure,)), FEW).single if s.factor is not None
    )
    assert frequency.factor == pytest.approx(2.0, rel=1e-6)
    assert frequency.largest == pytest.approx(10.0, rel=1e-9)
    point = TolerancePoint(1500.0, 0.05)
    tight = fair("S-1", Point(1.0), Uniform(0, 1000), count=Bernoulli())
    found = reverse_stress(Study(scenarios=(tight,)), point)
    assert factors(found)["S-1: frequency"] == 1.0  # it happens every year already
    assert factors(found)["S-1: loss magnitude"] == pytest.approx(1500 / 950, rel=1e-5)


def test_a_count_that_allows_no_less_ends_the_search() -> None:
    always = fair("S-1", Point(1.5), Uniform(0, 1000), count=zero_truncated(Poisson()))
    found = reverse_stress(Study(scenarios=(always,)), TolerancePoint(500.0, 0.1))
    assert found.above
    assert factors(found)["S-1: frequency"] >= 1 / 1.5 - 1e-6
    assert found.joint.holds(TolerancePoint(500.0, 0.1))


def test_a_chance_of_nothing_today_has_no_slope_and_is_met_all_the_same() -> None:
    # at most 100 today: a loss of 1000 has no chance at all
    study = Study(scenarios=(fair("S-1", Point(0.5), Uniform(0, 100), count=Bernoulli()),))
    point = TolerancePoint(1000.0, 0.05)
    found = reverse_stress(study, point)
    assert found.chance < 1e-12
    assert found.joint.holds(point)
    # P = 0.5 f (1 - 10 / m): the smallest of log(f)^2 + log(m)^2 on a fine grid
    m = np.exp(np.linspace(math.log(10.001), math.log(100), 200_001))
    f = np.maximum(0.05 / (0.5 * (1 - 10 / m)), 1e-9)
    fits = f <= 2
    nearest = float(np.sqrt(np.min((np.log(f) ** 2 + np.log(m) ** 2)[fits])))
    assert found.joint.distance == pytest.approx(nearest, rel=2e-3)


@pytest.mark.parametrize("scenarios", [2, 3])
def test_what_none_can_do_alone_all_do_together(scenarios: int) -> None:
    # each is too often by itself: all are to be rarer, alike since they are alike
    study = Study(scenarios=tuple(fair(f"S-{i}", Point(0.9)) for i in range(scenarios)))
    found = reverse_stress(study, FEW)
    assert all(one.factor is None for one in found.single)
    wanted = -math.log(1 - FEW.probability) / (0.9 * scenarios)
    frequencies = [f for name, f in factors(found).items() if name.endswith("frequency")]
    assert frequencies == pytest.approx([wanted] * scenarios, rel=1e-5)
    assert found.joint is not None
    assert found.joint.distance == pytest.approx(math.sqrt(scenarios) * -math.log(wanted), rel=1e-5)
    assert found.joint.converged


def test_out_of_reach_there_is_no_change() -> None:
    study = Study(scenarios=(fair("S-1", Point(0.5), Uniform(0, 1), count=Bernoulli()),))
    found = reverse_stress(study, TolerancePoint(LARGEST * 10, 0.01))
    assert found.joint is None
    assert all(one.factor is None for one in found.single)


def test_single_losses_jump_and_the_change_is_past_the_jump() -> None:
    study = Study(scenarios=(fair("S-1", Point(0.5), Point(100.0), count=Bernoulli()),))
    point = TolerancePoint(250.0, 0.1)
    found = reverse_stress(study, point)
    assert not found.joint.converged
    assert "jumps" in found.joint.why
    assert factors(found)["S-1: loss magnitude"] == pytest.approx(2.5, rel=1e-5)
    assert found.joint.chance == pytest.approx(0.5)


def test_the_point_that_is_passed_the_most_is_taken() -> None:
    points = (TolerancePoint(1.0, 1.0), TolerancePoint(500.0, 0.5), TolerancePoint(900.0, 0.01))
    found = reverse_stress(Study(scenarios=(fair("S-1", Point(0.1)),), tolerance=points))
    assert found.point == points[2]
    assert found.above
    # half the amount does more than half the rate: 900 of at most 2000, against 1 % of 10 %
    assert found.joint.largest_first()[0][0] == StressInput("S-1", "loss_magnitude")


def test_without_an_appetite_or_an_input_there_is_no_test() -> None:
    with pytest.raises(WorkbenchError, match="tolerated with a probability below 1"):
        reverse_stress(Study(scenarios=(fair("S-1", Point(1)),)))
    with pytest.raises(WorkbenchError, match="tolerated with a probability below 1"):
        reverse_stress(Study(scenarios=(fair("S-1", Point(1)),)), TolerancePoint(1.0, 1.0))
    with pytest.raises(WorkbenchError, match="an input to change"):
        reverse_stress(Study(), FEW)
