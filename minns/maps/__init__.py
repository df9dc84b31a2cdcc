"""Code maps: what a local code means in a standard code system, who says so, and who agreed.

They are text in `mappings/<source>/codes/*.sssom.tsv` and `mappings/codes/*.sssom.tsv`: SSSOM, one
row a pair, sorted, so that a difference in version control is the difference in meaning. A wave
uses a map only when it is approved and two different people stand behind it.
"""

from minns.maps.codemap import STATES, CodeMap, usable
from minns.maps.sssom import SUFFIX, MapFile, read_maps, write_maps
from minns.maps.tables import load_maps

__all__ = [
    "STATES",
    "SUFFIX",
    "CodeMap",
    "MapFile",
    "load_maps",
    "read_maps",
    "usable",
    "write_maps",
]
