"""What other programs call a component, as a kind of this one, or as a guess told as one."""

import re
from collections.abc import Iterable

from workbench.threats.system import KINDS

OTHER_WORDS = {  # exact names of other programs, written as `_plain` writes them
    **dict.fromkeys(("llm", "large language model", "foundation model", "model"), "base model"),
    **dict.fromkeys(("machine learning model", "ai model", "ml model"), "base model"),
    **dict.fromkeys(("dataset", "data set", "training dataset"), "training data"),
    **dict.fromkeys(("vector database", "vector store", "embedding store"), "RAG index"),
    **dict.fromkeys(("model registry", "artifact registry"), "registry"),
    **dict.fromkeys(("ai agent", "agent orchestrator", "orchestrator"), "agent"),
    **dict.fromkeys(("agent tools", "tool", "mcp server"), "tools"),
    **dict.fromkeys(("inference endpoint", "model api", "model endpoint"), "inference API"),
    **dict.fromkeys(("prompt", "prompt template", "system prompt"), "prompt and context"),
    **dict.fromkeys(("ci cd", "ci cd pipeline", "training pipeline"), "pipeline"),
    **dict.fromkeys(("notebook", "jupyter"), "notebooks"),
    **dict.fromkeys(("user", "users", "customer", "human"), "people"),
    **dict.fromkeys(("gpu", "gpu cluster"), "compute"),
    **dict.fromkeys(("logs", "log", "observability"), "monitoring"),
    **dict.fromkeys(("web application", "web app", "web service", "mobile app"), "application"),
}
_STORES = frozenset(
    """store storage database db bucket queue cache file files disk volume warehouse lake
    postgres postgresql mysql mongodb redis s3 rds dynamodb kafka""".split()
)


def _plain(text: str) -> str:
    """Write a name without case, dashes and the like: 'RAG-Index' as 'rag index'."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


_KNOWN = {_plain(kind): kind for kind in KINDS} | OTHER_WORDS


def known_kind(names: Iterable[str]) -> str:
    """Return the kind that the first known one of some names means; nothing where none is known."""
    return next((_KNOWN[one] for one in map(_plain, names) if one in _KNOWN), "")


def guessed_kind(names: Iterable[str]) -> str:
    """Return 'store' where a name speaks of one, else 'outside service'."""
    words = {word for name in names for word in _plain(name).split()}
    return "store" if words & _STORES else "outside service"


def id_of(text: str, otherwise: str) -> str:
    """Write a title as an id: 'Demo model (2)' as 'demo-model-2'."""
    return "-".join(re.findall(r"[a-z0-9]+", text.casefold()))[:60].strip("-") or otherwise
