"""Money of scenarios that have no average year is told in words, and nothing fails."""

import pytest

from workbench.distributions import Pareto, Point
from workbench.files.catalogues.controls import shipped_controls
from workbench.files.catalogues.frameworks import shipped_frameworks
from workbench.files.catalogues.threats import shipped_threats
from workbench.files.catalogues.ties import shipped_systems, shipped_ties
from workbench.frameworks.effects import Effects
from workbench.frameworks.readiness import Readiness, Standing
from workbench.models.portfolio import simulate
from workbench.models.scenario import Scenario
from workbench.models.study import Study
from workbench.reports import threat_words
from workbench.reports.readiness_words import gaps_told
from workbench.threats import threats_to


@pytest.fixture(scope="module")
def study():
    heavy = Pareto(0.9, 1.0)
    wild = Scenario.fair(
        "S-08", "wild", loss_event_frequency=Point(1.0), loss_magnitude=heavy, system="A"
    )
    return Study(scenarios=(wild,))


def test_a_gap_that_touches_what_has_no_average_says_so(study):
    frameworks = shipped_frameworks()
    readiness = Readiness(frameworks, (Standing("iso42001_2023", "A.2.2", "open"),))
    gaps = Effects(study, shipped_controls(), {"S-08": ("STAI-008",)}).gaps(readiness)
    assert "No average year: " in gaps_told(gaps, frameworks, "EUR")


def test_money_at_components_and_of_systems_says_so(study):
    result = simulate(study)
    system = next(one for one in shipped_systems() if one.id == "document-agent")
    report = threats_to(system, shipped_threats())
    assert threat_words.by_system_told(result) == "A: an average year does not exist"
    assert "no average" in threat_words.money_told(shipped_ties()[system.id], report, result)
