"""The sections of a linkage model's file: what is compared, on which levels, among which pairs, how
it is learned, and from which weight pairs are linked.
"""

import hashlib
import json
from collections.abc import Mapping
from math import log2
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Parameters = dict[tuple[str, str], tuple[float, float]]


class Section(BaseModel):
    """A part of the model: frozen, and a key it does not know is an error."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, populate_by_name=True
    )


class Level(Section):
    """One degree of agreement: SQL over a pair, its share among same and different persons.

    The m and u are sensible defaults: they stand when there is too little to learn from, and
    always where a comparison is not `trained`.
    """

    name: str = Field(min_length=1)
    condition: str = Field("ELSE", description="SQL over the columns with _l and _r")
    m: float = Field(gt=0, lt=1)
    u: float = Field(gt=0, le=1)
    frequency_of: str | None = Field(
        None, description="column whose rare values weigh more than its common ones"
    )
    frequency_weight: float = Field(1.0, ge=0, le=1, description="how much of that counts")


class Comparison(Section):
    """A trait compared: when nothing can be said, and the levels from best to worst."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    unknown: str = Field(description="SQL: nothing can be said")
    levels: tuple[Level, ...] = Field(min_length=2, alias="level")
    trained: bool = True

    @model_validator(mode="after")
    def _ends_in_else(self) -> Self:
        if [v.name for v in self.levels if v.condition == "ELSE"] != [self.levels[-1].name]:
            raise ValueError("the last level, and no other, is without condition")
        if len({v.name for v in self.levels}) < len(self.levels):
            raise ValueError("two levels have one name")
        return self


class Trait(Section):
    """[traits.NAME]: a value of the patient's `traits`, made comparable as column trait_NAME."""

    kind: Literal["name", "text", "words", "date", "code", "email", "number", "as_is"] = "text"
    key: str | None = Field(None, description="its key in the JSON object; default NAME")


class Shared(Section):
    """[shared.NAME]: how many share a value, as column shared_NAME; empty where few do."""

    columns: tuple[str, ...] = Field(min_length=1)
    counted: str | None = Field(None, description="column whose values are counted; none: rows")
    over: int = Field(2, ge=1, description="as many as this are not worth a number")


class Blocking(Section):
    """Pairs that are compared: equal in all columns of `on`, or as SQL over l and r says."""

    on: tuple[str, ...] = ()
    sql: str = ""
    firm: bool = Field(False, description="also pairs of two identities that are both firm")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.on) == bool(self.sql):
            raise ValueError("a rule has either 'on' or 'sql'")
        return self

    @property
    def rule(self) -> str:
        """SQL over l and r."""
        return self.sql or " and ".join(f"l.{column} = r.{column}" for column in self.on)


class Conjunctions(Section):
    """[conjunctions]: compare also who agrees in one key, or in two of different traits, with few
    others.
    """

    keys: tuple[tuple[str, ...], ...] = Field(
        default=(), description="SQL over an identity, by trait; none: by the comparisons' kinds"
    )
    together: int = Field(20, ge=2, description="identities that may share a value, or two")


class Training(Section):
    """Where m, u and the prior come from, and how much is looked at."""

    by: Literal["numbers", "em", "mixture", "none"] = Field(
        "numbers",
        description="pairs that share a valid number; EM without labels, rule by rule or over all"
        " pairs at once; or defaults",
    )
    identities: int = Field(200_000, ge=2, description="sampled to learn from")
    max_pairs: int = Field(500_000, ge=1, description="random pairs, and pairs of an EM run")
    chunks: int = Field(1, ge=1, description="random pairs are counted in; fewer cost less")
    max_labelled: int = Field(100_000, ge=1, description="labelled pairs")
    least_labelled: int = Field(200, description="fewer labelled pairs: the default m stand")
    least_identities: int = Field(2_000, description="fewer: default u, and no frequencies")
    number_coverage: float = Field(0.9, gt=0, le=1, description="share of true pairs by number")
    em_blocking: tuple[Blocking, ...] = Field(
        default=(), description="one run of EM each; none: the model's blocking rules"
    )
    em_iterations: int = Field(25, ge=1)
    em_convergence: float = Field(0.0001, gt=0)
    prior: float | None = Field(None, gt=0, lt=1, description="given instead of learned")
    prior_blocking: tuple[Blocking, ...] = Field(
        default=(), description="by 'em': rules that nearly only true pairs fulfil"
    )
    prior_recall: float = Field(0.7, gt=0, le=1, description="share of true pairs they find")


