"""Two people at one register, as a machine of states: nothing is lost, nothing is changed unseen.

Beside the register runs a model of it: what each item is, its state, and what each of the two has
read, and may undo and redo. After every step both say the same, and the log verifies at the end.
"""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from workbench.errors import WorkbenchError
from workbench.register import Conflict, Register
from workbench.register.records import Decided
from workbench.threats.ties import Tie

PEOPLE = st.sampled_from(["mara", "tom"])
ITEMS = st.sampled_from(["one", "two", "three"])
THREATS = st.sampled_from(["T1", "T2", "T3"])
GONE = None


class TwoPeople(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        place = str(Path(self.folder.name) / "register.db")
        self.open = {"mara": Register.create(place, by="mara")}
        self.open["tom"] = Register.open(place, by="tom")
        self.values: dict[str, list[str | None]] = {}  # every version of each item
        self.states: dict[str, str] = {}
        self.authors: dict[str, list[tuple[int, str]]] = {}
        self.approved: dict[str, int] = {}
        self.read: dict[tuple[str, str], int] = {}  # the version that each has read
        self.decided: dict[str, set[int]] = {}  # versions that are approved or retired
        self.acts = 1  # the log was opened
        self.touched: dict[int, tuple[str, int]] = {}  # the item and version that each act made
        self.done: dict[str, list[int]] = {"mara": [], "tom": []}  # what each may undo
        self.undone: dict[str, list[int]] = {"mara": [], "tom": []}  # what each may redo

    def teardown(self) -> None:
        verdict = self.open["mara"].verify()
        assert verdict.is_good, verdict.faults
        for register in self.open.values():
            register.close()
        self.folder.cleanup()

    def made(self, who: str, item: str, value: str | None) -> None:
        self.values.setdefault(item, []).append(value)
        self.states[item] = "deleted" if value is GONE else "draft"
        self.authors.setdefault(item, []).append((len(self.values[item]), who))
        self.touched[self.acts] = item, len(self.values[item])
        self.acts += 1

    def edited(self, who: str, item: str, value: str | None) -> None:
        self.done[who].append(self.acts)
        self.undone[who].clear()
        self.made(who, item, value)

    def now(self, item: str) -> str | None:
        return self.values[item][-1] if item in self.values else GONE

    @rule(who=PEOPLE, item=ITEMS)
    def look(self, who: str, item: str) -> None:
        if item in self.values:
            self.read[who, item] = self.open[who].version("link", item).version

    @rule(who=PEOPLE, item=ITEMS, threat=THREATS)
    def save(self, who: str, item: str, threat: str) -> None:
        base = self.read.get((who, item), 0)
        is_late = item in self.values and base != len(self.values[item])
        is_late &= not (base == 0 and self.now(item) is GONE)  # what was is in nobody's way
        differs = self.now(item) != threat
        if is_late and differs:
            with pytest.raises(Conflict) as told:
                self.open[who].save(item, Tie(item, (threat,)), base=base)
            assert told.value.clashes[0].current.version == len(self.values[item])
            return
        entry = self.open[who].save(item, Tie(item, (threat,)), base=base)
        assert (entry is not None) == differs
        if differs:
            self.edited(who, item, threat)
        self.read[who, item] = len(self.values[item])

    @rule(who=PEOPLE, item=ITEMS)
    def delete(self, who: str, item: str) -> None:
        if self.now(item) is GONE:
            return
        assert self.open[who].delete("link", item) is not None
        self.edited(who, item, GONE)

    @rule(who=PEOPLE)
    def undo(self, who: str) -> None:
        self.gone_back(who, "undo", self.done[who], self.undone[who])

    @rule(who=PEOPLE)
    def redo(self, who: str) -> None:
        self.gone_back(who, "redo", self.undone[who], self.done[who])

    def gone_back(self, who: str, act: str, stack: list[int], other: list[int]) -> None:
        """Take back the latest act that left something to do, and nothing of what came since."""
        step = getattr(self.open[who], act)
        left = [seq for seq in stack if self.now(self.touched[seq][0]) != self.before(seq)]
        if not left:
            with pytest.raises(WorkbenchError, match="got none"):
                step()
            return
        item, version = self.touched[left[-1]]
        is_changed = self.now(item) != self.values[item][version - 1]
        if is_changed or max(self.decided.get(item, {0})) >= version:
            with pytest.raises(Conflict) as told:
                step()
            assert isinstance(told.value, Decided) != is_changed
            return
        assert step().details == {"of": left[-1]}
        del stack[stack.index(left[-1]) :]
        other.append(self.acts)
        self.made(who, item, self.before(left[-1]))

    def before(self, seq: int) -> str | None:
        """Return what an act's item was before it."""
        item, version = self.touched[seq]
        return self.values[item][version - 2] if version > 1 else GONE

    @precondition(lambda self: self.states)
    @rule(who=PEOPLE, item=ITEMS, act=st.sampled_from(["submit", "return", "approve", "retire"]))
    def review(self, who: str, item: str, act: str) -> None:
        if item not in self.values:
            return
        before = {
            "submit": {"draft"},
            "return": {"in review"},
            "approve": {"in review"},
            "retire": {"draft", "approved"},
        }
        after = {"submit": "in review", "return": "draft", "approve": "approved"}
        since = self.approved.get(item, 0)
        is_author = who in {name for version, name in self.authors[item] if version > since}
        allowed = self.states[item] in before[act] and not (act == "approve" and is_author)
        number = len(self.values[item])
        try:
            self.open[who].review(act, "link", item, number)
        except WorkbenchError:
            assert not allowed
            return
        assert allowed
        self.acts += 1
        self.states[item] = after.get(act, "retired")
        if act == "approve":
            self.approved[item] = number
        if act in {"approve", "retire"}:
            self.decided.setdefault(item, set()).add(number)

    def heads(self) -> dict[str, object]:
        found = self.open["tom"].items(kind="link")[0]
        gone = self.open["tom"].items(kind="link", state="deleted")[0]
        return {head.id: head for head in (*found, *gone)}

    @invariant()
    def both_say_the_same(self) -> None:
        heads = self.heads()
        assert {name: head.state for name, head in heads.items()} == self.states
        assert {name: head.version for name, head in heads.items()} == {
            name: len(values) for name, values in self.values.items()
        }
        for name, value in self.values.items():
            body = self.open["mara"].version("link", name).body
            assert (GONE if body is None else json.loads(body)["threats"][0]) == value[-1]
        assert [entry.seq for entry in self.open["mara"].log()] == list(range(self.acts))


@pytest.mark.parametrize("people", [TwoPeople])
def test_two_people(people: type[TwoPeople], soaking: bool) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        people,
        settings=settings(
            max_examples=200 if soaking else 10,
            stateful_step_count=50 if soaking else 25,
            deadline=None,
        ),
    )
