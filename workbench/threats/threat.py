"""A threat to AI systems: what it does, to which asset, at which stage, and how it is known."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from workbench.errors import require

LETTERS = {
    "S": "Spoofing",
    "T": "Tampering",
    "R": "Repudiation",
    "I": "Information disclosure",
    "D": "Denial of service",
    "E": "Elevation of privilege",
}
ASSETS = {
    "training_data": "Training data",
    "labels": "Labels",
    "feature_store": "Feature store",
    "base_model": "Base model",
    "finetuning": "Fine-tuning",
    "model_registry": "Model registry",
    "model_artifact": "Model weights",
    "inference_api": "Inference API",
    "prompt_context": "Prompt and context",
    "rag_index": "Retrieval index",
    "embeddings": "Embeddings",
    "agent_orchestration": "Agent",
    "agent_tools": "Agent tools",
    "agent_memory": "Agent memory",
    "mlops_ci": "Pipeline",
    "notebook_dev": "Notebooks",
    "compute": "Compute",
    "federated": "Federated training",
    "human_reviewer": "Human reviewer",
    "monitoring": "Monitoring",
    "logs_audit": "Logs",
    "end_user": "People who use it",
    "downstream_app": "Application",
    "governance_docs": "Governance",
}
STAGES = (
    "plan_design",
    "data_acquisition",
    "data_prep",
    "training",
    "evaluation",
    "release",
    "deployment",
    "operation",
    "monitoring",
    "retirement",
)
COMMUNITIES = {
    "accidental": "an accident",
    "insider_privileged": "an insider with rights",
    "insider_non_privileged": "an insider without rights",
    "supplier": "a supplier",
    "user_or_customer": "a user or customer",
    "competitor": "a competitor",
    "cyber_criminal": "criminals",
    "hacktivist_or_researcher": "activists or researchers",
    "nation_state": "a state",
}
OUTSIDERS = frozenset(
    {"user_or_customer", "competitor", "cyber_criminal", "hacktivist_or_researcher", "nation_state"}
)
CONTENTS = {  # what a flow may carry
    "training_data": "data to learn from",
    "labels": "labels and outcomes to learn from",
    "features": "inputs to score or read",
    "prompts": "prompts and messages to a model",
    "documents": "documents and passages for a model to read",
    "weights": "model weights",
    "code": "code, packages and settings",
    "outputs": "answers and scores of a model",
    "actions": "tool calls and changes",
    "decisions": "decisions of people",
    "telemetry": "logs and measures",
    "personal_data": "personal data",
    "credentials": "keys and logins",
}
LOSS_FORMS = (
    "productivity",
    "response",
    "replacement",
    "fines_and_judgments",
    "competitive_advantage",
    "reputation",
)
FACTS = {  # what a threat may need a system to be
    "acts": "acts through tools",
    "biometric": "recognises people by their bodies",
    "converses": "talks with people",
    "customers": "stands for people outside, such as customers",
    "decides_about_people": "decides or scores people",
    "generative": "generates text, pictures, sound or code",
    "hosted": "uses a model that a supplier runs",
    "learns_online": "learns from its use",
    "makes_images": "generates pictures, video or sound",
    "multi_agent": "has agents that send messages to each other",
    "multi_modal": "reads pictures, sound or video",
    "multi_tenant": "shares machines or caches with other customers",
    "on_device": "ships a model inside a device or an app",
    "outside_material": "takes in data, models or packages from outside while it is built",
    "personal_data": "holds personal data",
    "predictive": "scores, classifies or detects",
    "public_models": "takes models, adapters or data from public places",
    "reachable_when_built": "can be reached or overheard from outside while it is built or kept",
    "reaches_outside": "gives people outside data, or answers that are made of it",
    "sensors": "sees the physical world through cameras or sensors",
    "staff": "stands for people who work for us",
    "synthetic_data": "trains on generated data",
    "trained_here": "is trained or tuned here",
    "weights_here": "keeps model weights here",
    "writes_code": "writes code, or is built with code that a model wrote",
}


def asset_words(asset: str) -> str:
    """Name an asset within a sentence: 'training data', and 'inference API' as it is written."""
    name = ASSETS[asset]
    return f"{name[:1].lower()}{name[1:]}"


@dataclass(frozen=True, slots=True)
class Proof:
    """How a threat is known: a case, a paper, an incident, or nobody's word but the editor's."""

    type: str
    reference: str = ""  # id or citation
    title: str = ""
    kind: str = ""  # of a case study: incident or exercise
    certainty: str = ""  # how it was checked
    note: str = ""

    @property
    def is_marked(self) -> bool:
        """Whether it must be told as editorial or recalled wherever the threat is shown."""
        return self.type == "editorial" or self.certainty.startswith("recalled")

    def words(self) -> str:
        """Say it in a few words."""
        if self.type == "editorial":
            return "editorial: no incident is claimed"
        named = " ".join(part for part in (self.reference, self.title) if part)
        return f"{named} ({self.type.replace('_', ' ')}; {self.certainty})"

    def sentence(self) -> str:
        """Say it as a sentence of its own, in which nothing that is editorial is called known."""
        words = self.words()
        if self.type == "editorial":
            return f"{words[:1].upper()}{words[1:]}."
        return f"Known by {words}."


@dataclass(frozen=True, slots=True)
class Threat:
    """One row of the catalogue.

    Raises
    ------
    WorkbenchError
        for a letter, an asset, a stage, a community, a form of loss, a need or contents that are
        unknown.

    """

    id: str
    title: str
    description: str
    stride: tuple[str, ...]
    asset: str
    stage: str
    communities: tuple[str, ...]
    loss_forms: tuple[str, ...]
    proof: Proof
    needs: tuple[str, ...] = ()  # facts of a system without which it cannot happen
    outside_needs: tuple[str, ...] = ()  # without which nobody outside can do it while it is built
    travels_with: tuple[str, ...] = ()  # contents of a flow that bring it, or give away: editorial
    stride_fit: str = "strong"  # weak: a fault of governance or quality, which STRIDE was not for
    atlas: tuple[str, ...] = ()  # techniques, atlas_5_6
    atlas_2026_07: tuple[str, ...] = ()
    atlas_tactics: tuple[str, ...] = ()
    atlas_maturity_max: str = ""  # of any technique named; says nothing of how often
    owasp: tuple[str, ...] = ()
    owasp_llm_2026: tuple[str, ...] = ()
    nist_ai_100_2: tuple[str, ...] = ()
    mitigations: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict, hash=False
    )  # framework -> ids
    added_in: str = ""

    def __post_init__(self) -> None:
        """Check the words that have a list."""
        for name, allowed in (
            ("stride", LETTERS),
            ("communities", COMMUNITIES),
            ("loss_forms", LOSS_FORMS),
            ("needs", FACTS),
            ("outside_needs", FACTS),
            ("travels_with", CONTENTS),
        ):
            unknown = [one for one in getattr(self, name) if one not in allowed]
            require(
                not unknown,
                f"{name} of threat {self.id} are known words",
                got=unknown,
                fix=f"Allowed: {', '.join(allowed)}.",
            )
        for name, known in (("asset", tuple(ASSETS)), ("stage", STAGES)):
            require(
                getattr(self, name) in known,
                f"{name} of threat {self.id} is known",
                got=getattr(self, name),
                fix=f"Allowed: {', '.join(known)}.",
            )

    def requirements(self) -> list[tuple[str, str]]:
        """Return the requirements that mitigate it, as (framework, id)."""
        return [(framework, one) for framework, ids in self.mitigations.items() for one in ids]

    def outsiders(self) -> tuple[str, ...]:
        """Return who of its communities comes from outside."""
        return tuple(one for one in self.communities if one in OUTSIDERS)
