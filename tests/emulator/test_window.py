"""The 24-hour session, by the emulator's clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from wa_omnichannel.emulator import Customer, Emulator

TICK = timedelta(microseconds=1)
DAY = timedelta(hours=24)


def outcome(twilio: Emulator, send: Any, **fields: Any) -> tuple[str, int | None]:
    message = send(**fields)
    twilio.wait_idle()
    record = twilio.message(message.sid)
    return record.status, record.error_code


@pytest.mark.parametrize(
    ("after", "expected"),
    [(DAY - TICK, ("delivered", None)), (DAY, ("failed", 63016))],
    ids=["one tick before", "at 24 h"],
)
def test_the_window_is_half_open(
    twilio: Emulator, ana: Customer, send: Any, after: timedelta, expected: tuple[str, int | None]
) -> None:
    """Free-form text passes until one tick before 24 h and fails from 24 h on."""
    twilio.clock.freeze()
    ana.says("Hola")
    twilio.clock.advance(after)
    assert outcome(twilio, send, body="Hi") == expected


def test_no_message_no_window(twilio: Emulator, send: Any, receiver: Any) -> None:
    """A customer who never wrote cannot be sent free-form text; the callback says 63016."""
    assert outcome(twilio, send, body="Hi") == ("failed", 63016)
    (form,) = receiver.forms("/status")
    assert (form["MessageStatus"], form["ErrorCode"]) == ("failed", "63016")
    assert form["ChannelStatusMessage"]


def test_a_template_passes_after_25_hours(twilio: Emulator, ana: Customer, send: Any) -> None:
    """An approved template needs no window, and does not open one."""
    ana.says("Hola")
    twilio.clock.advance(hours=25)
    assert outcome(twilio, send, content_sid=twilio.pedido_listo_sid) == ("delivered", None)
    assert outcome(twilio, send, body="Hi") == ("failed", 63016)


def test_the_last_inbound_counts(twilio: Emulator, ana: Customer, send: Any) -> None:
    """Each message, tap or call starts the 24 hours anew."""
    ana.says("Hola")
    twilio.clock.advance(hours=20)
    ana.taps("Sí", "yes")
    twilio.clock.advance(hours=20)
    ana.calls()
    twilio.clock.advance(hours=20)
    assert outcome(twilio, send, body="Hi") == ("delivered", None)


def test_the_window_is_per_pair(twilio: Emulator, ana: Customer, send: Any) -> None:
    """Writing to one number of the account opens no window with another."""
    twilio.add_number("+14155550101")
    ana.says("Hola")
    assert outcome(twilio, send, from_="whatsapp:+14155550101", body="Hi") == ("failed", 63016)


def test_both_addresses_share_a_window(twilio: Emulator, ana: Customer, send: Any) -> None:
    """A person reached by user id has the window they opened with their phone number."""
    ana.says("Hola")
    assert outcome(twilio, send, to="whatsapp:ES.1234567890", body="Hi") == ("delivered", None)
    assert len(ana.received) == 1


def test_63016_can_be_synchronous() -> None:
    """With the option the send itself is refused with HTTP 400."""
    with Emulator(synchronous_63016=True) as twilio:
        twilio.add_number("+14155550100")
        client = Client(twilio.account_sid, twilio.auth_token)
        client.api.base_url = twilio.base_url
        with pytest.raises(TwilioRestException) as caught:
            client.messages.create(from_="whatsapp:+14155550100", to="whatsapp:+34600000001", body="Hi")
        client.http_client.session.close()
        assert (caught.value.status, caught.value.code) == (400, 63016)
        assert twilio.messages == ()


def test_the_clock_runs_until_frozen(twilio: Emulator) -> None:
    """The clock runs by default, stands still when frozen, and runs on from what it showed."""
    clock = twilio.clock
    first = clock.now()
    assert first.utcoffset() == timedelta(0)
    assert clock.now() > first
    moved = clock.advance(hours=1, minutes=1)
    assert moved - first >= timedelta(minutes=61)
    frozen = clock.freeze()
    assert clock.now() == clock.now() == frozen
    clock.set(frozen - timedelta(days=1))
    clock.resume()
    assert timedelta(0) <= clock.now() - (frozen - timedelta(days=1)) < timedelta(seconds=5)


def test_the_clock_refuses_nonsense(twilio: Emulator) -> None:
    """Naive instants and negative steps are errors."""
    with pytest.raises(ValueError, match="negative"):
        twilio.clock.advance(seconds=-1)
    with pytest.raises(ValueError, match="aware"):
        twilio.clock.set(twilio.clock.now().replace(tzinfo=None))
