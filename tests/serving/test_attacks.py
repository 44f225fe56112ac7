"""What a hostile viewer sends, to a real server with a real kernel behind it."""

import asyncio
import http.client
import json
import time
import urllib.request
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from workbench.serving.messages import CONTROL_TARGET, LARGEST, V1, split

QUIET = 1.2  # s in which a refused message would have had its effect


def told(frame):
    """Return (kind, content) of a frame from the server."""
    parts = split(frame)
    return json.loads(parts[1])["msg_type"], json.loads(parts[4])


async def listen(viewer, until, seconds=15.0):
    """Return the first content for which `until(kind, content)` holds, or None in that time."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        try:
            frame = await asyncio.wait_for(viewer.socket.read_message(), left)
        except TimeoutError:
            return None
        if frame is None:
            return None
        kind, content = told(frame)
        if until(kind, content):
            return content
    return None


async def states(viewer):
    """Ask for all models as a page does, and return {comm id: state}."""
    control = "c" * 32
    opening = {"comm_id": control, "target_name": CONTROL_TARGET, "data": {}}
    await viewer.say("comm_open", opening)
    await viewer.say("comm_msg", {"comm_id": control, "data": {"method": "request_states"}})
    answer = await listen(
        viewer, lambda k, c: k == "comm_msg" and c["data"].get("method") == "update_states"
    )
    assert answer is not None, viewer.server.logged()
    return {name: part["state"] for name, part in answer["data"]["states"].items()}


async def slider_of(viewer):
    found = await states(viewer)
    return next(name for name, state in found.items() if state.get("label") == "Share")


async def update(viewer, comm, state):
    data = {"method": "update", "state": state, "buffer_paths": []}
    await viewer.say("comm_msg", {"comm_id": comm, "data": data})


def is_figure(kind, content):
    state = content.get("data", {}).get("state", {}) if kind == "comm_msg" else {}
    return "doubled" in str(state.get("value"))


def says(content, text):
    # the value alone: an id is random and may hold any digits
    return content["data"]["state"].get("value") == text


def test_a_slider_moves_and_a_rewritten_bound_does_not(viewer):
    async def attack():
        await viewer.connect()
        slider = await slider_of(viewer)
        await update(viewer, slider, {"value": 12.0})
        moved = await listen(viewer, is_figure)
        await update(viewer, slider, {"high": 60.0})
        restored = await listen(viewer, lambda _k, c: "high" in c.get("data", {}).get("state", {}))
        await update(viewer, slider, {"value": 55.0})
        capped = await listen(viewer, is_figure)
        await update(viewer, slider, {"value": 44.0, "high": 100.0, "step": 0.5})
        await update(viewer, slider, {"value": 3.0})
        after = await listen(viewer, lambda k, c: is_figure(k, c) and not says(c, "doubled 40"))
        await viewer.leave()
        return moved, restored, capped, after

    moved, restored, capped, after = asyncio.run(attack())
    assert moved["data"]["state"]["value"] == "doubled 24"
    assert restored["data"]["state"]["high"] == 20
    assert capped["data"]["state"]["value"] == "doubled 40"
    assert after["data"]["state"]["value"] == "doubled 6"


def test_no_message_runs_code(viewer, tmp_path):
    target = tmp_path / "PWNED"
    code = f"open({str(target)!r}, 'w').write('x')"
    request = {"code": code, "silent": False, "store_history": False, "stop_on_error": False}
    request |= {"user_expressions": {"x": code}, "allow_stdin": False}

    async def attack():
        await viewer.connect()
        slider = await slider_of(viewer)
        for channel in ("shell", "control", "stdin"):
            await viewer.say("execute_request", request, channel)
        for kind in ("complete_request", "inspect_request", "debug_request", "shutdown_request"):
            await viewer.say(kind, {"code": code, "cursor_pos": 3, "restart": False})
        await viewer.say("comm_open", {"comm_id": "x", "target_name": "jupyter.widget", "data": {}})
        await viewer.say("comm_open", {"comm_id": "y", "target_name": "dashboards.evil"})
        await viewer.say("comm_msg", {"comm_id": "z", "data": {"method": "update", "state": {}}})
        await viewer.say("comm_close", {"comm_id": slider})
        await asyncio.sleep(QUIET)
        await update(viewer, slider, {"value": 1.0})  # the kernel is there, and answers
        answer = await listen(viewer, is_figure)
        await viewer.leave()
        return answer

    assert asyncio.run(attack()) is not None
    assert not target.exists()
    logged = viewer.server.logged()
    for refused in ("execute_request", "jupyter.widget", "dashboards.evil", "comm_close"):
        assert refused in logged


def test_legacy_framing_is_refused_before_the_handshake(viewer):
    path = f"/api/kernels/{viewer.kernel}/channels?session_id=x"
    assert viewer.server.handshake(path) == 400
    assert viewer.server.handshake(path, Sec_WebSocket_Protocol="v0.kernel.jupyter.org") == 400
    assert viewer.server.handshake(path, Sec_WebSocket_Protocol=f"other, {V1}") == 101
    assert viewer.server.get("/")[0] == 302


def test_bad_frames_on_a_good_socket_hang_nothing(viewer):
    async def attack():
        await viewer.connect()
        await viewer.socket.write_message((2**62).to_bytes(8, "little") * 100, binary=True)
        await viewer.socket.write_message(b"\x7f\xff\xff\xff" * 50, binary=True)
        await viewer.socket.write_message('{"header": {"msg_type": "execute_request"}}')
        await viewer.socket.write_message(b"x" * (LARGEST + 1), binary=True)
        slider = await slider_of(viewer)
        await update(viewer, slider, {"value": 2.0})
        answer = await listen(viewer, is_figure)
        await viewer.socket.write_message(b"x" * (5 * LARGEST), binary=True)
        await listen(viewer, lambda *_: False, seconds=5)
        close_code = viewer.socket.close_code
        await viewer.leave()
        return answer, close_code

    answer, close_code = asyncio.run(attack())
    assert answer["data"]["state"]["value"] == "doubled 4"
    assert close_code is not None
    assert "262145 bytes" in viewer.server.logged()


def test_a_flood_is_cut_and_the_server_stays_quick(viewer):
    async def attack():
        await viewer.connect()
        slider = await slider_of(viewer)
        for value in range(2000):
            await update(viewer, slider, {"value": float(value % 21)})
        start = time.monotonic()
        status, _ = await asyncio.to_thread(viewer.server.get, "/")
        quick = time.monotonic() - start
        await asyncio.sleep(QUIET)
        await update(viewer, slider, {"value": 9.0})
        answer = await listen(viewer, lambda k, c: is_figure(k, c) and "18" in str(c))
        await viewer.leave()
        return status, quick, answer

    status, quick, answer = asyncio.run(attack())
    assert status == 302
    assert quick < 2
    assert answer is not None
    assert viewer.server.logged().count("more messages than allowed") < 100


def test_a_page_of_another_host_cannot_connect(viewer):
    path = f"/api/kernels/{viewer.kernel}/channels?session_id=x"
    asked = {"Sec_WebSocket_Protocol": V1, "Origin": "http://evil.example"}
    assert viewer.server.handshake(path, **asked) == 403


@pytest.mark.parametrize(("sent", "wanted"), [(b"", 204), (b"_xsrf=", 204), (b"_xsrf=2|a", 403)])
def test_who_has_not_the_key_of_a_page_does_not_end_its_kernel(viewer, sent, wanted):
    place = f"/voila/api/shutdown/{viewer.kernel}"
    form = {"Cookie": viewer.cookies, "Content-Type": "application/x-www-form-urlencoded"}
    with closing(http.client.HTTPConnection(urlsplit(viewer.server.base).netloc)) as connection:
        connection.request("POST", place, sent, form)
        assert connection.getresponse().status == wanted
    assert viewer.server.get(f"/api/kernels/{viewer.kernel}")[0] == 200


def test_closing_the_page_ends_its_kernel(viewer):

    key = dict(pair.split("=", 1) for pair in viewer.cookies.split("; "))["workbench-xsrf"]
    request = urllib.request.Request(
        f"{viewer.server.base}/voila/api/shutdown/{viewer.kernel}",
        data=f"_xsrf={key}".encode(),
        headers={"Cookie": viewer.cookies},
    )
    assert viewer.server.get(f"/api/kernels/{viewer.kernel}")[0] == 200
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 204
    assert viewer.server.get(f"/api/kernels/{viewer.kernel}")[0] == 404


def test_the_subprotocol_is_the_published_one():
    assert V1 == "v1.kernel.websocket.jupyter.org"
