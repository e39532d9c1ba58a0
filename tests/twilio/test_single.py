"""Single messages in both colours: schedule, cancel, look up, redact, delete, their files, and typing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import attrs
import pytest
from tests.twilio.conftest import NUMBER, Blocking, outgoing
from tests.twilio.test_contents import Ask, asker, no_sleep

from wa_omnichannel.adapters.twilio import single
from wa_omnichannel.adapters.twilio.outgoing import fields_of
from wa_omnichannel.emulator import Customer, Emulator
from wa_omnichannel.errors import InvalidValue, TransportError
from wa_omnichannel.messages import Accepted, ButtonReply, DeliveryStatus, Location, Media, TemplateMessage

__all__ = ["asker"]  # the fixture with both colours

Asker = Callable[..., Ask]
STATUS = "https://example.com/wa/status"


def template(twilio: Emulator) -> Any:
    return outgoing(TemplateMessage("t", {"1": "Ana", "2": "9"}, content_sid=twilio.pedido_listo_sid))


def sent(twilio: Emulator, colour: Callable[..., Blocking]) -> str:
    outcome = colour(base_url=twilio.base_url).send(outgoing())
    assert isinstance(outcome, Accepted)
    twilio.wait_idle()
    return outcome.sid


def test_an_instant_of_any_zone_arrives_as_the_same_instant(asker: Asker, twilio: Emulator) -> None:
    """The SDK writes the local time of a zone with a Z behind it."""
    service = twilio.add_messaging_service(NUMBER)
    now = twilio.clock.now()
    at = (now + timedelta(hours=2)).replace(microsecond=0).astimezone(timezone(timedelta(hours=9)))
    ask = asker(twilio.base_url, no_sleep)
    found = ask(single.schedule(template(twilio), at, now, service=service, status_url=STATUS))
    assert found.status is DeliveryStatus.SCHEDULED
    form = dict(twilio.requests[-1].form)
    assert datetime.fromisoformat(form["SendAt"]) == at
    assert form["SendAt"].endswith("Z")
    assert (form["ScheduleType"], form["StatusCallback"]) == ("fixed", f"{STATUS}?m=m-1")
    twilio.clock.advance(timedelta(hours=2, seconds=1))
    assert twilio.wait_for(found.sid, "sent").status in ("sent", "delivered")


def test_every_parameter_that_whatsapp_uses_is_written(asker: Asker, twilio: Emulator, ana: Customer) -> None:
    """And none that is not in the table."""
    service = twilio.add_messaging_service(NUMBER)
    now = twilio.clock.now()
    ask = asker(twilio.base_url, no_sleep)
    filled = attrs.evolve(template(twilio), validity=timedelta(hours=1))
    ask(single.schedule(filled, now + timedelta(hours=1), now, service=service, status_url=STATUS))
    written = set(dict(twilio.requests[-1].form))
    for content in (Media("https://example.com/a.jpg", "image/jpeg", "Aquí"), Location(40.4, -3.7, "Sol")):
        fields = fields_of(outgoing(content), STATUS)
        assert fields is not None
        written |= {single.wire_name(name) for name in fields}
    assert written == set(single.PARAMETERS)


def test_a_scheduled_message_is_cancelled(asker: Asker, twilio: Emulator) -> None:
    service = twilio.add_messaging_service(NUMBER)
    now = twilio.clock.now()
    ask = asker(twilio.base_url, no_sleep)
    asked = single.schedule(template(twilio), now + timedelta(days=1), now, service=service, status_url=STATUS)
    sid = ask(asked).sid
    assert ask(single.cancel(sid)).status is DeliveryStatus.CANCELED
    assert ask(single.fetch(sid)).status is DeliveryStatus.CANCELED


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(minutes=5), timedelta(days=35, seconds=1)])
def test_times_that_the_provider_refuses_are_not_tried(ahead: timedelta) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(InvalidValue, match="at"):
        next(single.schedule(outgoing(), now + ahead, now, service="MG" + "0" * 32, status_url=STATUS))


def test_what_cannot_be_sent_is_not_scheduled() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for content, at in ((ButtonReply("x"), now + timedelta(days=1)), (None, datetime(2026, 1, 2))):  # noqa: DTZ001
        with pytest.raises(InvalidValue):
            next(single.schedule(outgoing(content), at, now, service="MG" + "0" * 32, status_url=STATUS))


def test_a_message_is_looked_up_redacted_and_deleted(
    asker: Asker, colour: Callable[..., Blocking], twilio: Emulator, ana: Customer
) -> None:
    sid = sent(twilio, colour)
    ask = asker(twilio.base_url, no_sleep)
    found = ask(single.fetch(sid))
    assert (found.body, found.outbound, found.to) == ("Hola", True, f"whatsapp:{ana.profile.phone}")
    assert ask(single.redact(sid)).body == ""
    with pytest.raises(TransportError) as caught:  # on its way, so nothing is left to cancel
        ask(single.cancel(sid))
    assert caught.value.http_status == 400
    twilio.clock.advance(timedelta(minutes=2))
    ask(single.delete(sid))
    with pytest.raises(TransportError) as caught:
        ask(single.fetch(sid))
    assert caught.value.http_status == 404


def test_messages_are_listed_in_both_directions(
    asker: Asker, colour: Callable[..., Blocking], twilio: Emulator, ana: Customer
) -> None:
    sid = sent(twilio, colour)
    ask = asker(twilio.base_url, no_sleep)
    assert {each.outbound for each in ask(single.messages())} == {True, False}
    now = twilio.clock.now().astimezone(timezone(timedelta(hours=-7)))
    near = single.messages(sender=NUMBER, since=now - timedelta(minutes=1), until=now + timedelta(minutes=1))
    assert [each.sid for each in ask(near)] == [sid]
    assert ask(single.messages(sender=NUMBER, since=now + timedelta(minutes=1))) == ()


def test_a_customers_file_is_deleted_at_the_provider(asker: Asker, twilio: Emulator, ana: Customer) -> None:
    sid = ana.sends_media(b"%PDF-1.4", "application/pdf").sid
    ask = asker(twilio.base_url, no_sleep)
    (media,) = ask(single.media_of(sid))
    ask(single.delete_media(sid, media))
    assert ask(single.media_of(sid)) == ()


def test_typing_marks_the_customers_message_as_read(asker: Asker, twilio: Emulator, ana: Customer) -> None:
    """The side effect that its documentation names."""
    message = ana.says("¿Hola?")
    asker(twilio.base_url, no_sleep)(single.typing(message.sid))
    assert twilio.message(message.sid).status == "read"
    assert ana.sees_typing
    assert "mark their message as read" in (single.typing.__doc__ or "")


@pytest.mark.parametrize("sid", ["", "SM1", "../x", "HX" + "0" * 32])
def test_only_message_sids_make_a_path(sid: str) -> None:
    for question in (single.fetch, single.typing, single.delete):
        with pytest.raises(InvalidValue, match="sid"):
            next(question(sid))
