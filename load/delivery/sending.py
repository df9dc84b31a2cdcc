"""One bundle until it is settled: sent again, asked about, halved; each answer into the journal."""

from collections.abc import Sequence
from dataclasses import dataclass

from load.delivery.items import Item, digest
from load.delivery.journal import Journal, Settled
from load.delivery.order import Unit
from load.delivery.server import LATER, Answer, EntryAnswer, Server, Unreached

#: Answers that may come of what was done already, or of what others did.
_MOVED = frozenset({404, 409, 410, 412})
#: Units in a row that fail without a reason (HTTP 500) before the server is taken to be down.
_DOWN = 5


@dataclass
class Sender:
    """Sends bundles to one server, and counts."""

    server: Server
    journal: Journal
    accept_foreign: bool = False
    put: int = 0
    deleted: int = 0
    found: int = 0
    bundles: int = 0
    failed: int = 0

    def send(self, ordered: Sequence[Unit], *, ask: bool = False) -> None:
        """Have the server do all it will do of these units, which stand in their order.

        `ask`: find out first how they stand there.
        """
        asked = ask
        if ask:
            ordered = self._ask(ordered)
        attempt = 0
        while ordered:
            attempt += 1
            answer = self._transact(ordered)
            if answer is not None and 200 <= answer.status < 300:
                left = self._settle(ordered, answer.entries)
                if left != list(ordered):
                    ordered, attempt, asked = left, 0, False
                    continue
                worst = self._worst(answer.entries)
                if worst.status not in LATER or attempt >= self.server.patience.attempts:
                    return self._part(ordered, worst)
                self._wait(ordered, attempt, answer)
            elif answer is None or answer.status in LATER:
                if attempt >= self.server.patience.attempts:
                    return self._give_up(ordered, answer)
                self._wait(ordered, attempt, answer)
                if answer is None or answer.status != 429:
                    ordered, asked = self._ask(ordered), True
            elif answer.status in _MOVED and not asked:
                ordered, asked = self._ask(ordered), True
            else:
                refused = EntryAnswer(answer.status, code=answer.code, path=answer.path)
                return self._part(ordered, refused)
        return None

    def _transact(self, ordered: Sequence[Unit]) -> Answer | None:
        """Send it once; None: nobody knows what came of it."""
        items = _flat(ordered)
        self.journal.mark_sent(items)
        self.bundles += 1
        try:
            return self.server.transact([item.entry() for item in items])
        except Unreached:
            return None

    def _wait(self, ordered: Sequence[Unit], attempt: int, answer: Answer | None) -> None:
        self.server.patience.wait(attempt, answer.after if answer else None, ordered[0][0].key)

    def _settle(self, ordered: Sequence[Unit], answers: Sequence[EntryAnswer]) -> list[Unit]:
        """Write down what was done; gives the units of which something was not."""
        settled, left, place = [], [], 0
        for unit in ordered:
            said = answers[place : place + len(unit)]
            place += len(unit)
            open_items = []
            for item, one in zip(unit, said, strict=True):
                if one.done or (not item.body and one.status in (404, 410)):
                    settled.append(Settled(item, one.status, one.version, one.last_modified))
                else:
                    open_items.append(item)
            if open_items:
                left.append(tuple(open_items))
        if settled:
            self.failed = 0
            self.put += sum(bool(answer.item.body) for answer in settled)
            self.deleted += sum(not answer.item.body for answer in settled)
            self.journal.settle(settled)
        return left

    def _worst(self, answers: Sequence[EntryAnswer]) -> EntryAnswer:
        """What counts when nothing was done: one that may be done later may let others be done."""
        failed = [answer for answer in answers if not answer.done]
        return next((answer for answer in failed if answer.status in LATER), failed[0])

    def _part(self, ordered: Sequence[Unit], answer: EntryAnswer) -> None:
        """Halve what was refused; a unit that stands alone is written down as refused."""
        if len(ordered) > 1:
            middle = len(ordered) // 2
            self.send(ordered[:middle])
            self.send(ordered[middle:])
            return
        for item in ordered[0]:
            self.journal.refuse(item, answer.status, answer.code, answer.path)

    def _give_up(self, ordered: Sequence[Unit], answer: Answer | None) -> None:
        """A server that is down ends the run; one that fails for one resource only does not."""
        self.failed += 1
        if answer is None or answer.status != 500 or self.failed >= _DOWN:
            raise self.server.unreachable(f"HTTP {answer.status}" if answer else "no answer")
        self._part(ordered, EntryAnswer(500, code=answer.code, path=answer.path))

    def _ask(self, ordered: Sequence[Unit]) -> list[Unit]:
        """How they stand on the server: what is done already is settled, what others changed is
        refused (or taken over), the rest is left to be sent with the version that stands there.
        """
        answers = self.server.read([item.key for item in _flat(ordered)])
        settled: list[Settled] = []
        left: list[Unit] = []
        for unit in ordered:
            judged = [self._judge(item, answers[item.key], settled) for item in unit]
            kept = tuple(item for item in judged if item is not None)
            if kept:
                left.append(kept)
        if settled:
            self.found += len(settled)
            self.journal.settle(settled)
        return left

    def _judge(self, item: Item, there: EntryAnswer, settled: list[Settled]) -> Item | None:
        """The item as it is to be sent; None when there is nothing left to do, or nothing may be
        done.
        """
        absent = there.status in (404, 410)
        if not absent and there.resource is None:
            raise self.server.unreachable(f"no resource, but HTTP {there.status},")
        content = digest(there.resource) if there.resource else ""
        if (absent and not item.body) or (
            content and item.body and content == digest(item.resource)
        ):
            settled.append(Settled(item, there.status, there.version, there.last_modified))
            return None
        if absent and not item.known:
            return item.at("", known=False)
        if self.accept_foreign or (not absent and item.known and self._ours(item, there, content)):
            return item.at("" if absent else there.version, known=not absent)
        self.journal.refuse(item, there.status if absent else 412, "foreign-change", "")
        return None

    def _ours(self, item: Item, there: EntryAnswer, content: str) -> bool:
        """Whether it stands there as we left it, perhaps under another version."""
        return content == item.digest or bool(item.version and item.version == there.version)


def _flat(ordered: Sequence[Unit]) -> list[Item]:
    return [item for unit in ordered for item in unit]
