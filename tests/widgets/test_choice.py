"""A choice is one of its options, whatever a browser sends."""

import pytest
from traitlets import TraitError

from workbench_widgets import Choice

OPTIONS = [["a", "First"], ["b", "<script>Second</script>"]]


def test_the_first_option_counts_where_none_is_named():
    assert Choice("Scenario", OPTIONS).value == "a"
    assert Choice("Scenario", OPTIONS, "b", address="scenario").value == "b"


@pytest.mark.parametrize("sent", ["c", "", "First", "a "])
def test_what_is_no_option_changes_nothing(sent):
    choice = Choice("Scenario", OPTIONS, "b")
    choice.set_state({"value": sent})
    assert choice.value == "b"


def test_a_browser_chooses_an_option_and_changes_nothing_else():
    choice = Choice("Scenario", OPTIONS, "b", address="scenario")
    choice.set_state({"value": "a", "options": [["x", "X"]], "address": "token", "label": "L"})
    assert choice.value == "a"
    assert (choice.options, choice.address, choice.label) == (OPTIONS, "scenario", "Scenario")


def test_an_option_and_its_choice_in_one_message_do_not_help_each_other():
    choice = Choice("Scenario", OPTIONS)
    choice.set_state({"options": [["x", "X"]], "value": "x"})
    assert choice.value == "a"


@pytest.mark.parametrize("options", [[], [["a", "A"], ["a", "B"]], [["a"]], [["a", "A", "B"]]])
def test_options_without_an_id_of_their_own_are_refused(options):
    with pytest.raises(TraitError, match="a choice has options"):
        Choice("Scenario", options)


def test_a_chosen_value_that_is_no_option_is_refused():
    with pytest.raises(TraitError, match="one of"):
        Choice("Scenario", OPTIONS, "c")
