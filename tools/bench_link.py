"""What the link stage costs beside plain Splink on the same identities, in one run.

    python tools/bench_link.py [--identities 200000 --identities 1000000] [--json bench-link.json]

Every measurement is a process of its own, on a synthetic region's identities (made before, not
counted). `plain` is Splink 5 as its manual has it: seven comparisons, seven blocking rules, three
EM runs, predict, cluster. `trained` is our whole stage from canonical rows to the registry, with
the training of its model; `frozen` the same with a model trained before; `wave` brings 10,000 new
identities onto all others as known.
"""

import argparse
import json
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink import comparison_library as compare

from link import Batch, load_model, steps
from minns.demo.population import population
from minns.engine import Engine
from minns.memory import peak_memory, reset_peak_memory
from minns.model import BY_NAME
from minns.step import Room, Step
from minns.store import Store

SIZES = (200_000, 1_000_000)
NEW = 10_000
SOURCES = ("melior", "elvis", "asynja", "obstetrix")
#: Persons of the region for each identity.
PERSONS = 0.47
SHOWN = (
    "load",
    "standardise",
    "timeline",
    "train",
    "score",
    "cluster",
    "last step",
    "total",
    "mib",
    "pairs",
)
#: As the sources write a number: with or without century and separator.
_WRITTEN = {
    "asynja": "case when length({0}) = 12 then substr({0}, 3, 6) || case when year(updated_on)"
    " - cast(left({0}, 4) as integer) >= 100 then '+' else '-' end || right({0}, 4) else {0} end",
    "elvis": "substr({0}, 3)",
}
_PATIENT = """
copy (
    select source, 'patient' as source_table, local_id as row_key, local_id as local_patient_id,
        {number} as number,
        case when under_reserve then '1.2.752.113.11.0.2.1.1.1' end as number_issuer,
        cast({previous} as varchar) as previous_number, given_names, surname, birth_date, sex,
        street, postal_code, city, phone, deceased_date, protection, mother_number,
        cast(case when newborn then birth_order end as bigint) as birth_order,
        cast(updated_on as timestamp) as recorded_at, cast(null as varchar) as called_name,
        cast(null as varchar) as identity_status, cast(null as varchar) as traits
    from identity where source = '{source}' order by local_id
) to '{path}' (format parquet)
"""
_RULES = (
    ("number",),
    ("surname", "born"),
    ("given", "born"),
    ("given", "surname", "postal_code"),
    ("phone", "given"),
    ("born", "postal_code"),
    ("substr(surname, 1, 4)", "substr(given, 1, 3)", "substr(born, 1, 4)"),
)


def make(identities: int, folder: Path) -> None:
    """Write the canonical patients of a region of that size, one Parquet file for each source."""
    with population(int(identities * PERSONS), 1, until="identities") as region:
        for source in SOURCES:
            written = _WRITTEN.get(source, "{0}")
            region.execute(
                _PATIENT.format(
                    source=source,
                    path=folder / f"{source}.parquet",
                    number=written.format("number"),
                    previous=written.format("previous_number"),
                )
            )


