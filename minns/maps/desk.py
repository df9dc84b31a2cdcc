"""The files of maps that people work on: find a map, change it, put new ones in."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from minns.codes import CodeSystem
from minns.errors import ConfigError, MappingError
from minns.maps.codemap import CodeMap
from minns.maps.exchange import merged
from minns.maps.sssom import SUFFIX, MapFile, read_maps, write_maps


@dataclass(frozen=True)
class Desk:
    """Folders of maps (each `…/codes`); what lies below `packaged` is read, and never written."""

    folders: Sequence[Path]
    systems: Mapping[str, CodeSystem]
    packaged: Path | None = None

    def files(self) -> list[MapFile]:
        """All files of maps."""
        paths = [path for folder in self.folders for path in sorted(folder.glob(f"*{SUFFIX}"))]
        return [read_maps(path) for path in dict.fromkeys(paths)]

    def maps(self) -> list[CodeMap]:
        """All maps. Raises `MappingError` when an id stands twice."""
        maps = [codemap for file in self.files() for codemap in file.maps]
        counted = Counter(codemap.map_id for codemap in maps)
        doubled = sorted(map_id for map_id, count in counted.items() if count > 1)
        if doubled:
            raise MappingError(
                "each map id once", found=f"two of {doubled[0]}", do="Rename one of them."
            )
        return maps

    def find(self, map_id: str) -> tuple[MapFile, CodeMap]:
        """A map by its id, and the file that it is in."""
        for file in self.files():
            for codemap in file.maps:
                if codemap.map_id == map_id:
                    return file, codemap
        raise ConfigError(
            f"a code map with the id '{map_id}'",
            found="none in the folders of mappings",
            do="List them with 'minns map review next'.",
        )

    def change(self, file: MapFile, old: CodeMap, new: CodeMap) -> None:
        """Write a map in another state."""
        maps = [new if codemap == old else codemap for codemap in file.maps]
        self._write(file.path, maps, file.meta)

    def put(self, path: Path, maps: Iterable[CodeMap]) -> int:
        """Add maps to a file; gives how many are new."""
        before = read_maps(path) if path.is_file() else MapFile({}, (), path=path)
        together, added = merged(before.maps, maps)
        if added:
            self._write(path, together, before.meta)
        return added

    def _write(self, path: Path, maps: Iterable[CodeMap], meta: Mapping[str, object]) -> None:
        if self.packaged is not None and self.packaged in path.resolve().parents:
            raise ConfigError(
                "maps in the project's own folder of mappings",
                found=f"{path.name} among those that come with minns",
                do="Copy the source's folder to the project, and set 'mappings' in minns.toml.",
            )
        write_maps(path, maps, meta, self.systems)
