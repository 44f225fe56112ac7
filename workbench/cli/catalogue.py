"""The commands about the catalogue of threats: query, and what a release of ATLAS changes in it."""

from typing import Annotated

import typer

from workbench.cli.output import AsJson, write_out
from workbench.cli.running import guarded

catalogue = typer.Typer(
    name="catalogue",
    help="The catalogue of threats: asked by its columns, and held against a release of ATLAS.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


@catalogue.command()
@guarded
def query(
    *,
    stride: Annotated[str, typer.Option(metavar="LETTER", help="S, T, R, I, D or E.")] = "",
    asset: Annotated[str, typer.Option(help="What it is done to, such as rag_index.")] = "",
    stage: Annotated[str, typer.Option(help="When, such as training.")] = "",
    community: Annotated[str, typer.Option(help="Who does it, such as supplier.")] = "",
    contents: Annotated[
        str, typer.Option(help="With what in a data flow it travels, such as prompts.")
    ] = "",
    atlas: Annotated[
        str, typer.Option(metavar="ID", help="A technique, with those below it, or a tactic.")
    ] = "",
    owasp: Annotated[str, typer.Option(metavar="ID", help="Such as LLM01:2025.")] = "",
    nist: Annotated[str, typer.Option(metavar="ID", help="Of NIST AI 100-2.")] = "",
    mitigation: Annotated[
        str,
        typer.Option(
            metavar="ID", help="A requirement, a mitigation of ATLAS, or one of our controls."
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """List the threats of the catalogue that have every value asked for; all unless told."""
    from workbench.files.catalogues.controls import shipped_controls
    from workbench.files.catalogues.threats import shipped_threats
    from workbench.frameworks.controls import threats_asked
    from workbench.reports.catalogue_record import asked_record, asked_text

    told = {
        "stride": stride,
        "asset": asset,
        "stage": stage,
        "community": community,
        "contents": contents,
        "atlas": atlas,
        "owasp": owasp,
        "nist_ai_100_2": nist,
        "mitigation": mitigation,
    }
    wanted = {name: value for name, value in told.items() if value}
    found = threats_asked(shipped_threats(), shipped_controls(), wanted)
    write_out(asked_record(found, wanted), asked_text(found, wanted), as_json)


@catalogue.command()
@guarded
def atlas(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A release of MITRE ATLAS, YAML of format 4 to 6.")
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Show which ids that threats name a release of ATLAS replaced, lacks, or calls otherwise."""
    from workbench.files.catalogues.frameworks import shipped_frameworks
    from workbench.files.catalogues.threats import shipped_threats
    from workbench.files.exchange.atlas import read_atlas
    from workbench.files.exchange.atlas_relations import gone, replacements, retitled
    from workbench.reports.catalogue_record import release_record, release_text

    release, known = read_atlas(file), shipped_frameworks()
    away = gone(shipped_threats(), release, replacements(known["atlas_2026_07"]))
    renamed = retitled(shipped_threats(), known["atlas_5_6"], release)
    write_out(release_record(release, away, renamed), release_text(release, away, renamed), as_json)
