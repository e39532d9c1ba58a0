"""How long a conversation may be idle, and what happens when somebody does not answer (§9.5, §9.6).

* **ACL-1** closing comes when *more than* the limit has passed, never before, and without a scheduler's delay.
* **ACL-2** each state has a limit of its own. **ACL-5** a conversation that only a bot has is closed sooner.
* **WS-10** a waiting conversation has the limit of its workstream.

A timeout rule counts from the last message: the customer's silence only if the last one is ours, the agent's silence
only if it is the customer's. Each rule acts once until somebody writes again.
Sources: Microsoft Learn, "Automatically close conversations", "Configure timeout rules".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import Enum

import attrs

from wa_omnichannel.addresses import parse_language
from wa_omnichannel.automation.layers import LONGEST_TEXT, Fallback
from wa_omnichannel.errors import InvalidValue

_NO_TEXTS: Mapping[str, str] = {}
_MONTH: timedelta | None = timedelta(days=30)
_DAY: timedelta | None = timedelta(days=1)
_HALF_HOUR: timedelta | None = timedelta(minutes=30)


def longer(since: datetime, limit: timedelta) -> datetime:
    """Return the first instant at which *more than* the limit has passed (ACL-1).

    >>> from datetime import UTC
    >>> longer(datetime(2026, 1, 1, tzinfo=UTC), timedelta(minutes=1)).isoformat()
    '2026-01-01T00:01:00.000001+00:00'
    """
    return since + limit + timedelta.resolution


def _check_limit(_: object, attribute: attrs.Attribute[timedelta | None], value: timedelta | None) -> None:
    if value is not None and value < timedelta(0):
        raise InvalidValue(attribute.name, str(value), "Use a duration of zero or more, or None for no limit.")


@attrs.frozen
class Limits:
    """Time without activity after which the system closes a conversation, by state (ACL-2); None: never.

    Raises:
        InvalidValue: A limit is below zero.
    """

    open: timedelta | None = attrs.field(default=_MONTH, validator=_check_limit)
    active: timedelta | None = attrs.field(default=_MONTH, validator=_check_limit)
    waiting: timedelta | None = attrs.field(default=None, validator=_check_limit)
    """For workstreams without a limit of their own (WS-10)."""
    wrap_up: timedelta | None = attrs.field(default=_DAY, validator=_check_limit)
    """If wrap-up keeps capacity for longer, that counts (ACL-4)."""
    bot: timedelta | None = attrs.field(default=_HALF_HOUR, validator=_check_limit)
    """For active conversations that a bot has (ACL-5)."""


class Silence(Enum):
    """Who does not answer."""

    CUSTOMER = "customer"
    """Counts only while the last message is ours."""
    AGENT = "agent"
    """Counts only while the last message is the customer's."""


class Action(Enum):
    """What a timeout rule does."""

    TELL_CUSTOMER = "tell_customer"
    """Sends a message, which appears as sent by the agent."""
    TELL_AGENT = "tell_agent"
    """Shows a message to the agent; it never leaves."""
    CLOSE = "close"
    """Closes the conversation, whether it is open, active or waiting."""
    PARK = "park"
    """Moves an active conversation to waiting."""


SPEAKING = frozenset({Action.TELL_CUSTOMER, Action.TELL_AGENT})
"""Actions that need a text."""


def _by_language(texts: Mapping[str, str]) -> Mapping[str, str]:
    return {parse_language(language): text for language, text in texts.items()}


def _check_texts(rule: TimeoutRule, attribute: attrs.Attribute[Mapping[str, str]], texts: Mapping[str, str]) -> None:
    if bool(texts) != (rule.action in SPEAKING):
        raise InvalidValue(attribute.name, rule.name, "A rule that says something has texts, any other has none.")
    if any(not text.strip() or len(text) > LONGEST_TEXT for text in texts.values()):
        raise InvalidValue(attribute.name, rule.name, f"A text has 1 to {LONGEST_TEXT} characters.")


def _check_name(_: object, attribute: attrs.Attribute[str], name: str) -> None:
    if not name or ":" in name:
        raise InvalidValue(attribute.name, name, "Use at least one character, and no colon.")


def _check_after(_: object, attribute: attrs.Attribute[timedelta], value: timedelta) -> None:
    if value <= timedelta(0):
        raise InvalidValue(attribute.name, str(value), "Use a duration of more than zero.")


@attrs.frozen
class TimeoutRule:
    """When somebody has been silent for longer than a time, this happens (§9.6).

    Raises:
        InvalidValue: The name has a colon, the time is not positive, or texts are missing or too many.

    >>> TimeoutRule("ask", Silence.CUSTOMER, timedelta(hours=1), Action.TELL_CUSTOMER, {"en": "Still there?"}).priority
    100
    """

    name: str = attrs.field(validator=_check_name)
    silence: Silence
    after: timedelta = attrs.field(validator=_check_after)
    """*Greater than* this."""
    action: Action
    texts: Mapping[str, str] = attrs.field(default=_NO_TEXTS, converter=_by_language, validator=_check_texts)
    """By language; the first one stands in for languages that are not here."""
    priority: int = 100
    """Of rules with the same condition only that with the smallest number acts."""
    fallback: Fallback | None = None
    """What the customer is sent after the 24-hour window."""


def effective(rules: Iterable[TimeoutRule]) -> tuple[TimeoutRule, ...]:
    """Return the rules of one workstream that can act: of those with an equal condition the one that goes first.

    >>> close = TimeoutRule("close", Silence.CUSTOMER, timedelta(hours=1), Action.CLOSE, priority=2)
    >>> park = TimeoutRule("park", Silence.CUSTOMER, timedelta(hours=1), Action.PARK, priority=1)
    >>> [rule.name for rule in effective([close, park])]
    ['park']
    """
    found: dict[tuple[Silence, timedelta], TimeoutRule] = {}
    for rule in sorted(rules, key=lambda rule: rule.priority):
        found.setdefault((rule.silence, rule.after), rule)
    return tuple(sorted(found.values(), key=lambda rule: (rule.after, rule.priority)))