def plain(folder: Path) -> dict[str, Any]:
    """Splink alone: seconds of each part."""
    clock = Clock()
    connection = duckdb.connect()
    connection.execute("set threads = 2; set enable_progress_bar = false")
    connection.execute(
        "create table person as select row_number() over () as unique_id,"  # noqa: S608
        " lower(given_names) as given, lower(surname) as surname, strftime(birth_date, '%Y-%m-%d')"
        " as born, sex, postal_code, phone, right(regexp_replace(number, '[-+]', '', 'g'), 10)"
        f" as number from read_parquet('{folder}/*.parquet')"
    )
    api = DuckDBAPI(connection.cursor())
    names = [
        compare.JaroWinklerAtThresholds(c, [0.92, 0.8]).configure(term_frequency_adjustments=True)
        for c in ("given", "surname")
    ]
    exact = [compare.ExactMatch(c) for c in ("sex", "postal_code", "phone", "number")]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[*names, compare.DateOfBirthComparison("born", input_is_string=True), *exact],
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in _RULES],
        retain_matching_columns=False,
    )
    linker = Linker(api.register("person"), settings, log_level="ERROR")
    clock.lap("load")
    training = linker.training
    training.estimate_probability_two_random_records_match([block_on("number")], recall=0.7)
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (("born",), ("surname", "given"), ("number",)):
        training.estimate_parameters_using_expectation_maximisation(
            block_on(*rule), max_pairs=1e6, record_sample_proportion=0.1
        )
    clock.lap("train")
    pairs = linker.inference.predict()
    clock.lap("score")
    linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold_match_weight=4)
    clock.lap("cluster")
    counted = api.query_sql(f"select count(*) as n from {pairs.physical_name}")  # noqa: S608
    return clock.told(pairs=int(counted.as_record_list()[0]["n"]))


class Clock:
    """Seconds since the last lap, by name."""

    def __init__(self) -> None:
        self.begun = self.last = time.monotonic()
        self.laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """Add the time since the last lap under `name`."""
        now = time.monotonic()
        self.laps[name] = self.laps.get(name, 0.0) + now - self.last
        self.last = now

    def told(self, **more: int) -> dict[str, Any]:
        """All laps, their sum, and the peak memory of the process (MiB)."""
        laps = {name: round(seconds, 2) for name, seconds in self.laps.items()}
        return {**laps, "total": round(self.last - self.begun, 2), "mib": peak_memory(), **more}


