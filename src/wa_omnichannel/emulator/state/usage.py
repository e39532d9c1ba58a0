"""How much was sent lately: the counters behind the platform's limits."""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime, timedelta

DAY = timedelta(hours=24)
SECOND = timedelta(seconds=1)


class Usage:
    """Counts messages by pair, by sender, by person and by day. Any thread may ask; asking counts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: dict[tuple[str, str], datetime] = {}
        self._lately: dict[str, deque[datetime]] = {}
        self._users: dict[str, datetime] = {}

    def pair_allows(self, sender: str, to: str, now: datetime, every: timedelta, burst: int) -> bool:
        """Tell whether one more message may go to a recipient: one per ``every``, ``burst`` of them ahead."""
        with self._lock:
            due = max(self._next.get((sender, to), now), now)
            allowed = due - now <= every * (burst - 1)
            if allowed:
                self._next[sender, to] = due + every
        return allowed

    def allows(self, what: str, now: datetime, span: timedelta, limit: int) -> bool:
        """Tell whether fewer than ``limit`` of something happened in the last ``span``, and count this one if so."""
        with self._lock:
            lately = self._lately.setdefault(what, deque())
            while lately and now - lately[0] >= span:
                lately.popleft()
            allowed = len(lately) < limit
            if allowed:
                lately.append(now)
        return allowed

    def user_allows(self, user: str, now: datetime, limit: int) -> bool:
        """Tell whether a person is among the first ``limit`` different ones reached in the last 24 hours."""
        with self._lock:
            self._users = {each: at for each, at in self._users.items() if now - at < DAY}
            allowed = user in self._users or len(self._users) < limit
            if allowed:
                self._users.setdefault(user, now)
        return allowed
