"""What is written about the settings is what the code does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from slackbot.config import Settings, load_settings
from slackbot.errors import ConfigurationError

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / ".env.example"
ASSIGNMENTS = re.findall(r"^(#?)([A-Z_]+)=(.*)$", EXAMPLE.read_text("utf-8"), re.MULTILINE)
REQUIRED = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
    "SLACK_SIGNING_SECRET": "a-secret",
    "AWS_REGION": "eu-central-1",
    "AWS_BEDROCK_MODEL_ID": "a-model",
}


def test_the_example_has_every_setting_once() -> None:
    names = [name for _, name, _ in ASSIGNMENTS]
    assert sorted(names) == sorted(name.upper() for name in Settings.model_fields)


def test_the_example_leaves_open_what_must_be_set_and_nothing_else() -> None:
    assert {name for hidden, name, _ in ASSIGNMENTS if not hidden} == set(REQUIRED)


def test_the_example_as_it_is_is_refused_and_says_what_to_fill_in() -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_settings({}, EXAMPLE)
    complaints = re.findall(r"^  ([A-Z_]+) +(.*)$", str(caught.value), re.MULTILINE)
    assert dict(complaints).keys() == set(REQUIRED)
    assert all("placeholder" in text for _, text in complaints)


def test_the_example_is_accepted_once_it_is_filled_in() -> None:
    assert load_settings(REQUIRED, EXAMPLE) == load_settings(REQUIRED, None)


def test_the_example_needs_only_what_slack_gives_where_there_is_no_model() -> None:
    offline = {name: value for name, value in REQUIRED.items() if name.startswith("SLACK_")}
    offline["LLM_PROVIDER"] = "offline"
    assert load_settings(offline, EXAMPLE) == load_settings(offline, None)


def test_the_example_shows_the_real_defaults() -> None:
    defaults = {
        name: value
        for _, name, value in ASSIGNMENTS
        if Settings.model_fields[name.lower()].get_default() not in (None, ())
        and name not in REQUIRED
    }
    assert all(defaults.values())
    assert load_settings(REQUIRED | defaults, None) == load_settings(REQUIRED, None)


def test_the_page_on_settings_is_up_to_date() -> None:
    check = [sys.executable, str(ROOT / "scripts" / "settings_table.py"), "--check"]
    done = subprocess.run(check, capture_output=True, text=True, check=False)  # noqa: S603 - our own script
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert re.findall(r"^\| `([A-Z_]+)` ", page, re.MULTILINE) == [
        name.upper() for name in Settings.model_fields
    ]
