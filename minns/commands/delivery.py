"""`minns delivery`: what stands on the FHIR server, and what it did not take."""

from typing import Annotated

import typer

from minns import console
from minns.commands import HERE, JsonOption, ProjectOption, told
from minns.delivery import state
from minns.errors import DeliveryError
from minns.site import Mode, open_site


@told
def delivery(
    rehearsal: Annotated[
        bool, typer.Option("--rehearsal", help="Of 'rehearsal_target'; else of 'target'.")
    ] = False,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """What was delivered to the FHIR server, and which resources it refused; exit 10 if any."""
    mode: Mode = "rehearsal" if rehearsal else "cutover"
    found = state(open_site(project), mode)
    if as_json:
        console.print_json(found)
    else:
        console.say(found["place"])
        if found["delivered"]:
            console.show_table(["", "delivered"], [[k, n] for k, n in found["delivered"].items()])
        else:
            console.say("Nothing has been delivered there yet.")
        columns = ["resource_type", "resource_id", "action", "status", "code", "path"]
        if found["refused"]:
            console.say("\nRefused:", "red")
            console.show_table(columns, [[row[c] for c in columns] for row in found["refused"]])
    if found["refused"]:
        raise typer.Exit(DeliveryError.exit_code)
