"""What a crosswalk says, in sentences and tables: both directions, chains, coverage, changes."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache

from workbench.frameworks.comparing import Changes
from workbench.frameworks.coverage import Coverage
from workbench.frameworks.crosswalk import RELATIONSHIPS, Crosswalk, Link, Place, Row
from workbench.frameworks.groups import group_of, heading, short_name
from workbench.frameworks.linting import Fault, pairs
from workbench.frameworks.requirement import Frameworks
from workbench.frameworks.source_tables import SourceRow
from workbench.plots.blocks import Table
from workbench.plots.sankey import OTHER, ribbons, sankey
from workbench.plots.text import Figure
from workbench.reports.words import count_of

MEANS = {
    "equal": "the same requirement: meeting it meets the other",
    "superset": "wider: meeting it meets the other",
    "subset": "narrower: meeting it is a part of the other, and inherits nothing",
    "intersects": "related, and inherits nothing",
}
MARKS = {
    "published": "published",
    "published ids": "published ids",
    "derived": "derived from structure",
    "editorial": "editorial",
}

MOST_ALIKE = 4  # rows with the same fault that are named one by one
MOST_TOLD = 8  # places that a sentence names


def flow(
    crosswalk: Crosswalk, frameworks: Frameworks, one: str, other: str
) -> tuple[Figure, str, Table]:
    """Return the rows between two frameworks as ribbons, what they say, and their numbers."""
    first, second = frameworks[one].id, frameworks[other].id
    rows = crosswalk.between(first, second)

    @cache
    def group(place: Place) -> str:
        return group_of(frameworks, place)

    links = ribbons(rows, group)
    names = short_name(frameworks, first), short_name(frameworks, second)
    order = (
        _in_order(frameworks, first, (link.source for link in links)),
        _in_order(frameworks, second, (link.target for link in links)),
    )
    table = Table(
        (names[0], names[1], "rows", "what meeting the first does"),
        tuple(
            (
                k.source,
                k.target,
                k.rows,
                "inherited" if k.inherits else "related, nothing inherited",
            )
            for k in links
        ),
    )
    return sankey(links, order, names), flow_words(rows, names), table


def _in_order(frameworks: Frameworks, framework: str, shown: Iterable[str]) -> list[str]:
    """Return groups in the order of their framework; "other" is put last by the figure."""
    wanted = set(shown)
    whole = frameworks[framework]
    tops = dict.fromkeys(heading(whole, one.id) for one in whole)
    named = [whole.requirement(top).words() if top in whole else top for top in tops]
    return [name for name in dict.fromkeys((*named, *sorted(wanted), OTHER)) if name in wanted]


def flow_words(rows: Sequence[Row], names: tuple[str, str]) -> str:
    """Say how many rows there are between two frameworks, and how little they inherit."""
    if not rows:
        return f"No row relates {names[0]} and {names[1]}."
    inherited = sum(row.inherits for row in rows)
    back = sum(row.reversed().inherits for row in rows)
    if not inherited + back:
        return (
            f"All {len(rows)} rows between {names[0]} and {names[1]} are only related: nothing is "
            "inherited."
        )
    return (
        f"{inherited} of {len(rows)} rows let {names[1]} inherit from {names[0]}, {back} the other "
        "way."
    )


def basis_words(rows: Sequence[Row]) -> str:
    """Say who relates the ids of some rows."""
    counts = {mark: sum(row.basis == basis for row in rows) for basis, mark in MARKS.items()}
    return ", ".join(f"{number} {mark}" for mark, number in counts.items() if number)


def row_told(row: Row, frameworks: Frameworks) -> str:
    """Say one row: where it leads, what that means, its rank, and who says so."""
    target = frameworks[row.target[0]].requirement(row.target[1])
    second = (
        f"; a second rater said {row.second_rating.partition(':')[0]}" if row.raters_differ else ""
    )
    return (
        f"{short_name(frameworks, row.target[0])} {target.words()}: {row.relationship} "
        f"({MEANS[row.relationship]}), rank {row.strength} of 10, {MARKS[row.basis]}{second}"
    )


def query_told(crosswalk: Crosswalk, frameworks: Frameworks, place: Place, to: str = "") -> str:
    """Say every row of a requirement, strongest first, read from it on in either direction."""
    asked = frameworks[place[0]].requirement(place[1])
    rows = crosswalk.of((asked.framework, asked.id), frameworks[to].id if to else "")
    head = f"{short_name(frameworks, place[0])} {asked.words()}: {len(rows)} rows."
    return "\n".join([head, *(f"  {row_told(row, frameworks)}" for row in rows)])


def chain_told(link: Link, frameworks: Frameworks) -> str:
    """Say a chain: its way, and what all of it together means."""
    places = [link.source, *(row.target for row in link.rows)]
    way = " > ".join(f"{short_name(frameworks, f)} {i}" for f, i in places)
    kinds = ", ".join(row.relationship for row in link.rows)
    return f"{way} ({kinds}): {link.relationship}, {MEANS[link.relationship]}"


def coverage_told(found: Coverage, frameworks: Frameworks) -> str:
    """Say what one framework answers of another, in its three parts."""
    names = short_name(frameworks, found.source), short_name(frameworks, found.target)
    return f"{names[0]} met answers of {names[1]}: {found.sentence()}."


def coverage_heading(found: Mapping[tuple[str, str], Coverage]) -> str:
    """Return the finding of a coverage matrix."""
    inherited = sum(len(one.inherited) for one in found.values())
    related = sum(len(one.candidates) for one in found.values())
    if inherited == 0:
        return f"No framework inherits from another: all {related:,} answers are only candidates."
    total = inherited + related
    if related <= inherited:
        return f"{inherited:,} of {total:,} answers are inherited, the others only candidates."
    part = "Nearly all" if inherited < 0.1 * total else "Most"
    return f"{part} answers are only candidates: {related:,} of {total:,}."


def bases_told(crosswalk: Crosswalk, among: Collection[str]) -> str:
    """Say who relates the ids of the rows between some frameworks."""
    wanted = set(among)
    rows = [r for r in crosswalk.rows if r.source[0] in wanted and r.target[0] in wanted]
    related = sum(row.relationship == "intersects" for row in rows)
    return (
        f"{len(rows)} rows between them: {basis_words(rows)}; {related} of them say no more than "
        "'intersects'."
    )


def lint_told(faults: Sequence[Fault]) -> str:
    """Say what is wrong with a crosswalk, or that nothing is; what many rows share is said once."""
    if not faults:
        return "Clean: every id is one of its edition, every row has its source, none stands twice."
    alike: dict[tuple[str, str], list[Fault]] = {}
    for fault in faults:
        alike.setdefault((fault.kind, fault.what), []).append(fault)
    lines = []
    for found in alike.values():
        if len(found) < MOST_ALIKE:
            lines += [fault.line() for fault in found]
        else:
            few = ", ".join(fault.where() for fault in found[:MOST_ALIKE])
            rest = f" and {len(found) - MOST_ALIKE} more" if len(found) > MOST_ALIKE else ""
            lines.append(f"{found[0].kind}: {found[0].what}, in {len(found)} rows: {few}{rest}")
    return "\n".join(lines)


def counts_told(crosswalk: Crosswalk, faults: Sequence[Fault]) -> str:
    """Say how many rows lead between which frameworks, of which kinds, and how many faults."""
    whole = pairs(crosswalk)
    kinds = Counter(row.relationship for row in crosswalk.rows)
    told = ", ".join(f"{kinds[name]} {name}" for name in RELATIONSHIPS if kinds[name])
    rated = sum(bool(row.second_rating) for row in crosswalk.rows)
    differ = sum(row.raters_differ for row in crosswalk.rows)
    said = [f"{count_of(len(crosswalk), 'row')}{f': {told}' if told else ''}"]
    said += [f"{basis_words(crosswalk.rows)}"] if crosswalk.rows else []
    said += [f"{rated} rated twice, of which {differ} differ"] if rated else []
    found = Counter(fault.kind for fault in faults)
    wrong = ", ".join(f"{number} {kind}" for kind, number in found.most_common())
    lines = [f"  {source} to {target}: {number}" for (source, target), number in whole.items()]
    return "\n".join([f"{'; '.join(said)}.", *lines, f"Faults: {wrong or 'none'}."])


def changes_told(changes: Changes, frameworks: Frameworks) -> str:
    """Say how two versions differ, and which requirements lost their cover."""
    lines = [f"{changes.sentence()}."]
    for name, places in (
        ("inherit nothing any more", changes.lost_cover),
        ("are related to nothing any more", changes.lost_all),
    ):
        if places:
            told = ", ".join(f"{short_name(frameworks, f)} {i}" for f, i in places[:MOST_TOLD])
            more = f" and {len(places) - MOST_TOLD} more" if len(places) > MOST_TOLD else ""
            lines.append(f"These {name}: {told}{more}.")
    return "\n".join(lines)


def source_row_told(row: SourceRow, frameworks: Frameworks) -> str:
    """Say a row of the source document's tables, and beside it what is right."""
    written = "; ".join(
        f"{short_name(frameworks, one.framework)} {one.id}, called {one.label}"
        for one in row.written
    )
    lines = [f"Line {row.line}: {written}. {row.says}"]
    lines += [f"  right: {one.sentence()}" for one in row.corrected]
    return "\n".join([*lines, f"  notes: {', '.join(row.notes)}"])
