"""What a changed code map would change, told by a plan before anything is touched."""

from dataclasses import replace

import disagreeing
from journals import Journal, project

from minns import pipeline
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
