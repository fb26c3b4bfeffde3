"""Every table declared once: grain, key, columns, units, meaning. `docs/tables.md` is generated from here.

`TABLES[name].check(frame, where)` is called on every write and on every read.
"""

from .columns import Column, Table
from .inputs import INPUTS
from .results import RESULTS, RUNGS, STATES

TABLES: dict[str, Table] = {table.name: table for table in (*INPUTS, *RESULTS)}

__all__ = ["INPUTS", "RESULTS", "RUNGS", "STATES", "TABLES", "Column", "Table"]
