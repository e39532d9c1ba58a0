"""Requests with an id: done once; who repeats one gets the first result, who reuses its id an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import cast

import attrs

from wa_omnichannel._flows.steps import Flow, T, load
from wa_omnichannel.errors import AlreadyDone, RequestConflict
from wa_omnichannel.ports import Answered, done_key


@attrs.frozen
class Request:
    """What somebody asks for under an id of their own."""

    id: str
    asked: str
    """Print of the call and its arguments."""

    @property
    def once(self) -> str:
        """The unique id to commit with."""
        return f"request:{self.id}"


def request_of(id: str | None, *asked: object) -> Request | None:  # noqa: A002 - the caller's name for it
    """Return the request of a call, None if it has no id.

    >>> request_of("r1", "close", "v1") == request_of("r1", "close", "v1")
    True
    >>> request_of("r1", "close", "v1") == request_of("r1", "close", "v2")
    False
    """
    return Request(id, sha256(repr(_plain(asked)).encode()).hexdigest()[:32]) if id is not None else None


def _plain(value: object) -> object:
    """Take a value apart so that equal ones look the same in every release: without defaults, mappings in order.

    The key of a file is left out: whoever repeats a request puts the same file into the blob store once more.
    """
    kind = type(value)
    if attrs.has(kind):
        parts = ((field.name, getattr(value, field.name)) for field in attrs.fields(kind))
        told = {name: part for name, part in parts if name != "blob" and part not in (None, "", ())}
        return kind.__name__, _plain(told)
    if isinstance(value, Mapping):
        return sorted((name, _plain(part)) for name, part in cast("Mapping[str, object]", value).items())
    if isinstance(value, tuple):
        return [_plain(part) for part in cast("tuple[object, ...]", value)]
    return value


def once_only(request: Request | None, work: Callable[[], Flow[T]], kind: type[T]) -> Flow[T]:
    """Do *work* unless the request was done before; then return the first result.

    Args:
        request: What is asked for, or None to do it in any case.
        work: Commits with the request's unique id.
        kind: What the result is.

    Raises:
        RequestConflict: The id was used for something else.
    """
    if request is None:
        return (yield from work())
    first = (yield from load(done_key(request.once))).get(done_key(request.once))
    if first is not None:
        return _first_result(request, first.value, kind)
    try:
        return (yield from work())
    except AlreadyDone as done:
        return _first_result(request, done.result, kind)


def _first_result(request: Request, found: object, kind: type[T]) -> T:
    asked, result = (found.asked, found.result) if isinstance(found, Answered) else (request.asked, found)
    if asked != request.asked or not isinstance(result, kind):
        raise RequestConflict.of(request.id)
    return result
