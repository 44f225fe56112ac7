"""A system file is refused with every fault at its row and field, and with what is near."""

import pytest

from workbench.files.catalogues.systems import parse_system
from workbench.files.messages import FileRefused

GOOD = """
system: {id: chatbot, name: Customer chatbot, facts: [generative, converses]}
boundaries:
  - {id: outside, name: Customers, trust: 0, controlled_by: public}
  - {id: cloud, name: Our cloud, trust: 2}
components:
  - {id: customer, name: Customer, kind: people, boundary: outside}
  - {id: context, name: Context, kind: prompt and context, boundary: cloud, exposure: staff}
  - {id: agent, name: Agent, kind: agent, boundary: cloud, facts: [acts]}
flows:
  - {source: customer, target: context, carries: questions}
  - {source: context, target: agent, carries: prompts}
"""


def refusal(text):
    with pytest.raises(FileRefused) as refused:
        parse_system("s.yaml", text.encode())
    return refused.value.messages


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("source: customer", "source: custmer",
         ("flows row 1 (custmer -> context): source: is not known, got 'custmer', "
         "allowed customer, context, agent; did you mean 'customer'?")),
        ("target: agent", "target: nobody",
         ("flows row 2 (context -> nobody): target: is not known, got 'nobody', "
         "allowed customer, context, agent")),
        ("boundary: outside", "boundary: outsid",
         ("components row 1 (customer): boundary: is not known, got 'outsid', "
         "allowed outside, cloud; did you mean 'outside'?")),
        ("exposure: staff", "exposure: moon",
         ("components row 2 (context): exposure: is not known, got 'moon', "
         "allowed public, partners, staff, none")),
        ("[acts]", "[act]", "components row 3 (agent): facts: is not known, got 'act', allowed "),
        ("controlled_by: public", "controlled_by: them",
         ("boundaries row 1 (outside): controlled_by: is not known, got 'them', "
         "allowed us, supplier, customer, public")),
        ("converses]", "convers]", "system: facts: is not known, got 'convers', allowed "),
        ("id: agent", "id: context",
         ("components row 3 (context): id: is used twice, got 'context', "
         "first in components row 2; give each its own")),
        ("id: cloud", "id: outside",
         "boundaries row 2 (outside): id: is used twice, got 'outside', first in boundaries row 1"),
    ],
)  # fmt: skip
def test_a_wrong_reference_names_its_row_its_field_and_what_is_near(old, new, message):
    assert old in GOOD
    found = refusal(GOOD.replace(old, new, 1))
    assert any(line.startswith(f"s.yaml: {message}") for line in found), found


def test_all_faults_of_a_file_are_told_at_once_those_of_rows_and_of_references():
    text = GOOD.replace("trust: 2", "trust: two").replace("kind: people", "kind: peple")
    text = text.replace("source: customer", "source: custmer").replace("exposure: staff", "x: 1")
    found = refusal(text)
    assert [line.split(": ")[1:3] for line in found] == [
        ["boundaries row 2 (cloud)", "trust"],
        ["components row 2 (context)", "x"],
        ["components row 1 (customer)", "kind"],
        ["flows row 1 (custmer -> context)", "source"],
    ]  # and not that 'cloud' and 'context', which are faulty themselves, are not there


def test_a_row_that_is_faulty_itself_may_still_be_the_one_that_is_meant():
    text = GOOD.replace("id: cloud, name: Our cloud, trust: 2", "id: cloud, name: 7, trust: 2")
    found = refusal(text.replace("prompt and context, boundary: cloud", "agent, boundary: clod"))
    assert found[1].endswith("got 'clod', allowed outside, cloud; did you mean 'cloud'?")


def test_a_file_all_of_whose_components_are_faulty_is_not_said_to_have_none():
    text = GOOD.replace("kind:", "sort:")
    assert all("components row" in line for line in refusal(text))


@pytest.mark.parametrize("word", ["threats", "controls", "evidence", "dependence", "insurance"])
def test_a_word_of_studies_is_no_field_here_and_not_said_to_come_later(word):
    found = refusal(GOOD + f"{word}: []\n")
    assert found[0].startswith(f"s.yaml: {word}: is not a known field")
    (row,) = refusal(GOOD.replace("exposure: staff", f"{word}: 1"))
    assert f"{word}: is not a known field" in row


def test_a_faulty_system_in_memory_says_every_fault_too():
    from workbench.errors import WorkbenchError
    from workbench.threats.system import AISystem, Component, Flow

    parts = (Component("a", "A", "toaster", "x"),)
    with pytest.raises(WorkbenchError) as refused:
        AISystem("s", "S", parts, (Flow("a", "b", "x"),))
    lines = str(refused.value).splitlines()
    assert [line.partition(" is known")[0] for line in lines] == [
        "kind of a", "boundary of a", "target of a -> b",
    ]  # fmt: skip
