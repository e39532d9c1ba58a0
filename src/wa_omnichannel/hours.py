"""Operating hours: when a queue works, in its own time zone, with holidays and exceptions.

* **HRS-1** hours recur in a time zone with daylight saving; all day is possible, and an end date; one event,
  the following ones or all of them can be edited.
* **HRS-2** holidays are dates or ranges with a reason, and override the recurring hours.
* **HRS-3** on WhatsApp the hours belong to the queue. A queue without hours is always open (QUE-3).

A block opens and closes by the clock on the wall. Where clocks go forward over such a time, it is the instant
at which they do. Where they go back, so that the time comes twice, a block opens at the first and closes at
the second.

Source: Microsoft Learn, "Create and manage operating hours".
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from typing import Protocol, TypeAlias
from zoneinfo import ZoneInfo

import attrs

from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.instants import aware

DAY = timedelta(days=1)
LOOK_AHEAD = timedelta(days=750)
"""How far ahead an opening is looked for; a queue closed for longer counts as closed for good."""

_WINDOW = timedelta(days=10)
_ORIGIN = date(2001, 1, 1)
_MIDNIGHT = time(0)

Span: TypeAlias = tuple[datetime, datetime]
"""From an instant (included) to an instant (left out), in UTC."""

WORKDAYS = (0, 1, 2, 3, 4)
"""Monday to Friday."""
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
"""Monday to Sunday."""


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def on_the_wall(now: datetime, zone: ZoneInfo | None) -> dict[str, str | int | date | time]:
    """Return what clock and calendar show at *now*, for conditions: date, time, hour and weekday.

    Args:
        now: The instant.
        zone: Where the clock hangs; None is UTC.

    >>> on_the_wall(datetime(2026, 1, 5, 23, 30, tzinfo=UTC), ZoneInfo("Europe/Madrid"))["weekday"]
    'tuesday'
    """
    local = now.astimezone(zone or UTC)
    at = local.time().replace(microsecond=0)
    return {"date": local.date(), "time": at, "hour": local.hour, "weekday": WEEKDAYS[local.weekday()]}


class Scope(Enum):
    """Which events an edit changes (HRS-1)."""

    ONE = "one"
    FOLLOWING = "following"
    """The one of that day and all later ones."""
    ALL = "all"


class Calendar(Protocol):
    """Knows public holidays (an adapter)."""

    def holiday(self, day: date) -> str | None:
        """Return the name of the holiday on *day*, or None on other days."""
        ...


def _check_naive(_: object, attribute: attrs.Attribute[time], value: time) -> None:
    if value.tzinfo is not None:
        raise InvalidValue(attribute.name, str(value), "Give the time of the clock on the wall, without a zone.")


def _check_days(_: object, attribute: attrs.Attribute[tuple[int, ...]], value: tuple[int, ...]) -> None:
    if not set(value) <= set(EVERY_DAY):
        raise InvalidValue(attribute.name, str(value), "Use 0 for Monday to 6 for Sunday.")


def _check_every(_: object, attribute: attrs.Attribute[int], value: int) -> None:
    if value < 1:
        raise InvalidValue(attribute.name, str(value), "Use 1 for every week, 2 for every other week …")


def _sorted(days: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(days)))


@attrs.frozen
class Block:
    """Working hours that recur on some days of the week (HRS-1).

    An end that is not after the start is on the next day; the same time twice is a whole day.
    """

    days: tuple[int, ...] = attrs.field(default=WORKDAYS, converter=_sorted, validator=_check_days)
    """Monday is 0."""
    start: time = attrs.field(default=time(8), validator=_check_naive)
    end: time = attrs.field(default=time(17), validator=_check_naive)
    every: int = attrs.field(default=1, validator=_check_every)
    """Every how many weeks, counted from the week of :attr:`since`."""
    since: date = _ORIGIN
    """First day on which it applies."""
    until: date | None = None
    """Last day on which it applies (the end date)."""

    @classmethod
    def all_day(cls, days: Iterable[int] = EVERY_DAY) -> Block:
        """Return the block of whole days, from midnight to midnight."""
        return cls(_sorted(days), _MIDNIGHT, _MIDNIGHT)

    def days_between(self, first: date, last: date) -> tuple[date, ...]:
        """Return the days from *first* to *last* on which the block begins.

        >>> [str(day) for day in Block((0,), every=2).days_between(date(2026, 1, 1), date(2026, 1, 31))]
        ['2026-01-12', '2026-01-26']
        """
        from dateutil.rrule import MO, WEEKLY, rrule

        if not self.days:
            return ()
        first, last = max(first, self.since), min(last, self.until or last)
        weeks = timedelta(weeks=self.every)
        monday = self.since - timedelta(days=self.since.weekday())
        anchor = monday + (first - monday) // weeks * weeks  # a rule that starts near is quick
        begin, stop = (datetime.combine(day, _MIDNIGHT) for day in (anchor, last))
        found = rrule(WEEKLY, begin, self.every, MO, byweekday=self.days, until=stop)
        return tuple(day.date() for day in found if day.date() >= first)


DEFAULT_BLOCKS = (Block(),)
"""Monday to Friday, 08:00 to 17:00 (HRS-1)."""


def _check_last(holiday: Holiday, _: object, value: date | None) -> None:
    if value is not None and value < holiday.first:
        raise InvalidValue("last", str(value), "The last day of a holiday is not before its first.")


@attrs.frozen
class Holiday:
    """Days on which nobody works, with the reason (HRS-2)."""

    reason: str
    first: date
    last: date | None = attrs.field(default=None, validator=_check_last)
    """Last day of a range; None: a single day."""

    def includes(self, day: date) -> bool:
        """Tell whether *day* is one of its days."""
        return self.first <= day <= (self.last or self.first)


@attrs.frozen
class Exceptional:
    """The hours of one single day, instead of what would apply (an edit of one event)."""

    day: date
    hours: tuple[tuple[time, time], ...] = ()
    """Start and end of each stretch; none: closed all day."""


class Status(Enum):
    """Why a queue is open or closed."""

    OPEN = "open"
    OUT_OF_HOURS = "out_of_hours"
    HOLIDAY = "holiday"


@attrs.frozen
class Situation:
    """Whether the hours are open at an instant, why, and until when."""

    status: Status
    until: datetime | None
    """When that changes, in UTC; None: not within :data:`LOOK_AHEAD`. It names a closed period uniquely."""
    holiday: str = ""
    """Reason of the holiday."""


def zone_named(name: str | ZoneInfo) -> ZoneInfo:
    """Return the time zone called *name*.

    Raises:
        InvalidValue: The time zone database does not have it.
    """
    if isinstance(name, ZoneInfo):
        return name
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise InvalidValue("zone", name, "Use a name of the time zone database, such as Europe/Madrid.") from error


@attrs.frozen
class OperatingHours:
    """When work is done.

    Raises:
        InvalidValue: The time zone is not known.

    >>> office = OperatingHours("office", "Europe/Madrid")
    >>> office.is_open(datetime(2026, 1, 5, 7, 30, tzinfo=UTC))
    True
    """

    name: str
    zone: ZoneInfo = attrs.field(converter=zone_named)
    blocks: tuple[Block, ...] = DEFAULT_BLOCKS
    holidays: tuple[Holiday, ...] = ()
    exceptions: tuple[Exceptional, ...] = ()
    """Single days with other hours; they go before holidays and recurring hours."""
    calendars: tuple[Calendar, ...] = ()
    """Public holidays, in addition to one's own."""

    def is_open(self, now: datetime) -> bool:
        """Tell whether it is open at *now*.

        Raises:
            InvalidValue: *now* has no time zone.
        """
        today = self._local_day(now)
        return any(start <= now < end for start, end in self.spans(today, today))

    def next_open(self, now: datetime) -> datetime | None:
        """Return the earliest instant from *now* on at which it is open; None if there is none in sight.

        >>> OperatingHours("office", "Europe/Madrid").next_open(datetime(2026, 3, 28, 12, tzinfo=UTC))
        datetime.datetime(2026, 3, 30, 6, 0, tzinfo=datetime.timezone.utc)
        """
        for start, end in self._spans_from(now):
            if end > now:
                return max(start, now.astimezone(UTC))
        return None

    def next_close(self, now: datetime) -> datetime | None:
        """Return when it next closes, if it is open at *now*; None if it is closed or never closes."""
        until: datetime | None = None
        for start, end in self._spans_from(now):
            if end <= now:
                continue
            if start > (until or now):
                return until
            until = end
        return until if until is None or until < now + LOOK_AHEAD - _WINDOW else None

    def situation(self, now: datetime) -> Situation:
        """Return whether it is open at *now*, why not, and until when (HRS-4)."""
        if self.is_open(now):
            return Situation(Status.OPEN, self.next_close(now))
        reason = self.holiday(self._local_day(now))
        status = Status.HOLIDAY if reason else Status.OUT_OF_HOURS
        return Situation(status, self.next_open(now), reason or "")

    def holiday(self, day: date) -> str | None:
        """Return the reason if *day* is a holiday without hours of its own (HRS-2)."""
        if any(exception.day == day for exception in self.exceptions):
            return None
        own = (holiday.reason for holiday in self.holidays if holiday.includes(day))
        public = filter(None, (calendar.holiday(day) for calendar in self.calendars))
        return next(own, None) or next(public, None)

    def spans(self, first: date, last: date) -> tuple[Span, ...]:
        """Return when it is open from the day *first* to the day *last*, in order; spans that touch are one."""
        days = [first + n * DAY for n in range((last - first).days + 1)]
        closed = {day for day in days if self.holiday(day)}
        pieces: list[Span] = []
        for day, start, end in self._stretches(first - DAY, last):
            finish = datetime.combine(day if end > start else day + DAY, end)
            for part_day, part_start, part_end in _by_day(datetime.combine(day, start), finish):
                if first <= part_day <= last and part_day not in closed:
                    pieces.append((self._instant(part_start, fold=0), self._instant(part_end, fold=1)))
        return tuple(_merged(sorted(piece for piece in pieces if piece[0] < piece[1])))

    def _stretches(self, first: date, last: date) -> Iterator[tuple[date, time, time]]:
        """Yield the day, start and end of every stretch that begins between two days, holidays aside."""
        special = {exception.day: exception.hours for exception in self.exceptions}
        for block in self.blocks:
            for day in block.days_between(first, last):
                if day not in special:
                    yield day, block.start, block.end
        for day, hours in special.items():
            if first <= day <= last:
                for start, end in hours:
                    yield day, start, end

    def _spans_from(self, now: datetime) -> Iterator[Span]:
        day = self._local_day(now) - DAY
        last = day + LOOK_AHEAD
        while day < last:
            yield from self.spans(day, day + _WINDOW - DAY)
            day += _WINDOW

    def _local_day(self, now: datetime) -> date:
        return aware(now, "now").astimezone(self.zone).date()

    def _instant(self, wall: datetime, fold: int) -> datetime:
        """Return the instant at which the clock on the wall shows *wall*, or first shows something later."""
        instant = wall.replace(tzinfo=self.zone, fold=fold).astimezone(UTC)
        if self._shown(instant) == wall:
            return instant
        early = wall.replace(tzinfo=self.zone, fold=1).astimezone(UTC)  # the clock jumps over this time
        gap = wall.replace(tzinfo=self.zone, fold=0).astimezone(UTC) - early
        seconds = range(int(gap.total_seconds()))
        return early + timedelta(
            seconds=bisect_left(seconds, wall, key=lambda n: self._shown(early + timedelta(seconds=n)))
        )

    def _shown(self, instant: datetime) -> datetime:
        return instant.astimezone(self.zone).replace(tzinfo=None)

    def edited(self, old: Block, day: date, new: Block, scope: Scope) -> OperatingHours:
        """Return the hours after the event of *old* on *day* was edited (HRS-1).

        Args:
            old: The block it belongs to.
            day: The day of the event.
            new: How it shall be; for one event only its times count.
            scope: This event, this and the following, or all.

        Raises:
            InvalidValue: There is no such block, or it has no event on that day.
        """
        if old not in self.blocks or day not in old.days_between(day, day):
            raise InvalidValue("day", str(day), "Name a block of these hours and a day on which it begins.")
        if scope is Scope.ONE:
            return self._edited_one(old, day, new)
        parts = (new,) if scope is Scope.ALL else (attrs.evolve(old, until=day - DAY), attrs.evolve(new, since=day))
        blocks = tuple(part for block in self.blocks for part in (parts if block == old else (block,)))
        return attrs.evolve(self, blocks=blocks)

    def _edited_one(self, old: Block, day: date, new: Block) -> OperatingHours:
        hours = [(start, end) for begun, start, end in self._stretches(day, day) if begun == day]
        if (old.start, old.end) in hours:
            hours.remove((old.start, old.end))
        changed = Exceptional(day, (*hours, (new.start, new.end)))
        others = (exception for exception in self.exceptions if exception.day != day)
        return attrs.evolve(self, exceptions=(*others, changed))


def _by_day(start: datetime, end: datetime) -> Iterator[tuple[date, datetime, datetime]]:
    """Yield the part of a stretch that lies on each day."""
    while start < end:
        midnight = datetime.combine(start.date() + DAY, _MIDNIGHT)
        yield start.date(), start, min(midnight, end)
        start = midnight


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    begun: Span | None = None
    for start, end in spans:
        if begun is None or start > begun[1]:
            if begun is not None:
                yield begun
            begun = (start, end)
        else:
            begun = (begun[0], max(begun[1], end))
    if begun is not None:
        yield begun
