"""Projects for tests: a small synthetic region, the command line in a process of its own."""

import os
import pty
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

from minns import demo

#: Enough for every trap of the region to occur, small enough to run often.
PERSONS = 300


def build(folder: Path, *, canary: bool = False, seed: int = 1, persons: int = PERSONS) -> Path:
    """A project around a synthetic region; gives its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    demo.build_region(folder, persons=persons, seed=seed, canary=canary)
    (folder / "minns.toml").write_text('work = "work"\n', encoding="utf-8")
    return folder


def copy(project: Path, folder: Path) -> Path:
    """The same project elsewhere, without what was run in it."""
    shutil.copytree(project, folder, ignore=shutil.ignore_patterns("work"))
    return folder


COMMAND = [sys.executable, "-P", "-c", "from minns.cli import app; app()"]


def minns(project: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in `project` and wait for it."""
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=project,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def begin(project: Path, *arguments: str, **environment: str) -> "subprocess.Popen[bytes]":
    """Start the command line in `project` and come back at once."""
    return subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=project,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def on_terminal(project: Path, *arguments: str) -> str:
    """Run the command line as on a terminal, progress and all; gives all that it showed."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *arguments], cwd=project, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        shown = bytearray()
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # Linux tells the end of a terminal as an error
                break
            if not part:
                break
            shown += part
        os.close(ours)
        if process.wait() != 0:
            raise AssertionError(shown.decode("utf-8", errors="replace"))
    return shown.decode("utf-8", errors="replace")


def dump(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of an SQLite record, sorted: records are alike when these are."""
    connection = sqlite3.connect(path)
    try:
        names = [
            name
            for (name,) in connection.execute(
                "select name from sqlite_master where type = 'table' order by name"
            )
        ]
        return {
            name: sorted(connection.execute(f'select * from "{name}"'), key=repr) for name in names
        }
    finally:
        connection.close()
