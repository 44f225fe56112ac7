"""What a viewer may fetch, with and without a token."""

import json
import re
import urllib.error
import urllib.request
from http.cookiejar import CookieJar

import pytest

from workbench.files.sources import source_digest
from workbench.serving.messages import V1

KERNEL = "00000000-0000-0000-0000-000000000000"
ADDRESSES = [
    "/",
    "/voila/render/small.ipynb",
    "/voila/static/voila.js",
    "/voila/templates/workbench/static/page.css",
    "/voila/labextensions/anywidget/package.json",
    "/voila/api/themes/",
    "/workbench/source",
    "/workbench/static/0000000000000000/plotly/plotly.min.js",
    f"/api/kernels/{KERNEL}",
    f"/voila/query/{KERNEL}",
    f"/api/kernels/{KERNEL}/channels",
    "/no/such/address",
]


def test_the_page_is_served_with_its_template_and_without_its_source(server, viewer):
    assert "<title>Small · Risk workbench</title>" in viewer.html
    assert 'lang="en"' in viewer.html
    assert "a source line that no viewer sees" not in viewer.html
    assert "import ipywidgets" not in viewer.html
    assert not re.search(r"(src|href)=\"(https?:)?//", viewer.html)


def test_the_kernel_is_told_its_study(viewer):
    assert "study.yaml" in viewer.html


@pytest.mark.parametrize("argument", ["theme=dark", "template=reveal", "theme=x&template=lab&a=1"])
def test_theme_and_template_arguments_change_nothing(server, argument):
    status, text = server.get(f"/voila/render/small.ipynb?{argument}")
    assert status == 200
    assert "Skip to the content" in text
    assert 'data-jp-theme-light="true"' in text
    assert "reveal" not in text


@pytest.mark.parametrize(
    "path",
    [
        "/voila/render/secret.py",
        "/voila/render/../secret.py",
        "/voila/render/%2e%2e/secret.py",
        "/voila/render/..%2fsmall.ipynb",
        "/voila/render/no.ipynb",
        "/voila/render/.ipynb_checkpoints/small.ipynb",
        "/voila/files/secret.py",
        "/voila/files/small.ipynb",
        "/voila/files/..%2f..%2fetc%2fpasswd",
        "/voila/static/../../etc/passwd",
        "/voila/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/voila/templates/workbench/static/../index.html.j2",
        "/voila/templates/workbench/static/..%2findex.html.j2",
        "/workbench/../secret.py",
        "/voila/tree",
        "/voila/tree/",
        "/voila/api/contents/",
        "/voila/api/contents/small.ipynb",
        "/api/contents/small.ipynb",
        "/api/kernels",
        "/api/sessions",
        "/api/terminals",
        "/login",
    ],
)
def test_sources_other_files_and_the_folder_are_not_to_be_had(server, path):
    status, text = server.get(path)
    assert status in {403, 404}
    assert "SECRET" not in text
    assert "import ipywidgets" not in text


def test_a_name_that_only_resolves_to_this_machine_is_refused(server):
    assert server.get("/", Host="evil.example")[0] == 403
    assert server.get("/", Host="127.0.0.1.evil.example:80")[0] == 403
    assert server.get("/", Host="localhost:1")[0] == 302


def test_the_page_forbids_other_hosts_to_the_browser(server):
    with urllib.request.urlopen(f"{server.base}/voila/render/small.ipynb") as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy.replace("'self'", "")


@pytest.mark.parametrize("path", ADDRESSES)
def test_without_the_token_no_address_answers(closed_server, path):
    status, text = closed_server.get(path)
    assert (status, "token is needed" in text) == (403, True)


def test_the_study_of_now_is_told_by_its_digest(server):
    status, text = server.get("/workbench/source")
    assert status == 200
    found = json.loads(text)
    assert found == {"digest": source_digest(server.study), "fault": ""}


def test_the_way_by_which_kernels_ask_for_a_query_is_closed(server):
    path = f"/voila/query/{KERNEL}"
    assert server.get(path)[0] == 404
    assert server.handshake(path) == 404


@pytest.mark.parametrize("token", ["", "wrong", "%ff", "a" * 5000])
def test_a_wrong_token_is_no_token(closed_server, token):
    assert closed_server.get(f"/?token={token}")[0] == 403
    assert closed_server.get("/", Authorization=f"token {token}")[0] == 403
    port = closed_server.base.rpartition(":")[2]
    assert closed_server.get("/", Cookie=f"workbench-{port}={token}")[0] == 403


@pytest.mark.parametrize("path", [f"/voila/query/{KERNEL}", f"/api/kernels/{KERNEL}/channels"])
def test_without_the_token_no_websocket_opens(closed_server, path):
    assert closed_server.handshake(path, Sec_WebSocket_Protocol=V1) == 403


def test_the_printed_address_opens_the_page_and_the_token_leaves_the_address(closed_server):
    assert "token=" in closed_server.url
    jar = urllib.request.HTTPCookieProcessor(CookieJar())
    with urllib.request.build_opener(jar).open(closed_server.url) as answer:
        assert answer.status == 200
        assert "token" not in answer.url
        assert "Small · Risk workbench" in answer.read().decode()


def test_an_authorization_header_with_the_token_is_taken(closed_server):
    token = closed_server.url.rpartition("=")[2]
    assert closed_server.get("/", Authorization=f"token {token}")[0] == 302


def test_the_redirect_after_the_token_stays_here(closed_server):
    token = closed_server.url.rpartition("=")[2]
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    request = urllib.request.Request(f"{closed_server.base}//evil.example/?token={token}")
    with pytest.raises(urllib.error.HTTPError) as answer:
        opener.open(request)
    assert answer.value.url.startswith(closed_server.base)
    answer.value.close()
