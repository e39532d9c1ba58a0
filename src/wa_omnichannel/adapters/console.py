"""A transport for development: prints what would be sent. It is a fake: nothing leaves the machine.

Everything counts as accepted at once, webhooks are plain JSON without a signature, and there are no
statuses, files or faults. To try real behaviour use the local Twilio instead.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime

from wa_omnichannel.addresses import parse
from wa_omnichannel.errors import InvalidValue, MalformedWebhook
from wa_omnichannel.messages import Accepted, DeliveryStatus, Inbound, Outcome, Outgoing, Sighting, Text, summary
from wa_omnichannel.ports import SentQuery
from wa_omnichannel.webhooks import WebhookRequest


class ConsoleTransport:
    """Prints messages; see :class:`~wa_omnichannel.ports.Transport`. A fake, never for production.

    >>> from wa_omnichannel.addresses import Address
    >>> console = ConsoleTransport(print)
    >>> outcome = console.send(Outgoing("m1", Address("+14155550100"), Address("+34600000001"), Text("Hola")))
    +14155550100 -> +34600000001: Hola
    """

    def __init__(self, write: Callable[[str], object] | None = None) -> None:
        """Print with *write*, which gets one line at a time; to the standard output by default."""
        self._write: Callable[[str], object] = write or _print
        self._serial = itertools.count(1)
        self._sent: list[tuple[Outgoing, Sighting]] = []

    def read(self, request: WebhookRequest) -> Inbound:
        """Read ``{"from": "+34…", "to": "+1…", "text": "Hola"}``; whoever sends it is believed.

        Raises:
            MalformedWebhook: It is something else.
        """
        try:
            said = json.loads(request.body)
            number, customer, text = parse(said["to"]), parse(said["from"]), str(said["text"])
        except (ValueError, KeyError, TypeError, RecursionError, AttributeError, InvalidValue):
            raise MalformedWebhook("Write a JSON object with the texts from, to and text.") from None
        self._write(f"{customer} -> {number}: {text}")
        return Inbound(str(said.get("id") or f"console-in-{next(self._serial)}"), number, (customer,), Text(text))

    def send(self, outgoing: Outgoing) -> Outcome:
        """Print one message."""
        sid, status, text = f"console-out-{next(self._serial)}", DeliveryStatus.SENT, summary(outgoing.content)
        self._write(f"{outgoing.sender} -> {outgoing.to}: {text}")
        self._sent.append((outgoing, Sighting(sid, status, text, None, datetime.now(UTC))))
        return Accepted(sid, status)

    def find(self, query: SentQuery) -> tuple[Sighting, ...]:
        """Return what was printed."""
        return tuple(
            sighting
            for outgoing, sighting in self._sent
            if (outgoing.sender, outgoing.to) == (query.sender, query.to)
            and query.since <= sighting.created_at <= query.until
        )


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")


class AsyncConsoleTransport:
    """:class:`ConsoleTransport` for coroutines."""

    def __init__(self, write: Callable[[str], object] | None = None) -> None:
        """Print with *write*."""
        self._console = ConsoleTransport(write)

    def read(self, request: WebhookRequest) -> Inbound:
        """Read a webhook; see :meth:`ConsoleTransport.read`."""
        return self._console.read(request)

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Print one message."""
        return self._console.send(outgoing)

    async def find(self, query: SentQuery) -> tuple[Sighting, ...]:
        """Return what was printed."""
        return self._console.find(query)
