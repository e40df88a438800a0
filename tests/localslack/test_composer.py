"""What people type becomes text with entities and a rich_text block."""

from __future__ import annotations

from inline_snapshot import snapshot

from localslack.composer import Composed, compose


def type_in(raw: str) -> Composed:
    return compose(raw, {"slackbot": "U2", "ana": "U1"}.get, {"general": "C1"}.get)


def test_names_channels_broadcasts_and_addresses_become_entities() -> None:
    said = type_in("@slackbot see #general, https://a.b/c?d=1&e=2. cc @here @nobody #nowhere")
    assert said.text == snapshot(
        "<@U2> see <#C1|general>, <https://a.b/c?d=1&amp;e=2>. cc <!here> @nobody #nowhere"
    )
    assert said.blocks == snapshot(
        (
            {
                "type": "rich_text",
                "block_id": "typed",
                "elements": [
                    {
                        "type": "rich_text_section",
                        "elements": [
                            {"type": "user", "user_id": "U2"},
                            {"type": "text", "text": " see "},
                            {"type": "channel", "channel_id": "C1"},
                            {"type": "text", "text": ", "},
                            {"type": "link", "url": "https://a.b/c?d=1&e=2"},
                            {"type": "text", "text": ". cc "},
                            {"type": "broadcast", "range": "here"},
                            {"type": "text", "text": " "},
                            {"type": "text", "text": "@nobody"},
                            {"type": "text", "text": " "},
                            {"type": "text", "text": "#nowhere"},
                        ],
                    }
                ],
            },
        )
    )


def test_a_mention_in_code_is_in_the_text_but_is_no_user_element() -> None:
    """So only the block tells a real mention from a quoted one."""
    said = type_in("`@slackbot x`\n```\n@ana @nobody\n```")
    assert said.text == "`<@U2> x`\n```\n<@U1> @nobody\n```"
    assert said.blocks[0]["elements"] == [
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "text", "text": "@slackbot x", "style": {"code": True}},
                {"type": "text", "text": "\n"},
            ],
        },
        {
            "type": "rich_text_preformatted",
            "elements": [{"type": "text", "text": "@ana @nobody"}],
        },
    ]


def test_what_looks_like_an_entity_is_escaped() -> None:
    """Nobody can type a broadcast or a forged mention by its wire form."""
    assert type_in("<!channel> & <@U2>").text == "&lt;!channel&gt; &amp; &lt;@U2&gt;"


def test_an_email_address_is_no_mention_and_names_end_before_punctuation() -> None:
    assert type_in("a@slackbot @slackbot, @ana.").text == "a@slackbot <@U2>, <@U1>."


def test_nothing_typed_is_an_empty_block() -> None:
    assert type_in("") == Composed(
        "", ({"type": "rich_text", "block_id": "typed", "elements": []},)
    )
