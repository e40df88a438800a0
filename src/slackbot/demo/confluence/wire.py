"""The sample company's pages in the JSON of Confluence Cloud: v1 for searches, v2 for the rest."""

from __future__ import annotations

import html
import mimetypes
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from slackbot.demo.company.wiki import Page, Space

    Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ConfluenceWire:
    """Writes pages as Confluence does; addresses lead to `site`."""

    site: str

    def hit(self, page: Page, excerpt: str, *, with_space: bool) -> Json:
        """Return a page as a search finds it (v1)."""
        content: Json = {
            "id": page.id,
            "type": "page",
            "status": "current",
            "title": page.title,
            "_expandable": {"space": f"/rest/api/space/{page.space.key}"},
            "_links": {
                "webui": _path(page),
                "self": f"{self.site}/wiki/rest/api/content/{page.id}",
            },
        }
        if with_space:
            content["space"] = self._space_v1(page.space)
        return {
            "content": content,
            "title": html.escape(page.title, quote=False),
            "excerpt": excerpt,
            "url": _path(page),
            "resultGlobalContainer": {
                "title": page.space.name,
                "displayUrl": f"/spaces/{page.space.key}",
            },
            "breadcrumbs": [],
            "entityType": "content",
            "iconCssClass": "aui-icon content-type-page",
            "lastModified": _timestamp(page.updated),
            "friendlyLastModified": f"{page.updated:%b %d, %Y}",
            "score": 0.0,
        }

    def page(self, page: Page, *, with_body: bool) -> Json:
        """Return a page (v2), its body in storage format."""
        body = {"storage": {"representation": "storage", "value": page.body}} if with_body else {}
        return {
            "id": page.id,
            "status": "current",
            "title": page.title,
            "spaceId": page.space.id,
            "authorId": page.author,
            "createdAt": _timestamp(page.updated),
            "version": _version(page),
            "body": body,
            "_links": {"webui": _path(page), "base": f"{self.site}/wiki"},
        }

    def attachments(self, page: Page) -> list[Json]:
        """Return the files on a page (v2)."""
        return [
            {
                "id": f"att{page.id}{number:03}",
                "status": "current",
                "title": name,
                "createdAt": _timestamp(page.updated),
                "pageId": page.id,
                "mediaType": mimetypes.guess_type(name)[0] or "application/octet-stream",
                "webuiLink": f"/pages/viewpageattachments.action?pageId={page.id}",
                "version": _version(page),
                "_links": {},
            }
            for number, name in enumerate(page.files)
        ]

    def space(self, space: Space) -> Json:
        """Return a space (v2)."""
        return {
            "id": space.id,
            "key": space.key,
            "name": space.name,
            "type": "global",
            "status": "current",
            "_links": {"webui": f"/spaces/{space.key}", "base": f"{self.site}/wiki"},
        }

    def _space_v1(self, space: Space) -> Json:
        return {
            "id": int(space.id),
            "key": space.key,
            "name": space.name,
            "type": "global",
            "status": "current",
            "_expandable": {"homepage": ""},
            "_links": {"self": f"{self.site}/wiki/rest/api/space/{space.key}"},
        }


def _path(page: Page) -> str:
    return f"/spaces/{page.space.key}/pages/{page.id}"


def _version(page: Page) -> Json:
    return {"number": 1, "createdAt": _timestamp(page.updated), "authorId": page.author}


def _timestamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"
