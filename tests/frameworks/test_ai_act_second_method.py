"""The AI Act's answers to random answers, found a second way: conditions written out one by one."""

import random
from dataclasses import fields
from datetime import date, timedelta

import pytest

from workbench.files.catalogues.ai_act import shipped_act
from workbench.frameworks.ai_act import ROLES, Answers
from workbench.frameworks.ai_act_tiers import classify

ACT = shipped_act()
FLAGS = [one.name for one in fields(Answers) if one.default is False]
PROVIDER = "8 9 10 11 12 13 14 15 16 17 18 19 20 21 43 47 48 72 73".split()
VERBS = dict(zip(ROLES, ("develops", "uses", "imports", "distributes"), strict=True))
EDGES = ("2025-08-02", "2026-08-02", "2027-08-02", "2027-12-02", "2028-08-02")


def made(dice):
    """Return random answers, days near the edges among them."""
    said = {name: dice.random() < 0.12 for name in FLAGS}
    said |= {VERBS[role]: dice.random() < 0.5 for role in ROLES}
    said["uses"] |= not any(said[verb] for verb in VERBS.values())
    said["in_union"], said["established_in_union"] = dice.random() < 0.95, dice.random() < 0.7
    said["practices"] = tuple(dice.sample(list(ACT.practices), dice.choice((0, 0, 1, 2))))
    said["annex_iii"] = tuple(dice.sample(list(ACT.areas), dice.choice((0, 0, 1, 2))))
    said["annex_i"] = dice.choice(("none", "A", "B"))
    said["third_party_assessment"] = dice.random() < 0.4
    said["training_flop"] = dice.choice((None, 1e25, 1.01e25))
    said["turnover"] = dice.choice((None, 0.0, 1e8, 5e8, 1e11))
    if not said["before_market"] and dice.random() < 0.6:
        edge = date.fromisoformat(dice.choice(EDGES))
        said["on_market_since"] = (edge - timedelta(days=dice.choice((0, 1, 90)))).isoformat()
    return said


