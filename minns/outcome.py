"""What a plan found and what a run did, as the command line and others read it."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import load
import validation
from minns.behind import Behind
from minns.blast import Blast
from minns.course import Course
from minns.delivery import Delivery
from minns.inquiry import report_path
from minns.loading import foreign_json


@dataclass(frozen=True)
class Plan:
    """What a run would do: the difference to its target, and the books behind it."""

    course: Course
    difference: load.Difference
    evidence: validation.Evidence
    blast: Blast
    foreign: load.Foreign
    behind: Behind | None = None
    delivery: Delivery | None = None

    def as_json(self) -> dict[str, Any]:
        """The plan as plain JSON values."""
        return {
            **self.course.head,
            "changes": self.difference.total,
            "foreign": foreign_json(self.foreign),
            "tables": [asdict(table) for table in self.difference.tables if table.total],
            **({"behind": self.behind.as_json()} if self.behind else {}),
            "recoded": self.blast.as_json(),
            **({"delivery": self.delivery.as_json()} if self.delivery else {}),
            "evidence": validation.as_json(self.evidence),
        }


@dataclass(frozen=True)
class Outcome:
    """What a run did; `resumed` when it went on with one that was killed."""

    course: Course
    loaded: load.Loaded
    evidence: validation.Evidence
    resumed: bool
    seconds: float
    delivery: Delivery | None = None

    def as_json(self) -> dict[str, Any]:
        """The outcome as plain JSON values."""
        return {
            **self.course.head,
            "run": self.course.run_id,
            "resumed": self.resumed,
            "seconds": round(self.seconds, 3),
            "load": self.loaded.load_id,
            "changes": self.loaded.total,
            "verdict": "go" if self.evidence.go else "no-go",
            "report": str(self.report),
            **({"delivery": self.delivery.as_json()} if self.delivery else {}),
            "evidence": validation.as_json(self.evidence),
            "steps": [
                {"step": t.name, "rows": t.rows, "seconds": round(t.seconds, 3)}
                | {"peak_mib": t.peak_mib, "found": t.found}
                for t in self.course.recorder.timings
            ],
        }

    @property
    def report(self) -> Path:
        """The report in the project's language."""
        return report_path(self.course.folder, self.course.site.project.language)
