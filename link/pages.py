"""Names that were read in the wrong code page, read again in the right one, where that is certain.

In such a page every character is one byte, so that a text can be turned back into the bytes of the
file; whether these make sense in the right page decides. What is lost stays lost ('?').
"""

from minns.engine import literal

#: Pages as which UTF-8 is read by mistake, the first of them sometimes twice.
_PAGES = ("cp1252", "latin-1", "cp850", "cp437", "cp1252")
#: Latin-1 read in a DOS page: letters, and marks that no name holds and that give it away. The
#: others are letters of Estonian, Icelandic and Spanish: they count only beside such a mark, or
#: in a source that is full of them.
_DOS = ("Õõ÷┼─ÍÚ³σΣ╓Θⁿ", "åäöÅÄÖéüåäÖéü")
DOS_MARKS = "[÷┼─σΣ╓]"
DOS_LETTERS = "[ÕõÍ]"
#: A DOS page read as Windows' or Latin-1.
_WINDOWS = ("†„”™Ž‚\x86\x84\x94\x99\x8e\x8f\x82\x81", "åäöÖÄéåäöÖÄÅéü")
_WINDOWS_MARKS = r"\pL[†„”\x{80}-\x{9f}]|[†™\x{80}-\x{9f}]\pL"
#: Swedish letters in seven bits; brackets around a whole word are brackets.
_SEVEN_BITS = ("{}|[\\]~^", "äåöÄÖÅüÜ")
_SEVEN_MARKS = r"[{}|\[\\\]~^]"
_BRACKETS = r"(^| )[\[{][^\[\]{}]*[\]}]( |$)"
_LOST = r"(\p{Ll})_(\p{Ll})|(\p{Lu})_(\p{Lu})"


def _page(name: str) -> str:
    """A page's 256 characters in order; where it has none, the control character of that place."""
    found = (bytes([i]).decode(name, errors="replace") for i in range(1, 256))
    return "␀" + "".join(chr(i) if c == "\ufffd" else c for i, c in enumerate(found, 1))


def undone_sql(text: str, letters: tuple[str, str] = _DOS) -> str:
    """SQL that puts the right letters in a text for the wrong ones."""
    return f"translate({text}, {literal(letters[0])}, {literal(letters[1])})"


def macros() -> str:
    """The macros `is_damaged(x)` and `repaired(x)`; the second is meant for damaged texts only."""
    suspect = rf"[ÃÂ]|├|{DOS_MARKS}|{_WINDOWS_MARKS}|{_SEVEN_MARKS}|{_LOST}"
    bytes_of = (
        "array_to_string(list_transform(string_split(x, ''),"
        " lambda letter: printf('%02X', instr(page, letter) - 1)), '')"
    )
    read_again = "x"
    for name in _PAGES:
        read_again = f"read_again({read_again}, {literal(_page(name))})"
    rules = (
        (_marked(DOS_MARKS), undone_sql("v")),
        (_marked(_WINDOWS_MARKS), undone_sql("v", _WINDOWS)),
        (
            f"{_marked(_SEVEN_MARKS)} and not {_marked(_BRACKETS)}",
            undone_sql("v", _SEVEN_BITS),
        ),
    )
    for condition, then in rules:
        read_again = (
            f"list_transform([{read_again}], lambda v: case when {condition} then {then}"
            " else v end)[1]"
        )
    lost = f"regexp_replace({read_again}, {literal(_LOST)}, '\\1\\3?\\2\\4', 'g')"
    return (
        f"create or replace macro is_damaged(x) as regexp_matches(x, {literal(suspect)});\n"
        f"create or replace macro page_bytes(x, page) as {bytes_of};\n"
        "create or replace macro read_again(x, page) as list_transform([x], lambda v:"
        " coalesce(try(decode(unhex(page_bytes(v, page)))), v))[1];\n"
        f"create or replace macro repaired(x) as {lost};\n"
    )


def _marked(pattern: str) -> str:
    return f"regexp_matches(v, {literal(pattern)})"
