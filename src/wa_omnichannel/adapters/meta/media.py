"""Fetching the files that customers sent, in two colours and two steps.

The first request asks for the file's id and is answered with an address on the provider's file host; the
second one fetches it there, with the token again, because the host wants it. So the token only ever goes
to the API and to the file hosts that are known, never where else an answer points to.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from urllib.parse import urlsplit

from wa_omnichannel._net import files
from wa_omnichannel._net.calls import json_object
from wa_omnichannel._net.network import is_loopback
from wa_omnichannel._net.secret import Secret
from wa_omnichannel.adapters.meta.account import TIMEOUTS, VERSION, MetaAccount
from wa_omnichannel.adapters.meta.contents import FILE_ID
from wa_omnichannel.errors import MediaRefused
from wa_omnichannel.ports import AsyncDownload, Download

FILE_HOSTS = ("lookaside.fbsbx.com",)
"""Hosts that the provider keeps files on."""

_ANSWER = 64 * 1024
_NOT_OURS = "The file's address leads to a host that is not the provider's."


class _Source:
    """What both colours share: which addresses may be asked, and what answers mean."""

    def __init__(
        self,
        *,
        access_token: str | Secret,
        base_url: str | None = None,
        version: str = VERSION,
        file_hosts: Sequence[str] = FILE_HOSTS,
        timeouts: tuple[float, float] = TIMEOUTS,
    ) -> None:
        """Fetch files with one token.

        Args:
            access_token: Token of a system user.
            base_url: Address of the API, for a local double.
            version: Version of the Graph API.
            file_hosts: Hosts that files may be on, besides the API's own one.
            timeouts: For connecting and for reading, in seconds.

        Raises:
            InvalidValue: An argument is wrong; names it.
        """
        self._account = MetaAccount.of(Secret(access_token), {}, base_url, version, timeouts)
        self._hosts = frozenset(host.lower() for host in file_hosts)
        base = urlsplit(self._account.base_url)
        self._base = (base.scheme, base.hostname, base.port)
        self._local = is_loopback(base.hostname or "")
        self._own = re.compile(f"{re.escape(self._account.base_url)}/{FILE_ID.pattern}", re.ASCII)

    def _check(self, url: str) -> None:
        """Let only files of the API pass."""
        if not self._own.fullmatch(url):
            raise MediaRefused("The address is not that of a file at the provider.")

    def _target(self, status: int, headers: Mapping[str, str], body: bytes) -> str:
        """Return where the file is.

        Raises:
            MediaUnavailable: The provider does not say so now.
            MediaRefused: There is no such file, or it is said to be on a host that is not the provider's.
        """
        files.content_type(status, headers)
        url = json_object(body).get("url")
        try:
            parts = urlsplit(url if isinstance(url, str) else "")
            origin = (parts.scheme, parts.hostname, parts.port)
        except ValueError:
            raise MediaRefused(_NOT_OURS) from None
        known = origin[0] == "https" and origin[2] is None and (origin[1] or "") in self._hosts
        if origin != self._base and not known:
            raise MediaRefused(_NOT_OURS)
        return str(url)


class MetaMedia(_Source):
    """Fetches files for threads; see :class:`~wa_omnichannel.ports.MediaSource`."""

    @contextlib.contextmanager
    def open(self, url: str) -> Generator[Download]:
        """Open the file at the provider's *url*.

        Raises:
            MediaUnavailable: It cannot be fetched now (retryable).
            MediaRefused: It is not a file at the provider, or the provider does not give it.
        """
        self._check(url)
        timeouts, public = self._account.timeouts, not self._local
        with contextlib.ExitStack() as stack:
            asked = files.get(stack, url, self._account, timeouts)
            said = _first(files.chunks(asked))
            target = self._target(asked.status_code, asked.headers, said)
            answer = files.get(stack, target, self._account, timeouts, public_only=public)
            yield Download(files.content_type(answer.status_code, answer.headers), files.chunks(answer))


def _first(chunks: Generator[bytes]) -> bytes:
    """Return a short answer whole."""
    found = b""
    for chunk in chunks:
        found += chunk
        if len(found) > _ANSWER:
            break
    return found


class AsyncMetaMedia(_Source):
    """Fetches files for coroutines; the arguments and methods of :class:`MetaMedia`."""

    @contextlib.asynccontextmanager
    async def open(self, url: str) -> AsyncGenerator[AsyncDownload]:
        """Open the file at the provider's *url*; raises as :meth:`MetaMedia.open` does."""
        self._check(url)
        timeouts, public = self._account.timeouts, not self._local
        async with contextlib.AsyncExitStack() as stack:
            asked = await files.aget(stack, url, self._account, timeouts)
            said = await _afirst(files.achunks(asked))
            target = self._target(asked.status, asked.headers, said)
            answer = await files.aget(stack, target, self._account, timeouts, public_only=public)
            yield AsyncDownload(files.content_type(answer.status, answer.headers), files.achunks(answer))


async def _afirst(chunks: AsyncGenerator[bytes]) -> bytes:
    found = b""
    async for chunk in chunks:
        found += chunk
        if len(found) > _ANSWER:
            break
    return found
