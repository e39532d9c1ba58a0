"""What customers send, and what the answers of the webhook cause."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from wa_omnichannel.emulator import Customer, Emulator

NUMBER = "+14155550100"


def last(receiver: Any) -> dict[str, str]:
    form: dict[str, str] = receiver.forms("/inbound")[-1]
    return form


def test_a_text(twilio: Emulator, ana: Customer, receiver: Any) -> None:
    """A text posts the documented parameters, signed, and reports the answer."""
    delivery = ana.says("¿Está listo mi pedido?")
    assert (delivery.status_code, delivery.body, delivery.attempts) == (200, "<Response/>", 1)
    assert receiver.is_genuine(receiver.received[0])
    form = last(receiver)
    metadata = json.loads(form.pop("ChannelMetadata"))
    context = {"ProfileName": "Ana", "WaId": "34600000001"}
    assert metadata == {"type": "whatsapp", "data": {"context": context}}
    assert form == {
        "MessageSid": delivery.sid,
        "SmsMessageSid": delivery.sid,
        "SmsSid": delivery.sid,
        "AccountSid": twilio.account_sid,
        "From": "whatsapp:+34600000001",
        "To": f"whatsapp:{NUMBER}",
        "Body": "¿Está listo mi pedido?",
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
        "ReferralNumMedia": "0",
        "MessageType": "text",
        "ProfileName": "Ana",
        "WaId": "34600000001",
        "ExternalUserId": "whatsapp:ES.1234567890",
    }


def test_a_hidden_phone_number(twilio: Emulator, receiver: Any) -> None:
    """A person who shares no phone number is shown by user id, without WaId."""
    eva = twilio.customer(None, "Eva", NUMBER, "ES.77")
    eva.says("Hola")
    assert last(receiver)["From"] == last(receiver)["ExternalUserId"] == "whatsapp:ES.77"
    assert "WaId" not in last(receiver)


@pytest.mark.parametrize(
    ("phone", "number", "user_id"),
    [
        ("34600000001", NUMBER, None),
        (None, NUMBER, None),
        ("+34600000001", NUMBER, "x"),
        (None, "+1", "ES.1"),
    ],
)
def test_impossible_people(twilio: Emulator, phone: str | None, number: str, user_id: str | None) -> None:
    """A person needs a valid address and a number of the account to write to."""
    with pytest.raises(ValueError, match=r"number|user"):
        twilio.customer(phone, "Nobody", number, user_id)


def test_kinds_of_messages(ana: Customer, receiver: Any) -> None:
    """Buttons, lists, locations and free parameters arrive under Twilio's names, blank ones included."""
    ana.taps("Sí", "yes")
    assert last(receiver).items() >= {"Body": "Sí", "ButtonText": "Sí", "ButtonPayload": "yes"}.items()
    ana.picks("slot-1", "Mañana", "9-12 h")
    assert last(receiver).items() >= {"ListId": "slot-1", "ListTitle": "Mañana", "Body": "Mañana"}.items()
    ana.sends_location(40.4168, -3.7038, label="Casa")
    assert last(receiver).items() >= {"Latitude": "40.4168", "Longitude": "-3.7038", "Label": "Casa"}.items()
    assert last(receiver)["Address"] == ""
    ana.sends(Body="mira", Forwarded="true", ReferralSourceType="ad", MessageType="odd")
    assert last(receiver)["ReferralSourceType"] == "ad"
    assert json.loads(last(receiver)["ChannelMetadata"])["data"]["context"]["Forwarded"] == "true"
    assert all(receiver.is_genuine(request) for request in receiver.received)


def test_quotes(twilio: Emulator, ana: Customer, send: Any, receiver: Any) -> None:
    """A quoted message is named for seven days."""
    ana.says("Hola")
    sid = send(body="Hi").sid
    ana.quotes(sid, "esto")
    assert last(receiver)["OriginalRepliedMessageSid"] == sid
    assert last(receiver)["OriginalRepliedMessageSender"] == f"whatsapp:{NUMBER}"
    twilio.clock.advance(timedelta(days=8))
    ana.quotes(sid, "esto")
    assert "OriginalRepliedMessageSid" not in last(receiver)


def test_twiml_replies(twilio: Emulator, ana: Customer, receiver: Any) -> None:
    """Messages in the answer become outbound replies, with callbacks where action points."""
    image = receiver.serve("/a.png", "image/png", b"png")
    picture = f"<Message><Body>mira</Body><Media>{image}</Media></Message></Response>"
    receiver.answers.append(
        (
            200,
            f"<Response><Message action='{receiver.url}/status'>Uno &amp; dos</Message>" + picture,
        )
    )
    ana.says("Hola")
    twilio.wait_idle()
    first, second = ana.received
    assert (first.direction, first.body) == ("outbound-reply", "Uno & dos")
    assert (second.rendered_body, second.media_bytes) == ("mira", b"png")
    assert receiver.statuses() == ["sent", "delivered"]


@pytest.mark.parametrize("text", ["<Response>", "<!DOCTYPE x><Response/>", "<Response>" + " " * 65536])
def test_bad_twiml(twilio: Emulator, ana: Customer, receiver: Any, text: str) -> None:
    """TwiML that cannot be read sends nothing and says why."""
    receiver.answers.append((200, text))
    assert "TwiML" in ana.says("Hola").error
    assert len(twilio.messages) == 1


def test_connect_failures_are_retried_once(twilio: Emulator) -> None:
    """Nobody listening costs two attempts by default, or as many as the URL's fragment says."""
    twilio.add_number(NUMBER, "http://127.0.0.1:9/inbound")
    bob = twilio.customer("+34600000002", "Bob", NUMBER)
    assert bob.says("Hola").attempts == 2
    twilio.add_number(NUMBER, "http://127.0.0.1:9/inbound#rc=3&ct=500")
    delivery = bob.says("Hola")
    assert (delivery.status_code, delivery.attempts) == (None, 4)
    assert delivery.error


def test_answers_are_not_retried_unless_asked(twilio: Emulator, ana: Customer, receiver: Any) -> None:
    """A 500 ends the delivery, except with rp=5xx; then the token stays the same."""
    receiver.answers.append((500, ""))
    assert ana.says("Hola").status_code == 500
    twilio.add_number(NUMBER, f"{receiver.url}/inbound#rp=5xx")
    receiver.answers.append((503, ""))
    assert ana.says("Hola").attempts == 2
    assert len({each.headers["i-twilio-idempotency-token"] for each in receiver.received[1:]}) == 1


def test_a_number_without_url(twilio: Emulator) -> None:
    """Without an inbound URL the message is kept and nothing is called."""
    twilio.add_number("+14155550101")
    delivery = twilio.customer("+34600000002", "Bob", "+14155550101").says("Hola")
    assert (delivery.status_code, delivery.attempts) == (None, 0)
    assert twilio.message(delivery.sid).body == "Hola"


def test_a_loop_of_replies_is_cut(twilio: Emulator, ana: Customer, receiver: Any) -> None:
    """More than fifteen replies between two addresses in thirty seconds are not sent (14107)."""
    twilio.clock.freeze()
    receiver.answers += [(200, "<Response>" + "<Message>eco</Message>" * 10 + "</Response>")] * 2
    ana.says("uno")
    ana.says("dos")
    twilio.wait_idle()
    assert len(ana.received) == 15
    assert {each.code for each in twilio.alerts} == {14107}
