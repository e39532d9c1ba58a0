"""The settings of a conversation's life: offers, reopening, limits, and what each workstream has of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import Enum

import attrs

from wa_omnichannel.automation.layers import Automation
from wa_omnichannel.automation.timeouts import Limits, TimeoutRule, effective
from wa_omnichannel.errors import InvalidValue


class AutoAssign(Enum):
    """Whether an agent is asked before they get work (NOT-2)."""

    ASK = "ask"
    """They may accept or reject."""
    AT_ONCE = "at_once"
    """They have it as soon as it is assigned, and cannot reject."""
    AFTER_COUNTDOWN = "after_countdown"
    """They have it at the latest when the countdown is over, and cannot reject."""


def _check_time(_: object, attribute: attrs.Attribute[timedelta], value: timedelta) -> None:
    if value <= timedelta(0):
        raise InvalidValue(attribute.name, str(value), "Use a duration of more than zero.")


def _check_sessions(_: object, attribute: attrs.Attribute[int], value: int) -> None:
    if value < 1:
        raise InvalidValue(attribute.name, str(value), "Use 1 or more.")


@attrs.frozen
class OfferSettings:
    """How work is offered to agents (NOT-1 to NOT-6).

    Raises:
        InvalidValue: A duration is not positive, or an agent could have no session at all.
    """

    countdown: timedelta = attrs.field(default=timedelta(seconds=120), validator=_check_time)
    """How long an agent may think about it (NOT-1); a workstream can have a time of its own (WS-17)."""
    auto_assign: AutoAssign = AutoAssign.ASK
    reject_button: bool = True
    """Whether an agent may reject (NOT-2)."""
    max_sessions: int = attrs.field(default=10, validator=_check_sessions)
    """Most open sessions of an agent; one more makes them *do not disturb* instead (NOT-6)."""
    lease: timedelta = attrs.field(default=timedelta(seconds=60), validator=_check_time)
    """How long after a sign of life an agent counts as connected."""

    @property
    def may_reject(self) -> bool:
        """Whether agents can reject at all (NOT-2)."""
        return self.reject_button and self.auto_assign is AutoAssign.ASK


class Reopening(Enum):
    """What a message to a closed conversation does (§9.1)."""

    NEVER = "never"
    """It begins a new one: closed is final."""
    REOPEN = "reopen"
    """It opens the closed one again."""
    CONTINUE = "continue"
    """It begins a new one that takes over the attributes and points back to the closed one."""


@attrs.frozen
class ReopeningPolicy:
    """Whether a closed conversation can go on, and for how long."""

    kind: Reopening = Reopening.NEVER
    within: timedelta = attrs.field(default=timedelta(days=1), validator=_check_time)
    """How long after closing; later messages always begin a new one."""


def _check_most(_: object, attribute: attrs.Attribute[int], value: int) -> None:
    if not 1 <= value <= MOST_DISPOSITIONS:
        raise InvalidValue(attribute.name, str(value), f"Use 1 to {MOST_DISPOSITIONS} (ACT-5).")


MOST_DISPOSITIONS = 12
"""Most disposition codes that a conversation may get (ACT-5)."""


@attrs.frozen
class Dispositions:
    """The codes with which agents say how a conversation came out (ACT-5).

    Raises:
        InvalidValue: The limit is not from 1 to 12.
    """

    codes: frozenset[str] = frozenset()
    most: int = attrs.field(default=2, validator=_check_most)
    """How many of them one conversation gets at most."""
    required: bool = False
    """Whether an agent must give one before they close a conversation."""
    stops: frozenset[str] = frozenset()
    """Codes such as *do not contact*, which make an opt-out."""


MOST_CONSULTANTS = 5
"""Most agents who are asked for advice in one conversation (ACT-1)."""


@attrs.frozen
class Transfers:
    """To whom agents may transfer a conversation, beside queues (ACT-2, ACT-3)."""

    to_agents: bool = False
    """Whether to single agents at all."""
    same_queue: bool = False
    """Whether only members of the conversation's queue are seen, for transfers and for advice."""


@attrs.frozen
class Supervision:
    """What supervisors may do; each has a switch of its own (§9.8)."""

    monitor: bool = True
    assign: bool = True
    transfer: bool = True
    force_close: bool = True


_NO_CODES: Dispositions | None = None


@attrs.frozen
class WorkstreamLife:
    """What one workstream has of its own."""

    timeouts: tuple[TimeoutRule, ...] = attrs.field(default=(), converter=effective)
    """Its timeout rules, without those that another one with the same condition hides."""
    automated_messages: bool = True
    """Whether automated messages may be sent at all (AM-4)."""
    bot: str = ""
    """Name of the bot that gets every conversation first (BOT-1); for push workstreams only (WS-3b)."""
    dispositions: Dispositions | None = _NO_CODES
    """Its disposition codes; None: those of the channel."""


_NO_WORKSTREAMS: Mapping[str, WorkstreamLife] = {}
_PLAIN = WorkstreamLife()


def _mapping(
    given: Mapping[str, WorkstreamLife],
) -> Mapping[str, WorkstreamLife]:
    return dict(given)


@attrs.frozen
class LifeRules:
    """Everything the settings say about the life of conversations."""

    limits: Limits = Limits()
    offers: OfferSettings = OfferSettings()
    reopening: ReopeningPolicy = ReopeningPolicy()
    messages: Automation | None = None
    """The automated messages; None sends none at all."""
    dispositions: Dispositions = Dispositions()
    """The disposition codes of the channel."""
    workstreams: Mapping[str, WorkstreamLife] = attrs.field(default=_NO_WORKSTREAMS, converter=_mapping)
    """By name; one that is not here has nothing of its own."""
    transfers: Transfers = Transfers()
    supervision: Supervision = Supervision()

    def of(self, workstream: str) -> WorkstreamLife:
        """Return what *workstream* has of its own."""
        return self.workstreams.get(workstream, _PLAIN)

    def dispositions_of(self, workstream: str) -> Dispositions:
        """Return the disposition codes of *workstream*: its own, or those of the channel (ACT-5)."""
        return self.of(workstream).dispositions or self.dispositions
