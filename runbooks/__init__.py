"""Waves (TOML), and what people read when they rehearse, cut over and roll back. This file only
opens them.
"""

from pathlib import Path

#: The packaged waves and texts.
FOLDER = Path(__file__).parent
