"""Writing to customers first: event-driven, in bulk, or at a time (OUT-1 to OUT-6).

Who may be written to when is decided here; sending itself obeys the same rules as any other message. Source:
Microsoft Learn, "Configure outbound messaging" (2025), and for quiet hours and caps "Proactive engagement"
(2026), which has them for other channels.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import attrs

from wa_omnichannel.addresses import Address, parse, parse_number
from wa_omnichannel.conditions import Value
from wa_omnichannel.errors import InvalidValue, Refused
from wa_omnichannel.explain import Check
from wa_omnichannel.hours import zone_named

PER_REQUEST = 100
"""Most contacts of one request; more are split (OUT-4)."""

RESPONSE_WINDOW = timedelta(minutes=5)
"""How soon an answer must come to be taken for one (first-response timeout)."""

_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)
_NO_VALUES: Mapping[str, Value] = {}
_NO_TEXTS: Mapping[str, str] = {}


@attrs.frozen
class QuietHours:
    """When customers are left alone, on their own clocks."""

    begins: time = time(21)
    ends: time = time(8)

    def over(self, now: datetime, zone: ZoneInfo) -> datetime:
        """Return when somebody in *zone* may be written to: *now*, or the end of the quiet hours.

        >>> QuietHours().over(datetime(2026, 1, 1, 22, tzinfo=UTC), ZoneInfo("UTC")).hour
        8
        """
        local = now.astimezone(zone)
        clock = local.time()
        overnight = self.begins > self.ends
        quiet = (clock >= self.begins or clock < self.ends) if overnight else self.begins <= clock < self.ends
        if not quiet:
            return now
        day = local.date() + (_DAY if overnight and clock >= self.begins else timedelta(0))
        return max(now, datetime.combine(day, self.ends, zone).astimezone(UTC))


@attrs.frozen
class Caps:
    """How often one customer may be written to first, over all numbers; None for as often as wanted."""

    per_day: int | None = None
    per_week: int | None = None


NO_CAPS = Caps()


def _number(text: str) -> Address:
    return parse_number(text)


@attrs.frozen
class Configuration:
    """What is sent from where (OUT-1)."""

    id: str
    name: str
    number: Address = attrs.field(converter=_number)
    template: str
    """Name of the message template."""
    bulk: bool = False
    """Whether many are written to; otherwise an event of one customer is the reason."""
    in_timeline: bool | None = None
    """Whether it is shown in the customer's timeline; by default for event-driven ones only (OUT-1)."""
    quiet: QuietHours | None = None
    caps: Caps = NO_CAPS
    response_window: timedelta = RESPONSE_WINDOW

    @property
    def shown(self) -> bool:
        """Whether it is shown in the customer's timeline."""
        return not self.bulk if self.in_timeline is None else self.in_timeline


def _address(text: str) -> Address:
    return parse(text, "to")


def _zone(name: str) -> str:
    return zone_named(name).key


@attrs.frozen
class Recipient:
    """One contact of a request (OUT-3)."""

    to: Address = attrs.field(converter=_address)
    opted_in: bool
    """Whether they agreed to be written to; the sender's word, which a stop of the customer outranks."""
    variables: Mapping[str, str] = _NO_TEXTS
    """Values of the template's variables."""
    context: Mapping[str, Value] = _NO_VALUES
    """What a conversation gets to know if the customer answers in time."""
    language: str | None = None
    zone: str = attrs.field(default="UTC", converter=_zone)
    """Where the customer lives, such as ``Europe/Madrid``; UTC if it is not known."""


@attrs.frozen
class Sent:
    """One message that was sent first."""

    key: str
    """The request it was sent for."""
    at: datetime


@attrs.frozen
class Outreach:
    """What one customer was sent first."""

    contact: str
    sent: tuple[Sent, ...] = ()
    """Those of the last seven days."""
    number: Address = Address("")
    """The number of the latest one."""
    until: datetime | None = None
    """Until when an answer to it is taken for one."""
    context: Mapping[str, Value] = _NO_VALUES

    def noted(self, configuration: Configuration, recipient: Recipient, key: str, at: datetime) -> Outreach:
        """Return what is known after one more was sent."""
        about = {"outbound_configuration": configuration.id, "outbound_name": configuration.name}
        return Outreach(
            self.contact,
            (*(each for each in self.sent if each.at > at - _WEEK), Sent(key, at)),
            configuration.number,
            at + configuration.response_window,
            {**about, **recipient.context},
        )

    def answered(self, number: str, at: datetime) -> Mapping[str, Value]:
        """Return the context of an answer to *number* at *at*; nothing if it is none, or comes too late."""
        in_time = self.until is not None and at <= self.until
        return self.context if in_time and number == self.number else _NO_VALUES


@attrs.frozen
class Item:
    """One recipient of one request."""

    key: str
    """The same when a request is repeated."""
    configuration: Configuration
    recipient: Recipient


@attrs.frozen
class Reached:
    """What came of one recipient."""

    to: Address
    message: str | None = None
    """Id of the message, if one was accepted."""
    due: datetime | None = None
    """When it will be tried, if it has to wait."""
    refusal: Refused | None = None
    """Why nothing is sent."""


def chunks(recipients: Sequence[Recipient]) -> Iterator[Sequence[Recipient]]:
    """Yield *recipients* in requests of at most :data:`PER_REQUEST` (OUT-4).

    Raises:
        InvalidValue: Somebody is in there twice.
    """
    seen: set[Address] = set()
    for recipient in recipients:
        if recipient.to in seen:
            raise InvalidValue("recipients", recipient.to, "Name each customer once.")
        seen.add(recipient.to)
    for begin in range(0, len(recipients), PER_REQUEST):
        yield recipients[begin : begin + PER_REQUEST]


def decide(item: Item, known: Iterable[Sent], now: datetime) -> datetime | Refused:
    """Decide when a recipient may be written to.

    Args:
        item: Whom, and with what.
        known: What they were sent first in the last days.
        now: The current instant; aware.

    Returns:
        *now*, or a later instant because of quiet hours, or why not at all.
    """
    configuration, recipient = item.configuration, item.recipient
    if not recipient.opted_in:
        return _no("OUT-3", "not_opted_in", {"configuration": configuration.id})
    sent = [each.at for each in known]
    for span, limit in ((_DAY, configuration.caps.per_day), (_WEEK, configuration.caps.per_week)):
        count = sum(at > now - span for at in sent)
        if limit is not None and count >= limit:
            return _no("WA-CAP", "frequency_cap", {"count": count, "limit": limit, "days": span.days})
    return configuration.quiet.over(now, zone_named(recipient.zone)) if configuration.quiet is not None else now


def _no(rule: str, code: str, facts: Mapping[str, object]) -> Refused:
    return Refused(code, facts, (Check(rule, False, code, facts),))
