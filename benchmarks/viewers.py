"""Twenty viewers at once: how long a move takes each, how much memory, and what is left behind.

All but one are sockets that do what a page does: load it, ask for the widgets' states, move a
slider, end their kernel. The last one is a page in Chromium, and its moves are measured up to the
frame that shows them. The server, the viewers and the browser share the same cores.
"""

import asyncio
import json
import re
import shutil
import statistics
import time
import uuid
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

from dashboard import (
    CHART,
    CHROMIUM,
    FLAGS,
    MARKS,
    SLIDER,
    Served,
    family_of,
    positions,
    proportional_memory,
    server,
)
from measuring import seconds, table
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import websocket_connect

from workbench.serving.desk import AT_ONCE
from workbench.serving.gate import XSRF_COOKIE
from workbench.serving.messages import V1, split

VIEWERS = 20
POOL = 1
PATIENCE = 300_000  # ms; the last of twenty waits for the others
PAUSE = 1.0  # s between two moves of one viewer


@dataclass
class Viewer:
    """What a page is to the server."""

    address: str
    kernel: str = ""
    cookie: str = ""
    slider: str = ""
    ready: float = 0.0  # s from the address to the states of its widgets
    moves: list[float] = field(default_factory=list)  # s from a move to the chart's message
    socket: Any = None

    async def come(self) -> None:
        """Load the page, connect, and find the first slider."""
        start = time.perf_counter()
        patience = PATIENCE / 1e3
        place = HTTPRequest(self.address, connect_timeout=patience, request_timeout=patience)
        page = await AsyncHTTPClient().fetch(place)
        cookies = SimpleCookie()
        for header in page.headers.get_list("Set-Cookie"):
            cookies.load(header)
        self.cookie = cookies[XSRF_COOKIE].value
        found = re.search(r'"kernelId": "([\w-]+)"', page.body.decode())
        if found is None:
            raise RuntimeError("a page came without a kernel")
        self.kernel = found[1]
        root = self.address.rstrip("/")
        channels = f"{root.replace('http', 'ws', 1)}/api/kernels/{self.kernel}/channels"
        request = HTTPRequest(f"{channels}?session_id={uuid.uuid4().hex}", headers={"Origin": root})
        self.socket = await websocket_connect(request, subprotocols=[V1])
        self.slider = await self._first_slider()
        self.ready = time.perf_counter() - start

    async def _first_slider(self) -> str:
        comm = uuid.uuid4().hex
        opening = {"comm_id": comm, "target_name": "jupyter.widget.control", "data": {}}
        await self._say("comm_open", opening)
        await self._say("comm_msg", {"comm_id": comm, "data": {"method": "request_states"}})
        while True:
            _, content = await self._hear()
            states = content.get("data", {}).get("states") if isinstance(content, dict) else None
            for model, found in (states or {}).items():
                if {"low", "high", "step", "value"} <= set(found.get("state", {})):
                    return str(model)

    async def move(self, value: float) -> None:
        """Move the slider and wait for the chart's message."""
        start = time.perf_counter()
        data = {"method": "update", "state": {"value": value}, "buffer_paths": []}
        asked = await self._say("comm_msg", {"comm_id": self.slider, "data": data})
        while True:
            parent, content = await self._hear()
            changed = content.get("data", {}).get("state", {}) if parent == asked else {}
            if {"overlay", "figure"} & set(changed):
                break
        self.moves.append(time.perf_counter() - start)

    async def leave(self) -> None:
        """End the kernel as a page does when it closes."""
        place = f"{self.address}voila/api/shutdown/{self.kernel}"
        headers = {"Cookie": f"{XSRF_COOKIE}={self.cookie}"}
        request = HTTPRequest(place, "POST", headers, body=f"_xsrf={self.cookie}")
        await AsyncHTTPClient().fetch(request)
        self.socket.close()

    async def _say(self, kind: str, content: dict[str, Any]) -> str:
        """Send one message in v1 framing and return its id."""
        header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": "s", "version": "5.3"}
        header |= {"username": "viewer", "date": "2026-01-01T00:00:00Z"}
        parts = [b"shell"] + [
            json.dumps(part).encode() for part in (header, {}, {"version": "1.0.0"}, content)
        ]
        ends = [8 * (len(parts) + 2)]
        for part in parts:
            ends.append(ends[-1] + len(part))
        numbers = [n.to_bytes(8, "little") for n in (len(ends), *ends)]
        await self.socket.write_message(b"".join(numbers + parts), binary=True)
        return header["msg_id"]

    async def _hear(self) -> tuple[str, dict[str, Any]]:
        """Return the parent's id and the content of the next message."""
        frame = await asyncio.wait_for(self.socket.read_message(), PATIENCE / 1e3)
        if not isinstance(frame, bytes):
            raise TypeError("the server closed a viewer's socket")
        parts = split(frame)
        return str(json.loads(parts[2]).get("msg_id")), json.loads(parts[4])


