"""How long the interpreter, the package and the command take to start, as whole processes."""

import sys
from pathlib import Path

from measuring import median_processes, seconds, table

IMPORT_TARGET, HELP_TARGET = 0.15, 0.4  # seconds


def measure(repeats: int) -> dict[str, float]:
    """Median seconds of each start, in fresh interpreters."""
    python = sys.executable
    return median_processes(
        {
            "interpreter alone": [python, "-c", "pass"],
            "import workbench": [python, "-c", "import workbench"],
            "import of the models": [python, "-c", "from workbench import simulate"],
            "workbench --help": [Path(python).with_name("workbench"), "--help"],
        },
        repeats,
    )


def report(*, quick: bool) -> list[str]:
    """Return the section's lines."""
    found = measure(3 if quick else 11)
    targets = {"import workbench": IMPORT_TARGET, "workbench --help": HELP_TARGET}
    rows = [
        [name, seconds(value), seconds(targets[name]) if name in targets else ""]
        for name, value in found.items()
    ]
    return ["## Start", "", *table(["whole process", "median", "target"], rows)]
