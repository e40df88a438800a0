"""Writes the table of settings into the documentation, from the code; `--check` only compares."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from slackbot.config import Settings

ROOT = Path(__file__).resolve().parent.parent
PAGES = (ROOT / "README.md", ROOT / "docs" / "settings.md")
BEGIN = "<!-- settings: written by `make settings` -->\n"
END = "<!-- end of settings -->\n"


def table() -> str:
    """Return the table of all settings in Markdown."""
    rows = ["| Setting | Default | Meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "**required**" if field.is_required() else as_written(field.default)
        rows.append(f"| `{name.upper()}` | {default} | {field.description} |")
    return "\n".join(rows) + "\n"


def as_written(default: object) -> str:
    """Return a default as it would stand in `.env`, or nothing for none."""
    if default is None or default == ():
        return ""
    if isinstance(default, bool):
        return "`on`" if default else "`off`"
    if isinstance(default, tuple):
        default = ",".join(default)
    return f"`{default}`"


def with_table(page: str) -> str:
    """Return the page with what stands between the two marks, if it has them, written anew."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    return before + begin + table() + end + after if begin and end else page


def main() -> int:
    """Write the pages, or say which are out of date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail on differences")
    check = parser.parse_args().check
    stale = False
    for path in PAGES:
        page = path.read_text("utf-8")
        if page == with_table(page):
            continue
        stale = True
        if check:
            print(f"{path.relative_to(ROOT)} is out of date: run `make settings`")
        else:
            path.write_text(with_table(page), "utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
