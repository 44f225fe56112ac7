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
from workbench.threats.threat import CONTENTS, FACTS, STAGES

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
        tuple(Flow(str(a), str(b), "data", said(dice)) for a, b in sorted(ends)),
        tuple(Boundary(str(i), f"zone {i}", *zone) for i, zone in enumerate(zones)),
        tuple(dice.sample(list(FACTS), dice.randint(0, 8))),
        tuple(dice.sample(STAGES, dice.randint(1, len(STAGES)))),
    )


def said(dice):
    """Return what a flow is stated to carry: nothing for every third."""
    return tuple(dice.sample(list(CONTENTS), dice.choice((0, 1, 3))))


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


BY_KINDS = (  # source, target -> contents; the first that fits
    ("base model", "base model|fine-tuning|registry", "weights"),
    ("training data", "", "training_data"),
    ("labels", "", "labels"),
    ("feature store", "", "features"),
    ("fine-tuning|registry|federated training|pipeline", "", "weights"),
    ("notebooks", "", "code"),
    ("RAG index", "", "documents"),
    ("monitoring", "", "telemetry"),
    ("", "monitoring", "telemetry"),
    ("", "base model|prompt and context", "prompts"),
    ("", "tools", "actions"),
    ("", "training data", "training_data"),
    ("", "labels", "labels"),
    ("", "feature store", "features"),
    ("", "registry", "weights"),
    ("", "RAG index", "documents"),
    ("base model|inference API", "", "outputs"),
    ("prompt and context", "", "prompts"),
    ("agent|tools", "", "actions"),
    ("human reviewer", "", "decisions"),
    ("", "inference API", "features"),
    ("", "agent", "prompts"),
    ("", "human reviewer", "outputs"),
)


def carried(system, flow):
    """Return what a flow carries: as stated, or by a list of pairs of kinds."""
    kinds = {one.id: one.kind for one in system.components}
    for source, target, what in BY_KINDS:
        fits = (not source or kinds[flow.source] in source.split("|")) and (
            not target or kinds[flow.target] in target.split("|")
        )
        if fits and not flow.contents:
            return {what}
    return set(flow.contents)


def reached(edges, start, *, without):
    """Return what lies on the ways from a start that do not touch one part: by passes over all."""
    found = {start}
    for _ in range(len(edges) + 1):
        found |= {b for a, b in edges if a in found and without not in (a, b)}
    return found


def travelling(system, found):
    """Yield (threat, flow, who) of what travels with a flow."""
    plain, rows = Plain(system), {row["id"]: row for row in ROWS}
    passing = [one.id for one in system.components if one.kind not in ("people", "human reviewer")]
    forth = {(f.source, f.target) for f in system.flows if f.source in passing}
    back = {(f.target, f.source) for f in system.flows if f.target in passing}
    for flow in system.flows:
        before = reached(back, flow.source, without=flow.target)
        behind = reached(forth, flow.target, without=flow.source)
        what = carried(system, flow)
        for name in sorted({name for name, _, _ in found}):
            if what & set(rows[name]["travels_with"]):
                spots = [(part, who) for n, part, who in found if n == name]
                able = doing(plain, rows[name], flow, spots, (before, behind))
                yield from [(name, flow.id, able)] if able else []


def doing(plain, row, flow, spots, sides):
    """Return who does something to a flow, of a threat that touches some spots."""
    before, behind = sides
    ends = [plain.system.component(end) for end in (flow.source, flow.target)]
    from_, to = (plain.system.boundaries[int(one.boundary)] for one in ends)
    may = {"T", "D"}
    may |= {"I"} if from_ != to and to.trust <= from_.trust else set()
    may |= {"S", "E"} if from_ != to and to.trust >= from_.trust else set()
    where = {
        "I": before,
        **dict.fromkeys(("inference_api", "end_user", "human_reviewer"), behind),
        **dict.fromkeys(("downstream_app", "monitoring"), behind | {flow.source}),
        "feature_store": {flow.source, flow.target},
    }
    letters, doers = set(), set()
    kinds = {plain.system.component(one).kind for one in behind}
    is_read = kinds & {"agent", "base model", "inference API"} and row["asset"] in (
        "prompt_context",
        "inference_api",
    )
    for letter in may & set(row["stride"]):
        right = where.get("I" if letter == "I" else row["asset"], before | behind)
        there = [who for part, who in spots if part in right]
        if not there and is_read and letter != "I":
            there = [who for _, who in spots]
        letters |= {letter} if there else set()
        doers |= {one for who in there for one in who}
    can = (one for one in row["communities"] if one in doers)
    return tuple(one for one in can if gets_at(plain, one, row, ends, letters))


def gets_at(plain, who, row, ends, letters):
    """Whether somebody gets at a flow between two parts."""
    source, target = ends
    needed = set(row["outside_needs"])
    if who in INSIDE or (row["stage"] in BUILT and any(needed <= plain.facts(x) for x in ends)):
        return True
    if who == "supplier":
        return "supplier" in (plain.owner[source.id], plain.owner[target.id])
    sends = source.id in plain.reached or source.kind == "people"
    return (letters != {"I"} and sends) or (
        "I" in letters and "reaches_outside" in plain.facts(target)
    )


@pytest.mark.parametrize("seed", range(120))
def test_a_random_system_is_touched_by_what_the_rows_say(seed):
    system = made(seed)
    report = threats_to(system, shipped_threats())
    found = plainly(system)
    assert {(f.threat.id, f.element, f.communities) for f in report.components} == found
    travels = set(travelling(system, found))
    assert {(f.threat.id, f.element, f.communities) for f in report.flows} == travels
    rows = {row["id"]: set(row["travels_with"]) for row in ROWS}
    for flow in system.flows:
        could = {name for name, what in rows.items() if what & carried(system, flow)}
        out = {one.threat.id for one in report.ruled_out_of(flow.id)}
        does = {one.threat.id for one in report.of(flow.id)}
        assert could == out | does
        assert not out & does
        assert bool(report.silence(flow)) == (not does)
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
