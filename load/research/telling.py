"""What an export holds and what it does not, in words beside its files."""

from collections.abc import Mapping
from typing import Any

REASONS: Mapping[str, str] = {
    "protected": "of protected persons (skyddade personuppgifter)",
    "blocked": "closed by a block (spärr)",
    "block": "blocks (spärr)",
    "no_birth_year": "of persons without a year of birth, which the model requires",
    "nullified": "struck out",
    "refuted": "refuted",
    "negated": "deny it",
    "suspected": "only suspected",
    "stop_order": "orders to stop",
    "cancelled": "cancelled results",
    "not_done": "analyses that were not done",
    "replaced": "replaced by a later version",
    "unsigned": "unsigned notes",
    "text": "free text",
    "no_date": "without any date",
}
_LAW = (
    "These are personal data about health, also where names and numbers are left out: person_id is"
    " a pseudonym. Use them only for the purpose that was decided on, keep no more copies than it"
    " needs, and do not join them with what would name people."
)


def readme(title: str, manifest: Mapping[str, Any]) -> str:
    """The text that lies beside the files."""
    lines = [f"# {title}", "", f"{manifest['record']}, as it stood after load {manifest['load']}."]
    lines += [_LAW, "", _choices(manifest), ""]
    lines += ["| table | rows |", "|---|---:|"]
    lines += [f"| {table} | {rows} |" for table, rows in manifest["tables"].items()]
    lines += ["", "What became of the record:", ""]
    lines += ["| of the record | in all | exported | left out |", "|---|---:|---:|---|"]
    for name, count in {"person": manifest["persons"], **manifest["facts"]}.items():
        lines.append(
            f"| {name} | {count['record']} | {count['exported']} | {_left(count['left_out'])} |"
        )
    return "\n".join(lines) + "\n"


def _choices(manifest: Mapping[str, Any]) -> str:
    names = "with" if manifest["with_identifiers"] else "without"
    texts = "with" if manifest["with_texts"] else "without"
    return f"Written {names} direct identifiers and {texts} free text."


def _left(reasons: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {REASONS[why]}" for why, count in sorted(reasons.items()))
