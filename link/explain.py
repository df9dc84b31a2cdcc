"""Why a pair weighs what it weighs: one line for each comparison, the prior first."""

from link.faces import compared, count_shared, faces_sql, load_comparisons, shares_sql, widened
from link.scores import frozen
from link.sections import LinkModel, Parameters
from link.weights import level_sql, pairs_sql, prior_weight, weight_sql
from link.words import worded
from minns.engine import Engine, literal

_EMPTY = (
    "create or replace table explained (id_l bigint, id_r bigint, position integer,"
    " comparison varchar, level varchar, weight double)"
)
#: Identities are numbered within their batch; what is said of a pair is what was known with it.
_BATCH = 2**40


def explain(engine: Engine, model: LinkModel) -> None:
    """Reads `standard`, `parameter`, `frequency` and `asked` (id_l, id_r); makes the table
    `explained` (id_l, id_r, position, comparison, level, weight).

    The weights of a pair add up to its match weight as it was scored, when the greater identity's
    batch was new. Pairs of which no score may tell anything have no lines.
    """
    load_comparisons(engine)
    engine.run(_EMPTY)
    parameters, prior = frozen(engine, model)
    lines = _lines_sql(model, parameters, prior)
    batches = engine.rows(f"select distinct id_r // {_BATCH} from asked order by 1")  # noqa: S608
    for (batch,) in batches:
        _faces(engine, model, int(batch))
        engine.run(f"insert into explained {lines}")
    engine.run("create or replace table explained as from explained order by id_l, id_r, position")


def _faces(engine: Engine, model: LinkModel, batch: int) -> None:
    """Make `asked_pair`, those of a batch, and `asked_face`, as they were when it was new."""
    then = widened(model, f"(from standard where id < {(batch + 1) * _BATCH})")
    engine.run(
        "create or replace table asked_pair as select distinct id_l, id_r from asked"  # noqa: S608
        f" where id_r // {_BATCH} = {batch};"
        "create or replace table asked_id as"
        " select id_l as id from asked_pair union select id_r from asked_pair;"
        f"create or replace view wide as {worded(engine, model, then)}"
    )
    if model.shared:
        shares = f"(select id, {', '.join(shares_sql(model))} from wide)"  # noqa: S608
        asked = f"(from {shares} where id in (from asked_id))"
        count_shared(engine, model, shares, asked)
    faces = faces_sql(model, "(from wide where id in (from asked_id))")
    engine.run(f"create or replace table asked_face as {faces}")


def _lines_sql(model: LinkModel, parameters: Parameters, prior: float) -> str:
    columns = (*compared(model), *(f"tf_{trait}" for trait in model.frequencies))
    lines = [f"(0, 'prior', 1, [''], {prior_weight(prior)!r}::double)"]
    for position, comparison in enumerate(model.comparisons, start=1):
        names = ", ".join(literal(level.name) for level in comparison.levels)
        weight = weight_sql(model, comparison, parameters)
        place = level_sql(comparison)
        lines.append(f"({position}, {literal(comparison.name)}, {place}, [{names}], {weight})")
    structs = ", ".join(f"row{line}" for line in lines)
    return (
        "select id_l, id_r, line[1], line[2], coalesce(line[4][line[3]], 'unknown'), line[5]"  # noqa: S608
        f" from (select id_l, id_r, unnest([{structs}]) as line"
        f" from ({pairs_sql(columns, 'asked_pair', 'asked_face')}))"
    )
