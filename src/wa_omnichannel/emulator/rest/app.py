"""The REST API as a Starlette application."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from wa_omnichannel.emulator.behaviour.problems import RestError, fault_body
from wa_omnichannel.emulator.rest.answering import answer_call, refuse
from wa_omnichannel.emulator.rest.calls import Answer, Call
from wa_omnichannel.emulator.rest.openapi import document
from wa_omnichannel.emulator.rest.routes import OPERATIONS, Operation
from wa_omnichannel.emulator.state.faults import NO_REQUEST_FAULT, RequestFault
from wa_omnichannel.emulator.state.world import World

TRANSPORT_KEY = "wa_omnichannel.emulator.transport"
OPENAPI_PATH = "/emulator/openapi.json"
MAX_BODY = 1024 * 1024
_FORM = "application/x-www-form-urlencoded"

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


def create_app(world: World, extra: Sequence[BaseRoute] = ()) -> Starlette:
    """Return the REST API of ``world``, which may also be mounted in another application."""
    routes = [
        *(Route(path, _endpoint(world, verbs), methods=list(verbs)) for path, verbs in OPERATIONS.items()),
        Route(OPENAPI_PATH, _openapi),
        *extra,
    ]
    return Starlette(routes=routes, exception_handlers={404: _unknown_path, 405: _unknown_method})


def to_response(answer: Answer) -> Response:
    """Return an answer as Starlette sends it."""
    content = answer.content
    if answer.payload is not None:
        content = json.dumps(answer.payload, ensure_ascii=False).encode("utf-8", "replace")
    return Response(content, answer.status, {**answer.headers, "Content-Type": answer.content_type})


def _endpoint(world: World, verbs: Mapping[str, Operation]) -> Endpoint:
    in_progress = [0]

    async def respond(request: Request) -> Response:
        in_progress[0] += 1
        try:
            call = await _read(request)
            world.log_request(call.record(world.clock.now()))
            operation = verbs["GET" if call.method == "HEAD" else call.method]
            limit = world.options.limits.concurrent
            if limit is not None and in_progress[0] > limit:
                return _too_many(in_progress[0])
            return await _respond(world, operation, call)
        except RestError as refusal:
            return to_response(refuse(refusal))
        finally:
            in_progress[0] -= 1

    return respond


def _too_many(count: int) -> Response:
    response = to_response(refuse(RestError(20429)))
    response.headers["Twilio-Concurrent-Requests"] = str(count)
    return response


async def _respond(world: World, operation: Operation, call: Call) -> Response:
    fault = world.faults.take_request(call.method, call.path)
    answer = answer_call(world, operation, call) if fault.processed else Answer()
    if fault is not NO_REQUEST_FAULT:
        return await _faulty(fault, answer)
    return to_response(answer)


async def _faulty(fault: RequestFault, answer: Answer) -> Response:
    await asyncio.sleep(fault.seconds)
    if fault.disconnect:
        return DroppedConnection()
    if fault.status:
        return to_response(Answer(status=fault.status, payload=fault_body(fault.status)))
    return to_response(answer)


async def _read(request: Request) -> Call:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise RestError(20422, "The body is larger than 1 MB")
    is_form = request.headers.get("Content-Type", _FORM).startswith(_FORM)
    form = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True) if is_form else ()
    return Call(
        method=request.method,
        path=request.url.path,
        query=tuple(parse_qsl(request.url.query, keep_blank_values=True)),
        form=tuple(form),
        body=bytes(body),
        params={name: str(value) for name, value in request.path_params.items()},
        authorization=request.headers.get("Authorization", ""),
    )


async def _openapi(_request: Request) -> Response:
    return to_response(Answer(payload=document()))


def _unknown_path(request: Request, _failure: Exception) -> Response:
    return to_response(refuse(RestError(20404, f"The requested resource {request.url.path} was not found")))


def _unknown_method(_request: Request, failure: Exception) -> Response:
    headers = dict(failure.headers or {}) if isinstance(failure, HTTPException) else {}
    refusal = RestError(20004)
    return to_response(Answer(status=refusal.status, payload=refusal.body, headers=headers))
