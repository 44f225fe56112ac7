"""The commands about threats, frameworks, the AI Act and plans, in words and as JSON."""

import json
import re

import jsonschema
import pytest

from tests.cli.answers import parsed
from tests.files.exchange.test_ciso_assistant import FRAMEWORK, library, mapping, set_of
from workbench.files.catalogues.crosswalks import shipped_crosswalk
from workbench.files.catalogues.frameworks import shipped_frameworks
from workbench.frameworks.groups import SIX

SYSTEM = """
system: {id: chatbot, name: Customer chatbot, facts: [generative, converses, hosted]}
boundaries:
  - {id: outside, name: Customers, trust: 0, controlled_by: public}
  - {id: cloud, name: Our cloud, trust: 2}
components:
  - {id: customer, name: Customer, kind: people, boundary: outside}
  - {id: context, name: Context, kind: prompt and context, boundary: cloud}
flows:
  - {source: customer, target: context, carries: questions}
"""
CLEAN = "\nFaults: none.\nClean: every id is one of its edition"
ANSWERS = """
system: Credit model
develops: true
annex_iii: [III.5.b]
profiles_people: true
turnover: 1000000000
"""


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "chat.yaml").write_text(SYSTEM)
    (tmp_path / "answers.yaml").write_text(ANSWERS)
    header = "framework,id,status,maturity,target,owner,due,evidence,justification\n"
    row = "iso42001_2023,A.2.2,met,3,4,CISO,,DOC-7,\n"
    (tmp_path / "ready.csv").write_text(header + row)
    return tmp_path


def test_threats_are_listed_with_reasons_and_what_was_ruled_out(files, run):
    words = run("threats", "chat.yaml").stdout
    assert "STAI-043 TE Direct prompt injection: holds prompt and context" in words
    assert "Ruled out: 1" in words
    few, whole = words, run("threats", "chat.yaml", "--all").stdout
    assert few.count("STAI-") < whole.count("STAI-")
    record = parsed(run("threats", "chat.yaml", "--json"))
    touched = {one["threat"] for found in record["components"].values() for one in found}
    assert len(touched) + len(record["ruled_out"]) == 134
    assert all(one["why"] for one in record["ruled_out"])
    assert all(f"    {one['threat']} " in whole for one in record["ruled_out"])
    assert record == parsed(run("threats", "chat.yaml", "--all", "--json"))  # whole either way


def test_drafts_are_a_study_that_warns_and_is_simulated(files, run):
    done = run("threats", "chat.yaml", "--draft", "out.yaml", "--currency", "EUR")
    assert "written: out.yaml" in done.stderr
    checked = run("validate", "out.yaml")
    assert checked.exit_code == 0
    assert "are placeholders: elicit them before a figure is used" in checked.stderr
    assert "EUR" in checked.stdout
    told = run("simulate", "out.yaml").stdout
    assert "in 14 of 14 scenarios are placeholders, to be elicited" in told
    record = parsed(run("simulate", "out.yaml", "--json"))
    assert {"scenario": "chatbot.STAI-043", "field": "vulnerability"} in record["to_be_elicited"]
    jsonschema.validate(record, parsed(run("schema", "--result")))
    again = run("threats", "chat.yaml", "--draft", "out.yaml")
    assert again.exit_code == 2
    assert "Add --force" in again.stderr


def test_a_faulty_system_is_one_line_for_each_fault(files, run):
    (files / "bad.yaml").write_text(SYSTEM.replace("trust: 2", "trust: two"))
    done = run("threats", "bad.yaml")
    assert done.exit_code == 2
    assert done.stderr.startswith("bad.yaml: boundaries row 2 (cloud): trust: ")
    assert "Traceback" not in done.stderr


def test_a_query_shows_rows_and_chains_and_says_what_related_means(files, run):
    words = run("crosswalk", "query", "iso42001", "A.7.4").stdout
    assert "intersects eu_ai_act_2024_1689 10" in words
    assert "nothing is inherited" in words
    found = parsed(
        run("crosswalk", "query", "iso27001_2013", "A.9.4.1", "--to", "iso27001_2022", "--json")
    )
    assert found["related"][0]["target"] == ["iso27001_2022", "A.8.3"]
    assert run("crosswalk", "query", "iso42001", "A.99").exit_code == 2
    aimless = run("crosswalk", "query", "iso42001", "A.7.4", "--chains", "2")
    assert aimless.exit_code == 2
    assert "Name one with --to" in aimless.stderr


