"""An emulator with a customer, a raw HTTP server that can do anything, and both colours behind one face."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hmac
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import attrs
import pytest

from wa_omnichannel.adapters.twilio import AsyncTwilioMedia, AsyncTwilioTransport, TwilioMedia, TwilioTransport
from wa_omnichannel.adapters.twilio.forms import parse
from wa_omnichannel.addresses import Address
from wa_omnichannel.emulator import Customer, Emulator
from wa_omnichannel.messages import Content, Outcome, Outgoing, Sighting, Text
from wa_omnichannel.ports import SentQuery
from wa_omnichannel.webhooks import WebhookRequest

ACCOUNT = "AC" + "a1" * 16
TOKEN = "a-token-for-tests"
NUMBER = Address("+14155550100")
ANA = Address("+34600000001")
PUBLIC = "https://example.com/wa"


def outgoing(content: Content | None = None, message_id: str = "m-1", to: Address = ANA) -> Outgoing:
    return Outgoing(message_id, NUMBER, to, content or Text("Hola"))


def signed(body: bytes, path: str = "/inbound", query: str = "") -> WebhookRequest:
    """Return a request as the provider signs it."""
    text = (PUBLIC + path + (f"?{query}" if query else "")).encode() + parse(body).signed
    signature = base64.b64encode(hmac.digest(TOKEN.encode(), text, "sha1")).decode()
    return WebhookRequest(body, (("x-twilio-signature", signature),), path, query)


class Blocking:
    """The blocking colour."""

    name = "blocking"

    def __init__(self, **settings: Any) -> None:
        self.settings: dict[str, Any] = {"account_sid": ACCOUNT, "auth_token": TOKEN, **settings}

    def send(self, message: Outgoing) -> Outcome:
        with TwilioTransport(public_url=PUBLIC, **self.settings) as transport:
            return transport.send(message)

    def find(self, query: SentQuery) -> tuple[Sighting, ...]:
        with TwilioTransport(public_url=PUBLIC, **self.settings) as transport:
            return transport.find(query)

    def fetch(self, url: str) -> tuple[str, bytes]:
        with TwilioMedia(**self.settings).open(url) as download:
            return download.content_type, b"".join(download.chunks)


class Coroutines(Blocking):
    """The other colour, run to its end."""

    name = "coroutines"

    def send(self, message: Outgoing) -> Outcome:
        async def run() -> Outcome:
            async with AsyncTwilioTransport(public_url=PUBLIC, **self.settings) as transport:
                return await transport.send(message)

        return asyncio.run(run())

    def find(self, query: SentQuery) -> tuple[Sighting, ...]:
        async def run() -> tuple[Sighting, ...]:
            async with AsyncTwilioTransport(public_url=PUBLIC, **self.settings) as transport:
                return await transport.find(query)

        return asyncio.run(run())

    def fetch(self, url: str) -> tuple[str, bytes]:
        async def run() -> tuple[str, bytes]:
            async with AsyncTwilioMedia(**self.settings).open(url) as download:
                return download.content_type, b"".join([chunk async for chunk in download.chunks])

        return asyncio.run(run())


@pytest.fixture(params=[Blocking, Coroutines], ids=lambda colour: colour.name)
def colour(request: pytest.FixtureRequest) -> Callable[..., Blocking]:
    """Each test with this fixture runs in both colours."""
    found: Callable[..., Blocking] = request.param
    return found


@pytest.fixture
def twilio() -> Iterator[Emulator]:
    with Emulator(ACCOUNT, TOKEN, delay=0.001) as emulator:
        emulator.add_number(NUMBER)
        emulator.faults.drop("*", times=2000)  # nobody listens to callbacks here
        yield emulator


@pytest.fixture
def ana(twilio: Emulator) -> Customer:
    customer = twilio.customer(ANA, name="Ana", number=NUMBER)
    customer.says("Hola")
    return customer


@attrs.frozen
class Seen:
    """A request as the raw server saw it."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


@attrs.define
class RawServer:
    """A server on loopback; ``answer`` is called with the handler, and may do anything with the socket."""

    server: ThreadingHTTPServer
    answer: Callable[[Any], object] = lambda handler: reply(handler, 500)
    seen: list[Seen] = attrs.Factory(list)
    release: threading.Event = attrs.Factory(threading.Event)
    """Set at the end of the test, for answers that wait."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"


def reply(handler: Any, status: int, body: bytes = b"", **headers: str) -> None:
    """Answer a request of the raw server."""
    handler.send_response(status)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in {"Content-Length": str(len(body)), "Connection": "close", **named}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


@pytest.fixture
def raw() -> Iterator[RawServer]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            found.seen.append(Seen(self.command, self.path, dict(self.headers.items()), body))
            self.close_connection = True
            with contextlib.suppress(OSError):
                found.answer(self)

        def do_GET(self) -> None:
            self.handle_any()

        def do_POST(self) -> None:
            self.handle_any()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            return

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            return

    found = RawServer(Server(("127.0.0.1", 0), Handler))
    thread = threading.Thread(target=found.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield found
    found.release.set()
    found.server.shutdown()
    thread.join()
    found.server.server_close()
