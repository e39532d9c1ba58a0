"""An emulator, the real SDK pointed at it, and a small HTTP receiver for its webhooks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

import attrs
import pytest
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from wa_omnichannel.emulator import Customer, Emulator

ACCOUNT = "AC" + "a1" * 16
TOKEN = "a-token-for-tests"
NUMBER = "+14155550100"
SENDER = f"whatsapp:{NUMBER}"


@attrs.frozen
class Received:
    """A request as the receiver saw it."""

    path: str
    headers: dict[str, str]
    pairs: list[tuple[str, str]]
    body: str = ""
    method: str = "POST"

    @property
    def form(self) -> dict[str, str]:
        return dict(self.pairs)


class Receiver:
    """A real HTTP server that keeps what it is sent and serves files and answers set by a test."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answers: list[tuple[int, str]] = []
        self.files: dict[str, tuple[str, str, bytes]] = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def forms(self, path: str) -> list[dict[str, str]]:
        return [each.form for each in self.received if each.path.startswith(path)]

    def statuses(self) -> list[str]:
        return [form["MessageStatus"] for form in self.forms("/status")]

    def serve(self, path: str, content_type: str, data: bytes, *, head_type: str | None = None) -> str:
        self.files[path] = (content_type, head_type or content_type, data)
        return self.url + path

    def is_genuine(self, request: Received, token: str = TOKEN) -> bool:
        url, given = self.url + request.path, request.headers["x-twilio-signature"]
        return bool(RequestValidator(token).validate(url, request.form, given))

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:  # noqa: C901 - a class of small methods
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self._receive(self.rfile.read(int(self.headers["Content-Length"])).decode())

            def _receive(self, body: str) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                pairs = parse_qsl(body, keep_blank_values=True)
                receiver.received.append(Received(self.path, headers, pairs, body, self.command))
                status, text = receiver.answers.pop(0) if receiver.answers else (200, "<Response/>")
                self._reply(status, "text/xml", text.encode())

            def do_GET(self) -> None:
                if self.path.partition("?")[0] in receiver.files:
                    self._serve()
                else:
                    self._receive("")

            def do_PUT(self) -> None:
                self.do_POST()

            def _serve(self) -> None:
                content_type, _, data = receiver.files.get(self.path, ("", "", b""))
                self._reply(200 if content_type else 404, content_type, data)

            def do_HEAD(self) -> None:
                _, content_type, data = receiver.files.get(self.path, ("", "", b""))
                self._reply(200 if content_type else 404, content_type, data)

            def _reply(self, status: int, content_type: str, data: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(data)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                return

        return Handler


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    yield server
    server.stop()


@pytest.fixture
def twilio(receiver: Receiver) -> Iterator[Emulator]:
    with Emulator(ACCOUNT, TOKEN, delay=0.005) as emulator:
        emulator.add_number(NUMBER, inbound_url=f"{receiver.url}/inbound", status_url=None)
        yield emulator


@pytest.fixture
def ana(twilio: Emulator) -> Customer:
    return twilio.customer("+34600000001", name="Ana", number=NUMBER, user_id="ES.1234567890")


@pytest.fixture
def client(twilio: Emulator) -> Iterator[Any]:
    sdk = twilio.sdk_client()
    yield sdk
    sdk.http_client.session.close()


@pytest.fixture
def send(client: Any, receiver: Receiver, ana: Customer) -> Any:
    """Return a function that sends to Ana with a status callback."""

    def create(**fields: Any) -> Any:
        usual = {"from_": SENDER, "to": ana.address, "status_callback": f"{receiver.url}/status?id=7"}
        return client.messages.create(**{**usual, **fields})

    return create
