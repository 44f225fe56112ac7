"""What the page says of one system: its components by money, its letters, its controls."""

import math
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from workbench.amounts import compact_money
from workbench.frameworks.controls import Controls
from workbench.models.portfolio import StudyResult
from workbench.reports.threat_record import WEAK, mark, marks, reason_of
from workbench.reports.threat_values import (
    ControlLine,
    ElementLine,
    ElementStory,
    HeatRow,
    ReasonLine,
    SystemView,
    ThreatLine,
)
from workbench.reports.words import count_of, error_words
from workbench.threats import LETTERS, AISystem, Finding, Report
from workbench.threats.figures import Mitigation, mitigations, uncovered
from workbench.threats.threat import ASSETS, FACTS
from workbench.threats.ties import Ties

FEW = 5  # threats of a component, and controls, that are told before the rest is folded away
TONES = 4
WHO = {"us": "us", "supplier": "a supplier", "customer": "a customer", "public": "people outside"}
OPEN = {
    "public": "anybody",
    "partners": "partners",
    "staff": "our staff",
    "none": "nobody directly",
}
KNOWN = {
    "atlas_case_study": "a case study of MITRE ATLAS",
    "public_incident": "a public incident",
    "paper": "a paper, which shows that an attack works and not that it happened",
    "cve": "a published vulnerability",
    "survey": "a survey",
    "editorial": "editorial: no incident is claimed",
}


