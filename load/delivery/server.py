"""A FHIR server over HTTP: transactions, reads in bundles, paged searches; it may fail at any time.

What it answers is taken apart here; nothing of a resource's content goes into an error.
"""

import hashlib
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson
import urllib3

from load.delivery.place import Place
from minns.errors import TargetError

_JSON = "application/fhir+json"
#: FHIRPath of an element; anything that could hold a value is left out.
_PATH = re.compile(r"[A-Za-z]\w*(\.\w+|\[\d+\])*")
#: Answers that say: later.
LATER = frozenset({408, 425, 429, 500, 502, 503, 504})


class Unreached(Exception):
    """No answer came, or none to be understood: whether anything was done is not known."""


@dataclass(frozen=True)
class Patience:
    """How often and how long is waited (seconds)."""

    attempts: int = 8
    base: float = 0.5
    longest: float = 60.0
    timeout: float = 60.0
    sleep: Callable[[float], None] = field(default=time.sleep, compare=False)

    def wait(self, attempt: int, asked: float | None, key: str) -> None:
        """Wait before attempt `attempt`: as long as the server asked, else twice as long as before,
        and a little more or less by `key`, so that many clients do not come at one time.
        """
        part = int(hashlib.md5(f"{key} {attempt}".encode()).hexdigest()[:8], 16) / 0xFFFFFFFF
        own = self.base * 2.0 ** (attempt - 1) * (0.75 + part / 2)
        self.sleep(min(asked if asked is not None else own, self.longest))


@dataclass(frozen=True)
class EntryAnswer:
    """What became of one entry of a bundle."""

    status: int
    version: str = ""
    last_modified: str = ""
    code: str = ""
    path: str = ""
    resource: dict[str, Any] | None = None

    @property
    def done(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True)
class Answer:
    """The server's answer to a bundle; `entries` is empty when it was refused as a whole."""

    status: int
    entries: tuple[EntryAnswer, ...] = ()
    after: float | None = None
    code: str = ""
    path: str = ""


def _outcome(value: Any) -> tuple[str, str]:
    """Code and path of the first error of an OperationOutcome."""
    issues = value.get("issue", []) if isinstance(value, dict) else []
    for issue in issues:
        if isinstance(issue, dict) and issue.get("severity") in ("error", "fatal"):
            code = re.sub(r"[^a-z-]", "", str(issue.get("code", "")))
            places = issue.get("expression") or [""]
            path = str(places[0])
            return code, path if _PATH.fullmatch(path) else ""
    return "", ""


def _tag(etag: str) -> str:
    return etag.removeprefix("W/").strip('"')


def _entry(value: Any) -> EntryAnswer:
    response = value.get("response", {})
    digits = re.match(r"\d{3}", str(response.get("status", "")))
    resource = value.get("resource")
    meta = resource.get("meta", {}) if isinstance(resource, dict) else {}
    located = re.search(r"/_history/([^/]+)$", str(response.get("location", "")))
    version = _tag(str(response.get("etag", ""))) or (located.group(1) if located else "")
    code, path = _outcome(response.get("outcome"))
    return EntryAnswer(
        status=int(digits.group()) if digits else 0,
        version=version or str(meta.get("versionId", "")),
        last_modified=str(response.get("lastModified") or meta.get("lastUpdated", "")),
        code=code,
        path=path,
        resource=resource if isinstance(resource, dict) else None,
    )


def _seconds(text: str | None) -> float | None:
    """Retry-After in seconds; a date there is answered with our own patience."""
    return float(text) if text and re.fullmatch(r"\d+(\.\d+)?", text) else None


