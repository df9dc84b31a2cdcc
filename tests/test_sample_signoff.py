"""Samples: the same seed draws the same, every risk has its share, and a signature binds."""

import json
import shutil
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from pages import PASSWORD
from sampled import HIDDEN_STREET, TENTH, WAVE, copied, drew
from typer.testing import CliRunner

from minns import pipeline
from minns.cli import app
from minns.errors import ConfigError, LedgerError
from minns.ledger import Entry
from minns.samples import facing, reading, signing
from minns.samples.drawing import Aim, assign
from minns.samples.figures import figures
from minns.samples.state import Sample, sample
from minns.site import Site, open_site
from validation.sample import STRATA, Drawn


@pytest.fixture
def site(sampled_region: Site, tmp_path: Path) -> Site:
    """A copy of the region: what is drawn and signed in one test is not there in another."""
    return copied(sampled_region, tmp_path / "region")


def pointers(found: Sample) -> list[tuple[str, str]]:
    return [(fact.kind, fact.fact_id) for fact in found.facts.values()]


def all_read(site: Site, name: str, wrong: int = 0, by: tuple[str, ...] = ("trusted",)) -> Sample:
    """Every fact read by each of these; the first so many of the base are wrong."""
    for who in by:
        found = sample(site, name)
        for at in [fact.at for fact in reading.owed(found, who)]:
            reading.read(site, found, at, who, "value" if at <= wrong else "right", "")
    return sample(site, name)


def signed(site: Site, name: str, **more: str) -> Any:
    about = {"by": "trusted", "role": "clinician", "verdict": "approved", **more}
    return signing.sign(site, name, **about)


def test_the_same_seed_draws_the_same_and_another_others(site: Site) -> None:
    one, again = drew(site, "one"), drew(site, "again")
    other = drew(site, "other", seed=8)
    assert pointers(one) == pointers(again)
    assert set(pointers(one)) != set(pointers(other))


def test_threads_change_nothing(site: Site, tmp_path: Path) -> None:
    toml = site.project.root / "minns.toml"
    one = drew(site, "one")
    shutil.rmtree(site.store.folder / "steps" / "population")
    toml.write_text(toml.read_text() + "threads = 1\n", encoding="utf-8")
    alone = drew(open_site(site.project.root), "alone")
    assert one.entry.body["facts"] == alone.entry.body["facts"]
    assert one.entry.body["load"] == alone.entry.body["load"]


def test_it_is_as_large_as_it_must_be_and_no_risk_is_left_out(site: Site) -> None:
    found = drew(site, "one", least=5)
    body = found.entry.body
    assert sum(fact.base for fact in found.facts.values()) == 29
    drawn = Counter(fact.risk for fact in found.facts.values())
    for risk, population in body["strata"]:
        if risk != "other":
            assert drawn[risk] >= min(5, population), risk
    assert [name for name, _ in body["strata"]] == [
        s.name for s in STRATA if s.name in dict(body["strata"])
    ]
    assert {"protected", "alert_active", "medication_active", "merged"} <= drawn.keys()


def test_each_fact_has_the_same_chance_to_be_in_the_base(site: Site) -> None:
    """Over many seeds the drawn shares of source, kind and risk are those of all facts."""
    cells: Counter[str] = Counter()
    seen: set[tuple[str, str]] = set()
    for seed in range(20):
        facts = drew(site, f"s{seed}", seed=seed).facts.values()
        cells.update(fact.risk for fact in facts if fact.base)
        seen |= {(fact.kind, fact.fact_id) for fact in facts if fact.base}
    strata = dict(sample(site, "s0").entry.body["strata"])
    every = sum(strata.values())
    assert sum(cells.values()) == 20 * 29
    for risk, population in strata.items():
        assert cells[risk] / (20 * 29) == pytest.approx(population / every, abs=0.03), risk
    assert len(seen) > 0.75 * every


def test_a_small_record_is_read_whole(site: Site) -> None:
    found = drew(site, "one", aim=Aim(error_below=0.001))
    assert len(found.facts) == found.entry.body["population"]
    assert figures(found)["errors_allowed"] == 0


