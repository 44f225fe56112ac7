"""The commands: what they print, what they refuse, and with which exit code."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import jsonschema
import pytest

from workbench import __version__, cli
from workbench.engines import cluster
from workbench.files import inputs_sha256, read_study
from workbench.reports.result_schema import result_schema

COMMAND = [sys.executable, "-c", "from workbench.cli import main; main()"]


def slow_study(path):
    """A study of which ten million years take many seconds to simulate."""
    row = "S-{},Leak,1,5,20,1000000,0.1,0.3,0.8,3,4\n"
    rows = "".join(row.format(number) for number in range(60))
    path.write_text(path.with_name("t.csv").read_text().partition("\n")[0] + "\n" + rows)
    return path


def test_validate_says_what_a_good_file_holds(here, run):
    done = run("validate", "t.csv")
    assert done.exit_code == 0
    assert done.stdout == "t.csv: valid: 2 scenarios, USD\n"
    assert done.stderr == ""


def test_validate_refuses_with_exit_2_and_a_line_for_each_fault(here, run, table):
    (here / "t.csv").write_text(table.replace("0.1,0.5", "3M,x"))
    done = run("validate", "t.csv")
    assert done.exit_code == 2
    assert done.stdout == ""
    assert [line[:22] for line in done.stderr.splitlines()] == [
        "t.csv: row 2: aro_low:",
        "t.csv: row 2: aro_mode",
    ]


def test_validate_passes_warnings_on_and_accepts(here, run, table):
    (here / "t.csv").write_text(table.replace("Leak", "=1+1"))
    done = run("validate", "t.csv")
    assert done.exit_code == 0
    assert done.stderr.startswith("warning: t.csv: row 2: name: begins like a formula")


def test_simulate_prints_a_summary_in_words(here, run):
    done = run("simulate", "t.csv")
    assert done.exit_code == 0, done.stderr
    for words in ("An average year costs", "A 1-in-20 year costs", "A 1-in-100 year costs",
                  "Chance of a year without any loss", "±", "Exact", "S-1  Leak",
                  "[red]Out[/red], of order"):  # fmt: skip
        assert words in done.stdout
    assert not re.search(r"VaR|nan|inf\b", done.stdout)


def test_the_summary_holds_the_result_against_the_tolerance(here, run):
    study = {
        "tolerance": [{"loss": 1000, "probability": 0.01}, {"loss": 9e8, "probability": 0.001}]
    }
    scenario = {
        "id": "F",
        "name": "n",
        "loss_event_frequency": {"type": "point", "value": 0.02},
        "loss_magnitude": {"type": "uniform", "low": 5000, "high": 6000},
    }
    (here / "s.json").write_text(json.dumps({"study": study, "scenarios": [scenario]}))
    text = run("simulate", "s.json").stdout
    assert "More than $1k" in text
    assert "tolerated 1%: EXCEEDED" in text
    assert "tolerated 0.1%: within" in text
    assert "nothing: in at least 19 of 20 years no loss occurs" in text


@pytest.mark.parametrize("engine", ["exact", "montecarlo", "auto"])
def test_simulate_json_is_the_published_record(here, engine, run):
    done = run("simulate", "t.csv", "--json", "--engine", engine, "--years", "2000", "--seed", "5")
    assert done.exit_code == 0, done.stderr
    record = json.loads(done.stdout)
    jsonschema.Draft202012Validator(result_schema()).validate(record)
    assert (record["seed"], record["version"]) == (5, __version__)
    assert record["years"] == (2000 if engine == "montecarlo" else None)
    assert record["inputs_sha256"] == inputs_sha256(read_study("t.csv").study)
    assert ("standard_error" if engine == "montecarlo" else "error_bound") in record["portfolio"]
    again = run("simulate", "t.csv", "--json", "--engine", engine, "--years", "2000", "--seed", "5")
    assert again.stdout_bytes == done.stdout_bytes


def test_a_seed_of_zero_is_a_seed(here, run):
    records = [
        json.loads(
            run("simulate", "t.csv", "--json", "--engine", "montecarlo", "--years", "500",
                "--seed", seed).stdout
        )
        for seed in ("0", "1")
    ]  # fmt: skip
    assert records[0]["seed"] == 0
    assert records[0]["portfolio"] != records[1]["portfolio"]


def test_simulate_csv_writes_a_table_and_leaves_nothing_else(here, run):
    done = run("simulate", "t.csv", "--csv", "out.csv")
    assert done.exit_code == 0, done.stderr
    assert done.stdout == ""
    header, *lines = (here / "out.csv").read_text().splitlines()
    assert header.startswith("scope,id,name,currency,mean,mean_error_bound,sd,")
    assert [line.split(",")[0] for line in lines] == ["scenario", "scenario", "portfolio"]
    assert sorted(path.name for path in here.iterdir()) == ["out.csv", "t.csv"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("simulate", "none.csv"), "none.csv: there is no such file"),
        (("simulate", "t.csv", "--json", "--csv", "x"), "Choose one"),
        (("simulate", "t.csv", "--csv", "t.csv"), "Name another"),
        (("simulate", "t.csv", "--csv", "."), "Name a regular file"),
        (("simulate", "t.csv", "--csv", "no/such/x.csv"), "cannot be written"),
        (("simulate", "t.csv", "--years", "0"), "a simulation has 100 years or more"),
        (("simulate", "t.csv", "--years", "99"), "a simulation has 100 years or more"),
        (("simulate", "t.csv", "--years", "-1", "--engine", "exact"), "100 years or more"),
        (("simulate", "t.csv", "--years", "99", "--engine", "montecarlo"), "100 years or more"),
        (("simulate", "t.csv", "--years", "9" * 12, "--engine", "montecarlo"), "GiB of memory"),
        (("simulate", "t.csv", "--years", "1e3"), "years"),
        (("simulate", "t.csv", "--seed", "-1"), "seed"),
        (("simulate", "t.csv", "--seed", str(2**53)), "seed"),
        (("simulate", "t.csv", "--engine", "magic"), "engine"),
        (("simulate",), "FILE"),
        (("example", "a", "b"), ""),
        (("dashboard", "none.yaml"), "none.yaml: there is no such file"),
        (("nonsense",), "nonsense"),
    ],
)
def test_what_cannot_be_done_ends_with_exit_2_and_no_traceback(here, arguments, said, run, table):
    done = run(*arguments)
    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert (here / "t.csv").read_text() == table


def test_a_cluster_that_is_not_there_is_one_line(here, run, monkeypatch):
    monkeypatch.setattr(cluster, "WAIT", "1s")
    done = run("simulate", "t.csv", "--engine", "montecarlo", "--scheduler", "tcp://127.0.0.1:1")
    assert done.exit_code == 2
    assert "a scheduler answers at the address of the cluster" in done.stderr
    assert "Traceback" not in done.stderr
    exact = run("simulate", "t.csv", "--scheduler", "tcp://127.0.0.1:1")
    assert exact.exit_code == 0
    assert "--scheduler was not used" in exact.stderr


def test_years_on_a_cluster_are_printed_the_same(here, run, monkeypatch):
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address="127.0.0.1:0"
    ) as local:
        asked = ("simulate", "t.csv", "--json", "--engine", "montecarlo", "--years", "40000")
        alone = run(*asked)
        together = run(*asked, "--scheduler", local.scheduler_address)
    assert together.exit_code == 0
    assert together.stdout == alone.stdout


def test_a_study_without_scenarios_is_valid_and_not_simulated(here, run):
    (here / "e.json").write_text("[]")
    assert run("validate", "e.json").exit_code == 0
    done = run("simulate", "e.json")
    assert done.exit_code == 2
    assert "Add one to the file" in done.stderr


def test_dashboard_hands_a_checked_study_to_the_server(here, monkeypatch, run):
    serving = pytest.importorskip("workbench.serving")
    calls = []
    monkeypatch.setattr(serving, "serve_dashboards", lambda *a, **k: calls.append((a, k)) or 0)
    assert run("dashboard", "t.csv", "--port", "0", "--host", "127.0.0.1").exit_code == 0
    given = {"host": "127.0.0.1", "port": 0, "token": None, "token_from": "", "open_browser": False}
    assert calls == [((here / "t.csv",), {**given, "pool": 1, "base_url": "/"})]
    (here / "t.csv").write_text("nonsense")
    assert run("dashboard", "t.csv").exit_code == 2
    assert len(calls) == 1


def test_lab_copies_the_notebooks_once_and_starts_there(here, monkeypatch, run):
    serving = pytest.importorskip("workbench.serving")
    calls = []
    monkeypatch.setattr(serving, "serve_lab", lambda *a, **k: calls.append((a, k)) or 0)
    done = run("lab", "books")
    assert done.exit_code == 0, done.stderr
    (first, *_) = sorted((here / "books").glob("*.ipynb"))
    first.write_text("mine")
    assert run("lab", "books").exit_code == 0
    assert first.read_text() == "mine"
    assert calls[0][0] == (here / "books",)
    assert len(calls) == 2


def test_schemas_are_printed_as_json(run):
    for arguments in (("schema",), ("schema", "--result")):
        text = run(*arguments).stdout
        jsonschema.Draft202012Validator.check_schema(json.loads(text))


def test_a_file_that_is_there_is_replaced_with_force_only(here, run):
    (here / "out.csv").write_text("old")
    done = run("simulate", "t.csv", "--csv", "out.csv")
    assert done.exit_code == 2
    assert "a file that is there is not replaced; got 'out.csv'. Add --force." in done.stderr
    assert (here / "out.csv").read_text() == "old"
    assert run("simulate", "t.csv", "--csv", "out.csv", "--force").exit_code == 0
    assert (here / "out.csv").read_text() != "old"


STATES = """scenarios:
  - id: S
    name: Leak
    loss_event_frequency: {type: point, value: 2}
    loss_magnitude: {type: point, value: 100}
    residual: {loss_magnitude: {type: point, value: 10}}
    assumptions:
      - {field: loss_magnitude, owner: CISO, reason: Audit, source: INC-7, would_change: More,
         date: 2024-01-01, review_by: 2025-01-01}