class Server:
    """A FHIR R4 server. `with Server(place, patience) as server:`"""

    def __init__(self, place: Place, patience: Patience) -> None:
        self.place, self.patience = place, patience
        self.requests = 0
        headers = {"accept": _JSON, "content-type": _JSON}
        if place.token:
            headers["authorization"] = f"Bearer {place.token}"
        self._pool = urllib3.PoolManager(
            headers=headers, retries=False, timeout=urllib3.Timeout(total=patience.timeout)
        )

    def __enter__(self) -> "Server":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.clear()

    def _once(self, method: str, url: str, body: bytes | None) -> tuple[int, Any, float | None]:
        self.requests += 1
        try:
            answer = self._pool.request(method, url, body=body, redirect=False)
            value = orjson.loads(answer.data) if answer.data else {}
        except urllib3.exceptions.HTTPError:
            raise Unreached from None
        except orjson.JSONDecodeError:
            # A gateway's page in HTML still has a status that says what to do.
            if answer.status < 300:
                raise Unreached from None
            value = {}
        if answer.status in (401, 403):
            raise TargetError(
                f"to be let in at {self.place.base}",
                found=f"HTTP {answer.status}",
                do="Check 'token' under [delivery] in minns.toml and what it is allowed to do.",
            )
        return answer.status, value, _seconds(answer.headers.get("retry-after"))

    def unreachable(self, found: str) -> TargetError:
        """The error of a server that has had our patience."""
        return TargetError(
            f"a FHIR server that answers at {self.place.base}",
            found=f"{found} after {self.patience.attempts} attempts",
            do="Run again when it does: what is delivered stays, and the rest goes on from there.",
        )

    def _patiently(self, method: str, url: str, body: bytes | None = None) -> Any:
        """A request that changes nothing, until it is answered."""
        found = ""
        for attempt in range(1, self.patience.attempts + 1):
            after = None
            try:
                status, value, after = self._once(method, url, body)
                if 200 <= status < 300:
                    return value
                found = f"HTTP {status}"
                if status not in LATER:
                    break
            except Unreached:
                found = "no answer"
            if attempt < self.patience.attempts:
                self.patience.wait(attempt, after, url)
        raise self.unreachable(found)

    def greet(self) -> None:
        """Raise `TargetError` unless a FHIR R4 server answers there."""
        told = self._patiently("GET", f"{self.place.base}/metadata")
        version = str(told.get("fhirVersion", "")) if isinstance(told, dict) else ""
        if not version.startswith("4."):
            raise TargetError(
                f"a FHIR R4 server at {self.place.base}",
                found=f"FHIR {version}" if re.fullmatch(r"[\d.]+", version) else "something else",
                do="Check 'target' in minns.toml: it names the base of the server.",
            )

    def transact(self, entries: Sequence[str]) -> Answer:
        """Send a transaction once. Raises `Unreached` when it is not known what came of it."""
        body = f'{{"resourceType":"Bundle","type":"transaction","entry":[{",".join(entries)}]}}'
        status, value, after = self._once("POST", f"{self.place.base}/", body.encode())
        if not 200 <= status < 300:
            code, path = _outcome(value)
            return Answer(status, after=after, code=code, path=path)
        answers = tuple(map(_entry, value.get("entry", []))) if isinstance(value, dict) else ()
        if len(answers) != len(entries):
            raise Unreached
        return Answer(status, answers, after)

    def read(self, keys: Sequence[str]) -> dict[str, EntryAnswer]:
        """What stands under each `Type/id`; one that does not answers 404 or 410."""
        entries = ",".join(f'{{"request":{{"method":"GET","url":"{key}"}}}}' for key in keys)
        body = f'{{"resourceType":"Bundle","type":"batch","entry":[{entries}]}}'
        for attempt in range(1, self.patience.attempts + 1):
            value = self._patiently("POST", f"{self.place.base}/", body.encode())
            answers = [_entry(entry) for entry in value.get("entry", [])]
            if len(answers) == len(keys) and not any(one.status in LATER for one in answers):
                return dict(zip(keys, answers, strict=True))
            self.patience.wait(attempt, None, keys[0])
        raise self.unreachable("only part of an answer")

    def versions(self, kind: str, page: int = 200) -> Iterator[tuple[str, str]]:
        """Id and version of every resource of a type, page by page."""
        query = urlencode({"_elements": "id,meta", "_count": page})
        url = f"{self.place.base}/{kind}?{query}"
        while url:
            value = self._patiently("GET", url)
            for entry in value.get("entry", []):
                resource = entry["resource"]
                if resource["resourceType"] == kind:
                    yield resource["id"], str(resource.get("meta", {}).get("versionId", ""))
            links = {link["relation"]: link["url"] for link in value.get("link", [])}
            url = self._ours(links["next"]) if "next" in links else ""

    def _ours(self, url: str) -> str:
        """A link of the server's, at the address that we know: the token goes nowhere else."""
        base, link = urlsplit(self.place.base), urlsplit(url)
        query = f"?{link.query}" if link.query else ""
        return f"{base.scheme}://{base.netloc}{link.path or base.path}{query}"
