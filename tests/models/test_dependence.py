"""Dependence as a study states it: what it means for an engine, and who refuses it by name."""

from collections.abc import Callable

import numpy as np
import pytest

from workbench.distributions import LogNormal, Point
from workbench.engines.dependence import Shock
from workbench.errors import WorkbenchError
from workbench.models.dependence import Dependence, Factor, StatedCopula, tail_note
from workbench.models.horizon import FirstEvent, LargestEvent, over_years
from workbench.models.planning import dependence_of, marginal_plans
from workbench.models.reverse_stress import reverse_stress
from workbench.models.scenario import Scenario
from workbench.models.study import Study, TolerancePoint
from workbench.models.views import mean_belief, product_of_ranges, second_order_band
from workbench.models.waterfall import waterfall

pytestmark = pytest.mark.pure


def scenario(name: str, rate: float = 0.5) -> Scenario:
    return Scenario(name, name, Point(rate), loss_magnitude=LogNormal(9, 1))


ROWS = tuple(scenario(name) for name in "abc")
TOLERANCE = (TolerancePoint(1e4, 0.05),)
BY_PAIRS = StatedCopula(pairs=(("b", "a", 0.4),))
STUDY = Study(scenarios=ROWS, tolerance=TOLERANCE, dependence=Dependence(BY_PAIRS))


def refused(message: str) -> pytest.RaisesExc[WorkbenchError]:
    return pytest.raises(WorkbenchError, match=message)


def test_a_stated_copula_becomes_that_of_an_engine() -> None:
    plan = dependence_of(STUDY)
    assert plan is not None
    assert plan.frequencies is not None
    assert plan.frequencies.rank_correlation("a", "b") == pytest.approx(0.4)
    everyone = StatedCopula(4, common=0.2).copula("losses", "cab")
    assert (everyone.ids, everyone.family) == (("a", "b", "c"), "t")
    some = StatedCopula(common=0.2, scenarios=("c", "a")).copula("losses", "abc")
    assert some.ids == ("a", "c")


def test_scenarios_that_share_no_factor_are_independent_of_each_other() -> None:
    factors = (Factor("f", {"a": 0.5, "b": 0.6}), Factor("g", {"b": 0.5, "c": 0.8}))
    found = StatedCopula(factors=factors).copula("frequencies", "abc")
    pairs = [found.correlation(*pair) for pair in ("ab", "bc", "ac")]
    assert pairs == pytest.approx([0.3, 0.4, 0.0])
    assert found.factors == ("f", "g")


def test_two_ways_of_writing_the_same_are_equal() -> None:
    turned = StatedCopula(pairs=(("a", "c", 0.1), ("a", "b", 0.4)))
    assert turned == StatedCopula(pairs=(("b", "a", 0.4), ("c", "a", 0.1)))
    shocks = (Shock("x", 0.1, {"a": 1}), Shock("y", 0.1, {"b": 1}))
    assert Dependence(shocks=shocks) == Dependence(shocks=shocks[::-1])
    assert hash(Dependence(turned, shocks=shocks))


def test_a_study_keeps_its_dependence_in_every_state() -> None:
    assert STUDY.at("residual").dependence == STUDY.dependence
    assert STUDY.replace_scenario(scenario("a", 3)).dependence == STUDY.dependence


def test_a_study_without_dependence_is_written_as_ever() -> None:
    assert "dependence" not in Study(scenarios=ROWS).to_dict()["study"]
    assert STUDY.to_dict()["study"]["dependence"] == {
        "frequencies": {"copula": "gaussian", "rank_correlation": [["a", "b", 0.4]]}
    }


def test_a_tail_is_told_of_a_t_alone() -> None:
    pairs = (("a", "b", 0.0), ("a", "c", 0.5))
    t = StatedCopula(3, pairs=pairs).copula("x", "abc")
    assert "12% are such years" in tail_note(t, "a", "b")
    assert "although" in tail_note(t, "a", "b")
    assert "although" not in tail_note(t, "a", "c")
    assert not tail_note(StatedCopula(pairs=pairs).copula("x", "abc"), "a", "b")


def test_what_contradicts_is_refused() -> None:
    with refused("names its scenarios; got \\['z'\\]"):
        Study(scenarios=ROWS, dependence=Dependence(StatedCopula(pairs=(("a", "z", 0.1),))))
    with refused("is of two scenarios"):
        StatedCopula(pairs=(("a", "a", 0.1),))
    with refused("stated once"):
        StatedCopula(pairs=(("a", "b", 0.1), ("b", "a", 0.2)))
    with refused("from -1 to 1"):
        StatedCopula(pairs=(("a", "b", 1.1),))
    with refused("by factors, by rank correlations"):
        StatedCopula()
    with refused("each factor has an id of its own"):
        StatedCopula(factors=(Factor("f", {"a": 0.5}), Factor("f", {"b": 0.5})))
    with refused("one scenario or more, each once"):
        Factor("f", (("a", 0.1), ("a", 0.2)))
    with refused("loading of scenario a on factor f lies from -1 to 1; got 1.5"):
        Factor("f", {"a": 1.5})
    with refused("1 to 1000 degrees of freedom; got 0.5"):
        StatedCopula(0.5, common=0.2)
    for rank in (-0.1, 1.1, float("nan")):
        with refused("that all pairs share lies from 0 to 1"):
            StatedCopula(common=rank)
    shocks = Dependence(shocks=(Shock("x", 1.0, {"a": 1}),))
    study = Study(scenarios=ROWS, dependence=shocks)
    with refused("includes the shocks that hit it"):
        dependence_of(study)


