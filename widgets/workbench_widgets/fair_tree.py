"""One scenario as a FAIR tree: what is stated and what is derived, edited through either lens."""

from collections.abc import Mapping
from typing import Any, ClassVar

import traitlets

from workbench.amounts import LONGEST_TEXT
from workbench.errors import WorkbenchError, require
from workbench.models.scenario import Scenario
from workbench.models.study import Study
from workbench.models.tree_edits import derive, edit, state
from workbench.models.tree_nodes import LENSES, Node, classical_tree, fair_tree, secondary_line
from workbench_widgets.base import STATIC, OneWayWidget
from workbench_widgets.range_control import FIELDS
from workbench_widgets.tree_text import belief_of, choices, node_dict, sentence, texts_of

ACTIONS = ("edit", "state", "derive")
PARTS = ("path", "action", "by", *FIELDS)


class FairTree(OneWayWidget):
    """A tree of nodes; the chosen one has an editor below, and its reason where it has none.

    `scenario` is the scenario as it is now: observe it to recompute a study. `study` gives the
    currency and the shared assets. Both lenses draw and edit the same scenario. A browser sends the
    lens, the chosen node, and a request: path, action ("edit", "state", "derive") and up to three
    texts. A request that is refused changes nothing, and `message` says why.
    """

    _esm = STATIC / "fair_tree.js"
    inbound: ClassVar[frozenset[str]] = frozenset({"lens", "chosen", "request"})

    scenario = traitlets.Instance(Scenario)  # stays in the kernel
    label = traitlets.Unicode().tag(sync=True)
    lens = traitlets.Enum(LENSES, "fair").tag(sync=True)
    chosen = traitlets.Unicode("frequency").tag(sync=True)
    request = traitlets.Dict().tag(sync=True)
    roots = traitlets.List(traitlets.Dict()).tag(sync=True)  # nested nodes, all as text
    form = traitlets.Dict().tag(sync=True)  # the editor of the chosen node
    message = traitlets.Unicode().tag(sync=True)
    refused = traitlets.Bool(default_value=False).tag(sync=True)

    def __init__(self, study: Study, scenario_id: str, **traits: Any) -> None:
        self.study, self._held = study, "frequency"
        scenario = study.scenario(scenario_id)
        super().__init__(**{"label": scenario.name, "scenario": scenario} | traits)

    def changed_study(self) -> Study:
        """Return the study with the scenario as it is now."""
        return self.study.replace_scenario(self.scenario)

    def edit(self, path: str, *texts: str, action: str = "edit", by: str = "") -> bool:
        """Do as a browser's request does; whether it was accepted.

        One text is a number known exactly, two are a 90 % interval, three are low, most likely and
        high. With the action "state" a derived node is stated, with "derive" a stated one derived.
        """
        places = {0: (), 1: ("mode",), 2: ("low", "high")}.get(len(texts), FIELDS)
        said = dict(zip(places, texts, strict=True))
        return self._do({"path": path, "action": action, "by": by} | said)

    @traitlets.validate("chosen")
    def _chosen(self, proposal: traitlets.Bunch) -> str:
        # While a message is taken in, `self.chosen` is already what it brought: keep our own copy.
        if any(node.path == proposal["value"] for node in self._nodes()):
            self._held = str(proposal["value"])
        return self._held

    @traitlets.validate("request")
    def _request(self, proposal: traitlets.Bunch) -> dict[str, str]:
        """Keep the known parts, as short texts; a number tells two equal requests apart."""
        sent = proposal["value"]
        kept = {name: str(sent[name])[: LONGEST_TEXT + 1] for name in PARTS if name in sent}
        return kept | {"number": str(sent.get("number", ""))[:LONGEST_TEXT]}

    @traitlets.observe("request")
    def _requested(self, change: traitlets.Bunch) -> None:
        if change["new"]:
            self._do(change["new"])

    @traitlets.observe("scenario", "lens", "chosen")
    def _looked_elsewhere(self, _change: traitlets.Bunch) -> None:
        self.message, self.refused = "", False
        self._draw()

    def _do(self, asked: Mapping[str, str]) -> bool:
        """Change the scenario as asked, or say why not."""
        try:
            changed, said = self._answered(asked)
        except WorkbenchError as refusal:
            self.message, self.refused = f"Not changed: {refusal}", True
            return False
        with self.hold_sync():
            self.scenario = changed
            self.message, self.refused = said, False
        return True

    def _answered(self, asked: Mapping[str, str]) -> tuple[Scenario, str]:
        path, action = asked.get("path", ""), asked.get("action", "edit")
        require(action in ACTIONS, "an action is known", got=action, fix=f"One of {ACTIONS}.")
        node = next((one for one in self._nodes() if one.path == path), None)
        require(
            node is not None, "a node is in this tree", got=path, fix="Choose one that is shown."
        )
        assert node is not None
        if action == "derive":
            return derive(self.scenario, path, asked.get("by", "")), f"{node.label} is derived."
        texts = [asked.get(name, "") for name in FIELDS]
        given = any(text.strip() for text in texts)
        if action == "state" and not given:
            return state(self.scenario, path), f"{node.label} is stated as it was."
        if action == "edit":  # what is derived is refused before its texts are
            self._refuse_derived(node)
        belief = belief_of(node.kind, texts, self.study.currency)
        change = edit if action == "edit" else state
        told = sentence(node, belief, self.study.currency)
        return change(self.scenario, path, belief), told

    def _refuse_derived(self, node: Node) -> None:
        """Let the model say why a node that is not stated cannot be edited."""
        if node.how not in ("stated", "absent"):
            edit(self.scenario, node.path, node.belief or self.scenario.rate())

    def _trees(self) -> list[Node]:
        scenario, study = self.scenario, self.study
        if self.lens == "fair":
            return [fair_tree(scenario, study)]
        beside = secondary_line(scenario, study)
        return [classical_tree(scenario, study), *([] if beside is None else [beside])]

    def _nodes(self) -> list[Node]:
        return [node for root in self._trees() for node in root.walk()]

    def _draw(self) -> None:
        """Tell the browser the tree, and the editor of its chosen node."""
        trees, currency = self._trees(), self.study.currency
        nodes = [node for root in trees for node in root.walk()]
        chosen = next((node for node in nodes if node.path == self._held), nodes[1])
        low, mode, high = texts_of(chosen)
        form = {"path": chosen.path, "label": chosen.label, "low": low, "mode": mode, "high": high}
        with self.hold_sync():
            self.roots = [node_dict(root, currency) for root in trees]
            self._held = chosen.path
            self.chosen = chosen.path
            self.form = form | choices(chosen, self.scenario)
