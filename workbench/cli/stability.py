"""The `stability` command: a simulation is repeated with other seeds."""

import sys
from typing import Annotated

import typer

from workbench.cli.reading import StudyFile, read
from workbench.cli.running import guarded, interruptible, progress_bar


@guarded
def stability(
    file: StudyFile,
    *,
    seeds: Annotated[int, typer.Option(min=5, max=1000, help="How many seeds.")] = 20,
    years: Annotated[int, typer.Option(help="Simulated years of each run, 100 or more.")] = 100_000,
) -> None:
    """Simulate a study with several seeds, and hold the stated errors against their spread.

    The seeds are the study's own and those that follow it.
    """
    study = read(file).study
    from workbench.models.stability import stability as compared
    from workbench.reports.stability import stability_text

    with progress_bar() as progress:
        found = interruptible(lambda: compared(study, seeds=seeds, years=years, progress=progress))
    sys.stdout.write(stability_text(found))
