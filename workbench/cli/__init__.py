"""The command line: arguments to one library call to text. Only typer is imported up front.

Exit codes: 0 done, 2 an input or argument that is refused (one line each, no traceback), 130
interrupted.
"""

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from workbench import __version__
from workbench.cli.auditing import audit
from workbench.cli.governance import added_to as add_governance
from workbench.cli.output import refuse_to_replace
from workbench.cli.reading import StudyFile, read, shown
from workbench.cli.registering import register
from workbench.cli.reviewing import added_to as add_reviewing
from workbench.cli.running import INTERRUPTED, guarded, interruptible, progress_bar, say
from workbench.cli.stability import stability

if TYPE_CHECKING:
    from workbench.models.portfolio import StudyResult
    from workbench.models.study import Study

LARGEST_SEED = 2**53 - 1
KEPT_IN = "WORKBENCH_TOKEN"  # the variable for the token of viewers

app = typer.Typer(
    name="workbench",
    help="Quantify risk: from a scenario table to the cost of a year, with its error.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
State = Literal["inherent", "current", "residual"]
Engine = Literal["auto", "exact", "montecarlo"]
Host = Annotated[str, typer.Option(help="Address to listen on.")]
Token = Annotated[
    str | None,
    typer.Option(envvar=KEPT_IN, help="Token that viewers need; made up where one is needed."),
]
Kept = Annotated[
    str | None,
    typer.Option(metavar="PLACE", help="A register that holds the study, a file or a URL."),
]
OpenBrowser = Annotated[bool, typer.Option("--open", help="Open a browser.")]


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A terminal that cannot show a character gets its escape, never a traceback.
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"risk-workbench {__version__}")
        raise typer.Exit


