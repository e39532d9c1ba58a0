"""A small Cloud API on loopback: sends, media, templates, the 24-hour window, signed webhooks, and faults.

It shares no code with the adapter; the signature is computed by hand.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import attrs

from wa_omnichannel.testing.conformance import Fault, SharedFile
from wa_omnichannel.webhooks import WebhookRequest

APP_SECRET = "app-secret-for-tests"
VERIFY = "a-word-for-tests"
TOKEN = "EAAtokenfortests"
NUMBER = "+14155550100"
NUMBER_ID = "106540352242922"
ANA = "+34600000001"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 600


def signature_of(body: bytes, secret: str = APP_SECRET) -> str:
    """HMAC-SHA-256 as RFC 2104 writes it."""
    key = secret.encode().ljust(64, b"\0")
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in key) + body).digest()
    return "sha256=" + hashlib.sha256(bytes(b ^ 0x5C for b in key) + inner).hexdigest()


def error(code: int, message: str, details: str = "") -> dict[str, Any]:
    data = {"messaging_product": "whatsapp", "details": details or message}
    return {"error": {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code, "error_data": data}}


@attrs.frozen
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: Any


@attrs.define
class MetaDouble:
    """The state of one app; use it as a context manager."""

    requests: list[Request] = attrs.Factory(list)
    sent: list[dict[str, Any]] = attrs.Factory(list)
    """Bodies of the messages that were sent, with the ``id`` they got."""
    open_windows: set[str] = attrs.Factory(lambda: {ANA.removeprefix("+")})
    templates: set[tuple[str, str]] = attrs.Factory(lambda: {("order_ready", "es")})
    files: dict[str, tuple[str, bytes]] = attrs.Factory(lambda: {"5544": ("image/png", PICTURE)})
    file_url: str | None = None
    """Where files are said to be, if that is not here."""
    patience: threading.Event = attrs.Factory(threading.Event)
    """Set at the end, for answers that wait."""
    _faults: deque[Fault] = attrs.Factory(deque)
    _lock: threading.Lock = attrs.Factory(threading.Lock)
    _count: int = 0
    _server: ThreadingHTTPServer | None = None
    _thread: threading.Thread | None = None

    # --- life

    def __enter__(self) -> MetaDouble:
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                double._handle(self)

            def do_GET(self) -> None:
                double._handle(self)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                return

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, request: Any, client_address: Any) -> None:
                return

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.005,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self.patience.set()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            self._thread = None

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_port}"

    # --- the provider of the conformance suite

    def plan(self, fault: Fault) -> None:
        self._faults.append(fault)

    @property
    def posts(self) -> int:
        return sum(each.method == "POST" for each in self.requests)

    @property
    def arrived(self) -> int:
        return len(self.sent)

    def inbound(self, body: str, **more: Any) -> WebhookRequest:
        return self.webhook(messages=[self.message(type="text", text={"body": body}, **more)])

    def status(self, sid: str, message_id: str, status: str = "delivered", **more: Any) -> WebhookRequest:
        report = {"id": sid, "status": status, "timestamp": "1767225600", "recipient_id": ANA.removeprefix("+")}
        return self.webhook(statuses=[{**report, "biz_opaque_callback_data": message_id, **more}])

    def signed(self, body: bytes) -> WebhookRequest:
        return WebhookRequest(body, (("x-hub-signature-256", signature_of(body)),), "/meta")

    def file(self) -> SharedFile:
        content_type, content = self.files["5544"]
        return SharedFile(f"{self.url}/v23.0/5544", content_type, content)

    def missing(self) -> str:
        return f"{self.url}/v23.0/9999"

    # --- webhooks

    def message(self, **content: Any) -> dict[str, Any]:
        self._count += 1
        number = ANA.removeprefix("+")
        return {"from": number, "id": f"wamid.in{self._count}", "timestamp": "1767225600", **content}

    def webhook(self, **value: Any) -> WebhookRequest:
        return self.signed(json.dumps(self.body(self.change(**value))).encode())

    def change(self, field: str = "messages", **value: Any) -> dict[str, Any]:
        metadata = {"display_phone_number": "1 415-555-0100", "phone_number_id": NUMBER_ID}
        contacts = [{"profile": {"name": "Ana"}, "wa_id": ANA.removeprefix("+")}]
        return {
            "field": field,
            "value": {"messaging_product": "whatsapp", "metadata": metadata, "contacts": contacts, **value},
        }

    def body(self, *changes: dict[str, Any]) -> dict[str, Any]:
        return {"object": "whatsapp_business_account", "entry": [{"id": "1029", "changes": list(changes)}]}

    # --- the API

    def _handle(self, handler: Any) -> None:
        raw = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        with contextlib.suppress(ValueError):
            raw = json.loads(raw)
        with self._lock:
            self.requests.append(Request(handler.command, handler.path, dict(handler.headers.items()), raw))
            fault = self._faults.popleft() if self._faults else None
        with contextlib.suppress(OSError):
            if handler.command == "GET" and fault is None:
                self._get(handler)
            else:
                self._post(handler, raw, fault)

    def _post(self, handler: Any, body: Any, fault: Fault | None) -> None:
        early: dict[Fault, tuple[int, dict[str, Any]]] = {
            Fault.REFUSED: (400, error(100, "Invalid parameter")),
            Fault.THROTTLED: (400, error(130429, "Rate limit hit")),
            Fault.FAILED: (500, error(131000, "Something went wrong")),
            Fault.UNAVAILABLE: (503, error(2, "Service temporarily unavailable")),
        }
        if fault in early:
            self._answer(handler, *early[fault])
            return
        status, answer = self._take(handler, body)
        if fault is Fault.DROPPED:
            handler.close_connection = True
            handler.connection.close()
            return
        if fault is Fault.LATE:
            self.patience.wait(2)
        if fault is Fault.LOST:
            status, answer = 500, error(131000, "Something went wrong")
        self._answer(handler, status, {"messages": "?"} if fault is Fault.GARBLED else answer)

    def _take(self, handler: Any, body: Any) -> tuple[int, dict[str, Any]]:
        refused = self._refusal(handler, body)
        if refused is not None:
            return refused
        with self._lock:
            sid = f"wamid.out{len(self.sent) + 1}"
            self.sent.append({**body, "id": sid})
        to = body.get("to") or body.get("recipient")
        contacts = [{"input": to, "wa_id": to}]
        return 200, {"messaging_product": "whatsapp", "contacts": contacts, "messages": [{"id": sid}]}

    def _refusal(self, handler: Any, body: Any) -> tuple[int, dict[str, Any]] | None:
        if handler.headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, error(190, "Access token has expired")
        if handler.path != f"/v23.0/{NUMBER_ID}/messages":
            return 400, error(33, "Parameter value is not valid")
        if handler.headers.get("Content-Type") != "application/json" or body.get("messaging_product") != "whatsapp":
            return 400, error(100, "Invalid parameter")
        if body["type"] == "template":
            named = (body["template"]["name"], body["template"]["language"]["code"])
            return None if named in self.templates else (404, error(132001, "Template name does not exist"))
        to = body.get("to") or body.get("recipient")
        return None if to in self.open_windows else (400, error(131047, "Re-engagement message"))

    def _get(self, handler: Any) -> None:
        if handler.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._answer(handler, 401, error(190, "Access token has expired"))
            return
        path = handler.path.removeprefix("/v23.0")
        held = self.files.get(path.strip("/").removeprefix("files/"))
        if held is None:
            self._answer(handler, 404, error(100, "Unsupported get request"))
        elif path.startswith("/files/"):
            self._write(handler, 200, held[0], held[1])
        else:
            url = f"{self.url}/files{path}" if self.file_url is None else self.file_url
            said = {"url": url, "mime_type": held[0], "sha256": hashlib.sha256(held[1]).hexdigest(), "id": path}
            self._answer(handler, 200, said)

    def _answer(self, handler: Any, status: int, body: dict[str, Any]) -> None:
        self._write(handler, status, "application/json", json.dumps(body).encode())

    def _write(self, handler: Any, status: int, content_type: str, body: bytes) -> None:
        handler.send_response(status)
        for name, value in {"Content-Type": content_type, "Content-Length": str(len(body))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)
