"""Our transports at work, in both colours: Meta's on its double, Twilio's on the emulator."""

from __future__ import annotations

import base64
import contextlib
import hmac
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import urlencode

import attrs
from tests.support import meta_double
from tests.support.meta_double import MetaDouble

from wa_omnichannel.adapters.meta import MAX_BODY, AsyncMetaMedia, AsyncMetaTransport, MetaMedia, MetaTransport
from wa_omnichannel.adapters.twilio import AsyncTwilioMedia, AsyncTwilioTransport, TwilioMedia, TwilioTransport
from wa_omnichannel.adapters.twilio.forms import parse
from wa_omnichannel.addresses import Address
from wa_omnichannel.emulator import Customer, Emulator
from wa_omnichannel.errors import MalformedWebhook
from wa_omnichannel.messages import Outgoing, Text
from wa_omnichannel.testing.conformance import AsyncBench, Bench, Fault, SharedFile
from wa_omnichannel.webhooks import WebhookRequest

NUMBER, ANA = Address(meta_double.NUMBER), Address(meta_double.ANA)
OUTGOING = Outgoing("m-1", NUMBER, ANA, Text("Hola, ¿qué tal?"))
PATIENCE = (1.0, 0.3)
"""Time-outs of the transports here, so that a late answer is soon late."""


# --- Meta


def meta_settings(double: MetaDouble) -> dict[str, Any]:
    return {
        "access_token": meta_double.TOKEN,
        "app_secret": meta_double.APP_SECRET,
        "verify_token": meta_double.VERIFY,
        "numbers": {NUMBER: meta_double.NUMBER_ID},
        "base_url": double.url,
        "timeouts": PATIENCE,
    }


@contextmanager
def meta() -> Iterator[Bench]:
    with MetaDouble() as double, MetaTransport(**meta_settings(double)) as transport:
        media = MetaMedia(access_token=meta_double.TOKEN, base_url=double.url)
        yield Bench(transport, double, OUTGOING, media, lookup=False, largest=MAX_BODY)


@asynccontextmanager
async def async_meta() -> AsyncIterator[AsyncBench]:
    with MetaDouble() as double:
        async with AsyncMetaTransport(**meta_settings(double)) as transport:
            media = AsyncMetaMedia(access_token=meta_double.TOKEN, base_url=double.url)
            yield AsyncBench(transport, double, OUTGOING, media, lookup=False, largest=MAX_BODY)


# --- Twilio

ACCOUNT = "AC" + "a1" * 16
TOKEN = "a-token-for-tests"
PUBLIC = "https://example.com/wa"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 600


@attrs.define
class TwilioProvider:
    """The emulator as the suite wants it."""

    emulator: Emulator
    customer: Customer
    _count: int = 0

    def plan(self, fault: Fault) -> None:
        faults = self.emulator.faults
        match fault:
            case Fault.REFUSED:
                faults.refuse_next(21211, at_once=True)
            case Fault.THROTTLED:
                faults.fail_next(429)
            case Fault.FAILED:
                faults.fail_next(500, processed=False)
            case Fault.LOST:
                faults.fail_next(500, processed=True)
            case Fault.UNAVAILABLE:
                faults.fail_next(503, processed=False)
            case Fault.DROPPED:
                faults.disconnect_next(processed=True)
            case Fault.LATE:
                faults.slow_next(5.0)
            case Fault.GARBLED:
                faults.fail_next(200, processed=True)

    def stop(self) -> None:
        self.emulator.stop()

    @property
    def posts(self) -> int:
        return sum(each.method == "POST" for each in self.emulator.requests)

    @property
    def arrived(self) -> int:
        return sum(each.direction == "outbound-api" for each in self.emulator.messages)

    def inbound(self, body: str) -> WebhookRequest:
        self._count += 1
        form = {"MessageSid": f"SM{self._count:032x}", "From": f"whatsapp:{ANA}", "To": f"whatsapp:{NUMBER}"}
        return self.signed(urlencode({**form, "Body": body}).encode())

    def status(self, sid: str, message_id: str) -> WebhookRequest:
        form = {"MessageSid": sid, "MessageStatus": "delivered"}
        return self.signed(urlencode(form).encode(), "/status", f"m={message_id}")

    def signed(self, body: bytes, path: str = "/inbound", query: str = "") -> WebhookRequest:
        text = (PUBLIC + path + (f"?{query}" if query else "")).encode()
        with contextlib.suppress(MalformedWebhook):
            text += parse(body).signed
        signature = base64.b64encode(hmac.digest(TOKEN.encode(), text, "sha1")).decode()
        return WebhookRequest(body, (("x-twilio-signature", signature),), path, query)

    def file(self) -> SharedFile:
        sid = self.customer.sends_media(PICTURE, "image/png").sid
        (held,) = self.emulator.messages[-1].media
        path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}/Media/{held.sid}"
        return SharedFile(self.emulator.base_url + path, "image/png", PICTURE)

    def missing(self) -> str:
        sid = "0" * 32
        path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/MM{sid}/Media/ME{sid}"
        return self.emulator.base_url + path


@contextmanager
def _twilio() -> Iterator[TwilioProvider]:
    with Emulator(ACCOUNT, TOKEN, delay=0.001) as emulator:
        emulator.add_number(NUMBER)
        emulator.faults.drop("*", times=2000)
        customer = emulator.customer(ANA, name="Ana", number=NUMBER)
        customer.says("Hola")
        yield TwilioProvider(emulator, customer)


def _twilio_settings(provider: TwilioProvider) -> dict[str, Any]:
    base_url = provider.emulator.base_url
    return {"account_sid": ACCOUNT, "auth_token": TOKEN, "base_url": base_url, "timeouts": PATIENCE}


@contextmanager
def twilio() -> Iterator[Bench]:
    with _twilio() as provider:
        settings = _twilio_settings(provider)
        with TwilioTransport(public_url=PUBLIC, **settings) as transport:
            yield Bench(transport, provider, OUTGOING, TwilioMedia(**settings))


@asynccontextmanager
async def async_twilio() -> AsyncIterator[AsyncBench]:
    with _twilio() as provider:
        settings = _twilio_settings(provider)
        async with AsyncTwilioTransport(public_url=PUBLIC, **settings) as transport:
            yield AsyncBench(transport, provider, OUTGOING, AsyncTwilioMedia(**settings))
