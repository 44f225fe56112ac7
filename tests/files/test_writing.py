"""The way out: every study reads back equal, and no cell that leaves is a live formula."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.distributions import Beta, Empirical, Gamma, LogNormal, Pert, Point, Scaled, Uniform
from workbench.engines.counts import Bernoulli, NegativeBinomial, Poisson
from workbench.errors import WorkbenchError
from workbench.files import (
    FileRefused,
    inputs_sha256,
    parse_study,
    read_study,
    study_csv,
    study_json,
    study_yaml,
    table_csv,
    write_study,
)
from workbench.models.anchors import Anchors
from workbench.models.scenario import Assumption, Scenario
from workbench.models.study import Asset, Study, TolerancePoint

TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t'\"#:&*!%@=-{}[],|>?"),
    min_size=1,
    max_size=20,
).filter(lambda text: bool(text.strip()))
PROBE = ["007", "1e5", "null", "true", "~", "yes", "2024-01-01", "0x1", "nan", "-", "=", "<<",
         "S-1", "é", "漢字", "📈", "=1+1", "{a}", "[b]", "#c", "&d", "*e", "!f", "%g"]  # fmt: skip
IDS = st.sampled_from(PROBE) | st.integers(0, 99).map("R-{}".format)


def amounts(most):
    return st.floats(0, most, allow_subnormal=False).map(lambda x: x + 0.0)


def bounded(most):
    """Beliefs within 0..most."""
    three = st.lists(amounts(most), min_size=3, max_size=3, unique=True).map(sorted)
    return (
        amounts(most).map(Point)
        | three.map(lambda v: Uniform(v[0], v[2]))
        | three.map(lambda v: Pert(*v))
        | st.builds(lambda v, s: Pert(*v, shape=s), three, st.floats(0.5, 50))
        | st.builds(Empirical, st.lists(amounts(most), min_size=1, max_size=5))
    )


SHARE = bounded(1.0) | st.builds(Beta, st.floats(0.1, 50), st.floats(0.1, 50))
MONEY = (
    bounded(1e12)
    | st.builds(LogNormal, st.floats(0, 15), st.floats(0.1, 2.5))
    | st.builds(Gamma, st.floats(0.1, 50), st.floats(1, 1e6))
)
RATE = bounded(1000.0) | st.builds(LogNormal, st.floats(-5, 2), st.floats(0.1, 1))
COUNT = st.just(Poisson()) | st.floats(1.01, 9).map(NegativeBinomial)
LEVEL = st.none() | st.integers(1, 5)
ASSUMPTION = st.builds(Assumption, st.just("loss_magnitude"), TEXT, TEXT, TEXT, st.just("") | TEXT)


@st.composite
def scenarios(draw, name, assets):
    more = {
        "count": draw(COUNT),
        "likelihood": draw(LEVEL),
        "consequence": draw(LEVEL),
        "system": draw(st.just("") | TEXT),
        "owner": draw(st.just("") | TEXT),
        "assumptions": tuple(draw(st.lists(ASSUMPTION, max_size=2))),
    }
    if draw(st.booleans()):
        return Scenario.fair(
            name,
            draw(TEXT),
            loss_event_frequency=draw(RATE),
            loss_magnitude=draw(MONEY),
            **more,
        )
    shared = draw(st.booleans()) and bool(assets)
    value = {"asset": draw(st.sampled_from(assets)).id} if shared else {"asset_value": draw(MONEY)}
    return Scenario.classical(
        name, draw(TEXT), aro=draw(RATE), exposure_factor=draw(SHARE), **value, **more
    )


@st.composite
def studies(draw):
    assets = draw(
        st.lists(st.builds(Asset, IDS, TEXT, MONEY), max_size=2, unique_by=lambda a: a.id)
    )
    names = draw(st.lists(IDS, max_size=4, unique=True))
    losses = sorted(draw(st.sets(st.floats(1, 1e12), max_size=3)))
    chances = sorted(draw(st.lists(st.floats(1e-6, 1), min_size=3, max_size=3)), reverse=True)
    return Study(
        name=draw(TEXT),
        currency=draw(st.sampled_from(["USD", "EUR", "JPY"])),
        seed=draw(st.integers(0, 2**53 - 1)),
        assets=tuple(assets),
        scenarios=tuple(draw(scenarios(name, assets)) for name in names),
        tolerance=tuple(map(TolerancePoint, losses, chances)),
    )


@given(studies())
def test_yaml_and_json_of_a_study_read_back_equal(study):
    for name, text in (("t.yaml", study_yaml(study)), ("t.json", study_json(study))):
        back = parse_study(name, text.encode()).study
        assert back == study
        assert inputs_sha256(back) == inputs_sha256(study)


TRIPLE = st.lists(amounts(1.0), min_size=3, max_size=3, unique=True).map(sorted)
LIVE = st.tuples(st.sampled_from(["=", "'=", "''@", " +", "\u00a0-", "\uff1d", "'"]), TEXT).map(
    "".join
)


@given(
    st.lists(
        st.tuples(TEXT | LIVE, TRIPLE, amounts(1e15), TRIPLE, st.integers(1, 5), st.integers(1, 5)),
        max_size=4,
    )
)
def test_a_table_reads_back_equal(rows):
    study = Study(
        scenarios=tuple(
            Scenario.classical(
                f"R-{number}",
                name,
                aro=Pert(*aro),
                asset_value=Point(value),
                exposure_factor=Pert(*share),
                likelihood=likelihood,
                consequence=consequence,
            )
            for number, (name, aro, value, share, likelihood, consequence) in enumerate(rows)
        )
    )
    back = parse_study("t.csv", study_csv(study).encode()).study
    assert back == study
    as_yaml = parse_study("t.yaml", study_yaml(study).encode()).study
    assert inputs_sha256(back) == inputs_sha256(as_yaml)


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\uff1d1", "=", "-"]
)
def test_text_that_a_spreadsheet_would_run_is_quoted(cell):
    (row,) = csv.reader(io.StringIO(table_csv(["a"], [[cell]]).partition("\r\n")[2], newline=""))
    assert row == [f"'{cell}"]


@pytest.mark.parametrize("cell", [-1, -1.5, 0, 1e300, -2.5e-7])
def test_numbers_are_left_as_they_are(cell):
    text = table_csv(["a"], [[cell]]).split("\r\n")[1]
    assert float(text) == cell
    assert not text.startswith("'")


@pytest.mark.parametrize("cell", ["a=b", "1-2", "x@y", "S-1", "'quoted", "", "5%"])
def test_harmless_text_is_left_as_it_is(cell):
    assert table_csv(["a"], [[cell]]).split("\r\n")[1].strip('"') == cell


def test_a_formula_name_leaves_quoted_and_returns_as_it_was(gate):
    study = gate.accepted(gate.csv_of({"name": "=cmd|' /C calc'!A0"})).study
    text = study_csv(study)
    assert ",=cmd" not in text
    assert parse_study("t.csv", text.encode()).study == study
    assert parse_study("t.yaml", study_yaml(study).encode()).study == study


def fair(**changes):
    fields = {"loss_event_frequency": Point(1), "loss_magnitude": Point(5)} | changes
    return Study(scenarios=(Scenario.fair("F", "n", **fields),))


@pytest.mark.parametrize(
    "study",
    [fair(), Study(currency="EUR"), Study(seed=7), Study(name="x"),
     Study(anchors=Anchors((1, 2), (3, 4))),
     Study(tolerance=(TolerancePoint(1, 0.5),)), Study(assets=(Asset("a", "b", Point(1)),))],
)  # fmt: skip
def test_what_a_table_cannot_hold_is_refused(study):
    with pytest.raises(WorkbenchError, match="Write the study as YAML or JSON"):
        study_csv(study)


@pytest.mark.parametrize(
    "study",
    [fair(loss_magnitude=Scaled(Pert(1, 2, 3), 2.0)), fair(loss_magnitude=Point(1e16)),
     fair(system="\x1b"), Study(name="\ud800"), Study(currency="BTC")],
)  # fmt: skip
def test_what_the_gate_would_not_read_back_does_not_leave(study):
    for write in (study_yaml, study_json):
        with pytest.raises(WorkbenchError, match="a study file holds what the gate reads back"):
            write(study)


def test_a_bernoulli_count_and_its_rate_survive():
    study = fair(loss_event_frequency=Uniform(0, 1), count=Bernoulli())
    assert parse_study("t.json", study_json(study).encode()).study == study


@pytest.mark.parametrize("suffix", [".yaml", ".yml", ".json", ".csv"])
def test_a_study_is_written_by_the_type_of_its_file(tmp_path, gate, suffix):
    study = gate.accepted(gate.csv_of({}, {})).study
    write_study(study, tmp_path / f"t{suffix}")
    assert read_study(tmp_path / f"t{suffix}").study == study


def test_other_types_are_not_written(tmp_path):
    with pytest.raises(WorkbenchError, match=r"\.yaml, \.yml, \.json or \.csv"):
        write_study(Study(), tmp_path / "t.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_the_text_of_a_study_holds_no_invisible_character():
    study = Study(name="a\u202eb\u200bc\ufeffd")
    for text in (study_yaml(study), study_json(study)):
        assert "\\u202e" in text
        assert not set("\u202e\u200b\ufeff") & set(text)


def test_a_refusal_is_told_by_its_class():
    assert issubclass(FileRefused, WorkbenchError)
    assert issubclass(FileRefused, ValueError)
