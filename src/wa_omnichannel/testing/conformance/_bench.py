"""What the checks of a transport need: the transport, and a provider that can be told to fail."""

from __future__ import annotations

from enum import Enum
from typing import Any, Protocol

import attrs

from wa_omnichannel.messages import Outcome, Outgoing, Sighting
from wa_omnichannel.ports import AsyncMediaSource, AsyncTransport, MediaSource, SentQuery, Transport
from wa_omnichannel.testing.conformance._steps import Ask, Steps
from wa_omnichannel.webhooks import MAX_BODY, WebhookRequest


class Fault(Enum):
    """What the provider does with the next message that is handed to it."""

    REFUSED = "refused"
    """Answers that the message is wrong; it is not sent."""
    THROTTLED = "throttled"
    """Answers that there are too many; it is not sent."""
    FAILED = "failed"
    """Answers 500 and does not send it."""
    LOST = "lost"
    """Sends it and answers 500."""
    UNAVAILABLE = "unavailable"
    """Answers 503 and does not send it."""
    DROPPED = "dropped"
    """Sends it and closes the connection without an answer."""
    LATE = "late"
    """Sends it and answers only after the transport's time-out."""
    GARBLED = "garbled"
    """Sends it and answers 200 with something that cannot be read."""


@attrs.frozen
class SharedFile:
    """A file that a customer sent."""

    url: str
    content_type: str
    content: bytes


class Provider(Protocol):
    """The other side: a double of the provider, on this machine. Plain methods in both colours."""

    def plan(self, fault: Fault) -> None:
        """Do this with the next message, or with the next question if that comes first."""
        ...

    def stop(self) -> None:
        """Stop listening, so that no connection comes about."""
        ...

    @property
    def posts(self) -> int:
        """How many requests to send a message came in, whatever became of them."""
        ...

    @property
    def arrived(self) -> int:
        """How many messages were sent."""
        ...

    def inbound(self, body: str) -> WebhookRequest:
        """Return the signed webhook of a text that the customer of ``Bench.outgoing`` wrote; a new one each time."""
        ...

    def status(self, sid: str, message_id: str) -> WebhookRequest:
        """Return the signed webhook that says that a message of ours was delivered."""
        ...

    def signed(self, body: bytes) -> WebhookRequest:
        """Return a webhook with any body, signed."""
        ...

    def file(self) -> SharedFile:
        """Return a file that a customer sent."""
        ...

    def missing(self) -> str:
        """Return an address that looks like that of a file, but there is none."""
        ...


@attrs.frozen
class Bench:
    """A transport at work."""

    transport: Transport
    provider: Provider
    outgoing: Outgoing
    """A text that may be sent now."""
    media: MediaSource | None = None
    """Fetches files, if the transport comes with something that does."""
    lookup: bool = True
    """Whether the provider has a list of sent messages; without one ``find`` answers None."""
    largest: int = MAX_BODY
    """Largest webhook in bytes."""

    def fetch(self, url: str) -> tuple[str, bytes]:
        """Fetch a file."""
        if self.media is None:
            raise TypeError("There is no media source.")
        with self.media.open(url) as download:
            return download.content_type, b"".join(download.chunks)


@attrs.frozen
class AsyncBench:
    """A transport for coroutines at work; the parts of :class:`Bench`."""

    transport: AsyncTransport
    provider: Provider
    outgoing: Outgoing
    media: AsyncMediaSource | None = None
    lookup: bool = True
    largest: int = MAX_BODY

    async def fetch(self, url: str) -> tuple[str, bytes]:
        """Fetch a file."""
        if self.media is None:
            raise TypeError("There is no media source.")
        async with self.media.open(url) as download:
            return download.content_type, b"".join([chunk async for chunk in download.chunks])


@attrs.frozen
class Sending(Ask):
    """Hand over a message."""

    outgoing: Outgoing

    def run(self, subject: Any) -> Any:
        """Ask the transport."""
        return subject.transport.send(self.outgoing)


@attrs.frozen
class Finding(Ask):
    """Search the provider's list."""

    query: SentQuery

    def run(self, subject: Any) -> Any:
        """Ask the transport."""
        return subject.transport.find(self.query)


@attrs.frozen
class Fetching(Ask):
    """Fetch a file."""

    url: str

    def run(self, subject: Any) -> Any:
        """Ask the media source."""
        return subject.fetch(self.url)


def send(outgoing: Outgoing) -> Steps[Outcome]:
    """Hand over a message."""
    return (yield Sending(outgoing))  # type: ignore[no-any-return]


def find(query: SentQuery) -> Steps[tuple[Sighting, ...] | None]:
    """Search the provider's list."""
    return (yield Finding(query))  # type: ignore[no-any-return]


def fetch(url: str) -> Steps[tuple[str, bytes]]:
    """Fetch a file."""
    return (yield Fetching(url))  # type: ignore[no-any-return]
