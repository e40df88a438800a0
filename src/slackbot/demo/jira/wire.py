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

    from slackbot.demo.company.tickets import Link, Ticket

    Json = dict[str, Any]

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
            "author": self._person(comment.author),
            "body": markdown_to_adf(comment.body, account_id),
            "updateAuthor": self._person(comment.author),
            "created": _timestamp(comment.at),
            "updated": _timestamp(comment.at),
            "jsdPublic": True,
        }

    def _fields(self, ticket: Ticket) -> Json:
        project = ticket.project
        return {
            "summary": ticket.summary,
            "description": markdown_to_adf(ticket.description, account_id),
            "project": {
                "self": f"{self.site}/rest/api/3/project/{project.id}",
                "id": project.id,
                "key": project.key,
                "name": project.name,
                "projectTypeKey": "software",
                "simplified": False,
            },
            "issuetype": {"name": ticket.type, "subtask": False},
            "status": {"name": ticket.status},
            "priority": {"name": ticket.priority},
            "assignee": None if ticket.assignee is None else self._person(ticket.assignee),
            "reporter": self._person(ticket.reporter),
            "labels": list(ticket.labels),
            "created": _timestamp(ticket.created),
            "updated": _timestamp(ticket.updated),
            "issuelinks": [
                self._link(f"{issue_id(ticket)}{place}", link)
                for place, link in enumerate(ticket.links)
            ],
            "subtasks": [],
        }

    def _person(self, handle: str) -> Json:
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
            "outwardIssue" if link.kind == outward else "inwardIssue": {
                "id": issue_id(other),
                "key": other.key,
                "self": f"{self.site}/rest/api/3/issue/{issue_id(other)}",
                "fields": {
                    "summary": other.summary,
                    "status": {"name": other.status},
                    "priority": {"name": other.priority},
                    "issuetype": {"name": other.type, "subtask": False},
                },
            },
        }


def _timestamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000+0000"
