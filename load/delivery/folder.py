"""Resources as NDJSON, one file a type, in a folder: the form that servers load in bulk."""

import os
from collections.abc import Sequence
from pathlib import Path

from minns.engine import Engine, literal
from minns.errors import TargetError


def write_folder(engine: Engine, resources: Sequence[Path], folder: Path) -> dict[str, int]:
    """Write `<Type>.ndjson` for each type; a file of ours whose type is no more goes.

    Gives the number of resources by type. Each file is whole or not there.
    """
    engine.view("resource", list(resources))
    counts: dict[str, int] = dict(
        engine.rows("select resource_type, count(*) from resource group by all order by all")
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for kind in counts:
            part = folder / f".{kind}.ndjson.part"
            _write(engine, kind, part)
            part.replace(folder / f"{kind}.ndjson")
        for path in sorted(folder.glob("*.ndjson")):
            if path.stem not in counts:
                path.unlink()
    except OSError as error:
        raise TargetError(
            f"room to write resources in {folder}",
            found=os.strerror(error.errno or 0),
            do="Name a folder that can be written in 'target' of minns.toml.",
        ) from None
    return counts


def _write(engine: Engine, kind: str, part: Path) -> None:
    # JSON has no control characters, so that lines of CSV without quotes are the bodies themselves.
    engine.run(
        f"copy (select body from resource where resource_type = {literal(kind)} "  # noqa: S608
        f"order by resource_id) to {literal(str(part))} "
        "(format csv, header false, quote '', escape '', delimiter '\x01')"
    )
    with part.open("rb+") as file:
        os.fsync(file.fileno())
