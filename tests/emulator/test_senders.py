"""Senders and Messaging Services: what the API tells of them, and what their webhooks do."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioException, TwilioRestException  # type: ignore[import-untyped]
from twilio.rest.messaging.v2.channels_sender import ChannelsSenderList  # type: ignore[import-untyped]

from wa_omnichannel.emulator import Customer, Emulator

NUMBER = "+14155550100"
SENDER = f"whatsapp:{NUMBER}"


def update(client: Any, sid: str, **blocks: Any) -> Any:
    request = ChannelsSenderList.MessagingV2ChannelsSenderRequestsUpdate(blocks)
    return client.messaging.v2.channels_senders(sid).update(messaging_v2_channels_sender_requests_update=request)


def sender_of(client: Any) -> Any:
    return client.messaging.v2.channels_senders.list(channel="whatsapp")[0]


def test_a_sender_tells_its_state(twilio: Emulator, client: Any) -> None:
    """Status, quality, tier, profile and offline reasons can be read."""
    reasons = ({"code": "63112", "message": "disabled", "more_info": "https://example.com"},)
    twilio.add_number(
        NUMBER,
        status="OFFLINE",
        quality_rating="LOW",
        messaging_limit="10K Customers/24hr",
        offline_reasons=reasons,
        profile={"name": "Tienda"},
    )
    sender = sender_of(client)
    assert (sender.status, sender.sender_id) == ("OFFLINE", SENDER)
    assert sender.properties == {"quality_rating": "LOW", "messaging_limit": "10K Customers/24hr"}
    assert sender.offline_reasons == list(reasons)
    assert sender.profile == {"name": "Tienda"}


def test_a_sender_that_is_offline_cannot_send(twilio: Emulator, send: Any) -> None:
    """A send from a sender that is not online is refused with 63007."""
    twilio.add_number(NUMBER, status="OFFLINE")
    with pytest.raises(TwilioRestException) as caught:
        send(body="Hi")
    assert caught.value.code == 63007


def test_webhooks_are_changed_block_by_block(twilio: Emulator, ana: Customer, client: Any, receiver: Any) -> None:
    """An update answers 202, takes effect a little later and leaves what it does not name."""
    before = sender_of(client)
    assert before.webhook["callback_url"] == f"{receiver.url}/inbound"
    assert update(client, before.sid, webhook={"callback_url": f"{receiver.url}/new"}).status == "ONLINE:UPDATING"
    twilio.wait_idle()
    after = sender_of(client)
    assert (after.status, after.webhook["callback_url"]) == ("ONLINE", f"{receiver.url}/new")
    assert after.webhook["callback_method"] == "POST"
    ana.says("Hola")
    assert len(receiver.forms("/new")) == 1


@pytest.mark.parametrize(
    "blocks",
    [
        {"webhook": {"callback_method": "PATCH"}},
        {"webhook": {"callback_uri": "http://example.com"}},
        {"webhook": {"callback_url": 7}},
        {"webhook": "http://example.com"},
        {"profile": []},
    ],
)
def test_refused_updates(twilio: Emulator, client: Any, blocks: Any) -> None:
    """A block of another shape is refused and changes nothing."""
    before = twilio.world.senders.all
    url = f"{twilio.base_url}/v2/Channels/Senders/{sender_of(client).sid}"
    answer = requests.post(url, json=blocks, auth=(twilio.account_sid, twilio.auth_token), timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (400, 20422)
    assert twilio.world.senders.all == before


def test_registration_and_removal(twilio: Emulator, client: Any) -> None:
    """A new sender is CREATING, then ONLINE; it can be removed; it cannot be registered twice."""
    senders = client.messaging.v2.channels_senders

    def register(number: str, **profile: str) -> Any:
        request = ChannelsSenderList.MessagingV2ChannelsSenderRequestsCreate({"sender_id": number, "profile": profile})
        return senders.create(messaging_v2_channels_sender_requests_create=request)

    created = register("whatsapp:+14155550177", name="Tienda")
    assert created.status == "CREATING"
    twilio.wait_idle()
    assert senders(created.sid).fetch().status == "ONLINE"
    for number, profile, code in (
        ("whatsapp:+14155550177", {"name": "Tienda"}, 20409),
        ("+14155550178", {"name": "Tienda"}, 20422),
        ("whatsapp:+14155550178", {}, 20422),
    ):
        with pytest.raises(TwilioRestException) as caught:
            register(number, **profile)
        assert caught.value.code == code
    assert senders(created.sid).delete() is True
    with pytest.raises(TwilioRestException) as gone:
        senders(created.sid).fetch()
    assert gone.value.status == 404


def test_the_list_of_senders_pages(twilio: Emulator, client: Any) -> None:
    """The SDK walks through all senders; another channel than WhatsApp is refused."""
    for last in range(3):
        twilio.add_number(f"+1415555020{last}")
    assert len(client.messaging.v2.channels_senders.list(channel="whatsapp", page_size=2)) == 4
    with pytest.raises(TwilioException, match="Channel must be whatsapp"):
        client.messaging.v2.channels_senders.list(channel="sms")


def test_put_and_get_webhooks(twilio: Emulator, ana: Customer, receiver: Any) -> None:
    """A webhook by PUT carries the form in the body, one by GET in the signed URL."""
    twilio.add_number(NUMBER, f"{receiver.url}/put", inbound_method="PUT")
    ana.says("uno")
    twilio.add_number(NUMBER, f"{receiver.url}/get?shop=1", inbound_method="GET")
    ana.says("dos & tres")
    put, get = receiver.received
    assert (put.method, put.form["Body"], receiver.is_genuine(put)) == ("PUT", "uno", True)
    assert (get.method, get.pairs) == ("GET", [])
    assert "shop=1&MessageSid=SM" in get.path
    assert "Body=dos+%26+tres" in get.path
    assert receiver.is_genuine(get)


def test_the_fallback_url(twilio: Emulator, ana: Customer, receiver: Any) -> None:
    """When the webhook fails, the fallback URL gets the same form with the error, and its TwiML counts."""
    twilio.add_number(NUMBER, f"{receiver.url}/inbound", fallback_url=f"{receiver.url}/fallback")
    receiver.answers += [(502, ""), (200, "<Response><Message>lo siento</Message></Response>")]
    delivery = ana.says("Hola")
    twilio.wait_idle()
    first, second = receiver.received
    assert (first.path, second.path) == ("/inbound", "/fallback")
    added = {"ErrorCode": "11200", "ErrorUrl": f"{receiver.url}/inbound"}
    assert second.form == {**first.form, **added}
    assert receiver.is_genuine(second)
    assert delivery.status_code == 200
    assert [each.body for each in ana.received] == ["lo siento"]
    assert [(each.code, each.resource_sid) for each in twilio.alerts] == [(11200, delivery.sid)]


# --- services


def test_a_service_from_creation_to_deletion(twilio: Emulator, ana: Customer, client: Any, receiver: Any) -> None:
    """A service is created, gets a sender, sends, is changed and deleted."""
    service = client.messaging.v1.services.create(friendly_name="Ventas", status_callback=f"{receiver.url}/service")
    assert (service.friendly_name, service.sticky_sender, service.validity_period) == ("Ventas", True, 36000)
    with pytest.raises(TwilioRestException) as empty:
        client.messages.create(messaging_service_sid=service.sid, to=ana.address, body="Hi")
    assert empty.value.code == 21704
    sid = sender_of(client).sid
    assert service.channel_senders.create(sid=sid).sender == SENDER
    with pytest.raises(TwilioRestException):
        service.channel_senders.create(sid=sid)
    ana.says("Hola")
    message = client.messages.create(messaging_service_sid=service.sid, to=ana.address, body="Hi")
    twilio.wait_idle()
    assert [each["MessageStatus"] for each in receiver.forms("/service")] == ["queued", "sent", "delivered"]
    assert twilio.message(message.sid).from_ == SENDER
    changed = service.update(use_inbound_webhook_on_number=True, inbound_method="GET", validity_period=600)
    assert (changed.use_inbound_webhook_on_number, changed.inbound_method, changed.validity_period) == (
        True,
        "GET",
        600,
    )
    assert changed.friendly_name == "Ventas"
    assert service.channel_senders(sid).fetch().messaging_service_sid == service.sid
    assert service.channel_senders(sid).delete() is True
    assert service.delete() is True
    assert client.messaging.v1.services.list() == []


@pytest.mark.parametrize(
    "field", ["StickySender=maybe", "InboundMethod=PUT", "ValidityPeriod=0", "ValidityPeriod=99999"]
)
def test_refused_settings(twilio: Emulator, field: str) -> None:
    """A setting that cannot be read is refused."""
    name, _, value = field.partition("=")
    auth = (twilio.account_sid, twilio.auth_token)
    form = {"FriendlyName": "Ventas", name: value}
    answer = requests.post(f"{twilio.base_url}/v1/Services", data=form, auth=auth, timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (400, 20001)
    nameless = requests.post(f"{twilio.base_url}/v1/Services", data={}, auth=auth, timeout=5)
    assert nameless.status_code == 400


def test_inbound_goes_to_the_service(twilio: Emulator, ana: Customer, receiver: Any) -> None:
    """A service with a URL of its own gets its senders' messages, unless it defers to the sender."""
    sid = twilio.add_messaging_service(NUMBER, inbound_request_url=f"{receiver.url}/service")
    ana.says("uno")
    (form,) = receiver.forms("/service")
    assert form["MessagingServiceSid"] == sid
    service = twilio.world.senders.service(sid)
    assert service is not None
    twilio.world.senders.change_service(service, use_inbound_webhook_on_number=True)
    ana.says("dos")
    assert [each["Body"] for each in receiver.forms("/inbound")] == ["dos"]


