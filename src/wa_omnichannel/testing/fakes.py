"""Fakes: a provider in memory that records what reaches it, loses answers and refuses as it is told."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime

import attrs

from wa_omnichannel.attachments import ScanResult
from wa_omnichannel.errors import ConfigurationError, MalformedWebhook, MediaRefused, NotFound, TransportError
from wa_omnichannel.explain import Facts
from wa_omnichannel.messages import (
    Accepted,
    Ambiguous,
    DeliveryStatus,
    Incoming,
    Media,
    Outcome,
    Outgoing,
    Sighting,
    TemplateMessage,
    Text,
)
from wa_omnichannel.ports import (
    AsyncDownload,
    Clock,
    Download,
    HistoryQuery,
    PastInbound,
    SentQuery,
    SharedFile,
)
from wa_omnichannel.routing import Prediction
from wa_omnichannel.secret import Sealed, Secret
from wa_omnichannel.surveys import Invitation
from wa_omnichannel.templates.wire import Holdings, Json, read_contents
from wa_omnichannel.webhooks import WebhookRequest


@attrs.frozen
class Handed:
    """One message that was handed to the provider, and what was answered."""

    outgoing: Outgoing
    at: datetime
    outcome: Outcome
    sid: str | None
    """The provider's identifier if the message arrived there, whatever was answered."""


class RecordingTransport:
    """A provider that accepts everything unless :meth:`plan` says otherwise, and remembers all of it.

    >>> from datetime import UTC
    >>> from wa_omnichannel.addresses import Address
    >>> from wa_omnichannel.machine import FixedClock
    >>> provider = RecordingTransport(FixedClock(datetime(2026, 1, 1, tzinfo=UTC)))
    >>> provider.send(Outgoing("m1", Address("+14155550100"), Address("+34600000001"), Text("Hola"))).sid
    'SM00000000000000000000000000000001'
    """

    def __init__(self, clock: Clock) -> None:
        """Make a provider that lives by *clock*."""
        self.handed: list[Handed] = []
        """Everything that was handed over, in order."""
        self._clock = clock
        self._planned: deque[tuple[Outcome, bool]] = deque()
        self._webhooks: dict[bytes, Incoming] = {}

    def plan(self, outcome: Outcome, *, arrives: bool = False) -> None:
        """Answer one of the next messages with *outcome*; plans are used up in order.

        Args:
            outcome: What to answer.
            arrives: Whether an ambiguous answer hides a message that did arrive.
        """
        self._planned.append((outcome, isinstance(outcome, Accepted) or (isinstance(outcome, Ambiguous) and arrives)))

    def webhook(self, incoming: Incoming, received_at: datetime | None = None) -> WebhookRequest:
        """Return a request that :meth:`read` understands as *incoming*.

        Args:
            incoming: What the webhook means.
            received_at: When it reached the edge, if that is not now.
        """
        body = f"webhook {len(self._webhooks)}".encode()
        self._webhooks[body] = incoming
        return WebhookRequest(body, received_at=received_at)

    @property
    def arrived(self) -> tuple[Handed, ...]:
        """The messages that did arrive, in order."""
        return tuple(handed for handed in self.handed if handed.sid is not None)

    def read(self, request: WebhookRequest) -> Incoming:
        """Return what the request means.

        Raises:
            MalformedWebhook: It was not made by :meth:`webhook`.
        """
        incoming = self._webhooks.get(request.body)
        if incoming is None:
            raise MalformedWebhook("The body is not one of ours.")
        return incoming

    def send(self, outgoing: Outgoing) -> Outcome:
        """Take one message, and answer as planned."""
        sid = f"SM{len(self.handed) + 1:032x}"
        outcome, arrives = self._planned.popleft() if self._planned else (Accepted(sid, DeliveryStatus.QUEUED), True)
        self.handed.append(Handed(outgoing, self._clock.now(), outcome, sid if arrives else None))
        return outcome

    def find(self, query: SentQuery) -> tuple[Sighting, ...]:
        """Return the messages that arrived and match *query*."""
        return tuple(
            _sighting(handed)
            for handed in self.arrived
            if (handed.outgoing.sender, handed.outgoing.to) == (query.sender, query.to)
            and query.since <= handed.at <= query.until
        )


def _sighting(handed: Handed) -> Sighting:
    content = handed.outgoing.content
    return Sighting(
        handed.sid or "",
        DeliveryStatus.QUEUED,
        content.body if isinstance(content, Text) else "",
        content.content_sid if isinstance(content, TemplateMessage) else None,
        handed.at,
        isinstance(content, Media),
    )


