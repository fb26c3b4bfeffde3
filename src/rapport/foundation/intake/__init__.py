"""Files as clients send them → canonical tables.

read_source     one entry under `sources:` in engagement.yml → the table, what was done to its rows, and the evidence
"""

from .reading import Intake, read_source
from .source import Source

__all__ = ["Intake", "Source", "read_source"]
