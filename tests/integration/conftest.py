"""A channel over memory stores in both colours, and webhooks signed as Twilio signs them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import urllib.parse
from collections.abc import Callable

import attrs
import httpx
import pytest
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from wa_omnichannel import AsyncOmnichannel, Number, Omnichannel, Queue, Rules, Workstream
from wa_omnichannel.adapters.memory import AsyncMemoryStore, MemoryStore
from wa_omnichannel.adapters.twilio import AsyncTwilioTransport, TwilioTransport
from wa_omnichannel.integrations.asgi import WebhookApp

NUMBER = "+14155550100"
ANA = "+34600000001"
ACCOUNT = "AC" + "0" * 32
TOKEN = "a token for tests"
PUBLIC = "https://shop.example/wa"

RULES = Rules([Number(NUMBER, "Shop", "support")], [Workstream("support", "general")], [Queue("general")])


@attrs.frozen
class Signed:
    """A webhook ready to be posted."""

    body: bytes
    headers: dict[str, str]


@attrs.frozen
class Sign:
    """How tests make webhooks."""

    message: Callable[..., Signed]
    form: Callable[[dict[str, str]], Signed]
    raw: Callable[[bytes], Signed]


def signed_form(form: dict[str, str], url: str = f"{PUBLIC}/inbound") -> Signed:
    """Return a form, signed with the provider's own library."""
    signature = RequestValidator(TOKEN).compute_signature(url, form)
    return Signed(urllib.parse.urlencode(form).encode(), _headers(signature))


def signed_bytes(body: bytes, url: str = f"{PUBLIC}/inbound") -> Signed:
    """Return any bytes, signed over what they decode to, so that only reading them can fail."""
    pairs = [pair.partition(b"=") for pair in body.split(b"&")]
    decoded = sorted((name, urllib.parse.unquote_to_bytes(value)) for name, _, value in pairs)
    text = url.encode() + b"".join(name + value for name, value in decoded)
    signature = base64.b64encode(hmac.digest(TOKEN.encode(), text, hashlib.sha1)).decode()
    return Signed(body, _headers(signature))


def _headers(signature: str) -> dict[str, str]:
    return {"x-twilio-signature": signature, "content-type": "application/x-www-form-urlencoded"}


def message(sid: str = "SM" + "1" * 32, text: str = "Hola", url: str = f"{PUBLIC}/inbound") -> Signed:
    """Return a customer's message, signed with the provider's own library."""
    form = {
        "MessageSid": sid,
        "AccountSid": ACCOUNT,
        "From": f"whatsapp:{ANA}",
        "To": f"whatsapp:{NUMBER}",
        "Body": text,
        "NumMedia": "0",
        "ProfileName": "Ana",
    }
    return signed_form(form, url)


def blocking() -> Omnichannel:
    transport = TwilioTransport(account_sid=ACCOUNT, auth_token=TOKEN, public_url=PUBLIC)
    return Omnichannel(RULES, store=MemoryStore(), transport=transport)


def awaiting() -> AsyncOmnichannel:
    transport = AsyncTwilioTransport(account_sid=ACCOUNT, auth_token=TOKEN, public_url=PUBLIC)
    return AsyncOmnichannel(RULES, store=AsyncMemoryStore(), transport=transport)


@pytest.fixture(params=[blocking, awaiting], ids=["blocking", "awaiting"])
def desk(request: pytest.FixtureRequest) -> Omnichannel | AsyncOmnichannel:
    make: Callable[[], Omnichannel | AsyncOmnichannel] = request.param
    return make()


@pytest.fixture
def sign() -> Sign:
    return Sign(message, signed_form, signed_bytes)


@pytest.fixture
def client(desk: Omnichannel | AsyncOmnichannel) -> httpx.AsyncClient:
    """Return an HTTP client that calls the application in this process."""
    transport = httpx.ASGITransport(app=WebhookApp(desk, every=None))
    return httpx.AsyncClient(transport=transport, base_url="https://shop.example")
