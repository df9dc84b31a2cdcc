"""What the command line shows: calm tables, one colour for each fate, progress on stderr.

The only module, beside the command line itself, that knows rich.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from minns.model import FATES
from minns.runner import Done
from minns.step import Progress as Report

#: One colour for each fate everywhere (the report has the same); never colour alone.
COLOURS = {
    "loaded": "green",
    "consolidated": "cyan",
    "held": "yellow",
    "quarantined": "red",
    "excluded": "bright_black",
}
_THIN = "\u2009"

#: Changes of codes that a plan shows; --json tells all.
_RECODED = 20
#: Wide enough for every table where there is no terminal to ask (columns).
_WIDTH = 140


#: Tables of the record that hold no fact of their own.
_BESIDES = ("identity", "lineage", "conflict", "person", "medication_group")


def _console(*, stderr: bool = False) -> Console:
    console = Console(stderr=stderr, highlight=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = _WIDTH
    return console


out = _console()
err = _console(stderr=True)


def number(value: float | None) -> str:
    """A number with thin spaces between thousands; a dash when there is none."""
    if value is None:
        return "–"
    return f"{value:,}".replace(",", _THIN)


def print_json(value: Any) -> None:
    """One JSON document on stdout, nothing else."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n")


def say(text: str, style: str = "") -> None:
    """One line for people."""
    out.print(Text(text, style=style))


def warn(text: str) -> None:
    """One line on stderr."""
    err.print(Text(text, style="red"))


def show_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    styles: Mapping[str, str] | None = None,
) -> None:
    """Rows under headings: numbers to the right, text to the left."""
    table = Table(box=None, pad_edge=False, padding=(0, 2), show_edge=False)
    for at, column in enumerate(columns):
        numeric = any(isinstance(row[at], int | float) for row in rows)
        style = (styles or {}).get(column, "")
        table.add_column(column, justify="right" if numeric else "left", style=style, no_wrap=True)
    for row in rows:
        table.add_row(*(number(v) if isinstance(v, int | float) else str(v or "") for v in row))
    out.print(table)


def show_balance(lines: Sequence[Mapping[str, Any]]) -> None:
    """The balance by kind: what was read, what became of it, and whether it adds up."""
    rows = []
    for line in lines:
        balanced = sum(line[fate] for fate in FATES) == line["statements"]
        word = "balanced" if balanced else "NOT BALANCED"
        rows.append([line["kind"], line["statements"], *(line[fate] for fate in FATES), word])
    show_table(["", "read", *FATES, " "], rows, styles=COLOURS)


def show_plan(plan: Mapping[str, Any]) -> None:
    """A plan, as the person who will run it reads it."""
    say(f"{_title(plan)}\n", "bold")
    _show_books(plan)
    _show_changes(plan)
    _show_recoded(plan["recoded"])
    _show_foreign(plan["foreign"])
    if "delivery" in plan:
        show_delivery(plan["delivery"])
    say("\nNothing has been changed.")
    flag = " --cutover" if plan["mode"] == "cutover" else ""
    word = "cut over" if plan["mode"] == "cutover" else "rehearse"
    say(f"To {word}: minns run {plan['wave']}{flag}")


def _show_foreign(tables: Sequence[Mapping[str, Any]]) -> None:
    """What others changed in the target since its last load."""
    if not tables:
        return
    say(
        "\nchanged by others in the target since its last load; a run refuses to load over it",
        "red",
    )
    words = ["edited", "added", "removed", "moved"]
    show_table(
        ["table", *words, "rows"], [[t[c] for c in ("table", *words, "rows")] for t in tables]
    )


def _show_changes(plan: Mapping[str, Any]) -> None:
    """What the record's tables would come to, and the rows behind one of the counts."""
    if not plan["tables"]:
        others = ", but for what others changed there" if plan["foreign"] else ""
        say(f"\nNothing to load: the record already holds all of this{others}.")
        return
    say("")
    columns = ["table", "added", "changed", "closed"]
    show_table(columns, [[table[c] for c in columns] for table in plan["tables"]])
    if behind := plan.get("behind"):
        say("")
        names = ["change", "row", "person_id", "source", "columns"]
        show_table(names, [[row[name] or "" for name in names] for row in behind["shown"]])
        rest = behind["rows"] - len(behind["shown"])
        where = f"all are in {behind['file']}" if behind["file"] else "--to FILE.csv writes all"
        say(f"{number(behind['rows'])} rows of {behind['table']}; {where}" if rest else "")


