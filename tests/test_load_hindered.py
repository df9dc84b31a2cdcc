"""A disk that is full, a lock that another holds: one clear sentence, and nothing lost after it."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import PIPE
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from conftest import Server, missing
from loaders import broken, limited
from undisturbed import (
    AFTER,
    BATCH,
    BEFORE,
    Begun,
    Standing,
    apply_prepared,
    begin,
    begun_in,
    go_on,
)

import load.relational

Known = tuple[Begun, dict[str, Any]]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def known(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Known:
    """A load, and its end when nothing is in its way."""
    begun = begun_in(request, tmp_path_factory.mktemp("hindered"), BEFORE, AFTER)
    whole = begun.copies()
    apply_prepared(whole, begun.change)
    return begun, whole.everything()


def mended(known: Known, place: Standing) -> None:
    """Run again: the end is that of a load that nothing hindered."""
    begun, end = known
    assert 0 < go_on(place, begun.change).total < begun.change.difference.total
    assert place.everything() == end
    assert go_on(place, begun.change, "run-3").total == 0


@contextmanager
def disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A small disk of its own; only root can have one."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        missing("a small disk: only root can mount one")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path, left: int) -> None:
    """All but so many bytes of a small disk are taken."""
    disk = os.statvfs(folder)
    (folder / "filler").write_bytes(b"x" * (disk.f_bavail * disk.f_bsize - left))


def enlarge(folder: Path) -> None:
    """Room is made on a small disk."""
    subprocess.run(["mount", "-o", "remount,size=64m", str(folder)], check=True)


@pytest.mark.parametrize("known", ["sqlite"], indirect=True)
def test_a_small_disk_is_full_in_the_middle(known: Known, tmp_path: Path) -> None:
    with disk(tmp_path / "small", 1) as small:
        shutil.copy(str(sa.make_url(known[0].copies().url).database), small / "record.db")
        place = Standing(f"sqlite:///{small / 'record.db'}", None)
        fill(small, left=250_000)
        broken(place, known[0].change, "the disk is full")
        enlarge(small)
        mended(known, place)


@pytest.mark.parametrize("known", ["sqlite"], indirect=True)
def test_a_file_may_grow_no_more(known: Known) -> None:
    place = known[0].copies()
    process, told = begin(limited, place, known[0].change)
    assert told.recv() == "done"
    process.join()
    mended(known, place)


_WITHIN = """
    select d.datname from pg_tablespace as t, pg_database as d
    where t.spcname = 'small' and d.oid in (select pg_tablespace_databases(t.oid))"""


@pytest.fixture
def small_space(postgres_server: Server, tmp_path: Path) -> Iterator[Path]:
    """A tablespace on a small disk."""
    # Not within tmp_path: the server is another user, who may not go there.
    with disk(Path(tempfile.mkdtemp(prefix="minns-")) / "small", 1) as small:
        for folder in (small.parent, small):
            shutil.chown(folder, "nobody")
        url = postgres_server.url("postgres", "")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"create tablespace small location '{small}'".encode())
            yield small
            # What is left there would keep the session's server from every later checkpoint.
            for (name,) in connection.execute(_WITHIN).fetchall():
                connection.execute(f"drop database {name} with (force)".encode())
            connection.execute("drop tablespace small")
    shutil.rmtree(small.parent)


@pytest.mark.parametrize("known", ["postgresql"], indirect=True)
def test_a_tablespace_is_full_in_the_middle(known: Known, small_space: Path) -> None:
    place = known[0].copies()
    with psycopg.connect(place.url.replace("+psycopg", "")) as connection:
        connection.execute(b"alter table record.document set tablespace small")
    fill(small_space, left=16384)
    broken(place, known[0].change, "the disk is full")
    enlarge(small_space)
    mended(known, place)


@contextmanager
def locked(place: Standing) -> Iterator[None]:
    """Another session holds what the load comes to in its middle."""
    if place.schema:
        with psycopg.connect(place.url.replace("+psycopg", "")) as connection:
            connection.execute(b"lock table record.document in access exclusive mode")
            yield
            connection.rollback()
        return
    script = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('begin immediate'); print('locked', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, str(sa.make_url(place.url).database)]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        yield
        process.communicate()


def test_a_lock_in_the_middle(known: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    waits = {"sqlite": ("pragma busy_timeout = 50",), "postgresql": ("set lock_timeout = 50",)}
    monkeypatch.setattr(load.relational, "_SESSION", waits)
    place = known[0].copies()
    taken: list[int] = []
    with ExitStack() as locks:

        def take(done: int, total: int | None = None) -> None:
            if done >= 5 * BATCH and not taken:
                taken.append(done)
                locks.enter_context(locked(place))

        broken(place, known[0].change, "found it is locked by another program", take)
    mended(known, place)
