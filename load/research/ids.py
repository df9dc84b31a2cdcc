"""Integer ids that are the same in every export: of the hash of what they stand for.

Where two come to the same id, all but the first by name are hashed again; how often that was is
told. Ids hold 52 bits, so that a program that counts in floating point keeps them exact.
"""

from collections.abc import Mapping

from minns.engine import Engine, literal

#: Hex digits of an id.
DIGITS = 13
_ROUNDS = 20


def make_macro(engine: Engine, digits: int = DIGITS) -> None:
    """Make `hashed_id` of a text; `pseudonym` is there."""
    engine.run(
        "create or replace macro hashed_id(t) as "
        f"cast(('0x' || left(md5(pseudonym(t)), {int(digits)})) as bigint)"
    )


def settle(engine: Engine, names: str) -> dict[str, int]:
    """The ids of names (a query of one column `name`) whose hash another has too."""
    engine.run("create or replace table clash (name varchar, id bigint)")
    for turn in range(_ROUNDS):
        if not _again(engine, names, turn):
            return dict(engine.rows("select name, id from clash order by name"))
    raise RuntimeError("the ids do not come apart")


def _again(engine: Engine, names: str, turn: int) -> bool:
    """Hash again those names whose present id another has; whether there were any."""
    current = f"""
        select n.name, coalesce(c.id, hashed_id(n.name)) as id
        from ({names}) as n left join clash as c using (name)"""  # noqa: S608
    engine.run(f"""
        create or replace table clashing as
        select name from ({current})
        where id in (select id from ({current}) group by id having count(*) > 1)
        qualify row_number() over (partition by id order by name) > 1""")  # noqa: S608
    engine.run("delete from clash where name in (from clashing)")
    engine.run(
        "insert into clash "  # noqa: S608
        f"select name, hashed_id(name || '~{turn}') from clashing"
    )
    return bool(engine.value("select count(*) > 0 from clashing"))


def id_sql(name: str, clashes: Mapping[str, int]) -> str:
    """SQL for the id of a name."""
    if not clashes:
        return f"hashed_id({name})"
    apart = " ".join(f"when {literal(n)} then {own}" for n, own in clashes.items())
    return f"case {name} {apart} else hashed_id({name}) end"
