"""Scenarios and studies: their rules, both lenses, canonical data."""

from itertools import permutations

import numpy as np
import pytest

from workbench.distributions import Beta, Empirical, LogNormal, Pert, Point, Scaled, WithTerms
from workbench.errors import WorkbenchError
from workbench.losses import FIGURES
from workbench.models import (
    Asset,
    Assumption,
    Bernoulli,
    NegativeBinomial,
    Scenario,
    Study,
    TolerancePoint,
    simulate,
)
from workbench.models.planning import plan_of

pytestmark = pytest.mark.pure

ARO, EF, AV = Pert(0.1, 0.5, 2), Beta(2, 6), Point(4e6)
CLASSICAL = Scenario.classical("S-01", "one", aro=ARO, exposure_factor=EF, asset_value=AV)
FAIR = Scenario.fair("S-01", "one", loss_event_frequency=ARO, loss_magnitude=Scaled(EF, AV.value))


def test_the_classical_lens_is_a_special_case_of_fair() -> None:
    one, other = (simulate(Study(scenarios=(s,))).portfolio for s in (CLASSICAL, FAIR))
    assert [one.figure(n) for n in FIGURES] == [other.figure(n) for n in FIGURES]
    assert one.mean() == pytest.approx(ARO.mean() * AV.mean() * EF.mean(), rel=1e-12)
    assert (CLASSICAL.lens, FAIR.lens) == ("classical", "fair")
    samples = [
        simulate(Study(scenarios=(s,)), engine="montecarlo", years=500).portfolio.annual.tolist()
        for s in (CLASSICAL, FAIR)
    ]
    assert samples[0] == samples[1]


def classical(**more: object) -> Scenario:
    return Scenario.classical("S", "s", **{"aro": ARO, "exposure_factor": EF, **more})


REFUSED = [
    (lambda: Scenario("S", "s", ARO), "states its magnitude one way; got 'neither'"),
    (
        lambda: classical(asset_value=AV, loss_magnitude=LogNormal(1, 1)),
        "states its magnitude one way; got 'both'",
    ),
    (classical, "scenario S has one asset; got 'neither'"),
    (lambda: classical(asset_value=AV, asset="x"), "scenario S has one asset; got 'both'"),
    (lambda: classical(exposure_factor=Point(1.2), asset_value=AV), "between 0 and 1; got 1.2"),
    (
        lambda: classical(exposure_factor=LogNormal(-3, 1), asset_value=AV),
        "between 0 and 1; got inf",
    ),
    (lambda: Scenario.fair("S", "s", loss_event_frequency=ARO, loss_magnitude=3.0), "is a belief"),
    (lambda: classical(aro=0.5, asset_value=AV), "frequency of scenario S is a belief; got 0.5"),
    (
        lambda: Scenario("S", "s", ARO, loss_magnitude=LogNormal(1, 1), asset="x"),
        "needs no asset; got 'x'",
    ),
    (lambda: Scenario(" ", "s", ARO, loss_magnitude=AV), "has an id; got ' '"),
    (lambda: classical(asset_value=AV, likelihood=11), "likelihood is a whole .* got 11"),
    (lambda: classical(asset_value=AV, consequence=True), "consequence is a whole .* got True"),
    (
        lambda: classical(asset_value=AV, count=Bernoulli()),
        "at most 1 a year; got 2.0. Use poisson",
    ),
    (lambda: NegativeBinomial(0.5), "is above 1; got 0.5"),
    (lambda: Study(scenarios=(FAIR, FAIR)), "an id of its own; got 'S-01'"),
    (lambda: Study(assets=(Asset("x", "x", AV),) * 2), "each asset has an id of its own"),
    (lambda: Study(scenarios=(classical(asset="y"),)), "is listed in the study; got 'y'"),
    (lambda: Study(seed=-1), "whole number from 0 .* got -1"),
    (lambda: Study(seed=True), "whole number from 0 .* got True"),
    (lambda: Study(seed=2**53), "whole number from 0 .* got 9007199254740992"),
    (
        lambda: Study(scenarios=(classical(asset_value=AV, likelihood=6),)),
        "likelihood of scenario S is a level of the study's 5 x 5 matrix; got 6",
    ),
    (lambda: Study().scenario("z"), "is in the study; got 'z'"),
    (lambda: Study().asset("z"), "is in the study; got 'z'"),
    (lambda: Study().replace_scenario(FAIR), "is in the study; got 'S-01'"),
    (lambda: TolerancePoint(0, 0.5), "above 0 and finite; got 0"),
    (lambda: TolerancePoint(1, 1.5), "at most 1; got 1.5"),
    (
        lambda: Study(tolerance=(TolerancePoint(1e6, 0.1), TolerancePoint(2e6, 0.2))),
        "smaller or equal probability",
    ),
    (
        lambda: Study(tolerance=(TolerancePoint(1e6, 0.1), TolerancePoint(1e6, 0.1))),
        "smaller or equal probability",
    ),
    (lambda: simulate(Study(), engine="exakt"), "auto, exact or montecarlo; got 'exakt'"),
    (lambda: simulate(Study(), seed=-3), "whole number from 0"),
    (
        lambda: simulate(
            Study(scenarios=(FAIR.replace(frequency=Point(2e6)),)), engine="montecarlo"
        ),
        "at most 1,000,000 events a year; got 2000000.0. More are not computed",
    ),
]


