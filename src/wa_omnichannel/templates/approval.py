"""Approval of a template by WhatsApp: states, what moves them, and how old our knowledge is.

::

    unsubmitted ──submit──▶ received ──review──▶ pending ──approve──▶ approved ──pause──▶ paused
                                                    │ reject              │ ▲   unpause ◀───┘
                                                    ▼                     │ └── reinstate ── disabled
                                                 rejected ──appeal──▶ in_appeal

The state is the provider's, never ours: it comes from reading it (:func:`observe`), from an alert or event of
the provider (:func:`advance`), or from an override that says who, when and why. A word that we do not know is
kept and is never sendable (TPL-2).

Sources: Twilio, "Content API: approvals" and error pages 63040 to 63042; Meta, "Template status".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum

import attrs

from wa_omnichannel.errors import InvalidValue, Refused
from wa_omnichannel.instants import aware


class Approval(Enum):
    """Where a translation stands with WhatsApp."""

    UNSUBMITTED = "unsubmitted"
    RECEIVED = "received"
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    IN_APPEAL = "in_appeal"
    PAUSED = "paused"
    """Held back for some hours after bad feedback."""
    DISABLED = "disabled"
    ARCHIVED = "archived"
    DELETED = "deleted"
    UNKNOWN = "unknown"
    """A word of the provider that we do not know; not sendable."""

    @classmethod
    def parse(cls, text: str) -> Approval:
        """Return the state that the provider calls *text*; unknown words give ``UNKNOWN``, never approval.

        >>> Approval.parse("APPROVED"), Approval.parse("in_orbit")
        (<Approval.APPROVED: 'approved'>, <Approval.UNKNOWN: 'unknown'>)
        """
        return _WORDS.get(text.strip().lower(), cls.UNKNOWN)


_WORDS: Mapping[str, Approval] = {
    **{state.value: state for state in Approval},
    "pending_deletion": Approval.DELETED,
}


class ApprovalEvent(Enum):
    """What can happen to a translation at the provider."""

    SUBMIT = "submit"
    REVIEW = "pending"
    APPROVE = "approved"
    REJECT = "rejected"
    APPEAL = "in_appeal"
    PAUSE = "paused"
    UNPAUSE = "unpaused"
    FLAG = "flagged"
    """Bad feedback: still sendable, may be paused next."""
    DISABLE = "disabled"
    REINSTATE = "reinstated"
    ARCHIVE = "archived"
    UNARCHIVE = "unarchived"
    """It is back, in a state that has to be read again."""
    DELETE = "deleted"
    STRANGE = "strange"
    """An event that we do not know; the state has to be read again."""

    @classmethod
    def parse(cls, text: str) -> ApprovalEvent:
        """Return the event that the provider calls *text*.

        >>> ApprovalEvent.parse("FLAGGED"), ApprovalEvent.parse("LIMIT_EXCEEDED")
        (<ApprovalEvent.FLAG: 'flagged'>, <ApprovalEvent.STRANGE: 'strange'>)
        """
        word = text.strip().lower()
        return _EVENTS.get(word, cls.STRANGE)


_EVENTS: Mapping[str, ApprovalEvent] = {
    **{event.value: event for event in ApprovalEvent},
    "pending_deletion": ApprovalEvent.DELETE,
}

ALERTS: Mapping[int, ApprovalEvent] = {
    63040: ApprovalEvent.REJECT,
    63041: ApprovalEvent.PAUSE,
    63042: ApprovalEvent.DISABLE,
}
"""Error codes of a send that tell of the template's state (TPL-8: otherwise noticed by nobody)."""

DOUBTS = frozenset({21654, 21655, 21656, 63013, 63027, 63028, 63030, 63046})
"""Error codes of a send that make it worth reading the template's state again, without saying what it is."""

_A, _E = Approval, ApprovalEvent
_KNOWN = frozenset(_A) - {_A.DELETED}


