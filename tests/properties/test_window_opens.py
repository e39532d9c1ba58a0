"""What opens the window, row by row of the table in the reference; and people who prove to be one, at the same time."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.shop import ANA, NOW, NUMBER
from tests.support.stage import Running, Stage, interleave

from wa_omnichannel._flows import receiving
from wa_omnichannel.addresses import Address
from wa_omnichannel.conversation import Status
from wa_omnichannel.messages import (
    ButtonReply,
    Content,
    FlowReply,
    Inbound,
    ListReply,
    Location,
    Media,
    TemplateMessage,
    Text,
    Unsupported,
)
from wa_omnichannel.session import WINDOW, closes_at

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "session.md"
ROWS = [line.split("|")[1:3] for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
TABLE = {kind.strip().strip("`"): opens.strip() for kind, opens in ROWS if opens.strip() in ("yes", "no")}
LATER = NOW + timedelta(hours=5)
USER = Address("ES.1349120865")


def hears(content: Content) -> Callable[[Stage], object]:
    def happen(made: Stage) -> object:
        return made.desk.receive(made.provider.webhook(Inbound("IN2", NUMBER, (ANA,), content), LATER))

    return happen


def reports(made: Stage) -> object:
    sent = made.desk.reply(made.conversation.id, Text("Hola"))
    return [made.play(made.reports(str(sent.sid), word, sent.id)) for word in ("delivered", "read")]


HAPPENINGS: Mapping[str, Sequence[Callable[[Stage], object]]] = {
    "Text": [hears(Text("Hola")), hears(Text("STOP")), hears(Text("BAJA")), hears(Text(""))],
    "Media": [
        hears(Media("https://x.example/f", "image/jpeg")),
        hears(Media("https://x.example/f", "application/zip")),
    ],
    "Location": [hears(Location(40.4, -3.7))],
    "ButtonReply": [hears(ButtonReply("Sí", "yes")), hears(ButtonReply("Stop promotions", "x"))],
    "ListReply": [hears(ListReply("Uno", "1"))],
    "FlowReply": [hears(FlowReply("{}"))],
    "Unsupported": [hears(Unsupported("reaction"))],
    "call": [lambda made: made.desk.record_call(NUMBER, ANA, LATER)],
    "status callback": [reports],
    "reply": [lambda made: made.desk.reply(made.conversation.id, Text("Hola"))],
    "template": [lambda made: made.desk.send(NUMBER, ANA, TemplateMessage("order_ready", {"1": "Ana"}))],
}


def test_the_table_has_every_kind_of_content() -> None:
    kinds = {kind.__name__ for kind in get_args(Content) if kind is not TemplateMessage}
    assert kinds <= set(TABLE)
    assert set(TABLE) == set(HAPPENINGS)


@pytest.mark.parametrize("kind", HAPPENINGS)
def test_ses_2_ses_4_the_table_says_what_opens_the_window(kind: str) -> None:
    for happen in HAPPENINGS[kind]:
        made = Stage()
        made.play(made.hears())
        made.clock.advance(LATER - NOW)
        happen(made)
        opened = LATER if TABLE[kind] == "yes" else NOW
        assert closes_at(made.desk.thread(made.conversation.id).window) == opened + WINDOW


@given(st.data())
def test_peers_case_8_people_who_prove_to_be_one_while_they_write_and_are_answered_end_as_one(
    data: st.DataObject,
) -> None:
    """Messages under both addresses, one webhook that shows both, workers: in any order of their steps."""
    made = Stage()
    webhooks = [(ANA,), (USER,), (ANA, USER), (USER, ANA)]
    flows = [
        receiving.receive(
            made.rules,
            made.provider.webhook(
                Inbound(f"IN{n}", NUMBER, addresses, Text(f"message {n}")), NOW + n * timedelta(minutes=1)
            ),
        )
        for n, addresses in enumerate(webhooks)
    ]

    def choose(running: Sequence[Running]) -> Running:
        return data.draw(st.sampled_from(running))

    outcomes = interleave(made, [*flows, made.ticks()], choose)
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    live = [each for each in made.desk.conversations() if each.conversation.status is not Status.CLOSED]
    assert len(live) == 1
    assert len({each.contact for each in live}) == 1
    thread = made.desk.thread(live[0].conversation.id)
    assert closes_at(thread.window) == NOW + timedelta(minutes=3) + WINDOW
    said = [
        message.content for each in made.desk.conversations() for message in made.desk.messages(each.conversation.id)
    ]
    assert sorted(map(str, said)) == sorted(str(Text(f"message {n}")) for n in range(4))
