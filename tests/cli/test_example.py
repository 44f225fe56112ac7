"""The example that is copied is whole: the study and all that pages and commands show beside it."""

from workbench.files import read_study
from workbench.files.catalogues.statements import readiness_of
from workbench.files.catalogues.ties import (
    TIES,
    read_systems,
    read_ties,
    shipped_systems,
    shipped_ties,
)
from workbench.files.sources import files_of, systems_folder
from workbench.resources import example_study


def test_example_copies_a_study_that_simulates_and_replaces_nothing(here, run):
    assert run("example", "mine").exit_code == 0
    assert len(read_study("mine/study.yaml").study.scenarios) >= 12
    (here / "mine" / "study.yaml").write_text("changed")
    done = run("example", "mine")
    assert done.exit_code == 2
    assert "add --force" in done.stderr
    assert (here / "mine" / "study.yaml").read_text() == "changed"
    assert run("example", "mine", "--force").exit_code == 0
    assert run("validate", "mine/study.yaml").exit_code == 0


def test_example_brings_all_that_the_pages_and_the_commands_show(here, run):
    assert run("example", "mine").exit_code == 0
    study = here / "mine" / "study.yaml"
    assert readiness_of(study) == readiness_of(example_study())
    assert read_systems(systems_folder(study)) == shipped_systems()
    assert read_ties(systems_folder(study) / TIES) == shipped_ties()
    assert len(files_of(study)) > 8
    for system in (here / "mine" / "study.systems").glob("*.yaml"):
        assert (run("threats", str(system)).exit_code == 0) == (system.name != TIES)
    assert run("readiness", "mine/study.readiness/lender.csv").exit_code == 0
    for answers in (here / "mine" / "study.readiness" / "answers").glob("*.yaml"):
        assert run("ai-act", str(answers)).exit_code == 0


def test_example_copies_nothing_where_one_file_of_it_is_there(here, run):
    taken = here / "mine" / "study.readiness" / "statement.yaml"
    taken.parent.mkdir(parents=True)
    taken.write_text("mine")
    assert run("example", "mine").exit_code == 2
    assert not (here / "mine" / "study.yaml").exists()
    assert not (here / "mine" / "study.systems").exists()
    assert taken.read_text() == "mine"
