"""How good `minns map suggest` is on maps that are held back, beside simpler ways.

    python -P tools/bench_suggest.py [--persons 300] [--bare] [--json] [USAGI.csv ...]

The demo's own maps, and each Usagi export that is named (or found beside the repository), are cut
into folds; the maps of a fold are held back, and their local codes asked for with all other maps
known. The simpler ways choose from the same texts, those of other folds' maps included. The
constants of the suggester were set beforehand and are the same for every list.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from minns import start
from minns.commands import usage
from minns.console import Watching
from minns.engine import Engine
from minns.maps import suggest
from minns.maps.exchange import Told, take
from minns.site import open_site

FOLDS = 5
BESIDE = (folder / "shared/data/conformance/usagi" for folder in Path(__file__).parents)
_WORDS = "string_split(trim(regexp_replace(lower(text), '[^a-zåäöéü0-9]+', ' ', 'g')), ' ')"
_THREES = "list_transform(range(1, length(text) - 1), lambda i: lower(substr(text, i::int, 3)))"

#: asked, target, rank of each way
WAYS: dict[str, str] = {
    "minns": "select asked, target, rank from suggestion",
    "fuzzy (Jaro-Winkler)": "jaro_winkler_similarity(lower(a.text), lower(t.text))",
    "fuzzy (Levenshtein)": "1 - levenshtein(lower(a.text), lower(t.text)) "
    "/ greatest(length(a.text), length(t.text))",
    "TF-IDF, words": _WORDS,
    "TF-IDF, 3-grams": _THREES,
}


def ranking(way: str) -> str:
    """SQL for the ranks that a way gives."""
    sql = WAYS[way]
    if way == "minns":
        return sql
    if way.startswith("fuzzy"):
        return f"""
            select a.owner as asked, t.owner as target, row_number() over (
                partition by a.owner order by max({sql}) desc, t.owner) as rank
            from said as a join said as t on a.side = 'asked' and t.side = 'target'
            group by a.owner, t.owner"""  # noqa: S608
    return f"""
        with used as (select side, text_id, owner, unnest({sql}) as term from said),
        counted as (select side, text_id, owner, term, count(*) as n from used group by all),
        idf as (
            select term, 1 + ln((1 + (select count(*) from said)) / (1.0 + count(distinct text_id)))
                as idf
            from used group by all
        ),
        weighed as (
            select side, text_id, owner, term, n * idf
                / sqrt(sum(cast((n * idf) ** 2 as decimal(18, 9)))
                    over (partition by side, text_id)) as weight
            from counted join idf using (term)
        ),
        alike as (
            select a.owner as asked, t.owner as target, t.text_id,
                sum(cast(a.weight * t.weight as decimal(18, 9))) as s
            from weighed as a join weighed as t using (term)
            where a.side = 'asked' and t.side = 'target' group by all
        )
        select asked, target,
            row_number() over (partition by asked order by max(s) desc, target) as rank
        from alike group by asked, target"""  # noqa: S608


@dataclass
class Result:
    """Of one list: codes asked for, and for each way how many were right at once, and in five."""

    name: str
    asked: int = 0
    targets: int = 0
    first: dict[str, int] = field(default_factory=lambda: dict.fromkeys(WAYS, 0))
    five: dict[str, int] = field(default_factory=lambda: dict.fromkeys(WAYS, 0))

    def lines(self) -> Iterator[str]:
        yield f"{self.name}: {self.asked} codes held back, {self.targets} targets to choose from"
        yield f"  {'':22} {'top 1':>7} {'top 5':>7}"
        for way in WAYS:
            yield (
                f"  {way:22} {self.first[way] / self.asked:7.1%} {self.five[way] / self.asked:7.1%}"
            )


#: A code's fold: its hash as a number, modulo the folds; any power of 16 is 1 modulo 5.
_FOLD_OF = f"""
    list_sum(list_transform(
        string_split(sha256(local_system || local_code), ''),
        lambda digit: strpos('0123456789abcdef', digit) - 1
    )) % {FOLDS}
