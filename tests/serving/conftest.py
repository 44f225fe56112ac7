"""A real server on a small page, shared by the tests of this folder, and a client to attack it."""

import asyncio
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from contextlib import closing, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path

import nbformat
import pytest
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from workbench.serving.messages import V1

PATIENCE = 30.0  # s
SECRET = "a source line that no viewer sees"
CELLS = [
    f"# {SECRET}\nfrom workbench_widgets import Slider",
    """import ipywidgets
slider = Slider(label='Share', low=0, high=20, step=1, value=10)
told = ipywidgets.HTML()
slider.observe(lambda c: setattr(told, 'value', f'doubled {2 * slider.value:g}'), 'value')""",
    "import os\nos.environ['WORKBENCH_STUDY'][-10:]",
    "ipywidgets.VBox([slider, told])",
]
STUDY = """scenarios:
  - id: S
    name: Theft
    loss_event_frequency: {type: point, value: 0.5}
    loss_magnitude: {type: point, value: 1.0}
"""
PROGRAM = """
import json, sys
from pathlib import Path
from workbench.serving import serve_dashboards
options = json.loads(sys.argv[1])
folder, study = Path(options.pop("folder")), Path(options.pop("study"))
sys.exit(serve_dashboards(study, folder=folder, **options))
"""


def write_page(folder: Path) -> Path:
    page = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in CELLS],
        metadata={"title": "Small", "kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(page, folder / "small.ipynb")
    return folder / "small.ipynb"


@dataclass
class Server:
    """A served folder; `url` is the address as it was printed."""

    process: subprocess.Popen
    folder: Path
    url: str
    log: Path

    @property
    def base(self) -> str:
        return re.sub(r"/\?token=.*", "", self.url).rstrip("/")

    @property
    def study(self) -> Path:
        return self.log.with_name("study.yaml")

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Return status and text, redirects not followed."""
        opener = urllib.request.build_opener(NoRedirect)
        try:
            request = urllib.request.Request(self.base + path, headers=headers)
            with opener.open(request, timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read().decode("utf-8", "replace")

    def logged(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def handshake(self, path: str, **headers: str) -> int:
        """Ask for a websocket and return the status: 101 if it opens."""
        wanted = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
        wanted |= {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Origin": self.base}
        wanted |= {name.replace("_", "-"): text for name, text in headers.items()}
        line = HTTPConnection(self.base.removeprefix("http://"), timeout=PATIENCE)
        with closing(line):
            line.request("GET", path, headers=wanted)
            return line.getresponse().status

    def end(self) -> float:
        """Press Ctrl-C and return how long the end took, in s."""
        start = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=PATIENCE)
        return time.monotonic() - start


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Show a redirect instead of following it."""

    def redirect_request(self, *_args: object) -> None:
        return None


def start(folder: Path, log: Path, **options: object) -> Server:
    study = log.with_name("study.yaml")
    study.write_text(STUDY)
    served = {"folder": str(folder), "study": str(study), "port": 0}
    arguments = json.dumps(served | options)
    command = [sys.executable, "-c", PROGRAM, arguments]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with log.open("w") as target:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=target, text=True, env=environment, cwd=folder
        )
    ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
    line = process.stdout.readline() if ready else ""
    found = re.search(r"http://\S+", line)
    if found is None:
        process.kill()
        process.wait()
        pytest.fail(f"no address was printed: {line!r}\n{log.read_text()}")
    return Server(process, folder, found[0], log)


@pytest.fixture(scope="session")
def study():
    """Return the text of a study that is computed at once."""
    return STUDY


@pytest.fixture(scope="session")
def small_page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    write_page(folder)
    (folder / "secret.py").write_text("SECRET = 1\n")
    return folder


@pytest.fixture(scope="session")
def server(small_page, tmp_path_factory):
    """Return a server on loopback without a token."""
    running = start(small_page, tmp_path_factory.mktemp("log") / "server.log")
    yield running
    stop(running)


@pytest.fixture(scope="session")
def closed_server(small_page, tmp_path_factory):
    """Return a server that asks for a token."""
    log = tmp_path_factory.mktemp("log") / "closed.log"
    running = start(small_page, log, host="0.0.0.0")
    running.url = re.sub(r"//[^:/]+", "//127.0.0.1", running.url, count=1)  # the token stays
    yield running
    stop(running)


def stop(running: Server) -> None:
    if running.process.poll() is None:
        running.end()
    running.process.stdout.close()


@dataclass
class Viewer:
    """What a browser is to the server: a page of its own, a kernel, a socket."""

    server: Server
    html: str
    kernel: str
    cookies: str
    session: str = field(default_factory=lambda: uuid.uuid4().hex)
    socket: object = None

    def address(self) -> str:
        place = self.server.base.replace("http://", "ws://")
        return f"{place}/api/kernels/{self.kernel}/channels?session_id={self.session}"

    async def connect(self):
        wanted = {"Origin": self.server.base}
        request = HTTPRequest(self.address(), headers=wanted, connect_timeout=PATIENCE)
        self.socket = await websocket_connect(request, subprotocols=[V1])
        return self.socket

    async def leave(self) -> None:
        """Close the socket and read it out; one that the server closed has nothing more to say."""
        self.socket.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                while await self.socket.read_message() is not None:
                    continue

    async def say(self, kind: str, content: dict, channel: str = "shell") -> None:
        frame = frame_of(kind, content, channel=channel, session=self.session)
        await self.socket.write_message(frame, binary=True)


def open_page(server: Server) -> Viewer:
    with urllib.request.urlopen(server.url, timeout=PATIENCE) as answer:
        html = answer.read().decode()
        cookies = SimpleCookie()
        for header in answer.headers.get_all("Set-Cookie") or []:
            cookies.load(header)
    kernel = re.search(r'"kernelId": "([\w-]+)"', html)[1]
    return Viewer(server, html, kernel, "; ".join(f"{k}={v.value}" for k, v in cookies.items()))


@pytest.fixture
def viewer(server):
    """Return a viewer whose page has been executed."""
    return open_page(server)


def frame_of(kind: str, content: dict, *, channel: str = "shell", session: str = "s") -> bytes:
    """Return a message in v1 framing."""
    header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": session}
    header |= {"username": "viewer", "version": "5.3", "date": "2026-01-01T00:00:00Z"}
    metadata = {"version": "1.0.0"}  # of the control comm; ipywidgets refuses another one
    parts = [json.dumps(part).encode() for part in (header, {}, metadata, content)]
    parts = [channel.encode(), *parts]
    ends = [8 * (len(parts) + 2)]
    for part in parts:
        ends.append(ends[-1] + len(part))
    return b"".join([n.to_bytes(8, "little") for n in (len(ends), *ends)] + parts)


@pytest.fixture
def launch():
    """Return `start`, with every server it starts ended after the test."""
    running: list[Server] = []

    def launched(folder: Path, log: Path, **options: object) -> Server:
        running.append(start(folder, log, **options))
        return running[-1]

    yield launched
    for each in running:
        stop(each)
