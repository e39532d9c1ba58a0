"""From the provider's answers to outcomes and sightings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from wa_omnichannel.adapters.twilio.error_codes import advice
from wa_omnichannel.addresses import wire
from wa_omnichannel.errors import TransportError
from wa_omnichannel.messages import (
    Accepted,
    Ambiguous,
    DeliveryStatus,
    Outcome,
    Rejected,
    Sighting,
    provider_status,
)
from wa_omnichannel.ports import SentQuery

NOT_SENDABLE = Rejected(0, "This content cannot be sent.", advice="Send text, a file, a place or a linked template.")
"""For content that is not even tried."""

NO_SENSE = Ambiguous("answer_unreadable")
"""For a 2xx answer that cannot be read: the provider did something."""

_SECOND = timedelta(seconds=1)
_PAGE = 100


def unreadable_errors() -> tuple[type[Exception], ...]:
    """Return what the SDK raises for an answer that is not what the API promises; loads the SDK."""
    from twilio.base.exceptions import TwilioException  # type: ignore[import-untyped, unused-ignore]

    return (ValueError, TypeError, AttributeError, KeyError, RecursionError, TwilioException)


def outcome_of(message: Any) -> Outcome:
    """Return the outcome that the API's message resource stands for."""
    if isinstance(message.error_code, int):
        told = advice(message.error_code)
        sid = message.sid if isinstance(message.sid, str) else None
        return Rejected(message.error_code, message.error_message or "", told.retryable, told.text, sid)
    if not isinstance(message.sid, str):
        return NO_SENSE
    return Accepted(message.sid, provider_status(str(message.status)) or DeliveryStatus.ACCEPTED)


def filters_of(query: SentQuery) -> dict[str, Any]:
    """Return the keyword arguments of the SDK's ``messages.list``, which takes UTC and whole seconds only."""
    return {
        "from_": wire(query.sender),
        "to": wire(query.to),
        "date_sent_after": query.since.astimezone(UTC),
        "date_sent_before": query.until.astimezone(UTC) + _SECOND,
        "page_size": _PAGE,
    }


def sightings_of(messages: Iterable[Any], query: SentQuery) -> tuple[Sighting, ...]:
    """Return our messages among those listed that were made in the time asked for, to the second."""
    return tuple(
        Sighting(
            message.sid,
            provider_status(str(message.status)) or DeliveryStatus.UNKNOWN,
            message.body or "",
            None,
            message.date_created,
            str(message.num_media or "0") != "0",
        )
        for message in messages
        if str(message.direction).startswith("outbound") and _within(message.date_created, query)
    )


def _within(created: datetime, query: SentQuery) -> bool:
    return query.since - _SECOND < created < query.until + _SECOND


def unreadable(error: Exception) -> TransportError:
    """Return the error for a list that cannot be read."""
    return TransportError(f"The provider's answer makes no sense ({type(error).__name__}).")
