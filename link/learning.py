"""m, u and prior, learned with Splink: counted over labelled and random pairs, or by EM."""

from dataclasses import dataclass, field
from typing import Any

from splink import DuckDBAPI, Linker
from splink.internals.exceptions import EMTrainingException

from link.form import settings
from link.samples import Sampled
from link.sections import LinkModel, Parameters
from minns.engine import Engine

_LEAST_SHARE = 0.000001
Finding = tuple[str, str, str, float | None]


@dataclass
class Learned:
    """The parameters, and what is to be said of them: (subject, level, finding, value)."""

    parameters: Parameters
    prior: float
    findings: list[Finding] = field(default_factory=list)


def learn(engine: Engine, model: LinkModel, sampled: Sampled) -> Learned:
    """The parameters of `model`, from the tables `sample_face` and `labelled_face`."""
    training = model.training
    learned = Learned(model.defaults(), _prior(sampled, model))
    if training.by == "none":
        return learned
    learn_u = sampled.identities >= training.least_identities or training.by == "em"
    if learn_u:
        linker = _linker(engine, model, "sample_face")
        linker.training.estimate_u_using_random_sampling(
            max_pairs=training.max_pairs, seed=1, num_chunks=training.chunks
        )
        _take(learned, model, linker, "u")
    if training.by == "em":
        _by_em(engine, model, learned)
    elif sampled.labelled >= training.least_labelled:
        linker = _linker(engine, model, "labelled_face")
        linker.training.estimate_m_from_label_column("label")
        _take(learned, model, linker, "m")
    return learned


def _prior(sampled: Sampled, model: LinkModel) -> float:
    """Share of true pairs among all pairs, from those that a number proves."""
    if model.training.prior is not None:
        return model.training.prior
    pairs = max(sampled.identities * (sampled.identities - 1) / 2, 1)
    matches = max(sampled.labelled / model.training.number_coverage, sampled.identities / 20, 1)
    return _six(min(matches / pairs, 0.1))


def _linker(engine: Engine, model: LinkModel, table: str, **more: Any) -> Linker:
    creator = settings([c for c in model.comparisons if c.trained], **more)
    api = DuckDBAPI(engine.connection.cursor())
    return Linker(api.register(table), creator, log_level="ERROR", validate_settings=False)


def _take(learned: Learned, model: LinkModel, linker: Linker, which: str) -> None:
    """Take over the m's or the u's that a linker has learned; the rest keeps its default."""
    content = linker.misc.save_model_to_json()
    for comparison in content["comparisons"]:
        name = comparison["output_column_name"]
        for level in comparison["comparison_levels"]:
            if level.get("is_null_level"):
                continue
            key = (name, str(level["label_for_charts"]))
            value = level.get(f"{which}_probability")
            if value is None:
                learned.findings.append((*key, f"{which} never seen", None))
                continue
            m, u = learned.parameters[key]
            value = _six(max(value, _LEAST_SHARE))
            learned.parameters[key] = (value, u) if which == "m" else (m, value)


def _six(value: float) -> float:
    """Six significant digits: what differs beyond them is the order of additions."""
    return float(f"{value:.6g}")


def _by_em(engine: Engine, model: LinkModel, learned: Learned) -> None:
    """m by expectation maximisation, on one thread: sums of floats depend on their order."""
    threads = engine.value("select current_setting('threads')")
    engine.run("set threads = 1")
    try:
        linker = _linker(
            engine,
            model,
            "sample_face",
            parameters=learned.parameters,
            prior=learned.prior,
            max_iterations=model.training.em_iterations,
            em_convergence=model.training.em_convergence,
        )
        _set_prior(model, learned, linker)
        for blocking in model.training.em_blocking or model.blocking:
            _session(model, learned, linker, blocking.rule)
        _take(learned, model, linker, "m")
    finally:
        engine.run(f"set threads = {int(threads)}")


def _set_prior(model: LinkModel, learned: Learned, linker: Linker) -> None:
    training = model.training
    if training.prior is not None:
        return
    rules = training.prior_blocking or model.blocking
    linker.training.estimate_probability_two_random_records_match(
        [rule.rule for rule in rules], recall=training.prior_recall
    )
    learned.prior = _six(linker.misc.save_model_to_json()["probability_two_random_records_match"])


def _session(model: LinkModel, learned: Learned, linker: Linker, rule: str) -> None:
    training = model.training
    try:
        run = linker.training.estimate_parameters_using_expectation_maximisation(
            rule, max_pairs=training.max_pairs, record_sample_proportion=1.0
        )
    except (ValueError, EMTrainingException):
        # nothing to learn from among these pairs, or a level's share that fell to nothing
        learned.findings.append(("em", rule, "gave nothing", None))
        return
    rounds = len(run._core_model_settings_history) - 1
    finding = "not converged" if rounds >= training.em_iterations else "converged"
    learned.findings.append(("em", rule, finding, float(rounds)))
