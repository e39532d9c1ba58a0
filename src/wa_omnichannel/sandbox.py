"""The provider's sandbox: a shared number that reaches only those who joined it (CH-12).

A tester sends ``join`` and two words to it and takes part for 72 hours; ``stop`` ends that. The sandbox takes both
messages itself, so what a channel knows is less: a message that arrives proves that its sender takes part, and error
63015 proves that the recipient did not when the message was dispatched. So a membership is two instants, like the
24-hour window, and both apply side by side. Nobody is refused of whom nothing is known: they may have joined without
writing. Outside the window only the sandbox's own templates go out, and it sends one message in three seconds.

Sources: Microsoft Learn, "Configure a WhatsApp channel through Twilio"; Twilio, "WhatsApp sandbox", error 63015.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import attrs

from wa_omnichannel.addresses import Address, parse_number
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.explain import Check
from wa_omnichannel.instants import in_utc
from wa_omnichannel.pacing import Rate
from wa_omnichannel.templates import Template
from wa_omnichannel.templates.translation import PLACEHOLDER, Translation

NUMBER = Address("+14155238886")
"""The number that all sandboxes share."""

RATE = Rate(timedelta(seconds=3))
"""What it sends: one message in three seconds."""

NOT_JOINED = 63015
"""The provider's error code for a recipient who does not take part."""

TEXTS = (
    "Your appointment is coming up on {{1}} at {{2}}",
    "Your {{1}} order of {{2}} has shipped and should be delivered on {{3}}. Details: {{4}}",
    "Your {{1}} code is {{2}}",
)
"""The texts of its own templates; there are no others."""

_FIXED = frozenset(tuple(PLACEHOLDER.split(text)[::2]) for text in TEXTS)


def _number(text: str) -> Address:
    return parse_number(text)


def _positive(_: object, field: attrs.Attribute[timedelta], value: timedelta) -> None:
    if value <= timedelta(0):
        raise InvalidValue(field.name, str(value), "Use a duration above zero.")


@attrs.frozen
class Sandbox:
    """The provider's sandbox, to try the channel without a number of one's own (CH-12)."""

    code: str
    """The two words after ``join`` with which a tester takes part."""
    number: Address = attrs.field(default=NUMBER, converter=_number)
    membership: timedelta = attrs.field(default=timedelta(hours=72), validator=_positive)
    """How long a tester takes part after joining."""


def _instant(value: datetime | None) -> datetime | None:
    return in_utc(value, "instant") if value is not None else None


@attrs.frozen
class Membership:
    """What is known about one customer's part in the sandbox.

    Raises:
        InvalidValue: An instant is naive.
    """

    joined_at: datetime | None = attrs.field(default=None, converter=_instant)
    """The first message that proves that they take part; kept in UTC."""
    ended_at: datetime | None = attrs.field(default=None, converter=_instant)
    """The latest instant at which they certainly did not; kept in UTC."""


UNKNOWN = Membership()
"""Nothing is known."""


def is_member(sandbox: Sandbox, known: Membership, now: datetime) -> bool:
    """Tell whether somebody certainly takes part at *now*: for 72 hours, without the end of it.

    >>> from datetime import UTC
    >>> joined, box = datetime(2026, 1, 1, tzinfo=UTC), Sandbox("quiet-river")
    >>> [is_member(box, Membership(joined), joined + timedelta(hours=hours)) for hours in (0, 71, 72)]
    [True, True, False]
    """
    joined, ended = known.joined_at, known.ended_at
    if joined is None or (ended is not None and ended >= joined):
        return False
    return joined <= now < joined + sandbox.membership


def heard(sandbox: Sandbox, known: Membership, said: str, at: datetime) -> Membership:
    """Return what is known after a customer's message at *at*, if the sandbox let it through.

    ``join`` and the words begin the 72 hours anew, ``stop`` ends them; any other message proves that they run.

    Args:
        sandbox: The settings.
        known: What was known.
        said: The text of the message.
        at: Its receipt; aware.
    """
    words = " ".join(said.split()).lower()
    if words == "stop":
        return end(known, at)
    fresh = words == f"join {sandbox.code}".lower() or not is_member(sandbox, known, at)
    if not fresh or (known.joined_at is not None and at <= known.joined_at):
        return known
    return Membership(at, known.ended_at)


def end(known: Membership, at: datetime) -> Membership:
    """Return what is known after it turned out that somebody did not take part at *at* (63015)."""
    return known if known.ended_at is not None and known.ended_at >= at else Membership(known.joined_at, at)


def merge(one: Membership | None, other: Membership | None) -> Membership | None:
    """Return what is known of a person who was known under two identities: the later of each instant."""
    if one is None or other is None:
        return one or other
    return Membership(_later(one.joined_at, other.joined_at), _later(one.ended_at, other.ended_at))


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((at for at in (one, other) if at is not None), default=None)


def check_member(sandbox: Sandbox, known: Membership, now: datetime) -> Check:
    """Check whether somebody can be reached in the sandbox at *now*."""
    facts: dict[str, object] = {"code": sandbox.code, "number": sandbox.number}
    if known == UNKNOWN:
        return Check("CH-12", True, "sandbox_unknown", facts)
    joined, ended = known.joined_at, known.ended_at
    if joined is None or (ended is not None and ended >= joined):
        return Check("CH-12", False, "sandbox_left", facts | {"ended_at": ended})
    until = joined + sandbox.membership
    met = now < until
    return Check("CH-12", met, "sandbox_member" if met else "sandbox_over", facts | {"until": until, "now": now})


def check_template(template: Template, translation: Translation) -> Check:
    """Check whether a translation is one of the sandbox's own; its variables may have any names."""
    met = _is_own(translation)
    facts = {"template": template.name, "language": translation.language}
    return Check("CH-12", met, "sandbox_template" if met else "sandbox_template_foreign", facts)


def own(templates: Iterable[Template]) -> tuple[Template, ...]:
    """Return those of *templates* that are the sandbox's own."""
    return tuple(template for template in templates if all(map(_is_own, template.translations)))


def _is_own(translation: Translation) -> bool:
    return translation.pieces[::2] in _FIXED
