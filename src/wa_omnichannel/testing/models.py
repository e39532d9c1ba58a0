"""Simple models to compare an implementation with: the 24-hour rule and who is who, said in plain words.

They hold nothing of the library's own logic, so that a fault of the library cannot hide in them. A
:class:`SessionRule` is whatever shall be compared with :class:`SessionModel`: the library with your settings and
your store, a wrapper, or a rule you wrote yourself.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Protocol

import attrs

from wa_omnichannel.addresses import Address, variants
from wa_omnichannel.messages import Content


class What(Enum):
    """What can happen between a business and a customer, as far as the window is concerned."""

    CUSTOMER = "customer"
    """The customer wrote, tapped or called."""
    BUSINESS = "business"
    """The business sent something free-form."""
    TEMPLATE = "template"
    """The business sent a template."""
    CALLBACK = "callback"
    """The provider reported a status."""
    REFUSED = "refused"
    """WhatsApp refused a message that was dispatched at that instant as outside the window (63016)."""


@attrs.frozen
class Told:
    """One thing that happened, as an application is told of it."""

    what: What
    at: datetime
    """When it reached the edge; for a refusal, when the refused message was dispatched."""
    number: Address
    """The business number."""
    addresses: tuple[Address, ...]
    """The customer; two addresses in one webhook belong to one person."""
    sid: str
    """The provider's identifier; the same one again is the same webhook delivered again."""
    content: Content | None = None
    """What the customer sent; None if they called, and for everything that is not theirs."""


class SessionRule(Protocol):
    """Something that knows when one may write freely to whom."""

    def tell(self, event: Told) -> None:
        """Take note of what happened."""
        ...

    def is_open(self, number: Address, customer: Address, now: datetime) -> bool:
        """Tell whether *number* may send free-form messages to *customer* at the instant *now*."""
        ...


_NEVER = datetime.min.replace(tzinfo=UTC)


@attrs.define
class WindowModel:
    """A window: two instants that only grow."""

    last: datetime = _NEVER
    """When the customer wrote last."""
    refuted: datetime = _NEVER
    """Dispatch of the last message that WhatsApp refused as outside the window."""

    def is_open(self, now: datetime) -> bool:
        """Tell whether it is open: for 24 hours, unless a refusal came after the customer."""
        return self.last > self.refuted and now.astimezone(UTC) < self.last.astimezone(UTC) + timedelta(hours=24)


class PeopleModel:
    """Who is who: addresses that were seen together belong together, and so do their windows."""

    def __init__(self) -> None:
        """Know nobody."""
        self.groups: list[set[Address]] = []
        """The addresses of each person."""
        self._windows: dict[tuple[Address, Address], WindowModel] = {}

    def meet(self, addresses: tuple[Address, ...]) -> None:
        """See *addresses* together; the first sight of a number looks for its other spelling, too."""
        seen = set(addresses)
        spelled = seen if any(seen & group for group in self.groups) else seen.union(*map(variants, seen))
        touched = [group for group in self.groups if spelled & group]
        self.groups = [group for group in self.groups if group not in touched] + [seen.union(*touched)]

    def window(self, number: Address, address: Address) -> WindowModel:
        """Return the window of whoever has *address*: the latest instants of all their addresses."""
        group = next((group for group in self.groups if address in group), {address})
        parts = [self._part(number, member) for member in group]
        return WindowModel(max(part.last for part in parts), max(part.refuted for part in parts))

    def wrote(self, number: Address, address: Address, at: datetime) -> None:
        """Note that the customer wrote or called."""
        part = self._part(number, address)
        part.last = max(part.last, at)

    def refuted(self, number: Address, address: Address, at: datetime) -> None:
        """Note that a message dispatched at *at* was refused as outside the window."""
        part = self._part(number, address)
        part.refuted = max(part.refuted, at)

    def _part(self, number: Address, address: Address) -> WindowModel:
        return self._windows.setdefault((number, address), WindowModel())


class SessionModel:
    """The 24-hour rule in plain words: each customer's last sign of life counts, and nothing else opens.

    >>> rule, at = SessionModel(), datetime(2026, 1, 1, 10, tzinfo=UTC)
    >>> shop, ana = Address("+14155550100"), Address("+34600000001")
    >>> rule.tell(Told(What.CUSTOMER, at, shop, (ana,), "SM1"))
    >>> rule.is_open(shop, ana, at), rule.is_open(shop, ana, at + timedelta(hours=24))
    (True, False)
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self._people = PeopleModel()
        self._seen: set[str] = set()

    def tell(self, event: Told) -> None:
        """Take note of what happened; the same sid again is nothing new."""
        if event.sid in self._seen:
            return
        self._seen.add(event.sid)
        self._people.meet(event.addresses)
        if event.what is What.CUSTOMER:
            self._people.wrote(event.number, event.addresses[0], event.at)
        if event.what is What.REFUSED:
            self._people.refuted(event.number, event.addresses[0], event.at)

    def is_open(self, number: Address, customer: Address, now: datetime) -> bool:
        """Tell whether *number* may send free-form messages to *customer* at the instant *now*."""
        return self._people.window(number, customer).is_open(now)