def test_raters_who_differ_are_told_in_words_and_in_json(files, run):
    row = next(row for row in shipped_crosswalk().rows if row.raters_differ)
    words = run("crosswalk", "query", *row.source).stdout.splitlines()
    (line,) = (one for one in words if f" {row.target[0]} {row.target[1]} " in one)
    assert line.endswith("; raters differ)")
    record = parsed(run("crosswalk", "query", *row.source, "--to", row.target[0], "--json"))
    rated = [one["rows"][0]["second_rating"] for one in record["related"]]
    assert row.second_rating in rated


def test_coverage_has_three_parts(files, run):
    record = parsed(run("crosswalk", "coverage", "iso27001_2013", "iso27001_2022", "--json"))
    parts = len(record["inherited"]) + len(record["candidates"]) + len(record["unreached"])
    assert parts == record["size"]
    args = ("crosswalk", "coverage", "iso42001_2023", "nist_ai_rmf_1_0")
    met = parsed(run(*args, "--readiness", "ready.csv", "--json"))
    assert len(met["candidates"]) < len(parsed(run(*args, "--json"))["candidates"])


def test_our_crosswalk_is_clean_and_a_broken_one_is_not(files, run):
    words = run("crosswalk", "lint").stdout
    assert words.startswith("715 rows: ")
    assert "\n  nist_ai_rmf_1_0 to iso42001_2023: 154\n" in words
    assert CLEAN in words
    record = parsed(run("crosswalk", "lint", "--json"))
    assert (record["rows"], record["counts"], record["faults"]) == (715, {}, [])
    assert sum(pair["rows"] for pair in record["between"]) == 715
    assert run("crosswalk", "export", "ours.csv").exit_code == 0
    text = (files / "ours.csv").read_text()
    assert CLEAN in run("crosswalk", "lint", "ours.csv").stdout
    (files / "broken.csv").write_text(text.replace(",A.7.4,", ",A.7.44,"))
    done = run("crosswalk", "lint", "broken.csv")
    assert done.exit_code == 2
    assert "dangling: target A.7.44 is not in iso42001_2023" in done.stdout
    diff = run("crosswalk", "diff", "broken.csv")
    assert diff.stdout.splitlines()[0].endswith("are related to nothing any more")


def test_readiness_shows_what_is_met_and_open(files, run):
    words = run("readiness", "ready.csv").stdout
    assert "ISO/IEC 42001:2023: 1 of 70 met" in words
    record = parsed(run("readiness", "ready.csv", "--json"))
    assert len(record["statement_of_applicability"]) == 38


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_blank_readiness_has_every_requirement_and_all_are_open(files, run, suffix):
    assert run("blank-readiness", f"new.{suffix}", "iso42001", "soc2_tsc").exit_code == 0
    record = parsed(run("readiness", f"new.{suffix}", "--json"))["frameworks"]
    known = shipped_frameworks()
    assert set(record) == {"iso42001_2023", "soc2_tsc_2017_2022"}
    for name, one in record.items():
        assert one["open"] == len(known[name].assessed()) > 0
        assert one["met"] == one["unstated"] == 0
    assert run("blank-readiness", f"all.{suffix}").exit_code == 0
    assert set(parsed(run("readiness", f"all.{suffix}", "--json"))["frameworks"]) == set(SIX)


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "json"])
def test_a_readiness_goes_out_in_each_form_and_comes_back(files, run, suffix):
    assert run("readiness", "ready.csv", "--out", f"again.{suffix}").exit_code == 0
    first = parsed(run("readiness", "ready.csv", "--json"))
    assert parsed(run("readiness", f"again.{suffix}", "--json")) == first
    there = run("readiness", "ready.csv", "--out", f"again.{suffix}")
    assert (there.exit_code, "Add --force" in there.stderr) == (2, True)
    assert run("readiness", "ready.csv", "--out", "again.ods").exit_code == 2


def test_a_heading_that_nothing_is_related_to_says_what_stands_below_it(files, run):
    words = run("crosswalk", "query", "iso42001", "A.7").stdout
    assert "related to nothing; below it stand A.7.2, A.7.3" in words
    apart = run("crosswalk", "query", "iso42001", "A.7.4", "--to", "atlas_5_6").stdout
    assert apart.endswith("  related to nothing of atlas_5_6\n")


