"""Every resource the emulator answers, read by the classes of Twilio's SDK."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest
from twilio.rest.api.v2010.account import AccountInstance  # type: ignore[import-untyped]
from twilio.rest.api.v2010.account.message import MessageInstance  # type: ignore[import-untyped]
from twilio.rest.api.v2010.account.message.media import MediaInstance  # type: ignore[import-untyped]
from twilio.rest.content.v1.content import ContentInstance, ContentList  # type: ignore[import-untyped]
from twilio.rest.content.v1.content.approval_create import ApprovalCreateInstance  # type: ignore[import-untyped]
from twilio.rest.content.v1.content.approval_fetch import ApprovalFetchInstance  # type: ignore[import-untyped]
from twilio.rest.content.v1.content_and_approvals import (  # type: ignore[import-untyped]
    ContentAndApprovalsInstance,
)
from twilio.rest.content.v1.legacy_content import LegacyContentInstance  # type: ignore[import-untyped]
from twilio.rest.messaging.v1.service import ServiceInstance  # type: ignore[import-untyped]
from twilio.rest.messaging.v1.service.channel_sender import ChannelSenderInstance  # type: ignore[import-untyped]
from twilio.rest.messaging.v2.channels_sender import ChannelsSenderInstance  # type: ignore[import-untyped]
from twilio.rest.messaging.v3.typing_indicator import TypingIndicatorInstance  # type: ignore[import-untyped]
from twilio.rest.monitor.v1.alert import AlertInstance  # type: ignore[import-untyped]

from wa_omnichannel.emulator import Customer, Emulator
from wa_omnichannel.emulator.rest.fields import CONTENT_TYPES, FIELDS, NULLABLE

NUMBER = "+14155550100"

INSTANCES: dict[str, Any] = {
    "account": AccountInstance,
    "alert": AlertInstance,
    "channel_sender": ChannelSenderInstance,
    "content": ContentInstance,
    "content_and_approvals": ContentAndApprovalsInstance,
    "legacy_content": LegacyContentInstance,
    "approval_create": ApprovalCreateInstance,
    "approval_fetch": ApprovalFetchInstance,
    "media": MediaInstance,
    "message": MessageInstance,
    "sender": ChannelsSenderInstance,
    "service": ServiceInstance,
    "typing": TypingIndicatorInstance,
}


def names_read(instance: Any) -> set[str]:
    """Return the keys of a payload that an SDK class reads in its constructor."""
    return set(re.findall(r'payload\.get\(\s*"([^"]+)"', inspect.getsource(instance.__init__)))


@pytest.mark.parametrize("resource", sorted(FIELDS))
def test_the_table_of_fields_is_that_of_the_sdk(resource: str) -> None:
    """The data names exactly the attributes that Twilio's class of the resource has."""
    assert set(FIELDS[resource]) == names_read(INSTANCES[resource])


def test_the_content_types_are_those_of_the_sdk() -> None:
    """Every content type of the API can be created, and no other."""
    source = inspect.getsource(ContentList.Types)
    assert set(CONTENT_TYPES) == set(re.findall(r'payload\.get\(\s*"([a-z]+/[a-z-]+)"', source)) | {
        "whatsapp/authentication"
    }


def check(resource: str, instance: Any, *, empty: set[str] = frozenset()) -> None:  # type: ignore[assignment]
    """Assert that each attribute of an SDK object has a value, except those in *empty*, which may have none."""
    attributes = {name: value for name, value in vars(instance).items() if not name.startswith("_")}
    found = {name.rstrip("_") for name, value in attributes.items() if value is None}
    assert found == empty
    assert empty <= NULLABLE.get(resource, frozenset())


def test_every_attribute_is_filled(twilio: Emulator, ana: Customer, send: Any, client: Any, receiver: Any) -> None:
    """The SDK parses each resource, and an attribute is empty only where Twilio's may be."""
    inbound = ana.sends_media(b"x", "image/png")
    message = send(body="Hi")
    twilio.wait_idle()
    absent = {"error_code", "error_message", "messaging_service_sid", "price", "price_unit"}
    check("message", client.messages(message.sid).fetch(), empty=absent)
    check("media", client.messages(inbound.sid).media.list()[0])
    check("account", client.api.v2010.accounts(twilio.account_sid).fetch())
    check("content", client.content.v1.contents.list()[0])
    check("content", client.content.v2.contents.list()[0])
    check("content_and_approvals", client.content.v1.content_and_approvals.list()[0])
    check("content_and_approvals", client.content.v2.content_and_approvals.list()[0])
    check("legacy_content", client.content.v1.legacy_contents.list()[0])
    check("approval_fetch", client.content.v1.contents(twilio.order_ready_sid).approval_fetch().fetch())
    (sender,) = client.messaging.v2.channels_senders.list(channel="whatsapp")
    check("sender", sender, empty=set(NULLABLE["sender"]))
    service = client.messaging.v1.services(twilio.add_messaging_service(NUMBER))
    check("service", service.fetch(), empty={"fallback_url", "inbound_request_url", "status_callback"})
    check("channel_sender", service.channel_senders.list()[0])
    receiver.answers.append((500, ""))
    ana.says("Hola")
    (alert,) = client.monitor.v1.alerts.list()
    check("alert", alert, empty=set(NULLABLE["alert"] - {"request_method", "request_url"}))
    assert client.monitor.v1.alerts(alert.sid).fetch().error_code == "11200"


def test_failed_messages_name_the_error(twilio: Emulator, send: Any, client: Any) -> None:
    """A failed message has a code and a text, a message of a service its sid."""
    service = twilio.add_messaging_service(NUMBER)
    message = send(from_=None, messaging_service_sid=service, body="Hi")
    twilio.wait_idle()
    fetched = client.messages(message.sid).fetch()
    assert (fetched.error_code, fetched.messaging_service_sid) == (63016, service)
    assert fetched.error_message
