"""Quarantine: what the provider sent and nobody can be given is answered, kept whole, and replayed."""

from typing import Any

import attrs
import pytest
from tests.support.shop import ANA, NOW, NUMBER, shop
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped, unused-ignore]

from wa_omnichannel.adapters.memory import MemoryStore
from wa_omnichannel.adapters.twilio import TwilioTransport
from wa_omnichannel.addresses import Address
from wa_omnichannel.errors import MalformedWebhook, NotFound
from wa_omnichannel.machine import FixedClock
from wa_omnichannel.messages import Inbound, Text
from wa_omnichannel.omnichannel import Omnichannel
from wa_omnichannel.rules import Number, Rules
from wa_omnichannel.testing.fakes import RecordingTransport
from wa_omnichannel.webhooks import WebhookRequest

STRANGER = Address("+447700900123")
URL = "https://example.com/wa"
TOKEN = "t0k3n"


class Desk(Omnichannel):
    def __init__(self) -> None:
        self.clock = FixedClock(NOW)
        self.provider = RecordingTransport(self.clock)
        super().__init__(shop(), store=MemoryStore(), transport=self.provider, clock=self.clock)


def changed(rules: Rules, **values: Any) -> Rules:
    """Return the rules with another first number."""
    return attrs.evolve(rules, numbers=[attrs.evolve(rules.numbers[0], **values), *rules.numbers[1:]])


def test_a_message_for_an_unknown_number_is_kept_whole_and_can_be_replayed() -> None:
    """CH-7, CH-32: the number is configured afterwards; the message counts from the instant it arrived."""
    desk = Desk()
    inbound = Inbound("IN1", STRANGER, (ANA,), Text("Hola"), "Ana", extra={"New": "parameter"})
    arrived = desk.clock.now()
    statuses = [desk.receive(desk.provider.webhook(inbound)).status for _ in range(2)]
    assert statuses == [200, 200]
    (held,) = desk.quarantine()
    assert (held.reason, held.inbound, held.at) == ("number_unknown", inbound, arrived)
    assert desk.replay(held.id) == "held"
    desk.rules = attrs.evolve(desk.rules, numbers=[*desk.rules.numbers, Number(STRANGER, "New", "main")])
    assert desk.replay(held.id) == "message"
    (listing,) = desk.conversations()
    assert desk.thread(listing.conversation.id).window.last_inbound_at == arrived
    assert desk.quarantine() == ()
    with pytest.raises(NotFound):
        desk.replay(held.id)


@pytest.mark.parametrize(
    ("values", "reason"), [({"enabled": False}, "number_off"), ({"workstream": ""}, "number_unassigned")]
)
def test_a_number_that_is_off_or_free_takes_no_messages(values: dict[str, object], reason: str) -> None:
    """CH-31, CH-7: its messages wait in quarantine; switched on again, it has them and all its history."""
    desk = Desk()
    before = desk.rules
    desk.receive(desk.provider.webhook(Inbound("IN1", NUMBER, (ANA,), Text("Antes"))))
    desk.rules = changed(before, **values)
    desk.receive(desk.provider.webhook(Inbound("IN2", NUMBER, (ANA,), Text("Entretanto"))))
    (held,) = desk.quarantine()
    assert held.reason == reason
    desk.rules = before
    desk.replay(held.id)
    (listing,) = desk.conversations()
    assert [message.content for message in desk.messages(listing.conversation.id)] == [
        Text("Antes"),
        Text("Entretanto"),
    ]


def test_a_number_that_is_off_sends_nothing() -> None:
    """CH-31."""
    desk = Desk()
    desk.rules = changed(desk.rules, enabled=False)
    verdict = desk.can_send(NUMBER, ANA, Text("Hola"))
    assert verdict.reason == "number_off"  # type: ignore[union-attr]


def test_a_deleted_number_keeps_its_history_for_when_it_is_set_up_again() -> None:
    """CH-32: deleted and set up again, the thread goes on: its window, its conversation, its messages."""
    desk = Desk()
    desk.receive(desk.provider.webhook(Inbound("IN1", NUMBER, (ANA,), Text("Antes"))))
    before = desk.rules
    (was,) = desk.conversations()
    desk.rules = attrs.evolve(before, numbers=before.numbers[1:])
    assert desk.messages(was.conversation.id)
    desk.rules = before
    desk.receive(desk.provider.webhook(Inbound("IN2", NUMBER, (ANA,), Text("Después"))))
    (now,) = desk.conversations()
    assert now.conversation.id == was.conversation.id
    assert len(desk.messages(was.conversation.id)) == 2


def test_only_numbers_without_a_workstream_are_offered() -> None:
    """CH-7: a number belongs to one workstream; those that belong to none are free."""
    rules = changed(shop(), workstream="")
    assert [number.number for number in rules.free_numbers()] == [NUMBER]


def channel() -> Omnichannel:
    transport = TwilioTransport(account_sid="AC" + "0" * 32, auth_token=TOKEN, public_url=URL)
    return Omnichannel(shop(), store=MemoryStore(), transport=transport)


def request(body: str, token: str = TOKEN) -> WebhookRequest:
    parameters = dict(pair.split("=", 1) for pair in body.split("&"))
    headers = (
        ("content-type", "application/x-www-form-urlencoded"),
        ("x-twilio-signature", RequestValidator(token).compute_signature(URL + "/inbound", parameters)),
        ("authorization", "Basic c2VjcmV0"),
    )
    return WebhookRequest(body.encode(), headers, "/inbound")


def test_a_signed_body_that_cannot_be_read_is_held() -> None:
    desk = channel()
    assert desk.receive(request("Hello=World")).status == 200
    (held,) = desk.quarantine()
    assert held.reason == "malformed_webhook"
    assert held.request is not None
    assert held.request.body == "Hello=World"
    assert "c2VjcmV0" not in repr(held)
    with pytest.raises(MalformedWebhook):
        desk.replay(held.id)
    assert desk.quarantine() == (held,)


def test_only_what_nobody_signed_is_dropped() -> None:
    desk = channel()
    assert desk.receive(request("Hello=World", "another token")).status == 403
    assert desk.quarantine() == ()