def test_a_service_keeps_its_sender(twilio: Emulator, ana: Customer, send: Any) -> None:
    """The sender used first for a person is used again while it is online; with none online 21703."""
    twilio.add_number("+14155550101")
    service = twilio.add_messaging_service(NUMBER, "+14155550101")

    def sender() -> str:
        return twilio.message(send(from_=None, messaging_service_sid=service, body="Hi").sid).from_

    assert sender() == SENDER
    twilio.add_number(NUMBER, status="OFFLINE")
    assert sender() == "whatsapp:+14155550101"
    twilio.add_number(NUMBER)
    assert sender() == "whatsapp:+14155550101"
    twilio.add_number(NUMBER, status="OFFLINE")
    twilio.add_number("+14155550101", status="OFFLINE")
    with pytest.raises(TwilioRestException) as caught:
        sender()
    assert caught.value.code == 21703


def test_opt_outs(twilio: Emulator, ana: Customer, send: Any, receiver: Any) -> None:
    """With Advanced Opt-Out a whole-message STOP blocks sends with 21610 until START."""
    twilio.add_messaging_service(NUMBER, opt_out=True)
    ana.says("please stop sending")
    send(body="Hi")
    ana.says(" Stop ")
    assert receiver.forms("/inbound")[-1]["OptOutType"] == "STOP"
    with pytest.raises(TwilioRestException) as caught:
        send(body="Hi")
    assert (caught.value.status, caught.value.code) == (400, 21610)
    ana.says("help")
    assert receiver.forms("/inbound")[-1]["OptOutType"] == "HELP"
    ana.says("START")
    send(body="Hi")


def test_without_a_service_stop_is_a_word_like_any_other(ana: Customer, send: Any, receiver: Any) -> None:
    """Twilio keeps no STOP words for WhatsApp unless a service does."""
    ana.says("STOP")
    assert "OptOutType" not in receiver.forms("/inbound")[-1]
    send(body="Hi")


def test_api_keys(twilio: Emulator) -> None:
    """An API key's sid and secret stand in for the account's; a wrong secret does not."""
    sid, secret = twilio.add_api_key()
    url = f"{twilio.base_url}/v1/Services"
    assert requests.get(url, auth=(sid, secret), timeout=5).status_code == 200
    assert requests.get(url, auth=(sid, "wrong"), timeout=5).status_code == 401
    for header in ("Bearer x", "Basic !!", "Basic eA==", ""):
        assert requests.get(url, headers={"Authorization": header}, timeout=5).status_code == 401