@app.callback()
def workbench(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Quantify risk: from a scenario table to the cost of a year, with its error."""


@app.command()
@guarded
def validate(file: StudyFile) -> None:
    """Check a study file, one line for each fault.

    Exit code 0 when the file can be used (warnings begin with 'warning:'), 2 when it is refused.
    """
    loaded = read(file)
    from workbench.files.messages import shown_name
    from workbench.reports.words import count_of

    study = loaded.study
    parts = [count_of(len(study.scenarios), "scenario")]
    parts += [count_of(len(study.assets), "shared asset")] if study.assets else []
    parts.append(study.currency)
    typer.echo(f"{shown_name(file)}: valid: {', '.join(parts)}")


def _in_state(study: "Study", state: "State") -> "Study":
    """Return the study in a state, which its name then tells: results are kept apart by it."""
    from dataclasses import replace

    if state == "current":
        return study.at(state)
    if state not in study.states():
        say(f"note: no scenario states {state} figures, so these are those of today")
    return replace(study.at(state), name=f"{study.name} ({state})")


@app.command()
@guarded
def simulate(
    file: StudyFile,
    *,
    engine: Annotated[
        Engine,
        typer.Option(help="auto takes exact where it reaches within a minute, and says why."),
    ] = "auto",
    years: Annotated[
        int | None,
        typer.Option(help="Simulated years, 100 or more; 100000 unless told (montecarlo only)."),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(min=0, max=LARGEST_SEED, help="In place of the study's own seed."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object; see `schema --result`.")
    ] = False,
    csv: Annotated[
        str | None, typer.Option("--csv", metavar="OUT", help="Write a CSV table to OUT.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace OUT if it is there.")] = False,
    state: Annotated[
        State, typer.Option(help="The state of the study that is simulated.")
    ] = "current",
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Simulate on the dask cluster of this scheduler."),
    ] = None,
) -> None:
    """Compute what a year may cost, each figure with its error.

    Prints a summary in words unless --json or --csv is given.
    """
    from workbench.errors import require

    require(not (as_json and csv), "one form of output", got="--json and --csv", fix="Choose one.")
    whole = read(file).study
    study = _in_state(whole, state)
    require(
        bool(study.scenarios),
        "a study that is simulated has scenarios",
        got=0,
        fix="Add one to the file.",
    )
    if csv is not None:
        refuse_to_replace([csv], force=force, inputs=[file])
    result = _simulated(study, engine, years, seed, scheduler)
    from workbench.reports.result import result_csv, result_json, result_record
    from workbench.reports.summary import result_text

    if as_json:
        sys.stdout.write(result_json(result_record(result, whole)))
    elif csv is not None:
        from workbench.files import save

        save(csv, result_csv(result))
        say(f"written: {csv}")
    else:
        sys.stdout.write(result_text(result))


def _simulated(
    study: "Study",
    engine: Engine,
    years: int | None,
    seed: int | None,
    scheduler: str | None = None,
) -> "StudyResult":
    """Run the engine with a progress bar that appears after a second."""
    from workbench.models import portfolio

    with progress_bar() as progress:
        result = interruptible(
            lambda: portfolio.simulate(
                study,
                engine=engine,
                years=portfolio.YEARS if years is None else years,
                seed=seed,
                cluster=scheduler,
                progress=progress,
            )
        )
    if years is not None and result.years is None:
        say("note: the exact engine simulates no years, so --years was not used")
    if scheduler is not None and result.years is None:
        say("note: the exact engine needs no cluster, so --scheduler was not used")
    return result


app.command()(stability)
add_governance(app)
add_reviewing(register)
app.add_typer(register)
app.add_typer(audit)


@app.command()
@guarded
def save(
    file: StudyFile,
    *,
    approved_by: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who approved this run: a role or a body.")
    ] = None,
    note: Annotated[str, typer.Option(metavar="TEXT", help="A line about it.")] = "",
    on: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="The day of the approval, such as 2026-11-24; today."),
    ] = None,
) -> None:
    """Compute a study and keep the run beside it, approved or not.

    The run is a new file in the folder STUDY.runs. Pages of the study say what has changed since
    the last approved run, or else since the last one.
    """
    from workbench.cli.saving import save_study
    from workbench.files.messages import printable

    study = read(file).study
    path, told = save_study(
        file,
        study,
        lambda: _simulated(study, "auto", None, None),
        approved_by=approved_by,
        note=note,
        on=on,
    )
    typer.echo(f"saved: {printable(str(path))}")
    typer.echo(told)


@app.command()
@guarded
def example(
    folder: Annotated[str, typer.Argument(metavar="[DIR]", help="Where to put it.")] = "ai-lender",
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
) -> None:
    """Copy the example study, the AI systems of a lender, with its systems and its readiness.

    Its assumptions have owners, reasons and sources; files that are there are not replaced.
    """
    from workbench.files import save_copies
    from workbench.files.sources import example_folders

    there: Literal["replace", "refuse"] = "replace" if force else "refuse"
    first, *more = example_folders(Path(folder))
    for path in save_copies(*first, *more, there=there):
        typer.echo(str(path))
    typer.echo(f"next: workbench simulate {Path(folder) / 'study.yaml'}")


@app.command()
@guarded
def dashboard(
    study: Annotated[
        str | None, typer.Argument(metavar="[STUDY]", help="A study; the example unless told.")
    ] = None,
    *,
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8866,
    token: Token = None,
    open_browser: OpenBrowser = False,
    pool: Annotated[
        int, typer.Option(min=0, max=8, help="Pages computed ahead for each dashboard; 0 for none.")
    ] = 1,
    base_url: Annotated[
        str, typer.Option(metavar="PREFIX", help="How every address begins, behind a proxy.")
    ] = "/",
    register: Kept = None,
) -> None:
    """Serve the dashboards of a study, until Ctrl-C.

    With --register STUDY is the id of a study in that register. The pages follow it: one process
    reads it, through an account that may only read, and what viewers reach never does.
    """
    kept = os.environ.pop(KEPT_IN, None)  # no kernel needs to know it
    with ExitStack() as stack:
        path = shown(stack, study, register)
        from workbench.serving import serve_dashboards

        code = serve_dashboards(
            path,
            host=host,
            port=port,
            token=token,
            token_from=KEPT_IN if token and token == kept else "",
            open_browser=open_browser,
            pool=pool,
            base_url=base_url,
        )
    raise typer.Exit(code)


@app.command()
@guarded
def publish(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="Where the files are put.")],
    study: Annotated[
        str | None, typer.Argument(metavar="[STUDY]", help="A study; the example unless told.")
    ] = None,
    page: Annotated[
        str, typer.Option("--page", help="Which dashboard: overview, readiness or threats.")
    ] = "overview",
    force: Annotated[bool, typer.Option("--force", help="Replace a page that is there.")] = False,
    register: Kept = None,
) -> None:
    """Write a dashboard of a study as files: DIR/index.html opens without a server.

    The same figures and words; its sliders move in fewer steps, each answer computed beforehand.
    With --register STUDY is the id of a study in that register.
    """
    import datetime as dt

    from workbench.resources import example_study

    with ExitStack() as stack:
        chosen = shown(stack, study, register, follow=False) or example_study()
        from workbench.cli.publishing import publish_study

        made = dt.datetime.now(tz=dt.UTC)
        for path in publish_study(Path(folder), chosen, page=page, force=force, made=made):
            typer.echo(str(path))


@app.command()
@guarded
def lab(
    folder: Annotated[
        str, typer.Argument(metavar="[DIR]", help="Where the notebooks are put.")
    ] = "workbench-notebooks",
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8888,
    open_browser: OpenBrowser = False,
) -> None:
    """Copy the analyst notebooks and start JupyterLab.

    The copies in DIR are yours. Notebooks that are in DIR already are kept as they are.
    """
    from workbench.serving import serve_lab
    from workbench.serving.lab import copy_notebooks

    target = Path(folder)
    for path in copy_notebooks(target):
        typer.echo(str(path))
    raise typer.Exit(serve_lab(target.resolve(), host=host, port=port, open_browser=open_browser))


@app.command()
@guarded
def assumptions(
    file: StudyFile,
    today: Annotated[
        str | None, typer.Option(metavar="DATE", help="The day it is read, such as 2026-11-24.")
    ] = None,
) -> None:
    """Print who assumed what, when and why; assumptions past their review are marked."""
    import datetime as dt

    study = read(file).study
    from workbench.cli.sheet import sheet_text
    from workbench.models.assumptions import sheet

    day = today or dt.datetime.now(tz=dt.UTC).astimezone().date().isoformat()
    sys.stdout.write(sheet_text(sheet(study, day)))


@app.command()
@guarded
def schema(
    result: Annotated[
        bool, typer.Option("--result", help="The schema of `simulate --json` instead.")
    ] = False,
) -> None:
    """Print the JSON Schema of study files, or of results."""
    import json

    if result:
        from workbench.reports.result_schema import result_schema as wanted
    else:
        from workbench.files import study_schema as wanted
    typer.echo(json.dumps(wanted(), indent=2, ensure_ascii=False))
