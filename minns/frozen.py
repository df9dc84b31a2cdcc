"""The linkage model that is in force: trained once, frozen with a version, and told by the ledger.

A version is a dataset in `work/registry/`: m and u of each level, and how common names are. The
first cutover freezes what it was trained with; from then on every wave is scored by the same model,
until somebody trains another version.
"""

from minns.errors import ConfigError, LedgerError
from minns.ledger import Entry
from minns.site import Site
from minns.store import Dataset

#: The name under which a run finds the frozen model's tables.
FROZEN = "link-model-frozen"


def in_force(site: Site, run_id: str | None = None) -> Entry | None:
    """The ledger's last word on the model; what a resumed run itself froze does not count."""
    entries = [e for e in site.ledger.entries("model") if run_id is None or e.run_id != run_id]
    return entries[-1] if entries else None


def frozen_model(
    site: Site, run_id: str | None, fingerprint: str, tables: dict[str, Dataset]
) -> str | None:
    """The frozen model joins `tables`; gives its name there, or None when none was frozen yet.

    Raises `ConfigError` when the model's definition (`fingerprint`) is not the one it was trained
    with, and `LedgerError` when its tables are not those that the ledger knows.
    """
    entry = in_force(site, run_id)
    if entry is None:
        return None
    if entry.body["fingerprint"] != fingerprint:
        raise ConfigError(
            f"the linkage model as it was when version {entry.body['version']} was trained",
            found="another definition",
            do="Put it back, or run 'minns link train' to train and freeze a new version.",
        )
    dataset = site.store.find(site.store.folder / "registry" / entry.body["folder"])
    if dataset is None or dataset.key != entry.body["key"]:
        raise LedgerError(
            f"the linkage model {entry.body['folder']} as the ledger knows it",
            found="none, or another one",
            do="Restore work/registry from its backup.",
        )
    tables[FROZEN] = dataset
    return FROZEN


def freeze_model(site: Site, run_id: str, fingerprint: str, trained: Dataset) -> int:
    """Keep a trained model as the one in force; gives its version. Done already: nothing new."""
    own = site.ledger.entries("model", run_id) if run_id else []
    if own:
        return int(own[-1].body["version"])
    version = 1 + len(site.ledger.entries("model"))
    folder = site.store.folder / "registry" / f"model-{version:04d}"
    with site.store.publish(folder, trained.key) as draft:
        for table in trained.tables:
            for number, part in enumerate(trained.parts(table), start=1):
                draft.part(table, number).write_bytes(part.read_bytes())
            draft.describe(table, rows=trained.rows(table))
    site.ledger.append(
        run_id,
        "model",
        {
            "version": version,
            "folder": folder.name,
            "key": trained.key,
            "fingerprint": fingerprint,
        },
    )
    return version
