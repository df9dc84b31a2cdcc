"""A project's own tables of units stand beside the packaged ones, and instead of their rows."""

from fractions import Fraction
from pathlib import Path

import pytest

from minns.errors import MappingError
from minns.site import open_site
from transform.units import Units
from transform.values import UNITS


def own(folder: Path, **tables: str) -> Path:
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def test_a_row_of_the_project_adds_to_the_tables_or_stands_instead(tmp_path: Path) -> None:
    packaged = Units(UNITS)
    units = Units(
        UNITS,
        own(
            tmp_path,
            units="written,ucum\nenheter/styck,[iU]\nprocent,[ppth]\n",
            analyses="system,code,name,unit,low,high\nnpu,NPU28309,Hb,g/L,90,100\n",
        ),
    )
    assert (packaged.ucum("enheter/styck"), units.ucum("enheter/styck")) == (None, "[iU]")
    assert (packaged.ucum("procent"), units.ucum("procent")) == ("%", "[ppth]")
    assert units.analyses["standard npu NPU28309"].high == 100
    assert len(units.analyses) == len(packaged.analyses)
    assert units.scales["g/dL"].times == Fraction(10)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("units", "text,ucum\nx,y\n"),
        ("units", "written,ucum\nx\n"),
        ("scales", "ucum,base,times\nx,g,many\n"),
        ("analyses", "system,code,name,unit,low,high\nnpu,N1,x,g/L,low,1\n"),
        (
            "conversions",
            "system,code,unit,to_system,to_code,to_unit,times,divided_by,plus,why\n"
            "npu,N9,g/L,npu,N9,g/L,1,1,0,x\n",
        ),
    ],
)
def test_a_table_that_cannot_be_used_is_told(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(MappingError, match="Correct that file"):
        Units(UNITS, own(tmp_path, **{name: text}))


def test_a_project_brings_them_in_its_mappings(tmp_path: Path) -> None:
    (tmp_path / "minns.toml").write_text('mappings = "mine"\n', encoding="utf-8")
    assert len(open_site(tmp_path).unit_tables) == 1
    (tmp_path / "mine" / "units").mkdir(parents=True)
    assert open_site(tmp_path).unit_tables[1] == tmp_path / "mine" / "units"
