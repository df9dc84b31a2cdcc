"""`minns map`: bring code maps in and out, check them, and take them to a wave."""

import datetime
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from minns import console
from minns.commands import HERE, JsonOption, ProjectOption, told, usage
from minns.config import Gates
from minns.errors import ConfigError, GateError, MappingError
from minns.maps import STATES, CodeMap, exchange
from minns.maps.check import check_targets, target_of
from minns.maps.coverage import Bar, failing
from minns.maps.desk import Desk
from minns.maps.exchange import FORMATS, Told
from minns.maps.review import MEANINGS, corrected, decide, open_maps
from minns.maps.sssom import SUFFIX
from minns.model import CARE_UNIT, RECORD_UNIT
from minns.site import PACKAGED, Site, open_site

app = typer.Typer(no_args_is_help=True, help="Code maps: what local codes mean.")
review_app = typer.Typer(no_args_is_help=True, help="Decide code maps.")
app.add_typer(review_app, name="review")
SourceArgument = Annotated[str | None, typer.Argument(help="A source; else all maps.")]
FormatOption = Annotated[str | None, typer.Option("--format", help=", ".join(FORMATS))]


def desk_of(site: Site, source: str | None = None) -> Desk:
    """The maps of a source and those that all share; without one, all maps there are."""
    names = [source] if source else site.source_names()
    folders = [site.mapping_folder(name) / "codes" for name in names]
    own = site.own_mappings
    packaged = None if own is not None and own.resolve() == PACKAGED else PACKAGED
    return Desk((*folders, site.shared_codes), site.code_systems, packaged)