class Stage:
    """Our stage over a folder of canonical patients; finished steps are kept in it."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder / "work")
        self.files = {f"shape-{p.stem}.patient": [p] for p in sorted(folder.glob("*.parquet"))}
        self.model = load_model()
        self.pairs = 0

    def run(self, made: Sequence[Step], clock: Clock | None = None) -> None:
        """Run steps that are not done yet; each is a lap named after what it does."""
        for step in made:
            folder = self.store.step_folder(step.name, "bench")
            if self.store.find(folder) is None:
                self._one(step, folder)
                if clock is not None:
                    clock.lap(_lap(step.name))
            done = self.store.find(folder)
            if done is None:
                raise RuntimeError(f"the step {step.name} wrote nothing")
            self.files |= {f"{step.name}.{table}": done.parts(table) for table in done.tables}

    def _one(self, step: Step, folder: Path) -> None:
        with Engine(self.store.scratch, threads=2) as engine:
            for view, tables in step.reads.items():
                paths = [path for name in tables for path in self.files.get(name, [])]
                if paths:
                    engine.view(view, paths)
                else:
                    engine.empty(BY_NAME[view], view)
            with self.store.publish(folder, "bench") as draft:
                step.do(Room(engine, draft))
            if step.name.startswith("link-score"):
                self.pairs += int(engine.value("select count(*) from candidate"))


def _lap(step: str) -> str:
    names = {"link": "last step", "link-model": "train"}
    return names.get(step) or step.split("-")[1]


def ours(folder: Path, kind: str) -> dict[str, Any]:
    """Our stage: `trained`, `frozen` or `wave`, which goes on from what was done before."""
    stage, clock = Stage(folder), Clock()
    first = Batch("wave-1", 1, tuple(s for s in SOURCES if (folder / f"{s}.parquet").is_file()))
    batches = [first]
    more: dict[str, Any] = {}
    if kind != "trained":
        stage.files |= {
            f"frozen.{table}": [folder / "frozen" / f"{table}.parquet"]
            for table in ("parameter", "frequency")
        }
        more["frozen"] = "frozen"
    if kind == "wave":
        stage.run(steps(batches, stage.model, wave="wave-1", **more))
        clock = Clock()
        events = stage.files["link.registry_event"]
        stage.files["registry.registry_event"] = events
        batches.append(Batch("wave-2", 2, ("new",)))
        more["registry"] = ("registry.registry_event",)
        # what the second wave makes of all is another step than what the first made
        stage.store = Store(folder / "work-2")
        made = steps(batches, stage.model, wave="wave-2", **more)
        stage.run([step for step in made if _is_new(step.name)], clock)
    else:
        stage.run(steps(batches, stage.model, wave="wave-1", **more), clock)
    if kind == "trained":
        _keep_model(stage, folder / "frozen")
    return clock.told(pairs=stage.pairs)


def _is_new(name: str) -> bool:
    return name.endswith("-2") or name == "link"


def _keep_model(stage: Stage, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for table in ("parameter", "frequency"):
        for part in stage.files[f"link-model.{table}"]:
            (folder / f"{table}.parquet").write_bytes(part.read_bytes())


def hold_back(folder: Path, into: Path) -> None:
    """Write a region anew with `NEW` of its identities as a source of their own, `new`."""
    connection = duckdb.connect()
    table = f"read_parquet('{folder}/asynja.parquet')"
    chosen = f"select row_key from {table} order by md5(row_key)"  # noqa: S608
    for source in SOURCES:
        sql = f"from read_parquet('{folder}/{source}.parquet')"
        if source == "asynja":
            new = (
                f"select * replace ('new' as source) {sql} where row_key in ({chosen} limit {NEW})"
            )
            connection.execute(f"copy ({new}) to '{into}/new.parquet' (format parquet)")
            sql += f" where row_key not in ({chosen} limit {NEW})"
        connection.execute(f"copy ({sql}) to '{into}/{source}.parquet' (format parquet)")


def apart(kind: str, folder: Path) -> dict[str, Any]:
    """One measurement in a process of its own."""
    work = folder / "work"
    if kind in ("trained", "frozen") and work.exists():
        work.rename(folder / f"work-before-{kind}")
    command = [sys.executable, "-P", __file__, "--measure", kind, "--folder", str(folder)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        sys.exit(ended.stderr)
    return dict(json.loads(ended.stdout.splitlines()[-1]))


def measured(identities: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """All measurements of one size."""
    with tempfile.TemporaryDirectory(prefix="minns-bench-") as name:
        folder, other = Path(name) / "region", Path(name) / "held-back"
        folder.mkdir()
        other.mkdir()
        make(identities, folder)
        for kind in ("plain", "trained", "frozen"):
            yield kind, apart(kind, folder)
        if identities == max(SIZES):
            hold_back(folder, other)
            (folder / "frozen").rename(other / "frozen")
            yield "wave", apart("wave", other)


def table(identities: int, found: dict[str, dict[str, Any]]) -> str:
    """One size as Markdown, with what the goals are stated in."""
    lines = [
        f"{identities:,} identities",
        "",
        "| | " + " | ".join(SHOWN) + " |",
        "|---|" + "---:|" * len(SHOWN),
    ]
    for kind, told in found.items():
        cells = [f"{told[name]:,}" if name in told else "" for name in SHOWN]
        lines.append(f"| {kind} | " + " | ".join(cells) + " |")
    before, trained, frozen = (found[kind] for kind in ("plain", "trained", "frozen"))
    bare = before["score"] + before["cluster"]
    lines += [
        "",
        f"with training: {trained['total'] / before['total']:.2f} times plain Splink; "
        f"with a frozen model: {frozen['total'] / bare:.2f} times its predict and cluster",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure every size, print the tables, write the JSON."""
    logging.disable()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--identities", type=int, action="append", help="a size; may be repeated")
    parser.add_argument("--json", type=Path, default=Path("bench-link.json"))
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        reset_peak_memory()
        told = (
            plain(given.folder) if given.measure == "plain" else ours(given.folder, given.measure)
        )
        sys.stdout.write(json.dumps(told) + "\n")
        return
    results = {}
    for identities in given.identities or SIZES:
        results[identities] = dict(measured(identities))
        sys.stdout.write(table(identities, results[identities]) + "\n\n")
    given.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
