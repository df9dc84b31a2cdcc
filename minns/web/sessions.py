"""Sessions of those who are logged in: in the server's memory only, ended by a restart."""

import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

#: Seconds without a request, and seconds in all, after which one logs in again.
IDLE, LONGEST = 15 * 60.0, 10 * 3600.0
#: So many sessions at once; the one that was idle longest gives way.
_MOST = 1000


@dataclass
class Session:
    """One browser; `user` is empty until somebody logs in."""

    token: str
    begun: float
    seen: float
    user: str = ""
    #: The password's hash at log-in: a new password ends what the old one began.
    stamp: str = field(default="", repr=False)
    language: str = ""
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    #: The pair that is on the page and may be decided.
    shown: str = ""
    #: The pair that was decided last and what was decided, for undo.
    last: tuple[str, str] | None = None

    #: The conflict that was chosen from the list and may be settled.
    conflict: str = ""
    #: The sample that was chosen, and the number of its fact that is on the page.
    sample: str = ""
    fact: int = 0

    def owns(self, csrf: str) -> bool:
        """Whether a form came from a page of this session."""
        return hmac.compare_digest(self.csrf.encode(), csrf.encode())


class Sessions:
    """Every session by its token."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = Lock()
        self._all: dict[str, Session] = {}

    def find(self, token: str) -> Session | None:
        """The session of a token while it lasts."""
        now = self._now()
        with self._lock:
            found = self._all.get(token)
            if found is None:
                return None
            if now - found.seen > IDLE or now - found.begun > LONGEST:
                del self._all[token]
                return None
            found.seen = now
            return found

    def begin(self, user: str = "", stamp: str = "", language: str = "") -> Session:
        """A new session with a token that nobody had."""
        now = self._now()
        made = Session(secrets.token_urlsafe(32), now, now, user, stamp, language)
        with self._lock:
            if len(self._all) >= _MOST:
                # those who never logged in give way first
                idle = min(self._all.values(), key=lambda each: (bool(each.user), each.seen))
                del self._all[idle.token]
            self._all[made.token] = made
        return made

    def end(self, session: Session) -> None:
        """Forget a session."""
        with self._lock:
            self._all.pop(session.token, None)
