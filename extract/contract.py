"""The contract of a canonical table as SQL: casts, and one bit for each rule that a row breaks."""

from dataclasses import dataclass

from minns.engine import literal, quote
from minns.model import DUCKDB, Column, Table, Type

#: Text that DuckDB would take for the type but change: it rounds '12.7' to an integer.
FORM: dict[Type, str] = {"integer": r"[+-]?\d+"}


@dataclass(frozen=True)
class Rule:
    """One way in which a column of a row can break the contract."""

    bit: int
    name: str
    field: str
    broken: str


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
    found: list[tuple[str, str, str]] = []
    for column in table.columns:
        if column.name in ("source", "source_table", "row_key"):
            continue
        name, value = quote(column.name), cast(column, given[column.name])
        if column.type != "text":
            broken = f"{name} is not null and {value} is null"
            found.append((f"not_a_{column.type}", column.name, broken))
        if column.required:
            found.append((f"missing_{column.name}", column.name, f"{name} is null"))
        if column.allowed:
            listed = ", ".join(map(literal, column.allowed))
            found.append(("not_allowed", column.name, f"{value} not in ({listed})"))
    return tuple(Rule(1 << n, *rule) for n, rule in enumerate(found))


def shaped_sql(table: Table, source: str, query: str, given: dict[str, str]) -> str:
    """SQL for a mapping's rows in the contract's types, with `_faults`: the bits of the rules
    that each row breaks.
    """
    casts = ", ".join(
        f"{cast(c, given[c.name])} as {quote(c.name)}" for c in table.columns if c.name != "source"
    )
    faults = " + ".join(
        f"case when {rule.broken} then {rule.bit} else 0 end" for rule in rules(table, given)
    )
    return (
        f"select {literal(source)} as source, {casts}, cast({faults} as bigint) as _faults"  # noqa: S608
        f" from (\n{query}\n)"
    )


def nothing_sql(table: Table) -> str:
    """SQL for no rows in the form of `shaped_sql`."""
    columns = ", ".join(f"cast(null as {DUCKDB[c.type]}) as {quote(c.name)}" for c in table.columns)
    return f"select {columns}, cast(0 as bigint) as _faults where false"
