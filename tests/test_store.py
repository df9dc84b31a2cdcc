"""A dataset is there whole or not at all."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from minns.engine import Engine
from minns.errors import StoreError
from minns.store import MANIFEST, Store, digest, write_json


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def publish(store: Store, folder: Path, rows: int = 3) -> None:
    with (
        Engine(store.scratch, memory_limit="200MB", threads=1) as engine,
        store.publish(folder, "key-1") as draft,
    ):
        engine.copy("select * from range(3)", draft.part("row"))
        draft.describe("row", rows=rows)
        draft.note(seconds=1)


def test_what_is_published_is_found(store: Store) -> None:
    folder = store.step_folder("shape", "key-1")
    publish(store, folder)
    found = store.find(folder)
    assert found is not None
    assert (found.key, found.tables, found.rows("row")) == ("key-1", ("row",), 3)
    assert [p.name for p in found.parts("row")] == ["part-00001.parquet"]
    assert not list(folder.parent.glob("*.partial"))


def test_publishing_again_replaces_the_whole(store: Store) -> None:
    folder = store.step_folder("shape", "key-1")
    publish(store, folder, 3)
    publish(store, folder, 5)
    found = store.find(folder)
    assert found is not None
    assert found.rows("row") == 5


def test_a_fault_before_the_end_leaves_nothing(store: Store) -> None:
    folder = store.step_folder("shape", "key-1")
    with pytest.raises(ZeroDivisionError), store.publish(folder, "key-1") as draft:
        draft.part("row").write_bytes(b"half")
        raise ZeroDivisionError
    assert list(folder.parent.iterdir()) == []


@pytest.mark.parametrize("moment", ["in the block", "before the rename"])
def test_a_kill_before_the_rename_leaves_nothing_that_is_read(store: Store, moment: str) -> None:
    folder = store.folder / "landing" / "melior" / "0001"
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from minns.store import Store\n"
        "def die(*_): os.kill(os.getpid(), signal.SIGKILL)\n"
        "folder = Path(sys.argv[1])\n"
        "with Store(folder.parents[2]).publish(folder, 'key') as draft:\n"
        "    draft.part('row').write_bytes(b'half'); draft.describe('row', rows=1)\n"
        "    if sys.argv[2] == 'in the block': die()\n"
        "    Path.replace_ = Path.replace\n"
        "    Path.replace = lambda s, t: die() if s.is_dir() else s.replace_(t)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder), moment],
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == -signal.SIGKILL
    assert folder.with_name("0001.partial").is_dir()
    assert store.find(folder) is None
    assert store.snapshots("melior") == []
    assert store.next_snapshot("melior") == folder
    publish(store, folder)
    assert [d.folder for d in store.snapshots("melior")] == [folder]
    assert store.next_snapshot("melior").name == "0002"


def test_a_full_disk_is_told(store: Store) -> None:
    folder = store.step_folder("shape", "key-1")
    with (
        Engine(store.scratch, memory_limit="200MB", threads=1) as engine,
        pytest.raises(StoreError, match=r"found the disk is full"),
        store.publish(folder, "key-1") as draft,
    ):
        draft.part("row").symlink_to("/dev/full")
        engine.copy("select random() as r from range(2000000)", draft.part("row"))
    assert store.find(folder) is None


def test_a_disk_that_fills_at_the_manifest_is_told(store: Store) -> None:
    folder = store.step_folder("shape", "key-1")
    with (
        pytest.raises(StoreError, match=r"found the disk is full"),
        store.publish(folder, "key-1") as draft,
    ):
        (draft.folder / f"{MANIFEST}.tmp").symlink_to("/dev/full")
    assert store.find(folder) is None


def test_a_damaged_manifest_is_told(store: Store) -> None:
    folder = store.step_folder("shape", "key-1")
    publish(store, folder)
    (folder / MANIFEST).write_text("{", encoding="utf-8")
    with pytest.raises(StoreError, match=r"found a damaged one"):
        store.find(folder)


def test_a_file_is_the_old_or_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"å": 1})
    write_json(path, {"å": 2})
    assert path.read_text(encoding="utf-8") == '{\n "å": 2\n}\n'
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_a_digest_does_not_know_order() -> None:
    assert digest({"a": 1, "b": [1, 2]}) == digest({"b": [1, 2], "a": 1})
    assert digest({"a": 1}) != digest({"a": "1"})
    assert len(digest(None)) == 20
