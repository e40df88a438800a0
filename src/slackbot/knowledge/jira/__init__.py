"""Jira Cloud as a knowledge source: issues and their comments, by JQL and REST v3.

The model gives typed fields, never JQL. The operator's list of projects is part of each query, and
each issue that comes back, linked ones included, is checked against it again.
"""

from slackbot.knowledge.jira.source import JiraSource

__all__ = ["JiraSource"]
