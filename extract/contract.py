"""The contract of a canonical table as SQL: casts, and one bit for each rule that a row breaks.

A row that breaks a rule is quarantined, but where the rule is `mild`: nothing needs that value, and
an empty one says nothing. Such a value becomes empty, and its text stays in `unread`.
"""

from dataclasses import dataclass

from minns.engine import literal, quote
from minns.model import DUCKDB, UNREAD, Column, Table, Type

#: Text that DuckDB would take for the type but change: it rounds '12.7' to an integer.
FORM: dict[Type, str] = {"integer": r"[+-]?\d+"}


@dataclass(frozen=True)
class Rule:
    """One way in which a column of a row can break the contract."""

    bit: int
    name: str
    field: str
    broken: str
    mild: bool = False


def cast(column: Column, given: str) -> str:
    """SQL for a column in the contract's type, from what the mapping yields (`given`); what
    cannot be read becomes NULL.
    """
    name, wanted = quote(column.name), DUCKDB[column.type]
    if given == wanted:
        return name
    text = f"cast({name} as varchar)"
    if wanted == "VARCHAR":
        return text
    if form := FORM.get(column.type):
        whole = f"regexp_full_match(trim({text}), {literal(form)})"
        return f"case when {whole} then try_cast({text} as {wanted}) end"
    return f"try_cast({text} as {wanted})"


def rules(table: Table, given: dict[str, str]) -> tuple[Rule, ...]:
    """The rules of a table's columns, for a mapping that yields the types `given`."""
    found: list[tuple[str, str, str, bool]] = []
    for column in table.columns:
        if column.name in ("source", "source_table", "row_key"):
            continue
        name, value = quote(column.name), cast(column, given[column.name])
        mild = UNREAD in table.columns and not column.required and not column.telling
        if column.type != "text":
            broken = f"{name} is not null and {value} is null"
            found.append((f"not_a_{column.type}", column.name, broken, mild))
        if column.required:
            found.append((f"missing_{column.name}", column.name, f"{name} is null", False))
        if column.allowed:
            listed = ", ".join(map(literal, column.allowed))
            broken = f"{value} not in ({listed})"
            found.append(("not_allowed", column.name, broken, mild))
    return tuple(Rule(1 << n, *rule) for n, rule in enumerate(found))


def _kept(column: Column, given: str, milds: list[Rule]) -> str:
    """SQL for a column: empty where it breaks a mild rule."""
    value = cast(column, given)
    bits = sum(r.bit for r in milds if r.field == column.name and r.name == "not_allowed")
    return f"case when _broken & {bits} = 0 then {value} end" if bits else value


def _unread(milds: list[Rule]) -> str:
    """SQL for what a row says that cannot be read, beside what its mapping tells of that."""
    bits = sum(rule.bit for rule in milds)
    told = ", ".join(
        f"case when _broken & {rule.bit} <> 0 then "
        f"""'"{rule.field}":' || to_json(cast({quote(rule.field)} as varchar)) end"""
        for rule in milds
    )
    name = UNREAD.name
    own = f"""case when json_valid(cast({name} as varchar)) or {name} is null
        then cast({name} as varchar) else '{{"{name}":' || to_json({name}) || '}}' end"""
    return f"""case when _broken & {bits} = 0 then {own}
        else concat_ws(chr(10), {own}, '{{' || concat_ws(',', {told}) || '}}') end"""


def shaped_sql(table: Table, source: str, query: str, given: dict[str, str]) -> str:
    """SQL for a mapping's rows in the contract's types, with `_faults`: the bits of the rules
    that each row breaks and that keep it out.
    """
    checked = rules(table, given)
    milds = [rule for rule in checked if rule.mild]
    made = {c.name: _kept(c, given[c.name], milds) for c in table.columns if c.name != "source"}
    if milds:
        made[UNREAD.name] = _unread(milds)
    listed = ", ".join(f"{value} as {quote(name)}" for name, value in made.items())
    broken = " + ".join(f"case when {rule.broken} then {rule.bit} else 0 end" for rule in checked)
    faults = sum(rule.bit for rule in checked if not rule.mild)
    return (
        f"select {literal(source)} as source, {listed}, _broken & {faults} as _faults"  # noqa: S608
        f" from (select *, cast({broken} as bigint) as _broken from (\n{query}\n))"
    )


def nothing_sql(table: Table) -> str:
    """SQL for no rows in the form of `shaped_sql`."""
    columns = ", ".join(f"cast(null as {DUCKDB[c.type]}) as {quote(c.name)}" for c in table.columns)
    return f"select {columns}, cast(0 as bigint) as _faults where false"