"""


def measure(engine: Engine, result: Result, bare: bool = False) -> None:
    """Hold each fold of `map` back and count; reads map, target and measured_all."""
    if bare:
        engine.run("delete from abbreviation")
    result.targets = int(engine.value("select count(*) from target"))
    engine.run(f"create or replace table held as select *, {_FOLD_OF} as fold from map")  # noqa: S608
    for fold in range(FOLDS):
        if engine.rows("select 1 from duckdb_tables() where table_name = 'usage_row'"):
            engine.run(_OPEN_ROWS, [fold])
            engine.run(usage.company_sql("open_row"))
        for statement in _FOLD.split(";"):
            engine.run(statement.replace(":fold", str(fold)))
        suggest.suggest(engine)
        result.asked += int(engine.value("select count(*) from asked"))
        for way in WAYS:
            first, five = engine.rows(_RIGHT.format(ranking=ranking(way)))[0]
            result.first[way] += first
            result.five[way] += five


#: Rows as they would be without the maps that are held back.
_OPEN_ROWS = """
    create or replace table open_row as
    select u.* replace (if(h.held, null, u.system) as system, if(h.held, null, u.code) as code)
    from usage_row as u left join (
        select distinct local_system, upper(local_code) as key, true as held from held
        where fold = $1
    ) as h on h.local_system = u.local_system and h.key = upper(trim(u.local_code))"""
_FOLD = """
create or replace table learned as
    select local_system, local_code, local_text, kind, system, code from held where fold <> :fold;
create or replace table asked as
    select row_number() over (order by local_system, local_code, kind) as place, local_system,
        local_code, first(local_text order by local_text) as local_text, kind
    from held where fold = :fold group by local_system, local_code, kind;
create or replace table truth as
    select a.place as asked, t.place as target
    from held as h join asked as a using (local_system, local_code, kind)
    join target as t on t.system = h.system and t.code = h.code;
create or replace table measured as
    select m.system, m.code, m.unit, m.median, m.range from measured_all as m
    where not exists (select 1 from held as h where h.fold = :fold and m.standard
        and h.local_system = m.local_system and h.local_code = m.local_code)"""
_RIGHT = """
    select count(*) filter (where best = 1), count(*) filter (where best <= 5)
    from (select asked, min(rank) as best
          from ({ranking}) join truth using (asked, target) group by asked)"""


def of_usagi(path: Path, bare: bool = False) -> Result:
    """Measure on an export: its approved maps; the targets are all that it maps to."""
    kind = "unit" if "unit" in path.name.lower() else "condition"
    taken = take(path, Told(format="usagi", system=path.stem.lower(), kind=kind)).maps
    maps = [m for m in taken if m.state != "suggested"] or list(taken)
    if len(maps) < len(taken) / 2:
        maps = list(taken)
    columns = ("local_system", "local_code", "local_text", "kind", "system", "code", "display")
    table = pa.table({name: [str(getattr(m, name)) for m in maps] for name in columns})
    result = Result(path.name)
    with tempfile.TemporaryDirectory() as scratch, Engine(Path(scratch)) as engine:
        with engine.arrow("read", table):
            engine.run("create table map as select distinct * from read")
        engine.run(
            "create table target as select row_number() over (order by code) as place, system, "
            "'' as version, code, min(display) as display, []::varchar[] as synonyms "
            "from map group by system, code"
        )
        suggest.prepare(engine)
        engine.run(
            "create table measured_all as select *, '' as local_system, "
            "'' as local_code, false as standard from measured"
        )
        measure(engine, result, bare)
    return result


def of_demo(persons: int, bare: bool = False) -> Result:
    """Measure on the maps that come with the demo, with the texts and values of its region."""
    result = Result("demo")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "demo"
        with Watching() as watch:
            start.demo_(place, persons, 1, None, watch, quiet=True)
        site = open_site(place)
        with Engine(Path(folder)) as engine:
            usage.open_usage(site, engine, usage.sources_of(site, None))
            usage.open_targets(engine)
            engine.run(_DEMO)
            measure(engine, result, bare)
    return result


_DEMO = """
    create table map as
    select l.* replace (coalesce(u.local_text, l.local_text) as local_text)
    from learned as l left join (
        select local_system, upper(local_code) as code, first(local_text order by occurrences desc,
            local_text) as local_text from usage group by all
    ) as u on u.local_system = l.local_system and u.code = upper(l.local_code);
    create table measured_all as
    select local_system as system, local_code as code, unit, median, range, local_system,
        local_code, false as standard
    from usage where kind = 'observation'
    union all
    select system, code, unit, median, range, local_system, local_code, true
    from usage where kind = 'observation' and code is not null"""


def main(arguments: Sequence[str]) -> None:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--persons", type=int, default=300)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--bare", action="store_true", help="without the list of abbreviations")
    given = parser.parse_args(arguments)
    found = next((folder for folder in BESIDE if folder.is_dir()), None)
    files = given.files or (sorted(found.glob("*.csv")) if found else [])
    results = [of_demo(given.persons, given.bare), *(of_usagi(p, given.bare) for p in files)]
    if given.json:
        print(json.dumps([vars(result) for result in results], indent=1))
    else:
        print("\n".join(line for result in results for line in result.lines()))


if __name__ == "__main__":
    main(sys.argv[1:])