"""


def test_a_state_of_the_study_is_simulated(here, run):
    (here / "s.yaml").write_text(STATES)
    outputs = [
        run("simulate", "s.yaml", "--json", *more).stdout
        for more in ((), ("--state", "current"), ("--state", "inherent"), ("--state", "residual"))
    ]
    assert outputs[0] == outputs[1]
    names = [json.loads(output)["study"] for output in outputs]
    assert names[2:] == [f"{names[0]} (inherent)", f"{names[0]} (residual)"]
    assert outputs[2].replace(" (inherent)", "").splitlines()[8:] == outputs[0].splitlines()[8:]
    assert outputs[3] != outputs[0]
    told = [
        run("simulate", "s.yaml", "--state", state).stderr for state in ("inherent", "residual")
    ]
    note = "note: no scenario states inherent figures, so these are those of today"
    assert [note in words for words in told] == [True, False]
    assert "An average year costs                       $20" in " ".join(
        run("simulate", "s.yaml", "--state", "residual").stdout.splitlines()
    )
    assert run("simulate", "s.yaml", "--state", "other").exit_code == 2
    hashes = {
        json.loads(run("simulate", "s.yaml", "--json", "--state", state).stdout)["inputs_sha256"]
        for state in ("current", "residual")
    }
    assert hashes == {inputs_sha256(read_study("s.yaml").study)}


def test_assumptions_are_listed_and_stale_ones_are_marked(here, run):
    (here / "s.yaml").write_text(STATES)
    done = run("assumptions", "s.yaml", "--today", "2025-01-02")
    (row,) = [line for line in done.stdout.splitlines() if "CISO" in line]
    assert row.split() == ["stale", "S", "loss_magnitude", "CISO", "2024-01-01", "2025-01-01",
                           "INC-7", "Audit"]  # fmt: skip
    assert "1 stale" in done.stdout
    assert "0 stale" in run("assumptions", "s.yaml", "--today", "2025-01-01").stdout
    assert run("assumptions", "s.yaml", "--today", "soon").exit_code == 2


def test_version_and_help(run):
    assert run("--version").stdout == f"risk-workbench {__version__}\n"
    assert "Usage: " in run().output
    names = {command.name or command.callback.__name__ for command in cli.app.registered_commands}
    pages = {"dashboard", "lab", "publish"}
    computing = {"validate", "simulate", "stability", "save", "assumptions"}
    governing = {"threats", "readiness", "blank-readiness", "ai-act", "roadmap", "playbook"}
    assert names == pages | computing | governing | {"example", "schema", "lineage", "drift"}
    names.add("crosswalk")
    for name in names:
        text = run(name, "--help").stdout
        assert "Usage: " in text
        assert len(text.splitlines()) > 4


def test_help_loads_neither_numpy_nor_pydantic():
    code = (
        "import sys; sys.argv = ['workbench', '--help']\n"
        "from workbench.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'scipy', 'pydantic', 'ruamel', 'tqdm', 'pandas'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def interrupted(arguments, cwd):
    """Start a command, interrupt it once it shows progress, return (exit code, seconds, stderr)."""
    process = subprocess.Popen(
        [*COMMAND, *arguments], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    seen = ""
    while "simulating" not in seen and (char := process.stderr.read(1)):
        seen += char
    begin = time.perf_counter()
    process.send_signal(signal.SIGINT)
    output, rest = process.communicate(timeout=60)
    return process.returncode, time.perf_counter() - begin, output, seen + rest


def test_ctrl_c_ends_a_run_soon_with_exit_130_and_leaves_nothing(here):
    slow_study(here / "s.csv")
    (here / "out.csv").write_text("old")
    code, seconds, output, errors = interrupted(
        [
            "simulate",
            "s.csv",
            "--engine",
            "montecarlo",
            "--years",
            "10000000",
            "--csv",
            "out.csv",
            "--force",
        ],
        here,
    )
    assert code == 130, errors
    assert seconds < 10  # of a run that would go on for far longer
    assert output == ""
    assert "Traceback" not in errors
    assert "interrupted; nothing was written" in errors
    assert (here / "out.csv").read_text() == "old"
    assert sorted(path.name for path in here.iterdir()) == ["out.csv", "s.csv", "t.csv"]


def test_a_reader_that_leaves_is_no_error_worth_a_word(here):
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*COMMAND, "simulate", "t.csv", "--json"],
        cwd=here,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert done.stderr == ""
    assert done.returncode == 1


def test_a_terminal_without_unicode_gets_escapes(here):
    done = subprocess.run(
        [*COMMAND, "simulate", "t.csv"],
        cwd=here,
        env=os.environ | {"PYTHONIOENCODING": "ascii:strict", "PYTHONUTF8": "0"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"\\xb1" in done.stdout
