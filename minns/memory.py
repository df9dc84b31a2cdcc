"""How much memory the process needed at its peak, as Linux tells it; elsewhere since its start."""

import resource
from pathlib import Path


def reset_peak_memory() -> None:
    """Begin a new measurement, where the system lets us."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def peak_memory() -> int:
    """The peak of resident memory since the last reset (MiB)."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024
    except OSError:
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
