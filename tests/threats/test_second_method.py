"""Which threats touch random systems, found a second way: from the rows of the file, by closure."""

import json
import random
import re
from itertools import pairwise

import pytest

from workbench.files.catalogues.threats import shipped_threats
from workbench.resources import bundled
from workbench.threats import AISystem, Boundary, Component, Flow, drafts_of, threats_to
from workbench.threats.system import EXPOSURES, KINDS, WHO
from workbench.threats.threat import FACTS, STAGES

ROWS = json.loads((bundled("datasets") / "threats" / "threats.json").read_text("utf-8"))["threats"]
INSIDE = {"accidental", "insider_privileged", "insider_non_privileged"}
BUILT = {"data_acquisition", "data_prep", "training", "release", "deployment"}
OPEN, THEIRS = {"public", "partners"}, {"public", "customer"}


def made(seed):
    """Return a random system: trust and owner of zones, parts, and pairs of parts as flows."""
    dice = random.Random(seed)
    zones = [(dice.randint(0, 3), dice.choice(WHO)) for _ in range(dice.randint(1, 4))]
    number = dice.randint(1, 8)
    parts = tuple(
        Component(
            str(i),
            f"part {i}",
            dice.choice(list(KINDS)),
            str(dice.randrange(len(zones))),
            dice.choice((*EXPOSURES, "none", "none")),
            dice.choice(("", "", *WHO)),
            tuple(dice.sample(list(FACTS), dice.randint(0, 5))),
        )
        for i in range(number)
    )
    ends = {(dice.randrange(number), dice.randrange(number)) for _ in range(dice.randint(0, 12))}
    return AISystem(
        "s",
        "S",
        parts,
        tuple(Flow(str(a), str(b), "data") for a, b in sorted(ends)),
        tuple(Boundary(str(i), f"zone {i}", *zone) for i, zone in enumerate(zones)),
        tuple(dice.sample(list(FACTS), dice.randint(0, 8))),
        tuple(dice.sample(STAGES, dice.randint(1, len(STAGES)))),
    )


def closure(system):
    """Return which part leads to which, along any number of flows (Warshall)."""
    ids = [one.id for one in system.components]
    leads = {(a, a) for a in ids} | {(flow.source, flow.target) for flow in system.flows}
    for via in ids:
        leads |= {(a, b) for a in ids for b in ids if (a, via) in leads and (via, b) in leads}
    return leads


class Plain:
    """Who owns what, what is reached, and what is so of each part."""

    def __init__(self, system):
        """Look it all up, by closure."""
        self.system, leads = system, closure(system)
        self.owner = {
            one.id: one.controlled_by or system.boundaries[int(one.boundary)].controlled_by
            for one in system.components
        }
        ids = list(self.owner)
        self.open = {
            one.id
            for one in system.components
            if one.exposure in OPEN or self.owner[one.id] in THEIRS
        }
        self.reached = {b for b in ids if any((a, b) in leads for a in self.open)}
        bought = {a for a in ids if self.owner[a] == "supplier"}
        self.fed = self.reached | {b for b in ids if any((a, b) in leads for a in bought)}
        self.gives = {a for a in ids if any((a, b) in leads for b in self.reached)}

    def facts(self, part):
        """Return what is so of a part."""
        places = {
            "reachable_when_built": self.reached,
            "outside_material": self.fed,
            "reaches_outside": self.gives,
        }
        so = {fact for fact, where in places.items() if part.id in where}
        if part.kind == "people" and part.id in self.open:
            so |= {"customers"}
        elif part.kind == "people" and (self.owner[part.id] == "us" or part.exposure == "staff"):
            so |= {"staff"}
        return {*self.system.facts, *part.facts, *so}

    def doers(self, row, part, facts):
        """Return who can do it."""
        built = row["stage"] in BUILT and set(row["outside_needs"]) <= facts
        comes = built or part.id in self.reached or part.kind == "people"
        brings = built or self.owner[part.id] == "supplier"
        can = {"supplier": brings, **dict.fromkeys(INSIDE, True)}
        return tuple(one for one in row["communities"] if can.get(one, comes))


def plainly(system):
    """Return (threat, part, who) of every finding at a part."""
    plain = Plain(system)
    found = set()
    for part in system.components:
        facts = plain.facts(part)
        for row in ROWS:
            is_here = row["asset"] in KINDS[part.kind] and row["stage"] in system.stages
            if is_here and set(row["needs"]) <= facts:
                who = plain.doers(row, part, facts)
                found |= {(row["id"], part.id, who)} if who else set()
    return found


def crossing(system, found):
    """Return (threat, flow) of what enters or leaves with a flow that crosses a boundary."""
    rows = {row["id"]: row for row in ROWS}
    trust = {one.id: system.boundaries[int(one.boundary)].trust for one in system.components}
    for flow in system.flows:
        for threat, part, who in found:
            letters = set(rows[threat]["stride"])
            outside = set(who) - INSIDE - {"supplier"}
            enters = trust[flow.source] < trust[flow.target] and part == flow.target
            leaves = trust[flow.source] > trust[flow.target] and part == flow.source
            moves = (enters and outside and letters & set("STDE")) or (leaves and "I" in letters)
            if moves and rows[threat]["stage"] not in BUILT:
                yield threat, flow.id


@pytest.mark.parametrize("seed", range(120))
def test_a_random_system_is_touched_by_what_the_rows_say(seed):
    system = made(seed)
    report = threats_to(system, shipped_threats())
    found = plainly(system)
    assert {(f.threat.id, f.element, f.communities) for f in report.components} == found
    assert {(f.threat.id, f.element) for f in report.flows} == set(crossing(system, found))
    out = {row["id"] for row in ROWS} - {threat for threat, _, _ in found}
    assert {one.threat.id for one in report.ruled_out} == out
    for one in report.components:
        assert one.why.count("; ") >= 1
        for way in re.findall(r"reached by ([0-9 >-]+ -> [0-9]+);", one.why):
            steps = way.split(" -> ")
            assert steps[0] in Plain(system).open, one.why
            assert steps[-1] == one.element
            ends = {(flow.source, flow.target) for flow in system.flows}
            assert set(pairwise(steps)) <= ends, one.why
    held = [one for draft in drafts_of(report).drafts for one in draft.threats]
    assert sorted(held) == sorted({threat for threat, _, _ in found})