@pytest.mark.parametrize(
    "asked",
    [
        {"aim": Aim(error_below=0)},
        {"aim": Aim(confidence=1)},
        {"aim": Aim(error_below=0.00001)},
        {"name": "../x"},
    ],
)
def test_an_aim_or_a_name_that_cannot_be_is_refused(site: Site, asked: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        drew(site, **{"name": "one", **asked})
    assert not site.ledger.entries("sample")


def test_readers_share_the_facts_and_protected_persons_go_to_those_who_may(site: Site) -> None:
    found = drew(site, "one", ("ann", "trusted"))
    ann, trusted = (reading.owed(found, who) for who in ("ann", "trusted"))
    assert {f.at for f in ann} | {f.at for f in trusted} == set(found.facts)
    assert not {f.at for f in ann} & {f.at for f in trusted}
    assert not any(f.protected for f in ann)
    assert any(f.protected for f in trusted)
    assert figures(found)["unreadable"] == 0
    assert figures(drew(site, "two", ("ann",)))["unreadable"] > 0
    with pytest.raises(ConfigError):
        reading.read(site, found, trusted[0].at, "ann", "right", "")
    assert reading.owed(found, "bo") == ()


def test_a_fact_is_shown_as_the_journal_wrote_it_and_no_protected_address(site: Site) -> None:
    found = drew(site, "one", ("trusted",), least=400)
    chosen: dict[tuple[str, bool], Drawn] = {}
    for fact in found.facts.values():
        chosen.setdefault((fact.kind, fact.protected), fact)
    with facing.opened(site, found, "en", "trusted") as desk:
        faces = {key: facing.face(desk, fact) for key, fact in chosen.items()}
    assert len(site.ledger.entries("read")) == len(faces)
    for (kind, hidden), face in faces.items():
        assert face["rows"] and face["fields"] and face["protected"] == hidden
        assert all(row["columns"] for row in face["rows"])
        assert bool(face["who"]) == (kind != "patient")
    assert ("patient", True) in faces
    assert HIDDEN_STREET not in json.dumps(list(faces.values()), ensure_ascii=False)
    row = faces["condition", False]["rows"][0]
    with sqlite3.connect(site.project.root / "region" / "melior.db") as journal:
        columns = {c[1] for c in journal.execute(f"pragma table_info({row['table']})")}
    journal.close()
    if row["source"] == "melior":
        assert {c["label"] for c in row["columns"]} == columns


def test_the_ledger_holds_no_value_of_a_patient(site: Site) -> None:
    found = all_read(site, drew(site, "one", ("trusted",)).name)
    with facing.opened(site, found, "sv", "trusted") as desk:
        facing.face(desk, found.facts[1])
    signed(site, "one")
    ledger = (site.project.root / "work" / "ledger.db").read_bytes().decode("latin-1")
    with sqlite3.connect(site.project.root / "work" / "record-rehearsal.db") as record:
        people = record.execute("select number, street from person where number is not null")
        values = [value for row in people for value in row if value]
    record.close()
    assert len(values) > 40
    assert not [value for value in values if value.encode().decode("latin-1") in ledger]


def test_a_verdict_is_taken_back_until_it_is_signed(site: Site) -> None:
    found = drew(site, "one", ("trusted",))
    reading.read(site, found, 1, "trusted", "code", "fel lista")
    assert figures(sample(site, "one"))["by_error"] == {"code": 1}
    undone = reading.undo(site, sample(site, "one"), "trusted")
    assert undone is not None and undone.at == 1
    assert 1 in {fact.at for fact in reading.owed(sample(site, "one"), "trusted")}
    all_read(site, "one")
    signed(site, "one")
    for act in (
        lambda s: reading.undo(site, s, "trusted"),
        lambda s: reading.read(site, s, 1, "trusted", "right", ""),
    ):
        with pytest.raises(ConfigError, match="signed"):
            act(sample(site, "one"))


@pytest.mark.parametrize(
    ("verdict", "comment"), [("no", ""), ("right", "se 19121212-1212"), ("right", "x" * 501)]
)
def test_a_verdict_that_is_none_or_says_who_is_refused(
    site: Site, verdict: str, comment: str
) -> None:
    found = drew(site, "one", ("trusted",))
    with pytest.raises(ConfigError) as told:
        reading.read(site, found, 1, "trusted", verdict, comment)
    assert "1212" not in str(told.value)


def test_two_read_unseen_and_a_third_settles(site: Site) -> None:
    readers = ("ann", "bo", "trusted", "leo")
    found = drew(site, "one", readers, ("cia", "leo"), double_blind=True)
    assert sum(len(reading.owed(found, who)) for who in readers) == 2 * len(found.facts)
    all_read(site, "one", by=("ann", "trusted", "leo"))
    for fact in reading.owed(sample(site, "one"), "bo"):
        found = sample(site, "one")
        first = fact.at == min(f.at for f in reading.owed(drew_again(found), "bo"))
        reading.read(site, found, fact.at, "bo", "date" if first else "right", "")
    found = sample(site, "one")
    told = figures(found)
    assert told["differ"] == 1 and told["read_twice"] == len(found.facts)
    assert told["kappa"] == pytest.approx(0, abs=0.1)
    assert not told["shown"]
    [fact] = reading.to_adjudicate(found, "cia")
    for stranger in ("bo", "ann"):
        with pytest.raises(ConfigError):
            reading.adjudicate(site, found, fact.at, stranger, "right", "")
    with pytest.raises(ConfigError, match="wait"):
        signed(site, "one")
    reading.adjudicate(site, found, fact.at, "cia", "right", "läst i båda")
    found = sample(site, "one")
    assert figures(found)["differ"] == 0 and found.outcome(fact.at).right  # type: ignore[union-attr]
    assert figures(found)["shown"]


def drew_again(found: Sample) -> Sample:
    """The sample as it was before anybody read."""
    return Sample(found.entry, found.facts, found.readers, found.adjudicators)


def test_it_stops_when_its_aim_is_out_of_reach(site: Site) -> None:
    found = drew(site, "one", ("trusted",))
    assert not figures(found)["failed"]
    reading.read(site, found, 1, "trusted", "lost", "")
    told = figures(sample(site, "one"))
    assert told["failed"] and not told["shown"]
    with pytest.raises(ConfigError, match="every fact read"):
        signed(site, "one")
    entry = signed(site, "one", verdict="rejected", comment="en varning saknas")
    assert entry.body["errors"] == 1 and entry.body["base_read"] == 1


def test_one_error_may_be_allowed_for(site: Site) -> None:
    found = drew(site, "one", ("trusted",), aim=Aim(0.1, 0.95, 1))
    told = figures(all_read(site, found.name, wrong=1))
    assert told["base"] == 46
    assert told["wrong"] == 1 and told["shown"] and told["bound"] <= 0.1
    with pytest.raises(ConfigError, match="a comment"):
        signed(site, "one")
    assert signed(site, "one", comment="rättas före överföring").body["wrong"] == 1


def test_a_signature_binds_who_what_and_the_record(site: Site) -> None:
    found = all_read(site, drew(site, "one", ("trusted",)).name)
    with pytest.raises(ConfigError, match="reads or settles"):
        signed(site, "one", by="ann")
    body = signed(site, "one").body
    assert (body["by"], body["role"], body["verdict"]) == ("trusted", "clinician", "approved")
    assert (body["sample"], body["seed"], body["wave"]) == ("one", 7, WAVE)
    assert body["drawn_as"] == found.entry.hash
    assert body["bound"] == pytest.approx(1 - 0.05 ** (1 / 29), abs=1e-6)
    assert len({body[name] for name in ("facts_hash", "load_hash", "verdicts_hash")}) == 3
    [line] = signing.signatures(site)
    assert line["holds"] and line["expired_because"] == []
    with pytest.raises(ConfigError, match="theirs already"):
        signed(site, "one")


def test_it_expires_when_the_record_changes_and_says_what(site: Site) -> None:
    all_read(site, drew(site, "one", ("trusted",)).name)
    signed(site, "one")
    pipeline.run(site, WAVE, "cutover")
    assert signing.signatures(site)[0]["holds"], "what was rehearsed is what is cut over"
    fact = next(f for f in sample(site, "one").facts.values() if f.source == "melior")
    with sqlite3.connect(site.project.root / "region" / "melior.db") as journal:
        journal.execute("update diagnos set kodtext = kodtext || ' (ändrad)'")
    journal.close()
    pipeline.run(site, WAVE, "rehearsal")
    [line] = signing.signatures(site)
    assert not line["holds"] and fact is not None
    assert any("of the sample say something else" in why for why in line["expired_because"])
    assert any(why.startswith("condition: ") for why in line["expired_because"])
    assert not any(why.startswith("medication: ") for why in line["expired_because"])
    assign(site, "one", [("leo", True)], [], "eva")
    with pytest.raises(ConfigError, match="say something else"):
        signed(site, "one", by="leo")


@pytest.mark.slow
def test_a_later_wave_that_changes_what_was_signed_ends_the_signature(site: Site) -> None:
    all_read(site, drew(site, "one", ("trusted",)).name)
    signed(site, "one")
    pipeline.run(site, WAVE, "cutover")
    pipeline.run(site, "wave-2", "rehearsal")
    assert signing.signatures(site)[0]["holds"], "a rehearsal changes nothing"
    pipeline.run(site, "wave-2", "cutover")
    [line] = signing.signatures(site)
    assert any(why.startswith("patient: ") for why in line["expired_because"])


def sample_gate(site: Site, limit: float) -> Any:
    """The gate as a plan computes it: nothing is run."""
    wave = site.project.root / "runbooks" / f"{WAVE}.toml"
    wave.parent.mkdir(exist_ok=True)
    packaged = Path(__file__).parents[1] / "runbooks" / f"{WAVE}.toml"
    text = packaged.read_text(encoding="utf-8")
    wave.write_text(f"{text}\nsample_error_max = {limit}\n", encoding="utf-8")
    found = pipeline.plan(site, WAVE, "rehearsal").evidence
    return next(gate for gate in found.gates if gate.name == "sample_error")


def test_the_gate_is_unknown_without_a_signature_and_turns_on_the_bound(site: Site) -> None:
    assert sample_gate(site, 0.1).verdict == "unknown"
    all_read(site, drew(site, "one", ("trusted",)).name)
    assert sample_gate(site, 0.1).verdict == "unknown", "read is not signed"
    signed(site, "one")
    assert sample_gate(site, 0.1).verdict == "pass"
    assert sample_gate(site, 0.01).verdict == "fail"
    drew(site, "two", ("trusted",), seed=8, aim=TENTH)
    reading.read(site, sample(site, "two"), 1, "trusted", "lost", "")
    signed(site, "two", verdict="rejected", comment="en saknas")
    assert sample_gate(site, 0.1).verdict == "fail", "drawing again does not help"


FORGERIES = {
    "verdict": ("'\"approved\"'", "'\"rejected\"'"),
    "who": ('\'"by": "trusted"\'', '\'"by": "ann"\''),
    "bound": ("'\"bound\": 0.0'", "'\"bound\": 0.00'"),
    "seed": ("'\"seed\": 7'", "'\"seed\": 8'"),
}


@pytest.fixture(scope="module")
def kept(sampled_region: Site, tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, Entry]:
    """A region with a signed sample, and its signature."""
    site = copied(sampled_region, tmp_path_factory.mktemp("kept") / "region")
    all_read(site, drew(site, "one", ("trusted",)).name)
    entry = signed(site, "one")
    site.ledger.append("", "note", {})
    return site, entry


@pytest.mark.parametrize("what", [*FORGERIES, "gone", "twice", "cut off"])
def test_a_tampered_signature_is_found(kept: tuple[Site, Entry], tmp_path: Path, what: str) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "minns.toml").write_text('work = "work"\n', encoding="utf-8")
    shutil.copy(kept[0].project.root / "work" / "ledger.db", tmp_path / "work" / "ledger.db")
    site, entry = open_site(tmp_path), kept[1]
    receipt = f"{entry.sequence}:{entry.hash}"
    assert site.ledger.verify([receipt]) == entry.sequence + 1
    this = f"where sequence = {entry.sequence}"
    forge = {
        "gone": f"delete from ledger_entry {this}",
        "twice": "insert into ledger_entry select sequence + 2, moment, run_id, kind, body,"
        f" previous_hash, hash from ledger_entry {this}",
        "cut off": f"delete from ledger_entry where sequence >= {entry.sequence}",
    }
    if what in FORGERIES:
        old, new = FORGERIES[what]
        forge[what] = f"update ledger_entry set body = replace(body, {old}, {new}) {this}"
    with sqlite3.connect(site.project.root / "work" / "ledger.db") as ledger:
        assert ledger.execute(forge[what]).rowcount >= 1
    ledger.close()
    with pytest.raises(LedgerError):
        site.ledger.verify([receipt])
    command = ["ledger", "verify", "--project", str(tmp_path), "--receipt", receipt]
    assert CliRunner().invoke(app, command).exit_code == 7


