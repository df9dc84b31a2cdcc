"""The pages on which samples are read: one's own list, a fact at a time, on paper, settled."""

from starlette.responses import Response

from minns.samples import facing
from minns.samples import reading as samples_read
from minns.samples.facing import Desk
from minns.samples.figures import line
from minns.samples.state import Sample, samples
from minns.samples.words import VERDICTS
from minns.web import access
from minns.web.answering import Asked, to
from validation.sample import Drawn

#: Where one goes from the list.
PLACES = {"read": "/sample", "sheet": "/sample/sheet", "settle": "/sample/settle"}
PLACES |= {"sign": "/sample/sign"}
#: So many facts on a printed sheet.
_SHEET = 10


def chosen(asked: Asked) -> Sample | None:
    """The sample that this session opened, as long as it is theirs."""
    found = samples(asked.web.site).get(asked.session.sample)
    return found if found is not None and found.concerns(asked.who.name) else None


def refused(asked: Asked, why: str) -> Response:
    """Write down and tell that something is not theirs."""
    access.refused(asked.web.site.ledger, asked.who.name, "sample", why)
    return asked.page("message", 403, title="Refused", text="")


def show_samples(asked: Asked) -> Response:
    """One's own samples and how far they came; no patient, no value."""
    name = asked.who.name
    own = [each for each in samples(asked.web.site).values() if each.concerns(name)]
    return asked.page("samples", lines=[line(each, name) for each in reversed(own)])


def do_open(asked: Asked) -> Response:
    """Choose one of one's samples; addresses hold no name of it."""
    name = asked.form.get("sample", "")
    found = samples(asked.web.site).get(name)
    if found is None or not found.concerns(asked.who.name):
        return refused(asked, "a sample of others")
    asked.session.sample, asked.session.fact = name, 0
    return to(PLACES.get(asked.form.get("to", ""), "/sample"))


def _seen(asked: Asked, desk: Desk, facts: tuple[Drawn, ...], most: int) -> list[Drawn]:
    """The first facts that may be shown to who asks: a person may be protected since the draw."""
    may, seen = asked.who.protected, []
    for fact in facts:
        if may or not facing.protected(desk, fact):
            seen.append(fact)
        if len(seen) == most:
            break
    return seen


def show_fact(asked: Asked) -> Response:
    """The fact that is to be read next; who looks is in the ledger before it is shown."""
    web, name, found = asked.web, asked.who.name, chosen(asked)
    if found is None:
        return asked.page("sample", sample=None, fact=None)
    with web.turn:
        facts = samples_read.owed(found, name)
        shown = None
        with facing.opened(web.site, found, asked.language, name) as desk:
            for fact in _seen(asked, desk, facts, 1):
                shown = facing.face(desk, fact)
    asked.session.fact = shown["at"] if shown else 0
    read = [r for given in found.readings.values() for r in given if r.by == name]
    today = web.site.ledger.moment()[:10]
    return asked.page(
        "sample",
        sample=line(found, name),
        fact=shown,
        last=max(read, key=lambda each: each.sequence, default=None),
        words=VERDICTS,
        read=len(read),
        today=sum(each.moment[:10] == today for each in read),
    )


def _shown_number(asked: Asked) -> int | None:
    """The number of the fact in a form, when it is the one that this session was shown."""
    session = asked.session
    sent = asked.form.get("fact", "")
    return session.fact if session.fact and sent == str(session.fact) else None


def do_verdict(asked: Asked) -> Response:
    """Record what was found of the fact that this session was shown, and go to the next."""
    found, at = chosen(asked), _shown_number(asked)
    if found is None or at is None:
        return refused(asked, "a fact that was not shown")
    verdict, comment = asked.form.get("verdict", ""), asked.form.get("reason", "")
    with asked.web.turn:
        samples_read.read(asked.web.site, found, at, asked.who.name, verdict, comment)
    asked.session.fact = 0
    return to("/sample")


def do_undo(asked: Asked) -> Response:
    """Take back what one found last, until the sample is signed."""
    found = chosen(asked)
    if found is None:
        return refused(asked, "a sample of others")
    with asked.web.turn:
        samples_read.undo(asked.web.site, found, asked.who.name)
    return to("/sample")


def show_sheet(asked: Asked) -> Response:
    """The next facts to be read, on paper; each look is in the ledger."""
    web, name, found = asked.web, asked.who.name, chosen(asked)
    if found is None:
        return asked.page("sheet", sample=None, facts=[])
    with web.turn, facing.opened(web.site, found, asked.language, name) as desk:
        seen = _seen(asked, desk, samples_read.owed(found, name), _SHEET)
        facts = [facing.face(desk, fact) for fact in seen]
    return asked.page("sheet", sample=line(found, name), facts=facts)


def show_dispute(asked: Asked) -> Response:
    """A fact on which two readers differ, before the third; without the names of the two."""
    web, name, found = asked.web, asked.who.name, chosen(asked)
    shown, said = None, []
    if found is not None:
        with web.turn, facing.opened(web.site, found, asked.language, name) as desk:
            facts = samples_read.to_adjudicate(found, name)
            for fact in _seen(asked, desk, facts, 1):
                shown = facing.face(desk, fact)
                said = [(r.verdict, r.comment) for r in found.readings[fact.at]]
    asked.session.fact = shown["at"] if shown else 0
    return asked.page(
        "settle",
        sample=line(found, name) if found else None,
        fact=shown,
        said=said,
        words=VERDICTS,
    )


def do_settle(asked: Asked) -> Response:
    """Settle what two readers differ on."""
    found, at = chosen(asked), _shown_number(asked)
    if found is None or at is None:
        return refused(asked, "a fact that was not shown")
    verdict, comment = asked.form.get("verdict", ""), asked.form.get("reason", "")
    with asked.web.turn:
        samples_read.adjudicate(asked.web.site, found, at, asked.who.name, verdict, comment)
    asked.session.fact = 0
    return to("/sample/settle")
