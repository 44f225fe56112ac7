"""Ids are found however they are written, and never taken for others."""

import pytest

from workbench.files.catalogues.frameworks import shipped_frameworks
from workbench.files.exchange.naming import Names, folded
from workbench.frameworks import Framework, Frameworks, Requirement


@pytest.fixture(scope="module")
def names():
    return Names(shipped_frameworks())


@pytest.mark.parametrize(
    ("written", "framework"),
    [
        ("iso27001-2022", "iso27001_2022"),
        ("ISO27001 2022", "iso27001_2022"),
        ("nist-ai-rmf-1.0", "nist_ai_rmf_1_0"),
        ("iso42001", "iso42001_2023"),
        ("soc2-tsc", "soc2_tsc_2017_2022"),
        ("ai-act", "eu_ai_act_2024_1689"),
    ],
)
def test_a_framework_is_found_by_its_id_its_alias_or_anothers_name(names, written, framework):
    assert names.framework(written) == framework
    assert names.is_known(framework)


@pytest.mark.parametrize("written", ["iso27001", "iso27001-2005", "nist-csf-1.1", ""])
def test_what_is_not_known_keeps_its_name(names, written):
    assert names.framework(written) == written
    assert not names.is_known(written)


@pytest.mark.parametrize(
    ("framework", "written", "id"),
    [
        ("iso42001_2023", "a.2.2", "A.2.2"),
        ("nist_ai_rmf_1_0", "govern-1.1", "GOVERN 1.1"),
        ("soc2_tsc_2017_2022", "cc6.1", "CC6.1"),
        ("iso42001_2023", "a.99", "a.99"),
        ("iso27001_2022", "a.12.6.1", "A.12.6.1"),  # of the edition before: lint says so
        ("iso42001_2023", "cc6.1", "cc6.1"),  # of a stranger: left as it is
        ("unknown", "a.2.2", "a.2.2"),
    ],
)
def test_a_requirement_is_found_however_it_is_written(names, framework, written, id):
    assert names.requirement(framework, written) == id


def test_every_shipped_id_is_found_by_itself_and_no_two_fold_to_one(names):
    for framework in shipped_frameworks().values():
        ids = [one.id for one in framework]
        assert [names.requirement(framework.id, one) for one in ids] == ids
        assert len({folded(one) for one in ids}) == len(ids)


def test_digits_and_their_separation_stay():
    assert folded("1.11") != folded("11.1") != folded("1.1.1")


def test_its_own_spelling_comes_before_that_of_another_edition():
    made = [
        Framework(name, "", "X", "", "", (Requirement(name, one, "", "control"),))
        for name, one in (("x_1", "A.1"), ("x_2", "a-1"), ("y_1", "A 1"))
    ]
    names = Names(Frameworks(made))
    assert names.requirement("x_2", "A.1") == "a-1"
    assert names.requirement("x_1", "a-1") == "A.1"
    assert names.requirement("y_1", "a-1") == "A 1"
