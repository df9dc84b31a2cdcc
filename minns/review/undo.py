"""A decision taken back by the one who made it, as long as nothing was built on it."""

from minns.errors import ConfigError
from minns.pairs import Pair, judge, standing
from minns.review.opinions import alike, opinions
from minns.site import Site


def undo(site: Site, pair: Pair, reviewer: str, reason: str) -> str:
    """Take back a reviewer's own judgement or opinion; gives which it was.

    What two agreed on, what another decided, and what a run has obeyed since stays.
    """
    judged = standing(site).get(pair.id)
    if judged is not None:
        own = alike(judged.body["reviewer"], reviewer) and "reviewers" not in judged.body
        begun = site.ledger.last("run_started")
        if not own or (begun is not None and begun.sequence > judged.sequence):
            raise ConfigError(
                "a decision of one's own that no run has obeyed yet",
                found="one of two or of another" if not own else "one that a run has obeyed",
                do="Withdraw it: minns identity decide SOURCE:ID SOURCE:ID withdrawn",
            )
        judge(site, pair, "withdrawn", reason, reviewer)
        return "judgement"
    own_opinions = [o for o in opinions(site).get(pair.id, ()) if alike(o.reviewer, reviewer)]
    if not own_opinions:
        raise ConfigError(
            "a decision of one's own", found="none on this pair", do="Nothing is to be undone."
        )
    body = {**pair.columns, "opinion": own_opinions[-1].sequence, "reviewer": reviewer}
    site.ledger.append("", "opinion_undone", {**body, "reason": reason})
    return "opinion"
