"""The pages as a server of their own, and a visitor without scripts."""

import http.client
import os
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from conftest import free_port
from doubts import HIDDEN, a_site, pair, patient, ran, steps
from playwright.sync_api import Page
from projects import COMMAND

from minns.site import Site
from minns.web.users import add

PASSWORD = "fyra ord i en rad"
#: A value of a patient that only pages may hold; it looks for trouble besides.
SECRET = "Kvist<script>alert(1)</script>"
WAITING = 14
#: WCAG 2.2, levels A and AA, and what else is good practice.
CHECK = "async () => (await axe.run()).violations.map(v => v.id + ': ' + v.nodes[0].html)"


def reviewed(folder: Path) -> Site:
    """A project with fourteen pairs that wait, one of them protected, and a user of each role."""
    numbers = range(1, WAITING + 1)
    pairs = [pair(f"asynja:{n}", f"melior:{n}", "weight", 9.0 - n / 10) for n in numbers]
    patients = [
        patient(f"{source}:{n}", surname=SECRET, given_names=given)
        for n in numbers
        for source, given in (("asynja", "Anna"), ("melior", "Eva"))
    ]
    patients[0] |= HIDDEN
    site = a_site(folder / "project")
    ran(site, steps(pairs, patients))
    for role in ("steward", "clinician", "lead", "admin"):
        add(site.ledger, role, role, PASSWORD)
    add(site.ledger, "trusted", "clinician", PASSWORD, protected=True)
    return site


@contextmanager
def served(site: Site) -> Iterator[tuple[int, Path]]:
    """The pages, served by the command line; gives the port and the file with all it says."""
    port, log = free_port(), site.project.root / "server.log"
    with log.open("w") as said:
        running = subprocess.Popen(
            [*COMMAND, "web", "--port", str(port)],
            cwd=site.project.root,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        try:
            _await(port)
            yield port, log
        finally:
            running.terminate()
            running.wait(timeout=30)


def _await(port: int) -> None:
    for _ in range(300):
        try:
            assert Visitor(port).get("/login").status == 200
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the pages do not come up")


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str


@dataclass
class Visitor:
    """A browser without scripts: keeps cookies and the token of the last page."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    csrf: str = ""

    def get(self, path: str) -> Answer:
        """Open a page."""
        return self._ask("GET", path, None)

    def post(self, path: str, **fields: str) -> Answer:
        """Send a form, with the token of the last page unless another is given."""
        return self._ask("POST", path, {"csrf": self.csrf, **fields})

    def log_in(self, name: str, password: str = PASSWORD) -> Answer:
        """Log in and open the first page."""
        self.get("/login")
        answer = self.post("/login", name=name, password=password)
        return self.get("/login") and self.get("/") if answer.status == 303 else answer

    def _ask(self, method: str, path: str, form: Mapping[str, str] | None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = None if form is None else urlencode(form)
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        connection.request(method, path, body, {"Cookie": cookies, **kind})
        got = connection.getresponse()
        answer = Answer(got.status, dict(got.headers.items()), got.read().decode())
        connection.close()
        if found := re.match(r"([^=]+)=([^;]*)", answer.headers.get("set-cookie", "")):
            self.cookies[found[1]] = found[2]
        if found := re.search(r'name="csrf" value="([^"]+)"', answer.text):
            self.csrf = found[1]
        return answer


def pair_on(page: str) -> str:
    """The id of the pair that a page asks about."""
    found = re.search(r'name="pair" value="([^"]+)"', page)
    assert found
    return found[1]


def log_in(page: Page, name: str) -> None:
    """By keyboard: the name's field has the focus."""
    page.goto("/login")
    page.wait_for_selector("#name:focus")
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: not url.endswith("/login"))
    page.wait_for_load_state("load")


def pictured(page: Page, name: str) -> None:
    """Keep a picture where one is asked for."""
    if folder := os.environ.get("MINNS_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
