"""Files as clients send them → canonical tables.

read_source      one entry under `sources:` in engagement.yml → table, what was done to its rows, evidence
propose          files → sources to confirm, with confidence and open questions
engagement_yaml  proposals → the commented text of an engagement.yml
"""

from .proposals import Proposal, propose
from .reading import Intake, read_source
from .scaffold import engagement_yaml
from .source import Source

__all__ = ["Intake", "Proposal", "Source", "engagement_yaml", "propose", "read_source"]
