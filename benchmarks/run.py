"""Measure the workbench and its peers, print the figures and store them in RESULTS.md.

`python3 dev.py bench` runs all; `--quick` a small part in under a minute, which is printed and not
stored; `--only NAME` one section.
"""

import argparse
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from measuring import about

RESULTS = Path(__file__).with_name("RESULTS.md")
SECTIONS = (
    "startup",
    "compound",
    "rivals",
    "engines",
    "studies",
    "portfolio",
    "register",
    "dashboard",
    "viewers",
    "publish",
)


def section(name: str) -> Callable[..., list[str]]:
    """Return the function that measures one section, loaded only when it is wanted."""
    report: Callable[..., list[str]] = import_module(name).report
    return report


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a small part, in under a minute")
    parser.add_argument("--only", choices=SECTIONS, action="append", help="just this section")
    parser.add_argument("--output", type=Path, help="where to write (RESULTS.md after a full run)")
    return parser.parse_args()


def main() -> None:
    """Measure the sections in turn."""
    asked = arguments()
    lines = ["# Results", "", *about()]
    print("\n".join(lines), flush=True)
    for name in asked.only or SECTIONS:
        found = section(name)(quick=asked.quick)
        print("", *found, sep="\n", flush=True)
        lines += ["", *found]
    full = not asked.quick and not asked.only
    output = asked.output or (RESULTS if full else None)
    if output is not None:
        output.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
