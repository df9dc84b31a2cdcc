"""How many persons the linkage finds, loses and lays over, against the truth of a region.

    python tools/bench_identity.py [--persons 20000] [--seed 1 --seed 2 --seed 3] [--json FILE]

For each seed a region is built and its waves are run; then the review queue is answered from the
truth, as flawless reviewers would, and the last wave is run again, until nothing waits.
"""

import argparse
import json
import logging
import sys
import tempfile
from pathlib import Path
from typing import Any

import duckdb

from minns import evaluation, inquiry, pipeline, start
from minns.runner import Nobody
from minns.site import Site, open_site

SEEDS = (1, 2, 3)
#: Rounds of review: an answer may bring up another question, but not without end.
ROUNDS = 4
_QUEUE = """
select p.source_l || ':' || p.local_patient_id_l, p.source_r || ':' || p.local_patient_id_r,
    case when l.person = r.person then 'same' else 'different' end, p.rule
from read_parquet($pairs) p
join read_parquet($truth) l on l.source = p.source_l and l.local_patient_id = p.local_patient_id_l
join read_parquet($truth) r on r.source = p.source_r and r.local_patient_id = p.local_patient_id_r
where p.decision = 'review' or p.rule = 'overlay_suspect' and p.decision <> 'linked'
order by 1, 2
"""


def queue(site: Site) -> list[tuple[str, str, str, str]]:
    """Pairs that wait for a person, with the answer that the truth gives, and the rule."""
    run = inquiry.past_run(site)
    pairs = [str(path) for path in run.tables["link"].parts("pair")]
    truth = str(site.project.root / evaluation.TRUTH)
    with duckdb.connect() as connection:
        connection.execute(_QUEUE, {"pairs": pairs, "truth": truth})
        return connection.fetchall()


def measured(persons: int, seed: int, folder: Path) -> dict[str, Any]:
    """One region: the evaluation before and after review, and the queue."""
    start.demo_(folder, persons, seed, None, Nobody(), quiet=True)
    site = open_site(folder)
    told: dict[str, Any] = {"seed": seed, "before": evaluation.evaluate(site).as_json()}
    asked = 0
    rules: dict[str, dict[str, int]] = {}
    for _ in range(ROUNDS):
        waiting = queue(site)
        if not waiting:
            break
        asked += len(waiting)
        for left, right, verdict, rule in waiting:
            counted = rules.setdefault(rule, {"same": 0, "different": 0})
            counted[verdict] += 1
            inquiry.decide(site, left, right, verdict, "from the region's truth")
        pipeline.run(site, "wave-2", "cutover")
    told |= {"asked": asked, "rules": rules, "after": evaluation.evaluate(site).as_json()}
    told["asked_share"] = round(asked / told["before"]["identities"], 5)
    return told


def line(told: dict[str, Any]) -> str:
    """One seed as a row of Markdown."""
    before, after = told["before"], told["after"]
    return (
        f"| {told['seed']} | {before['identities']:,} | {before['laid_over_per_10000']} "
        f"| {before['precision']['share']:.5f} | {before['recall']['share']:.4f} "
        f"| {told['asked']:,} | {100 * told['asked_share']:.2f} % | {after['laid_over_per_10000']} "
        f"| {after['precision']['share']:.5f} | {after['recall']['share']:.4f} |"
    )


def groups(results: list[dict[str, Any]]) -> list[str]:
    """Recall of each group over all seeds, before and after review."""
    names = sorted({name for told in results for name in told["before"]["groups"]})
    lines = [
        "| group | true pairs | recall | after review | laid over |",
        "|---|---:|---:|---:|---:|",
    ]
    for name in names:
        cells, over = [], 0
        for moment in ("before", "after"):
            found = [told[moment]["groups"].get(name) for told in results]
            hits = sum(group["recall"]["hits"] for group in found if group)
            of = sum(group["recall"]["of"] for group in found if group)
            cells.append((hits, of))
            over += sum(
                group["persons_laid_over"] for group in found if group and moment == "before"
            )
        of = cells[0][1]
        shares = [f"{hits / max(n, 1):.3f}" for hits, n in cells]
        lines.append(f"| {name} | {of:,} | {shares[0]} | {shares[1]} | {over} |")
    return lines


def main() -> None:
    """Measure every seed, print the tables, write the JSON."""
    logging.disable()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=20_000)
    parser.add_argument("--seed", type=int, action="append")
    parser.add_argument("--json", type=Path, default=Path("bench-identity.json"))
    given = parser.parse_args()
    results = []
    sys.stdout.write(
        "| seed | identities | laid over per 10,000 | precision | recall | asked | of identities "
        "| laid over after review | precision | recall |\n|" + "---:|" * 10 + "\n"
    )
    for seed in given.seed or SEEDS:
        with tempfile.TemporaryDirectory(prefix="minns-bench-") as folder:
            results.append(measured(given.persons, seed, Path(folder) / "demo"))
        sys.stdout.write(line(results[-1]) + "\n")
        sys.stdout.flush()
    sys.stdout.write("\n" + "\n".join(groups(results)) + "\n")
    given.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