def test_answers_with_an_unknown_point_are_refused_by_file_and_field(files, run):
    (files / "bad.yaml").write_text(ANSWERS.replace("III.5.b", "III.5.z, III.99"))
    done = run("ai-act", "bad.yaml", "--on", "2026-11-28")
    assert done.exit_code == 2
    first, second = done.stderr.splitlines()
    assert first.startswith("bad.yaml: annex_iii: is not known, got 'III.5.z', allowed III.1.a, ")
    assert "did you mean 'III.5." in first
    assert second.startswith("bad.yaml: annex_iii: is not known, got 'III.99'")


def test_a_blank_readiness_replaces_nothing_and_needs_something_to_assess(files, run):
    there = run("blank-readiness", "ready.csv")
    assert (there.exit_code, "Add --force" in there.stderr) == (2, True)
    assert "met" in (files / "ready.csv").read_text()
    empty = run("blank-readiness", "new.csv", "atlas_5_6")
    assert "atlas_5_6 has requirements that are met or not met" in empty.stderr
    assert not (files / "new.csv").exists()
    assert run("blank-readiness", "new.ods").exit_code == 2


def test_the_ai_act_says_tier_duties_and_ceiling_on_a_day(files, run):
    words = run("ai-act", "answers.yaml", "--on", "2026-11-28").stdout
    assert "High risk (Art. 6(2), Annex III.5.b)" in words
    assert "from 2027-12-02 (first set for 2026-08-02)" in words
    assert "not legal advice" in words or "check the Official Journal" in words
    record = parsed(run("ai-act", "answers.yaml", "--on", "2027-12-02", "--json"))
    assert all(one["applies"] for one in record["obligations"])
    assert record["fine_ceilings_eur"]["99.4"]["most"] == 30e6
    assert run("ai-act", "answers.yaml", "--on", "soon").exit_code == 2


def test_each_certainty_of_the_ai_act_is_marked_where_it_holds_and_said_once(files, run):
    words = run("ai-act", "answers.yaml", "--on", "2026-11-28").stdout
    record = parsed(run("ai-act", "answers.yaml", "--on", "2026-11-28", "--json"))
    told = {one["certainty"] for one in (*record["obligations"], *record["dates"])}
    told |= {one["certainty"] for one in record["fine_ceilings_eur"].values()}
    shown = [one for one in told if one in words]
    assert len(shown) > 2
    assert all(len(re.findall(f"(?m)^  \\d: {re.escape(one)}$", words)) == 1 for one in shown)
    body, _, end = words.partition("How certain this is")
    assert all(one not in body for one in told)
    marks = set(re.findall(r"\[\w[\w ]* (\d)\]", body))
    assert marks == set(re.findall(r"(?m)^  (\d): ", end)) != set()
    coming = [one for one in record["dates"] if not one["come"]]
    assert all(re.search(f"{one['day']}.*\\[secondary \\d\\]", body) for one in coming)


def test_roadmap_and_playbooks(files, run):
    bare = run("roadmap").stdout
    assert re.search(r"month +\d+, RM-101: CTL-\d", bare)
    assert "35 controls land by the last month; name a study to see which" in bare
    assert len(parsed(run("roadmap", "--json"))["tasks"]) == 19
    assert len(run("playbook").stdout.splitlines()) == 12
    record = parsed(run("playbook", "PB-01", "--start", "2026-11-28T12:00:00", "--json"))
    due = {one["id"]: one["due"] for one in record["clocks"]}
    assert due["TL-AIA-73-2"] == "2026-12-13T12:00:00+00:00"
    assert run("playbook", "PB-99").exit_code == 2


def test_the_playbooks_for_a_threat_are_listed(files, run):
    found = parsed(run("playbook", "--threat", "STAI-001", "--json"))["playbooks"]
    assert found
    assert len(found) < 12
    assert found[0]["id"] in run("playbook", "--threat", "STAI-001").stdout
    unknown = run("playbook", "--threat", "STAI-0001")
    assert (unknown.exit_code, "Such as STAI-0" in unknown.stderr) == (2, True)
    assert run("playbook", "PB-01", "--threat", "STAI-001").exit_code == 2


