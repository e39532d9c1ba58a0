"""An ASGI application for the provider's webhooks; no framework needed, mountable in any.

::

    app = WebhookApp(channel)            # uvicorn module:app
    fastapi_app.mount("/wa", app)        # or below another application

It takes webhooks at every path below its mount point; the transport's ``public_url`` must be the public
address of that mount point. Below ``files/`` it serves what was attached, to whoever has a valid link;
below ``survey/`` customers answer the survey after a conversation. All of it also works where the application is
not mounted and sees the whole public path. ``health`` tells whether work is done in time and ``ready`` whether the
store answers, for load balancers and monitors: 200 or 503, with a few figures and no personal data.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Iterator, MutableMapping
from datetime import timedelta
from typing import Any, TypeAlias
from urllib.parse import quote

from wa_omnichannel._urls import below
from wa_omnichannel.errors import NotFound, Refused, WaOmnichannelError
from wa_omnichannel.integrations import survey_page
from wa_omnichannel.integrations._http import (
    FILE_METHODS,
    METHODS,
    NOT_ALLOWED,
    Proxies,
    failure,
    file_headers,
    health_response,
    no_file,
    request_of,
    too_large,
)
from wa_omnichannel.integrations.links import FOLDER, SURVEYS
from wa_omnichannel.integrations.survey_page import Page
from wa_omnichannel.omnichannel import AsyncOmnichannel, Omnichannel
from wa_omnichannel.ports import SharedFile
from wa_omnichannel.surveys import Questionnaire
from wa_omnichannel.webhooks import MAX_BODY, WebhookRequest, WebhookResponse
from wa_omnichannel.worker import EVERY, AsyncWorker, Worker

Scope: TypeAlias = MutableMapping[str, Any]
ReceiveCall: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
HTML = "text/html; charset=utf-8"

SendCall: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class WebhookApp:
    """Passes webhooks to a channel of either colour, and ticks it in the background while it runs.

    A blocking channel is called in a worker thread, so it never blocks the event loop.
    """

    def __init__(
        self,
        channel: Omnichannel | AsyncOmnichannel,
        *,
        every: timedelta | None = EVERY,
        max_body: int = MAX_BODY,
        trusted_proxies: Iterable[str] = (),
    ) -> None:
        """Serve *channel*.

        Args:
            channel: The channel, in either colour.
            every: Longest time between two ticks in the background; None leaves ticking to the application,
                for example to a worker process. The background task needs the server's lifespan events.
            max_body: Largest body in bytes that is taken; a transport that reads batches needs more.
            trusted_proxies: Addresses or networks of proxies, such as ``10.0.0.0/8``. What they say about the
                public address (``X-Forwarded-Proto``, ``-Host`` and ``-Prefix``) is tried beside ``public_url``
                when a signature is checked; what anybody else says is never looked at.

        Raises:
            InvalidValue: A proxy is neither an address nor a network.
        """
        self._proxies = Proxies(trusted_proxies)
        self._channel = channel
        self._every = every
        self._max_body = max_body
        self._wake: Callable[[], None] | None = None

    async def __call__(self, scope: Scope, receive: ReceiveCall, send: SendCall) -> None:
        """Handle one connection of the server."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            path = _path(scope)
            if path.rpartition("/")[2] in ("health", "ready") and scope["method"] == "GET":
                await _respond(send, await self._health(path))
            elif FOLDER in path:
                await self._serve(scope["method"], path, send)
            elif SURVEYS in path:
                page = await self._survey(scope["method"], path, receive)
                await _respond(send, WebhookResponse(page.status, page.html.encode(), HTML), survey_page.HEADERS)
            else:
                await _respond(send, await self._handle(scope, path, receive))

    async def _health(self, path: str) -> WebhookResponse:
        """Tell how the channel is."""
        return health_response(await self._call(self._channel.health), path.rpartition("/")[2])

    async def _serve(self, method: str, path: str, send: SendCall) -> None:
        """Answer the provider that fetches a file."""
        if method not in FILE_METHODS:
            await _respond(send, NOT_ALLOWED)
            return
        try:
            file, chunks = await self._shared(path)
            first = await anext(chunks, b"")
        except NotFound as error:
            await _respond(send, no_file(error))
            return
        async with contextlib.aclosing(chunks):
            await _start(send, 200, file_headers(file))
            if method == "GET":
                await send({"type": "http.response.body", "body": first, "more_body": True})
                async for chunk in chunks:
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body"})

    async def _survey(self, method: str, path: str, receive: ReceiveCall) -> Page:
        """Show the questions behind a survey link, or take the answers; whatever is wrong, it is a plain page."""
        if method not in survey_page.METHODS:
            return survey_page.refused(NotFound("survey", method))
        body = await _body(receive, MAX_BODY) if method == "POST" else b""
        try:
            if body is None or method != "POST":
                return await self._asked(path, problem=body is None)
            return await self._answered(path, body)
        except WaOmnichannelError as error:
            return survey_page.refused(error)

    async def _asked(self, path: str, *, problem: bool = False) -> Page:
        return survey_page.form(await self._call(self._channel.survey, path), problem)

    async def _answered(self, path: str, body: bytes) -> Page:
        scores, comment = survey_page.filled_in(body)
        asked: Questionnaire = await self._call(self._channel.survey, path)
        try:
            await self._call(self._channel.answer_survey, path, scores, comment)
        except Refused:
            return await self._asked(path, problem=True)
        return survey_page.said(200, "thanks", asked.language)

    async def _call(self, method: Callable[..., Any], *args: object) -> Any:
        """Call a method of the channel, whatever its colour."""
        if isinstance(self._channel, AsyncOmnichannel):
            return await method(*args)
        return await asyncio.to_thread(method, *args)

    async def _shared(self, path: str) -> tuple[SharedFile, AsyncGenerator[bytes]]:
        if isinstance(self._channel, AsyncOmnichannel):
            file, chunks = await self._channel.shared(path)
            return file, _awaited(chunks)
        file, blocking = await asyncio.to_thread(self._channel.shared, path)
        return file, _threaded(blocking)

    async def _handle(self, scope: Scope, path: str, receive: ReceiveCall) -> WebhookResponse:
        if scope["method"] not in METHODS:
            return NOT_ALLOWED
        body = await _body(receive, self._max_body)
        if body is None:
            return too_large(self._max_body)
        request = request_of(scope["method"], path, scope["query_string"], scope["headers"], body)
        request = self._proxies.told(request, (scope.get("client") or ("",))[0])
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
            try:
                yield blocking.wake
            finally:
                await asyncio.to_thread(blocking.stop)
            return
        worker = AsyncWorker(self._channel, every)
        task = asyncio.create_task(worker.run())
        try:
            yield worker.wake
        finally:
            worker.stop()
            await task


def _path(scope: Scope) -> str:
    """Return the path below the mount point as it was written on the wire."""
    raw = scope.get("raw_path") or b""
    if b"%" in raw:
        return below(raw.decode("latin-1").partition("?")[0], quote(scope.get("root_path", "")))
    return below(scope["path"], scope.get("root_path", ""))


async def _body(receive: ReceiveCall, limit: int) -> bytes | None:
    """Return the body, or None as soon as it has more than *limit* bytes."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > limit:
            return None
        if not message.get("more_body", False):
            return bytes(body)


async def _awaited(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    async for chunk in chunks:
        yield chunk


async def _threaded(chunks: Iterator[bytes]) -> AsyncGenerator[bytes]:
    """Read blocking chunks in a worker thread."""
    while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
        yield chunk


async def _respond(send: SendCall, response: WebhookResponse, more: Iterable[tuple[str, str]] = ()) -> None:
    headers = (("content-type", response.content_type), ("content-length", str(len(response.body))))
    await _start(send, response.status, (*headers, *more))
    await send({"type": "http.response.body", "body": response.body})


async def _start(send: SendCall, status: int, headers: Iterable[tuple[str, str]]) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": raw})