class Costs(Section):
    """[costs]: what a wrong answer harms, beside asking a person; both thresholds follow from it.

    Linked without asking is a pair whose expected harm, if it is two persons, is less than a
    question; left apart is one whose expected harm, if it is one person, is.
    """

    false_merge: float = Field(description="two persons in one record")
    miss: float = Field(description="one person in two records")
    review: float = Field(1.0, gt=0, description="a person looks at a pair")

    @model_validator(mode="after")
    def _worse_than_asking(self) -> Self:
        if min(self.false_merge, self.miss) <= self.review:
            raise ValueError("a wrong answer must cost more than a question")
        return self

    @property
    def thresholds(self) -> tuple[float, float]:
        """Lower and upper match weight, in bits of the odds."""
        lower = log2(self.review / (self.miss - self.review))
        return round(lower, 3), round(log2((self.false_merge - self.review) / self.review), 3)


class LinkModel(Section):
    """The whole model; `fingerprint` names its content."""

    name: str = ""
    upper: float = Field(10.0, description="match weight from which a pair is linked")
    lower: float = Field(2.0, description="match weight from which a pair is looked at")
    costs: Costs | None = Field(None, description="sets both thresholds")
    shared_number_max: int = Field(50, ge=1, description="more identities: the number is a fake")
    vetoes: tuple[str, ...] | None = Field(None, description="by name; none told: all there are")
    requirements: tuple[str, ...] | None = Field(None, description="as vetoes")
    within_source: bool = Field(True, description="pairs of one source are compared as well")
    least_frequency: float = Field(0.00002, ge=0, description="no value counts as rarer")
    block_max: int = Field(
        10_000, ge=32, description="a value that more share joins no pairs in a rule"
    )
    decided: str = Field(
        "", description="SQL over one identity: pairs that are equal in it are decided already"
    )
    firm: str = Field(
        "", description="SQL over one identity: what tells it apart from all other firm ones"
    )
    columns: Mapping[str, str] = Field({}, description="more columns: SQL over standard's")
    traits: Mapping[str, Trait] = {}
    shared: Mapping[str, Shared] = {}
    comparisons: tuple[Comparison, ...] = Field(min_length=1, alias="comparison")
    blocking: tuple[Blocking, ...] = ()
    conjunctions: Conjunctions | None = None
    grouping: Literal["chain", "average"] = Field(
        "chain", description="persons are who is linked pair by pair, or agrees on the whole"
    )
    training: Training = Training()

    @model_validator(mode="after")
    def _thresholds_of_costs(self) -> Self:
        if self.costs is not None and (self.lower, self.upper) != self.costs.thresholds:
            lower, upper = self.costs.thresholds
            return self.model_copy(update={"lower": lower, "upper": upper})
        return self

    @property
    def fingerprint(self) -> str:
        """A hash of the content; two models of one content have one."""
        content = json.dumps(self.model_dump(mode="json", exclude={"name"}), sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    @property
    def frequencies(self) -> tuple[str, ...]:
        """The columns whose values' frequencies count, in order."""
        levels = (level for c in self.comparisons for level in c.levels)
        return tuple(dict.fromkeys(v.frequency_of for v in levels if v.frequency_of))

    def defaults(self) -> Parameters:
        """m and u of every level, as they stand in the model."""
        return {(c.name, v.name): (v.m, v.u) for c in self.comparisons for v in c.levels}