@pytest.mark.parametrize("suffix", ["csv", "tsv", "json"])
def test_our_crosswalk_is_clean_in_every_form_and_no_row_is_lost(files, run, suffix):
    assert run("crosswalk", "export", f"ours.{suffix}").exit_code == 0
    assert CLEAN in run("crosswalk", "lint", f"ours.{suffix}").stdout
    assert run("crosswalk", "diff", f"ours.{suffix}").stdout.startswith("0 rows added, 0 removed")


def test_a_threat_model_goes_out_to_other_programs_and_comes_back(files, run):
    done = run(
        "threats", "chat.yaml", "--otm", "a.json", "--navigator", "b.json", "--stix", "c.json"
    )
    assert done.exit_code == 0
    assert json.loads((files / "b.json").read_text())["domain"] == "atlas-atlas"
    objects = json.loads((files / "c.json").read_text())["objects"]
    days = {one[name] for one in objects for name in ("created", "modified")}
    assert days == {"2026-11-24T00:00:00Z"}, "that of the catalogues, whatever the day of the run"
    again = parsed(run("threats", "a.json", "--json"))
    assert again == parsed(run("threats", "chat.yaml", "--json"))


def test_rows_of_a_library_may_lead_to_a_framework_that_it_brings_along(files, run):
    house = "house-rules-1"
    sides = ("iso27001-2022", house)
    row = mapping("a.8.3", "r.1", "intersect", sides=sides)
    lost = mapping("a.99", "r.1", "intersect", sides=sides)
    (files / "good.yaml").write_bytes(library(set_of(row, sides=sides), more=FRAMEWORK))
    (files / "bad.yaml").write_bytes(library(set_of(row, lost, sides=sides), more=FRAMEWORK))
    assert CLEAN in run("crosswalk", "lint", "good.yaml").stdout
    found = run("crosswalk", "lint", "bad.yaml").stdout.splitlines()
    assert found[-2] == "Faults: 1 dangling."
    assert found[-1].startswith("requirement_mapping_sets 1 mappings row 2: dangling: ")


@pytest.mark.parametrize("suffix", ["csv", "tsv"])
def test_lint_names_the_line_of_the_file_as_the_gate_does(files, run, suffix):
    assert run("crosswalk", "export", f"ours.{suffix}").exit_code == 0
    lines = (files / f"ours.{suffix}").read_text().splitlines()
    wrong = [n for n, line in enumerate(lines) if "A.7.4" in line][3:5]
    for n in wrong:
        lines[n] = lines[n].replace("A.7.4", "A.7.44")
    (files / f"bad.{suffix}").write_text("\n".join([*lines, lines[-1], ""]))
    done = run("crosswalk", "lint", f"bad.{suffix}")
    found = [line.partition(": ")[0] for line in done.stdout.splitlines()[-3:]]
    assert found == [f"row {n + 1}" for n in (*wrong, len(lines))]
    assert f"stands in row {len(lines)}, too" in done.stdout
    record = json.loads(run("crosswalk", "lint", f"bad.{suffix}", "--json").stdout)
    assert [one["place"] for one in record["faults"]] == found


def test_a_clock_starts_when_it_is_told_to_wherever_that_was(files, run):
    def due(start):
        record = parsed(run("playbook", "PB-04", "--start", start, "--json"))
        return {one["id"]: one["due"] for one in record["clocks"]}["TL-GDPR-33"]

    assert due("2026-12-01T10:00+02:00") == due("2026-12-01T08:00") == "2026-12-04T08:00:00+00:00"
    words = run("playbook", "PB-04", "--start", "2026-12-01T08:00").stdout
    assert "by when (in UTC; " in words
    assert "2026-12-04 08:00 (72 hours)" in words
    assert "GDPR and NIS2 articles" in words  # recalled, and told so


def test_a_ceiling_without_a_turnover_is_not_called_the_most(files, run):
    (files / "silent.yaml").write_text(ANSWERS.replace("turnover: 1000000000", "small: false"))
    words = run("ai-act", "silent.yaml", "--on", "2026-11-28").stdout
    assert "at most €15M, or 3 % of a turnover that is not stated" in words
    assert "not stated (" not in run("ai-act", "answers.yaml", "--on", "2026-11-28").stdout


