"""`minns withdraw`: take a wave out of the record again."""

from typing import Annotated

import typer

from minns import console, withdrawal
from minns.commands import HERE, JsonOption, ProjectOption, told
from minns.delivery import refuse_incomplete
from minns.site import Mode, open_site
from minns.withdrawal import Withdrawal


@told
def withdraw(
    wave: Annotated[str, typer.Argument(help="A wave that is in the record.")],
    cutover: Annotated[
        bool, typer.Option("--cutover", help="From the real record; else from the rehearsal's.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it; without it, only what it would change is shown.")
    ] = False,
    accept_foreign: Annotated[
        bool,
        typer.Option("--accept-foreign-changes", help="Load over what others changed there."),
    ] = False,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Take a wave out of the record: show what that changes, and with --yes do it.

    Persons, facts and ids of other waves stay. Nothing is deleted: what leaves stays readable as
    history, and the wave can be run again.
    """
    mode: Mode = "cutover" if cutover else "rehearsal"
    with console.Watching() as watch:
        site = open_site(project)
        if yes:
            done = withdrawal.withdraw(site, wave, mode, watch, accept_foreign=accept_foreign)
        else:
            done = withdrawal.plan(site, wave, mode, watch)
    if as_json:
        console.print_json(done.as_json())
    else:
        _show(done)
    if yes:
        refuse_incomplete(done.delivery)


def _show(done: Withdrawal) -> None:
    console.say(f"Withdrawal of {done.wave} from {done.target} · {done.mode}\n", "bold")
    rows = [[c.table, c.added, c.changed, c.closed] for c in done.changes if c.total]
    console.show_table(["", "come back", "change", "leave"], rows)
    if done.delivery is not None:
        console.show_delivery(done.delivery.as_json())
    console.say(f"\nIn the record without it: {', '.join(done.remaining) or 'nothing'}.")
    again = " (went on where it was stopped)" if done.resumed else ""
    if done.load_id is not None:
        console.say(f"Withdrawn as load {done.load_id}, run {done.run_id}{again}.", "green")
        return
    flag = " --cutover" if done.mode == "cutover" else ""
    console.say("Nothing has been changed.")
    console.say(f"To withdraw: minns withdraw {done.wave}{flag} --yes")