class HeldTemplates:
    """A provider's list of templates in memory; change :attr:`items` as the provider would.

    >>> from datetime import UTC
    >>> text = {"twilio/text": {"body": "Hola"}}
    >>> entry = {"sid": "HX" + "0" * 32, "friendly_name": "hola", "language": "es", "types": text}
    >>> HeldTemplates(entry).holdings(datetime(2026, 1, 1, tzinfo=UTC)).held[0].name
    'hola'
    """

    def __init__(self, *items: Json) -> None:
        """Hold the *items*, in the form of the Content API."""
        self.items: list[Json] = [*items]
        self.unreachable = False
        """Whether the provider cannot be asked."""

    def holdings(self, at: datetime) -> Holdings:
        """Return the whole list.

        Raises:
            TransportError: It is :attr:`unreachable`.
        """
        if self.unreachable:
            raise TransportError("The provider cannot be reached.")
        return read_contents(self.items, at)


class AsyncHeldTemplates:
    """:class:`HeldTemplates` for coroutines."""

    def __init__(self, held: HeldTemplates) -> None:
        """Return what *held* holds."""
        self._held = held

    async def holdings(self, at: datetime) -> Holdings:
        """Return the whole list; raises as :meth:`HeldTemplates.holdings` does."""
        return self._held.holdings(at)


class AsyncRecordingTransport:
    """:class:`RecordingTransport` for coroutines; plan and look at what arrived on the one it wraps."""

    def __init__(self, provider: RecordingTransport) -> None:
        """Speak to *provider*."""
        self._provider = provider

    def read(self, request: WebhookRequest) -> Incoming:
        """Return what the request means; raises as :meth:`RecordingTransport.read` does."""
        return self._provider.read(request)

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Take one message, and answer as planned."""
        return self._provider.send(outgoing)

    async def find(self, query: SentQuery) -> tuple[Sighting, ...]:
        """Return the messages that arrived and match *query*."""
        return self._provider.find(query)


class WipingTransport(RecordingTransport):
    """A provider that can also empty what it keeps; see :class:`~wa_omnichannel.ports.Redactor`."""

    def __init__(self, clock: Clock) -> None:
        """Make a provider that lives by *clock*."""
        super().__init__(clock)
        self.redacted: set[str] = set()
        """Identifiers of the messages that were emptied."""

    def redact(self, sid: str) -> None:
        """Empty the provider's copy of a message."""
        self.redacted.add(sid)


class AsyncWipingTransport(AsyncRecordingTransport):
    """:class:`WipingTransport` for coroutines."""

    def __init__(self, provider: WipingTransport) -> None:
        """Speak to *provider*."""
        super().__init__(provider)
        self._wiping = provider

    async def redact(self, sid: str) -> None:
        """Empty the provider's copy of a message."""
        self._wiping.redact(sid)


class OpenSealer:
    """Seals nothing, so that tests can read the store; see :class:`~wa_omnichannel.secret.Sealer`."""

    current = "open"
    """Name of its only key, which is none."""

    def seal(self, name: str, secret: Secret) -> str:
        """Return the *secret* as it is, bound to its *name*."""
        return f"{name}={secret.reveal()}"

    def open(self, name: str, sealed: Sealed) -> Secret:
        """Return the secret again.

        Raises:
            ConfigurationError: It was sealed under another name.
        """
        begin, _, text = sealed.text.partition("=")
        if begin != name:
            raise ConfigurationError(f"The secret {name!r} was sealed under another name.")
        return Secret(text)


class FixedScanner:
    """A scanner that finds the same in every file; see :class:`~wa_omnichannel.ports.Scanner`.

    >>> from wa_omnichannel.attachments import Clean
    >>> FixedScanner(Clean()).scan(iter([b"data"]))
    Clean()
    """

    def __init__(self, result: ScanResult) -> None:
        """Find *result*."""
        self._result = result

    def scan(self, chunks: Iterator[bytes]) -> ScanResult:
        """Read the file and return what is always found."""
        for _ in chunks:
            pass
        return self._result


class AsyncFixedScanner:
    """:class:`FixedScanner` for coroutines."""

    def __init__(self, result: ScanResult) -> None:
        """Find *result*."""
        self._result = result

    async def scan(self, chunks: AsyncIterator[bytes]) -> ScanResult:
        """Read the file and return what is always found."""
        async for _ in chunks:
            pass
        return self._result


class FixedMedia:
    """The files of customers in memory; see :class:`~wa_omnichannel.ports.MediaSource`.

    >>> with FixedMedia({"https://example.com/a": ("image/png", b"...")}).open("https://example.com/a") as file:
    ...     print(file.content_type, b"".join(file.chunks))
    image/png b'...'
    """

    def __init__(self, files: Mapping[str, tuple[str, bytes]]) -> None:
        """Hold *files*: content type and content by address."""
        self.files = files

    @contextlib.contextmanager
    def open(self, url: str) -> Generator[Download, None, None]:
        """Open the file at *url*.

        Raises:
            MediaRefused: There is none.
        """
        content_type, data = self.find(url)
        yield Download(content_type, iter((data,)))

    def find(self, url: str) -> tuple[str, bytes]:
        """Return content type and content of the file at *url*; raises as :meth:`open` does."""
        if url not in self.files:
            raise MediaRefused(f"There is no file at {url}.", http_status=404)
        return self.files[url]


