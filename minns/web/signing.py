"""The page on which a sample is signed: what it shows, and a signature by password."""

from starlette.responses import Response

from minns.samples import signing
from minns.samples.figures import figures, line
from minns.samples.state import Sample
from minns.web.answering import Asked
from minns.web.reading import chosen, refused
from minns.web.users import log_in


def show_sign(asked: Asked) -> Response:
    """What the chosen sample shows, who signed it, and whether that still holds; no patient."""
    return _page(asked, chosen(asked), failed=False)


def _page(asked: Asked, found: Sample | None, *, failed: bool) -> Response:
    if found is None:
        return asked.page("sign", sample=None)
    site = asked.web.site
    with asked.web.turn:
        changed = signing.changes(site, found)
    return asked.page(
        "sign",
        403 if failed else 200,
        sample=line(found, asked.who.name),
        told=figures(found),
        aim=found.aim,
        changed=changed,
        signatures=found.signatures,
        mine=any(each.body["by"] == asked.who.name for each in found.signatures),
        failed=failed,
    )


def do_sign(asked: Asked) -> Response:
    """Sign with the password, which is asked for again: a browser left open signs nothing."""
    found, form, user = chosen(asked), asked.form, asked.who
    if found is None:
        return refused(asked, "a sample of others")
    site = asked.web.site
    if log_in(site.ledger, user.name, form.get("password", "")) is None:
        return _page(asked, found, failed=True)
    verdict, comment = form.get("verdict", ""), form.get("comment", "")
    with asked.web.turn:
        signing.sign(
            site, found.name, by=user.name, role=user.role, verdict=verdict, comment=comment
        )
    return _page(asked, chosen(asked), failed=False)
