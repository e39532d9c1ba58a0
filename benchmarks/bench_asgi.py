"""CPU time per webhook through ASGI: the application of this library against a Starlette route that parses the form.

No server and no socket: each application gets the scope and the messages that a server would give it, on one event
loop. *Reading* stops after the signature and the meaning; the full path commits to the memory store.

Run: python benchmarks/bench_asgi.py
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from bench_inbound import ACCOUNT, POOL, PUBLIC, TOKEN, requests, rules_of
from lab import Case, measure, report
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wa_omnichannel import AsyncOmnichannel, WebhookRequest, WebhookResponse
from wa_omnichannel.adapters.memory import AsyncMemoryStore
from wa_omnichannel.adapters.twilio import AsyncTwilioTransport
from wa_omnichannel.integrations.asgi import WebhookApp
from wa_omnichannel.webhooks import EMPTY_TWIML

App = Callable[[Any, Any, Any], Awaitable[None]]


async def parses_the_form(request: Request) -> Response:
    form = await request.form()
    assert form["MessageSid"]
    return Response(EMPTY_TWIML.body, media_type="text/xml")


class Reads(AsyncOmnichannel):
    """A channel that verifies and understands a webhook, and leaves it at that."""

    async def receive(self, request: WebhookRequest) -> WebhookResponse:
        """Answer once it is understood."""
        self._outside.transport.read(request)
        return EMPTY_TWIML


def scope_of(request: WebhookRequest) -> dict[str, Any]:
    """Return what a server tells of a request."""
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "https",
        "path": request.path,
        "raw_path": request.path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in request.headers],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
    }


async def answered(app: App, scope: dict[str, Any], body: bytes) -> int:
    """Give one request to *app* and return the status of its answer."""
    status = 0

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)

    await app(scope, receive, send)
    return status


def main() -> None:
    pool = [(scope_of(request), request.body) for request, _ in requests()]

    def channel(kind: type[AsyncOmnichannel]) -> WebhookApp:
        transport = AsyncTwilioTransport(account_sid=ACCOUNT, auth_token=TOKEN, public_url=PUBLIC)
        return WebhookApp(kind(rules_of(0), store=AsyncMemoryStore(), transport=transport), every=None)

    def case(make: Callable[[], App]) -> Case:
        async def passes(n: int) -> None:
            app = make()  # a new store each time: answered duplicates do not count
            for scope, body in pool[:n]:
                assert await answered(app, dict(scope), body) == 200

        return lambda n: asyncio.run(passes(n))

    cases = {
        "Starlette, parses the form": case(
            lambda: Starlette(routes=[Route("/inbound", parses_the_form, methods=["POST"])])
        ),
        "this application, reading": case(lambda: channel(Reads)),
        "this application, full path": case(lambda: channel(AsyncOmnichannel)),
    }
    report("webhook through ASGI", measure(cases, POOL), "Starlette, parses the form")


if __name__ == "__main__":
    main()
