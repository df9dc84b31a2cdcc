"""FHIR software of others: Medplum's validator and router in Node, installed once into a cache.

`node_folder()` is where the programs of tests/peers stand with what they need; `validate` has
resources looked at; the fixture `fhir_server` is a server in memory for each test that asks for it.
Without Node or npm's registry the tests are skipped, and with CI set they fail.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from conftest import missing

PEERS = Path(__file__).parent / "peers"
#: HL7 Sweden's base profiles, where the public test material is at hand.
SWEDISH = Path(__file__).resolve().parents[2] / "shared" / "data" / "conformance" / "hl7se"


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    wanted = hashlib.sha256((PEERS / "package.json").read_bytes()).hexdigest()[:12]
    return Path(base) / "minns-peers" / wanted


@cache
def node_folder() -> Path:
    """The folder with the peers' programs and their packages; installed when it is not there."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        missing("node and npm, for the FHIR software of others")
    folder = _cache()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "installed").is_file():
            shutil.copy(PEERS / "package.json", folder)
            quick = ["--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
            done = subprocess.run(
                [npm, "install", *quick], cwd=folder, capture_output=True, text=True, check=False
            )
            if done.returncode:
                missing("npm's registry, for the FHIR software of others")
            (folder / "installed").touch()
    return folder


@contextmanager
def _programs() -> Iterator[Path]:
    """The programs as they are now, where Node finds their packages."""
    with tempfile.TemporaryDirectory(prefix="minns-peers-") as name:
        for program in PEERS.glob("*.mjs"):
            shutil.copy(program, name)
        (Path(name) / "node_modules").symlink_to(node_folder() / "node_modules")
        yield Path(name)


def _profiles(profiles: Iterable[Path]) -> list[str]:
    return [word for place in profiles for word in ("--profiles", str(place.resolve()))]


def swedish() -> list[Path]:
    """HL7 Sweden's profiles, where they are at hand."""
    return [SWEDISH] if SWEDISH.is_dir() else []


def validate(
    resources: Iterable[Any] = (), *, files: Sequence[Path] = (), profiles: Iterable[Path] = ()
) -> dict[str, Any]:
    """What the validator says: `{"checked": n, "errors": [{"type", "id", "path", "message"}]}`.

    `resources`: resources as plain values; or `files` of NDJSON, or of one resource (.json).
    `profiles`: StructureDefinitions (files or folders), used where meta.profile names them.
    """
    lines = "".join(json.dumps(resource) + "\n" for resource in resources)
    named = [str(path.resolve()) for path in files]
    with _programs() as folder:
        done = subprocess.run(
            ["node", str(folder / "validate.mjs"), *_profiles(profiles), *named],
            input=lines,
            capture_output=True,
            text=True,
            check=True,
        )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@dataclass(frozen=True)
class FhirServer:
    """A running server; `target` is what minns.toml says of it."""

    port: int

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}/fhir"

    @property
    def target(self) -> str:
        return f"fhir+{self.base}"

    def ask(self, path: str, method: str = "GET", body: Any = None) -> Any:
        """One request below the server's root; gives the answer's JSON."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=data,
            method=method,
            headers={"content-type": "application/fhir+json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())

    def clear(self) -> None:
        """As if just started."""
        self.ask("/control/clear", "PUT", {})

    def faults(self, *faults: dict[str, Any]) -> None:
        """What goes wrong next, in order (tests/peers/server.mjs lists the kinds)."""
        self.ask("/control/faults", "PUT", list(faults))

    def faults_left(self) -> list[dict[str, Any]]:
        """The faults that have not happened yet."""
        found: list[dict[str, Any]] = self.ask("/control/left")
        return found

    def refuse(self, kind: str | None, resource_id: str | None = None) -> None:
        """Have resources of a type (or one of them) refused; None: none any more."""
        told = {"type": kind} | ({"id": resource_id} if resource_id else {})
        self.ask("/control/refuse", "PUT", told if kind else None)

    def log(self) -> list[dict[str, Any]]:
        """The requests so far."""
        found: list[dict[str, Any]] = self.ask("/control/log")
        return found

    def versions(self) -> dict[str, int]:
        """How often each resource (`Type/id`) was written."""
        found: dict[str, int] = self.ask("/control/versions")
        return found

    def resources(self) -> dict[str, dict[str, Any]]:
        """What the server holds, by `Type/id`, without what it says itself in meta."""
        held = {}
        for resource in self.ask("/control/all"):
            meta = {
                name: value
                for name, value in resource.pop("meta", {}).items()
                if name not in ("versionId", "lastUpdated")
            }
            held[f"{resource['resourceType']}/{resource['id']}"] = resource | (
                {"meta": meta} if meta else {}
            )
        return held


@contextmanager
def running_server(profiles: Iterable[Path] = ()) -> Iterator[FhirServer]:
    """A server in memory, until the block ends."""
    with (
        _programs() as folder,
        subprocess.Popen(
            ["node", str(folder / "server.mjs"), *_profiles(profiles)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        try:
            yield FhirServer(int(json.loads(process.stdout.readline())["port"]))
        finally:
            process.kill()
