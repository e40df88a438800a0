"""What a person sees who follows a link of the bot's: a document on a plain page."""

from __future__ import annotations

import html

from aiohttp import web

_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif }}
body {{ max-width: 48rem; margin: 3rem auto; padding: 0 1rem }}
p {{ opacity: .7 }}
pre {{ font: inherit; white-space: pre-wrap; overflow-wrap: anywhere }}
</style>
<h1>{title}</h1>
<p>{note}</p>
<pre>{text}</pre>
"""


def reading_page(title: str, note: str, markdown: str) -> web.Response:
    """Return a document as HTML. All three are plain text to it, and Markdown is shown as it is."""
    page = _PAGE.format(
        title=html.escape(title), note=html.escape(note), text=html.escape(markdown)
    )
    return web.Response(content_type="text/html", text=page)
