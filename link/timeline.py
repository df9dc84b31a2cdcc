"""What an identity's care says about when and where its patient was."""

from importlib.resources import as_file, files

from link.settings import LinkModel
from minns.engine import literal, quote
from minns.model import TIMELINE
from minns.step import Room

_HERE = files("link")


def timeline(room: Room, model: LinkModel) -> None:
    """Reads the clinical tables of a batch; writes `timeline`.

    Rows that were struck out count for nothing; what is negated, suspected or refuted is care, but
    no finding. Findings are told by ICD-10 and NCSP codes as the sources write them (with or
    without dot, KSH97 too); the codes stand in `data/findings.csv`.
    """
    with as_file(_HERE.joinpath("data/findings.csv")) as path:
        room.engine.run(
            "create or replace temp table finding as from read_csv("
            f"{literal(str(path))}, all_varchar = true, header = true, delim = ',', quote = '\"')"
        )
    room.engine.run(_HERE.joinpath("timeline.sql").read_text(encoding="utf-8"))
    columns = ", ".join(map(quote, TIMELINE.names))
    room.write("timeline", f"select {columns} from told_of_identity order by all")  # noqa: S608
