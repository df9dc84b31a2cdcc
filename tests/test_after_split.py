"""After a split the journals go on telling: every later edit goes with whom it is about.

What was judged holds, however alike the two come to look; nobody is split or merged anew.
"""

from collections.abc import Iterator

import disagreeing
import pytest
from journals import NUMBERS, Journal, persons, project, record, rows_of, write_journal

from minns import identity, pipeline
from minns.site import Site

WHY = ("anna", "read both records")
ONE, OTHER = ("north", "n1"), ("north", "n2")


@pytest.fixture
def parted() -> Iterator[Site]:
    """Two who were taken for one, and stand apart again."""
    with project(disagreeing.north(), disagreeing.south()) as site:
        disagreeing.load(site)
        identity.merge(site, "north:n1", "north:n2", *WHY)
        pipeline.run(site, "second", "cutover")
        identity.split(site, ["north:n2", "south:s2"], "north:n1", *WHY)
        pipeline.run(site, "second", "cutover")
        yield site


def told(site: Site, journal: Journal) -> dict[tuple[str, str], str]:
    """The north journal tells this now; who is who after the next run, which is done when done."""
    write_journal(site.project.root, "north", journal)
    pipeline.run(site, "first", "cutover")
    assert pipeline.plan(site, "first", "cutover").difference.total == 0
    return persons(site)


def of(site: Site, person: str, kind: str, column: str) -> set[str]:
    """What the record holds of a person."""
    where = f"person_id = '{person}'"
    return {
        str(value)
        for (value,) in rows_of(record(site), f"select {column} from current_{kind} where {where}")
    }


def test_a_correction_and_a_new_fact_go_with_whom_they_are_about(parted: Site) -> None:
    before, journal = persons(parted), disagreeing.north()
    journal["condition"][1] = ("n2", "n2", "J06.9", "Förkylning", "2019-03-01", "active")
    journal["observation"].append(("t9", "n2", "NPU02192", "2020-01-01 10:00", "3,3", "mmol/L"))
    assert told(parted, journal) == before
    assert "Förkylning" in of(parted, before[OTHER], "condition", "local_text")
    assert "Förkylning" not in of(parted, before[ONE], "condition", "local_text")
    assert "3,3" in of(parted, before[OTHER], "observation", "value_text")
    assert "3,3" not in of(parted, before[ONE], "observation", "value_text")


def test_a_row_that_its_journal_gives_to_the_other_moves_alone(parted: Site) -> None:
    before, journal = persons(parted), disagreeing.north()
    at = [row[0] for row in journal["observation"]].index("t1")
    journal["observation"][at] = ("t1", "n2", *journal["observation"][at][2:])
    assert told(parted, journal) == before
    assert "1,8" in of(parted, before[OTHER], "observation", "value_text")
    assert "1,8" not in of(parted, before[ONE], "observation", "value_text")
    assert "2,4" in of(parted, before[ONE], "observation", "value_text")


def test_two_who_come_to_look_the_same_stay_two_as_judged(parted: Site) -> None:
    before, journal = persons(parted), disagreeing.north()
    one, other = journal["patient"][:2]
    journal["patient"][1] = ("n2", *one[1:])
    assert one[1] == NUMBERS[4] != other[1]
    after = told(parted, journal)
    assert (after[ONE], after[OTHER]) == (before[ONE], before[OTHER])
    assert after[ONE] != after[OTHER]


def test_whom_their_journal_drops_leaves_with_what_it_told_alone(parted: Site) -> None:
    before, journal = persons(parted), disagreeing.north()
    kept = {table: [r for r in rows if "n2" not in r[:2]] for table, rows in journal.items()}
    after = told(parted, kept)
    assert after == {who: person for who, person in before.items() if who != OTHER}
    assert of(parted, before[OTHER], "condition", "source") == {"south"}
