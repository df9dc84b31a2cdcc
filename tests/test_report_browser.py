"""The report as a browser shows it and as a printer gets it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from test_report import GO

from validation import render

#: Everything that a browser does beside showing the page is off: it has no network to ask.
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "report.html"
    path.write_text(render(GO, "sv"), encoding="utf-8")
    return path


def browse(folder: Path, *arguments: str) -> str:
    """Run Chromium with a profile of its own; gives what it writes to stdout."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        if os.environ.get("CI"):
            pytest.fail("a browser (Debian: chromium)")
        pytest.skip("a browser (Debian: chromium)")
    command = [chromium, *QUIET, f"--user-data-dir={folder / 'profile'}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-500:]
    return done.stdout


def test_a_browser_shows_the_decision_first(tmp_path: Path, page: Path) -> None:
    shown = re.sub(r"<[^>]+>", " ", browse(tmp_path, "--dump-dom", page.as_uri()))
    assert shown.index("Klartecken") < shown.index("Kriterium")


def test_it_prints_on_a4(tmp_path: Path, page: Path) -> None:
    paper = tmp_path / "report.pdf"
    browse(tmp_path, f"--print-to-pdf={paper}", "--no-pdf-header-footer", page.as_uri())
    raw = paper.read_bytes()
    boxes = re.findall(rb"/MediaBox\s*\[([^\]]+)\]", raw)
    assert raw.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", raw)) >= 2
    width, height = (float(number) for number in boxes[0].split()[2:])
    assert (round(width), round(height)) == (595, 842)


@pytest.mark.parametrize("width", [1366, 390], ids=["laptop", "telephone"])
def test_nothing_runs_out_of_the_window(tmp_path: Path, page: Path, width: int) -> None:
    probe = tmp_path / "probe.html"
    script = "<script>document.title = document.documentElement.scrollWidth</script></body>"
    text = page.read_text(encoding="utf-8").replace("</body>", script)
    probe.write_text(text, encoding="utf-8")
    shown = browse(tmp_path, f"--window-size={width},900", "--dump-dom", probe.as_uri())
    found = re.search(r"<title>(\d+)</title>", shown)
    # Chromium without a screen has no window narrower than 500 pixels.
    assert found and int(found[1]) <= max(width, 500)