@app.command(
    "import", epilog="Example: minns map import labb.csv --to journal --system journal-lab"
)
@told
def import_(
    file: Path,
    to: Annotated[str, typer.Option(help="The source whose maps they are, or 'shared'.")],
    name: Annotated[str | None, typer.Option(help="Of our file; else the file's own.")] = None,
    kind: FormatOption = None,
    system: Annotated[str, typer.Option(help="Local code system, when the file has none.")] = "",
    target: Annotated[str, typer.Option(help="Standard code system, likewise.")] = "",
    version: Annotated[str, typer.Option(help="Edition of the standard codes, likewise.")] = "",
    of: Annotated[str, typer.Option("--kind", help="Kind of rows that the maps serve.")] = "",
    author: Annotated[str, typer.Option(help="Who made them, when the file has none.")] = "",
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Take in maps of SSSOM, Usagi or FHIR ConceptMap; none comes in as approved."""
    site = open_site(project)
    shared = to == "shared"
    said = Told(kind, system, target, version, of, author, "" if shared else to)
    taken = exchange.take(file, said, site.code_systems)
    folder = site.shared_codes if shared else site.mapping_folder(to) / "codes"
    stem = name or file.name.removesuffix(SUFFIX).split(".")[0]
    path = folder / f"{stem}{SUFFIX}"
    added = desk_of(site, None if shared else to).put(path, taken.maps)
    skipped = sum(taken.skipped.values())
    if as_json:
        told_ = {"file": str(path), "added": added, "maps": len(taken.maps)}
        console.print_json({**told_, "skipped": dict(taken.skipped)})
        return
    console.say(f"{console.number(added)} maps added to {path}")
    if skipped:
        reasons = ", ".join(f"{n} {why}" for why, n in taken.skipped.items())
        console.say(f"  {console.number(skipped)} rows give no map: {reasons}")


@app.command("export", epilog="Example: minns map export maps.json --source journal")
@told
def export_(
    file: Path,
    source: Annotated[str | None, typer.Option(help="Only this source's and the shared.")] = None,
    kind: FormatOption = None,
    state: Annotated[str, typer.Option(help="Only maps in this state, or 'all'.")] = "approved",
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Write maps for others: SSSOM, Usagi or FHIR ConceptMap."""
    site = open_site(project)
    if state not in (*STATES, "all"):
        raise ConfigError(f"one of {', '.join(STATES)}, all", found=f"'{state}'", do="Name one.")
    maps = [m for m in desk_of(site, source).maps() if state in ("all", m.state)]
    exchange.give(file, maps, kind, site.code_systems)
    if as_json:
        console.print_json({"file": str(file), "maps": len(maps)})
    else:
        console.say(f"{console.number(len(maps))} maps in {file}")


@app.command("check", epilog="Example: minns map check journal")
@told
def check_(
    source: SourceArgument = None, project: ProjectOption = HERE, as_json: JsonOption = False
) -> None:
    """Are the codes that maps lead to in their edition, and in use? Exit 4 when one is not."""
    site = open_site(project)
    listed = site.shared_codes / "known.csv"
    checked = check_targets(site.store, desk_of(site, source).maps(), listed)
    wrong = [found for found in checked if not found.good]
    if as_json:
        console.print_json([asdict(found) for found in checked])
    else:
        columns = ["map_id", "system", "version", "code", "verdict", "replaced_by"]
        shown = [[getattr(found, column) for column in columns] for found in wrong]
        console.show_table(columns, shown)
        for verdict in ("known", "unchecked"):
            count = sum(found.verdict == verdict for found in checked)
            console.say(f"{console.number(count)} {verdict}")
    if wrong:
        raise MappingError(
            "only codes in use behind code maps",
            found=f"{len(wrong)} that are retired or unknown",
            do="Mend these maps, or import the edition that they are of.",
        )


@app.command("suggest", epilog="Example: minns map suggest journal --kind observation --write")
@told
def suggest_(
    source: str,
    kind: Annotated[str | None, typer.Option(help="Only codes of this kind of rows.")] = None,
    most: Annotated[int, typer.Option(min=1, help="Candidates for a code.")] = 5,
    write: Annotated[bool, typer.Option("--write", help="Keep the best as 'suggested'.")] = False,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Standard codes for the local codes that nobody has mapped, ranked, with reasons."""
    site = open_site(project)
    found = usage.suggest_for(site, source, kind, most)
    path = site.mapping_folder(source) / "codes" / f"suggested{SUFFIX}"
    added = 0
    if write:
        best = [suggestion.as_map(source) for suggestion in found if suggestion.rank == 1]
        added = desk_of(site, source).put(path, best)
    if as_json:
        console.print_json([asdict(suggestion) for suggestion in found])
        return
    for one in found:
        if one.rank == 1:
            console.say(f"{one.local_system} {one.local_code} ({one.kind}): {one.local_text}")
        why = "; ".join(one.reasons) or "nothing better"
        console.say(f"  {one.rank}  {one.system} {one.code} {one.display} [{why}]")
    if not found:
        console.say("No local code is without a map.")
    elif write:
        console.say(f"{console.number(added)} suggestions added to {path}. Nobody has seen them.")


@app.command("coverage", epilog="Example: minns map coverage --wave wave-2")
@told
def coverage_(
    source: SourceArgument = None,
    wave: Annotated[str | None, typer.Option(help="A wave's sources, held to its gates.")] = None,
    least: Annotated[
        list[str] | None, typer.Option("--min", help="KIND, RISK or all=SHARE of occurrences.")
    ] = None,
    least_patients: Annotated[
        list[str] | None, typer.Option("--min-patients", help="Likewise, of patients.")
    ] = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """What share of statements, and of patients, has all its codes mapped; exit 9 below a gate."""
    site = open_site(project)
    lines = usage.coverage_of(site, [source] if source else usage.sources_of(site, wave))
    bars = _of_gates(site.wave(wave).gates) if wave else []
    bars += [*_bars(least, "occurrences"), *_bars(least_patients, "patients")]
    if as_json:
        console.print_json(
            [{**asdict(c), "share": c.share, "patient_share": c.patient_share} for c in lines]
        )
    else:
        columns = ["source", "kind", "risk", "occurrences", "mapped", "patients", "open_codes"]
        shown = [
            [*(getattr(c, name) for name in columns), f"{c.share:.1%}", f"{c.patient_share:.1%}"]
            for c in lines
        ]
        console.show_table([*columns, "of statements", "of patients"], shown)
    below = failing(lines, bars)
    if below:
        line, bar = below[0]
        raise GateError(
            f"{bar.least:.1%} of {bar.by} mapped ({bar.of})",
            found=f"less in {len(below)} places, the first {line.source} {line.kind}",
            do=f"Map its units, {CARE_UNIT} to {RECORD_UNIT}, as docs/access.md tells."
            if line.kind == "care_unit"
            else f"See 'minns map suggest {line.source}' for what is open.",
        )


def _of_gates(gates: Gates) -> list[Bar]:
    """A wave's gates, as bars."""
    kinds = [Bar(of, "occurrences", share) for of, share in gates.code_coverage_min.items()]
    risks = [Bar(of, "occurrences", share) for of, share in gates.code_risk_min.items()]
    patients = [Bar(of, "patients", share) for of, share in gates.code_patients_min.items()]
    return [*kinds, *risks, *patients]


def _bars(given: list[str] | None, by: str) -> list[Bar]:
    """`KIND=0.98` options."""
    try:
        pairs = [text.split("=") for text in given or []]
        return [Bar(of, by, float(share)) for of, share in pairs]
    except ValueError:
        raise ConfigError(
            "a share such as alert=0.99 or all=0.95", found="something else", do="Write it so."
        ) from None


@review_app.command("next", epilog="Example: minns map review next journal")
@told
def review_next(
    source: SourceArgument = None,
    number: Annotated[int, typer.Option(min=1, help="How many to show.")] = 10,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """The maps that wait for somebody: nearest to a wave first."""
    waiting = open_maps(desk_of(open_site(project), source).maps())
    if as_json:
        console.print_json([asdict(codemap) for codemap in waiting[:number]])
        return
    columns = ["map_id", "state", "local_code", "local_text", "system", "code", "display"]
    shown = [[getattr(codemap, column) for column in columns] for codemap in waiting[:number]]
    console.show_table(
        [*columns, "meaning"],
        [[*row, codemap.equivalence] for row, codemap in zip(shown, waiting, strict=False)],
    )
    console.say(f"{console.number(len(waiting))} maps wait. 'minns map review decide ID STATE'.")


def _target(site: Site, codemap: CodeMap, named: str) -> CodeMap:
    """A map of the same local code to the standard code that somebody names."""
    system, _, code = named.partition(":")
    if not (system and code):
        raise ConfigError("--code SYSTEM:CODE", found=f"'{named}'", do="Write npu:NPU04998.")
    version, display = target_of(site.store, site.shared_codes / "known.csv", system, code)
    return replace(codemap, system=system, code=code, system_version=version, display=display)


@review_app.command(
    "decide", epilog="Example: minns map review decide lab-1 reviewed --by physician-2"
)
@told
def review_decide(
    map_id: Annotated[str, typer.Argument(help="The map's id.")],
    state: Annotated[str, typer.Argument(help=", ".join(STATES))],
    by: Annotated[str, typer.Option(help="Who decides; another than the author from 'reviewed'.")],
    meaning: Annotated[str, typer.Option(help="With 'mapped': " + ", ".join(MEANINGS))] = "",
    code: Annotated[str, typer.Option(help="With 'mapped': another one, SYSTEM:CODE.")] = "",
    reason: Annotated[str, typer.Option(help="Why; kept with the map.")] = "",
    on: Annotated[str | None, typer.Option(help="Day of the decision; else today.")] = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Take a map to its next state, or reject it; written to its file with name and day."""
    site = open_site(project)
    desk = desk_of(site)
    file, codemap = desk.find(map_id)
    target = _target(site, codemap, code) if code else None
    day = on or str(datetime.datetime.now(datetime.UTC).date())
    decided = decide(corrected(codemap, meaning, target), state, by, day, reason)
    desk.change(file, codemap, decided)
    if as_json:
        console.print_json(asdict(decided))
    else:
        console.say(f"{map_id}: {codemap.state} -> {decided.state}. A wave uses approved maps.")
