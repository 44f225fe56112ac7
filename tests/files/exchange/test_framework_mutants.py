"""Spoilt files of the framework side: each is answered by a value or by one-line errors."""

import importlib.util
from pathlib import Path

import pytest

from workbench.files.catalogues.crosswalks import crosswalk_csv, parse_crosswalk, shipped_crosswalk
from workbench.files.catalogues.evidence import parse_records
from workbench.files.catalogues.frameworks import shipped_frameworks
from workbench.files.catalogues.readiness import parse_readiness, readiness_csv, readiness_xlsx
from workbench.files.exchange.ciso_assistant import parse_library
from workbench.files.exchange.oscal_mapping import mapping_collection, parse_mapping_collection
from workbench.files.exchange.oscal_results import assessment_results, parse_assessment_results
from workbench.files.exchange.sssom import parse_sssom, sssom_tsv
from workbench.frameworks import Crosswalk
from workbench.frameworks.readiness import Readiness, Standing

HERE = Path(__file__).parent
STAMP = "2026-11-28T22:00:00Z"
LIBRARY = """\
urn: urn:example:risk:library:both
name: Both
version: 1
provider: somebody
objects:
  framework:
    urn: urn:example:risk:framework:house-rules-1
    name: House rules
    requirement_nodes:
    - urn: urn:example:risk:req_node:house-rules-1:top
      assessable: false
      name: All of them
    - urn: urn:example:risk:req_node:house-rules-1:r.1
      assessable: true
      depth: 2
      parent_urn: urn:example:risk:req_node:house-rules-1:top
      ref_id: R.1
      name: Keep a list
  requirement_mapping_sets:
  - urn: urn:example:risk:req_mapping_set:one
    source_framework_urn: urn:example:risk:framework:house-rules-1
    target_framework_urn: urn:example:risk:framework:iso27001-2022
    requirement_mappings:
    - source_requirement_urn: urn:example:risk:req_node:house-rules-1:r.1
      target_requirement_urn: urn:example:risk:req_node:iso27001-2022:a.5.9
      relationship: subset
      rationale: semantic
      strength_of_relationship: 8
    - source_requirement_urn: urn:example:risk:req_node:house-rules-1:r.1
      target_requirement_urn: urn:example:risk:req_node:iso27001-2022:a.8.1
      relationship: intersect
"""


@pytest.fixture(scope="module")
def mutants():
    """The mutator beside this file; test folders are no packages."""
    spec = importlib.util.spec_from_file_location("exchange_mutants", HERE / "mutants.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def readiness():
    return Readiness(
        shipped_frameworks(),
        (
            Standing("iso42001_2023", "A.2.2", "met", 3, 4, "Ann", "2026-12-01", "policy"),
            Standing("nist_ai_rmf_1_0", "GOVERN 1.1", "not applicable", justification="no use"),
            Standing("iso42001_2023", "4.1", "in part", 1, evidence='a, "b"'),
        ),
    )


def rows():
    return Crosswalk(shipped_crosswalk().rows[::120])


EVIDENCE = 'framework,id,evidence,by,day\niso42001,A.2.2,"a, b",Ann,2026-11-24\n'
# Reader, the name that the gate sees, and the sample.
SAMPLES = {
    "sssom": (parse_sssom, "m.tsv", lambda: sssom_tsv(rows(), title="T", day="2026-11-28")),
    "ciso_assistant": (parse_library, "m.yaml", lambda: LIBRARY),
    "oscal_mapping": (
        parse_mapping_collection,
        "m.json",
        lambda: mapping_collection(rows(), title="T", stamp=STAMP),
    ),
    "oscal_results": (
        parse_assessment_results,
        "r.json",
        lambda: assessment_results(readiness(), title="T", stamp=STAMP),
    ),
    "crosswalk": (parse_crosswalk, "c.csv", lambda: crosswalk_csv(rows())),
    "readiness": (parse_readiness, "r.csv", lambda: readiness_csv(readiness())),
    "evidence": (parse_records, "e.csv", lambda: EVIDENCE),
    "workbook": (parse_readiness, "r.xlsx", lambda: readiness_xlsx(readiness())),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_sound_and_no_spoilt_copy_of_it_leaves_a_traceback(mutants, soaking, name):
    read, file, sample = SAMPLES[name]
    made = sample()
    data = made if isinstance(made, bytes) else made.encode()
    read(file, data)
    count = mutants.SOAK if soaking else mutants.DAILY // 4
    refused = mutants.answers(read, file, data, count)
    assert refused > count // 4  # the mutator spoils most of them
