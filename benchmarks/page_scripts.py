"""Record which small scripts a page asks for: `workbench/serving/page_scripts.json`.

Run it after another version of Voila, ipywidgets or anywidget: `python benchmarks/page_scripts.py`.
It starts the dashboards without the bundle, opens the overview in headless Chromium and notes what
the page loads until its charts stand.
"""

import json
import re
import shutil

from dashboard import CHART, CHROMIUM, FLAGS, PATIENCE, server

from workbench.serving.assets import WANTED

PIECE = re.compile(r"/workbench/static/[0-9a-f]{16}/(.*/\d+\.[\w.]+\.js)")
SETTLED = 3000  # ms after the charts, in which nothing more is asked for


def asked_for(browser: str) -> list[str]:
    """Return the pieces in the order in which a page wants them."""
    from playwright.sync_api import sync_playwright

    found: list[str] = []
    with server() as served, sync_playwright() as driver:
        chrome = driver.chromium.launch(executable_path=browser, args=list(FLAGS))
        page = chrome.new_page()
        page.on("request", lambda request: found.append(request.url))
        page.goto(served.address, timeout=PATIENCE)
        page.wait_for_selector(CHART, timeout=PATIENCE)
        page.wait_for_timeout(SETTLED)
        chrome.close()
    pieces = [piece[1] for piece in map(PIECE.search, found) if piece]
    return list(dict.fromkeys(pieces))


def main() -> None:
    """Write the list; the old one is put back if the page fails."""
    browser = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if browser is None:
        raise SystemExit("There is no Chromium on this machine.")
    before = WANTED.read_text(encoding="utf-8")
    WANTED.write_text("[]\n", encoding="utf-8")
    try:
        found = asked_for(browser)
    except BaseException:
        WANTED.write_text(before, encoding="utf-8")
        raise
    WANTED.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(f"{len(found)} scripts in {WANTED.name}")


if __name__ == "__main__":
    main()
