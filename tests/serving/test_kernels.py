"""Kernels without processes: turns, room, culling, and a page that is made part by part."""

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from workbench.serving.kernels import (
    FEWEST,
    FORKED_MEMORY,
    MOST,
    PAGE_MEMORY,
    Kernels,
    Turns,
    most_kernels,
)
from workbench.serving.rendering import Rendering


async def settle():
    for _ in range(20):
        await asyncio.sleep(0.002)


def run(job):
    return asyncio.run(asyncio.wait_for(job, 10))


def kernel_manager(tmp_path):
    parent = SimpleNamespace(root_dir=str(tmp_path))
    return Kernels(root_dir=parent.root_dir, cull_idle_timeout=1)


def test_a_promoted_page_does_not_wait_for_viewers_who_came_later(tmp_path):
    class Waiting:
        fault = ""

        async def pieces(self, _kernel_id, kernel):
            await kernel()
            yield ""

    async def story():
        turns, came = Turns(1), []

        async def viewer():
            await turns.take(for_viewer=True)
            came.append("viewer")

        await turns.take(for_viewer=True)
        kernels = kernel_manager(tmp_path)

        async def start(**_options):
            came.append("page")

        kernels.start_kernel, kernels.get_kernel = start, lambda _: None
        kernels.add_restart_callback = lambda *_: None
        page = Rendering(Waiting(), kernels, turns, "one", for_viewer=False)
        await settle()
        page.promote()
        waiting = asyncio.create_task(viewer())
        await settle()
        turns.give()
        await settle()
        assert came[0] == "page"
        await waiting

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
    assert FEWEST <= most_kernels(FORKED_MEMORY) <= MOST
    kernels.most, kernels.promised = None, {str(n) for n in range(most_kernels(PAGE_MEMORY))}
    assert not kernels.have_room()
    kernels.forks = SimpleNamespace(serve=True)
    assert kernels.have_room() == (most_kernels(FORKED_MEMORY) > most_kernels(PAGE_MEMORY))


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
