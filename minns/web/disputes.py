"""The pages on which facts that disagree are looked at and settled."""

from starlette.responses import Response

from minns.conflicts import judging, listing, sides
from minns.errors import ConfigError
from minns.recorded import any_record
from minns.web import access
from minns.web.answering import Asked, to

VERDICTS = judging.VERDICTS[:-1]


def show_conflicts(asked: Asked) -> Response:
    """The most dangerous conflicts that nobody has judged, and how many there are; no value."""
    web = asked.web
    if not any_record(web.site):
        return asked.page("conflicts", lines=[], waiting=0, judged=0)
    with web.turn:
        wanted = listing.Asked(size=1000)
        found = listing.conflicts(web.site, wanted, asked.language)
    open_ones = [line for line in found["conflicts"] if line["next_run"] is None]
    judged = len(found["conflicts"]) - len(open_ones)
    waiting = found["total"] - judged
    return asked.page("conflicts", lines=open_ones[:50], waiting=waiting, judged=judged)


def do_open(asked: Asked) -> Response:
    """Choose the conflict to look at; addresses hold no pointer to a patient."""
    asked.session.conflict = asked.form.get("conflict", "")
    return to("/conflict")


def show_conflict(asked: Asked) -> Response:
    """The conflict that was chosen, side by side; who looks is in the ledger before it is shown."""
    web, user, chosen = asked.web, asked.who, asked.session.conflict
    if not chosen:
        return asked.page("conflict", shown=None, verdicts=VERDICTS)
    with web.turn:
        if not user.protected and sides.protected(web.site, chosen):
            asked.session.conflict = ""
            access.refused(web.site.ledger, user.name, "conflict", "a protected person")
            return asked.page("message", 403, title="Refused", text="")
        shown = sides.conflict(
            web.site,
            chosen,
            asked.language,
            by=user.name,
        )
    return asked.page("conflict", shown=shown, verdicts=VERDICTS)


def do_settle(asked: Asked) -> Response:
    """Record what was judged of the conflict that this session looked at; back to the list."""
    web, form, session = asked.web, asked.form, asked.session
    chosen = form.get("conflict", "")
    if not chosen or chosen != session.conflict:
        access.refused(web.site.ledger, asked.who.name, "conflict", "one that was not shown")
        return asked.page("message", 403, title="Refused", text="")
    if form.get("verdict") not in VERDICTS:
        raise ConfigError(
            "one of the verdicts on the page", found="another", do="Go back and choose one."
        )
    with web.turn:
        judging.settle(
            web.site,
            chosen,
            form["verdict"],
            form.get("reason", ""),
            asked.who.name,
        )
    session.conflict = ""
    return to("/conflicts")