@pytest.mark.parametrize(("make", "message"), REFUSED, ids=[m for _, m in REFUSED])
def test_a_refusal_names_the_rule_the_value_and_the_remedy(make: object, message: str) -> None:
    with pytest.raises(WorkbenchError, match=message) as caught:
        make()
    assert "; got " in str(caught.value)


def test_the_largest_seed_is_the_largest_whole_number_that_json_keeps() -> None:
    assert Study(seed=2**53 - 1).seed == 9007199254740991
    assert Study(seed=0).seed == 0


def test_terms_apply_per_event_to_money() -> None:
    changed = CLASSICAL.with_terms(deductible=1e5, limit=5e5, share=0.9)
    assert changed.lens == "classical"
    assert plan_of(changed, Study()).severity == WithTerms(Scaled(EF, 4e6), 1e5, 5e5, 0.9)
    assert changed.frequency == ARO
    events = np.minimum(np.maximum(4e6 * EF.ppf((np.arange(1e5) + 0.5) / 1e5) - 1e5, 0), 5e5)
    found = simulate(Study(scenarios=(changed,))).portfolio
    assert found.mean() == pytest.approx(ARO.mean() * 0.9 * events.mean(), rel=1e-5)


def test_a_known_asset_is_shared_with_nobody() -> None:
    study = Study(assets=(Asset("x", "x", AV),), scenarios=(classical(asset="x"),))
    inline = Study(scenarios=(classical(asset_value=AV),))
    assert plan_of(study.scenarios[0], study) == plan_of(inline.scenarios[0], inline)


def whole_study(order: tuple[int, ...] = (0, 1, 2)) -> Study:
    assumption = Assumption("loss_magnitude", "Head", "because", "new data", "BEN-039")
    scenarios = (
        CLASSICAL.replace(likelihood=3, consequence=4, system="Model", owner="Head"),
        classical(asset="x").replace(id="S-02", assumptions=(assumption,)),
        FAIR.replace(id="S-03", count=NegativeBinomial(2)),
    )
    points = [TolerancePoint(1e6, 0.2), TolerancePoint(1e7, 0.01), TolerancePoint(3e6, 0.1)]
    return Study(
        "Example",
        "EUR",
        7,
        (Asset("x", "x", Pert(1e6, 2e6, 6e6)),),
        tuple(scenarios[i] for i in order),
        tuple(points[i] for i in order),
    )


def test_canonical_data_do_not_depend_on_the_order_of_the_file() -> None:
    told = [whole_study(order).to_dict() for order in permutations(range(3))]
    assert all(data == told[0] for data in told)
    assert [row["id"] for row in told[0]["scenarios"]] == ["S-01", "S-02", "S-03"]
    assert [p["loss"] for p in told[0]["study"]["tolerance"]] == [1e6, 3e6, 1e7]
    assert told[0]["scenarios"][0]["likelihood"] == 3
    assert told[0]["scenarios"][1]["assumptions"][0]["source"] == "BEN-039"
    assert "asset_value" not in told[0]["scenarios"][1]


def test_figures_do_not_depend_on_the_order_of_the_file() -> None:
    for engine in ("exact", "montecarlo"):
        results = [
            simulate(whole_study(order), engine=engine, years=3000)
            for order in [(0, 1, 2), (2, 0, 1)]
        ]
        for one, other in zip(*(r.scenarios.values() for r in results), strict=True):
            assert [one.figure(n) for n in FIGURES] == [other.figure(n) for n in FIGURES]
        totals = [[r.portfolio.figure(n) for n in FIGURES] for r in results]
        assert totals[0] == totals[1]


def test_a_result_says_what_it_is() -> None:
    study = whole_study()
    exact = simulate(study)
    assert (exact.engine, exact.years, exact.seed) == ("exact", None, 7)
    assert exact.why.startswith("Exact")
    assert list(exact.scenarios) == ["S-01", "S-02", "S-03"]
    assert exact.portfolio.currency == "EUR"
    sample = simulate(study, engine="montecarlo", years=100, seed=9, keep_years=True)
    assert (sample.engine, sample.years, sample.seed) == ("montecarlo", 100, 9)
    assert sample.study.seed == 9
    assert sample.portfolio.annual == pytest.approx(
        np.sum([s.annual for s in sample.scenarios.values()], axis=0)
    )
    joined = sample.scenarios["S-01"] + sample.scenarios["S-02"] + sample.scenarios["S-03"]
    assert joined.annual == pytest.approx(sample.portfolio.annual, rel=1e-12)


def test_progress_reaches_the_end() -> None:
    for engine in ("exact", "montecarlo"):
        told: list[tuple[int, int]] = []
        simulate(
            whole_study(),
            engine=engine,
            years=100,
            progress=lambda d, t, to=told: to.append((d, t)),
        )
        assert told[-1][0] == told[-1][1]
        assert [d for d, _ in told] == list(range(1, len(told) + 1))


def test_an_empty_study_loses_nothing() -> None:
    for engine in ("exact", "montecarlo"):
        result = simulate(Study(), engine=engine, years=100)
        assert result.portfolio.mean() == 0
        assert result.portfolio.prob_no_loss() == 1
        assert result.contributions(0.95) == {}


def test_a_scenario_that_costs_nothing_stays_listed() -> None:
    free = Scenario.fair("S-09", "free", loss_event_frequency=ARO, loss_magnitude=Empirical([0.0]))
    result = simulate(Study(scenarios=(CLASSICAL, free)))
    assert result.scenarios["S-09"].mean() == 0
    assert result.contributions(0.95)["S-09"] == 0
    assert result.portfolio.ids == {"S-01", "S-09"}
