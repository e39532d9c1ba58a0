"""The REST API as a Starlette application."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from wa_omnichannel.emulator.calls import Answer, Call, Handler
from wa_omnichannel.emulator.faults import RequestFault
from wa_omnichannel.emulator.problems import RestError, fault_body
from wa_omnichannel.emulator.rest import ROUTES, answer_call, refuse
from wa_omnichannel.emulator.world import World

TRANSPORT_KEY = "wa_omnichannel.emulator.transport"

Endpoint = Callable[[Request], Awaitable[Response]]


class DroppedConnection(Response):
    """An answer that never comes: the connection is closed instead."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Close the connection.

        Raises:
            ConnectionResetError: If the application runs without the emulator's server.
        """
        transport = scope.get(TRANSPORT_KEY)
        if transport is None:
            raise ConnectionResetError("an ordered fault dropped this connection")
        transport.abort()
        await asyncio.sleep(0)


def create_app(world: World) -> Starlette:
    """Return the REST API of ``world``, which may also be mounted in another application."""
    routes = [Route(path, _endpoint(world, handlers), methods=list(handlers)) for path, handlers in ROUTES.items()]
    return Starlette(routes=routes, exception_handlers={404: _unknown_path, 405: _unknown_method})


def _endpoint(world: World, handlers: Mapping[str, Handler]) -> Endpoint:
    async def respond(request: Request) -> Response:
        call = await _read(request)
        world.log_request(call.record(world.clock.now()))
        handler = handlers["GET" if call.method == "HEAD" else call.method]
        return await _respond(world, handler, call, world.faults.take_request(call.method))

    return respond


async def _respond(world: World, handler: Handler, call: Call, fault: RequestFault) -> Response:
    answer = Answer()
    if fault.processed:
        answer = await run_in_threadpool(answer_call, world, handler, call)
    await asyncio.sleep(fault.seconds)
    if fault.disconnect:
        return DroppedConnection()
    if fault.status:
        answer = Answer(status=fault.status, payload=fault_body(fault.status))
    return _response(answer)


async def _read(request: Request) -> Call:
    body = await request.body()
    return Call(
        method=request.method,
        path=request.url.path,
        query=tuple(parse_qsl(request.url.query, keep_blank_values=True)),
        form=tuple(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)),
        params={name: str(value) for name, value in request.path_params.items()},
        authorization=request.headers.get("Authorization", ""),
    )


def _response(answer: Answer) -> Response:
    content = answer.content
    if answer.payload is not None:
        content = json.dumps(answer.payload, ensure_ascii=False).encode()
    headers = {**answer.headers, "Content-Type": answer.content_type}
    return Response(content, answer.status, headers)


def _unknown_path(request: Request, _failure: Exception) -> Response:
    return _response(refuse(RestError(20404, f"The requested resource {request.url.path} was not found")))


def _unknown_method(_request: Request, failure: Exception) -> Response:
    headers = dict(failure.headers or {}) if isinstance(failure, HTTPException) else {}
    refusal = RestError(20004)
    return _response(Answer(status=refusal.status, payload=refusal.body, headers=headers))
