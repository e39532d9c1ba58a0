"""Long texts in several messages: in order, whole words, never inside a character or a link."""

import re
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.shop import ANA, NOW, NUMBER, shop
from tests.support.stage import Stage

from wa_omnichannel import sending
from wa_omnichannel.adapters.graphemes import clusters
from wa_omnichannel.messages import MAX_TEXT, Text
from wa_omnichannel.rules import Rules
from wa_omnichannel.sending import Allowed, SendPolicy, Situation
from wa_omnichannel.sending.splitting import split
from wa_omnichannel.session import Window

FAMILY = "👩‍👩‍👧‍👦"
PIECES = st.sampled_from(
    (
        "a",
        "ñ",
        "n\u0303",
        FAMILY,
        "🇪🇸",
        "👍🏽",
        " ",
        " \u0301",
        "  ",
        "\n",
        "\n\n",
        "\r\n",
        "https://example.com/a?b=c ",
        "www.x.es\n",
        "!",
    )
)
TEXTS = st.lists(PIECES, max_size=60).map("".join)
LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)


def blank(text: str) -> str:
    return re.sub(r"\s+", "", text)


@given(TEXTS, st.integers(1, 60))
def test_nothing_is_lost_reordered_or_too_long(text: str, limit: int) -> None:
    parts = split(text, limit, clusters)
    if parts is not None:
        assert all(0 < len(part) <= limit for part in parts)
        assert "".join(map(blank, parts)) == blank(text)


@given(TEXTS, st.integers(30, 60))
def test_no_character_and_no_link_is_broken(text: str, limit: int) -> None:
    parts = split(text, limit, clusters)
    assert parts is not None
    ends = set(accumulate(map(len, clusters(text))))
    place = 0
    for part in parts:
        start = text.index(part, place)
        place = start + len(part)
        assert start == 0 or start in ends
        assert place in ends
        assert not any(link.start() < place < link.end() for link in LINK.finditer(text))


@given(st.text(), st.integers(1, 40))
def test_any_text_is_split_or_refused(text: str, limit: int) -> None:
    parts = split(text, limit, clusters)
    if parts is None:
        units = [*clusters(text), *(found[0] for found in LINK.finditer(text))]
        assert any(len(unit) > limit for unit in units)


def test_a_short_text_stays_one() -> None:
    assert split(" Hola ", 10, clusters) == ("Hola",)
    assert split("", 10, clusters) == ()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Uno dos.\n\nTres cuatro cinco", ("Uno dos.", "Tres cuatro", "cinco")),
        ("una línea\notra línea", ("una línea", "otra línea")),
        ("x" * 30, ("x" * 14, "x" * 14, "x" * 2)),
    ],
)
def test_it_breaks_where_people_would(text: str, parts: tuple[str, ...]) -> None:
    assert split(text, 14, clusters) == parts


def test_a_link_that_alone_is_too_long_is_not_broken() -> None:
    assert split("https://example.com/" + "x" * 30, 20, clusters) is None


# in the decision and on the way


def ask(text: str, **more: object) -> sending.Verdict:
    policy = SendPolicy(**more)  # type: ignore[arg-type]
    return sending.decide(policy, Situation(Window(NOW)), Text(text), NOW)


def test_a_long_text_is_refused_unless_the_settings_split_it() -> None:
    long = "palabra " * 300
    refused = ask(long)
    assert not isinstance(refused, Allowed)
    assert refused.reason == "text_too_long"
    allowed = ask(long, split=clusters)
    assert isinstance(allowed, Allowed)
    assert [check.code for check in allowed.trace if check.rule == "WA-TEXT"] == ["text_split"]
    parts = (allowed.content, *allowed.rest)
    assert all(isinstance(part, Text) and len(part.body) <= MAX_TEXT for part in parts)
    assert len(parts) == 2


def test_the_parts_arrive_in_order() -> None:
    known = shop()
    numbers = [type(each)(each.number, each.name, each.workstream, split=clusters) for each in known.numbers]
    made = Stage(Rules(numbers, known.workstreams, known.queues))
    made.play(made.hears())
    text = " ".join(f"palabra{n}" for n in range(500))
    first = made.desk.reply(made.conversation.id, Text(text), request_id="r")
    made.settle()
    said = [content.body for content in made.arrived() if isinstance(content, Text)]
    assert len(said) == 4
    assert " ".join(said) == text
    assert made.desk.reply(made.conversation.id, Text(text), request_id="r").id == first.id
    assert len(made.arrived()) == 4
    assert (made.provider.handed[0].outgoing.to, made.provider.handed[0].outgoing.sender) == (ANA, NUMBER)
