"""A session rule made of the library's functions, and wrong ones: each has one fault that somebody once had."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from wa_omnichannel import session
from wa_omnichannel.addresses import Address, is_phone
from wa_omnichannel.messages import Text, Unsupported
from wa_omnichannel.session import NEVER_OPENED, Window
from wa_omnichannel.testing.models import SessionRule, Told, What

DAY = timedelta(hours=24)


class Right:
    """The rule as it is."""

    opens: tuple[What, ...] = (What.CUSTOMER,)

    def __init__(self) -> None:
        self.windows: dict[Any, Window] = {}
        self.people: dict[Address, frozenset[Address]] = {}
        self.seen: set[str] = set()

    def tell(self, event: Told) -> None:
        if not self.known(event.sid):
            self.meet(event.addresses)
            self.happen(event)

    def known(self, sid: str) -> bool:
        before = sid in self.seen
        self.seen.add(sid)
        return before

    def meet(self, addresses: tuple[Address, ...]) -> None:
        person = frozenset(addresses).union(*(self.person(address) for address in addresses))
        self.people.update(dict.fromkeys(person, person))

    def person(self, address: Address) -> frozenset[Address]:
        return self.people.get(address, frozenset({address}))

    def happen(self, event: Told) -> None:
        key = self.key(event.number, event.addresses[0])
        window = self.windows.get(key, NEVER_OPENED)
        if event.what in self.opens:
            self.windows[key] = self.receive(window, event)
        if event.what is What.REFUSED:
            self.windows[key] = self.refute(window, event.at)

    def key(self, number: Address, address: Address) -> Any:
        return number, address

    def receive(self, window: Window, event: Told) -> Window:
        return session.receive(window, event.at)

    def refute(self, window: Window, at: datetime) -> Window:
        return session.refute(window, at)

    def window(self, number: Address, customer: Address) -> Window:
        window = NEVER_OPENED
        for address in sorted(self.person(customer)):
            window = self.merge(window, self.windows.get(self.key(number, address), NEVER_OPENED))
        return window

    def merge(self, one: Window, other: Window) -> Window:
        return session.merge(one, other)

    def is_open(self, number: Address, customer: Address, now: datetime) -> bool:
        return session.is_open(self.window(number, customer), now)


class ClosedBoundary(Right):
    """Still open when 24 hours have passed exactly."""

    def is_open(self, number: Address, customer: Address, now: datetime) -> bool:
        end = session.closes_at(self.window(number, customer))
        return end is not None and now <= end


class AgentMoves(Right):
    opens = (What.CUSTOMER, What.BUSINESS)


class TemplateOpens(Right):
    opens = (What.CUSTOMER, What.TEMPLATE)


class CallbackOpens(Right):
    opens = (What.CUSTOMER, What.CALLBACK)


class WallClock(Right):
    """24 hours on the clock of the customer's wall: an hour too few or too many when it is changed."""

    def __init__(self) -> None:
        super().__init__()
        self.zones: dict[datetime, datetime] = {}

    def receive(self, window: Window, event: Told) -> Window:
        self.zones[event.at.astimezone(UTC)] = event.at
        return super().receive(window, event)

    def is_open(self, number: Address, customer: Address, now: datetime) -> bool:
        window = self.window(number, customer)
        if session.closes_at(window) is None or window.last_inbound_at is None:
            return False
        return now.astimezone(UTC) < (self.zones[window.last_inbound_at] + DAY).astimezone(UTC)


class LateShortens(Right):
    """A webhook that was queued takes the window back."""

    def receive(self, window: Window, event: Told) -> Window:
        return Window(event.at, window.refuted_at)


class DuplicateExtends(Right):
    """A webhook that is delivered again counts again."""

    def known(self, sid: str) -> bool:
        return False


class PhonesOnly(Right):
    """Who hides their number is nobody."""

    def tell(self, event: Told) -> None:
        if is_phone(event.addresses[0]):
            super().tell(event)


class AliasLost(Right):
    """Two addresses of one person have two windows."""

    def meet(self, addresses: tuple[Address, ...]) -> None:
        pass


class Naive(Right):
    """Instants without their zone."""

    def receive(self, window: Window, event: Told) -> Window:
        return session.receive(window, event.at.replace(tzinfo=UTC))


class UnsupportedDoesNotOpen(Right):
    def receive(self, window: Window, event: Told) -> Window:
        return window if isinstance(event.content, Unsupported) else super().receive(window, event)


class CallDoesNotOpen(Right):
    def receive(self, window: Window, event: Told) -> Window:
        return window if event.what is What.CUSTOMER and event.content is None else super().receive(window, event)


class StopDoesNotOpen(Right):
    def receive(self, window: Window, event: Told) -> Window:
        return window if event.content == Text("STOP") else super().receive(window, event)


class OneWindowForAllNumbers(Right):
    def key(self, number: Address, address: Address) -> Any:
        return address


class RefusalForgetsAll(Right):
    """A refusal closes also what was opened after the refused message was dispatched."""

    def refute(self, window: Window, at: datetime) -> Window:
        return NEVER_OPENED


class RefusalIgnored(Right):
    def refute(self, window: Window, at: datetime) -> Window:
        return window


class WholeMinutes(Right):
    """Seconds are cut off."""

    def receive(self, window: Window, event: Told) -> Window:
        return session.receive(window, event.at.replace(second=0, microsecond=0))


FAULTS: Mapping[str, Callable[[], SessionRule]] = {rule.__name__: rule for rule in Right.__subclasses__()}
RULES: Mapping[str, Callable[[], SessionRule]] = {"Right": Right, **FAULTS}
