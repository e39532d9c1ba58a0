"""The account's messages in both directions and their life cycle."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import attrs

from wa_omnichannel.emulator.state.clock import VirtualClock
from wa_omnichannel.emulator.state.records import MessageRecord, StatusChange

# Which statuses a message may leave for the one named; anything else is ignored.
PREDECESSORS: Mapping[str, frozenset[str]] = {
    "queued": frozenset({"accepted", "scheduled"}),
    "sent": frozenset({"queued"}),
    "delivered": frozenset({"sent"}),
    "read": frozenset({"sent", "delivered", "received"}),
    "failed": frozenset({"accepted", "queued"}),
    "undelivered": frozenset({"sent"}),
    "canceled": frozenset({"accepted", "queued", "scheduled"}),
}
DEAD_ENDS = frozenset({"failed", "undelivered", "canceled"})


class Messages:
    """Messages by sid. Any thread may ask, and wait for a status."""

    def __init__(self, changed: threading.Condition, clock: VirtualClock) -> None:
        self._changed = changed
        self._clock = clock
        self._records: dict[str, MessageRecord] = {}

    def add(self, record: MessageRecord) -> MessageRecord:
        """Store a new message and number it."""
        with self._changed:
            numbered = attrs.evolve(record, ordinal=len(self._records) + 1)
            return self._put(numbered)

    def get(self, sid: str) -> MessageRecord:
        """Return a message.

        Raises:
            KeyError: If there is none with this sid.
        """
        return self._records[sid]

    def change(self, sid: str, **changes: Any) -> MessageRecord:
        """Replace fields of a message and return it; the status changes by ``move`` only."""
        with self._changed:
            return self._put(attrs.evolve(self._records[sid], **changes))

    def move(self, sid: str, status: str, **changes: Any) -> MessageRecord | None:
        """Give a message its next status, or return ``None`` where its present one does not allow that."""
        with self._changed:
            record = self._records[sid]
            if record.status not in PREDECESSORS[status]:
                return None
            history = (*record.history, StatusChange(status, self._clock.now()))
            return self._put(attrs.evolve(record, history=history, **changes))

    @property
    def all(self) -> tuple[MessageRecord, ...]:
        """Every message, oldest first, deleted ones included."""
        with self._changed:
            return tuple(self._records.values())

    def wait_for(self, sid: str, status: str, timeout: float) -> MessageRecord:
        """Wait up to ``timeout`` seconds until a message has had ``status``.

        Raises:
            KeyError: If there is no such message.
            TimeoutError: If the status does not come, or cannot come any more.
        """
        with self._changed:
            self._changed.wait_for(lambda: _has_settled(self._records[sid], status), timeout)
            record = self._records[sid]
        if status not in record.statuses:
            raise TimeoutError(f"{sid} did not become {status!r}; it went {' > '.join(record.statuses)}")
        return record

    def _put(self, record: MessageRecord) -> MessageRecord:
        self._records[record.sid] = record
        self._changed.notify_all()
        return record


def _has_settled(record: MessageRecord, status: str) -> bool:
    return status in record.statuses or record.status in DEAD_ENDS
