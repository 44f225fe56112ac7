"""Whatever the models hold in a file's form is written, reads back equal, and is written alike."""

import json
import random
from functools import lru_cache

import jsonschema
import pytest

from workbench.distributions import Point, from_dict
from workbench.engines.counts import count_from_dict
from workbench.errors import WorkbenchError
from workbench.files import (
    inputs_sha256,
    parse_study,
    study_csv,
    study_json,
    study_schema,
    study_yaml,
)
from workbench.files.writing import study_document
from workbench.models.anchors import Anchors
from workbench.models.scenario import Assumption, Scenario
from workbench.models.study import Asset, Study
from workbench.models.tree import (
    FORMS,
    LossEvents,
    LossForms,
    SecondaryLoss,
    Terms,
    ThreatEvents,
    Vulnerability,
)


def three(draw, most):
    low, mode, high = sorted(draw.uniform(0, most) for _ in range(3))
    return {"low": low, "mode": mode, "high": high}


def metalog(draw, most):
    middle = draw.uniform(0.2, 0.5) * most
    values = [middle / 2, middle, middle * draw.uniform(1.3, 1.9)]
    return from_dict({"type": "metalog", "levels": [0.1, 0.5, 0.9], "values": values,
                      "lower": 0, "upper": most}).to_dict()  # fmt: skip


def bounded(draw, most, depth=0):
    """A belief within 0..most, of any family that has an end."""
    if depth < 2 and draw.random() < 0.2:
        parts = [bounded(draw, most, depth + 1) for _ in range(draw.randint(1, 3))]
        return {"type": "mixture", "parts": parts, "weights": [draw.uniform(1, 9) for _ in parts]}
    if depth < 2 and draw.random() < 0.2:
        base = {"type": "uniform", "low": 0, "high": most}
        return {"type": "truncated", "base": base, "low": most / 8, "high": most / 3}
    return draw.choice([
        lambda: {"type": "point", "value": draw.uniform(0, most)},
        lambda: {"type": "uniform"} | {k: v for k, v in three(draw, most).items() if k != "mode"},
        lambda: {"type": "pert", **three(draw, most)},
        lambda: {"type": "pert", "shape": draw.uniform(1, 9), **three(draw, most)},
        lambda: {"type": "triangular", **three(draw, most)},
        lambda: {"type": "discrete", "values": [0, most / 2, most],
                 "probabilities": [0.5, 0.25, 0.25]},
        lambda: {"type": "empirical", "values": [draw.uniform(0, most) for _ in range(4)]},
        lambda: metalog(draw, most),
    ])()  # fmt: skip


def amount(draw):
    """A belief about money, of any family."""
    scale, heavy = draw.uniform(1e3, 1e6), draw.uniform(0.6, 4)
    return draw.choice([
        lambda: bounded(draw, 1e7),
        lambda: {"type": "lognormal", "mu": draw.uniform(5, 15), "sigma": draw.uniform(0.1, 2)},
        lambda: {"type": "gamma", "shape": heavy, "scale": scale},
        lambda: {"type": "weibull", "shape": heavy, "scale": scale},
        lambda: {"type": "pareto", "alpha": heavy, "low": scale},
        lambda: {"type": "pareto2", "alpha": heavy, "scale": scale},
        lambda: {"type": "gpd", "shape": draw.uniform(-0.4, 1.2), "scale": scale, "low": scale},
        lambda: {"type": "burr", "alpha": heavy, "shape": heavy, "scale": scale},
        lambda: {"type": "metalog", "coefficients": [1e1, 0.5, 0.1], "lower": 0},
        lambda: {"type": "truncated", "base": {"type": "pareto", "alpha": heavy, "low": scale},
                 "high": 9 * scale},
    ])()  # fmt: skip


def share(draw):
    beta = {"type": "beta", "alpha": draw.uniform(0.5, 9), "beta": draw.uniform(0.5, 9)}
    return from_dict(draw.choice([beta, bounded(draw, 1)]))


def forms(draw):
    names = draw.sample(FORMS, draw.randint(1, 6))
    return LossForms(**{n: from_dict(amount(draw)) for n in names}, together=draw.random() < 0.5)


def frequency(draw):
    """A loss event frequency of 2 to 3, or derived."""
    if draw.random() < 0.4:
        return from_dict({"type": "uniform", "low": 2, "high": draw.uniform(2.5, 3)})
    rate = from_dict(bounded(draw, 3))
    threats = draw.choice([rate, ThreatEvents(rate, share(draw))])
    strengths = Vulnerability(from_dict(bounded(draw, 100)), from_dict(bounded(draw, 100)))
    return LossEvents(threats, draw.choice([share(draw), strengths]))


def count(draw, node):
    kinds = [{"type": "poisson"}, {"type": "negative_binomial", "dispersion": draw.uniform(1.1, 5)},
             {"type": "binomial", "trials": draw.randint(3, 50)}]  # fmt: skip
    found = draw.choice(kinds)
    is_high = not isinstance(node, LossEvents) and found["type"] == "binomial"
    return count_from_dict(found | ({"zero_truncated": True} if is_high else {}))


