"""What an operator sets is what the bot gets; what is wrong is named, and never shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from slackbot.config import Settings, demo_settings, load_settings, near_misses
from slackbot.errors import ConfigurationError
from slackbot.settings.variables import NearMiss

if TYPE_CHECKING:
    from pathlib import Path

SLACK = {
    "SLACK_BOT_TOKEN": "xoxb-1-bot",
    "SLACK_APP_TOKEN": "xapp-1-app",
    "SLACK_SIGNING_SECRET": "0123456789abcdef",
}
BEDROCK = {"AWS_REGION": "eu-central-1", "AWS_BEDROCK_MODEL_ID": "eu.vendor.model-1:0"}
COMPLETE = SLACK | BEDROCK
CONFLUENCE_SITE = {
    "CONFLUENCE_URL": "https://wiki.example/wiki",
    "CONFLUENCE_API_TOKEN": "a-confluence-token",
}
CONFLUENCE = CONFLUENCE_SITE | {"CONFLUENCE_SPACES": "OPS"}
SECRETS = [name for name in COMPLETE | CONFLUENCE if re.search("TOKEN|SECRET", name)]


def load(**variables: str) -> Settings:
    return load_settings(COMPLETE | variables, env_file=None)


def problems(environ: dict[str, str], env_file: Path | None = None) -> dict[str, str]:
    """Return what `load_settings` complains about, by name."""
    with pytest.raises(ConfigurationError) as caught:
        load_settings(environ, env_file)
    return dict(re.findall(r"^  ([A-Z_]+) +(.+)$", str(caught.value), re.MULTILINE))


def problem(name: str, value: str, **others: str) -> str:
    """Return the complaint about one value, which is the only one."""
    found = problems(COMPLETE | others | {name: value})
    assert list(found) == [name]
    return found[name]


def test_the_settings_are_read_from_the_process_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)
    for settings in (Settings(), load_settings()):
        assert settings.slack_bot_token.get_secret_value() == "xoxb-1-bot"
        assert settings.slack_app_token.get_secret_value() == "xapp-1-app"
        assert settings.slack_signing_secret.get_secret_value() == "0123456789abcdef"
        assert settings.aws_region == "eu-central-1"
        assert settings.aws_bedrock_model_id == "eu.vendor.model-1:0"


def test_an_explicit_mapping_is_all_that_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)
    assert set(problems({})) == set(COMPLETE)


def test_values_may_be_given_by_field_name() -> None:
    settings = Settings({}, None, **{name.lower(): value for name, value in COMPLETE.items()})
    assert settings == load()


def test_every_default_is_the_documented_one() -> None:
    settings = load()
    given = {name.lower() for name in COMPLETE}
    assert settings.model_dump(exclude=given) == {
        "slack_api_url": "https://slack.com/api",
        "llm_provider": "bedrock",
        "llm_fallbacks": ("offline",),
        "llm_context_tokens": 100_000,
        "llm_max_tokens": 8_192,
        "llm_temperature": None,
        "llm_calls_per_minute": 0,
        "llm_prompt_cache": True,
        "llm_prices": (),
        "max_cost_per_answer": 0.0,
        "daily_budget": 0.0,
        "audit_log": None,
        "aws_profile": None,
        "aws_access_key_id": None,
        "aws_secret_access_key": None,
        "aws_session_token": None,
        "aws_bearer_token_bedrock": None,
        "aws_endpoint_url_bedrock_runtime": None,
        "aws_bedrock_guardrail_id": None,
        "aws_bedrock_guardrail_version": "DRAFT",
        "anthropic_api_key": None,
        "anthropic_model": None,
        "anthropic_base_url": None,
        "openai_base_url": None,
        "openai_api_key": None,
        "openai_model": None,
        "confluence_url": None,
        "confluence_email": None,
        "confluence_api_token": None,
        "confluence_token_scoped": False,
        "confluence_spaces": (),
        "jira_url": None,
        "jira_email": None,
        "jira_api_token": None,
        "jira_token_scoped": False,
        "jira_projects": (),
        "github_token": None,
        "github_api_url": "https://api.github.com",
        "github_repos": (),
        "github_search": ("issues", "pull_requests", "code"),
        "slack_user_token": None,
        "slack_history_channels": (),
        "system_prompt": None,
        "bot_persona": None,
        "memory_ttl_minutes": 60,
        "memory_max_messages": 40,
        "memory_max_tokens": 16_000,
        "memory_max_threads": 5_000,
        "run_deadline_seconds": 180.0,
        "tool_timeout_seconds": 20.0,
        "max_tool_calls": 12,
        "max_concurrent_runs": 128,
        "rate_limit_per_user": 6,
        "rate_limit_global": 120,
        "admin_users": (),
        "catch_up_minutes": 15,
        "thread_follow": True,
        "follow_minutes": 30,
        "http_port": None,
        "http_host": "127.0.0.1",
        "health_check_seconds": 60.0,
        "log_level": "INFO",
        "log_format": "json",
    }


class TestWhereValuesComeFrom:
    def test_the_environment_comes_before_the_file(self, tmp_path: Path) -> None:
        env_file = write(tmp_path, "AWS_REGION=from-file\nLOG_LEVEL=DEBUG")
        settings = load_settings(COMPLETE, env_file)
        assert (settings.aws_region, settings.log_level) == ("eu-central-1", "DEBUG")

    def test_a_blank_variable_does_not_hide_the_file(self, tmp_path: Path) -> None:
        env_file = write(tmp_path, "AWS_REGION=from-file")
        assert load_settings(COMPLETE | {"AWS_REGION": " "}, env_file).aws_region == "from-file"

    def test_the_file_in_the_working_directory_is_read(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        write(tmp_path, "\n".join(f"{name}='{value}'" for name, value in COMPLETE.items()))
        monkeypatch.chdir(tmp_path)
        assert load_settings({}).slack_bot_token.get_secret_value() == "xoxb-1-bot"

    def test_a_file_written_on_windows_is_read(self, tmp_path: Path) -> None:
        env_file = tmp_path / ".env"
        env_file.write_bytes(b"\xef\xbb\xbfAWS_REGION=eu-north-1\r\nLOG_LEVEL=ERROR\r\n")
        settings = load_settings(SLACK | {"AWS_BEDROCK_MODEL_ID": "m"}, env_file)
        assert (settings.aws_region, settings.log_level) == ("eu-north-1", "ERROR")

    def test_a_dollar_sign_is_a_dollar_sign(self, tmp_path: Path) -> None:
        env_file = write(tmp_path, "SLACK_SIGNING_SECRET=a${HOME}b")
        settings = load_settings(BEDROCK | {k: SLACK[k] for k in list(SLACK)[:2]}, env_file)
        assert settings.slack_signing_secret.get_secret_value() == "a${HOME}b"

    def test_a_file_that_is_not_text_is_named(self, tmp_path: Path) -> None:
        env_file = tmp_path / ".env"
        env_file.write_bytes(b"SLACK_BOT_TOKEN=xoxb-\xff\xfe")
        with pytest.raises(ConfigurationError, match=r"\.env cannot be read: it is not UTF-8"):
            load_settings(COMPLETE, env_file)

    def test_a_file_that_is_not_there_is_no_problem(self, tmp_path: Path) -> None:
        assert load_settings(COMPLETE, tmp_path / "missing") == load()

    def test_names_may_be_written_in_lower_case(self) -> None:
        assert load(log_level="ERROR").log_level == "ERROR"

    def test_unknown_names_are_ignored(self, tmp_path: Path) -> None:
        assert load_settings(COMPLETE, write(tmp_path, "SERVICENOW_URL=x\nHELLO=world")) == load()


class TestSecretsInFiles:
    @pytest.mark.parametrize("name", SECRETS)
    def test_any_secret_may_stand_in_a_file(self, tmp_path: Path, name: str) -> None:
        environ = COMPLETE | CONFLUENCE
        file = write(tmp_path, environ.pop(name) + "\n", "secret")
        settings = load_settings(environ | {f"{name}_FILE": str(file)}, None)
        assert settings == load_settings(COMPLETE | CONFLUENCE, None)

    def test_a_secret_that_is_set_twice_is_refused(self, tmp_path: Path) -> None:
        file = write(tmp_path, "xoxb-2-file", "secret")
        assert problem("SLACK_BOT_TOKEN", "xoxb-1-bot", SLACK_BOT_TOKEN_FILE=str(file)) == (
            "is set, and so is SLACK_BOT_TOKEN_FILE: keep one of them"
        )

    @pytest.mark.parametrize(
        ("content", "complaint"),
        [
            (None, "cannot be read from SLACK_BOT_TOKEN_FILE: No such file or directory"),
            (b"\xff\xfe", "cannot be read from SLACK_BOT_TOKEN_FILE: it is not UTF-8 text"),
            (b"\n", "is empty in the file that SLACK_BOT_TOKEN_FILE names"),
        ],
    )
    def test_a_file_without_a_secret_is_refused(
        self, tmp_path: Path, content: bytes | None, complaint: str
    ) -> None:
        file = tmp_path / "secret"
        if content is not None:
            file.write_bytes(content)
        environ = COMPLETE | {"SLACK_BOT_TOKEN_FILE": str(file)}
        del environ["SLACK_BOT_TOKEN"]
        assert problems(environ) == {"SLACK_BOT_TOKEN": complaint}

    def test_what_is_no_secret_does_not_come_from_a_file(self, tmp_path: Path) -> None:
        file = write(tmp_path, "us-west-2", "region")
        assert load(AWS_REGION_FILE=str(file)).aws_region == "eu-central-1"


class TestWhatIsMissing:
    @pytest.mark.parametrize("name", COMPLETE)
    @pytest.mark.parametrize("blank", [None, "", " \t"])
    def test_what_is_required_is_named(self, name: str, blank: str | None) -> None:
        environ = COMPLETE | ({} if blank is None else {name: blank})
        if blank is None:
            del environ[name]
        found = problems(environ)
        assert list(found) == [name]
        assert found[name].startswith("is missing: ")

    @pytest.mark.parametrize("name", COMPLETE)
    def test_an_empty_value_by_field_name_is_refused(self, name: str) -> None:
        values = {key.lower(): value for key, value in COMPLETE.items()}
        with pytest.raises(ValidationError):
            Settings({}, None, **(values | {name.lower(): ""}))

    def test_everything_is_named_at_once_on_one_screen(self) -> None:
        with pytest.raises(ConfigurationError) as caught:
            load_settings({"LOG_LEVEL": "loud", "CONFLUENCE_URL": "https://wiki.example"}, None)
        text = str(caught.value)
        named = set(re.findall(r"^  ([A-Z_]+) ", text, re.MULTILINE))
        assert named == {*COMPLETE, "LOG_LEVEL", "CONFLUENCE_API_TOKEN", "CONFLUENCE_SPACES"}
        assert ".env.example" in text
        assert text.endswith("make demo")
        assert len(text.splitlines()) <= 24
        assert max(map(len, text.splitlines())) <= 110

    def test_without_bedrock_nothing_of_aws_is_required(self) -> None:
        settings = load_settings(SLACK | {"LLM_PROVIDER": "offline"}, None)
        assert settings.aws_region is None

    def test_a_misspelt_name_is_pointed_out(self) -> None:
        environ = COMPLETE | {"SLACK_BOT_TOKN": "xoxb-1-bot"}
        del environ["SLACK_BOT_TOKEN"]
        assert problems(environ)["SLACK_BOT_TOKN"] == "is no setting. Did you mean SLACK_BOT_TOKEN?"


@pytest.mark.parametrize(
    ("fallbacks", "providers"),
    [
        ("", ("bedrock", "offline")),
        ("none", ("bedrock",)),
        ("Bedrock, offline", ("bedrock", "offline")),
    ],
)
def test_fallbacks_are_a_list_or_none(fallbacks: str, providers: tuple[str, ...]) -> None:
    assert load(LLM_FALLBACKS=fallbacks).providers == providers


class TestWhatIsWrong:
    @pytest.mark.parametrize(
        ("name", "value", "complaint"),
        [
            ("SLACK_BOT_TOKEN", "xapp-1-app", "must begin with xoxb- (this is an app-level token)"),
            ("SLACK_BOT_TOKEN", "xoxp-1-me", "must begin with xoxb- (this is a user token)"),
            ("SLACK_APP_TOKEN", "xoxb-1-bot", "must begin with xapp- (this is a bot token)"),
            ("SLACK_APP_TOKEN", '"xapp-1-app"', "must begin with xapp-"),
            ("SLACK_SIGNING_SECRET", "two words", "must be one word of printable ASCII characters"),
            (
                "SLACK_SIGNING_SECRET",
                "geheimnis\u00e4",
                "must be one word of printable ASCII characters",
            ),
            ("SLACK_API_URL", "https://slack.example/", "must end in /api"),
            (
                "ADMIN_USERS",
                "@ana",
                "must be ids of people, plain and with commas, such as: U012AB3CD, W345EF6GH",
            ),
            ("LLM_PROVIDER", "oracle", "must be 'bedrock', 'anthropic', 'openai' or 'offline'"),
            (
                "LLM_FALLBACKS",
                "bedrock,oracle",
                "must be 'bedrock', 'anthropic', 'openai' or 'offline'",
            ),
            (
                "LLM_FALLBACKS",
                "offline,bedrock",
                "must name `offline` last: it always answers",
            ),
            ("LOG_FORMAT", "xml", "must be 'json' or 'console'"),
            ("LOG_LEVEL", "LOUD", "must be 'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
            ("MAX_TOOL_CALLS", "many", "must be a valid integer"),
            ("MAX_TOOL_CALLS", "0", "must be greater than or equal to 1"),
            ("MEMORY_MAX_TOKENS", "499", "must be greater than or equal to 500"),
            ("RUN_DEADLINE_SECONDS", "inf", "must be less than or equal to 900"),
            ("THREAD_FOLLOW", "perhaps", "must be a valid boolean"),
        ],
    )
    def test_the_complaint_says_what_is_expected(
        self, name: str, value: str, complaint: str
    ) -> None:
        assert problem(name, value) == complaint

    @pytest.mark.parametrize(
        ("given", "missing"),
        [
            ({"LLM_PROVIDER": "anthropic"}, {"ANTHROPIC_API_KEY", "ANTHROPIC_MODEL"}),
            ({"LLM_PROVIDER": "openai"}, {"OPENAI_API_KEY", "OPENAI_MODEL"}),
            (
                {"LLM_PROVIDER": "openai", "OPENAI_BASE_URL": "http://localhost:11434/v1"},
                {"OPENAI_MODEL"},
            ),
            ({"LLM_PROVIDER": "offline", "LLM_FALLBACKS": "bedrock"}, set(BEDROCK)),
        ],
    )
    def test_each_provider_in_use_has_what_it_needs(
        self, given: dict[str, str], missing: set[str]
    ) -> None:
        assert set(problems(SLACK | given)) == missing

    @pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
    def test_half_a_key_pair_is_refused(self, name: str) -> None:
        assert problems(COMPLETE | {name: "half-a-pair"}) == {
            "AWS_SECRET_ACCESS_KEY": "must be set together with AWS_ACCESS_KEY_ID"
        }

    @pytest.mark.parametrize("name", COMPLETE)
    def test_the_placeholder_of_the_example_is_refused(self, name: str) -> None:
        assert "placeholder" in problem(name, "xoxb-replace-me")

    @pytest.mark.parametrize("name", [*BEDROCK, "AWS_PROFILE", "AWS_BEARER_TOKEN_BEDROCK"])
    def test_a_placeholder_that_the_provider_does_not_need_counts_as_not_set(
        self, name: str
    ) -> None:
        environ = SLACK | {"LLM_PROVIDER": "offline"}
        assert load_settings(environ | {name: "replace-me"}, None) == load_settings(environ, None)

    def test_a_placeholder_is_refused_while_the_provider_is_not_known(self) -> None:
        found = problems(COMPLETE | {"LLM_PROVIDER": "?", "AWS_REGION": "replace-me"})
        assert set(found) == {"LLM_PROVIDER", "AWS_REGION"}

    def test_a_broken_half_of_a_key_pair_is_the_only_complaint(self) -> None:
        pair = {"AWS_ACCESS_KEY_ID": "two words", "AWS_SECRET_ACCESS_KEY": "half-a-pair"}
        assert list(problems(COMPLETE | pair)) == ["AWS_ACCESS_KEY_ID"]

    @pytest.mark.parametrize(
        "url",
        [
            "wiki.example",
            "ftp://wiki.example",
            "https://",
            "https://me:pw@wiki.example",
            "https://wiki.example?token=1",
            "https://wiki.example#here",
            "https://wiki.example:port",
            "http://[::1",
        ],
    )
    def test_only_plain_web_addresses_are_taken(self, url: str) -> None:
        assert "https://example.com" in problem("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", url)

    @given(
        value=st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=12),
        name=st.sampled_from([name.upper() for name in Settings.model_fields]),
    )
    def test_no_value_is_ever_shown(self, name: str, value: str) -> None:
        with pytest.raises(ConfigurationError) as shown:
            load_settings({name: value}, None)
        with pytest.raises(ValidationError) as raised:
            Settings({name: value}, None)
        assert value not in f"{shown.value}{shown.value.__context__}{raised.value!s}"


class TestValues:
    def test_a_list_is_separated_by_commas(self) -> None:
        settings = load(**CONFLUENCE | {"CONFLUENCE_SPACES": "OPS, ENG ,, ~me"})
        assert settings.confluence_spaces == ("OPS", "ENG", "~me")

    @given(
        keys=st.lists(
            st.from_regex(r"~?[A-Za-z0-9_.:@-]{1,255}", fullmatch=True), min_size=1, max_size=3
        )
    )
    def test_a_list_of_space_keys_is_taken_as_it_is(self, keys: list[str]) -> None:
        settings = load(**CONFLUENCE | {"CONFLUENCE_SPACES": ",".join(keys)})
        assert settings.confluence_spaces == tuple(keys)

    def test_a_star_is_everything(self) -> None:
        assert load(**CONFLUENCE | {"CONFLUENCE_SPACES": "*"}).confluence_spaces == ("*",)

    def test_an_address_loses_its_last_slash(self) -> None:
        settings = load(SLACK_API_URL="http://127.0.0.1:8080/api/")
        assert settings.slack_api_url == "http://127.0.0.1:8080/api"

    @pytest.mark.parametrize(("text", "value"), [("on", True), ("OFF", False), ("0", False)])
    def test_a_switch_is_on_or_off(self, text: str, value: bool) -> None:
        assert load(THREAD_FOLLOW=text).thread_follow is value

    def test_choices_are_taken_in_any_case(self) -> None:
        settings = load(LOG_LEVEL="debug", LOG_FORMAT="Console", LLM_PROVIDER="OFFLINE")
        chosen = (settings.log_level, settings.log_format, settings.llm_provider)
        assert chosen == ("DEBUG", "console", "offline")

    def test_settings_cannot_be_changed(self) -> None:
        with pytest.raises(ValidationError):
            load().aws_region = "elsewhere"


class TestConfluence:
    @pytest.mark.parametrize(
        ("absent", "named", "complaint"),
        [
            ("CONFLUENCE_URL", "CONFLUENCE_API_TOKEN", "is set, but CONFLUENCE_URL is missing"),
            ("CONFLUENCE_API_TOKEN", "CONFLUENCE_API_TOKEN", "is missing: CONFLUENCE_URL is set"),
            ("CONFLUENCE_SPACES", "CONFLUENCE_SPACES", "is empty: list what may be read"),
        ],
    )
    def test_a_source_that_is_on_has_all_it_needs(
        self, absent: str, named: str, complaint: str
    ) -> None:
        environ = COMPLETE | CONFLUENCE
        del environ[absent]
        found = problems(environ)
        assert list(found) == [named]
        assert found[named].startswith(complaint)

    def test_a_list_of_commas_is_empty(self) -> None:
        assert (
            "empty"
            in problems(COMPLETE | CONFLUENCE | {"CONFLUENCE_SPACES": " , "})["CONFLUENCE_SPACES"]
        )

    @pytest.mark.parametrize(
        "value",
        [
            '["OPS","ENG"]',
            "'OPS'",
            "OPS ENG",
            "OPS;ENG",
            "OPS, **",
            "~",
            "OPS, \u00d6PS",
            "K" * 256,
        ],
    )
    def test_what_is_no_space_key_is_refused(self, value: str) -> None:
        complaint = problem("CONFLUENCE_SPACES", value, **CONFLUENCE_SITE)
        assert complaint == "must be keys of spaces, plain and with commas, such as: OPS, ENG"

    def test_a_wrong_address_is_the_only_complaint(self) -> None:
        found = problems(COMPLETE | CONFLUENCE | {"CONFLUENCE_URL": "wiki"})
        assert list(found) == ["CONFLUENCE_URL"]

    def test_it_is_off_without_address_and_token(self) -> None:
        assert load(CONFLUENCE_EMAIL="bot@company.example").confluence_url is None


JIRA = {
    "JIRA_URL": "https://jira.example",
    "JIRA_API_TOKEN": "a-jira-token",
    "JIRA_PROJECTS": "PAY, ops",
}
GITHUB = {"GITHUB_TOKEN": "a-github-token", "GITHUB_REPOS": "acme/*, !acme/secret"}


class TestOtherSources:
    def test_lists_say_what_may_be_read(self) -> None:
        settings = load(**JIRA, **GITHUB, SLACK_HISTORY_CHANNELS="general, #support, C012345")
        assert settings.jira_projects == ("PAY", "ops")
        assert settings.github_repos == ("acme/*", "!acme/secret")
        assert settings.slack_history_channels == ("general", "#support", "C012345")

    @pytest.mark.parametrize(
        ("absent", "named", "complaint"),
        [
            ("JIRA_URL", "JIRA_API_TOKEN", "is set, but JIRA_URL is missing: Jira needs both"),
            (
                "JIRA_API_TOKEN",
                "JIRA_API_TOKEN",
                "is missing: JIRA_URL is set, and Jira needs both",
            ),
            ("JIRA_PROJECTS", "JIRA_PROJECTS", "is empty: list what may be read, or * for all"),
            ("GITHUB_REPOS", "GITHUB_REPOS", "is empty: list what may be read, or * for all"),
        ],
    )
    def test_a_source_that_is_on_has_all_it_needs(
        self, absent: str, named: str, complaint: str
    ) -> None:
        environ = COMPLETE | JIRA | GITHUB
        del environ[absent]
        assert problems(environ) == {named: complaint}

    def test_a_user_token_needs_channels(self) -> None:
        assert problems(COMPLETE | {"SLACK_USER_TOKEN": "xoxp-1-me"}) == {
            "SLACK_HISTORY_CHANNELS": "is empty: list what may be read, or * for all"
        }

    @pytest.mark.parametrize(
        ("name", "value", "complaint"),
        [
            ("JIRA_PROJECTS", "PAY OPS", "must be keys of projects, plain and with commas"),
            ("JIRA_PROJECTS", "1PAY", "must be keys of projects, plain and with commas"),
            ("GITHUB_REPOS", "acme", "must be names of repositories, plain and with commas"),
            ("GITHUB_REPOS", "acme/a b", "must be names of repositories, plain and with commas"),
            ("GITHUB_REPOS", "!*", "must be names of repositories, plain and with commas"),
            ("GITHUB_SEARCH", "wikis", "must be 'issues', 'pull_requests' or 'code'"),
            ("GITHUB_SEARCH", ",", "is empty"),
            ("SLACK_HISTORY_CHANNELS", "<#C1>", "must be names or ids of channels"),
            ("SLACK_USER_TOKEN", "xoxb-1", "must begin with xoxp- (this is a bot token)"),
        ],
    )
    def test_the_complaint_says_what_is_expected(
        self, name: str, value: str, complaint: str
    ) -> None:
        assert problem(name, value, SLACK_HISTORY_CHANNELS="general").startswith(complaint)


class TestDemo:
    DEMO: ClassVar[dict[str, str]] = {
        **SLACK,
        "CONFLUENCE_URL": "http://127.0.0.1:1",
        "CONFLUENCE_API_TOKEN": "not-a-secret",
        "CONFLUENCE_SPACES": "OPS",
    }

    def settings(self, environ: dict[str, str], env_file: Path | None = None) -> Settings:
        return demo_settings(self.DEMO, environ, env_file)

    def test_nothing_need_be_set(self) -> None:
        settings = self.settings({})
        assert (settings.llm_provider, settings.log_format) == ("offline", "console")

    def test_the_model_is_ones_own(self, tmp_path: Path) -> None:
        env_file = write(tmp_path, "AWS_REGION=eu-north-1\nAWS_BEDROCK_MODEL_ID=mine")
        settings = self.settings({"LLM_PROVIDER": "bedrock"}, env_file)
        chosen = (settings.llm_provider, settings.aws_region, settings.aws_bedrock_model_id)
        assert chosen == ("bedrock", "eu-north-1", "mine")

    def test_slack_and_the_sources_are_the_demos(self, tmp_path: Path) -> None:
        env_file = write(tmp_path, "SLACK_BOT_TOKEN_FILE=/nowhere\nJIRA_URL=https://jira.example")
        settings = self.settings({"GITHUB_TOKEN": "mine", "CONFLUENCE_SPACES": "*"}, env_file)
        assert settings.confluence_spaces == ("OPS",)
        assert (settings.jira_url, settings.github_token) == (None, None)

    def test_a_model_that_cannot_be_reached_is_told(self) -> None:
        with pytest.raises(ConfigurationError, match="AWS_REGION"):
            self.settings({"LLM_PROVIDER": "bedrock"})


class TestSecrecy:
    def test_neither_repr_nor_str_shows_a_secret(self) -> None:
        settings = load(**CONFLUENCE)
        shown = f"{settings!r}{settings}{settings.model_dump()}{settings.model_dump_json()}"
        assert [secret for secret in settings.secrets() if secret in shown] == []

    def test_all_secrets_are_known_to_the_mask(self) -> None:
        keys = {"AWS_ACCESS_KEY_ID": "AKIA0000", "AWS_SECRET_ACCESS_KEY": "a-secret-key"}
        settings = load(**CONFLUENCE, **keys)
        expected = {value for name, value in (SLACK | CONFLUENCE).items() if name in SECRETS}
        assert settings.secrets() == expected | set(keys.values())

    def test_whatever_is_named_like_a_secret_is_one(self) -> None:
        for name, field in Settings.model_fields.items():
            if name.endswith(("_token", "_secret", "_key", "_key_id", "_token_bedrock")):
                assert SecretStr.__name__ in str(field.annotation), name


class TestNearMisses:
    @pytest.mark.parametrize(
        ("name", "meant"),
        [
            ("SLACK_BOT_TOKN", "SLACK_BOT_TOKEN"),
            ("SLACK_TOKEN", "SLACK_BOT_TOKEN"),
            ("SLACK_BOT_TOKENS_FILE", "SLACK_BOT_TOKEN_FILE"),
            ("CONFLUENCE_TOKEN", "CONFLUENCE_API_TOKEN"),
            ("CONFLUENCE_SPACE", "CONFLUENCE_SPACES"),
            ("AWS_BEDROCK_MODEL", "AWS_BEDROCK_MODEL_ID"),
            ("AWS_DEFAULT_REGION", None),
            ("AWS_EC2_METADATA_DISABLED", None),
            ("PATH", None),
            ("LOGLEVEL", None),
            ("SERVICENOW_URL", None),
            ("MAX_COST_PER_ANSWER", None),
        ],
    )
    def test_what_looks_like_a_setting_is_told(self, name: str, meant: str | None) -> None:
        expected = (NearMiss(name, meant),) if meant else ()
        assert near_misses(COMPLETE | {name: "x"}, None) == expected

    def test_the_file_is_looked_at_too(self, tmp_path: Path) -> None:
        env_file = write(tmp_path, "LOG_LEVL=DEBUG")
        assert near_misses(COMPLETE, env_file) == (NearMiss("LOG_LEVL", "LOG_LEVEL"),)

    def test_nothing_is_told_of_known_names(self) -> None:
        known = {name.upper(): "x" for name in Settings.model_fields}
        assert near_misses(known, None) == ()


def write(folder: Path, text: str, name: str = ".env") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_prices_are_numbers_by_model() -> None:
    written = "qwen3=0/0, arn:aws:bedrock:us-east-1:1:profile/x=3/15.5/0.3/3.75"
    assert load(LLM_PRICES=written).llm_prices == tuple(written.split(", "))
    for wrong in (
        "qwen3",
        "qwen3=",
        "qwen3=1",
        "=1/2",
        "a=1/2/3/4/5",
        "a=-1/2",
        "a=1e3/2",
        "a=1/2/3",
    ):
        assert "such as: qwen3=0/0" in problem("LLM_PRICES", wrong)


@pytest.mark.parametrize("name", ["DAILY_BUDGET", "MAX_COST_PER_ANSWER"])
def test_a_limit_on_costs_is_an_amount(name: str) -> None:
    assert getattr(load(**{name: "2.5"}), name.lower()) == 2.5
    for wrong in ("-1", "inf", "nan", "much"):
        assert "must be" in problem(name, wrong)
