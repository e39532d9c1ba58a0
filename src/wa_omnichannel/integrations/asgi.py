"""An ASGI application for the provider's webhooks; no framework needed, mountable in any.

::

    app = WebhookApp(channel)            # uvicorn module:app
    fastapi_app.mount("/wa", app)        # or below another application

It takes webhooks at every path below its mount point; the transport's ``public_url`` must be the public
address of that mount point.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
from datetime import timedelta
from typing import Any, TypeAlias

from wa_omnichannel.errors import WaOmnichannelError
from wa_omnichannel.integrations._http import METHODS, NOT_ALLOWED, TOO_LARGE, failure, request_of
from wa_omnichannel.omnichannel import AsyncOmnichannel, Omnichannel
from wa_omnichannel.webhooks import MAX_BODY, WebhookRequest, WebhookResponse
from wa_omnichannel.worker import EVERY, AsyncWorker, Worker

Scope: TypeAlias = MutableMapping[str, Any]
ReceiveCall: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
SendCall: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class WebhookApp:
    """Passes webhooks to a channel of either colour, and ticks it in the background while it runs.

    A blocking channel is called in a worker thread, so it never blocks the event loop.
    """

    def __init__(self, channel: Omnichannel | AsyncOmnichannel, *, every: timedelta | None = EVERY) -> None:
        """Serve *channel*.

        Args:
            channel: The channel, in either colour.
            every: Longest time between two ticks in the background; None leaves ticking to the application,
                for example to a worker process. The background task needs the server's lifespan events.
        """
        self._channel = channel
        self._every = every
        self._wake: Callable[[], None] | None = None

    async def __call__(self, scope: Scope, receive: ReceiveCall, send: SendCall) -> None:
        """Handle one connection of the server."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await _respond(send, await self._handle(scope, receive))

    async def _handle(self, scope: Scope, receive: ReceiveCall) -> WebhookResponse:
        if scope["method"] not in METHODS:
            return NOT_ALLOWED
        body = await _body(receive)
        if body is None:
            return TOO_LARGE
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        request = request_of(scope["method"], path, scope["query_string"], scope["headers"], body)
        try:
            response = await self._receive(request)
        except WaOmnichannelError as error:
            return failure(error)
        if self._wake is not None and response.status < 300:
            self._wake()
        return response

    async def _receive(self, request: WebhookRequest) -> WebhookResponse:
        if isinstance(self._channel, AsyncOmnichannel):
            return await self._channel.receive(request)
        return await asyncio.to_thread(self._channel.receive, request)

    async def _lifespan(self, receive: ReceiveCall, send: SendCall) -> None:
        async with contextlib.AsyncExitStack() as stack:
            await receive()
            if self._every is not None:
                self._wake = await stack.enter_async_context(self._ticking(self._every))
            await send({"type": "lifespan.startup.complete"})
            await receive()
            self._wake = None
        await send({"type": "lifespan.shutdown.complete"})

    @contextlib.asynccontextmanager
    async def _ticking(self, every: timedelta) -> AsyncGenerator[Callable[[], None]]:
        """Run a worker; gives the function that wakes it."""
        if isinstance(self._channel, Omnichannel):
            blocking = Worker(self._channel, every).start()
            yield blocking.wake
            await asyncio.to_thread(blocking.stop)
            return
        worker = AsyncWorker(self._channel, every)
        task = asyncio.create_task(worker.run())
        yield worker.wake
        worker.stop()
        await task


async def _body(receive: ReceiveCall) -> bytes | None:
    """Return the body, or None as soon as it is larger than any webhook."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            return None
        if not message.get("more_body", False):
            return bytes(body)


async def _respond(send: SendCall, response: WebhookResponse) -> None:
    headers = [
        (b"content-type", response.content_type.encode()),
        (b"content-length", str(len(response.body)).encode()),
    ]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})
