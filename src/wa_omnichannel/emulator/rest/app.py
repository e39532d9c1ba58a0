"""The REST API as an ASGI application."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

import attrs

from wa_omnichannel.emulator.behaviour.problems import RestError, fault_body
from wa_omnichannel.emulator.rest.answering import answer_call, refuse
from wa_omnichannel.emulator.rest.calls import Answer, Call
from wa_omnichannel.emulator.rest.routes import OPERATIONS, Operation
from wa_omnichannel.emulator.state.faults import NO_REQUEST_FAULT, RequestFault
from wa_omnichannel.emulator.state.world import World

TRANSPORT_KEY = "wa_omnichannel.emulator.transport"
MAX_BODY = 1024 * 1024

_FORM = b"application/x-www-form-urlencoded"

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Extra = Callable[[Call], Awaitable[Answer | None]]


@attrs.frozen
class _Route:
    pattern: re.Pattern[str]
    verbs: Mapping[str, Operation]


class Application:
    """The REST API of a world, which may also be mounted in another application.

    ``extra`` is asked first about paths below ``/emulator/``, which are not Twilio's.
    """

    def __init__(self, world: World, extra: Extra | None = None) -> None:
        self._world = world
        self._extra = extra
        self._in_progress = 0
        self._routes = [_Route(_compiled(path), verbs) for path, verbs in OPERATIONS.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            return
        self._in_progress += 1
        try:
            answer = await self._answer(scope, receive)
        except RestError as refusal:
            answer = refuse(refusal)
        finally:
            self._in_progress -= 1
        if answer is None:
            await _drop(scope)
        else:
            await _send(send, answer, with_body=scope["method"] != "HEAD")

    async def _answer(self, scope: Scope, receive: Receive) -> Answer | None:
        """Return the answer, or ``None`` if the connection is to be dropped instead."""
        path = scope["path"]
        if self._extra is not None and path.startswith("/emulator/"):
            found = await self._extra(await _read(scope, receive, {}))
            return found or refuse(RestError(20404, f"The requested resource {path} was not found"))
        verbs, params = self._find(path)
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        if method not in verbs:
            return attrs.evolve(refuse(RestError(20004)), headers={"Allow": ", ".join(verbs)})
        call = await _read(scope, receive, params)
        self._world.log_request(call.record(self._world.clock.now()))
        limit = self._world.options.limits.concurrent
        if limit is not None and self._in_progress > limit:
            too_many = refuse(RestError(20429))
            return attrs.evolve(too_many, headers={"Twilio-Concurrent-Requests": str(self._in_progress)})
        return await self._respond(verbs[method], call)

    def _find(self, path: str) -> tuple[Mapping[str, Operation], dict[str, str]]:
        for route in self._routes:
            if match := route.pattern.fullmatch(path):
                return route.verbs, match.groupdict()
        raise RestError(20404, f"The requested resource {path} was not found")

    async def _respond(self, operation: Operation, call: Call) -> Answer | None:
        fault = self._world.faults.take_request(call.method, call.path)
        answer = answer_call(self._world, operation, call) if fault.processed else Answer()
        return answer if fault is NO_REQUEST_FAULT else await _faulty(fault, answer)


async def _faulty(fault: RequestFault, answer: Answer) -> Answer | None:
    await asyncio.sleep(fault.seconds)
    if fault.disconnect:
        return None
    return Answer(status=fault.status, payload=fault_body(fault.status)) if fault.status else answer


def _compiled(path: str) -> re.Pattern[str]:
    pieces = re.split(r"\{(\w+)\}", path)
    texts = (f"(?P<{piece}>[^/]+)" if number % 2 else re.escape(piece) for number, piece in enumerate(pieces))
    return re.compile("".join(texts))


async def _read(scope: Scope, receive: Receive, params: Mapping[str, str]) -> Call:
    body = await _body(receive)
    headers = dict(scope["headers"])
    is_form = headers.get(b"content-type", _FORM).startswith(_FORM)
    form = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True) if is_form and body else ()
    return Call(
        method=scope["method"],
        path=scope["path"],
        query=tuple(parse_qsl(scope["query_string"].decode("utf-8", "replace"), keep_blank_values=True)),
        form=tuple(form),
        body=body,
        params=params,
        authorization=headers.get(b"authorization", b"").decode("latin-1"),
    )


async def _body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if len(body) > MAX_BODY:
            raise RestError(20422, "The body is larger than 1 MB")
        if not message.get("more_body"):
            return body


async def _send(send: Send, answer: Answer, *, with_body: bool) -> None:
    content = answer.content
    if answer.payload is not None:
        content = json.dumps(answer.payload, ensure_ascii=False).encode("utf-8", "replace")
    headers = {**answer.headers, "Content-Type": answer.content_type, "Content-Length": str(len(content))}
    if answer.status == 204:
        headers.pop("Content-Length")
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    await send({"type": "http.response.body", "body": content if with_body else b""})


async def _drop(scope: Scope) -> None:
    """Close the connection without an answer.

    Raises:
        ConnectionResetError: If the application runs without the emulator's server.
    """
    transport = scope.get(TRANSPORT_KEY)
    if transport is None:
        raise ConnectionResetError("an ordered fault dropped this connection")
    transport.abort()
    await asyncio.sleep(0)
