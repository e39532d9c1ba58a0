"""WhatsApp through Twilio: webhooks in, messages out, in two colours.

Messages are built and answers are read by Twilio's SDK; the HTTP client below it is ours, because the SDK's
own ones wait without limit (blocking), ignore their timeout and post again after a server error
(coroutines). The SDK is loaded with the first message that is sent.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeAlias

from wa_omnichannel.adapters.twilio import answers, contents, history, webhook
from wa_omnichannel.adapters.twilio.account import CONNECT_TIMEOUT, READ_TIMEOUT, Account, hidden, public_url_of
from wa_omnichannel.adapters.twilio.api import AsyncTwilioApi, TwilioApi
from wa_omnichannel.adapters.twilio.outgoing import fields_of
from wa_omnichannel.adapters.twilio.secret import Secret
from wa_omnichannel.adapters.twilio.signature import SignatureCheck, SigningKey
from wa_omnichannel.adapters.twilio.wire import CallFailed
from wa_omnichannel.addresses import parse_sid
from wa_omnichannel.errors import SignatureMismatch, TransportError, WebhookTooLarge
from wa_omnichannel.messages import Incoming, Outcome, Outgoing, Sighting
from wa_omnichannel.ports import HistoryQuery, PastInbound, SentQuery
from wa_omnichannel.templates.wire import Holdings
from wa_omnichannel.webhooks import MAX_BODY, WebhookRequest

if TYPE_CHECKING:
    from wa_omnichannel.adapters.twilio.blocking import BlockingHttp
    from wa_omnichannel.adapters.twilio.coroutine import CoroutineHttp

Report: TypeAlias = Callable[[SignatureMismatch, WebhookRequest], object]
"""Is told of a webhook without a valid signature."""

INBOUND_PATH = "/inbound"
STATUS_PATH = "/status"


class _Messages(Protocol):
    """The part of the SDK that is used."""

    def create(self, **fields: Any) -> Any: ...
    async def create_async(self, **fields: Any) -> Any: ...
    def list(self, **filters: Any) -> Iterable[Any]: ...
    async def list_async(self, **filters: Any) -> Iterable[Any]: ...
    def __call__(self, sid: str) -> Any: ...


class _Adapter:
    """What both colours share: settings and webhooks."""

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str | Secret,
        public_url: str,
        base_url: str | None = None,
        api_key: tuple[str, str | Secret] | None = None,
        other_auth_tokens: Sequence[str | Secret] = (),
        shared_keys: Mapping[str, str | Secret] | None = None,
        signing_keys: Sequence[SigningKey] = (),
        report_only: Report | None = None,
        messaging_service_sid: str | None = None,
        timeouts: tuple[float, float] = (CONNECT_TIMEOUT, READ_TIMEOUT),
    ) -> None:
        """Speak with one account.

        Args:
            account_sid: ``AC`` and 32 hexadecimal digits.
            auth_token: The account's auth token: password of the API and key of the signatures.
            public_url: Address at which the provider reaches the webhooks' mount point. It is part of every
                signature and never taken from headers.
            base_url: Address of the API, for a region or a local Twilio.
            api_key: SID (``SK``) and secret of an API key, or SID and token of the main account, to use for the API
                instead of the auth token.
            other_auth_tokens: Tokens whose signatures are accepted too, while tokens are exchanged.
            shared_keys: Secrets of shared keys for HMAC-SHA-256 signatures, by their id.
            signing_keys: Auth tokens of sub-accounts and other tenants whose webhooks come here too.
            report_only: While this is given, a webhook without a valid signature is told to it and taken all the
                same. For the days in which a proxy is being set up, never for longer: anybody can write then.
            messaging_service_sid: Messaging Service (``MG``) to send with; the sender stays the business number.
            timeouts: For connecting and for reading, in seconds.

        Raises:
            InvalidValue: An argument is wrong; names it.
        """
        auth_token, api_key = Secret(auth_token), hidden(api_key)  # from here on no frame shows them
        others = [Secret(token) for token in other_auth_tokens]
        del other_auth_tokens
        shared_keys = {key: Secret(text) for key, text in (shared_keys or {}).items()}
        self._account = Account.of(account_sid, auth_token, api_key, base_url, timeouts)
        self._public_url = public_url_of(public_url)
        self._service = messaging_service_sid and parse_sid(messaging_service_sid, "MG", "messaging_service_sid")
        own = [SigningKey(token, f"auth token {n}", account_sid) for n, token in enumerate([auth_token, *others], 1)]
        self.signatures = SignatureCheck(self._public_url, (*own, *signing_keys), shared_keys)
        self._report = report_only
        self._begin()

    def _begin(self) -> None:
        """Make what is of one colour."""

    @property
    def inbound_url(self) -> str:
        """The webhook address to configure at the provider for incoming messages."""
        return self._public_url + INBOUND_PATH

    @property
    def status_url(self) -> str:
        """The address of status callbacks; every message carries it, with our message id."""
        return self._public_url + STATUS_PATH

    def read(self, request: WebhookRequest) -> Incoming:
        """Verify and read a webhook; computes only.

        Raises:
            WebhookTooLarge: The body is larger than any webhook; it is not even hashed.
            SignatureMismatch: The provider did not send this, or something changed it.
            MalformedWebhook: It is no message or status webhook of WhatsApp.
        """
        if len(request.body) > MAX_BODY:
            raise WebhookTooLarge(f"A webhook has at most {MAX_BODY} bytes.")
        return webhook.read(self._values(request), request.query)

    def _values(self, request: WebhookRequest) -> dict[str, str]:
        try:
            return self.signatures.values(request)
        except SignatureMismatch as mismatch:
            if self._report is None:
                raise
            self._report(mismatch, request)
        return self.signatures.unchecked(request)

    def _fields(self, outgoing: Outgoing) -> dict[str, Any] | None:
        return fields_of(outgoing, self.status_url, self._service)

    def _past(self, found: Iterable[Any], files: Iterable[Iterable[Any]]) -> tuple[PastInbound, ...]:
        each = (history.past(self._account, message, its) for message, its in zip(found, files, strict=True))
        return tuple(past for past in each if past is not None)


def _messages(account: Account, http: BlockingHttp | CoroutineHttp) -> _Messages:
    """Return the SDK's message resource on our HTTP client.

    The SDK gets no credentials, which it would keep in plain sight, and no environment, which could send
    its requests elsewhere.
    """
    from twilio.rest import Client  # type: ignore[import-untyped, unused-ignore]

    client: Any = Client("-", "-", account.sid, http_client=http, environment={"-": "-"})  # type: ignore[arg-type, unused-ignore]
    client.api.base_url = account.base_url
    found: _Messages = client.messages
    return found


class TwilioTransport(_Adapter):
    """WhatsApp through Twilio for threads; see :class:`~wa_omnichannel.ports.Transport`.

    One object serves any number of threads. Close it, or use it as a context manager.

    >>> transport = TwilioTransport(account_sid="AC" + "0" * 32, auth_token="t", public_url="https://example.com/wa")
    >>> transport.inbound_url
    'https://example.com/wa/inbound'
    """

    api: TwilioApi
    """The rest of the provider's API, on the same connections: templates, senders, single messages."""
    _resource: tuple[BlockingHttp, _Messages] | None = None

    def _begin(self) -> None:
        self.api = TwilioApi(self._account)

    def _sdk(self) -> _Messages:
        http = self.api.http()
        with _BUILDING:
            if self._resource is None or self._resource[0] is not http:
                self._resource = http, _messages(self._account, http)
            return self._resource[1]

    def send(self, outgoing: Outgoing) -> Outcome:
        """Hand one message to the provider, at most once; what the provider does is in the outcome.

        Raises:
            TransportClosed: This transport was closed; nothing was sent.
        """
        fields = self._fields(outgoing)
        if fields is None:
            return answers.NOT_SENDABLE
        try:
            return answers.outcome_of(self._sdk().create(**fields))
        except CallFailed as failed:
            return failed.outcome()
        except answers.unreadable_errors():
            return answers.NO_SENSE

    def find(self, query: SentQuery) -> tuple[Sighting, ...]:
        """Return our messages to one customer around an instant, from the provider's list.

        Raises:
            TransportError: The provider could not be asked, or this transport was closed.
        """
        failure: TransportError
        try:
            return answers.sightings_of(self._sdk().list(**answers.filters_of(query)), query)
        except CallFailed as failed:
            failure = failed.error()
        except answers.unreadable_errors() as error:
            failure = answers.unreadable(error)
        raise failure

    def received(self, query: HistoryQuery) -> tuple[PastInbound, ...]:
        """Return what customers sent to a number, from the provider's list; see :class:`~wa_omnichannel.ports.History`.

        Raises:
            TransportError: The provider could not be asked.
        """
        failure: TransportError
        try:
            sdk = self._sdk()
            found = history.received_of(sdk.list(**history.filters_of(query)), query)
            files = [sdk(each.sid).media.list() if history.has_files(each) else () for each in found]
            return self._past(found, files)
        except CallFailed as failed:
            failure = failed.error()
        except answers.unreadable_errors() as error:
            failure = answers.unreadable(error)
        raise failure

    def holdings(self, at: datetime) -> Holdings:
        """Return every template that the provider holds; see :class:`~wa_omnichannel.ports.TemplateSource`."""
        return self.api.run(contents.holdings(at))

    def close(self) -> None:
        """Close the connections. What is sent afterwards raises ``TransportClosed``."""
        self.api.close()

    def __enter__(self) -> Self:
        self.api.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


