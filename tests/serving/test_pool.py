"""The pool with pages that are no more than promises: what is handed out, dropped and renewed."""

import asyncio
import logging
from types import SimpleNamespace

import pytest

from workbench.serving import pool as pool_module
from workbench.serving.desk import Desk, Notice
from workbench.serving.kernels import Kernels
from workbench.serving.pool import Pool
from workbench.serving.source import SourceState


class FakePage:
    """A page that is whole once somebody says so."""

    def __init__(self, source):
        self.source, self.is_done, self.has_failed, self.is_ended = source, False, False, False
        self.is_promoted, self.is_gone = False, asyncio.Event()
        self.is_gone.set()
        self._whole = asyncio.Event()

    def promote(self):
        self.is_promoted = True

    def complete(self, *, failed=False):
        self.is_done, self.has_failed = True, failed
        self._whole.set()

    async def finished(self):
        await self._whole.wait()

    async def end(self):
        self.is_ended = True
        self._whole.set()
        await self.is_gone.wait()


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
        await settle()
        assert bench.made[0].is_ended
        await pool.close()

    run(story())


def test_nobody_waits_for_the_end_of_an_older_page_but_the_end_of_the_server(bench):
    async def story():
        pool = bench.pool()
        pool.refill()
        await settle()
        bench.made[0].is_gone.clear()
        assert await asyncio.wait_for(pool.take("a.ipynb", "two"), 1) is None
        closing = asyncio.create_task(pool.close())
        await settle()
        assert bench.made[0].is_ended
        assert not closing.done()
        bench.made[0].is_gone.set()
        await closing

    run(story())


def test_a_page_that_is_handed_out_half_done_goes_with_the_viewers_from_then_on(bench):
    async def story():
        pool = bench.pool()
        pool.refill()
        await settle()
        page = await pool.take("a.ipynb", "one")
        assert not page.is_done
        assert page.is_promoted
        await pool.close()

    run(story())


def test_a_fault_of_one_look_is_logged_once_and_the_next_edit_is_seen(bench, caplog):
    async def story():
        seen = bench.source.signature

        def fault():
            raise OSError("too many open files")

        bench.source.signature = fault
        pool = bench.pool()
        pool.open()
        await settle()
        assert [record.levelno for record in caplog.records] == [logging.ERROR]
        assert "too many open files" in caplog.text
        bench.source.signature = seen
        await settle()
        assert len(bench.made) == 1
        await pool.close()

    run(story())


@pytest.fixture
def desk(tmp_path, monkeypatch, bench):
    """Return a desk for two notebooks whose pages are promises, at most two kernels."""
    kernels = kernel_manager(tmp_path)
    kernels.most = 2
    assets = SimpleNamespace(address="assets")
    voila = SimpleNamespace(kernel_manager=kernels, base_url="/", assets=assets)
    found = Desk(tmp_path / "study.csv", ["a.ipynb", "b.ipynb"], 1, voila)
    found.source = bench.source

    def made(_notebook, digest, *, for_viewer=False):
        page = FakePage(digest)
        page.kernel_id = f"kernel {len(bench.made)}"
        kernels.promised.add(page.kernel_id)
        bench.made.append(page)
        return page

    monkeypatch.setattr(found, "_made", made)
    return found


def test_on_a_full_machine_a_page_that_waits_gives_way_and_one_that_was_handed_out_does_not(
    desk, bench
):
    async def story():
        waiting = desk._made("b.ipynb", "one")
        waiting.end = lambda: leave(desk.kernels, waiting)
        desk.pool.pages["b.ipynb"].append(waiting)
        first, second = await desk.page("a.ipynb"), await desk.page("a.ipynb")
        assert not isinstance(first, Notice)
        assert not isinstance(second, Notice)
        assert desk.pool.pages["b.ipynb"] == []
        assert isinstance(await desk.page("a.ipynb"), Notice), "two kernels, both handed out"
        assert not first.is_ended
        assert not second.is_ended
        await desk.close()

    run(story())


def leave(kernels, page):
    """What `Rendering.end` does to the kernels: room at once, the end later."""
    kernels.leaving.add(page.kernel_id)
    return FakePage.end(page)


@pytest.mark.parametrize("fault", [RuntimeError, asyncio.CancelledError, GeneratorExit])
def test_a_page_whose_sending_fails_is_ended(desk, fault):
    async def story():
        page = await desk.page("a.ipynb")
        with pytest.raises(fault):
            async with desk.delivery(page):
                raise fault
        assert page.is_ended
        whole = await desk.page("a.ipynb")
        async with desk.delivery(whole):
            pass
        assert not whole.is_ended
        await desk.close()

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


def kernel_manager(tmp_path):
    parent = SimpleNamespace(root_dir=str(tmp_path))
    return Kernels(root_dir=parent.root_dir, cull_idle_timeout=1)
