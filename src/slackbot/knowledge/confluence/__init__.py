"""Confluence Cloud as a knowledge source: CQL search (REST v1) and pages (REST v2).

The model gives typed fields, never CQL. The operator's list of spaces is part of each query, and
each object that comes back is checked against it again; what has no known space is not shown.
"""

from slackbot.knowledge.confluence.source import ConfluenceSource

__all__ = ["ConfluenceSource"]
