"""Data: how each source's tables become canonical rows, and its local codes standard ones. This
file only opens them.
"""

from pathlib import Path

#: The packaged mappings, one folder for each source, and codes/ shared by all.
FOLDER = Path(__file__).parent
