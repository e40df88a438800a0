"""Confluence as a knowledge source, in the cloud and of Data Center.

The model gives typed fields, never CQL. The operator's list of spaces is part of each query, and
each object that comes back is checked against it again; what has no known space is not shown.
"""

from slackbot.knowledge.confluence.source import ConfluenceSource

__all__ = ["ConfluenceSource"]
