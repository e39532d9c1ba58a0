"""A provider that lives in a file, so that it outlives processes that are killed."""

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.support.shop import NUMBER

from wa_omnichannel.addresses import Address
from wa_omnichannel.messages import Accepted, DeliveryStatus, Inbound, Incoming, Outcome, Outgoing, Sighting, Text
from wa_omnichannel.ports import SentQuery
from wa_omnichannel.webhooks import WebhookRequest


def customer(n: int) -> Address:
    """Return the address of the n-th customer."""
    return Address(f"+34600{n:06d}")


def webhook(n: int) -> WebhookRequest:
    """Return the webhook of the n-th customer's message; the same one each time."""
    return WebhookRequest(str(n).encode())


class LedgerTransport:
    """Writes each message it accepts as one line; its answer takes some seconds more to arrive."""

    def __init__(self, path: Path, latency: float = 0.005) -> None:
        self._path = path
        self._latency = latency

    def read(self, request: WebhookRequest) -> Incoming:
        n = int(request.body)
        return Inbound(f"IN{n}", NUMBER, (customer(n),), Text(f"question {n}"))

    def send(self, outgoing: Outgoing) -> Outcome:
        sid = f"SM{outgoing.message_id}"
        body = outgoing.content.body if isinstance(outgoing.content, Text) else ""
        line = {"sid": sid, "to": outgoing.to, "body": body, "at": datetime.now(UTC).isoformat()}
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(file, f"{json.dumps(line)}\n".encode())
        os.close(file)
        time.sleep(self._latency)
        return Accepted(sid, DeliveryStatus.QUEUED)

    def lines(self) -> list[dict[str, Any]]:
        """Return what was accepted, in order."""
        return [json.loads(line) for line in self._path.read_text().splitlines()] if self._path.exists() else []

    def find(self, query: SentQuery) -> tuple[Sighting, ...]:
        return tuple(
            Sighting(line["sid"], DeliveryStatus.QUEUED, line["body"], None, datetime.fromisoformat(line["at"]))
            for line in self.lines()
            if line["to"] == query.to and query.since <= datetime.fromisoformat(line["at"]) <= query.until
        )
