"""What a run takes in: its own wave's sources, and those of every wave already in its target.

The record is a function of all that is in it. A run of one wave therefore computes the record of
that wave and of all before it, so that nothing of an earlier wave is mistaken for gone.
"""

from dataclasses import dataclass

from minns.config import Wave
from minns.errors import ConfigError
from minns.site import Mode, Site
from minns.store import Dataset


@dataclass(frozen=True)
class Scope:
    """Sources in order (earlier waves' first), the wave's own ones, and each one's care units."""

    wave: Wave
    waves: tuple[Wave, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(s for wave in self.waves for s in wave.sources))

    @property
    def own(self) -> tuple[str, ...]:
        return self.wave.sources

    @property
    def earlier(self) -> tuple[str, ...]:
        return tuple(s for s in self.sources if s not in self.own)

    @property
    def batches(self) -> tuple[tuple[str, int, tuple[str, ...]], ...]:
        """Each wave in order: its name, its number from 1, the sources that come first with it."""
        found: list[tuple[str, int, tuple[str, ...]]] = []
        seen: set[str] = set()
        for number, wave in enumerate(self.waves, start=1):
            found.append((wave.name, number, tuple(s for s in wave.sources if s not in seen)))
            seen.update(wave.sources)
        return tuple(batch for batch in found if batch[2])

    @property
    def care_units(self) -> dict[str, tuple[str, ...]]:
        return {s: wave.care_units for wave in self.waves for s in wave.sources if wave.care_units}


def resolve_scope(site: Site, wave: Wave, mode: Mode, loaded: list[str]) -> Scope:
    """The scope of a run of `wave` on a target that holds the waves `loaded`, in that order.

    A cutover needs the waves before it to be in the record; a rehearsal may go ahead of them.
    """
    before = _before(site, wave)
    missing = [w.name for w in before if w.name not in loaded]
    if mode == "cutover" and missing:
        raise ConfigError(
            f"{', '.join(missing)} in the record before {wave.name} is cut over",
            found="no load of it",
            do=f"Run 'minns run {missing[0]} --cutover' first.",
        )
    names = list(dict.fromkeys([*loaded, *(w.name for w in before), wave.name]))
    return Scope(wave, tuple(wave if name == wave.name else site.wave(name) for name in names))


def remaining_scope(site: Site, wave: Wave, loaded: list[str]) -> Scope | None:
    """The scope of the record without `wave`: the other waves of `loaded`, or None without any.

    Raises `ConfigError` when another wave in the record builds on this one.
    """
    others = [site.wave(name) for name in loaded if name != wave.name]
    above = [other.name for other in others if wave in _before(site, other)]
    if above:
        raise ConfigError(
            f"no wave in the record that builds on {wave.name}",
            found=", ".join(above),
            do=f"Run 'minns withdraw {above[-1]}' first: what came last leaves first.",
        )
    return Scope(others[-1], tuple(others)) if others else None


def _before(site: Site, wave: Wave, seen: tuple[str, ...] = ()) -> list[Wave]:
    """The waves that must have gone before, the earliest first."""
    if wave.name in seen:
        raise ConfigError(
            "waves that follow one another",
            found=f"a circle through {wave.name}",
            do="Correct 'after' in runbooks/.",
        )
    found: list[Wave] = []
    for name in wave.after:
        earlier = site.wave(name)
        for each in (*_before(site, earlier, (*seen, wave.name)), earlier):
            if each not in found:
                found.append(each)
    return found


def standing_landing(site: Site, source: str, mode: Mode) -> Dataset:
    """The landing of an earlier wave's source: the one last cut over, else the newest."""
    snapshots = {d.folder.name: d for d in site.store.snapshots(source)}
    ended = {e.run_id for e in site.ledger.entries("run_finished")}
    cut_over = [
        e.body["snapshot"]
        for e in site.ledger.entries("landed")
        if e.body["source"] == source and e.body["mode"] == "cutover" and e.run_id in ended
    ]
    chosen = cut_over[-1] if mode == "cutover" and cut_over else max(snapshots, default=None)
    if chosen is None or chosen not in snapshots:
        raise ConfigError(
            f"a landing of {source}, which an earlier wave brings",
            found="none in the work folder",
            do=f"Run the wave that brings {source} first.",
        )
    return snapshots[chosen]
