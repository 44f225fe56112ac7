"""The pool with pages that are no more than promises: what is handed out, dropped and renewed."""

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from workbench.serving import pool as pool_module
from workbench.serving.kernels import FEWEST, MOST, Kernels, Turns, most_kernels
from workbench.serving.pool import Pool
from workbench.serving.rendering import Rendering
from workbench.serving.source import Source, SourceState, faults_of

TABLE = (
    "id,name,aro_low,aro_mode,aro_high,asset_value,ef_low,ef_mode,ef_high,likelihood,consequence\n"
)
ROW = "a,Theft of data,0.1,0.2,0.5,{value},0.1,0.2,0.4,3,4\n"


class FakePage:
    """A page that is whole once somebody says so."""

    def __init__(self, source):
        self.source, self.is_done, self.has_failed, self.is_ended = source, False, False, False
        self._whole = asyncio.Event()

    def complete(self, *, failed=False):
        self.is_done, self.has_failed = True, failed
        self._whole.set()

    async def finished(self):
        await self._whole.wait()

    async def end(self):
        self.is_ended = True
        self._whole.set()


class FakeSource:
    """A study of which only the digest matters."""

    def __init__(self):
        self.now, self.faults = "one", ()

    async def digest(self):
        return self.now

    async def state(self):
        return SourceState(self.now, self.faults)

    def signature(self):
        return ((self.now, 0, 0),)


