"""Jira as a knowledge source: issues and their comments, by JQL, of Cloud and Data Center.

The model gives typed fields, never JQL. The operator's list of projects is part of each query, and
each issue that comes back, linked ones included, is checked against it again.
"""

from slackbot.knowledge.jira.source import JiraSource

__all__ = ["JiraSource"]
