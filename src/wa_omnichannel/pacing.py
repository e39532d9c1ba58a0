"""How fast to send, how long to wait, and when to stop: GCRA, halts and growing pauses.

A sender (business number) may send so many messages a second, a pair of number and customer so many a
minute, with a short burst borrowed from the future. Both are one stored instant each (the *theoretical
arrival time* of the generic cell rate algorithm), so that all workers together keep the rate. What the
provider says about speed (429, 63018, 21611 …) becomes a halt that all workers keep, too. Sources: Twilio,
"Rate limits and message queues" and error pages; WhatsApp, "Throughput" and "Pair rate limits"; ITU-T I.371.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum

import attrs

from wa_omnichannel.errors import InvalidValue

_NOTHING = timedelta(0)


def _positive(_: object, field: attrs.Attribute[timedelta], value: timedelta) -> None:
    if value <= _NOTHING:
        raise InvalidValue(field.name, str(value), "Use a duration above zero.")


def _at_least_one(_: object, field: attrs.Attribute[int], value: int) -> None:
    if value < 1:
        raise InvalidValue(field.name, str(value), "Use a whole number from 1 on.")


@attrs.frozen
class Rate:
    """One message every *interval* in the long run, and at most *burst* at once.

    Raises:
        InvalidValue: The interval is not above zero, or the burst is below one.
    """

    interval: timedelta = attrs.field(validator=_positive)
    """Time between two messages in the long run."""
    burst: int = attrs.field(default=1, validator=_at_least_one)
    """How many may leave at the same instant after a rest."""

    @property
    def tolerance(self) -> timedelta:
        """How far ahead of its time a message may leave."""
        return self.interval * (self.burst - 1)


SENDER = Rate(timedelta(microseconds=12_500), burst=80)
"""What one business number may send by default: 80 messages a second (Meta, "Throughput")."""

PAIR = Rate(timedelta(seconds=6), burst=10)
"""What one number may send to one customer: one message in 6 s, small bursts borrowed (Meta error 131056).

The size of the burst is not documented by Twilio; ten is careful.
"""


@attrs.frozen
class Pace:
    """How far a sender or a pair has got. Both instants only grow."""

    next: datetime | None = None
    """When the next message would leave if all of them kept the rate exactly; None if none has left yet."""
    halted_until: datetime | None = None
    """Nothing leaves before, because the provider said so."""
    refusals: int = 0
    """How often in a row the provider said that it is too fast."""


RESTED = Pace()
"""Of somebody who has not sent yet."""


def free_at(pace: Pace, rate: Rate, now: datetime) -> datetime:
    """Return when the next message may leave: *now*, or later.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> one = Rate(timedelta(seconds=6))
    >>> free_at(take(RESTED, one, noon), one, noon).second
    6
    """
    free = now
    if pace.next is not None:
        free = max(free, pace.next - rate.tolerance)
    if pace.halted_until is not None:
        free = max(free, pace.halted_until)
    return free


def take(pace: Pace, rate: Rate, now: datetime) -> Pace:
    """Return the pace after one message left at *now*; ask :func:`free_at` first."""
    start = now if pace.next is None else max(pace.next, now)
    return attrs.evolve(pace, next=start + rate.interval)


def halt(pace: Pace, until: datetime) -> Pace:
    """Return the pace after the provider said that it is too fast; a longer halt is kept."""
    known = pace.halted_until
    return attrs.evolve(pace, halted_until=until if known is None else max(known, until), refusals=pace.refusals + 1)


def accepted(pace: Pace) -> Pace:
    """Return the pace after a message passed: earlier refusals for speed are over."""
    return attrs.evolve(pace, refusals=0) if pace.refusals else pace


@attrs.frozen
class Backoff:
    """Pauses that double from *first* up to *longest*, each spread by up to a half so that not all come at once.

    Raises:
        InvalidValue: One of the durations is not above zero.
    """

    first: timedelta = attrs.field(default=timedelta(seconds=1), validator=_positive)
    longest: timedelta = attrs.field(default=timedelta(minutes=15), validator=_positive)

    def pause(self, attempt: int, of: str) -> timedelta:
        """Return the pause after *attempt* (from 1) of the thing called *of*.

        The spread depends on the name and the attempt alone, so the same history gives the same pause.

        >>> 0.5 <= Backoff().pause(1, "m1").total_seconds() <= 1
        True
        """
        steps = min(max(attempt, 1) - 1, (self.longest // self.first).bit_length())
        whole = min(self.first * (1 << steps), self.longest)
        digest = hashlib.blake2b(f"{of}:{attempt}".encode(), digest_size=4).digest()
        spread: float = int.from_bytes(digest) / 2**32
        return whole - whole / 2 * spread


class Scope(Enum):
    """Whom a halt concerns."""

    PAIR = "pair"
    """This number and this customer."""
    SENDER = "sender"
    """Everything this number sends."""


@attrs.frozen
class Throttle:
    """What an answer of the provider about speed asks for."""

    scope: Scope
    pauses: Backoff
    """How long to halt, longer for each refusal in a row."""


_SOON = Backoff(timedelta(seconds=1), timedelta(minutes=1))
_QUEUE = Backoff(timedelta(minutes=1), timedelta(hours=1))
_DAY = Backoff(timedelta(hours=1), timedelta(hours=24))

THROTTLES: Mapping[int, Throttle] = {
    429: Throttle(Scope.SENDER, _SOON),
    20429: Throttle(Scope.SENDER, _SOON),
    63017: Throttle(Scope.PAIR, Backoff(timedelta(seconds=12), timedelta(hours=24))),
    63018: Throttle(Scope.PAIR, Backoff(timedelta(seconds=12), timedelta(hours=24))),
    21611: Throttle(Scope.SENDER, _QUEUE),
    30001: Throttle(Scope.SENDER, _QUEUE),
    14107: Throttle(Scope.SENDER, _QUEUE),
    63038: Throttle(Scope.SENDER, _DAY),
}
"""Error codes about speed. 63018 first stops the pair for at least 6 s; :data:`ESCALATES` says when it is more."""

ESCALATES = 3
"""A pair's refusal that is at least this many in a row stops the whole sender: it was not the pair alone."""


def throttle(code: int | None) -> Throttle | None:
    """Return what an error code says about speed, or None if it is about something else.

    >>> throttle(63018).scope
    <Scope.PAIR: 'pair'>
    >>> throttle(63016) is None
    True
    """
    return THROTTLES.get(code) if code is not None else None


def halts(answer: Throttle, pair: Pace, sender: Pace, of: str, now: datetime) -> tuple[Pace, Pace]:
    """Return the paces of pair and sender after *answer*; a pair that is refused again and again stops the sender.

    Args:
        answer: What the provider's answer asks for.
        pair: The pace of this number and this customer.
        sender: The pace of this number.
        of: The message's id, which spreads the pauses.
        now: The current instant.
    """
    if answer.scope is Scope.SENDER:
        return pair, halt(sender, now + answer.pauses.pause(sender.refusals + 1, of))
    until = now + answer.pauses.pause(pair.refusals + 1, of)
    pair = halt(pair, until)
    return pair, halt(sender, until) if pair.refusals >= ESCALATES else sender
