"""Fetching files, in two colours: streamed, with or without credentials, and what the answers mean."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Generator, Mapping
from typing import Any

from wa_omnichannel._net.calls import Credentials
from wa_omnichannel.errors import MediaRefused, MediaUnavailable

CHUNK = 64 * 1024
"""Bytes per chunk at most."""

HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "wa-omnichannel"}
UNKNOWN_TYPE = "application/octet-stream"

_NOT_YET = frozenset({404, 408, 429})


def content_type(status: int, headers: Mapping[str, str]) -> str:
    """Return the content type of an answer that is a file.

    Raises:
        MediaUnavailable: There is no file yet, or the provider has a fault.
        MediaRefused: There is no file, and there will be none.
    """
    if 200 <= status < 300:
        return headers.get("Content-Type") or UNKNOWN_TYPE
    if status in _NOT_YET or status >= 500:
        raise MediaUnavailable(f"The file is not there (yet): the provider answered {status}.", None, status)
    raise MediaRefused(f"The provider does not give the file: it answered {status}.", None, status)


def lost() -> MediaUnavailable:
    """Return the error for a call that did not end."""
    return MediaUnavailable("The provider could not be reached, or stopped in the middle of the file.")


def get(
    stack: contextlib.ExitStack,
    url: str,
    who: Credentials | None,
    timeouts: tuple[float, float],
    *,
    public_only: bool = False,
) -> Any:
    """Ask for *url* with the credentials of *who*, if any; the answer is closed with the *stack*.

    Args:
        stack: Closes everything.
        url: What to fetch.
        who: Whose credentials go with the request.
        timeouts: For connecting and for reading, in seconds.
        public_only: Connect to addresses on the public internet only.

    Raises:
        MediaUnavailable: There was no answer.
    """
    from wa_omnichannel._net import blocking

    guard = blocking.PublicAdapter() if public_only else None
    session = stack.enter_context(blocking.new_session(who, guard))
    try:
        answer = session.get(url, headers=HEADERS, stream=True, allow_redirects=False, timeout=timeouts)
    except blocking.FAILURES:
        answer = None
    if answer is None:
        raise lost()
    return stack.enter_context(answer)


def chunks(answer: Any) -> Generator[bytes]:
    """Yield the content of an answer of :func:`get`.

    Raises:
        MediaUnavailable: It ended early.
    """
    from wa_omnichannel._net.blocking import FAILURES

    try:
        yield from answer.iter_content(CHUNK)
    except FAILURES:
        pass
    else:
        return
    raise lost()


async def aget(
    stack: contextlib.AsyncExitStack,
    url: str,
    who: Credentials | None,
    timeouts: tuple[float, float],
    *,
    public_only: bool = False,
) -> Any:
    """Ask for *url*; see :func:`get`."""
    from wa_omnichannel._net import coroutine

    guard = coroutine.PublicResolver() if public_only else None
    session = await stack.enter_async_context(coroutine.new_session(who, timeouts, guard))
    try:
        answer = await stack.enter_async_context(session.get(url, headers=HEADERS, allow_redirects=False))
    except coroutine.FAILURES:
        answer = None
    if answer is None:
        raise lost()
    return answer


async def achunks(answer: Any) -> AsyncGenerator[bytes]:
    """Yield the content of an answer of :func:`aget`; raises as :func:`chunks` does."""
    from wa_omnichannel._net.coroutine import FAILURES

    try:
        async for chunk in answer.content.iter_chunked(CHUNK):
            yield chunk
    except FAILURES:
        pass
    else:
        return
    raise lost()
