"""Dashboards behind a proxy with a prefix, as a hosted image has them.

The front is a small proxy of this test's own and, where jupyter-server-proxy is installed (it is
in binder/proxy.lock, not in requirements.lock), a Jupyter server with binder's configuration.
"""

import asyncio
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tornado import httpclient, httpserver, ioloop, netutil, web, websocket

pytestmark = pytest.mark.browser

BINDER = Path(__file__).resolve().parents[2] / "binder"
FRONTS = ["small", "jupyter"] if find_spec("jupyter_server_proxy") else ["small"]
PATIENCE = 60.0  # s
QUIET = 1.5  # s in which a refused message would have had its effect
LOGIN = "the-login-of-this-test"
TOKEN = "a-token-that-only-the-proxy-knows"
SERVE = """
import json, sys
from pathlib import Path
from workbench.serving import serve_dashboards
options = json.loads(sys.argv[1])
sys.exit(serve_dashboards(None, folder=Path(options.pop("folder")), pool=0, **options))
"""
# What a hostile viewer tries on the page's own websocket: run code, and say whether it ran.
ATTACK = """
async ([base, kernel, target]) => {
  const place = `${base}api/kernels/${kernel}/channels?session_id=attack`.replace(/^http/, "ws");
  const socket = new WebSocket(place, ["v1.kernel.websocket.jupyter.org"]);
  socket.binaryType = "arraybuffer";
  await new Promise((ok, no) => { socket.onopen = ok; socket.onerror = no; });
  const said = [];
  socket.onmessage = ({ data }) => said.push(new TextDecoder().decode(data));
  const send = (kind, content) => {
    const header = { msg_id: kind, msg_type: kind, session: "s", username: "u", version: "5.3",
                     date: new Date().toISOString() };
    const parts = ["shell", ...[header, {}, {}, content].map((p) => JSON.stringify(p))];
    const bytes = parts.map((part) => new TextEncoder().encode(part));
    const count = bytes.length + 1;
    const frame = new Uint8Array(8 * (count + 1) + bytes.reduce((n, b) => n + b.length, 0));
    const view = new DataView(frame.buffer);
    view.setBigUint64(0, BigInt(count), true);
    let end = 8 * (count + 1);
    view.setBigUint64(8, BigInt(end), true);
    bytes.forEach((b, k) => {
      frame.set(b, end);
      end += b.length;
      view.setBigUint64(8 * (k + 2), BigInt(end), true);
    });
    socket.send(frame);
  };
  send("execute_request", { code: `open(${JSON.stringify(target)}, "w").write("ran")`,
                            silent: false });
  send("kernel_info_request", {});
  for (let k = 0; k < 100 && !said.some((m) => m.includes("kernel_info_reply")); k++)
    await new Promise((go) => setTimeout(go, 100));
  socket.close();
  return said.filter((m) => /kernel_info_reply|execute_reply/.test(m))
    .map((m) => /kernel_info_reply|execute_reply/.exec(m)[0]);
}
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as held:
        return held.getsockname()[1]


class Passing(websocket.WebSocketHandler):
    """Pass requests and websockets on, the address as it came, with a header of our own."""

    def initialize(self, port):
        self.port = port

    def prepare(self):
        shown = self.get_query_argument("token", self.get_cookie("login", ""))
        if shown != LOGIN:
            raise web.HTTPError(403)
        self.set_cookie("login", LOGIN)

    def asked(self, scheme):
        headers = self.request.headers.copy()
        headers["Authorization"] = f"token {TOKEN}"
        place = f"{scheme}://127.0.0.1:{self.port}{self.request.uri}"
        options = {"headers": headers, "method": self.request.method}
        if self.request.method == "POST":
            options["body"] = self.request.body
        return httpclient.HTTPRequest(place, request_timeout=PATIENCE, **options)

    async def get(self, *args, **kwargs):
        if self.request.headers.get("Upgrade", "").lower() == "websocket":
            await super().get(*args, **kwargs)
            return
        request = self.asked("http")
        request.follow_redirects = False
        answer = await httpclient.AsyncHTTPClient(force_instance=True).fetch(
            request, raise_error=False
        )
        self.set_status(answer.code)
        for name, text in answer.headers.get_all():
            if name not in {"Content-Length", "Transfer-Encoding", "Connection"}:
                self.add_header(name, text)
        self.finish(answer.body if answer.code != 304 else None)

    post = get

    def select_subprotocol(self, offered):
        self.offered = offered
        return offered[0] if offered else None

    async def open(self, *_args):
        self.behind = await websocket.websocket_connect(
            self.asked("ws"), subprotocols=self.offered, on_message_callback=self.heard
        )

    def heard(self, message):
        if message is None:
            self.close()
        else:
            self.write_message(message, binary=isinstance(message, bytes))

    def on_message(self, message):
        self.behind.write_message(message, binary=isinstance(message, bytes))

    def on_close(self):
        self.behind.close()


@contextmanager
def passing(port):
    """Run the small proxy in a thread and give its port."""
    ready, stop = threading.Event(), []

    def run():
        asyncio.set_event_loop(asyncio.new_event_loop())
        (held,) = netutil.bind_sockets(0, "127.0.0.1", family=socket.AF_INET)
        server = httpserver.HTTPServer(web.Application([(r".*", Passing, {"port": port})]))
        server.add_sockets([held])
        stop.extend([ioloop.IOLoop.current(), server, held.getsockname()[1]])
        ready.set()
        stop[0].start()
        stop[0].close(all_fds=True)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(PATIENCE)
    yield stop[2]
    stop[0].add_callback(stop[1].stop)
    stop[0].add_callback(stop[0].stop)
    thread.join(PATIENCE)


@contextmanager
def program(command, pattern, log, **environment):
    """Run a program until it prints a line like `pattern`; end it afterwards."""
    with (
        log.open("w") as target,
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | environment,
        ) as process,
    ):
        try:
            until(process.stdout, pattern, target, log)
            drain = threading.Thread(target=lambda: target.write(process.stdout.read()))
            drain.start()
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=20)
            drain.join(20)


def until(stream, pattern, target, log):
    while select.select([stream], [], [], PATIENCE)[0] and (line := stream.readline()):
        target.write(line)
        if re.search(pattern, line):
            return
    target.flush()
    pytest.fail(f"no line like {pattern!r}:\n{log.read_text()}")


def listening(port):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail(f"nobody listens on {port}")


@contextmanager
def small_front(folder, log):
    options = {"folder": str(folder), "port": free_port(), "token": TOKEN, "base_url": "/user/ann/"}
    serve = [sys.executable, "-c", SERVE, json.dumps(options)]
    with program(serve, "Dashboards at", log), passing(options["port"]) as port:
        yield f"http://127.0.0.1:{port}/user/ann/"


@contextmanager
def jupyter_front(folder, log):
    """Start a Jupyter server with binder's configuration; its dashboards are the shipped ones."""
    port, options = free_port(), ["--no-browser", "--ServerApp.base_url=/user/ann/"]
    command = [sys.executable, "-m", "jupyterlab", *options, f"--ServerApp.port={port}"]
    command += ["--allow-root", f"--ServerApp.root_dir={folder}"]
    home = {"JUPYTER_CONFIG_DIR": str(log.parent), "JUPYTER_TOKEN": LOGIN}
    shutil.copy(BINDER / "jupyter_server_config.py", log.parent)
    with program(command, "is running at", log, **home):
        listening(port)  # it says so a little before it listens
        yield f"http://127.0.0.1:{port}/user/ann/risk-dashboard/"


