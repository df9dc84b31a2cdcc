"""HL7 v2 messages land whole: every segment a row, every field as it was sent."""

import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from hl7apy.parser import parse_segment
from hl7v2_messages import ADT, NUMBER, Landed, message, mutated
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extract.hl7v2.reading import Text, segments
from extract.hl7v2.splitting import documents
from minns.engine import Engine
from minns.errors import SourceError

BESIDE = (folder / "shared/data/clinical/hl7v2" for folder in Path(__file__).parents)
STORED = sorted(next(filter(Path.is_dir, BESIDE), Path("nowhere")).glob("*.hl7"))


@pytest.mark.parametrize(
    ("page", "encoding"),
    [
        ("UNICODE UTF-8", "utf-8"),
        ("8859/1", "iso8859-1"),
        ("8859/15", "iso8859-15"),
        ("", "cp1252"),
        ("ASCII", "cp1252"),
    ],
)
def test_swedish_names_come_as_they_were_sent(tmp_path: Path, page: str, encoding: str) -> None:
    landed = Landed(tmp_path, message(*ADT, page=page, encoding=encoding), encoding="cp1252")
    assert landed.rows(
        "select hl7(pid_5), hl7(pid_5, component := 2), hl7(pid_3, 2), hl7(pid_3, 2, 5) from PID"
    ) == [("Åkerström", "Björn", NUMBER, "NNSWE")]
    repaired = "not ASCII as it says, read as cp1252" if page == "ASCII" else None
    assert landed.rows("select _fault, repaired from document") == [(None, repaired)]
    assert landed.agrees


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (message(*ADT, encoding="iso8859-1"), "not_in_its_code_page"),
        (message(*ADT, page="8859/1", encoding="utf-8"), "not_in_its_code_page"),
        (message(*ADT, page="KOI8"), "unknown_code_page"),
        (message(*ADT).replace(b"Bj", b"B\0j"), "nul_byte"),
        (message(*ADT).replace(b"^~\\&", b"^^\\&"), "bad_separators"),
        (message(*ADT).replace(b"ADT^A08^ADT_A01", b""), "no_message_type"),
        (message(*ADT).replace(b"|SU", b"|\nSU"), "broken_header"),
        (b"\x0b" + message(*ADT)[:90] + b"\r", "cut_off"),
        (b"PID|1\r", "no_message_header"),
        (b"MSH\r", "no_message_header"),
    ],
)
def test_a_damaged_message_is_named_and_kept_and_the_next_one_lands(
    tmp_path: Path, content: bytes, fault: str
) -> None:
    landed = Landed(tmp_path, content + message(*ADT))
    assert landed.rows("select _fault from document order by number") == [(fault,), (None,)]
    assert landed.rows("select content from document order by number") == [
        (content,),
        (message(*ADT),),
    ]
    assert landed.rows("select number, name from segment order by all") == [
        (2, "MSH"),
        (2, "PID"),
        (2, "PV1"),
    ]
    assert landed.agrees


def test_messages_in_frames_and_batches_come_apart(tmp_path: Path) -> None:
    head, foot = (b"FHS|^~\\&|PAS\rBHS|^~\\&|PAS\r", b"BTS|2\rFTS|1\r")
    framed = b"\x0b" + message(*ADT) + b"\x1c\r"
    landed = Landed(tmp_path, head + 2 * message(*ADT) + foot, framed * 3)
    assert landed.rows("select file, count(*) from PID group by 1 order by 1") == [
        ("1.hl7", 2),
        ("2.hl7", 3),
    ]
    assert landed.rows("select count(*) from document where _fault is not null") == [(0,)]
    assert landed.agrees


def test_a_frame_that_was_cut_off_takes_nothing_of_the_next(tmp_path: Path) -> None:
    framed = b"\x0b" + message(*ADT) + b"\x1c\r"
    landed = Landed(tmp_path, framed[:100] + framed)
    assert landed.rows("select start, _fault from document order by number") == [
        (0, "cut_off"),
        (100, None),
    ]
    assert landed.agrees


def test_a_batch_that_lacks_a_message_is_told(tmp_path: Path) -> None:
    landed = Landed(tmp_path, b"BHS|^~\\&|PAS\r" + message(*ADT) + b"BTS|2\r")
    assert landed.rows("select number, _fault from document where _fault is not null") == [
        (3, "another_count_than_told")
    ]
    assert landed.agrees


