"""What `target` says of a FHIR server: `fhir+https://host/base`, on this machine also http."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from minns.errors import ConfigError


@dataclass(frozen=True)
class Place:
    """A FHIR server: the URL of its base, and the token it wants, if any (never shown)."""

    base: str
    token: str = ""

    def __repr__(self) -> str:
        return f"Place({self.base})"


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def place_of(target: str, token: str = "") -> Place:
    """The server that `target` (`fhir+https://…`) names; plain http only on this machine.

    Raises `ConfigError` for another form, and for a user or password within it.
    """
    url = urlsplit(target.removeprefix("fhir+"))
    host = url.hostname or ""
    if not target.startswith("fhir+http") or not host or url.query or url.fragment:
        raise ConfigError(
            "a FHIR server as fhir+https://host/base in 'target'",
            found="something else",
            do="Write the base URL of the server after 'fhir+'.",
        )
    if url.username or url.password:
        raise ConfigError(
            "no user or password in 'target'",
            found="one",
            do='Set token = "${NAME}" under [delivery] in minns.toml.',
        )
    if url.scheme != "https" and not _loopback(host):
        raise ConfigError(
            f"fhir+https:// for {host}",
            found="http, which anybody on the way can read",
            do="Use https; plain http is for this machine alone.",
        )
    return Place(f"{url.scheme}://{url.netloc}{url.path.rstrip('/')}", token)
