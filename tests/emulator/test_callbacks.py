"""Status callbacks: order, contents, signature."""

from __future__ import annotations

from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]

from wa_omnichannel.emulator import Customer, Emulator, Template


def test_sent_then_delivered_then_read(twilio: Emulator, ana: Customer, send: Any, receiver: Any) -> None:
    """Callbacks come in order, and the read one says so in EventType."""
    ana.says("Hola")
    message = send(body="Hi")
    ana.reads(message.sid)
    twilio.wait_idle()
    assert receiver.statuses() == ["sent", "delivered", "read"]
    forms = receiver.forms("/status?id=7")
    assert [form.get("EventType") for form in forms] == [None, None, "READ"]
    assert twilio.message(message.sid).statuses == ("queued", "sent", "delivered", "read")


def test_the_parameters(twilio: Emulator, ana: Customer, send: Any, receiver: Any) -> None:
    """A callback carries the documented parameters."""
    ana.says("Hola")
    message = send(body="Hi")
    twilio.wait_idle()
    form = receiver.forms("/status")[0]
    assert form.pop("ChannelInstallSid").startswith("XE")
    assert form == {
        "MessageSid": message.sid,
        "MessageStatus": "sent",
        "SmsSid": message.sid,
        "SmsStatus": "sent",
        "AccountSid": twilio.account_sid,
        "From": "whatsapp:+14155550100",
        "To": ana.address,
        "ApiVersion": "2010-04-01",
        "ChannelPrefix": "whatsapp",
        "ExternalUserId": "whatsapp:ES.1234567890",
    }


def test_callbacks_are_signed(twilio: Emulator, ana: Customer, send: Any, receiver: Any) -> None:
    """Twilio's validator accepts the signature, query string included, and no other token's."""
    ana.says("Hola")
    send(body="Hi")
    twilio.wait_idle()
    for request in receiver.received:
        assert receiver.is_genuine(request)
        assert not receiver.is_genuine(request, "another token")
        assert request.headers["user-agent"] == "TwilioProxy/1.1"
    tokens = {each.headers["i-twilio-idempotency-token"] for each in receiver.received}
    assert len(tokens) == len(receiver.received) == 3


def test_a_blocked_business_stays_sent(twilio: Emulator, ana: Customer, send: Any, receiver: Any) -> None:
    """Messages to a customer who blocked the business stay sent for ever."""
    ana.says("Hola")
    ana.blocks()
    message = send(body="Hi")
    twilio.wait_idle()
    assert receiver.statuses() == ["sent"]
    assert ana.received == ()
    with pytest.raises(TimeoutError, match="queued > sent"):
        twilio.wait_for(message.sid, "delivered", timeout=0.05)
    ana.unblocks()
    twilio.wait_for(send(body="Hi again").sid, "delivered")


def test_the_number_has_a_default_callback(twilio: Emulator, ana: Customer, send: Any, receiver: Any) -> None:
    """Without a StatusCallback the number's own URL is called."""
    twilio.add_number("+14155550100", f"{receiver.url}/inbound", f"{receiver.url}/default")
    ana.says("Hola")
    send(body="Hi", status_callback=None)
    twilio.wait_idle()
    assert len(receiver.forms("/default")) == 2


@pytest.mark.parametrize(
    ("status", "code"),
    [("rejected", 63040), ("pending", 63040), ("paused", 63041), ("disabled", 63042), ("unsubmitted", 63016)],
)
def test_templates_without_approval_fail(twilio: Emulator, send: Any, receiver: Any, status: str, code: int) -> None:
    """A template that is not approved fails by callback with the code of its status."""
    twilio.set_template_status(twilio.order_ready_sid, status)
    send(content_sid=twilio.order_ready_sid)
    twilio.wait_idle()
    (form,) = receiver.forms("/status")
    assert (form["MessageStatus"], form["ErrorCode"]) == ("failed", str(code))


def test_variables_fall_back_to_samples(twilio: Emulator, ana: Customer, send: Any) -> None:
    """A variable left out is filled with the template's sample, as Twilio does."""
    message = send(content_sid=twilio.pedido_listo_sid, content_variables='{"2": "B-7"}')
    twilio.wait_idle()
    record = twilio.message(message.sid)
    assert record.content_variables == {"2": "B-7"}
    assert record.rendered_body == "Hola Ana, su pedido B-7 ya está listo. ¿Desea que se lo enviemos hoy?"
    assert ana.received == (record,)


def test_content_api(twilio: Emulator, client: Any) -> None:
    """The SDK lists and fetches templates and their approvals."""
    added = twilio.add_template(
        Template(
            name="choose",
            language="es",
            status="pending",
            types={"twilio/quick-reply": {"body": "¿Sí o no?", "actions": [{"title": "Sí", "id": "yes"}]}},
        )
    )
    listed = client.content.v1.contents.list()
    assert [each.friendly_name for each in listed] == ["pedido_listo", "order_ready", "choose"]
    content = client.content.v1.contents(added.sid).fetch()
    assert (content.sid, content.language, content.account_sid) == (added.sid, "es", twilio.account_sid)
    assert content.types["twilio/quick-reply"]["body"] == "¿Sí o no?"
    approval = client.content.v1.contents(added.sid).approval_fetch().fetch()
    assert approval.whatsapp["status"] == "pending"
    assert approval.whatsapp["category"] == "UTILITY"
    assert approval.whatsapp["content_type"] == "twilio/quick-reply"
    with pytest.raises(TwilioRestException) as caught:
        client.content.v1.contents("HX" + "0" * 32).fetch()
    assert (caught.value.status, caught.value.code) == (404, 20404)