@pytest.mark.parametrize(
    ("misused", "rule"),
    [
        (lambda: Study(dependence=BY_PAIRS), "the dependence of a study says what it ties"),
        (lambda: Study(dependence=0.3), "the dependence of a study says what it ties"),
        (lambda: Dependence(0.3), "the frequencies of a dependence are tied by a StatedCopula"),
        (lambda: Dependence(losses={}), "the losses of a dependence are tied by a StatedCopula"),
        (lambda: Dependence(losses=Dependence(BY_PAIRS)), "are tied by a StatedCopula"),
        (lambda: Dependence(shocks=Shock("x", 1, {"a": 1})), "shocks of a dependence are a tuple"),
        (lambda: Dependence(shocks=("x",)), "shocks of a dependence are a tuple"),
        (lambda: Dependence(shocks=0.1), "shocks of a dependence are a tuple"),
        (lambda: StatedCopula(pairs={("a", "b"): 0.4}), "two scenarios and their rank correlation"),
        (lambda: StatedCopula(pairs=("a", "b", 0.4)), "two scenarios and their rank correlation"),
        (lambda: StatedCopula(pairs=(("a", "b", "x"),)), "two scenarios and their rank"),
        (lambda: StatedCopula(pairs=0.4), "two scenarios and their rank correlation"),
        (lambda: StatedCopula(common="0.4"), "that all pairs share lies from 0 to 1"),
        (lambda: StatedCopula("4", common=0.4), "1 to 1000 degrees of freedom; got '4'"),
        (lambda: StatedCopula(factors=Factor("f", {"a": 1})), "factors of a copula are a tuple"),
        (lambda: StatedCopula(factors={"f": {"a": 0.5}}), "factors of a copula are a tuple"),
        (lambda: StatedCopula(common=0.4, scenarios="abc"), "scenarios of a copula are a tuple"),
        (lambda: StatedCopula(common=0.4, scenarios=(1, 2)), "scenarios of a copula are a tuple"),
        (lambda: Factor("f", ["a", "b"]), "factor f names scenarios, each with its number"),
        (lambda: Factor("f", 0.5), "factor f names scenarios, each with its number"),
        (lambda: Factor("f", {}), "factor f names one scenario or more"),
        (lambda: Shock("x", 0.1, ("a", "b")), "shock x names scenarios, each with its number"),
        (lambda: Shock("x", 0.1, {"a": "often"}), "shock x names scenarios, each with its number"),
        (lambda: Shock("x", 0.1, None), "shock x names scenarios, each with its number"),
        (lambda: Shock("x", "1 in 10", {"a": 1}), "the rate of shock x is a number"),
    ],
)  # fmt: skip
def test_misuse_is_told_with_the_rule_and_the_remedy(
    misused: Callable[[], object], rule: str
) -> None:
    with refused(rule) as found:
        misused()
    told, remedy = str(found.value).split("; got ", 1)
    assert told
    assert remedy.endswith(".")


def test_what_does_not_know_dependence_refuses_it_by_name() -> None:
    plain = Study(scenarios=ROWS, tolerance=TOLERANCE)
    with refused("got 'a study with a dependence'"):
        over_years(STUDY, 3)
    with refused("got 'a study with a dependence'"):
        reverse_stress(STUDY)
    with refused("got 'a study with a dependence'"):
        FirstEvent.of(STUDY)
    with refused("got 'a study with a dependence'"):
        LargestEvent.of(STUDY)
    with refused("got 'a study with a dependence'"):
        second_order_band(STUDY, np.ones(1))
    for pair in ((plain, STUDY), (STUDY, plain)):
        with refused("got 'a study with a dependence'"):
            waterfall(*pair)


def test_what_dependence_does_not_touch_is_as_without_it() -> None:
    plain = Study(scenarios=ROWS, tolerance=TOLERANCE)
    assert marginal_plans(STUDY) == marginal_plans(plain)
    assert mean_belief(STUDY).var(0.9) == mean_belief(plain).var(0.9)
    assert LargestEvent.of(STUDY, "a").var(0.9) == LargestEvent.of(plain, "a").var(0.9)
    one, other = (product_of_ranges(study, "a", 100) for study in (STUDY, plain))
    assert one.mean() == other.mean()
    moved = waterfall(STUDY, STUDY.replace_scenario(scenario("a", 1)), measures=("mean",))
    assert moved.change("mean") == pytest.approx(0.5 * LogNormal(9, 1).mean())
