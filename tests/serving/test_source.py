"""The study as it is now: read once for each version, with what is wrong in it."""

import asyncio

from workbench.serving.source import Source, faults_of

TABLE = (
    "id,name,aro_low,aro_mode,aro_high,asset_value,ef_low,ef_mode,ef_high,likelihood,consequence\n"
)
ROW = "a,Theft of data,0.1,0.2,0.5,{value},0.1,0.2,0.4,3,4\n"


def run(job):
    return asyncio.run(asyncio.wait_for(job, 10))


def test_the_gate_reads_each_version_once_and_says_what_is_wrong(tmp_path):
    study, checked = tmp_path / "study.csv", []

    def check(path):
        checked.append(path.name)
        return faults_of(path)

    async def story():
        study.write_text(TABLE + ROW.format(value=1000))
        source = Source(study, check)
        first = await source.state()
        assert await source.state() == first
        assert first.faults == ()
        study.write_text(TABLE + ROW.format(value="much"))
        second = await source.state()
        assert "row 2" in second.faults[0]
        assert "much" in second.faults[0]
        assert second.faults[0].startswith("study.csv: "), "where the file is concerns no viewer"
        assert second.digest != first.digest
        assert len(checked) == 2
        study.unlink()
        assert "not there" in (await source.state()).faults[0]

    run(story())


def test_a_study_without_scenarios_has_no_pages(tmp_path):
    study = tmp_path / "study.yaml"
    study.write_text("study: {name: Empty, currency: EUR}\nscenarios: []\n")
    found = faults_of(study)
    assert len(found) == 1
    assert "scenario" in found[0]


def test_a_file_that_is_written_while_the_gate_reads_is_read_again(tmp_path):
    study = tmp_path / "study.csv"
    study.write_text("one")
    texts = []

    def check(path):
        texts.append(path.read_text())
        if len(texts) == 1:
            path.write_text("two")
        return (texts[-1],)

    state = run(Source(study, check).state())
    assert state.faults == ("two",)