@dataclass(frozen=True)
class SystemFigures:
    """A system, what touches it, and the money of the scenarios that are tied to it."""

    report: Report
    ties: Ties
    controls: Controls
    result: StudyResult  # of the study whose scenarios they are
    others: tuple[Ties, ...] = ()  # of the other systems of the study

    @property
    def system(self) -> AISystem:
        """The system itself."""
        return self.report.system

    @cached_property
    def means(self) -> dict[str, float]:
        """The average annual loss of each scenario, currency / year."""
        return {name: losses.mean() for name, losses in self.result.scenarios.items()}

    @cached_property
    def money(self) -> dict[str, float]:
        """The average year of the scenarios at each component; they overlap."""
        return self.ties.money(self.report, self.means)

    @cached_property
    def against(self) -> list[Mitigation]:
        """The controls that are against any of its threats."""
        known = {control.id: control.threats for control in self.controls}
        return mitigations(self.report, known, self.ties.in_place())

    @cached_property
    def bare(self) -> frozenset[str]:
        """The threats that no control in place is against."""
        return frozenset(uncovered(self.report, self.against))

    @cached_property
    def average(self) -> float:
        """The average year of all its scenarios together: averages may be added."""
        return sum(self.means.get(tie.scenario, 0.0) for tie in self.ties.scenarios)

    @cached_property
    def worst(self) -> list[ElementLine]:
        """Its components, those with most money first, then those with most threats."""
        largest = max(self.money.values(), default=0.0)
        counts = {part.id: len(self.report.of(part.id)) for part in self.system.components}
        order = sorted(self.system.components, key=lambda p: (-self.money[p.id], -counts[p.id]))
        return [self._element(part.id, counts[part.id], largest) for part in order]

    def _element(self, id: str, count: int, largest: float) -> ElementLine:
        found, money = self.report.of(id), self.money[id]
        share = money / largest if 0 < largest < math.inf else float(money == largest > 0)
        return ElementLine(
            id,
            self.system.component(id).name,
            self.system.zone(id).name,
            count,
            len({one.threat.id for one in found} & self.bare),
            self.amount(money) if money else "",
            share,
            ", ".join(self._scenarios(found)),
        )

    def amount(self, money: float, digits: int = 2) -> str:
        """Money in a few figures; an average that does not exist is told so."""
        currency = self.result.study.currency
        return compact_money(money, currency, digits) if math.isfinite(money) else "no average"

    def error_told(self) -> str:
        """Say the error of `average`: at most the sum of those of its scenarios, if it has any."""
        known = self.result.scenarios
        found = [known[tie.scenario] for tie in self.ties.scenarios if tie.scenario in known]
        if not found:
            return ""
        error = sum(losses.error("mean") for losses in found)
        exact = all(losses.exact for losses in found)
        return error_words(self.average, error, self.result.study.currency, exact=exact)

    def _scenarios(self, found: tuple[Finding, ...]) -> list[str]:
        ids = {name for one in found for name in self.ties.scenarios_of(one.threat.id)}
        return [tie.scenario for tie in self.ties.scenarios if tie.scenario in ids]

    def element(self, id: str) -> ElementStory:
        """Tell one component."""
        part, found = self.system.component(id), self.report.of(id)
        lines = sorted((self._threat(one) for one in found), key=self._weight)
        money = self.money[id]
        bare = len({one.threat.id for one in found} & self.bare)
        told = [f"{count_of(len(found), 'threat')} of the catalogue apply here."] if found else []
        if len(found) == 1:
            told = ["1 threat of the catalogue applies here."]
        which = "any of them" if bare == len(found) else f"{bare} of them"
        told += [f"No control is in place against {which}."] if bare else []
        if money:
            told.append(
                f"The scenarios they are part of cost {self.amount(money)} in an average year."
            )
        sentence = " ".join(told) or "No threat of the catalogue applies to a part of this kind."
        return ElementStory(
            part.name,
            sentence,
            tuple(self._facts(id)),
            tuple(lines[:FEW]),
            tuple(lines[FEW:]),
            tuple(self._controls_at(found)),
            tuple(self._crossings(id)),
        )

    def _crossings(self, id: str) -> list[tuple[str, str]]:
        """Say which flows of a component cross a trust boundary, and which threats go with each."""
        found = []
        for flow in self.system.crossing():
            if id not in (flow.source, flow.target):
                continue
            ends = (self.system.component(end).name for end in (flow.source, flow.target))
            ids = sorted(one.threat.id for one in self.report.of(flow.id))
            told = (
                f"{count_of(len(ids), 'threat')}: {', '.join(ids)}"
                if ids
                else self.report.silence(flow)
            )
            found.append((" → ".join(ends), f"{flow.carries}, {told}"))
        return found

    def _weight(self, line: ThreatLine) -> tuple[float, int, str]:
        money = sum(self.means.get(one, 0.0) for one in self.ties.scenarios_of(line.id))
        return -money, WEAK in line.marks, line.id

    def _facts(self, id: str) -> list[tuple[str, str]]:
        part, system = self.system.component(id), self.system
        way = [system.component(one).name for one in system.ways_in.get(id, ())]
        facts = [
            ("Kind", part.kind),
            ("Zone", system.zone(id).name),
            ("Controlled by", WHO[system.controller(id)]),
            ("Open to", OPEN[part.exposure]),
        ]
        if len(way) > 1:
            facts.append(("Reached by", " → ".join(way)))
        if part.value:
            assets = {asset.id: asset.name for asset in self.result.study.assets}
            facts.append(("Holds", assets.get(part.value, part.value)))
        if part.facts:
            facts.append(("It", "; ".join(FACTS[one] for one in part.facts)))
        return facts

    def _threat(self, one: Finding) -> ThreatLine:
        threat = one.threat
        tied = self.ties.scenarios_of(threat.id)
        money = sum(self.means.get(name, 0.0) for name in tied)
        return ThreatLine(
            threat.id,
            threat.title,
            ", ".join(threat.stride),
            ", ".join(LETTERS[letter] for letter in threat.stride),
            self._why(one),
            threat.proof.words(),
            marks(threat),
            ", ".join(tied),
            self.amount(money) if tied else "",
            self._status(threat.id),
        )

    def _why(self, one: Finding) -> str:
        """Return why a threat touches a component; the way to it is told once, beside them all."""
        way = " -> ".join(self.system.ways_in.get(one.element, ()))
        return one.why.replace(f"reached by {way}", "reached from outside") if way else one.why

    def _status(self, threat: str) -> str:
        if threat not in self.bare:
            return "in place"
        against = {one.control for one in self.against if threat in one.threats}
        planned = any(self.ties.status(one) == "planned" for one in against)
        return "planned" if planned else "none in place"

    def _controls_at(self, found: tuple[Finding, ...]) -> list[tuple[str, str, str]]:
        ids = {one.threat.id for one in found}
        return [
            (self.controls.control(one.control).title, one.status, one.why)
            for one in self.ties.controls
            if ids & set(self.controls.control(one.control).threats)
        ]

    def view(self) -> SystemView:
        """Say everything of this system."""
        rows = self._heat()
        first, rest = self._control_lines()
        reasons = Counter(reason_of(one.why) for one in self.report.ruled_out)
        return SystemView(
            self.system.name,
            self._flows_heading(),
            self._stride_heading(rows),
            tuple(rows),
            self._worst_heading(),
            tuple(self.worst),
            self._coverage_heading(),
            tuple(first),
            tuple(rest),
            self._ruled_heading(reasons),
            tuple(ReasonLine(*one) for one in reasons.most_common()),
            tuple(
                (one.threat.id, f"{one.threat.title}{mark(one.threat)}", one.why)
                for one in self.report.ruled_out
            ),
            self._known_heading(),
            tuple(self._known()),
        )

    def _flows_heading(self) -> str:
        system = self.system
        reached = len(system.ways_in)
        crossing = len(system.crossing())
        flows = f"{count_of(crossing, 'flow')} {'crosses' if crossing == 1 else 'cross'}"
        whole = count_of(len(system.components), "component")
        return f"What people outside send reaches {reached} of {whole}; {flows} a trust boundary."

    def _heat(self) -> list[HeatRow]:
        """Return how many threats of each letter touch each asset, each threat counted once."""
        touched = {one.threat.id: one.threat for one in self.report.components}
        counts = {
            asset: Counter(x for t in touched.values() if t.asset == asset for x in t.stride)
            for asset in ASSETS
        }
        most = max((n for found in counts.values() for n in found.values()), default=1)
        rows = []
        for asset, found in counts.items():
            holders = [part.name for part in self.system.components if asset in part.assets]
            total = sum(threat.asset == asset for threat in touched.values())
            cells = tuple((found[letter], _tone(found[letter], most)) for letter in LETTERS)
            if holders:
                rows.append(HeatRow(ASSETS[asset], ", ".join(holders), cells, total))
        return sorted(rows, key=lambda row: -row.total)

    def _stride_heading(self, rows: list[HeatRow]) -> str:
        if not any(row.total for row in rows):
            return "No threat of the catalogue applies."
        totals = {x: sum(row.cells[i][0] for row in rows) for i, x in enumerate(LETTERS)}
        most = max(totals, key=lambda letter: totals[letter])
        return (
            f"{LETTERS[most]} is the most frequent kind, in {totals[most]} of "
            f"{count_of(sum(row.total for row in rows), 'threat')}; "
            f"the most frequent target is “{rows[0].name}”, with {rows[0].total}."
        )

    def _worst_heading(self) -> str:
        first = self.worst[0]
        if not first.money:
            return f"{first.name} has the most threats: {first.threats}. No scenario is quantified."
        return f"{first.name} stands in scenarios that cost {first.money} in an average year."

    def _control_lines(self) -> tuple[list[ControlLine], list[ControlLine]]:
        why = {one.control: one.why for one in self.ties.controls}
        lines = [
            ControlLine(
                one.control,
                self.controls.control(one.control).title,
                len(one.threats),
                self.ties.status(one.control),
                "; ".join(t for t in (why.get(one.control, ""), self._elsewhere(one.control)) if t),
            )
            for one in self.against
        ]
        stated = [line for line in lines if line.status != "not stated"]
        others = [line for line in lines if line.status == "not stated"]
        stated.sort(key=lambda line: (line.status != "in place", -line.threats))
        return [*stated, *others[:FEW]], others[FEW:]

    def _elsewhere(self, control: str) -> str:
        """Say at which other systems a control is in place that this one lacks; "" at none."""
        if control in self.ties.in_place():
            return ""
        found = [one.system for one in self.others if control in one.in_place()]
        return f"in place at {', '.join(found)}, not here" if found else ""

    def _coverage_heading(self) -> str:
        whole, bare = len(self.report.threats()), len(self.bare)
        there = sum(one.in_place for one in self.against)
        verb = "is" if there == 1 else "are"
        if not there:
            return f"No control is stated to be in place against its {count_of(whole, 'threat')}."
        return (
            f"{count_of(there, 'control')} in place {verb} against {whole - bare} of "
            f"{count_of(whole, 'threat')}; {bare} have none."
        )

    def _ruled_heading(self, reasons: Counter[str]) -> str:
        total = len(self.report.ruled_out)
        if not total:
            return "No threat of the catalogue is ruled out."
        reason, count = reasons.most_common(1)[0]
        verb = "is" if total == 1 else "are"
        return f"{count_of(total, 'threat')} {verb} ruled out, {count} because {reason}."

    def _known(self) -> list[tuple[str, int]]:
        threats = self.report.threats()
        found = Counter(KNOWN.get(threat.proof.type, threat.proof.type) for threat in threats)
        recalled = sum(t.proof.certainty.startswith("recalled") for t in threats)
        weak = sum(threat.stride_fit == "weak" for threat in threats)
        rows = found.most_common()
        rows += [("recalled: not checked against the source", recalled)] if recalled else []
        return rows + ([(f"{WEAK}: a fault of governance or quality", weak)] if weak else [])

    def _known_heading(self) -> str:
        threats = self.report.threats()
        marked = sum(threat.proof.is_marked for threat in threats)
        return (
            f"{marked} of {count_of(len(threats), 'threat')} rest on an editor's word or on memory;"
            " no row says how often."
        )


def _tone(count: int, most: int) -> int:
    return 0 if count == 0 else 1 + min(TONES - 1, (TONES * (count - 1)) // max(most, 1))
