"""Overflow: what happens to an item that cannot be queued now, or that has waited too long.

Before an item enters a queue (OVF-1, once per item): is the queue open, and is there room?

* **OVF-2** opening hours are looked at first, then the conditions in their order.
* **OVF-3** a queue with hours assigns to the queue anyway outside them, unless another action is set.
* **OVF-4** with a limit of *n* open items the next one overflows.
* **OVF-6** with a bot the check waits for its first escalation.
* **OVF-11** in the fallback queue, after an error or without a match, overflow is ignored.

While it waits (OVF-7): has it waited longer than allowed? **OVF-8** says in which order a crowd is moved.
Source: Microsoft Learn, "Manage overflow of work items in queues".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from enum import Enum
from itertools import groupby, zip_longest
from typing import Protocol

import attrs

from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.explain import Check, Trace

CROWD = 20
"""More items than this that overflow within a minute are moved in a fair order (OVF-8)."""

COUNT_AGE = timedelta(seconds=10)
"""How old the number of open items may be in Dynamics (OVF-4)."""


class OpeningHours(Protocol):
    """When a queue, or an agent, works."""

    def is_open(self, now: datetime) -> bool:
        """Tell whether it is open at *now*."""
        ...

    def next_open(self, now: datetime) -> datetime | None:
        """Return the earliest instant from *now* on at which it is open, or None if never again."""
        ...


class Arrival(Enum):
    """How an item came to the queue (OVF-1)."""

    ROUTED = "routed"
    OVERFLOW = "overflow"
    """Moved here because another queue overflowed."""
    TRANSFER = "transfer"
    SUPERVISOR = "supervisor"
    FALLBACK = "fallback"
    """By an error or because no rule matched (OVF-11)."""


class Action(Enum):
    """What is done with an item that overflows."""

    END = "end"
    """End the conversation; the customer is told (OVF-10)."""
    TRANSFER = "transfer"
    """Move it to another queue."""
    QUEUE_ANYWAY = "queue_anyway"
    """Let it wait nevertheless; only outside the hours."""


def _check_queue(handling: Handling, attribute: attrs.Attribute[str | None], value: str | None) -> None:
    if (value is not None) is not (handling.action is Action.TRANSFER):
        raise InvalidValue(attribute.name, str(value), "A transfer needs a queue, and nothing else has one.")


@attrs.frozen
class Handling:
    """An action and, for a transfer, the queue it leads to."""

    action: Action
    queue: str | None = attrs.field(default=None, validator=_check_queue)


QUEUE_ANYWAY = Handling(Action.QUEUE_ANYWAY)
"""What a queue does outside its hours unless something else is set (OVF-3)."""


def _check_limit(_: object, attribute: attrs.Attribute[int], value: int) -> None:
    if value < 1:
        raise InvalidValue(attribute.name, str(value), "Use a number of open items, 1 or more.")


def _not_anyway(_: object, attribute: attrs.Attribute[Handling], value: Handling) -> None:
    if value.action is Action.QUEUE_ANYWAY:
        raise InvalidValue(attribute.name, value.action.value, "Only the hours can queue anyway; end or transfer.")


def _check_wait(_: object, attribute: attrs.Attribute[timedelta], value: timedelta) -> None:
    if not timedelta(minutes=1) <= value <= timedelta(days=2):
        raise InvalidValue(attribute.name, str(value), "Use 1 minute to 2 days.")


@attrs.frozen
class Limit:
    """At most *n* open items; the next one overflows (OVF-4)."""

    items: int = attrs.field(validator=_check_limit)
    handling: Handling = attrs.field(validator=_not_anyway)


@attrs.frozen
class MaximumWait:
    """The longest time an item may wait in the queue (OVF-7)."""

    time: timedelta = attrs.field(validator=_check_wait)
    handling: Handling = attrs.field(validator=_not_anyway)


@attrs.frozen
class Overflow:
    """What a queue, or a rule that leads to it, says about overflow. Nothing set: items simply wait (OVF-9)."""

    outside_hours: Handling = QUEUE_ANYWAY
    """For a queue with opening hours (OVF-3)."""
    limit: Limit | None = None
    wait: MaximumWait | None = None


NO_OVERFLOW = Overflow()
"""Items wait, whatever happens (OVF-9)."""


@attrs.frozen
class Counted:
    """How many items are open in a queue, and when they were counted."""

    items: int
    at: datetime


def recount(known: Counted | None, count: Callable[[], int], now: datetime, age: timedelta = timedelta(0)) -> Counted:
    """Return the number of open items to decide with.

    Exact by default. With an *age* (:data:`COUNT_AGE` is what Dynamics does) the number is looked up again only
    when it is older, so that bursts pass the limit (OVF-4).

    Args:
        known: The last count, if there is one.
        count: Counts the open items.
        now: The current instant.
        age: How old a count may be.
    """
    return known if known is not None and now - known.at < age else Counted(count(), now)


@attrs.frozen
class Verdict:
    """What overflow says about an item: what to do, or None to let it wait, and why."""

    handling: Handling | None
    trace: Trace

    @property
    def overflows(self) -> bool:
        """Whether the item must leave, or must not enter."""
        return self.handling is not None and self.handling.action is not Action.QUEUE_ANYWAY


@attrs.frozen
class Arriving:
    """What the check before a queue needs to know of an item."""

    arrival: Arrival = Arrival.ROUTED
    checked: bool = False
    """Whether the item was checked before (OVF-1)."""
    bot: bool = False
    """Whether a bot has it and has not escalated yet (OVF-6)."""


ROUTED = Arriving()
"""An item that a route rule sent here, for the first time."""

_IN_FALLBACK = Check("OVF-11", True, "overflow_ignored_in_fallback")


def before_queue(
    overflow: Overflow, hours: OpeningHours | None, open_items: int, now: datetime, item: Arriving = ROUTED
) -> Verdict:
    """Decide whether an item may enter a queue (OVF-1, OVF-2).

    The hours of the number or channel play no part (OVF-5).

    Args:
        overflow: What the queue says, or the route rule that led here (R2Q-8).
        hours: The queue's opening hours; None is open round the clock (QUE-3).
        open_items: How many items are open in the queue now, without this one.
        now: The current instant.
        item: How the item came.

    >>> full = Overflow(limit=Limit(1, Handling(Action.END)))
    >>> before_queue(full, None, 1, datetime.max).handling.action.value
    'end'
    """
    skipped = _skipped(item)
    if skipped is not None:
        return Verdict(None, (skipped,))
    closed = _outside_hours(overflow, hours, now)
    if closed is not None:
        return closed
    return _over_limit(overflow, open_items)


def _skipped(item: Arriving) -> Check | None:
    if item.bot:
        return Check("OVF-6", True, "overflow_waits_for_bot")
    if item.arrival is Arrival.FALLBACK:
        return _IN_FALLBACK
    if item.checked or item.arrival is not Arrival.ROUTED:
        return Check("OVF-1", True, "overflow_checked_once")
    return None


def _outside_hours(overflow: Overflow, hours: OpeningHours | None, now: datetime) -> Verdict | None:
    if hours is None or hours.is_open(now):
        return None
    facts = {"now": now, "opens_at": hours.next_open(now) or "-", "action": overflow.outside_hours.action.value}
    return Verdict(overflow.outside_hours, (Check("OVF-2", False, "overflow_outside_hours", facts),))


def _over_limit(overflow: Overflow, open_items: int) -> Verdict:
    limit = overflow.limit
    if limit is None:
        return Verdict(None, (Check("OVF-9", True, "overflow_not_set", {"items": open_items}),))
    facts = {"items": open_items, "limit": limit.items, "action": limit.handling.action.value}
    if open_items >= limit.items:
        return Verdict(limit.handling, (Check("OVF-4", False, "overflow_over_limit", facts),))
    return Verdict(None, (Check("OVF-4", True, "overflow_within_limit", facts),))


def in_queue(overflow: Overflow, entered_at: datetime, now: datetime, arrival: Arrival = Arrival.ROUTED) -> Verdict:
    """Decide whether an item has waited too long in its queue (OVF-7).

    Every move starts the wait again, so chains of queues are possible.

    Args:
        overflow: What the queue says.
        entered_at: When the item came into this queue.
        now: The current instant.
        arrival: How it came; in the fallback queue overflow is ignored (OVF-11).
    """
    if arrival is Arrival.FALLBACK:
        return Verdict(None, (_IN_FALLBACK,))
    wait = overflow.wait
    if wait is None:
        return Verdict(None, (Check("OVF-9", True, "overflow_not_set"),))
    facts = {"waited": now - entered_at, "limit": wait.time, "action": wait.handling.action.value}
    if now - entered_at > wait.time:
        return Verdict(wait.handling, (Check("OVF-7", False, "overflow_waited_too_long", facts),))
    return Verdict(None, (Check("OVF-7", True, "overflow_wait_within_limit", facts),))


def overflows_at(overflow: Overflow, entered_at: datetime) -> datetime | None:
    """Return from when on an item overflows for waiting, the instant to look again; None if never (OVF-7)."""
    return entered_at + overflow.wait.time + timedelta(microseconds=1) if overflow.wait else None


@attrs.frozen
class Overdue:
    """An item that has waited too long."""

    conversation: str
    queue: str
    entered_at: datetime
    wait: timedelta
    """The longest wait that its queue allows."""


def move_order(items: Iterable[Overdue]) -> tuple[Overdue, ...]:
    """Return the order in which overdue *items* are moved (OVF-8).

    Up to twenty go as they came. A larger crowd: queues with the lowest allowed wait first, and queues with the
    same wait in turn, one item each.
    """
    by_age = sorted(items, key=lambda item: (item.entered_at, item.conversation))
    if len(by_age) <= CROWD:
        return tuple(by_age)
    by_wait = sorted(by_age, key=lambda item: item.wait)
    return tuple(item for _, same in groupby(by_wait, key=lambda item: item.wait) for item in _in_turn(tuple(same)))


def _in_turn(items: tuple[Overdue, ...]) -> Iterable[Overdue]:
    by_queue: dict[str, list[Overdue]] = {}
    for item in items:
        by_queue.setdefault(item.queue, []).append(item)
    return (item for row in zip_longest(*by_queue.values()) for item in row if item is not None)
