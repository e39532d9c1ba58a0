"""Fetching the files that customers sent, in two colours.

Only the account's own files at the configured address are asked for with credentials. The provider answers
with a redirect to a signed address of its file hosts, which is followed once, without credentials, to known
hosts only and never to a private network. A file may be missing in the first seconds after its webhook.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from urllib.parse import urljoin, urlsplit

from wa_omnichannel._net import files
from wa_omnichannel._net.network import is_loopback
from wa_omnichannel._net.secret import Secret
from wa_omnichannel.adapters.twilio.account import CONNECT_TIMEOUT, READ_TIMEOUT, Account, hidden
from wa_omnichannel.errors import MediaRefused
from wa_omnichannel.ports import AsyncDownload, Download

FILE_HOSTS = ("twiliocdn.com",)
"""Domains, with everything below them, that the provider keeps files on."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


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
        self._check(url)
        timeouts = self._account.timeouts
        with contextlib.ExitStack() as stack:
            answer = files.get(stack, url, self._account, timeouts)
            target = self._target(url, answer.status_code, answer.headers)
            if target is not None:
                answer = files.get(stack, target, None, timeouts, public_only=not self._local)
                if answer.status_code in _REDIRECTS:
                    raise _twice()
            yield Download(files.content_type(answer.status_code, answer.headers), files.chunks(answer))


class AsyncTwilioMedia(_Source):
    """Fetches files for coroutines; the arguments and methods of :class:`TwilioMedia`."""

    @contextlib.asynccontextmanager
    async def open(self, url: str) -> AsyncGenerator[AsyncDownload]:
        """Open the file at the provider's *url*; raises as :meth:`TwilioMedia.open` does."""
        self._check(url)
        timeouts = self._account.timeouts
        async with contextlib.AsyncExitStack() as stack:
            answer = await files.aget(stack, url, self._account, timeouts)
            target = self._target(url, answer.status, answer.headers)
            if target is not None:
                answer = await files.aget(stack, target, None, timeouts, public_only=not self._local)
                if answer.status in _REDIRECTS:
                    raise _twice()
            yield AsyncDownload(files.content_type(answer.status, answer.headers), files.achunks(answer))