def test_other_separators_are_brought_to_the_standards(tmp_path: Path) -> None:
    own = ADT[1].translate(str.maketrans("|^~", "#:!")).replace("Björn", "Bj^ö|rn")
    landed = Landed(tmp_path, message("MSH#:!?%#PAS####x##ADT:A08#1", own))
    assert landed.rows("select hl7(pid_5, component := 2), hl7(pid_3, 2) from PID") == [
        ("Bj^ö|rn", NUMBER)
    ]
    assert landed.rows("select msh_1, msh_2, msh_3, hl7(msh_9, component := 2) from MSH") == [
        ("#", ":!?%", "PAS", "A08")
    ]


def test_a_line_break_within_a_text_is_no_new_segment(tmp_path: Path) -> None:
    note = "OBX|1|TX|note||Inga fynd\nvid undersökning ||||||F"
    landed = Landed(tmp_path, message(*ADT, note))
    assert landed.rows("select hl7(obx_5) from OBX") == [("Inga fynd\nvid undersökning ",)]
    repaired = landed.rows("select repaired from document")[0][0]
    assert repaired == "other line ends than CR; a line break within a segment"


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        (r"a\F\b\S\c\T\d\R\e", "a|b^c&d~e"),
        (r"\E\F\E\ ", r"\F\ "),
        (r"\X0D0A\x", "\r\nx"),
        (r"\X7C\x", "|x"),
        (r"\XC3A5\x", "åx"),
        (r"rad 1\.br\rad 2", "rad 1\nrad 2"),
        (r"\H\viktigt\N\ ", "viktigt "),
        (r"50 % \Zx\ ", r"50 % \Zx\ "),
        (r"C:\temp", r"C:\temp"),
    ],
)
def test_what_is_escaped_is_read_once(tmp_path: Path, sent: str, text: str) -> None:
    landed = Landed(tmp_path, message(*ADT, f"NTE|1||{sent}"))
    assert landed.rows("select hl7(nte_3) from NTE") == [(text,)]


def test_a_segment_knows_what_it_belongs_to(tmp_path: Path) -> None:
    lines = ["ORC|1", "OBR|1", "OBX|1", "OBX|2", "OBR|2", "OBX|3", "PID|2", "OBX|4"]
    landed = Landed(tmp_path, message(*ADT, *lines))
    assert landed.rows("select obx_1, of_pid, of_pv1, of_orc, of_obr from OBX order by 1") == [
        ("1", 2, 3, 4, 5),
        ("2", 2, 3, 4, 5),
        ("3", 2, 3, 4, 8),
        ("4", 10, None, None, None),
    ]


def test_deleted_empty_and_missing_are_told_apart(tmp_path: Path) -> None:
    landed = Landed(tmp_path, message(*ADT, 'NTE|1|""||x', "NTE|2"))
    assert landed.rows(
        "select hl7(nte_2), hl7_deleted(nte_2), nte_3, nte_4 from NTE order by nte_1"
    ) == [(None, True, "", "x"), (None, False, None, None)]


def test_fields_beyond_the_sixtieth_are_kept(tmp_path: Path) -> None:
    landed = Landed(tmp_path, message(*ADT, "ZZZ|" + "|".join(map(str, range(1, 65)))))
    assert landed.rows("select zzz_60, zzz_more from ZZZ") == [("60", "61|62|63|64")]


def test_a_file_that_never_ends_a_message_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("extract.hl7v2.splitting.LONGEST", 1000)
    with pytest.raises(SourceError, match=r"Expected messages of at most .* in 1.hl7"):
        Landed(tmp_path, message(*ADT) + b"x" * 5000)


