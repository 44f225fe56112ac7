"""`workbench drift`: two files and a column to a figure, its interval and a verdict."""

import json

import numpy as np
import pytest

RULE = ("--threshold", "0.1", "--because", "agreed by the board")


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(1)
    for name, mean in (("train", 0.0), ("same", 0.0), ("moved", 1.0)):
        ages = "\n".join(
            f"{age:.6f},{'n' if age > 0 else 's'}" for age in rng.normal(mean, 1, 2_000)
        )
        (tmp_path / f"{name}.csv").write_text(f"age,side\n{ages}\n", "utf-8")
    return tmp_path


@pytest.mark.parametrize(("now", "verdict"), [("same", "pass"), ("moved", "fail")])
def test_a_column_is_judged_against_a_stated_threshold(files, run, now, verdict):
    told = run("drift", "train.csv", f"{now}.csv", "--column", "age", *RULE)
    assert told.exit_code == 0
    assert f"\n{verdict}: the whole interval is" in told.stdout
    assert "2,000 rows before, 2,000 now, 10 cells" in told.stdout
    assert "(0.1, agreed by the board)" in told.stdout


def test_json_has_all_that_the_figure_depends_on(files, run):
    told = run("drift", "train.csv", "moved.csv", "--column", "age", "--measure", "js", "--base",
               "2", "--cells", "20", "--json")  # fmt: skip
    found = json.loads(told.stdout)
    assert (found["n"], found["m"], found["cells"], found["unit"]) == (2_000, 2_000, 20, "bits")
    assert (found["verdict"], found["threshold"]) == (None, None)
    assert found["interval"][0] < found["corrected"] < found["interval"][1]


def test_texts_are_compared_as_categories(files, run):
    words = ("drift", "train.csv", "moved.csv", "--column", "side")
    assert "2 cells" in run(*words, "--categories").stdout
    refused = run(*words)
    assert refused.exit_code == 2
    assert "train.csv: row 2: side: is no number" in refused.stderr


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--column", "agee"), "is none of the 2 columns of the header; did you mean 'age'?"),
        (("--column", "age", "--threshold", "0.1"), "a threshold has a source"),
        (("--column", "age", "--base", "3"), "the base is e, 2 or 10"),
        (("--column", "age", "--measure", "tv"), "kl, psi or js"),
        (("--column", "age", "--cells", "1"), "cells are 2"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_line(files, run, more, said):
    refused = run("drift", "train.csv", "same.csv", *more)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert said in refused.stderr
    assert refused.stderr.count("\n") == 1