_BUILDING = threading.Lock()


class AsyncTwilioTransport(_Adapter):
    """WhatsApp through Twilio for coroutines; the arguments and methods of :class:`TwilioTransport`.

    It belongs to the event loop it is first used in. Close it with ``aclose`` there, or use ``async with``.
    """

    api: AsyncTwilioApi
    """The rest of the provider's API; see :attr:`TwilioTransport.api`."""
    _resource: tuple[CoroutineHttp, _Messages] | None = None

    def _begin(self) -> None:
        self.api = AsyncTwilioApi(self._account)

    def _sdk(self) -> _Messages:
        http = self.api.http()
        if self._resource is None or self._resource[0] is not http:
            self._resource = http, _messages(self._account, http)
        return self._resource[1]

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Hand one message to the provider, at most once; see :meth:`TwilioTransport.send`.

        A cancelled call is cancelled at once; whether the message was sent is then found out by list or
        callback, as after a lost answer.
        """
        fields = self._fields(outgoing)
        if fields is None:
            return answers.NOT_SENDABLE
        try:
            return answers.outcome_of(await self._sdk().create_async(**fields))
        except CallFailed as failed:
            return failed.outcome()
        except answers.unreadable_errors():
            return answers.NO_SENSE

    async def find(self, query: SentQuery) -> tuple[Sighting, ...]:
        """Return our messages to one customer around an instant; see :meth:`TwilioTransport.find`."""
        failure: TransportError
        try:
            return answers.sightings_of(await self._sdk().list_async(**answers.filters_of(query)), query)
        except CallFailed as failed:
            failure = failed.error()
        except answers.unreadable_errors() as error:
            failure = answers.unreadable(error)
        raise failure

    async def received(self, query: HistoryQuery) -> tuple[PastInbound, ...]:
        """Return what customers sent to a number; see :meth:`TwilioTransport.received`."""
        failure: TransportError
        try:
            sdk = self._sdk()
            found = history.received_of(await sdk.list_async(**history.filters_of(query)), query)
            files = [await sdk(each.sid).media.list_async() if history.has_files(each) else () for each in found]
            return self._past(found, files)
        except CallFailed as failed:
            failure = failed.error()
        except answers.unreadable_errors() as error:
            failure = answers.unreadable(error)
        raise failure

    async def holdings(self, at: datetime) -> Holdings:
        """Return every template that the provider holds; see :meth:`TwilioTransport.holdings`."""
        return await self.api.run(contents.holdings(at))

    async def aclose(self) -> None:
        """Close the connections. What is sent afterwards raises ``TransportClosed``."""
        await self.api.aclose()

    async def __aenter__(self) -> Self:
        await self.api.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
