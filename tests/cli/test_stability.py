"""`workbench stability`: a table, plain words, and refusals with exit code 2."""

import pytest


def test_the_figures_of_all_runs_are_printed_with_a_verdict(here, run) -> None:
    done = run("stability", "t.csv", "--seeds", "6", "--years", "500")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert "6 seeds from 1 on, 500 simulated years each, USD" in lines
    assert sum(line.endswith("borne out") for line in lines) >= 7
    assert "5 degrees of freedom" in done.stdout
    assert done.stdout == run("stability", "t.csv", "--seeds", "6", "--years", "500").stdout


def test_an_error_that_is_too_small_is_told_in_words(here, run) -> None:
    head = "id,name,aro_low,aro_mode,aro_high,asset_value,ef_low,ef_mode,ef_high,"
    head += "likelihood,consequence\n"
    rare = "R,Rare,0.0005,0.0005,0.0005,1000000000000,0.5,0.5,0.5,1,5\n"
    often = "S,Often,1,2,3,1000,0.1,0.3,0.8,5,1\n"
    (here / "rare.csv").write_text(head + rare + often)
    done = run("stability", "rare.csv", "--years", "400", "--seeds", "20")
    assert done.exit_code == 0, done.output
    assert "TOO SMALL" in done.stdout
    assert "times what one run states for the average year: do not rely on" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["t.csv", "--seeds", "4"], "--seeds"),
        (["t.csv", "--years", "50", "--seeds", "5"], "100 years or more"),
        (["none.csv"], "no such file"),
    ],
)
def test_what_is_refused_exits_with_2(here, run, arguments, message) -> None:
    done = run("stability", *arguments)
    assert done.exit_code == 2
    assert message in done.stderr
    assert done.stdout == ""
