"""What a changed code map would change, told by a plan before anything is touched."""

import csv
from dataclasses import replace
from pathlib import Path

import disagreeing
import pytest
from journals import Journal, project

from load.diff import TableDifference
from minns import pipeline
from minns.behind import Asked
from minns.errors import ConfigError
from minns.maps import CodeMap, write_maps
from minns.site import Site

NORTH = CodeMap("m1", "npu", "GLUK", "npu", "NPU02192", "approved")
APPROVED = replace(NORTH, authors=("ann",), reviewers=("bo",))


def own_codes() -> Journal:
    """The north journal with a code of its own for its analysis."""
    journal = disagreeing.north()
    journal["observation"] = [(*r[:2], "GLUK", *r[3:]) for r in journal["observation"]]
    return journal


def add_map(site: Site) -> None:
    """The north journal's code means another analysis from now on."""
    folder = site.project.root / "mappings" / "north" / "codes"
    folder.mkdir()
    write_maps(folder / "npu.sssom.tsv", [APPROVED])


def test_a_plan_tells_old_and_new_code_with_facts_patients_and_waves() -> None:
    with project(own_codes(), disagreeing.south()) as site:
        pipeline.run(site, "first", "cutover")
        assert pipeline.plan(site, "first", "cutover").blast.changes == ()
        add_map(site)
        blast = pipeline.plan(site, "first", "cutover").blast
        [change] = blast.changes
        assert (change.kind, change.local_code) == ("observation", "GLUK")
        assert (change.old, change.new) == ("", "npu|NPU02192")
        assert (change.facts, change.persons, change.waves) == (8, 6, ("first",))
        assert (blast.facts, blast.persons, blast.waves) == (8, 6, ("first",))
        shown = str(pipeline.plan(site, "first", "cutover").as_json()["recoded"])
        assert "n1" not in shown and "'P" not in shown


def test_a_plan_names_the_facts_behind_its_counts_and_what_differs(tmp_path: Path) -> None:
    with project(own_codes(), disagreeing.south()) as site:
        fresh = pipeline.plan(site, "first", "cutover", asked=Asked("observation"))
        assert fresh.behind is not None
        assert fresh.behind.rows == len(fresh.behind.shown) == count(fresh, "observation").added
        assert {row["change"] for row in fresh.behind.shown} == {"added"}
        pipeline.run(site, "first", "cutover")
        asked = Asked("observation", most=1, file=tmp_path / "all.csv")
        same = pipeline.plan(site, "first", "cutover", asked=asked)
        assert same.behind is not None and same.behind.rows == 0
        add_map(site)
        plan = pipeline.plan(site, "first", "cutover", asked=asked)
        assert plan.behind is not None
        text = (tmp_path / "all.csv").read_text(encoding="utf-8")
        listed = list(csv.DictReader(text.splitlines()))
        recoded = [row for row in listed if row["change"] == "changed"]
        assert (len(listed), len(plan.behind.shown)) == (plan.behind.rows, 1)
        assert len(recoded) == count(plan, "observation").changed > 0
        assert all({"system", "code"} <= set(row["columns"].split()) for row in recoded)
        assert not {"status", "observed_at"} & {c for r in recoded for c in r["columns"].split()}
        with pytest.raises(ConfigError, match="a table of the record"):
            pipeline.plan(site, "first", "cutover", asked=Asked("patient"))


def count(plan: pipeline.Plan, table: str) -> TableDifference:
    return next(each for each in plan.difference.tables if each.table == table)
