"""A folder with a table in it, and the command line in this process."""

from functools import cache

import pytest
from typer import testing
from typer.main import get_command

from workbench import cli

TABLE = """\
id,name,aro_low,aro_mode,aro_high,asset_value,ef_low,ef_mode,ef_high,likelihood,consequence
S-1,Leak,0.1,0.5,2,1000000,0.1,0.3,0.8,3,4
S-2,"[red]Out[/red], of order",0.2,0.4,1,500000,0.1,0.2,0.9,2,3
"""


@pytest.fixture
def table():
    """Return the text of `t.csv`."""
    return TABLE


@pytest.fixture
def here(tmp_path, monkeypatch, table):
    """Return a folder with a table in it, where the commands run."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text(table)
    return tmp_path


@pytest.fixture(scope="session")
def run():
    """Return the function that runs a command; its result has exit_code, stdout and stderr.

    The commands are made once: typer takes 15 ms to make them, and would do so for each run.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(testing, "_get_command", cache(get_command))
        yield lambda *arguments: testing.CliRunner().invoke(cli.app, list(arguments))


@pytest.fixture
def empty_register(here, run, monkeypatch):
    """Return a folder with a table and a new register in it, made by Mara, who acts unless told."""
    monkeypatch.setenv("WORKBENCH_REGISTER_KEYS", str(here / "keys"))
    monkeypatch.setenv("WORKBENCH_REGISTER", "r.db")
    monkeypatch.setenv("WORKBENCH_ACCOUNT", "mara")
    done = run("register", "init")
    assert done.exit_code == 0, done.stderr
    return here


@pytest.fixture
def register(empty_register, run):
    """Return the same with the table imported as the study `lender`, by entry 1."""
    done = run("register", "import", "t.csv", "--id", "lender", "--reason", "as agreed")
    assert done.exit_code == 0, done.stderr
    return empty_register