@pytest.fixture
def bench(monkeypatch):
    """Return a source, the pages made so far, and a function that makes a pool."""
    monkeypatch.setattr(pool_module, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(pool_module, "REFILL_AFTER", 0.0)
    source, made = FakeSource(), []

    def make(_notebook, digest):
        made.append(FakePage(digest))
        return made[-1]

    def new_pool(size=1, names=("a.ipynb",), room=True):
        kernels = SimpleNamespace(have_room=lambda **_: room)
        return Pool(list(names), size, make, source, kernels)

    return SimpleNamespace(source=source, made=made, pool=new_pool)


async def settle():
    for _ in range(20):
        await asyncio.sleep(0.002)


def run(job):
    return asyncio.run(asyncio.wait_for(job, 10))


def test_a_page_that_waits_is_handed_out_once_and_replaced(bench):
    async def story():
        pool = bench.pool()
        pool.open()
        await settle()
        bench.made[0].complete()
        assert await pool.take("a.ipynb", "one") is bench.made[0]
        assert await pool.take("a.ipynb", "one") is None
        await settle()
        assert len(bench.made) == 2
        await pool.close()

    run(story())


def test_a_page_of_an_older_study_is_ended_and_not_handed_out(bench):
    async def story():
        pool = bench.pool()
        pool.refill()
        await settle()
        bench.made[0].complete()
        bench.source.now = "two"
        assert await pool.take("a.ipynb", "two") is None
        assert bench.made[0].is_ended
        await pool.close()

    run(story())


def test_an_edit_ends_also_a_page_that_is_being_computed_and_a_new_one_follows(bench):
    async def story():
        pool = bench.pool()
        pool.open()
        await settle()
        assert not bench.made[0].is_done
        bench.source.now = "two"
        await settle()
        assert bench.made[0].is_ended
        assert [page.source for page in bench.made] == ["one", "two"]
        bench.made[1].complete()
        assert await pool.take("a.ipynb", "two") is bench.made[1]
        await pool.close()

    run(story())


def test_a_page_that_read_another_version_than_it_was_begun_with_is_judged_by_what_it_read(bench):
    async def story():
        pool = bench.pool()
        pool.refill()
        await settle()
        bench.made[0].source = "two"  # what its HTML carries
        bench.made[0].complete()
        assert await pool.take("a.ipynb", "one") is None
        await pool.close()

    run(story())


def test_a_failed_page_is_dropped_and_not_tried_for_ever(bench):
    async def story():
        pool = bench.pool()
        pool.open()
        await settle()
        bench.made[0].complete(failed=True)
        await settle()
        assert bench.made[0].is_ended
        assert await pool.take("a.ipynb", "one") is None
        assert len(bench.made) == 1
        bench.source.now = "two"
        await settle()
        assert len(bench.made) == 2, "an edit may have mended it"
        await pool.close()

    run(story())


def test_a_faulty_study_is_not_computed_until_it_is_mended(bench):
    async def story():
        bench.source.faults = ("row 1: no",)
        pool = bench.pool()
        pool.open()
        await settle()
        assert bench.made == []
        bench.source.now, bench.source.faults = "two", ()
        await settle()
        assert len(bench.made) == 1
        await pool.close()

    run(story())


@pytest.mark.parametrize("options", [{"size": 0}, {"room": False}])
def test_no_pool_and_no_room_compute_nothing_ahead(bench, options):
    async def story():
        pool = bench.pool(**options)
        pool.open()
        pool.refill()
        await settle()
        assert bench.made == []
        await pool.close()

    run(story())


def test_every_notebook_gets_its_pages(bench):
    async def story():
        pool = bench.pool(size=2, names=("a.ipynb", "b.ipynb"))
        pool.open()
        for _ in range(4):
            await settle()
            bench.made[-1].complete()
        await settle()
        assert [len(pages) for pages in pool.pages.values()] == [2, 2]
        assert len(bench.made) == 4
        await pool.close()

    run(story())


def test_turns_are_bounded_and_viewers_go_first():
    async def story():
        turns, order = Turns(2), []

        async def work(name, for_viewer):
            await turns.take(for_viewer=for_viewer)
            order.append(name)

        for name in ("a", "b"):
            await work(name, for_viewer=False)
        waiting = [
            asyncio.create_task(work(name, for_viewer=name != "pool"))
            for name in ("pool", "gone", "first", "second")
        ]
        await settle()
        assert order == ["a", "b"]
        waiting[1].cancel()
        for _ in range(3):
            turns.give()
            await settle()
        assert order == ["a", "b", "first", "second", "pool"]
        turns.give()
        assert turns.free == 1

    run(story())


def test_a_turn_that_comes_to_someone_who_just_left_is_passed_on():
    async def story():
        turns = Turns(1)
        await turns.take(for_viewer=True)
        leaving = asyncio.create_task(turns.take(for_viewer=True))
        await settle()
        turns.give()
        leaving.cancel()
        await settle()
        assert turns.free == 1

    run(story())


def kernel_manager(tmp_path):
    parent = SimpleNamespace(root_dir=str(tmp_path))
    return Kernels(root_dir=parent.root_dir, cull_idle_timeout=1)


def test_a_kernel_that_waits_is_never_culled_and_one_that_was_handed_out_begins_to_count(
    tmp_path, monkeypatch
):
    async def story():
        kernels = kernel_manager(tmp_path)
        old = datetime.now(UTC) - timedelta(hours=1)
        kernel = SimpleNamespace(
            last_activity=old,
            execution_state="idle",
            kernel_name="python3",
            kernel_spec=SimpleNamespace(metadata={}),
        )
        ended = []

        async def shut(kernel_id, **_options):
            ended.append(kernel_id)

        kernels._kernels["k"] = kernel
        monkeypatch.setattr(kernels, "shutdown_kernel", shut)
        kernels.kept.add("k")
        await kernels.cull_kernel_if_idle("k")
        assert ended == []
        kernels.hand_out("k")
        await kernels.cull_kernel_if_idle("k")
        assert ended == [], "its page has a moment to connect"
        kernel.last_activity = old
        await kernels.cull_kernel_if_idle("k")
        assert ended == ["k"], "a page that never connected does not keep it for ever"
        kernels._kernels.clear()

    run(story())


def test_there_is_room_for_so_many_kernels_also_for_those_that_are_only_promised(tmp_path):
    kernels = kernel_manager(tmp_path)
    kernels.most = 2
    assert kernels.have_room(spare=1)
    kernels.promised.add("a")
    assert kernels.have_room()
    assert not kernels.have_room(spare=1)
    kernels.promised.add("b")
    assert not kernels.have_room()
    assert FEWEST <= most_kernels() <= MOST


class Pieces:
    """A renderer that gives prepared HTML."""

    fault = ""

    def __init__(self, *pieces):
        self.pieces_given = pieces

    async def pieces(self, _kernel_id, _kernel):
        for piece in self.pieces_given:
            await asyncio.sleep(0.03)
            yield piece


@pytest.mark.parametrize("quote", ['"', '\\"', "\\u0022", "\\u0027"])
def test_a_rendering_gives_its_parts_its_heartbeats_and_the_digest_that_it_carries(tmp_path, quote):
    async def story():
        carried = "ab" * 32
        html = Pieces("<p>", f"<section data-source={quote}{carried}{quote}>", "</p>")
        page = Rendering(html, kernel_manager(tmp_path), Turns(1), "begun", for_viewer=True)
        assert page.source == "begun"
        heard = [part async for part in page.parts(0.01)]
        assert None in heard
        assert "".join(filter(None, heard)) == "".join(html.pieces_given)
        assert page.source == carried
        assert page.is_done
        assert not page.has_failed

    run(story())


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
