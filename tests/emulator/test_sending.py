"""Sends beyond the plain one: scheduled, typing, refused recipients, limits, the sandbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]
from twilio.rest.messaging.v3.typing_indicator import TypingIndicatorList  # type: ignore[import-untyped]

from wa_omnichannel.emulator import Customer, Emulator, Limits, Sandbox

NUMBER = "+14155550100"
SENDER = f"whatsapp:{NUMBER}"
SANDBOX = Sandbox(code="quiet-river")
SANDBOX_SENDER = f"whatsapp:{SANDBOX.number}"


def refused(make: Any) -> tuple[int, int]:
    with pytest.raises(TwilioRestException) as caught:
        make()
    return caught.value.status, caught.value.code


def error_of(twilio: Emulator, message: Any) -> int | None:
    twilio.wait_idle()
    return twilio.message(message.sid).error_code


# --- scheduling


def test_a_scheduled_message_waits(twilio: Emulator, send: Any, receiver: Any) -> None:
    """It is ``scheduled`` without a callback, goes out when the emulated clock shows SendAt, and not before."""
    now = twilio.clock.freeze()
    service = twilio.add_messaging_service(NUMBER)
    message = send(
        from_=None,
        messaging_service_sid=service,
        content_sid=twilio.order_ready_sid,
        schedule_type="fixed",
        send_at=now + timedelta(hours=2),
    )
    assert (message.status, message.from_) == ("scheduled", None)
    twilio.clock.advance(hours=1, minutes=59)
    twilio.wait_idle()
    assert receiver.statuses() == []
    assert twilio.message(message.sid).send_at == now.replace(microsecond=0) + timedelta(hours=2)
    twilio.clock.advance(minutes=2)
    twilio.wait_idle()
    assert receiver.statuses() == ["queued", "sent", "delivered"]


def test_a_scheduled_message_can_be_canceled(twilio: Emulator, send: Any, receiver: Any) -> None:
    """Cancelling stops it for good and is told by callback."""
    now = twilio.clock.freeze()
    service = twilio.add_messaging_service(NUMBER)
    at = now + timedelta(hours=2)
    message = send(from_=None, messaging_service_sid=service, body="Hi", schedule_type="fixed", send_at=at)
    assert message.update(status="canceled").status == "canceled"
    twilio.clock.advance(hours=3)
    twilio.wait_idle()
    assert receiver.statuses() == ["canceled"]
    with pytest.raises(TwilioRestException) as caught:
        message.update(status="sent")
    assert caught.value.code == 20001


def test_a_free_form_text_scheduled_beyond_the_window_fails(twilio: Emulator, ana: Customer, send: Any) -> None:
    """The 24 hours are judged when the message goes out."""
    ana.says("Hola")
    now = twilio.clock.freeze()
    service = twilio.add_messaging_service(NUMBER)
    fields = {"from_": None, "messaging_service_sid": service, "body": "Hi", "schedule_type": "fixed"}
    early = send(**fields, send_at=now + timedelta(hours=2))
    late = send(**fields, send_at=now + timedelta(hours=25))
    twilio.clock.advance(hours=26)
    assert (error_of(twilio, early), error_of(twilio, late)) == (None, 63016)


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        (35111, {"SendAt": ""}),
        (35114, {"SendAt": "2026-01-01T00:00:00Z"}),
        (35114, {"SendAt": "9999-01-01T00:00:00Z"}),
        (35126, {"ScheduleType": "optimized"}),
        (35126, {"ScheduleType": ""}),
        (35118, {"MessagingServiceSid": "", "From": SENDER}),
        (20001, {"SendAt": "tomorrow"}),
        (20001, {"SendAt": "0001-01-01T00:00:00+14:00"}),
    ],
)
def test_refused_schedules(twilio: Emulator, code: int, changes: dict[str, str]) -> None:
    """SendAt and its companions have rules of their own."""
    twilio.clock.set(datetime(2026, 11, 25, tzinfo=UTC))
    form = {
        "To": "whatsapp:+34600000001",
        "MessagingServiceSid": twilio.add_messaging_service(NUMBER),
        "Body": "Hi",
        "ScheduleType": "fixed",
        "SendAt": "2026-11-26T00:00:00Z",
    }
    url = f"{twilio.base_url}/2010-04-01/Accounts/{twilio.account_sid}/Messages.json"
    auth = (twilio.account_sid, twilio.auth_token)
    assert requests.post(url, data=form, auth=auth, timeout=5).status_code == 201
    answer = requests.post(url, data={**form, **changes}, auth=auth, timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        (21620, {"media_url": ["file:///etc/hosts"]}),
        (21620, {"media_url": ["http://[::1"]}),
        (21654, {"content_variables": '{"1": "x"}'}),
        (21656, {"content_sid": "HX" + "1" * 32, "content_variables": '{"1": "a\\tb"}'}),
        (21656, {"content_sid": "HX" + "1" * 32, "content_variables": '{"1": "a     b"}'}),
        (21656, {"content_sid": "HX" + "1" * 32, "content_variables": '{"1": ""}'}),
        (21656, {"content_sid": "HX" + "1" * 32, "content_variables": '{"%s": "a"}' % ("k" * 17)}),
        (21609, {"status_callback": "http://[::1"}),
        (63031, {"to": SENDER}),
    ],
)
def test_more_refusals(send: Any, code: int, changes: dict[str, Any]) -> None:
    """Media URLs, variables and addresses are looked at."""
    assert refused(lambda: send(**{"body": "Hi", **changes})) == (400, code)


# --- typing


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_typing_marks_as_read(twilio: Emulator, ana: Customer, send: Any, client: Any, version: str) -> None:
    """The indicator marks the customer's message as read and lasts until a reply."""
    sid = ana.says("Hola").sid
    indicators = getattr(client.messaging, version).typing_indicator
    if version == "v2":
        done = indicators.create(channel="whatsapp", message_id=sid)
    else:
        body = TypingIndicatorList.TypingIndicatorRequest({"channel": "WHATSAPP", "messageId": sid})
        done = indicators.create(typing_indicator_request=body)
    assert done.success is True
    assert client.messages(sid).fetch().status == "read"
    assert ana.sees_typing
    send(body="Hi")
    assert not ana.sees_typing


