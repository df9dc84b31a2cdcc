"""The link stage as a run has it: its model, the registry and judgements that it goes on from."""

import link
from minns.course import Course
from minns.frozen import freeze_model, frozen_model
from minns.registry import commit_registry, judgements, next_segment, registry_references
from minns.site import Site
from minns.step import Step
from minns.store import Dataset

#: The step that trains a model.
TRAINING = "link-model"


def link_model(site: Site) -> link.LinkModel:
    """The definition of the project's linkage model: its own, else the packaged one."""
    return link.load_model(site.project.link_model_path)


def link_steps(course: Course, *, train: bool = False) -> tuple[Step, ...]:
    """The steps of the link stage; `train`: with a model of their own even if one is frozen."""
    site, tables, model = course.site, course.runner.tables, link_model(course.site)
    tables["judgement"] = judgements(site)
    frozen = None if train else frozen_model(site, course.run_id, model.fingerprint, tables)
    return link.steps(
        [link.Batch(*batch) for batch in course.scope.batches],
        model,
        wave=course.wave.name,
        frozen=frozen,
        registry=registry_references(site, course.run_id, tables, leaving=course.leaving),
        judgements=("judgement.judgement",),
        segment=next_segment(site, course.run_id, leaving=course.leaving),
        bridges=course.wave.link.bridges,
    )


def commit_links(course: Course) -> None:
    """What outlives a cutover: the model it was linked by, and where its identities were put."""
    run_id, tables = str(course.run_id), course.runner.tables
    if TRAINING in tables:
        fingerprint = link_model(course.site).fingerprint
        freeze_model(course.site, run_id, fingerprint, tables[TRAINING])
    remaining = course.wave.name if course.leaving else None
    commit_registry(course.site, run_id, tables["link"], remaining=remaining)


def freeze_trained(course: Course) -> tuple[int, Dataset]:
    """Train on all that is in scope and freeze the model; gives its version and its tables."""
    made = link_steps(course, train=True)
    last = next(place for place, step in enumerate(made, 1) if step.name == TRAINING)
    course.runner.run(made[:last])
    trained = course.runner.tables[TRAINING]
    return freeze_model(course.site, "", link_model(course.site).fingerprint, trained), trained
