"""The published cases and the real data that lie beside a checkout."""

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


@pytest.fixture(scope="session")
def breaches():
    """Give the path of the real breach records, or skip where they are absent."""
    file = SHARED / "data" / "hhs_breaches_2009_2015.csv"
    if not file.is_file():
        pytest.skip(
            "real data are read in place: ../shared/data/hhs_breaches_2009_2015.csv is absent"
        )
    return file