def test_typing_ends_after_25_seconds(twilio: Emulator, ana: Customer, client: Any) -> None:
    """Without a reply the indicator ends by itself."""
    twilio.clock.freeze()
    client.messaging.v2.typing_indicator.create(channel="whatsapp", message_id=ana.says("Hola").sid)
    twilio.clock.advance(seconds=24)
    assert ana.sees_typing
    twilio.clock.advance(seconds=1)
    assert not ana.sees_typing


def test_typing_is_seen_in_one_conversation_only(twilio: Emulator, ana: Customer, client: Any) -> None:
    """A person who writes to two numbers sees which of them is typing."""
    twilio.add_number("+14155550111")
    other = twilio.customer("+34600000001", "Ana", "+14155550111")
    other.says("Hola")
    client.messaging.v2.typing_indicator.create(channel="whatsapp", message_id=ana.says("Hola").sid)
    assert (ana.sees_typing, other.sees_typing) == (True, False)


def test_typing_needs_a_customers_message(twilio: Emulator, ana: Customer, send: Any, client: Any) -> None:
    """Unknown and outbound messages and other channels are refused."""
    indicator = client.messaging.v2.typing_indicator
    sid = ana.says("Hola").sid
    assert refused(lambda: indicator.create(channel="whatsapp", message_id="SM0"))[0] == 404
    outbound = send(body="Hi").sid
    assert refused(lambda: indicator.create(channel="whatsapp", message_id=outbound)) == (400, 20422)
    assert refused(lambda: indicator.create(channel="sms", message_id=sid)) == (400, 20422)


# --- recipients and outcomes


def test_refused_recipients(twilio: Emulator, ana: Customer, send: Any) -> None:
    """A person can be unreachable with any code, for instance not on WhatsApp."""
    ana.says("Hola")
    twilio.refuse_recipient("+34600000001", 63024)
    assert error_of(twilio, send(body="Hi")) == 63024
    twilio.refuse_recipient("+34600000001", 0)
    assert error_of(twilio, send(body="Hi")) is None


def test_ordered_outcomes(twilio: Emulator, ana: Customer, send: Any, receiver: Any) -> None:
    """A send can be ordered to fail: at once, as failed, or as undelivered after it was sent."""
    ana.says("Hola")
    twilio.faults.refuse_next(21611, at_once=True)
    assert refused(lambda: send(body="Hi")) == (400, 21611)
    twilio.faults.refuse_next(63010)
    assert error_of(twilio, send(body="Hi")) == 63010
    twilio.faults.refuse_next(63013, status="undelivered")
    assert error_of(twilio, send(body="Hi")) == 63013
    assert receiver.statuses() == ["failed", "sent", "undelivered"]


# --- limits


def test_one_message_every_six_seconds(twilio: Emulator, ana: Customer, send: Any) -> None:
    """A burst to one person is borrowed from later; beyond it 63018."""
    twilio.clock.freeze()
    twilio.configure(limits=Limits(pair_every=timedelta(seconds=6), pair_burst=2))
    ana.says("Hola")
    assert [error_of(twilio, send(body="Hi")) for _ in range(3)] == [None, None, 63018]
    twilio.clock.advance(seconds=6)
    assert [error_of(twilio, send(body="Hi")) for _ in range(2)] == [None, 63018]


