"""Every way in which a webhook can come, from the local Twilio through a real server to a conversation."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest
from tests.support.shop import shop
from tests.twilio.conftest import ACCOUNT, ANA, NUMBER, TOKEN

from wa_omnichannel.adapters.memory import MemoryStore
from wa_omnichannel.adapters.twilio import TwilioTransport
from wa_omnichannel.emulator import Emulator, SharedKey
from wa_omnichannel.integrations.asgi import WebhookApp
from wa_omnichannel.integrations.server import listen, serving
from wa_omnichannel.messages import Text
from wa_omnichannel.omnichannel import Omnichannel


@attrs.frozen
class Side:
    """The local Twilio, the application and where it is."""

    twilio: Emulator
    desk: Omnichannel
    inbound_url: str


@pytest.fixture
def side() -> Iterator[Side]:
    listener = listen()
    with Emulator(ACCOUNT, TOKEN, delay=0.001) as twilio:
        transport = TwilioTransport(
            account_sid=ACCOUNT,
            auth_token=TOKEN,
            public_url=f"{listener.url}/wa",
            base_url=twilio.base_url,
            shared_keys={"KE1": "a shared secret"},
        )
        desk = Omnichannel(shop(), store=MemoryStore(), transport=transport)
        with serving(WebhookApp(desk, every=None), listener):
            yield Side(twilio, desk, transport.inbound_url)


def _post(side: Side) -> None:
    side.twilio.add_number(NUMBER, side.inbound_url)


def _put(side: Side) -> None:
    side.twilio.add_number(NUMBER, side.inbound_url, inbound_method="PUT")


def _get(side: Side) -> None:
    side.twilio.add_number(NUMBER)
    side.twilio.add_messaging_service(NUMBER, inbound_request_url=side.inbound_url, inbound_method="GET")


def _get_with_a_query(side: Side) -> None:
    side.twilio.add_number(NUMBER)
    url = f"{side.inbound_url}?shop=a%20b+c"
    side.twilio.add_messaging_service(NUMBER, inbound_request_url=url, inbound_method="GET")


def _overrides(side: Side) -> None:
    side.twilio.add_number(NUMBER, f"{side.inbound_url}?x=1#rc=2&rp=all")


def _json(side: Side) -> None:
    side.twilio.configure(webhook_format="json")
    _post(side)


def _shared_key(side: Side) -> None:
    side.twilio.configure(shared_key=SharedKey("KE1", "a shared secret"))
    _post(side)


def _json_with_a_shared_key(side: Side) -> None:
    side.twilio.configure(webhook_format="json")
    _shared_key(side)


def _fallback(side: Side) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]  # nobody listens there any more
    side.twilio.add_number(NUMBER, f"http://127.0.0.1:{port}/#rc=0", fallback_url=side.inbound_url)


def _fallback_by_put(side: Side) -> None:
    _fallback(side)
    number = side.twilio.world.senders.get(f"whatsapp:{NUMBER}")
    assert number is not None
    side.twilio.world.senders.put(attrs.evolve(number, fallback_method="PUT"))


WAYS = (
    _post,
    _put,
    _get,
    _get_with_a_query,
    _overrides,
    _json,
    _shared_key,
    _json_with_a_shared_key,
    _fallback,
    _fallback_by_put,
)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__.strip("_"))
def test_a_webhook_comes_in_any_way(side: Side, way: Callable[[Side], Any]) -> None:
    way(side)
    ana = side.twilio.customer(ANA, "Ana Muñoz", NUMBER)
    delivery = ana.says("¿Está listo? 😀")
    assert (delivery.status_code, delivery.error) == (200, "")
    (listed,) = side.desk.conversations()
    (message,) = side.desk.messages(listed.conversation.id)
    assert message.content == Text("¿Está listo? 😀")
    assert listed.name == "Ana Muñoz"


def test_the_fallback_url_gets_what_the_first_one_did_not_answer(side: Side) -> None:
    """The first URL took the message and answered too late: one message all the same."""
    side.twilio.add_number(NUMBER, side.inbound_url, fallback_url=side.inbound_url)
    ana = side.twilio.customer(ANA, "Ana", NUMBER)
    ana.says("Hola")
    (webhook,) = side.twilio.webhooks
    error = {"ErrorCode": "11200", "ErrorUrl": side.inbound_url}
    ana.sends(**{**webhook.params, **error})
    (listed,) = side.desk.conversations()
    assert len(side.desk.messages(listed.conversation.id)) == 1
