"""GitHub as a knowledge source: issues, pull requests and code, by its REST API.

The model gives typed fields, never GitHub's query language. The operator's list of repositories is
part of each query, and each object that comes back is checked against it again by the name of its
own repository.
"""

from slackbot.knowledge.github.source import GitHubSource

__all__ = ["GitHubSource"]
