"""The queries behind the evidence, each beside the line that it yields."""

from dataclasses import dataclass

from minns.engine import Engine, quote

#: Marks of rows shown for each rule and table.
SHOWN = 12
#: Local codes without a standard one that the report lists, the most used first.
CODES_SHOWN = 100


@dataclass(frozen=True)
class Account:
    """One table of one source in the books."""

    source: str
    source_table: str
    extracted: int
    loaded: int
    consolidated: int
    held: int
    quarantined: int
    excluded: int
    unexplained: int

    @property
    def balanced(self) -> bool:
        told = self.loaded + self.consolidated + self.held + self.quarantined + self.excluded
        return self.extracted == told and not self.unexplained


BALANCE = """
    select source, source_table, extracted, loaded, consolidated, held, quarantined, excluded,
        unexplained
    from balance order by source, source_table
"""


@dataclass(frozen=True)
class KindAccount:
    """Statements of one kind from one source, by fate."""

    kind: str
    source: str
    statements: int
    loaded: int
    consolidated: int
    held: int
    quarantined: int
    excluded: int
    unexplained: int


BALANCE_KIND = """
    select kind, source, statements, loaded, consolidated, held, quarantined, excluded, unexplained
    from balance_kind
"""


@dataclass(frozen=True)
class Reason:
    """Rows of one table under one fate and rule."""

    fate: str
    rule: str
    source: str
    source_table: str
    rows: int


REASONS = """
    select fate, rule, source, source_table, count(*) as n
    from row_fate group by fate, rule, source, source_table
    order by fate, rule, source, source_table
"""


@dataclass(frozen=True)
class Pointers:
    """Marks of rows under one fate and rule: the start of their content's hash."""

    fate: str
    rule: str
    source: str
    source_table: str
    rows: int
    marks: tuple[str, ...]


POINTERS = f"""
    select fate, rule, source, source_table, count(*),
        min(left(row_hash, 12), {SHOWN}) as marks
    from (
        select fate, rule, source, source_table, row_hash from row_fate
        where fate in ('held', 'quarantined', 'excluded')
        union all
        select 'unexplained', if(u.kind = '', 'row', u.kind), source, source_table, row_hash
        from unexplained u join "row" r using (source, source_table, row_key)
    )
    group by fate, rule, source, source_table
    order by fate, rule, source, source_table
"""  # noqa: S608

# a block that cannot be read would leave open what the patient closed; of nobody, it closes nothing
BLOCKS_LEFT_OUT = """
    select count(*) from quarantine where kind = 'access_block' and rule <> 'no_such_patient'
"""

FAULTS = "select rule, count(*) from fault group by rule order by rule"


@dataclass(frozen=True)
class Coverage:
    """Coded statements of one kind from one source, and how many got a standard code.

    A statement that carries no code at all (`uncoded`) cannot be mapped, and is counted apart.
    `patients` have such a statement; of them `patients_mapped` have no open code among theirs.
    """

    kind: str
    source: str
    occurrences: int
    mapped: int
    codes: int
    codes_mapped: int
    uncoded: int = 0
    patients: int = 0
    patients_mapped: int = 0

    @property
    def share(self) -> float:
        return self.mapped / self.occurrences if self.occurrences else 0.0

    @property
    def patient_share(self) -> float | None:
        return self.patients_mapped / self.patients if self.patients else None


COVERAGE = """
    select kind, source, coalesce(sum(occurrences) filter (coded), 0)::bigint,
        coalesce(sum(occurrences) filter (mapped), 0)::bigint,
        count(*) filter (coded), count(*) filter (mapped),
        coalesce(sum(occurrences) filter (not coded), 0)::bigint,
        coalesce(any_value(p.patients), 0), coalesce(any_value(p.patients_mapped), 0)
    from (
        select * exclude (patients), nullif(code, '') is not null as mapped,
            mapped or nullif(local_code, '') is not null as coded
        from code_use
    )
    left join code_patients as p using (kind, source)
    group by kind, source
"""


@dataclass(frozen=True)
class Unmapped:
    """A local code that has no standard code yet."""

    kind: str
    source: str
    local_system: str
    local_code: str
    occurrences: int
    patients: int


UNMAPPED = f"""
    select kind, source, coalesce(local_system, ''), coalesce(local_code, ''), occurrences, patients
    from code_use where nullif(code, '') is null and nullif(local_code, '') is not null
    order by occurrences desc, kind, source, local_system, local_code
    limit {CODES_SHOWN}
"""  # noqa: S608


@dataclass(frozen=True)
class Disagreement:
    """Facts that a rule found to disagree in one field."""

    kind: str
    rule: str
    field: str
    conflicts: int
    persons: int
    settled: int = 0

    @property
    def open(self) -> int:
        """Those that wait for a clinician."""
        return self.conflicts - self.settled


CONFLICTS = """
    select kind, rule, field, count(*), count(distinct person_id),
        count(*) filter (state = 'settled')
    from conflict group by kind, rule, field order by count(*) desc, kind, rule, field
"""


@dataclass(frozen=True)
class Pair:
    """Compared pairs of identities by what proposed them and what came of them."""

    decision: str
    method: str
    rule: str
    pairs: int


@dataclass(frozen=True)
class Links:
    """How identities became persons."""

    identities: int = 0
    persons: int = 0
    new_persons: int = 0
    events: tuple[tuple[str, int], ...] = ()
    methods: tuple[tuple[str, int], ...] = ()
    pairs: tuple[Pair, ...] = ()
    held: tuple[tuple[str, int], ...] = ()
    weights: tuple[tuple[int, str, int], ...] = ()
    trade: tuple[tuple[int, int, float], ...] = ()

    def decided(self, decision: str) -> int:
        """Pairs that ended so: linked, review, apart or vetoed."""
        return sum(pair.pairs for pair in self.pairs if pair.decision == decision)


PERSONS = """
    select count(*), count(distinct person_id),
        count(distinct person_id) filter (method = 'founder' and since = ?)
    from identity
"""
EVENTS = "select event, count(*) from registry_event where wave = ? group by event order by event"
METHODS = "select method, count(*) from identity group by method order by count(*) desc, method"
PAIRS = """
    select decision, method, coalesce(rule, ''), count(*)
    from pair group by all order by decision, count(*) desc, method, coalesce(rule, '')
"""
HELD = "select rule, count(*) from held group by rule order by count(*) desc, rule"
WEIGHTS = """
    select cast(floor(match_weight) as integer) as bin, decision, count(*)
    from pair where match_weight is not null group by bin, decision order by bin, decision
"""

# what a score decides: pairs by match weight, and how many of them are one person by the model
TRADE = """
    select cast(floor(match_weight) as integer) as bin, count(*),
        cast(sum(match_probability) as double)
    from pair where method = 'model' and decision in ('linked', 'review') group by bin order by bin
"""


def facts(engine: Engine, kind: str) -> int:
    """Desired facts of a kind."""
    return int(engine.value(f"select count(*) from {quote('desired_' + kind)}"))  # noqa: S608