def _show_recoded(blast: Mapping[str, Any]) -> None:
    """The facts that would carry another code, by old and new code, the most first."""
    changes = blast["changes"]
    if not changes:
        return
    waves = ", ".join(blast["waves"])
    say(
        f"\nrecoded   {number(blast['facts'])} facts of {number(blast['persons'])} patients"
        f" would carry another code ({waves})"
    )
    rows = []
    for line in changes[:_RECODED]:
        was, becomes = line["means"] if line["old"] == line["new"] else ("", "")
        local = "|".join(part for part in (line["local_system"], line["local_code"]) if part)
        codes = [f"{line['old'] or '–'} {was}".strip(), f"{line['new'] or '–'} {becomes}".strip()]
        rows.append([line["kind"], local, *codes, line["facts"], line["persons"]])
        rows[-1].append(", ".join(line["waves"]))
    columns = ["kind", "local code", "old", "new", "facts", "patients", "waves"]
    show_table(columns, rows)
    if len(changes) > _RECODED:
        say(f"and {number(len(changes) - _RECODED)} more; --json lists them all")


def show_outcome(outcome: Mapping[str, Any]) -> None:
    """A run: its books, its gates, and what to read next."""
    again = " (went on where it was stopped)" if outcome["resumed"] else ""
    say(f"{_title(outcome)} · {outcome['run']}{again}\n", "bold")
    _show_books(outcome)
    gates = [gate for gate in outcome["evidence"]["gates"] if gate["binding"]]
    failed = [gate for gate in gates if gate["verdict"] != "pass"]
    if outcome["load"] is None:
        say("\nNothing to load: the record already holds all of this.")
    else:
        say(f"\n{number(outcome['changes'])} changes loaded as load {outcome['load']}.")
    if "delivery" in outcome:
        show_delivery(outcome["delivery"])
    for gate in failed:
        about = f" ({gate['subject']})" if gate["subject"] else ""
        value = "nothing to compute it from" if gate["value"] is None else gate["value"]
        say(f"  gate failed: {gate['name']}{about}, {value} against {gate['limit']}", "red")
    passed = f"{len(gates) - len(failed)} of {len(gates)} gates passed"
    say(f"{'GO' if not failed else 'NO-GO'}: {passed}.", "green" if not failed else "red")
    say(f"Report: {outcome['report']}")


def show_delivery(said: Mapping[str, Any]) -> None:
    """What went out, or waits to: by type, and what the server did not take."""
    say(f"\n{said['place']}")
    if "written" in said:
        show_table(["", "resources"], [[kind, n] for kind, n in said["written"].items()])
        return
    columns = ["new", "changed", "gone"]
    waits = said["waiting"]
    rows = [[kind, *(waits[kind].get(c, 0) for c in columns)] for kind in waits]
    if rows:
        show_table(["", *columns], rows)
    if "put" not in said:
        say("" if rows else "Nothing to deliver.")
        return
    say(
        f"{number(said['put'])} resources put, {number(said['deleted'])} deleted, "
        f"{number(said['remaining'])} remain; {number(sum(said['on_server'].values()))} read back."
    )
    for row in said["refused"]:
        about = f"{row['resource_type']}/{row['resource_id']}"
        why = " ".join(str(row[c]) for c in ("status", "code", "path") if row[c])
        say(f"  refused: {about}, {why}", "red")
    for what, key in (("missing", "missing"), ("changed by others", "changed_by_others")):
        for about in said[key]:
            say(f"  {what}: {about}", "red")