class AsyncFixedMedia:
    """:class:`FixedMedia` for coroutines."""

    def __init__(self, media: FixedMedia) -> None:
        """Give out the files of *media*."""
        self._media = media

    @contextlib.asynccontextmanager
    async def open(self, url: str) -> AsyncGenerator[AsyncDownload, None]:
        """Open the file at *url*; raises as :meth:`FixedMedia.open` does."""
        content_type, data = self._media.find(url)
        yield AsyncDownload(content_type, _chunks(data))


async def _chunks(data: bytes) -> AsyncIterator[bytes]:
    yield data


class PlainLinks:
    """Links without a signature that never expire; see :class:`~wa_omnichannel.ports.Links`."""

    def __init__(self) -> None:
        """Begin without any link."""
        self._files: dict[str, SharedFile] = {}

    def url(self, file: SharedFile, now: datetime) -> str:
        """Return a link to *file*."""
        del now  # it never expires
        self._files[f"/media/{file.blob}"] = file
        return f"https://example.com/media/{file.blob}"

    def read(self, path: str, now: datetime) -> SharedFile:
        """Return the file that the *path* of a link leads to.

        Raises:
            NotFound: No link was made to it.
        """
        del now
        if path not in self._files:
            raise NotFound("link", path)
        return self._files[path]


class PlainSurveyLinks:
    """Links to surveys without a signature that never expire; see :class:`~wa_omnichannel.ports.SurveyLinks`."""

    def __init__(self) -> None:
        """Begin without any link."""
        self._invitations: dict[str, Invitation] = {}

    def url(self, invitation: Invitation) -> str:
        """Return the link for *invitation*; the same each time."""
        path = f"/survey/{invitation.conversation}/{invitation.survey}"
        self._invitations[path] = invitation
        return f"https://example.com{path}"

    def read(self, path: str, now: datetime) -> Invitation:
        """Return the invitation that the *path* of a link stands for.

        Raises:
            NotFound: No link was made to it.
        """
        del now  # it never expires
        if path not in self._invitations:
            raise NotFound("link", path)
        return self._invitations[path]


class FixedCalendar:
    """Public holidays from a table; see :class:`~wa_omnichannel.hours.Calendar`."""

    def __init__(self, days: Mapping[date, str]) -> None:
        """Know the names of the holidays in *days*."""
        self._days = days

    def holiday(self, day: date) -> str | None:
        """Return the name of the holiday on *day*, if it is one."""
        return self._days.get(day)


class FixedClassifier:
    """A classifier that believes the same of every text; see :class:`~wa_omnichannel.routing.Classifier`."""

    def __init__(self, intent: str, confidence: float = 1.0) -> None:
        """Believe in *intent* with this *confidence*."""
        self._predictions = (Prediction("intent", intent, confidence),)

    def predict(self, text: str) -> Sequence[Prediction]:
        """Return what is always believed; nothing of an empty *text*."""
        return self._predictions if text else ()


class FixedHistory:
    """What customers sent, from a list; see :class:`~wa_omnichannel.ports.History`."""

    def __init__(self, *messages: PastInbound) -> None:
        """Know *messages*."""
        self._messages = sorted(messages, key=lambda message: message.at)

    def received(self, query: HistoryQuery) -> tuple[PastInbound, ...]:
        """Return the messages that match *query*, the oldest first."""
        return tuple(
            message
            for message in self._messages
            if message.inbound.number == query.number and query.since <= message.at <= query.until
        )


class AsyncFixedHistory:
    """:class:`FixedHistory` for coroutines."""

    def __init__(self, history: FixedHistory) -> None:
        """List what *history* knows."""
        self._history = history

    async def received(self, query: HistoryQuery) -> tuple[PastInbound, ...]:
        """Return the messages that match *query*, the oldest first."""
        return self._history.received(query)


class RecordingObserver:
    """Remembers the names of what a channel does; see :class:`~wa_omnichannel.ports.Observer`."""

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self.seen: list[str] = []
        """Names of use cases and of steps, in the order in which they began."""

    def flow(self, name: str) -> AbstractContextManager[object]:
        """Watch one use case."""
        return self._watched(name)

    def step(self, name: str, facts: Facts) -> AbstractContextManager[object]:
        """Watch one step of it."""
        del facts  # only names are kept
        return self._watched(name)

    def _watched(self, name: str) -> AbstractContextManager[object]:
        self.seen.append(name)
        return contextlib.nullcontext()
