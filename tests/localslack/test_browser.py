"""When a browser is opened, and when it had better not be."""

from __future__ import annotations

import os
import sys
import webbrowser
from typing import TYPE_CHECKING

import pytest

from localslack import open_browser
from localslack.browser import has_desktop

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_mock import MockerFixture


@pytest.mark.parametrize(
    ("environment", "platform", "expected"),
    [
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({}, "darwin", True),
        ({}, "win32", True),
        ({"DISPLAY": ":0", "CI": "true"}, "linux", False),
        ({"CI": "1"}, "darwin", False),
        ({"DISPLAY": ":10", "SSH_CONNECTION": "…"}, "linux", False),
        ({"SSH_CONNECTION": "…"}, "darwin", False),
        ({"SSH_CONNECTION": "…", "BROWSER": "/opt/helper"}, "linux", True),
        ({"CI": "true", "BROWSER": "firefox"}, "linux", False),
    ],
)
def test_a_desktop_is_told_by_the_environment(
    environment: Mapping[str, str], platform: str, expected: bool
) -> None:
    assert has_desktop(environment, platform) == expected


class TestOpening:
    """With a desktop, by the browser that is there."""

    @pytest.fixture(autouse=True)
    def desktop(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("CI", "SSH_CONNECTION", "BROWSER"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("DISPLAY", ":0")

    def test_the_page_is_opened(self, mocker: MockerFixture) -> None:
        browser = mocker.create_autospec(webbrowser.BaseBrowser, instance=True)
        browser.name = "firefox"
        browser.open.return_value = True
        mocker.patch("webbrowser.get", return_value=browser)
        assert open_browser("http://127.0.0.1:1/")
        browser.open.assert_called_once_with("http://127.0.0.1:1/")

    def test_one_that_would_take_the_terminal_over_is_left_alone(
        self, mocker: MockerFixture
    ) -> None:
        browser = mocker.create_autospec(webbrowser.BaseBrowser, instance=True)
        browser.name = "w3m"
        mocker.patch("webbrowser.get", return_value=browser)
        assert not open_browser("http://127.0.0.1:1/")
        browser.open.assert_not_called()

    def test_without_one_nothing_happens(self, mocker: MockerFixture) -> None:
        mocker.patch("webbrowser.get", side_effect=webbrowser.Error)
        assert not open_browser("http://127.0.0.1:1/")


@pytest.mark.skipif(sys.platform != "linux", reason="a desktop cannot be told away elsewhere")
def test_without_a_desktop_no_browser_is_looked_for(mocker: MockerFixture) -> None:
    mocker.patch.dict(os.environ, clear=True)
    get = mocker.patch("webbrowser.get")
    assert not open_browser("http://127.0.0.1:1/")
    get.assert_not_called()
