"""The emulator's own time, so that a day can pass inside a test."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def _real_now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


class VirtualClock:
    """Tell a time that starts at the real one and can be moved or stopped.

    The clock runs with real time unless it is frozen. All instants are aware and in UTC. Every method
    may be called from any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._offset = timedelta(0)
        self._frozen: datetime | None = None
        self._listeners: list[Callable[[], None]] = []

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` whenever the clock was moved, stopped or let run."""
        self._listeners.append(listener)

    @property
    def is_frozen(self) -> bool:
        """Tell whether the clock stands still."""
        return self._frozen is not None

    def now(self) -> datetime:
        """Return the current instant of the emulated world (aware, UTC)."""
        with self._lock:
            return self._read()

    def advance(
        self, delta: timedelta = timedelta(0), *, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> datetime:
        """Move the clock by the sum of the arguments and return the new instant.

        Raises:
            ValueError: If the sum is negative.
        """
        step = delta + timedelta(hours=hours, minutes=minutes, seconds=seconds)
        if step < timedelta(0):
            raise ValueError("the clock cannot be advanced by a negative time; use set()")
        with self._lock:
            moved = self._move(self._read() + step)
        self._tell()
        return moved

    def set(self, instant: datetime) -> datetime:
        """Make ``instant`` the current time, forwards or backwards.

        Raises:
            ValueError: If ``instant`` has no time zone.
        """
        if instant.tzinfo is None:
            raise ValueError("the clock needs an aware datetime")
        with self._lock:
            moved = self._move(instant.astimezone(UTC))
        self._tell()
        return moved

    def freeze(self) -> datetime:
        """Stop the clock where it is and return that instant."""
        with self._lock:
            self._frozen = self._read()
            return self._frozen

    def resume(self) -> None:
        """Let a frozen clock run again from the instant it shows."""
        with self._lock:
            shown = self._read()
            self._frozen = None
            self._move(shown)
        self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()

    def _read(self) -> datetime:
        return self._frozen or _real_now() + self._offset

    def _move(self, instant: datetime) -> datetime:
        if self._frozen is None:
            self._offset = instant - _real_now()
        else:
            self._frozen = instant
        return instant
