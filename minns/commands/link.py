"""`minns link …`: how good the linkage is, and the model that it goes by."""

from pathlib import Path
from typing import Annotated, Any

import typer

from minns import console, evaluation, pipeline
from minns.commands import HERE, JsonOption, ProjectOption, told
from minns.site import open_site

app = typer.Typer(no_args_is_help=True, help="Judge the linkage, and train its model.")


def _share(told_share: dict[str, Any]) -> str:
    if told_share["share"] is None:
        return "-"
    return f"{told_share['share']:.4f}  ({told_share['low']:.4f} to {told_share['high']:.4f})"


@app.command("evaluate", epilog="Example: minns link evaluate --labels labelled.csv")
@told
def evaluate_(
    labels: Annotated[
        Path | None,
        typer.Option(
            help="CSV or Parquet: source, local_id, person[, groups]; default the demo's truth."
        ),
    ] = None,
    wave: Annotated[str | None, typer.Option(help="Its last run; default the newest.")] = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Precision and recall of the last run against labels, with 95 % intervals, by group."""
    found = evaluation.evaluate(open_site(project), labels, wave).as_json()
    if as_json:
        console.print_json(found)
    else:
        _show_evaluation(found)


def _show_evaluation(found: dict[str, Any]) -> None:
    console.say(f"{found['run']}: {console.number(found['identities'])} labelled identities")
    measures = [
        f"{what}{measure}" for what in ("", "person_") for measure in ("precision", "recall")
    ]
    console.show_table(
        ["of", "share (95 %)"],
        [
            [name.replace("_", ": ") if "_" in name else f"pair: {name}", _share(found[name])]
            for name in measures
        ],
    )
    over, per = found["persons_laid_over"], found["laid_over_per_10000"]
    console.say(f"persons laid over: {console.number(over)} ({per} per 10 000 identities)")
    if found["groups"]:
        console.show_table(
            ["group", "true pairs", "recall (95 %)", "persons laid over"],
            [
                [name, group["recall"]["of"], _share(group["recall"]), group["persons_laid_over"]]
                for name, group in found["groups"].items()
            ],
        )
    console.show_table(
        ["from weight", "pairs", "precision of the model", "recall of the model"],
        [
            [t["weight"], t["precision"]["of"], _share(t["precision"]), _share(t["recall"])]
            for t in found["thresholds"]
        ],
    )


@app.command("sample", epilog="Example: minns link sample --size 300 --seed 1")
@told
def sample_(
    size: Annotated[int, typer.Option(min=1, help="About how many pairs.")] = 300,
    seed: Annotated[int, typer.Option(help="Same seed, same pairs.")] = 1,
    wave: Annotated[str | None, typer.Option(help="Its last run; default the newest.")] = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Draw pairs of every kind for people to decide: an estimate needs no known truth."""
    drawn = evaluation.draw(open_site(project), size, seed, wave)
    if as_json:
        console.print_json(drawn)
        return
    console.show_table(["pair", "stratum"], [[d["pair"], d["stratum"]] for d in drawn])
    console.say(f"{console.number(len(drawn))} pairs drawn. Decide each: minns review show PAIR,")
    console.say("minns review decide PAIR …; then 'minns link estimate'.")


@app.command("estimate", epilog="Example: minns link estimate --json")
@told
def estimate_(project: ProjectOption = HERE, as_json: JsonOption = False) -> None:
    """Precision and recall as the judgements on the last drawn sample tell them."""
    found = evaluation.estimate(open_site(project)).as_json()
    if as_json:
        console.print_json(found)
        return
    console.show_table(
        ["of", "share (95 %)"],
        [["precision", _share(found["precision"])], ["recall", _share(found["recall"])]],
    )
    console.show_table(
        ["stratum", "pairs", "decided", "one person"],
        [[s["stratum"], s["pairs"], s["same"]["of"], s["same"]["hits"]] for s in found["strata"]],
    )
    if found["waiting"]:
        console.say(f"{console.number(found['waiting'])} pairs of the sample are not decided yet.")


@app.command("report", epilog="Example: minns link report --json")
@told
def report_(
    wave: Annotated[str | None, typer.Option(help="Its last run; default the newest.")] = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """What the training of the model found: levels never seen, odd values, what blocking loses."""
    found = evaluation.training(open_site(project), wave)
    if as_json:
        console.print_json(found)
        return
    which = f"version {found['version']}, frozen" if found["frozen"] else "trained in this run"
    console.say(f"{found['run']}: model {which}; prior {found['prior']:.3g}")
    console.show_table(
        ["subject", "level", "finding", "value"],
        [
            [
                f["subject"],
                f["level"],
                f["finding"],
                "" if f["value"] is None else f"{f['value']:.6g}",
            ]
            for f in found["findings"]
        ],
    )


@app.command("train", epilog="Example: minns link train wave-2")
@told
def train_(wave: str, project: ProjectOption = HERE, as_json: JsonOption = False) -> None:
    """Train the linkage model on all that a wave has in scope, and freeze it as a new version."""
    with console.Watching() as watch:
        version, _ = pipeline.train_link_model(open_site(project), wave, watch)
    if as_json:
        console.print_json({"version": version})
    else:
        console.say(f"Version {version} is in force from the next run on. Rehearse before cutover.")
