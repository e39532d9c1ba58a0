"""Fetching the files that customers sent, in two colours.

Only the account's own files at the configured address are asked for with credentials. The provider answers
with a redirect to a signed address of its file hosts, which is followed once, without credentials, to known
hosts only and never to a private network. A file may be missing in the first seconds after its webhook.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urljoin, urlsplit

from wa_omnichannel.adapters.twilio.account import CONNECT_TIMEOUT, READ_TIMEOUT, Account, hidden
from wa_omnichannel.adapters.twilio.network import is_loopback
from wa_omnichannel.adapters.twilio.secret import Secret
from wa_omnichannel.errors import MediaRefused, MediaUnavailable
from wa_omnichannel.ports import AsyncDownload, Download

CHUNK = 64 * 1024
"""Bytes per chunk at most."""

FILE_HOSTS = ("twiliocdn.com",)
"""Domains, with everything below them, that the provider keeps files on."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NOT_YET = frozenset({404, 408, 429})
_HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "wa-omnichannel"}
_UNKNOWN_TYPE = "application/octet-stream"


class _Source:
    """What both colours share: which addresses may be asked, and what answers mean."""

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str | Secret,
        base_url: str | None = None,
        api_key: tuple[str, str | Secret] | None = None,
        file_hosts: Sequence[str] = FILE_HOSTS,
        timeouts: tuple[float, float] = (CONNECT_TIMEOUT, READ_TIMEOUT),
    ) -> None:
        """Fetch the files of one account.

        Args:
            account_sid: ``AC`` and 32 hexadecimal digits.
            auth_token: The account's auth token.
            base_url: Address of the API, for a region or a local Twilio.
            api_key: SID (``SK``) and secret of an API key, or SID and token of the main account, to use instead.
            file_hosts: Domains that a redirect may lead to, besides the API's own host.
            timeouts: For connecting and for reading, in seconds.

        Raises:
            InvalidValue: An argument is wrong; names it.
        """
        auth_token, api_key = Secret(auth_token), hidden(api_key)
        self._account = Account.of(account_sid, auth_token, api_key, base_url, timeouts)
        self._hosts = tuple(host.lower() for host in file_hosts)
        base = urlsplit(self._account.base_url)
        self._base = (base.scheme, base.hostname, base.port)
        self._local = is_loopback(base.hostname or "")
        sid = "[A-Z]{2}[0-9a-fA-F]{32}"
        path = f"/2010-04-01/Accounts/{self._account.sid}/Messages/{sid}/Media/{sid}"
        self._own = re.compile(re.escape(self._account.base_url) + path, re.ASCII)

    def _check(self, url: str) -> None:
        """Let only the account's own files pass."""
        if not self._own.fullmatch(url):
            raise MediaRefused("The address is not that of a file of this account.")

    def _target(self, url: str, status: int, headers: Mapping[str, str]) -> str | None:
        """Return where a redirect leads, or None for an answer that is no redirect.

        Raises:
            MediaRefused: It leads to a host that is not the provider's.
        """
        if status not in _REDIRECTS:
            return None
        try:
            target = urljoin(url, headers.get("Location", ""))
            parts = urlsplit(target)
            origin = (parts.scheme, parts.hostname, parts.port)
        except ValueError:
            raise MediaRefused("The file's redirect leads nowhere.") from None
        if origin != self._base and not self._is_file_host(origin):
            raise MediaRefused("The file's redirect leads to a host that is not the provider's.")
        return target

    def _is_file_host(self, origin: tuple[str, str | None, int | None]) -> bool:
        scheme, host, port = origin
        named = (host or "").lower()
        return scheme == "https" and port is None and any(named == h or named.endswith("." + h) for h in self._hosts)


