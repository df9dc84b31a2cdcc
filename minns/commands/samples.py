"""`minns sample`, `minns signoff`: samples of facts that clinicians read, and their signatures."""

import sys
from typing import Annotated

import typer

from minns import console
from minns.commands import HERE, JsonOption, ProjectOption, told
from minns.errors import ConfigError, GateError
from minns.recorded import reader
from minns.samples import drawing, signing
from minns.samples.figures import figures, line
from minns.samples.state import Sample, sample, samples
from minns.site import Site, open_site
from minns.web import users

app = typer.Typer(no_args_is_help=True, help="Samples of facts: draw them, see how they go.")
signoff = typer.Typer(no_args_is_help=True, help="Signatures of samples, and whether they hold.")

NameArgument = Annotated[str, typer.Argument(help="A sample's name.", metavar="NAME")]
ReaderOption = Annotated[
    list[str] | None, typer.Option("--reader", help="A user who reads it; may be repeated.")
]
AdjudicatorOption = Annotated[
    list[str] | None,
    typer.Option("--adjudicator", help="A user who settles what its readers differ on."),
]
ByOption = Annotated[
    str | None, typer.Option("--by", help="Who does it; default who is logged in. Kept.")
]


def _known(site: Site, names: list[str] | None) -> list[tuple[str, bool]]:
    """Users who may read, each with whether protected persons may be shown to them."""
    found = [users.named(site.ledger, name) for name in names or []]
    for user in found:
        if user.role == "admin" or not user.enabled:
            raise ConfigError(
                "users who may read samples: stewards, clinicians, leads",
                found=f"'{user.name}', who may not",
                do="'minns user list' shows the roles.",
            )
    return [(user.name, user.protected) for user in found]


