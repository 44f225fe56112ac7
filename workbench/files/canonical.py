"""The hash of a study's inputs, over its canonical JSON (RFC 8785)."""

import hashlib

from workbench.audit.canonical import canonical_json
from workbench.models.study import Study

__all__ = ["canonical_json", "inputs_sha256"]


def inputs_sha256(study: Study) -> str:
    """Return the SHA-256, in hexadecimal, of the canonical JSON of a study, scenarios by id."""
    return hashlib.sha256(canonical_json(study.to_dict())).hexdigest()