_text = st.text("aåÖ|^~\\&#$ 7", max_size=6)
_tree = st.lists(
    st.lists(st.lists(st.lists(_text, min_size=1), min_size=1), min_size=1), min_size=1
)
_marks = st.permutations("|^~\\&#$").map(lambda marks: "".join(marks[:5]))


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(_tree, _marks)
def test_a_field_of_any_depth_is_read_as_it_was_written(
    engine: Engine, tree: list[list[list[list[str]]]], marks: str
) -> None:
    field, component, repetition, escape, sub = list(marks)
    codes = dict(zip(marks, ["F", "S", "R", "E", "T"], strict=True))

    def written(text: str) -> str:
        return "".join(f"{escape}{codes[c]}{escape}" if c in codes else c for c in text)

    line = field.join(
        repetition.join(component.join(sub.join(map(written, c)) for c in r) for r in f)
        for f in tree
    )
    head = f"MSH{field}{component}{repetition}{escape}{sub}{field}"
    found, _ = segments(Text(f"{head}\rZZZ{field}{line}", "utf-8", ()))
    places = [
        (found[1][f], r, c, s, text or None)
        for f, repetitions in enumerate(tree, 1)
        for r, components in enumerate(repetitions, 1)
        for c, parts in enumerate(components, 1)
        for s, text in enumerate(parts, 1)
    ]
    columns = zip(*places, strict=True)
    asked = pa.table(dict(zip(("field", "r", "c", "s", "text"), map(list, columns), strict=True)))
    with engine.arrow("asked", asked):
        assert (
            engine.rows("select field from asked where hl7(field, r, c, s) is distinct from text")
            == []
        )


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(tmp_path_factory.mktemp("hl7"), threads=1) as engine:
        yield engine


@pytest.mark.skipif(not STORED, reason="needs the public HL7 v2 messages")
def test_public_messages_are_read_as_another_reader_reads_them(tmp_path: Path) -> None:
    landed = Landed(tmp_path, *(path.read_bytes() for path in STORED))
    assert landed.rows("select count(*), count(_fault) from document") == [(len(STORED), 0)]
    assert landed.agrees
    for number, path in enumerate(STORED, 1):
        text = path.read_text(encoding="utf-8-sig")
        lines = [line for line in re.split("[\r\n]+", text) if line.strip()]
        ours = landed.rows(
            f"select name, text from segment where file = '{number}.hl7' order by position"
        )
        assert [name for name, _ in ours] == [line[:3] for line in lines]
        for name in sorted({"PID", "PV1", "OBX", "MRG", "NTE"} & {line[:3] for line in lines}):
            rows = landed.rows(
                f"select columns('{name.lower()}_[0-9]+') from {name} "
                f"where file = '{number}.hl7' order by position"
            )
            same = [line for line in lines if line.startswith(name)]
            for row, line in zip(rows, same, strict=True):
                wanted = _fields(line)
                # the other reader leaves out what is empty or blank at a field's end
                read = {n: v.rstrip("^& ") for n, v in enumerate(row, 1) if v and n in wanted}
                assert read == {n: v.rstrip("^& ") for n, v in wanted.items()}


def _fields(line: str) -> dict[int, str]:
    """The other reader's fields by number, as text."""
    found: dict[int, list[str]] = {}
    for field in parse_segment(line, version="2.8.2").children:
        if field.name is not None:  # a value of a type that another field tells
            found.setdefault(int(field.name.rpartition("_")[2]), []).append(field.to_er7())
    return {n: "~".join(values) for n, values in found.items() if any(values)}


GROUND = [
    message(*ADT, "OBX|1|TX|note||Inga\\E\\fynd\\XC3A5\\||||||F"),
    b"\x0b" + message(*ADT, page="8859/1", encoding="iso8859-1") + b"\x1c\r",
    b"FHS|^~\\&|PAS\rBHS|^~\\&|PAS\r" + 2 * message(*ADT) + b"BTS|2\rFTS|1\r",
]


@pytest.mark.parametrize("content", GROUND)
def test_whatever_is_done_to_a_file_nothing_of_it_is_lost(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.hl7"
    for seed in range(300):
        made = mutated(content, seed)
        file.write_bytes(made)
        pieces = list(documents(file))
        kept = made.removeprefix(b"\xef\xbb\xbf")
        for piece in pieces:
            assert made[piece.start : piece.start + len(piece.content)] == piece.content
            kept = kept.replace(piece.content, b"", 1)
        assert not kept.strip(b"\r\n\x0b\x1c \t")


@pytest.mark.slow
def test_what_is_landed_of_damaged_files_is_what_another_count_finds(tmp_path: Path) -> None:
    made = [mutated(content, seed) for content in GROUND for seed in range(100)]
    assert Landed(tmp_path, *made).agrees