def test_messages_per_second(twilio: Emulator, ana: Customer, send: Any) -> None:
    """A sender's messages per second are bounded."""
    twilio.clock.freeze()
    twilio.configure(limits=Limits(sender_per_second=2))
    ana.says("Hola")
    assert [error_of(twilio, send(body="Hi")) for _ in range(3)] == [None, None, 63018]
    twilio.clock.advance(seconds=1)
    assert error_of(twilio, send(body="Hi")) is None


def test_people_reached_per_day(twilio: Emulator, send: Any) -> None:
    """Outside the window only so many different people can be reached in 24 hours."""
    twilio.clock.freeze()
    twilio.configure(limits=Limits(unique_users=2))

    def reach(last: int) -> int | None:
        return error_of(twilio, send(to=f"whatsapp:+3460000000{last}", content_sid=twilio.order_ready_sid))

    assert [reach(last) for last in (1, 2, 3, 1)] == [None, None, 63018, None]
    twilio.clock.advance(hours=24)
    assert reach(3) is None


def test_messages_per_day(twilio: Emulator, ana: Customer, send: Any) -> None:
    """The account's daily limit is refused at once."""
    twilio.configure(limits=Limits(daily=1))
    ana.says("Hola")
    send(body="Hi")
    assert refused(lambda: send(body="Hi")) == (429, 63038)


def test_concurrent_requests(twilio: Emulator) -> None:
    """Above the allowed number of requests in progress the answer is 429 and says how many there are."""
    twilio.configure(limits=Limits(concurrent=0))
    answer = requests.get(f"{twilio.base_url}/v1/Services", timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (429, 20429)
    assert answer.headers["Twilio-Concurrent-Requests"] == "1"


# --- the sandbox


@pytest.fixture
def sandbox(twilio: Emulator, receiver: Any) -> Customer:
    twilio.configure(sandbox=SANDBOX)
    twilio.add_number(SANDBOX.number, f"{receiver.url}/inbound")
    return twilio.customer("+34600000001", "Ana", SANDBOX.number)


def test_the_sandbox_is_joined(twilio: Emulator, sandbox: Customer, send: Any, receiver: Any) -> None:
    """Only members are reached; ``join`` opens the window, is answered by the sandbox and reaches no webhook."""
    assert error_of(twilio, send(from_=SANDBOX_SENDER, body="Hi")) == 63015
    assert "sandbox" in sandbox.says("Hola").error
    sandbox.says("Join quiet-river")
    twilio.wait_idle()
    assert receiver.forms("/inbound") == []
    assert "all set" in sandbox.received[-1].body
    twilio.clock.advance(seconds=4)
    assert error_of(twilio, send(from_=SANDBOX_SENDER, body="Hi")) is None
    sandbox.says("¿Qué tal?")
    assert [form["Body"] for form in receiver.forms("/inbound")] == ["¿Qué tal?"]


def test_a_membership_ends(twilio: Emulator, sandbox: Customer, send: Any) -> None:
    """It ends after 72 hours, or with ``stop``."""
    twilio.clock.freeze()
    sandbox.says("join quiet-river")
    template = {"from_": SANDBOX_SENDER, "content_sid": twilio.order_ready_sid}
    twilio.clock.advance(hours=71)
    assert error_of(twilio, send(**template)) is None
    twilio.clock.advance(hours=1)
    assert error_of(twilio, send(**template)) == 63015
    sandbox.says("join quiet-river")
    sandbox.says("stop")
    twilio.clock.advance(seconds=10)
    assert error_of(twilio, send(**template)) == 63015


def test_the_sandbox_is_slow(twilio: Emulator, sandbox: Customer, send: Any) -> None:
    """It takes one message in three seconds."""
    twilio.clock.freeze()
    sandbox.says("join quiet-river")
    twilio.wait_idle()
    twilio.clock.advance(seconds=3)
    assert [error_of(twilio, send(from_=SANDBOX_SENDER, body="Hi")) for _ in range(2)] == [None, 63018]


def test_the_sandbox_has_three_templates() -> None:
    """An emulator with a sandbox has its number and the three fixed texts, and takes no others."""
    with Emulator(sandbox=SANDBOX) as twilio:
        client = twilio.sdk_client()
        texts = [each.types["twilio/text"]["body"] for each in client.content.v1.contents.list()]
        assert "Your {{1}} code is {{2}}" in texts
        assert client.messaging.v2.channels_senders.list(channel="whatsapp")[0].sender_id == SANDBOX_SENDER
        draft = requests.post(
            f"{twilio.base_url}/v1/Content",
            json={"language": "en", "types": {"twilio/text": {"body": "Hi"}}},
            auth=(twilio.account_sid, twilio.auth_token),
            timeout=5,
        ).json()
        answer = requests.post(
            draft["links"]["approval_create"],
            json={"name": "hi", "category": "UTILITY"},
            auth=(twilio.account_sid, twilio.auth_token),
            timeout=5,
        )
        assert (answer.status_code, answer.json()["code"]) == (403, 20403)
        client.http_client.session.close()