def test_marks_stand_wherever_a_row_or_a_threat_is_listed(files, run):
    lines = run("threats", "chat.yaml").stdout.splitlines()
    lines = [line for line in lines if "Chat-history or context tampering" in line]
    assert len(lines) == 2  # at the component and on the flow
    assert all("[editorial]" in line for line in lines)
    words = run("crosswalk", "coverage", "iso42001_2023", "eu_ai_act").stdout
    assert "  10 Data and data governance (by A.7.4, intersects, editorial)" in words
    assert "nothing is inherited from them" in words


def test_what_would_be_left_out_in_silence_is_told(files, run):
    args = ("crosswalk", "coverage", "soc2_tsc_2017_2022", "eu_ai_act")
    silent = run(*args, "--readiness", "ready.csv")
    assert silent.exit_code == 2
    assert "got 'nothing of it'. It has iso42001_2023." in silent.stderr
    row = "eu_ai_act,48,mark on the housing,A. Person,2026-11-24\n"
    (files / "proof.csv").write_text(f"framework,id,evidence,by,day\n{row}")
    told = run("crosswalk", "coverage", "iso42001", "eu_ai_act", "--evidence", "proof.csv")
    assert "the evidence for 48 is left aside: no row reaches it" in told.stderr


def test_evidence_of_a_day_to_come_does_not_count_until_then_and_is_told(files, run):
    row = "eu_ai_act_2024_1689,10,Report,A. Auditor,2099-01-02\n"
    (files / "proof.csv").write_text(f"framework,id,evidence,by,day\n{row}")
    asked = ("crosswalk", "coverage", "iso42001", "eu_ai_act", "--evidence", "proof.csv")
    today, then = run(*asked), run(*asked, "--on", "2099-01-02")
    assert "the evidence for 10 is dated 2099-01-02: it does not count on" in today.stderr
    assert "0 by evidence of their own" in today.stdout
    assert "1 by evidence of their own" in then.stdout
    assert then.stderr == ""
    assert run(*asked, "--on", "soon").exit_code == 2


@pytest.mark.parametrize("option", ["--draft", "--otm", "--navigator", "--stix"])
def test_no_command_writes_over_what_it_reads_forced_or_not(files, run, option):
    before = (files / "chat.yaml").read_bytes()
    (files / "link.yaml").symlink_to("chat.yaml")
    for out in ("chat.yaml", "./chat.yaml", "link.yaml"):
        refused = run("threats", "chat.yaml", option, out, "--force")
        assert (refused.exit_code, "another file than the one that is read" in refused.stderr) == (
            2,
            True,
        )
    assert (files / "chat.yaml").read_bytes() == before


def test_a_readiness_is_not_written_over_the_table_it_was_read_from(files, run):
    assert run("blank-readiness", "mine.csv", "nist_ai_rmf").exit_code == 0
    refused = run("readiness", "mine.csv", "--out", "mine.csv", "--force")
    assert (refused.exit_code, "another file than the one" in refused.stderr) == (2, True)


def test_no_file_is_written_where_one_of_them_is_refused(files, run):
    (files / "old.json").write_text("{}")
    done = run("threats", "chat.yaml", "--draft", "new.yaml", "--otm", "old.json")
    assert done.exit_code == 2
    assert not (files / "new.yaml").exists()
    twice = run("threats", "chat.yaml", "--otm", "a.json", "--stix", "a.json", "--force")
    assert twice.exit_code == 2
    assert not (files / "a.json").exists()


def test_what_is_met_in_part_is_not_called_open(files, run):
    with (files / "ready.csv").open("a") as table:
        table.write(
            "iso42001_2023,A.2.3,in part,2,3,CISO,,,\niso42001_2023,A.2.4,open,0,3,CISO,,,\n"
        )
    words = run("readiness", "ready.csv").stdout
    assert "\n  in part: A.2.3 " in words
    assert "\n  open: A.2.4 " in words
    assert "\n  not stated: A.3.2 " in words


def test_an_empty_file_lacks_no_scenarios_where_none_are_asked_for(files, run):
    (files / "empty.yaml").write_text("")
    assert run("threats", "empty.yaml").stderr == "empty.yaml: the file is empty\n"


def test_a_draft_of_an_editorial_threat_is_not_said_to_be_known(files, run):
    assert run("threats", "chat.yaml", "--draft", "out.yaml").exit_code == 0
    text = (files / "out.yaml").read_text()
    assert "Editorial: no incident is claimed." in text
    assert "Known by editorial" not in text
