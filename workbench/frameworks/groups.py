"""Under which heading of its framework a requirement stands, to gather many into few."""

from workbench.frameworks.crosswalk import Place
from workbench.frameworks.requirement import Framework, Frameworks

FEW = 6  # headings; a framework with fewer at its top is gathered one level below
SHORT = {
    "iso42001_2023": "ISO 42001",
    "iso27001_2022": "ISO 27001",
    "iso27701_2025": "ISO 27701",
    "eu_ai_act_2024_1689": "AI Act",
    "nist_ai_rmf_1_0": "AI RMF",
    "soc2_tsc_2017_2022": "SOC 2",
}
SIX = tuple(SHORT)  # that readiness is told of, in the order of pages


def short_name(frameworks: Frameworks, id: str) -> str:
    """Return the short name of a framework on pages: its own where it is not one of the six."""
    framework = frameworks[id]
    return SHORT.get(framework.id, framework.name)


def heading(framework: Framework, id: str) -> str:
    """Return the id of the heading that a requirement stands under.

    That is the topmost one, or the one below it where a framework has few at its top. Articles of a
    law without headings stand under their chapter and section.
    """
    way = _way(framework, id)
    tops = {_way(framework, one.id)[0] for one in framework.assessed()}
    level = 0 if len(tops) >= FEW else 1
    top = way[min(level, max(len(way) - 2, 0))]
    if len(way) > 1:
        return top
    facts = framework.requirement(id).facts
    if "chapter" not in facts:
        return id
    section = f", section {facts['section']}" if "section" in facts else ""
    return f"Chapter {facts['chapter']}{section}"


def _way(framework: Framework, id: str) -> list[str]:
    """Return the ids from the topmost heading down to a requirement."""
    way = [id]
    while parent := framework.requirement(way[0]).parent:
        way.insert(0, parent)
    return way


def group_of(frameworks: Frameworks, place: Place) -> str:
    """Return the heading of a requirement with its title: 'A.6 AI system life cycle'."""
    framework = frameworks[place[0]]
    top = heading(framework, place[1])
    return framework.requirement(top).words() if top in framework else top
