"""WhatsApp through Meta's Cloud API: webhooks in, messages out, in two colours.

The API has no list of sent messages, so ``find`` answers None: a lost answer is found out about by the
status that follows, which carries our own id. The HTTP library is loaded with the first message.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from wa_omnichannel._net.calls import CallFailed
from wa_omnichannel._net.secret import Secret
from wa_omnichannel.adapters.meta import answers, webhook
from wa_omnichannel.adapters.meta.account import TIMEOUTS, VERSION, MetaAccount
from wa_omnichannel.adapters.meta.outgoing import body_of
from wa_omnichannel.adapters.meta.signature import MetaSignatures
from wa_omnichannel.adapters.meta.templates import Catalogue
from wa_omnichannel.errors import MissingExtra, WebhookTooLarge
from wa_omnichannel.messages import Outcome, Outgoing
from wa_omnichannel.ports import SentQuery
from wa_omnichannel.templates import Template
from wa_omnichannel.webhooks import Batch, WebhookRequest, WebhookResponse

TAKEN = WebhookResponse(200, b"EVENT_RECEIVED")
"""The answer that tells the provider: taken."""

_JSON = {"Content-Type": "application/json", "User-Agent": "wa-omnichannel"}


class _Adapter:
    """What both colours share: settings and webhooks."""

    def __init__(
        self,
        *,
        access_token: str | Secret,
        app_secret: str | Secret,
        verify_token: str | Secret,
        numbers: Mapping[str, str],
        templates: Iterable[Template] = (),
        other_app_secrets: Sequence[str | Secret] = (),
        base_url: str | None = None,
        version: str = VERSION,
        timeouts: tuple[float, float] = TIMEOUTS,
    ) -> None:
        """Speak for the numbers of one app.

        Args:
            access_token: Token of a system user.
            app_secret: The app's secret, with which webhooks are signed.
            verify_token: The word you enter when the webhook is set up.
            numbers: The phone number id of each business number in E.164.
            templates: The templates of the settings, so that it is known where their variables stand.
            other_app_secrets: Secrets whose signatures are accepted too, while secrets are exchanged.
            base_url: Address of the API, for a local double.
            version: Version of the Graph API.
            timeouts: For connecting and for reading, in seconds.

        Raises:
            InvalidValue: An argument is wrong; names it.
        """
        access_token, app_secret = Secret(access_token), Secret(app_secret)  # from here on no frame shows them
        self._account = MetaAccount.of(access_token, numbers, base_url, version, timeouts)
        self._signatures = MetaSignatures([app_secret, *map(Secret, other_app_secrets)], Secret(verify_token))
        self._catalogue = Catalogue(templates)

    def read(self, request: WebhookRequest) -> Batch:
        """Verify and read a webhook, or answer the question with which it is set up; computes only.

        Raises:
            WebhookTooLarge: The body is larger than any webhook; it is not even hashed.
            SignatureMismatch: The provider did not send this, or something changed it.
            MalformedWebhook: It is no webhook of a WhatsApp account.
        """
        if request.method == "GET":
            return Batch((), self._signatures.challenge(request))
        if len(request.body) > webhook.MAX_BODY:
            raise WebhookTooLarge(f"A webhook has at most {webhook.MAX_BODY} bytes.")
        self._signatures.check(request)
        return Batch(webhook.read(request.body, self._account), TAKEN)

    def _request(self, outgoing: Outgoing) -> tuple[str, bytes] | Outcome:
        """Return address and body of the request for a message, or why there is none."""
        sender = self._account.numbers.get(outgoing.sender)
        if sender is None:
            return answers.UNKNOWN_NUMBER
        body = body_of(outgoing, self._catalogue)
        if body is None:
            return answers.NOT_SENDABLE
        return f"{self._account.base_url}/{sender}/messages", json.dumps(body).encode()


class MetaTransport(_Adapter):
    """WhatsApp through Meta's Cloud API for threads; see :class:`~wa_omnichannel.ports.Transport`.

    One object serves any number of threads. Close it, or use it as a context manager.

    >>> numbers = {"+14155550100": "106540352242922"}
    >>> transport = MetaTransport(access_token="t", app_secret="s", verify_token="v", numbers=numbers)
    >>> question = WebhookRequest(b"", query="hub.mode=subscribe&hub.challenge=42&hub.verify_token=v", method="GET")
    >>> transport.read(question).answer.body
    b'42'
    """

    _http: Any = None

    def _session(self) -> Any:
        with _BUILDING:
            if self._http is None:
                try:
                    from wa_omnichannel._net import blocking
                except ImportError as error:
                    raise MissingExtra.of("requests", "meta") from error
                self._http = blocking.new_session(self._account)
            return self._http

    def send(self, outgoing: Outgoing) -> Outcome:
        """Hand one message to the provider, at most once; what the provider does is in the outcome."""
        request = self._request(outgoing)
        if not isinstance(request, tuple):
            return request
        session = self._session()
        from wa_omnichannel._net.blocking import exchange

        url, body = request
        try:
            reply = exchange(session, "POST", url, timeouts=self._account.timeouts, body=body, headers=_JSON)
        except CallFailed as failed:
            return failed.outcome()
        return answers.outcome_of(reply)

    def find(self, query: SentQuery) -> None:
        """Tell that the provider has no list of messages."""

    def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


_BUILDING = threading.Lock()


class AsyncMetaTransport(_Adapter):
    """WhatsApp through Meta's Cloud API for coroutines; the arguments and methods of :class:`MetaTransport`.

    It belongs to the event loop it is first used in. Close it with ``aclose`` there, or use ``async with``.
    """

    _http: Any = None
    _loop: asyncio.AbstractEventLoop | None = None

    def _session(self) -> Any:
        loop = asyncio.get_running_loop()
        if self._http is None or self._loop is not loop:
            try:
                from wa_omnichannel._net import coroutine
            except ImportError as error:
                raise MissingExtra.of("aiohttp", "meta") from error
            self._http, self._loop = coroutine.new_session(self._account, self._account.timeouts), loop
        return self._http

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Hand one message to the provider, at most once; see :meth:`MetaTransport.send`."""
        request = self._request(outgoing)
        if not isinstance(request, tuple):
            return request
        session = self._session()
        from wa_omnichannel._net.coroutine import exchange

        url, body = request
        try:
            reply = await exchange(session, "POST", url, body=body, headers=_JSON)
        except CallFailed as failed:
            return failed.outcome()
        return answers.outcome_of(reply)

    async def find(self, query: SentQuery) -> None:
        """Tell that the provider has no list of messages."""

    async def aclose(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