@app.command(
    "draw",
    epilog="Example: minns sample draw wave-2 --name first --seed 7 --reader anna --reader bo"
    " --double-blind --adjudicator eva",
)
@told
def sample_draw(
    wave: str,
    name: Annotated[str, typer.Option("--name", help="What it is called from now on.")],
    seed: Annotated[int, typer.Option("--seed", help="Same seed, same facts.")],
    error_below: Annotated[
        float, typer.Option("--error-below", help="The share of wrong facts it is to rule out.")
    ] = 0.01,
    confidence: Annotated[float, typer.Option(help="With this confidence.")] = 0.95,
    errors_allowed: Annotated[
        int, typer.Option("--errors-allowed", min=0, max=50, help="Even if so many are wrong.")
    ] = 0,
    least: Annotated[
        int, typer.Option(min=0, max=1000, help="Facts of each stratum of risk, at least.")
    ] = 10,
    double_blind: Annotated[
        bool, typer.Option("--double-blind", help="Two read each fact, neither seeing the other.")
    ] = False,
    reader_: ReaderOption = None,
    adjudicator: AdjudicatorOption = None,
    by: ByOption = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Draw facts of the wave's last run for people to read: by source, kind and risk, by seed.

    As many as show the aim when none is found wrong: 299 for below 1 % with 95 % confidence.
    """
    site = open_site(project)
    readers, settlers = _known(site, reader_), _known(site, adjudicator)
    aim = drawing.Aim(error_below, confidence, errors_allowed)
    asked = drawing.Asked(wave, name, seed, aim, least, double_blind)
    drawing.draw(site, asked, reader(by))
    if readers or settlers:
        drawing.assign(site, name, readers, settlers, reader(by))
    _tell(sample(site, name), as_json)


@app.command("assign", epilog="Example: minns sample assign first --reader anna --adjudicator eva")
@told
def sample_assign(
    name: NameArgument,
    reader_: ReaderOption = None,
    adjudicator: AdjudicatorOption = None,
    by: ByOption = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Let more users read a sample, or settle it; its facts are shared out among its readers."""
    site = open_site(project)
    found = sample(site, name)
    readers, settlers = _known(site, reader_), _known(site, adjudicator)
    drawing.assign(site, found.name, readers, settlers, reader(by))
    _tell(sample(site, name), as_json)


@app.command("list", epilog="Example: minns sample list --json")
@told
def sample_list(project: ProjectOption = HERE, as_json: JsonOption = False) -> None:
    """Every sample and how far it came."""
    lines = [line(each) for each in samples(open_site(project)).values()]
    if as_json:
        console.print_json(lines)
        return
    columns = ["sample", "wave", "facts", "read", "differ", "wrong", "shown", "failed", "signed"]
    console.show_table(columns, [[each[c] for c in columns] for each in lines])
    if not lines:
        console.say("No sample yet. Draw one with 'minns sample draw WAVE --name NAME --seed N'.")


@app.command("show", epilog="Example: minns sample show first")
@told
def sample_show(
    name: NameArgument, project: ProjectOption = HERE, as_json: JsonOption = False
) -> None:
    """What a sample shows so far: by risk, how well its readers agree, and who still reads."""
    _tell(sample(open_site(project), name), as_json)


def _tell(found: Sample, as_json: bool) -> None:
    told_ = {**line(found), **figures(found)}
    if as_json:
        console.print_json(told_)
        return
    console.say(f"{found.name} · {found.wave} · seed {found.entry.body['seed']}", "bold")
    columns = ["risk", "population", "facts", "read", "errors"]
    console.show_table(columns, [[each[c] for c in columns] for each in told_["strata"]])
    aim = found.aim
    console.say(
        f"{told_['read']} of {told_['facts']} facts read, {told_['wrong']} wrong;"
        f" of the {told_['base']} that tell of all: {told_['errors']} wrong,"
        f" so at most {told_['bound']:.2%} (aim {aim['error_below']:.2%},"
        f" confidence {aim['confidence']:.0%})."
    )
    for text in _notes(told_):
        console.say(text)


def _notes(told_: dict[str, object]) -> list[str]:
    notes = []
    if told_["failed"]:
        notes.append("The aim cannot be reached any more: stop, mend, and draw a new sample.")
    if told_["kappa"] is not None:
        notes.append(f"Readers: kappa {told_['kappa']:.2f}, {told_['differ']} facts to settle.")
    if told_["unreadable"]:
        notes.append(f"{told_['unreadable']} facts have too few readers: 'minns sample assign'.")
    return notes


@signoff.command("sign", epilog="Example: minns signoff sign first --user anna --verdict approved")
@told
def signoff_sign(
    name: NameArgument,
    user: Annotated[str, typer.Option("--user", help="Who signs; the password is asked for.")],
    verdict: Annotated[str, typer.Option("--verdict", help="approved or rejected.")],
    comment: Annotated[str, typer.Option("--comment", help="Kept, so without names.")] = "",
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Sign a sample that was read; the password is asked for, or read from stdin."""
    site = open_site(project)
    if sys.stdin.isatty():
        password = str(typer.prompt("Password", hide_input=True, err=True))
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    signer = users.log_in(site.ledger, user, password)
    if signer is None:
        raise ConfigError(
            "a user and their password", found="another", do="After five failures a name is locked."
        )
    entry = signing.sign(
        site, name, by=signer.name, role=signer.role, verdict=verdict, comment=comment
    )
    if as_json:
        console.print_json({"entry": entry.sequence, "receipt": entry.hash, **entry.body})
    else:
        console.say(f"Signed. Receipt, to keep elsewhere: {entry.sequence}:{entry.hash}")


@signoff.command("list", epilog="Example: minns signoff list --json")
@told
def signoff_list(project: ProjectOption = HERE, as_json: JsonOption = False) -> None:
    """Every signature: what it binds and whether it holds; exit 9 when one has expired."""
    lines = signing.signatures(open_site(project))
    if as_json:
        console.print_json(lines)
    else:
        columns = ["sample", "wave", "by", "role", "verdict", "signed", "holds"]
        console.show_table(columns, [[each[c] for c in columns] for each in lines])
        for each in lines:
            for why in each["expired_because"]:
                console.say(f"  {each['sample']}: {why}", "red")
    if not all(each["holds"] for each in lines):
        raise typer.Exit(GateError.exit_code)
