"""What people see when Slack's limits leave no room for more, end to end over real sockets."""

from __future__ import annotations

from kit.leaks import nothing_left_behind
from kit.scripted_model import Round
from kit.world import world
from slackbot.config import load_settings
from slackbot.main import create_app
from slackbot.slack.api.rates import Limit

WORDS = ["It is here. ", *(f"Word{number} " for number in range(10)), "End."]
GROWING = Round(text=WORDS, piece_every=0.05)
ONE_STREAM = {"chat.startStream": (Limit(1),)}


async def test_an_answer_for_which_there_is_no_stream_is_posted_whole() -> None:
    async with nothing_left_behind(), world([GROWING, GROWING]) as here:
        async with create_app(load_settings(here.settings, env_file=None), limits=ONE_STREAM):
            first = await here.ask("@slackbot one?")
            second = await here.ask("@slackbot two?")
        assert (first.answer, second.answer) == ("".join(WORDS), "".join(WORDS))
        assert (first.mark, second.mark) == ("white_check_mark", "white_check_mark")
        assert len(here.calls("chat.startStream")) == 1
        assert [call["markdown_text"] for call in here.calls("chat.postMessage")] == [second.answer]
