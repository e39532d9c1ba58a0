"""Capacity by profiles: how many items of a kind an agent may have, and when that is given back.

* **CAP-2** a profile has a limit, a reset frequency that cannot be edited, and may block all other work.
* **CAP-3** *end of day*: what was consumed comes back when the shift ends, not when a conversation ends.
* **CAP-4** an item may carry several profiles: there must be room in all, and all are consumed.
* **CAP-5** a limit of one's own overrides the default until it is taken back; later defaults do not touch it.
* **WS-12** wrap-up keeps capacity always, for a while, or not at all.

Capacity in units (CAP-1) is two numbers of the agent, see :mod:`wa_omnichannel.workforce`.
Source: Microsoft Learn, "Create and manage capacity profiles".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import TypeAlias

import attrs

from wa_omnichannel.errors import InvalidValue


class Reset(Enum):
    """When consumed capacity comes back (CAP-2)."""

    IMMEDIATE = "immediate"
    END_OF_DAY = "end_of_day"


def _check_limit(_: object, attribute: attrs.Attribute[int], value: int) -> None:
    if value < 0:
        raise InvalidValue(attribute.name, str(value), "Use a number of items, 0 or more.")


@attrs.frozen
class CapacityProfile:
    """A kind of work, and how many items of it an agent may have by default."""

    name: str
    limit: int = attrs.field(validator=_check_limit)
    """Items at the same time, or per day under *end of day*."""
    reset: Reset = Reset.IMMEDIATE
    blocking: bool = False
    """Whether an agent whose limit is reached gets no other work either."""


def edit(old: CapacityProfile, new: CapacityProfile) -> CapacityProfile:
    """Return *new* if *old* may become it.

    Raises:
        InvalidValue: The reset frequency differs; it cannot be edited (CAP-2).
    """
    if old.reset is not new.reset:
        fix = "The reset frequency cannot be edited; delete the profile and create it again."
        raise InvalidValue("reset", new.reset.value, fix)
    return new


@attrs.frozen
class Allowance:
    """What one agent has of one profile."""

    limit: int = attrs.field(validator=_check_limit)
    used: int = 0
    reset: Reset = Reset.IMMEDIATE
    blocking: bool = False
    custom: bool = False
    """Whether the limit is the agent's own (CAP-5)."""

    @property
    def free(self) -> int:
        """Items left; negative after a pick or a supervisor's assignment (CAP-6)."""
        return self.limit - self.used


_NOTHING = Allowance(0)

Allowances: TypeAlias = Mapping[str, Allowance]
"""What an agent has, by name of the profile."""


def grant(profile: CapacityProfile, limit: int | None = None) -> Allowance:
    """Return what an agent gets of *profile*, with a *limit* of their own if given (CAP-5)."""
    own = profile.limit if limit is None else limit
    return Allowance(own, 0, profile.reset, profile.blocking, limit is not None)


def redefine(has: Allowances, profile: CapacityProfile) -> Allowances:
    """Return *has* after the default of *profile* changed; limits of one's own stay (CAP-5)."""
    known = has.get(profile.name)
    if known is None:
        return has
    limit = known.limit if known.custom else profile.limit
    return {**has, profile.name: attrs.evolve(known, limit=limit, blocking=profile.blocking)}


def override(has: Allowances, profile: CapacityProfile, limit: int | None) -> Allowances:
    """Return *has* with *profile*, with a *limit* of the agent's own or else the default; use is kept (CAP-5)."""
    granted = grant(profile, limit)
    known = has.get(profile.name, granted)
    return {**has, profile.name: attrs.evolve(granted, used=known.used)}


def exhausted(has: Allowances, profiles: Iterable[str]) -> tuple[str, ...]:
    """Return those of *profiles* in which there is no room, or that the agent does not have (CAP-4).

    >>> exhausted({"chat": Allowance(2, used=2)}, ["chat", "voice"])
    ('chat', 'voice')
    """
    return tuple(name for name in profiles if name not in has or has[name].free < 1)


def blocking(has: Allowances) -> tuple[str, ...]:
    """Return the profiles whose limit is reached and that block all other work (CAP-2)."""
    return tuple(name for name, allowance in has.items() if allowance.blocking and allowance.free < 1)


def consume(has: Allowances, profiles: Iterable[str]) -> Allowances:
    """Return *has* after one item of all *profiles* was given (CAP-4); in one they lack they are now below zero."""
    return _change(has, profiles, 1)


def give_back(has: Allowances, profiles: Iterable[str]) -> Allowances:
    """Return *has* after the item ended; *end of day* gives nothing back before the shift ends (CAP-3)."""
    return _change(has, (name for name in profiles if name in has and has[name].reset is Reset.IMMEDIATE), -1)


def end_of_day(has: Allowances) -> Allowances:
    """Return *has* after the shift: what counts per day starts again, open conversations or not (CAP-3)."""
    return {
        name: attrs.evolve(allowance, used=0) if allowance.reset is Reset.END_OF_DAY else allowance
        for name, allowance in has.items()
    }


def _change(has: Allowances, profiles: Iterable[str], by: int) -> Allowances:
    known = {name: has.get(name, _NOTHING) for name in profiles}
    changed = {name: attrs.evolve(allowance, used=allowance.used + by) for name, allowance in known.items()}
    return {**has, **changed} if changed else has


class WrapUp(Enum):
    """What wrap-up does with capacity (WS-12)."""

    ALWAYS = "always"
    """It is kept until the conversation is closed."""
    CUSTOM = "custom"
    """It is kept for a time."""
    NEVER = "never"
    """It comes back as soon as the conversation is ended."""


def _check_time(_: object, attribute: attrs.Attribute[timedelta], value: timedelta) -> None:
    if not timedelta(seconds=30) <= value <= timedelta(minutes=60):
        raise InvalidValue(attribute.name, str(value), "Use 30 seconds to 60 minutes.")


@attrs.frozen
class WrapUpBlocking:
    """How long wrap-up keeps capacity (WS-12)."""

    kind: WrapUp = WrapUp.ALWAYS
    time: timedelta = attrs.field(default=timedelta(minutes=1), validator=_check_time)
    """How long, for :attr:`WrapUp.CUSTOM`."""

    def until(self, ended_at: datetime) -> datetime | None:
        """Return when capacity comes back after *ended_at*; None: when the conversation is closed (CAP-8)."""
        waits = {WrapUp.NEVER: timedelta(0), WrapUp.CUSTOM: self.time}
        return None if self.kind is WrapUp.ALWAYS else ended_at + waits[self.kind]
