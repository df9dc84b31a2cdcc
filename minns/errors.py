"""What an operator can mend, each kind with its exit code.

    MinnsError                 one sentence: what was expected, what was found, what to do next
    ├── ConfigError     2      minns.toml, source.toml, a wave, an argument
    ├── SourceError     3      a legacy system that cannot be reached or is not what source.toml
    says
    ├── MappingError    4      mapping SQL or a code map that breaks the contract
    ├── StoreError      5      the work folder: disk full, locked, damaged
    ├── TargetError     6      the shared record cannot be reached, is locked or is not ours
    ├── LedgerError     7      the ledger is damaged or was altered
    ├── BalanceError    8      a row without a fate, or books that do not balance
    └── GateError       9      the run ended, but a gate of the wave failed

Bad data is never an exception: it becomes rows (quarantine). A bug is a plain exception with a
traceback. No message carries a value from a patient's row: name the table, the column, the rule and
the row's pointer.
"""


class MinnsError(Exception):
    """An operator's mistake, told in one sentence, with the command line's exit code."""

    exit_code = 1

    def __init__(self, expected: str, *, found: str, do: str) -> None:
        self.expected, self.found, self.do = expected, found, do
        super().__init__(f"Expected {expected}; found {found}. {do}")


class ConfigError(MinnsError):
    """minns.toml, a source.toml, a wave or an argument is not what it should be."""

    exit_code = 2


class SourceError(MinnsError):
    """A legacy system cannot be reached, or differs from what its source.toml promises."""

    exit_code = 3


class MappingError(MinnsError):
    """Mapping SQL or a code map breaks the contract of the canonical tables."""

    exit_code = 4


class StoreError(MinnsError):
    """The work folder cannot be written or read."""

    exit_code = 5


class TargetError(MinnsError):
    """The shared record cannot be reached, is locked, or was not made by minns."""

    exit_code = 6


class LedgerError(MinnsError):
    """The ledger is damaged, locked or was altered after the fact."""

    exit_code = 7


class BalanceError(MinnsError):
    """A row has no fate, or two, or the independent count disagrees with the books."""

    exit_code = 8


class GateError(MinnsError):
    """The run ended and its books balance, but a gate of the wave failed."""

    exit_code = 9


class DeliveryError(MinnsError):
    """The record is loaded, but the FHIR server does not hold all of it."""

    exit_code = 10