def terms(draw):
    parts = {"deductible": draw.uniform(0, 1e4), "limit": 1e6, "share": draw.uniform(0.1, 1),
             "annual_deductible": 5.0, "annual_limit": 1e7}  # fmt: skip
    return Terms(**dict(draw.sample(sorted(parts.items()), draw.randint(0, 5))))


def scenario(draw, name, asset):
    if draw.random() < 0.15:
        node, how = (
            None,
            count_from_dict(
                {"type": "discrete", "values": [0, 1, 5], "probabilities": [0.5, 0.3, 0.2]}
            ),
        )
    else:
        node = frequency(draw)
        how = count(draw, node)
    fields = {"frequency": node, "count": how, "terms": terms(draw)}
    if draw.random() < 0.5:
        fields["loss_magnitude"] = draw.choice([forms(draw), from_dict(amount(draw))])
    else:
        fields["exposure_factor"] = share(draw)
        fields |= draw.choice([{"asset": asset}, {"asset_value": from_dict(bounded(draw, 1e8))}])
    if draw.random() < 0.5:
        magnitude = draw.choice([forms(draw), from_dict(amount(draw))])
        fields["secondary"] = SecondaryLoss(share(draw), magnitude)
    found = Scenario(name, f"Scenario {name}", owner=draw.choice(["", "CISO"]), **fields,
                     likelihood=draw.choice([None, 1, 7]))  # fmt: skip
    for state in ("inherent", "residual"):
        if draw.random() < 0.5:
            changes = {"terms": terms(draw), "consequence": draw.choice([None, 2])}
            if isinstance(node, LossEvents) or node is None:
                changes["secondary"] = found.secondary or SecondaryLoss(Point(0.5), Point(3))
            else:
                changes["frequency"] = Point(draw.uniform(2, 3))
            found = found.replace(**{state: found.at("current").replace(**changes)})
    days = {"date": "2026-01-31", "review_by": "2027-01-31"}
    why = Assumption("loss_magnitude", "a", "b", "c", **draw.choice([{}, days]))
    return found.replace(assumptions=draw.choice([(), (why,)]))


@lru_cache(maxsize=64)
def study(seed):
    draw = random.Random(seed)
    asset = Asset("db", "Records", from_dict(bounded(draw, 1e6)))
    rows = tuple(scenario(draw, f"R-{n}", "db") for n in range(draw.randint(1, 4)))
    anchors = Anchors(tuple(range(1, 9)), tuple(range(10, 18)))
    return Study("Round", "EUR", seed, (asset,), rows, anchors=anchors)


@pytest.mark.daily(3)
@pytest.mark.parametrize("seed", range(6))
def test_a_study_of_every_kind_reads_back_equal_and_is_written_alike(seed):
    made = study(seed)
    for name, write in (("t.json", study_json), ("t.yaml", study_yaml)):
        text = write(made)
        back = parse_study(name, text.encode()).study
        assert back == made
        assert write(back) == text
        assert inputs_sha256(back) == inputs_sha256(made)
        assert back.at("residual") == made.at("residual")


def test_the_published_schema_takes_what_is_written():
    validator = jsonschema.Draft202012Validator(study_schema())
    for seed in range(15):
        written = json.loads(json.dumps(study_document(study(seed))))
        assert list(validator.iter_errors(written)) == []


def test_the_shapes_of_all_kinds_come_up():
    text = "".join(study_json(study(seed)) for seed in range(12))
    kinds = """point uniform pert triangular lognormal gamma weibull pareto pareto2 gpd burr metalog
    mixture truncated discrete empirical beta binomial negative_binomial"""
    fields = """contact_frequency vulnerability resistance_strength primary_loss secondary_loss
    terms inherent residual anchors zero_truncated annual_limit together review_by"""
    for word in (kinds + " " + fields).split():
        assert f'"{word}"' in text, word


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"secondary": SecondaryLoss(Point(0.5), Point(3))}, "a secondary loss"),
        ({"terms": Terms(limit=3)}, "terms"),
        ({"count": count_from_dict({"type": "binomial", "trials": 3})}, "a count"),
        ({"frequency": LossEvents(Point(1), Point(0.5))}, "a rate that is no PERT"),
        ({"owner": "x", "system": "y"}, "a system, an owner"),
        ({"likelihood": None}, "no likelihood or no consequence"),
    ],
)
def test_what_a_table_cannot_hold_is_named(gate, change, word):
    row = gate.accepted(gate.csv_of({})).study.scenarios[0]
    for found, words in (
        (row.replace(**change), word),
        (row.replace(residual=row), "a residual state"),
    ):
        with pytest.raises(WorkbenchError, match=f"scenario S-1 with {words}"):
            study_csv(Study(scenarios=(found,)))
