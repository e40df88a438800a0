"""One reader of botocore's data files for all bots of the tests: each would read them anew."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import botocore.session
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session", autouse=True)
def one_loader() -> Iterator[None]:
    """Let all sessions of botocore share what was read (it takes each 50 to 100 ms)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", cache(botocore.session.create_loader))
        yield