def told(site: Site, *command: str, password: str = "") -> Any:
    """Run the command line; gives how it ended."""
    return CliRunner().invoke(
        app, [*command, "--project", str(site.project.root)], input=f"{password}\n"
    )


def test_all_of_it_by_command(site: Site) -> None:
    draw = ["sample", "draw", WAVE, "--name", "one", "--seed", "7", "--error-below", "0.1"]
    done = told(site, *draw, "--reader", "trusted", "--json")
    assert json.loads(done.stdout)["base"] == 29
    assert told(site, *draw).exit_code == 2, "the name is taken"
    assert told(site, "sample", "assign", "one", "--reader", "nobody").exit_code == 2
    assert told(site, "sample", "assign", "one", "--adjudicator", "leo").exit_code == 0
    all_read(site, "one")
    sign = ["signoff", "sign", "one", "--user", "trusted", "--verdict", "approved", "--json"]
    assert told(site, *sign, password="another").exit_code == 2
    done = told(site, *sign, password=PASSWORD)
    assert done.exit_code == 0, done.output
    receipt = json.loads(done.stdout)
    assert receipt["receipt"] == site.ledger.last("signature").hash  # type: ignore[union-attr]
    listed = told(site, "signoff", "list", "--json")
    assert listed.exit_code == 0 and json.loads(listed.stdout)[0]["holds"]
    assert json.loads(told(site, "sample", "list", "--json").stdout)[0]["signed"] == 1
    assert "29 that tell of all: 0 wrong" in " ".join(
        told(site, "sample", "show", "one").stdout.split()
    )