def show_score(score: Mapping[str, Any]) -> None:
    """How near the result came to the truth that the region was built from."""
    say("Against the region's truth, which no stage has read:", "bold")
    for name, value in score.items():
        shown = f"{value:.4f}" if isinstance(value, float) else number(value)
        say(f"  {name.replace('_', ' '):<32} {shown:>10}")


def _title(head: Mapping[str, Any]) -> str:
    words = [head["wave"].replace("-", " ").capitalize(), ", ".join(head["sources"])]
    return f"{words[0]} · {words[1]} → {head['target']} · {head['mode']}"


def _show_books(head: Mapping[str, Any]) -> None:
    evidence = head["evidence"]
    rows = _in_all(evidence["balance"], head["sources"])
    show_balance([*_by_kind(evidence["balance_kind"], head["sources"]), rows])
    links, changes = evidence["links"], evidence["about"]["changes"]
    events = dict(links["events"])
    review = sum(pair["pairs"] for pair in links["pairs"] if pair["decision"] == "review")
    facts = [c for c in changes if c["table"] not in _BESIDES]
    conflicts = sum(line["conflicts"] - line["settled"] for line in evidence["conflicts"])
    say(
        f"\npersons   + {number(events.get('created', 0))} new   "
        f"~ {number(events.get('joined', 0))} gain an identity   "
        f"{number(events.get('merged', 0))} merged   {number(review)} pairs to review"
    )
    say(
        f"facts     + {number(sum(c['added'] for c in facts))}   "
        f"~ {number(sum(c['changed'] for c in facts))}   "
        f"- {number(sum(c['closed'] for c in facts))}   "
        f"{number(conflicts)} conflicts for a clinician"
    )
    coded = [line for line in evidence["coverage"] if line["kind"] != "care_unit"]
    occurrences = sum(line["occurrences"] for line in coded)
    mapped = sum(line["mapped"] for line in coded)
    if occurrences:
        open_codes = sum(line["kind"] != "care_unit" for line in evidence["unmapped"])
        say(
            f"codes     {mapped / occurrences:.1%} of occurrences mapped and approved; "
            f"{number(open_codes)} local codes open"
        )


def _by_kind(lines: Sequence[Mapping[str, Any]], sources: Sequence[str]) -> list[dict[str, Any]]:
    """The balance of a wave's own sources, summed by kind."""
    sums: dict[str, dict[str, Any]] = {}
    for line in lines:
        if line["source"] in sources:
            total = sums.setdefault(
                line["kind"], {"kind": line["kind"] or "(row)", "statements": 0}
            )
            for name in ("statements", *FATES):
                total[name] = total.get(name, 0) + line[name]
    return list(sums.values())


def _in_all(lines: Sequence[Mapping[str, Any]], sources: Sequence[str]) -> dict[str, Any]:
    """The rows of a wave's own sources: those too that never became a statement of any kind."""
    own = [line for line in lines if line["source"] in sources]
    sums = {fate: sum(line[fate] for line in own) for fate in FATES}
    return {"kind": "rows", "statements": sum(line["extracted"] for line in own), **sums}


class Watching:
    """Shows steps as they run, with rows a second and time left; quiet when not a terminal."""

    def __init__(self) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", justify="left"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[rate]}", justify="right"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=err,
            transient=True,
            disable=not err.is_terminal,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> "Watching":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def begin(self, name: str) -> Report:
        if self._task is not None:
            self._progress.remove_task(self._task)
        task = self._task = self._progress.add_task(name, total=None, rate="")

        def report(done: int, total: int | None = None) -> None:
            elapsed = self._progress.tasks[-1].elapsed if self._progress.tasks else None
            rate = f"{number(int(done / elapsed))} rows/s" if elapsed and done > 100 else ""
            self._progress.update(task, completed=done, total=total, rate=rate)

        return report

    def end(self, done: Done) -> None:
        if self._task is not None:
            self._progress.remove_task(self._task)
            self._task = None
        if err.is_terminal:
            how = "found again" if done.found else f"{done.seconds:.1f} s"
            err.print(f"  {done.name:<18} {number(done.rows):>12} rows  {how}", style="dim")
