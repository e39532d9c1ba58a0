"""A lost answer of the provider, from the send to the end: one message, whatever its content."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode

import attrs
import pytest
from tests.support.shop import ANA, NUMBER, shop
from tests.twilio.conftest import ACCOUNT, PUBLIC, TOKEN, signed

from wa_omnichannel.adapters.memory import MemoryStore
from wa_omnichannel.adapters.twilio import TwilioTransport
from wa_omnichannel.emulator import Customer, Emulator
from wa_omnichannel.machine import OffsetClock
from wa_omnichannel.messages import Content, DeliveryStatus, Location, Media, TemplateMessage, Text
from wa_omnichannel.omnichannel import Omnichannel
from wa_omnichannel.rules import Rules
from wa_omnichannel.templates import Approval, Template, Translation

CONTENTS: tuple[Content, ...] = (
    Text("Hola"),
    Media("https://example.com/a.pdf", "application/pdf", name="a.pdf", size=1000),
    Location(40.4, -3.7, "Sol"),
    TemplateMessage("pedido_listo", {"1": "Ana", "2": "4711"}),
)


def rules(content_sid: str) -> Rules:
    text = "Hola {{1}}, su pedido {{2}} ya está listo. ¿Desea que se lo enviemos hoy?"
    template = Template("pedido_listo", (Translation("es", text, Approval.APPROVED, content_sid),), "es")
    return attrs.evolve(shop(), templates=[template])


@attrs.frozen
class Channel:
    """A channel on the emulator."""

    twilio: Emulator
    desk: Omnichannel
    clock: OffsetClock

    def later(self, by: timedelta) -> None:
        self.clock.advance(by)
        self.twilio.clock.advance(by)
        self.desk.tick()

    @property
    def sent(self) -> list[str]:
        return [each.sid for each in self.twilio.messages if each.direction == "outbound-api"]


@pytest.fixture
def channel(twilio: Emulator, ana: Customer) -> Iterator[Channel]:
    clock = OffsetClock()
    with TwilioTransport(
        account_sid=ACCOUNT, auth_token=TOKEN, public_url=PUBLIC, base_url=twilio.base_url
    ) as transport:
        desk = Omnichannel(rules(twilio.pedido_listo_sid), store=MemoryStore(), transport=transport, clock=clock)
        form = {"MessageSid": "SM1", "From": f"whatsapp:{ANA}", "To": f"whatsapp:{NUMBER}", "Body": "Hola"}
        assert desk.receive(signed(urlencode(form).encode())).status == 200
        yield Channel(twilio, desk, clock)


@pytest.mark.parametrize("content", CONTENTS, ids=lambda content: type(content).__name__)
def test_a_lost_answer_is_not_sent_twice(channel: Channel, content: Content) -> None:
    """The message is found in the provider's list, which shows neither templates nor places (must-pass 23)."""
    channel.twilio.faults.fail_next(500, processed=True)
    message = channel.desk.send(NUMBER, ANA, content)
    assert message.status is DeliveryStatus.UNKNOWN
    channel.twilio.wait_idle()
    for _ in range(12):
        channel.later(timedelta(seconds=6))
    assert [channel.desk.message(message.id).sid] == channel.sent


@pytest.mark.parametrize("content", CONTENTS, ids=lambda content: type(content).__name__)
def test_what_was_not_sent_is_sent_again(channel: Channel, content: Content) -> None:
    """Nothing in the list after the settle time: it was not sent."""
    channel.twilio.faults.fail_next(500, processed=False)
    message = channel.desk.send(NUMBER, ANA, content)
    for _ in range(12):
        channel.later(timedelta(seconds=6))
    assert [channel.desk.message(message.id).sid] == channel.sent
