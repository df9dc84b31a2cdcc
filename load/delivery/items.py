"""One resource on its way: what is to be done with it, and what we know of it on the server."""

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import orjson

#: What a server says itself in meta; it is no part of what we delivered.
_ITS_OWN = ("versionId", "lastUpdated")


def digest(resource: dict[str, Any]) -> str:
    """A hash of a resource's content in any order of its keys, without what a server adds."""
    meta = {name: value for name, value in resource.get("meta", {}).items() if name not in _ITS_OWN}
    if "source" in meta:
        # HAPI notes the request behind a '#' there.
        meta["source"] = meta["source"].split("#")[0]
    content = {**resource, "meta": meta} if meta else dict(resource)
    if not meta:
        content.pop("meta", None)
    return hashlib.md5(
        orjson.dumps(content, option=orjson.OPT_SORT_KEYS), usedforsecurity=False
    ).hexdigest()


@dataclass(frozen=True)
class Item:
    """A resource to put (with its body) or, without a body, to delete.

    `version` and `digest`: how we left it on the server (`known`: that we did).
    """

    kind: str
    id: str
    person_id: str = ""
    content_hash: str = ""
    refs: tuple[str, ...] = ()
    body: str = ""
    version: str = ""
    digest: str = ""
    known: bool = False

    @property
    def key(self) -> str:
        """`Type/id`, as references have it."""
        return f"{self.kind}/{self.id}"

    @property
    def resource(self) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(self.body)
        return found

    def at(self, version: str, *, known: bool = True) -> "Item":
        """The same, with the version that now stands on the server."""
        return replace(self, version=version, known=known)

    def entry(self) -> str:
        """The entry of a transaction: PUT by id (when nobody changed it since), or DELETE."""
        match = f',"ifMatch":"W/\\"{self.version}\\""' if self.version else ""
        if not self.body:
            return f'{{"request":{{"method":"DELETE","url":"{self.key}"{match}}}}}'
        request = f'"request":{{"method":"PUT","url":"{self.key}"{match}}}'
        return f'{{"fullUrl":"urn:minns:{self.key}","resource":{self.body},{request}}}'