@pytest.fixture(scope="module", params=FRONTS)
def base(request, tmp_path_factory, write_scratch):
    """Return the address of the dashboards as a browser sees it; it ends with the prefix."""
    folder, log = tmp_path_factory.mktemp("front"), tmp_path_factory.mktemp("log") / "log.txt"
    write_scratch(folder)
    front = small_front if request.param == "small" else jupyter_front
    with front(folder, log) as address:
        yield address


def status(place):
    try:
        with urllib.request.urlopen(place, timeout=PATIENCE) as answer:
            return answer.status, answer.url
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.url


def test_nobody_without_the_login_gets_an_answer_of_the_dashboards(base):
    for path in ("", "workbench/plotly.min.js", "voila/render/overview.ipynb", "workbench/source"):
        code, place = status(base + path)
        assert code == 403 or "/login" in place


def test_a_page_behind_a_prefix_works_and_its_websocket_runs_no_code(base, visit, tmp_path):
    seen = visit(f"{base}?token={LOGIN}")
    page, prefix = seen.page, urlsplit(base).path
    assert urlsplit(page.url).path.startswith(f"{prefix}voila/render/")
    # a slider of the page reaches its kernel and comes back
    before = page.inner_text("main")
    page.locator("input[type=range]").first.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("old => document.querySelector('main').innerText !== old", arg=before)
    assert seen.outside() == []
    inside = [urlsplit(url).path for url in seen.requests if url.startswith("http")]
    assert [path for path in inside if not path.startswith(prefix)] == []
    # of Jupyter's cookies at the same host, none was changed or taken away
    others = [c for c in page.context.cookies() if not c["name"].startswith("workbench-")]
    assert any(c["value"] == LOGIN or c["name"].startswith("username-") for c in others)
    named = {cookie["name"]: cookie["path"] for cookie in page.context.cookies()}
    assert named["workbench-xsrf"] == prefix
    assert not any(name.startswith("workbench-") and path != prefix for name, path in named.items())
    # on the same websocket an execute_request is dropped while a permitted question is answered
    told = json.loads(page.inner_text("#jupyter-config-data"))
    target = tmp_path / "ran"
    answers = page.evaluate(ATTACK, [base, told["kernelId"], str(target)])
    time.sleep(QUIET)
    assert answers == ["kernel_info_reply"]
    assert not target.exists()
    assert seen.errors == []
    page.context.close()
