"""The sample company's tickets in the JSON of Jira Cloud's REST v3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from slackbot.demo.company.people import EMPLOYEE
from slackbot.demo.jira.adf import markdown_to_adf
from slackbot.demo.jira.search import account_id, issue_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from slackbot.demo.company.tickets import Link, Project, Ticket

    Json = dict[str, Any]

SUBTASK: Final = "Sub-task"

_LINK_TYPES: Final = (  # id, name, inward, outward
    ("10000", "Blocks", "is blocked by", "blocks"),
    ("10001", "Cloners", "is cloned by", "clones"),
    ("10002", "Duplicate", "is duplicated by", "duplicates"),
    ("10003", "Relates", "relates to", "relates to"),
    ("10004", "Problem/Incident", "is caused by", "causes"),
)


@dataclass(frozen=True, slots=True)
class JiraWire:
    """Writes tickets as Jira does; addresses lead to `site`."""

    site: str
    tickets: Mapping[str, Ticket]

    def issue(self, ticket: Ticket, wanted: Sequence[str]) -> Json:
        """Return an issue with the fields wanted, of those that it has."""
        everything = not {"*all", "*navigable"}.isdisjoint(wanted)
        fields = self._fields(ticket)
        return {
            "expand": "renderedFields,names,schema,operations,editmeta,changelog",
            "id": issue_id(ticket),
            "self": f"{self.site}/rest/api/3/issue/{issue_id(ticket)}",
            "key": ticket.key,
            "fields": {
                name: field for name, field in fields.items() if everything or name in wanted
            },
        }

    def comment(self, ticket: Ticket, place: int) -> Json:
        """Return the comment at that place, 0 being the oldest."""
        comment, comment_id = ticket.comments[place], f"{issue_id(ticket)}{place}"
        return {
            "self": f"{self.site}/rest/api/3/issue/{issue_id(ticket)}/comment/{comment_id}",
            "id": comment_id,
            "author": self.person(comment.author),
            "body": markdown_to_adf(comment.body, account_id),
            "updateAuthor": self.person(comment.author),
            "created": _timestamp(comment.at),
            "updated": _timestamp(comment.at),
            "jsdPublic": True,
        }

    def _fields(self, ticket: Ticket) -> Json:
        return {
            "description": markdown_to_adf(ticket.description, account_id),
            "project": self.project(ticket.project),
            **self._standing(ticket),
            "assignee": None if ticket.assignee is None else self.person(ticket.assignee),
            "reporter": self.person(ticket.reporter),
            "labels": list(ticket.labels),
            "fixVersions": [{"name": version} for version in ticket.fix_versions],
            "created": _timestamp(ticket.created),
            "updated": _timestamp(ticket.updated),
            "issuelinks": [
                self._link(f"{issue_id(ticket)}{place}", link)
                for place, link in enumerate(ticket.links)
            ],
            "subtasks": [
                self._related(other)
                for other in self.tickets.values()
                if other.parent == ticket.key and other.type == SUBTASK
            ],
            **({"parent": self._related(self.tickets[ticket.parent])} if ticket.parent else {}),
        }

    def project(self, project: Project) -> Json:
        """Return a project."""
        return {
            "self": f"{self.site}/rest/api/3/project/{project.id}",
            "id": project.id,
            "key": project.key,
            "name": project.name,
            "projectTypeKey": "software",
            "simplified": False,
        }

    def person(self, handle: str) -> Json:
        """Return somebody who has an account."""
        return {
            "self": f"{self.site}/rest/api/3/user?accountId={account_id(handle)}",
            "accountId": account_id(handle),
            "displayName": EMPLOYEE[handle].real_name,
            "active": True,
            "timeZone": "Etc/UTC",
            "accountType": "atlassian",
        }

    def _link(self, link_id: str, link: Link) -> Json:
        kind, name, inward, outward = next(one for one in _LINK_TYPES if link.kind in one[2:])
        other = self.tickets[link.key]
        return {
            "id": link_id,
            "type": {"id": kind, "name": name, "inward": inward, "outward": outward},
            "outwardIssue" if link.kind == outward else "inwardIssue": self._related(other),
        }

    def _related(self, ticket: Ticket) -> Json:
        return {
            "id": issue_id(ticket),
            "key": ticket.key,
            "self": f"{self.site}/rest/api/3/issue/{issue_id(ticket)}",
            "fields": self._standing(ticket),
        }

    def _standing(self, ticket: Ticket) -> Json:
        """Return the fields that are told of an issue wherever it is named."""
        return {
            "summary": ticket.summary,
            "status": {"name": ticket.status},
            "priority": {"name": ticket.priority},
            "issuetype": {"name": ticket.type, "subtask": ticket.type == SUBTASK},
        }


def _timestamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000+0000"