@dataclass(frozen=True)
class Crowd:
    """What was measured; seconds and MiB."""

    ready: list[float]
    page_ready: float
    socket_moves: list[float]
    page_moves: list[float]
    kernels: int
    memory: float
    emptied: float


async def crowd(browser: str, served: Served, viewers: int, moves: int) -> Crowd:
    """Let all come at once, move together, and leave."""
    from playwright.async_api import async_playwright

    AsyncHTTPClient.configure(None, max_clients=2 * viewers)
    others = [Viewer(served.address) for _ in range(viewers - 1)]
    async with async_playwright() as driver:
        chrome = await driver.chromium.launch(executable_path=browser, args=list(FLAGS))
        page = await chrome.new_page(viewport={"width": 1280, "height": 900})
        await page.add_init_script(path=MARKS)

        async def open_page() -> float:
            start = time.perf_counter()
            await page.goto(served.address, wait_until="commit", timeout=PATIENCE)
            await page.wait_for_selector(SLIDER, timeout=PATIENCE)
            slider = time.perf_counter() - start
            await page.wait_for_selector(CHART, timeout=PATIENCE)
            return slider

        opening = asyncio.create_task(open_page())
        await asyncio.gather(*(each.come() for each in others))
        page_ready = await opening
        await asyncio.to_thread(served.settle, viewers + POOL)
        kernels = served.kernels()
        memory = sum(map(proportional_memory, family_of(served.process)))
        painted = await _moved(page, others, moves)
        await asyncio.gather(*(each.leave() for each in others))
        await page.close(run_before_unload=True)
        emptied = await asyncio.to_thread(served.settle, POOL)
        await chrome.close()
    in_sockets = [move for each in others for move in each.moves[1:]]
    ready = [each.ready for each in others]
    return Crowd(ready, page_ready, in_sockets, painted, len(kernels), memory, emptied)


async def _moved(page: Any, others: list[Viewer], moves: int) -> list[float]:
    """Move all sliders, each viewer at its own time; return the page's seconds to the paint."""
    values = positions(moves + 1)

    async def in_socket(each: Viewer, number: int) -> None:
        await asyncio.sleep(PAUSE * number / len(others))
        for value in values:
            await each.move(value)
            await asyncio.sleep(PAUSE)

    async def in_page() -> list[float]:
        found = []
        for value in values:
            marks = await page.evaluate("value => __move(value)", value)
            found.append((marks["painted"] - marks["start"]) / 1e3)
            await asyncio.sleep(PAUSE)
        return found[1:]

    jobs = [in_socket(each, number) for number, each in enumerate(others)]
    painting = asyncio.create_task(in_page())
    await asyncio.gather(*jobs)
    return await painting


def row(name: str, found: list[float]) -> list[str]:
    """Return a line of the table: p50, p95 and the largest."""
    p95 = statistics.quantiles(found, n=20, method="inclusive")[-1]
    return [name, seconds(statistics.median(found)), seconds(p95), seconds(max(found))]


def report(*, quick: bool) -> list[str]:
    """Return the section's lines."""
    browser = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if browser is None:
        return ["## Viewers", "", "Not measured: there is no Chromium on this machine."]
    viewers, moves = (4, 5) if quick else (VIEWERS, 25)
    with server(pool=POOL) as served:
        served.settle(POOL)
        seen = asyncio.run(crowd(browser, served, viewers, moves))
    return [
        "## Viewers",
        "",
        f"{viewers} viewers of the overview at once: one page in headless Chromium and",
        f"{viewers - 1} sockets that do what a page does. {POOL} page waited for them; the others",
        f"start {AT_ONCE} at a time. Each then moves a slider about once a second.",
        f"The page's slider could be used after {seconds(seen.page_ready)}. {seen.kernels} kernels",
        f"and what they are forked from take {seen.memory:.0f} MiB together (PSS). After all",
        f"have closed, {POOL} kernel was left, the pool's, within {seconds(seen.emptied)}.",
        "",
        *table(
            ["", "p50", "p95", "largest"],
            [
                row("address to the states of the widgets (sockets)", seen.ready),
                row("slider to the chart's message (sockets)", seen.socket_moves),
                row("slider to the redrawn chart (page)", seen.page_moves),
            ],
        ),
    ]
