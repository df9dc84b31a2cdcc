"""How near the record's history comes to the truth of three regions, kind by kind.

    python tools/bench_facts.py [--persons 20000] [--seed 1 --seed 2 --seed 3] [--json FILE]

For each seed a region is built and its waves are run. What is judged, and what is left out and why,
stands in `minns/demo/history.py`.
"""

import argparse
import json
import logging
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from minns import demo, inquiry, start
from minns.demo import History, Share
from minns.runner import Nobody
from minns.site import open_site

SEEDS = (1, 2, 3)
_HEAD = (
    "seed",
    "kind",
    "pairs",
    "precision",
    "recall",
    "made to differ",
    "apart by linkage",
    "rows behind no fact",
    "struck out",
    "disagreements",
    "reported",
)


def measured(persons: int, seed: int, folder: Path) -> History:
    """The history of one region."""
    start.demo_(folder, persons, seed, None, Nobody(), quiet=True)
    run = inquiry.past_run(open_site(folder))
    return demo.history(folder, run.tables["transform"].folder, run.tables["fates"].folder)


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _judged(pairs: Share) -> tuple[str, str, str]:
    return f"{pairs.true:,}", f"{pairs.precision:.5f}", f"{pairs.recall:.5f}"


def lines(seed: int, found: History) -> list[str]:
    """A row of Markdown for each kind, and one for all."""
    aside = (found.by_linkage, found.by_fate, found.struck)
    told = [
        _row(
            seed,
            name,
            *_judged(kind.pairs),
            sum(kind.left_out.values()),
            *(rows.get(name, 0) for rows in aside),
            kind.planted,
            kind.reported,
        )
        for name, kind in found.kinds.items()
    ]
    whole = [sum(rows.values()) for rows in aside]
    every = (*_judged(found.pairs), found.left_out, *whole, found.planted, found.reported)
    return [*told, _row(seed, "all", *every)]


def reasons(found: History) -> dict[str, int]:
    """Pairs that were made to differ, by kind and by what differs."""
    return {
        f"{kind}: {fields}": pairs
        for kind, told in found.kinds.items()
        for fields, pairs in told.left_out.items()
    }


def main() -> None:
    """Measure every seed, print the tables, write the JSON."""
    logging.disable()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=20_000)
    parser.add_argument("--seed", type=int, action="append")
    parser.add_argument("--json", type=Path, default=Path("bench-facts.json"))
    given = parser.parse_args()
    sys.stdout.write(f"| {' | '.join(_HEAD)} |\n|{'---:|' * len(_HEAD)}\n")
    results, why, safe = [], dict[str, int](), []
    for seed in given.seed or SEEDS:
        with tempfile.TemporaryDirectory(prefix="minns-bench-") as folder:
            found = measured(given.persons, seed, Path(folder) / "demo")
        results.append({"seed": seed} | asdict(found))
        sys.stdout.write("\n".join(lines(seed, found)) + "\n")
        sys.stdout.flush()
        for name, pairs in reasons(found).items():
            why[name] = why.get(name, 0) + pairs
        safe.append(
            f"seed {seed}: alerts lost {found.lost['alert']}, active medicines lost "
            f"{found.lost['medication']}; behind no fact at all {found.unread['alert']} alerts, "
            f"{found.unread['medication']} medicines, their rows' fates: {found.unread_why}"
        )
        safe.append(f"seed {seed}: planted doubts, rows and told: {found.doubts}")
    sys.stdout.write("\nPairs that were made to differ, all seeds:\n")
    sys.stdout.writelines(f"- {name} {pairs:,}\n" for name, pairs in sorted(why.items()))
    sys.stdout.write("\n" + "\n".join(safe) + "\n")
    given.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
