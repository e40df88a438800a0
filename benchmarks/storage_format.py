"""Storage format: how long a page takes to become Markdown, and how that grows with its lists.

    .venv/bin/python benchmarks/storage_format.py [--runs 21]

Converts 74 KB of a page as people write them, whole and with a fault in its first paragraph, and
lists of 1,000 and of 4,000 items. Milliseconds; medians. A factor of 4 is linear, of 16 quadratic.
"""

from __future__ import annotations

import argparse
import statistics
import time

from slackbot.knowledge.text.storage import storage_to_markdown

PAGE_CHARACTERS = 74_000
FAULT = "<p>Research & development</p>"
SECTION = """
<h2>Step</h2>
<p>Do <strong>this</strong> first, see <ac:link><ri:page ri:content-title="Services" /></ac:link>
and <a href="https://example.com/status">the status page</a> &ndash; then wait.</p>
<ul><li>one</li><li><p>two <code>x_y</code></p></li></ul>
<table><tbody><tr><th>Name</th><th>Owner</th></tr><tr><td>api</td><td>ana</td></tr></tbody></table>
<ac:structured-macro ac:name="code"><ac:parameter ac:name="language">bash</ac:parameter>
<ac:plain-text-body><![CDATA[kubectl get pods && echo done]]></ac:plain-text-body>
</ac:structured-macro>
"""


def page() -> str:
    """Return 74 KB of storage format: headings, links, lists, tables, code."""
    return SECTION * (PAGE_CHARACTERS // len(SECTION))


def items(count: int) -> str:
    """Return a list of so many items."""
    return f"<ul>{'<li><p>item <strong>bold</strong></p></li>' * count}</ul>"


def milliseconds(storage: str, runs: int) -> float:
    """Return the median time of a conversion, after one to warm up."""
    storage_to_markdown(storage)
    took: list[float] = []
    for _ in range(runs):
        began = time.perf_counter()
        storage_to_markdown(storage)
        took.append(time.perf_counter() - began)
    return statistics.median(took) * 1000


def main(runs: int) -> None:
    """Measure and print."""
    few, many = milliseconds(items(1_000), runs), milliseconds(items(4_000), runs)
    print(f"runs               {runs}")
    print(f"page of {len(page()) / 1000:.0f} KB      {milliseconds(page(), runs):.1f} ms")
    print(f"  with a fault     {milliseconds(FAULT + page(), runs):.1f} ms")
    print(f"1,000 list items   {few:.1f} ms")
    print(f"4,000 list items   {many:.1f} ms  (x {many / few:.1f})")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=21)
    main(parser.parse_args().runs)
