"""The window of a whole channel: the same for every order and repetition of what arrives."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import attrs
from hypothesis import given
from hypothesis import strategies as st
from tests.support.shop import ANA, NOW, NUMBER, shop
from tests.support.stage import Stage

from wa_omnichannel.messages import Inbound, StatusReport, Text
from wa_omnichannel.session import Window, receive, refute
from wa_omnichannel.webhooks import WebhookRequest

MINUTE = timedelta(minutes=1)


@attrs.frozen
class Wrote:
    """The customer wrote at an instant."""

    sid: str
    at: datetime


@attrs.frozen
class Reported:
    """A callback about one of our messages arrived."""

    message: int
    word: str
    code: int | None


SENT = 3
"""Messages of ours, a minute apart, that callbacks may be about."""
CALLBACKS = st.builds(
    Reported,
    st.integers(0, SENT - 1),
    st.sampled_from(("sent", "delivered", "read", "failed", "undelivered")),
    st.sampled_from((None, 63016, 63024)),
)
INBOUND = st.integers(0, 3).map(lambda n: Wrote(f"IN{n + 10}", NOW + (n - 1) * MINUTE))
HISTORIES = st.lists(INBOUND | CALLBACKS, max_size=6)


def webhook(made: Stage, sids: Sequence[str], happened: Wrote | Reported) -> WebhookRequest:
    if isinstance(happened, Wrote):
        return made.provider.webhook(Inbound(happened.sid, NUMBER, (ANA,), Text("Hola")), happened.at)
    report = StatusReport(sids[happened.message], happened.word, None, happened.code)
    return made.provider.webhook(report)


def window_after(history: Sequence[Wrote | Reported]) -> Window:
    """Let the history arrive at a channel on which Ana wrote and was answered, and return the window."""
    made = Stage(shop())
    made.desk.receive(made.provider.webhook(Inbound("IN1", NUMBER, (ANA,), Text("Hola")), NOW))
    sids = []
    for _ in range(SENT):
        sids.append(str(made.desk.reply(made.conversation.id, Text("Buenas")).sid))
        made.clock.advance(MINUTE)
    for happened in history:
        made.desk.receive(webhook(made, sids, happened))
    return made.desk.thread(made.conversation.id).window


@given(HISTORIES, st.data())
def test_peers_case_2_any_order_and_repetition_of_webhooks_gives_the_same_window(
    history: list[Wrote | Reported], data: st.DataObject
) -> None:
    """Inbound messages and callbacks, 63016 among them; and it is the window that the pure rule gives."""
    again = data.draw(st.lists(st.sampled_from(history), max_size=3)) if history else []
    shuffled = data.draw(st.permutations([*history, *again]))
    expected = receive(Window(), NOW)
    for happened in history:
        if isinstance(happened, Wrote):
            expected = receive(expected, happened.at)
        elif happened.code == 63016:
            expected = refute(expected, NOW + happened.message * MINUTE)
    assert window_after(shuffled) == window_after(history) == expected
