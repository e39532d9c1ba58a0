"""Fakes: a provider in memory that records what reaches it, loses answers and refuses as it is told."""

from __future__ import annotations

from collections import deque
from datetime import datetime

import attrs

from wa_omnichannel.errors import MalformedWebhook, TransportError
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
from wa_omnichannel.ports import Clock, SentQuery
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
