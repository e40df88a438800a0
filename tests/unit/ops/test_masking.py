"""No secret survives the mask, and nothing else is touched by it."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from kit.growth import assert_linear, repeated
from slackbot.ops.masking import MASK, mask_deep, masker

if TYPE_CHECKING:
    from collections.abc import Callable

ALPHANUMERIC = string.ascii_letters + string.digits


def drawn(alphabet: str, size: int, before: str = "") -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=size, max_size=size + 20).map(lambda text: before + text)


def mixed(text: str) -> bool:
    """Say whether text has a character that sets a credential apart from a word."""
    return any(character.isupper() or character.isdigit() for character in text[1:])


TOKENS = st.one_of(
    *(drawn(ALPHANUMERIC + "-", 12, f"xox{kind}-") for kind in "bpeas"),
    drawn(ALPHANUMERIC + "-", 12, "xapp-"),
    drawn(ALPHANUMERIC + "-", 12, "xwfp-"),
    *(drawn(ALPHANUMERIC, 36, f"gh{kind}_") for kind in "opsur"),
    drawn(ALPHANUMERIC + "_", 22, "github_pat_"),
    st.text(string.ascii_uppercase + string.digits, min_size=16, max_size=16).map("AKIA".__add__),
    st.text(string.ascii_uppercase + string.digits, min_size=16, max_size=16).map("ASIA".__add__),
    drawn(ALPHANUMERIC + "-_=", 20, "ATATT"),
)
CREDENTIALS = drawn(ALPHANUMERIC + "+/", 12).filter(mixed)
AROUND = st.text(max_size=30)
PROSE = st.text(st.characters(exclude_characters="-_:=?&"), max_size=200).filter(
    lambda text: (
        not any(word in text.lower() for word in ("akia", "asia", "atatt", "basic", "bearer"))
    )
)


@given(AROUND, TOKENS, AROUND)
def test_a_token_never_survives_wherever_it_stands(before: str, token: str, after: str) -> None:
    assume(token not in before + after)
    assert token not in masker()(before + token + after)


@given(AROUND, st.sampled_from(["Basic ", "Bearer ", "bearer  ", "BASIC\t"]), CREDENTIALS, AROUND)
@example("xoxa-", "Basic ", "000000000000", "")
def test_a_credential_of_a_header_never_survives(
    before: str, scheme: str, credential: str, after: str
) -> None:
    assume(credential not in before + after)
    assert credential not in masker()(f"{before}{scheme}{credential}{after}")


@given(AROUND, st.text(min_size=6, max_size=60), AROUND)
def test_a_configured_secret_never_survives(before: str, secret: str, after: str) -> None:
    masked = masker([secret])(before + secret + after)
    assert secret not in masked.replace(MASK, "\0")


@given(st.lists(AROUND | TOKENS).map("".join))
def test_masking_twice_is_masking_once(text: str) -> None:
    mask = masker()
    assert mask(mask(text)) == mask(text)


@given(PROSE)
def test_text_without_secrets_is_unchanged(text: str) -> None:
    assert masker(["a-secret-of-ours"])(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SLACK_BOT_TOKEN must begin with xoxb-",
        "Basic knowledge of bearer tokens, and basic authentication.",
        "a task-force and a risk-assessment-of-something-large",
        "https://wiki.example/pages/1?tickets=3&q=ticket",
        "see http://127.0.0.1:8080/api/chat.postMessage",
        "slackbot.assistant mention.answered",
    ],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert masker()(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("token=xoxb-12-34-abCD.", "token=xoxb-***."),
        ("xoxe.xoxp-1-Mi0yLTEy", "xoxe.xoxp-***"),
        ("{'Authorization': 'Bearer abc.DEF-123'}", "{'Authorization': 'Bearer ***'}"),
        ("(b'Authorization', b'Basic dXNlcjpwYXNz')", "(b'Authorization', b'Basic ***')"),
        ("Bearer abcdefghijklmnopqrst", "Bearer ***"),
        ("key sk-proj-abcdefghijklmnop!", "key sk-***!"),
        (
            "wss://wss-primary.slack.example/link/?ticket=1234-abcd&app_id=5",
            "wss://wss-primary.slack.example/link/?ticket=***&app_id=5",
        ),
        (
            "json: {'action_token': 'C1.2.abc', 'query': 'x'}",
            "json: {'action_token': '***', 'query': 'x'}",
        ),
        ('{"action_token":"C1.2.abc"}', '{"action_token":"***"}'),
        ("'X-Amz-Security-Token': b'IQoJb3Jp/Z2lu=='", "'X-Amz-Security-Token': b'***'"),
        ("via http://me:hunter2@proxy.example:3128/", "via http://me:***@proxy.example:3128/"),
    ],
)
def test_what_was_masked_can_be_told(text: str, masked: str) -> None:
    assert masker()(text) == masked


def test_a_secret_that_begins_with_another_is_masked_whole() -> None:
    assert masker(["secret", "secret-and-more"])("secret-and-more") == MASK


def test_a_secret_too_short_to_tell_is_left_alone() -> None:
    assert masker(["", "a"])("a banana") == "a banana"


PIECES = """xoxb- Basic_ bearer__________ ?ticket= :// ://a: ://a:b sk- a ghp_ ATATT Basic_a-
    x-amz-security-token_ github_pat_ ghp-a_ Basic_a"""


@pytest.mark.parametrize("piece", [piece.replace("_", " ") for piece in PIECES.split()])
def test_masking_takes_linear_time(piece: str) -> None:
    assert_linear(masker(["a-secret-of-ours"]), repeated(piece), 160_000)


class Holder:
    def __repr__(self) -> str:
        return "Holder(xoxb-12-34-abCD)"


def hide(text: str) -> str:
    return text.replace("secret", MASK)


@pytest.mark.parametrize(
    ("value", "mask", "masked"),
    [
        (None, hide, None),
        (True, hide, True),
        (1.5, hide, 1.5),
        ({"secret": ["secret", ("a secret", 1)]}, hide, {"***": ["***", ["a ***", 1]]}),
        ({1: {"secret"}}, hide, {"1": ["***"]}),
        (b"secret", hide, "b'***'"),
        (ValueError("secret"), hide, "ValueError('***')"),
        (Holder(), masker(), "Holder(xoxb-***)"),
    ],
)
def test_values_are_masked_throughout(
    value: object, mask: Callable[[str], str], masked: object
) -> None:
    assert mask_deep(value, mask) == masked


def test_what_is_nested_without_end_is_masked_as_text() -> None:
    endless: list[object] = ["secret"]
    endless.append(endless)
    assert "secret" not in repr(mask_deep(endless, hide))
