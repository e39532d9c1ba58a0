"""The 24-hour rule: when may a business write freely to a customer?

WhatsApp opens a window of 24 hours whenever the customer writes to, or calls, the business number. Inside
it anything may be sent; outside it only approved templates. The rule, as this module states it:

* **SES-2** the window lasts 24 hours from the customer's *most recent* message; each one restarts it.
* **SES-4, SES-6** nothing that the business does moves it: no reply, no template, no status callback.
* **SES-7** the clock is the instant of receipt, not the instant somebody looked.
* **SES-8** it is half-open, ``[t, t + 24 h)``: open at the customer's message, closed exactly 24 hours later.
  A safety margin closes it earlier for senders who prefer to be sure.
* **SES-9** it belongs to one business number and one customer, not to a conversation.

WhatsApp itself has the last word: error 63016 says that the window was closed when a message was
dispatched. That refutes everything opened *before* the dispatch and nothing after it, so a window is two
instants that only ever grow, and any order and repetition of events leads to the same window.

Sources: Microsoft Learn, "Configure a WhatsApp channel through Twilio"; Meta, "Service messages"
(2026-05); Twilio, error 63016.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.instants import aware, in_utc

WINDOW = timedelta(hours=24)
"""Length of the window (SES-2)."""

NO_MARGIN = timedelta(0)


def _last_inbound_at(instant: datetime | None) -> datetime | None:
    return in_utc(instant, "last_inbound_at") if instant is not None else None


def _refuted_at(instant: datetime | None) -> datetime | None:
    return in_utc(instant, "refuted_at") if instant is not None else None


@attrs.frozen
class Window:
    """The customer-service window of one business number and one customer.

    Raises:
        InvalidValue: An instant is naive.
    """

    last_inbound_at: datetime | None = attrs.field(default=None, converter=_last_inbound_at)
    """Receipt of the customer's most recent message or call; kept in UTC."""
    refuted_at: datetime | None = attrs.field(default=None, converter=_refuted_at)
    """Dispatch of the latest message that WhatsApp refused as outside the window; kept in UTC."""


NEVER_OPENED = Window()
"""The window of a customer who has not written yet."""


def receive(window: Window, at: datetime) -> Window:
    """Return *window* after the customer wrote or called at the instant *at* (SES-2).

    A late or repeated message never shortens the window.

    Args:
        window: The window so far.
        at: When the message reached us; aware.

    Raises:
        InvalidValue: *at* is naive.

    >>> from datetime import UTC, datetime
    >>> receive(NEVER_OPENED, datetime(2026, 1, 1, 10, tzinfo=UTC)).last_inbound_at
    datetime.datetime(2026, 1, 1, 10, 0, tzinfo=datetime.timezone.utc)
    """
    at = in_utc(at, "at")
    known = window.last_inbound_at
    return window if known is not None and known >= at else Window(at, window.refuted_at)


def refute(window: Window, dispatched_at: datetime) -> Window:
    """Return *window* after WhatsApp refused a message dispatched at *dispatched_at* as outside it (63016).

    Only what was opened at or before that instant is refuted.

    Raises:
        InvalidValue: *dispatched_at* is naive.
    """
    dispatched_at = in_utc(dispatched_at, "dispatched_at")
    known = window.refuted_at
    return window if known is not None and known >= dispatched_at else Window(window.last_inbound_at, dispatched_at)


def merge(one: Window, other: Window) -> Window:
    """Return the window of a person who was known under two identities: the later of each instant."""
    return Window(_later(one.last_inbound_at, other.last_inbound_at), _later(one.refuted_at, other.refuted_at))


def closes_at(window: Window, margin: timedelta = NO_MARGIN) -> datetime | None:
    """Return the instant at which *window* closes, or None if it is not open at any time.

    Args:
        window: The window.
        margin: How much earlier to stop, to be on the safe side (SES-8).

    Raises:
        InvalidValue: *margin* is negative.

    >>> from datetime import UTC, datetime
    >>> closes_at(Window(datetime(2026, 1, 1, 10, tzinfo=UTC)))
    datetime.datetime(2026, 1, 2, 10, 0, tzinfo=datetime.timezone.utc)
    """
    last, refuted = window.last_inbound_at, window.refuted_at
    if last is None or (refuted is not None and refuted >= last):
        return None
    if margin < NO_MARGIN:
        raise InvalidValue("margin", str(margin), "A margin only closes earlier; use zero or more.")
    return last + WINDOW - margin


def is_open(window: Window, now: datetime, margin: timedelta = NO_MARGIN) -> bool:
    """Tell whether free-form messages may be sent at the instant *now* (SES-2, SES-8).

    Args:
        window: The window.
        now: The current instant; aware, in any zone.
        margin: How much earlier to stop, to be on the safe side.

    Raises:
        InvalidValue: *now* is naive, or *margin* is negative.

    >>> from datetime import UTC, datetime, timedelta
    >>> window = Window(datetime(2026, 1, 1, 10, tzinfo=UTC))
    >>> is_open(window, datetime(2026, 1, 2, 10, tzinfo=UTC) - timedelta(microseconds=1))
    True
    >>> is_open(window, datetime(2026, 1, 2, 10, tzinfo=UTC))
    False
    """
    aware(now, "now")
    end = closes_at(window, margin)
    return end is not None and now < end


def remaining(window: Window, now: datetime, margin: timedelta = NO_MARGIN) -> timedelta:
    """Return how long *window* stays open after *now*; zero if it is closed.

    Raises:
        InvalidValue: *now* is naive.
    """
    end = closes_at(window, margin)
    return end - now if end is not None and is_open(window, now, margin) else timedelta(0)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return max(one, other)