def _rows() -> dict[tuple[Approval, ApprovalEvent], Approval]:
    """Write the table out from its rows: states, an event, the state it leads to."""
    reviewed = {_A.UNSUBMITTED, _A.RECEIVED, _A.PENDING, _A.IN_APPEAL, _A.UNKNOWN}
    live = {_A.APPROVED, _A.PAUSED, _A.DISABLED, _A.UNKNOWN}
    rows = (
        ({_A.UNSUBMITTED}, _E.SUBMIT, _A.RECEIVED),
        ({_A.UNSUBMITTED, _A.RECEIVED, _A.PENDING, _A.REJECTED, _A.UNKNOWN}, _E.REVIEW, _A.PENDING),
        (reviewed | {_A.APPROVED}, _E.APPROVE, _A.APPROVED),
        (reviewed | live | {_A.REJECTED}, _E.REJECT, _A.REJECTED),
        ({_A.REJECTED, _A.PAUSED, _A.DISABLED, _A.IN_APPEAL, _A.UNKNOWN}, _E.APPEAL, _A.IN_APPEAL),
        (live, _E.PAUSE, _A.PAUSED),
        ({_A.PAUSED, _A.APPROVED, _A.UNKNOWN}, _E.UNPAUSE, _A.APPROVED),
        ({_A.APPROVED}, _E.FLAG, _A.APPROVED),
        ({_A.PAUSED}, _E.FLAG, _A.PAUSED),
        ({_A.UNKNOWN}, _E.FLAG, _A.UNKNOWN),
        (live | {_A.IN_APPEAL}, _E.DISABLE, _A.DISABLED),
        ({_A.PAUSED, _A.DISABLED, _A.IN_APPEAL, _A.APPROVED, _A.UNKNOWN}, _E.REINSTATE, _A.APPROVED),
        (_KNOWN, _E.ARCHIVE, _A.ARCHIVED),
        ({_A.ARCHIVED, _A.UNKNOWN}, _E.UNARCHIVE, _A.UNKNOWN),
        (frozenset(_A), _E.DELETE, _A.DELETED),
        (_KNOWN, _E.STRANGE, _A.UNKNOWN),
    )
    return {(state, event): after for states, event, after in rows for state in states}


TRANSITIONS: Mapping[tuple[Approval, ApprovalEvent], Approval] = _rows()
"""The life cycle. A pair that is not here is refused: the state stays and has to be read from the provider."""


@attrs.frozen
class Override:
    """Somebody says that a translation is approved although the provider was not asked. On the record."""

    by: str
    at: datetime
    why: str


@attrs.frozen
class Standing:
    """What we know about the approval of one translation, and since when."""

    state: Approval = Approval.UNSUBMITTED
    word: str = ""
    """The provider's own word, kept even if we do not know it."""
    read_at: datetime | None = None
    """When the provider said so; None if it was never asked."""
    reason: str = ""
    """Why it was rejected, in the provider's words."""
    override: Override | None = None

    def age(self, now: datetime) -> timedelta | None:
        """Return how long ago the provider was asked, or None if it never was."""
        return None if self.read_at is None else max(now - self.read_at, timedelta(0))

    @property
    def source(self) -> str:
        """Whose word it is: ``provider``, ``override`` or ``code`` (stated by the program that built it)."""
        if self.override is not None:
            return "override"
        return "provider" if self.read_at is not None else "code"


def standing(value: Approval | Standing) -> Standing:
    """Return *value* as a standing; a bare state is the word of the program that states it.

    >>> standing(Approval.APPROVED).source
    'code'
    """
    return value if isinstance(value, Standing) else Standing(value)


def observe(known: Standing, word: str, at: datetime, reason: str = "") -> Standing:
    """Return what is known after the provider was asked at *at* and said *word*.

    What the provider says replaces everything, an override included. An answer older than the last one
    changes nothing, so that late and repeated answers do no harm.

    Raises:
        InvalidValue: *at* has no time zone.

    >>> from datetime import UTC, datetime
    >>> observe(Standing(), "approved", datetime(2026, 1, 1, tzinfo=UTC)).state
    <Approval.APPROVED: 'approved'>
    """
    aware(at, "at")
    if known.read_at is not None and at < known.read_at:
        return known
    return Standing(Approval.parse(word), word, at, reason)


def advance(known: Standing, event: ApprovalEvent, at: datetime, reason: str = "") -> Standing | Refused:
    """Return what is known after the provider told of *event* at *at*, or why the event cannot be.

    >>> from datetime import UTC, datetime
    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> advance(Standing(Approval.APPROVED), ApprovalEvent.PAUSE, at).state
    <Approval.PAUSED: 'paused'>
    >>> advance(Standing(Approval.DELETED), ApprovalEvent.APPROVE, at).reason
    'approval_step_impossible'
    """
    after = TRANSITIONS.get((known.state, event))
    if after is None:
        return Refused("approval_step_impossible", {"state": known.state.value, "event": event.value})
    moved = observe(known, after.value, at, reason)
    return known if moved is known else attrs.evolve(moved, word=event.value)


def override(state: Approval, by: str, at: datetime, why: str) -> Standing:
    """Return a standing that rests on the word of *by*; the next answer of the provider replaces it.

    Raises:
        InvalidValue: Nobody is named, or no reason is given, or *at* has no time zone.

    >>> from datetime import UTC, datetime
    >>> override(Approval.APPROVED, "ana", datetime(2026, 1, 1, tzinfo=UTC), "seen in the console").source
    'override'
    """
    aware(at, "at")
    for field, value in (("by", by), ("why", why)):
        if not value.strip():
            raise InvalidValue(field, value, "An override says who made it and why.")
    return Standing(state, override=Override(by, at, why))
