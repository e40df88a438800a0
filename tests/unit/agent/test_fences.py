"""Which line closes the code that a text leaves open."""

from __future__ import annotations

import pytest

from slackbot.agent.fences import closing_fence


@pytest.mark.parametrize(
    ("markdown", "closing"),
    [
        ("", ""),
        ("Run `payctl`.", ""),
        ("```sh\npayctl", "\n```"),
        ("```sh\npayctl\n", "```"),
        ("```sh\npayctl\n```", ""),
        ("```\none\n```\n```\ntwo", "\n```"),
        ("~~~~\n```\n~~~", "\n~~~~"),
        ("````\n```\n", "````"),
        ("```\n````", ""),
        ("```\n``` sh", "\n```"),
        ("- a\n  ```\n  code", "\n```"),
        ("```not a fence``` but code", ""),
    ],
)
def test_the_fence_that_is_open_is_closed_by_its_like(markdown: str, closing: str) -> None:
    assert closing_fence(markdown) == closing
    assert closing_fence(markdown + closing) == ""
