"""The widgets in JupyterLab: plotly.js comes from the kernel, once, and nothing from elsewhere."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.browser

PATIENCE = 60.0  # s
PROGRAM = """
import sys
from pathlib import Path
from workbench.serving import serve_lab
sys.exit(serve_lab(Path(sys.argv[1]), port=int(sys.argv[2]), open_browser=False))
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as held:
        return held.getsockname()[1]


@pytest.fixture(scope="module")
def lab_address(tmp_path_factory, write_scratch):
    folder = tmp_path_factory.mktemp("lab")
    write_scratch(folder)
    home = tmp_path_factory.mktemp("home")
    token = "a-token-for-this-test"
    environment = os.environ | {"JUPYTER_TOKEN": token, "JUPYTER_CONFIG_DIR": str(home)}
    port = free_port()
    command = [sys.executable, "-c", PROGRAM, str(folder), str(port)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        try:
            until(process.stderr, r"is running at")
            yield f"http://127.0.0.1:{port}/lab/tree/scratch.ipynb?token={token}&reset"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=20)


def until(stream, pattern):
    """Read lines until one matches."""
    while select.select([stream], [], [], PATIENCE)[0] and (line := stream.readline()):
        if re.search(pattern, line):
            return
    pytest.fail(f"no line like {pattern!r}")


def test_all_charts_of_a_notebook_share_one_plotly_from_the_kernel(browser, lab_address):
    page = browser.new_page(viewport={"width": 1300, "height": 2000})
    page.set_default_timeout(1000 * PATIENCE)
    frames, requests, errors = [], [], []
    page.on("websocket", lambda s: s.on("framereceived", lambda f: frames.append(len(f))))
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(lab_address)
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    page.wait_for_selector("text=Python 3 (ipykernel) | Idle")
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.wait_for_function(
        "() => { const all = [...document.querySelectorAll('.wb-chart .chart')];"
        " return all.length === 2 && all.every(c => c.dataset.drawn); }"
    )
    bundles = [size for size in frames if size > 500_000]
    assert len(bundles) == 1
    assert bundles[0] < 1_700_000
    outside = [u for u in requests if urlsplit(u).netloc not in {"", urlsplit(lab_address).netloc}]
    assert [u for u in outside if not u.startswith(("blob:", "data:"))] == []
    assert errors == []
    page.context.close()
