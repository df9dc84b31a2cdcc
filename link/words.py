"""Texts compared word by word: a word that few have tells more than one that many have.

For a trait of the kind "words", each identity gets `words_<column>`, its words, and
`near_<column>`, these and all that are spelt much like one of them. A word stands in both as one
number: how many bits it tells, above its place in the vocabulary.
"""

from link.sections import LinkModel
from minns.engine import Engine, quote

#: Fewer letters tell an initial, not a word.
_LEAST = 2
#: Words this short are alike by chance.
_SHORT = 3


def word_columns(model: LinkModel) -> tuple[str, ...]:
    """The columns that are compared word by word."""
    return tuple(f"trait_{name}" for name, t in model.traits.items() if t.kind == "words")


def worded(engine: Engine, model: LinkModel, identities: str) -> str:
    """A query for `identities` (a query, too) with the words of the columns that have some."""
    columns = word_columns(model)
    for column in columns:
        _read(engine, column, identities)
    joins = "".join(f" left join {quote(f'read_{c}')} using (id)" for c in columns)
    return f"select * from ({identities}){joins}" if columns else identities  # noqa: S608


def _read(engine: Engine, column: str, identities: str) -> None:
    """Make read_<column> (id, words_<column>, near_<column>)."""
    engine.run(
        f"create or replace temp table told as select id, word from (select id,"  # noqa: S608
        f" unnest(list_distinct(split({quote(column)}, ' '))) as word from ({identities}))"
        f" where length(word) >= {_LEAST};"
        "create or replace temp table vocabulary as select word, (cast(-log2(count(*) /"
        f" (select count(distinct id) from told)) as bigint) << 32)"
        " + row_number() over (order by word) as number from told group by word;"
    )
    # two joins on equality: with 'or' in one, all words would meet all
    alike = " union ".join(
        "select l.number as own, r.number as other from vocabulary l"  # noqa: S608
        f" join vocabulary r on l.word[{part}] = r.word[{part}] and l.word <> r.word"
        f" where least(length(l.word), length(r.word)) > {_SHORT}"
        " and abs(length(l.word) - length(r.word)) <= 2 and (one_slip_at_most(l.word, r.word)"
        " or jaro_winkler_similarity(l.word, r.word) >= 0.93)"
        for part in ("1:2", "-3:")
    )
    engine.run(f"create or replace temp table near as {alike}")
    engine.run(
        f"create or replace table {quote(f'read_{column}')} as"  # noqa: S608
        f" select id, list_sort(list(distinct number)) as {quote(f'words_{column}')},"
        f" list_sort(list_distinct(flatten([list(number),"
        f" list(n.other) filter (n.other is not null)]))) as {quote(f'near_{column}')}"
        " from told join vocabulary using (word) left join near n on n.own = number group by id"
    )
