"""Linkage against labels: pairwise and by person, by group, and by threshold."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from minns.engine import Engine, literal, quote
from minns.errors import ConfigError
from minns.evaluation.shares import Share
from minns.inquiry import past_run
from minns.runner import Runner
from minns.site import Mode, Site

#: Where the demo keeps its truth, below the project's folder.
TRUTH = Path("truth") / "identities.parquet"


@dataclass(frozen=True)
class Group:
    """Pairs in which at least one identity is of the group; persons of it that are laid over."""

    name: str
    recall: Share
    laid_over: int


@dataclass(frozen=True)
class Threshold:
    """The model's pairs from a match weight up: how many of them are one person, of all that are.

    Only pairs that a score decides count: not those that a number or a judgement settles.
    """

    weight: int
    precision: Share
    recall: Share


@dataclass(frozen=True)
class Evaluation:
    """What a run made of labelled identities.

    `precision`, `recall`: of pairs. `person_precision`: persons of the result that are exactly one
    true person; `person_recall`: true persons that the result has exactly. `laid_over`: persons of
    the result in which there is more than one true person.
    """

    run: str
    identities: int
    precision: Share
    recall: Share
    person_precision: Share
    person_recall: Share
    laid_over: int
    groups: tuple[Group, ...]
    thresholds: tuple[Threshold, ...]

    @property
    def laid_over_per_10000(self) -> float:
        """Persons laid over for every 10,000 identities."""
        return round(10_000 * self.laid_over / max(self.identities, 1), 3)

    def as_json(self) -> dict[str, Any]:
        return {
            "run": self.run,
            "identities": self.identities,
            "precision": self.precision.as_json(),
            "recall": self.recall.as_json(),
            "person_precision": self.person_precision.as_json(),
            "person_recall": self.person_recall.as_json(),
            "persons_laid_over": self.laid_over,
            "laid_over_per_10000": self.laid_over_per_10000,
            "groups": {
                g.name: {"recall": g.recall.as_json(), "persons_laid_over": g.laid_over}
                for g in self.groups
            },
            "thresholds": [
                {
                    "weight": t.weight,
                    "precision": t.precision.as_json(),
                    "recall": t.recall.as_json(),
                }
                for t in self.thresholds
            ],
        }


def evaluate(
    site: Site, labels: Path | None = None, wave: str | None = None, mode: Mode | None = None
) -> Evaluation:
    """Compare the last finished run with labels.

    `labels`: CSV or Parquet with source, local_patient_id (or local_id) and person, and, where
    known, groups (blank-separated); without it the truth of a demo region. Only identities that
    both the labels and the run have are compared. Raises `ConfigError` when there are no labels.
    """
    path = labels or site.project.root / TRUTH
    if not path.is_file():
        raise ConfigError(
            f"labels in {path}",
            found="no such file",
            do="Give a CSV with source, local_id and person; without labels run"
            " 'minns link sample', let people decide its pairs, then 'minns link estimate'.",
        )
    run = past_run(site, wave, mode)
    with Runner(site.project, site.store).engine() as engine:
        for name in ("identity", "pair"):
            engine.view(name, run.tables["link"].parts(name))
        _read_labels(engine, path)
        return compared(engine, run.run_id)


def _read_labels(engine: Engine, path: Path) -> None:
    """`label` from a file, with the columns that it is to have."""
    csv = path.suffix.lower() == ".csv"
    reader = f"read_{'csv' if csv else 'parquet'}({literal(str(path))}"
    reader += ", all_varchar = true)" if csv else ")"
    columns = [row[0] for row in engine.rows(f"describe from {reader}")]
    local = "local_id" if "local_id" in columns else "local_patient_id"
    missing = [c for c in ("source", local, "person") if c not in columns]
    if missing:
        raise ConfigError(
            f"the columns source, local_id and person in {path}",
            found=f"none named {', '.join(missing)}",
            do="Name them in the first line.",
        )
    groups = "coalesce(groups, '')" if "groups" in columns else "''"
    engine.run(
        f"create or replace temp table label as select source, {quote(local)} as local_patient_id,"  # noqa: S608
        f" cast(person as varchar) as person, {groups} as groups from {reader}"
    )


def compared(engine: Engine, run: str) -> Evaluation:
    """The evaluation of the views `identity` and `pair` against `label`."""
    engine.run(files("minns.evaluation").joinpath("labels.sql").read_text(encoding="utf-8"))
    true, found, both = engine.rows("from pair_count")[0]
    persons, truths, whole, laid_over, identities = engine.rows("from person_count")[0]
    groups = tuple(
        Group(name, Share(int(hits), int(of)), int(over))
        for name, of, hits, over in engine.rows("from grouped")
    )
    return Evaluation(
        run,
        int(identities),
        Share(int(both), int(found)),
        Share(int(both), int(true)),
        Share(int(whole), int(persons)),
        Share(int(whole), int(truths)),
        int(laid_over),
        groups,
        _thresholds(engine.rows("from by_weight")),
    )


def _thresholds(rows: list[tuple[Any, ...]]) -> tuple[Threshold, ...]:
    """From each weight up: pairs and true pairs so far, the highest weight first."""
    same_in_all = sum(int(same) for _, _, same in rows)
    pairs = same = 0
    found = []
    for weight, count, hits in reversed(rows):
        pairs, same = pairs + int(count), same + int(hits)
        found.append(Threshold(int(weight), Share(same, pairs), Share(same, same_in_all)))
    return tuple(reversed(found))
