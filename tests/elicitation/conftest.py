"""The published cases that lie beside a checkout."""

import json
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2].parent / "shared"


@pytest.fixture(scope="session")
def published():
    """Give the published cases by id, or skip where they are absent."""
    file = SHARED / "cases" / "quant.json"
    if not file.is_file():
        pytest.skip("the published cases (../shared/cases/quant.json) lie beside a checkout only")
    return {case["id"]: case for case in json.loads(file.read_text(encoding="utf-8"))}