class Plain:
    """What the Act asks, condition by condition."""

    def __init__(self, said):
        """Find tiers and roles."""
        self.said = said
        self.since = said.get("on_market_since", "9999")
        stated = [role for role, verb in VERBS.items() if said[verb]]
        points = [
            p for p in said["annex_iii"] if p != "III.5.b" or not said["fraud_detection_only"]
        ]
        free = said["no_significant_risk"] and not said["profiles_people"]
        self.points = [] if free else points
        product = said["annex_i"] if said["third_party_assessment"] else "none"
        self.owes_high = bool(self.points) or product == "A"
        self.is_let_off = bool(points) and free and product == "none"
        self.tiers = self._tiers(product)
        if self._is_excluded(stated) or (self.tiers == {"minimal"} and said["open_source"]):
            self.tiers = {"outside"}
        changed = ("puts_own_name", "changed_purpose", "substantially_modified")
        self.takes_over = not said["develops"] and any(said[one] for one in changed)
        roles = {*stated, *(["provider"] if self.owes_high and self.takes_over else [])}
        self.roles = roles - ({"deployer"} if said["personal_use"] else set())

    def _is_excluded(self, stated):
        out = ("exclusively_military", "third_country_authority", "research_only", "before_market")
        private = self.said["personal_use"] and stated == ["deployer"]
        return not self.said["in_union"] or any(self.said[one] for one in out) or private

    def _tiers(self, product):
        said = self.said
        flop = said["training_flop"] or 0
        self.is_systemic = said["designated_systemic"] or flop > 1e25
        model = "gpai_systemic" if self.is_systemic else "gpai"
        light = "interacts_with_people generates_content recognises_emotion makes_deepfakes"
        found = {
            "prohibited": bool(said["practices"]),
            "high": bool(self.points) or product != "none",
            "transparency": any(said[one] for one in light.split()),
            model: said["general_purpose"],
        }
        return {name for name, is_so in found.items() if is_so} or {"minimal"}

    def duties(self):
        """Return (role, article) -> (day, whether it waits for a change)."""
        if self.tiers == {"outside"}:
            return {}
        found = {(r, "4"): ("2025-02-02", False) for r in self.roles & {"provider", "deployer"}}
        for one in self.said["practices"]:
            day = "2026-12-02" if one in ("5.1.ba", "5.1.bb") else "2025-02-02"
            found["everybody", one] = day, False
        if self.owes_high:
            found |= dict.fromkeys(self._high(), self._start())
        if self.is_let_off and "provider" in self.roles:
            found |= dict.fromkeys([("provider", "6(4)"), ("provider", "49(2)")],
                                   ("2027-12-02", False))  # fmt: skip
        return found | self._chain() | self._light() | self._model()

    def _chain(self):
        """Art. 25(2) of who was the provider, 25(4) of both who agree on parts."""
        said = self.said
        start = self._start() if self.owes_high else ("2027-12-02", False)
        model = said["general_purpose"] or not said["open_source"]
        owed = {
            ("former provider", "25(2)"): said["develops"]
            and said["taken_over"]
            and not said["not_for_high_risk"],
            ("provider", "25(4)"): said["third_party_parts"] and "provider" in self.roles,
            ("supplier", "25(4)"): said["supplies_parts"] and model,
        }
        return {
            key: start
            for key, is_so in owed.items()
            if is_so and (self.owes_high or key[1] == "25(2)")
        }

    def _is_part_of_annex_x(self):
        return self.said["annex_x"] and self.since < "2027-08-02"

    def _start(self):
        said = self.said
        first = "2027-12-02" if self.points else "2028-08-02"
        if self._is_part_of_annex_x():
            return "2030-12-31", False
        if self.since >= first or said["substantially_modified"] or said["design_changed"]:
            return first, False
        public = ("public_authority", "union_body", "for_public_authorities")
        return ("2030-08-02", False) if any(said[one] for one in public) else (first, True)

    def _high(self):
        said = self.said
        by = {"provider": list(PROVIDER), "deployer": ["26"], "importer": ["23"]}
        by["distributor"] = ["24"]
        by["provider"] += [] if said["established_in_union"] else ["22"]
        by["provider"] += ["49"] if self.points else []
        by["provider"] += ["25"] if self.takes_over else []
        if set(self.points) - {"III.2"}:
            public = said["public_authority"] or said["union_body"]
            credit = {"III.5.b", "III.5.c"} & set(self.points)
            by["deployer"] += ["86"]
            by["deployer"] += ["49"] if public else []
            by["deployer"] += ["27"] if public or said["public_services"] or credit else []
        return [(role, one) for role in self.roles for one in by[role]]

    def _light(self):
        late = "2030-12-31" if self._is_part_of_annex_x() else "2026-08-02"
        grace = "2026-12-02" if self.since < "2026-08-02" and late < "2030" else late
        rows = (
            ("interacts_with_people", "provider", "50(1)", late),
            ("generates_content", "provider", "50(2)", grace),
            ("recognises_emotion", "deployer", "50(3)", late),
            ("makes_deepfakes", "deployer", "50(4)", late),
        )
        return {
            (role, article): (day, False)
            for name, role, article, day in rows
            if self.said[name] and role in self.roles
        }

    def _model(self):
        if not self.said["general_purpose"] or "provider" not in self.roles:
            return {}
        articles = ["53", *(["52", "55"] if self.is_systemic else [])]
        if not self.said["established_in_union"] and (
            self.is_systemic or not self.said["open_source"]
        ):
            articles.append("54")
        day = "2027-08-02" if self.since < "2025-08-02" else "2025-08-02"
        return {("provider", one): (day, False) for one in articles}

    def caps(self):
        """Return article of the fine -> EUR."""
        owed = self.duties()
        union = self.said["union_body"]
        is_high = any(a in ("16", "23", "24", "26", "25(2)", "25(4)") for _, a in owed)
        is_light = any(a.startswith("50(") for _, a in owed)
        kinds = {
            "100.2" if union else "99.3": any(role == "everybody" for role, _ in owed),
            "100.3" if union else "99.4": is_high or is_light,
        }
        model = "100.3" if union else "101"
        kinds[model] = kinds.get(model, False) or ("provider", "53") in owed
        kinds["99.5"] = kinds.get("99.3", False) or kinds.get("99.4", False)
        return {article: self._cap(article) for article, is_so in kinds.items() if is_so}

    def _cap(self, article):
        amounts = {"99.3": (35e6, 7), "99.4": (15e6, 3), "99.5": (7.5e6, 1), "101": (15e6, 3)}
        if article not in amounts:
            return {"100.2": 1.5e6, "100.3": 0.75e6}[article]
        cap, percent = amounts[article]
        turnover = self.said["turnover"]
        if turnover is None:
            return cap
        lower = (self.said["small"] or self.said["small_mid_cap"]) and article != "101"
        return (min if lower else max)(cap, turnover * percent / 100)


@pytest.mark.parametrize("seed", range(40))
def test_random_answers_have_the_tiers_roles_duties_days_and_ceilings_of_the_conditions(seed):
    dice = random.Random(seed)
    for _ in range(25):
        said = made(dice)
        plain, found = Plain(said), classify(Answers("system", **said), ACT, "2026-11-28")
        assert {tier.id for tier in found.tiers} == plain.tiers, said
        owed = {(o.role, o.article): (o.date.day, bool(o.waits_for)) for o in found.obligations}
        assert owed == plain.duties(), said
        assert len(found.obligations) == len(owed), said
        assert dict(found.caps) == plain.caps(), said
        if plain.tiers != {"outside"} and plain.roles:
            assert set(found.roles) - {"supplier"} == plain.roles, said
            assert ("supplier" in found.roles) == said["supplies_parts"], said