def _checked(status: int, headers: Mapping[str, str]) -> str:
    """Return the content type of an answer that is a file.

    Raises:
        MediaUnavailable: There is no file yet, or the provider has a fault.
        MediaRefused: There is no file, and there will be none.
    """
    if 200 <= status < 300:
        return headers.get("Content-Type") or _UNKNOWN_TYPE
    if status in _NOT_YET or status >= 500:
        raise MediaUnavailable(f"The file is not there (yet): the provider answered {status}.", None, status)
    raise MediaRefused(f"The provider does not give the file: it answered {status}.", None, status)


def _lost() -> MediaUnavailable:
    return MediaUnavailable("The provider could not be reached, or stopped in the middle of the file.")


def _twice() -> MediaRefused:
    return MediaRefused("The file's redirect leads to another redirect.")


class TwilioMedia(_Source):
    """Fetches files for threads; see :class:`~wa_omnichannel.ports.MediaSource`."""

    @contextlib.contextmanager
    def open(self, url: str) -> Generator[Download]:
        """Open the file at the provider's *url*.

        Raises:
            MediaUnavailable: It cannot be fetched now (retryable).
            MediaRefused: It is not a file of this account, or the provider does not give it.
        """
        from wa_omnichannel.adapters.twilio import blocking

        self._check(url)
        with contextlib.ExitStack() as stack:
            answer = self._get(blocking, stack, url, credentials=True)
            target = self._target(url, answer.status_code, answer.headers)
            if target is not None:
                answer = self._get(blocking, stack, target, credentials=False)
                if answer.status_code in _REDIRECTS:
                    raise _twice()
            yield Download(_checked(answer.status_code, answer.headers), _chunks(answer, blocking.FAILURES))

    def _get(self, blocking: Any, stack: contextlib.ExitStack, url: str, *, credentials: bool) -> Any:
        """Ask for *url*; without credentials only public addresses are connected to."""
        guard = None if credentials or self._local else blocking.PublicAdapter()
        session = stack.enter_context(blocking.new_session(self._account if credentials else None, guard))
        try:
            answer = session.get(
                url, headers=_HEADERS, stream=True, allow_redirects=False, timeout=self._account.timeouts
            )
        except blocking.FAILURES:
            answer = None
        if answer is None:
            raise _lost()
        return stack.enter_context(answer)


def _chunks(answer: Any, failures: tuple[type[Exception], ...]) -> Iterator[bytes]:
    try:
        yield from answer.iter_content(CHUNK)
    except failures:
        pass
    else:
        return
    raise _lost()


class AsyncTwilioMedia(_Source):
    """Fetches files for coroutines; the arguments and methods of :class:`TwilioMedia`."""

    @contextlib.asynccontextmanager
    async def open(self, url: str) -> AsyncGenerator[AsyncDownload]:
        """Open the file at the provider's *url*; raises as :meth:`TwilioMedia.open` does."""
        from wa_omnichannel.adapters.twilio import coroutine

        self._check(url)
        async with contextlib.AsyncExitStack() as stack:
            answer = await self._get(coroutine, stack, url, credentials=True)
            target = self._target(url, answer.status, answer.headers)
            if target is not None:
                answer = await self._get(coroutine, stack, target, credentials=False)
                if answer.status in _REDIRECTS:
                    raise _twice()
            yield AsyncDownload(_checked(answer.status, answer.headers), _achunks(answer, coroutine.FAILURES))

    async def _get(self, coroutine: Any, stack: contextlib.AsyncExitStack, url: str, *, credentials: bool) -> Any:
        guard = None if credentials or self._local else coroutine.PublicResolver()
        account = self._account if credentials else None
        session = await stack.enter_async_context(coroutine.new_session(account, self._account.timeouts, guard))
        try:
            answer = await stack.enter_async_context(session.get(url, headers=_HEADERS, allow_redirects=False))
        except coroutine.FAILURES:
            answer = None
        if answer is None:
            raise _lost()
        return answer


async def _achunks(answer: Any, failures: tuple[type[Exception], ...]) -> AsyncIterator[bytes]:
    try:
        async for chunk in answer.content.iter_chunked(CHUNK):
            yield chunk
    except failures:
        pass
    else:
        return
    raise _lost()
