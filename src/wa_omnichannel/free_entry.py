"""The free entry point: a customer came through an advertisement, and answering costs nothing for a while.

A click on an advertisement that leads to WhatsApp, or on the button of a page, makes messages free of charge
once the business answered within 24 hours. How long is a matter of the price list: 72 hours for years, longer
according to newer texts, so it is a setting. It is about **money only**: what may be sent is decided by the
24-hour window alone (:mod:`wa_omnichannel.session`), free or not.

Sources: Meta, "Free entry point conversations"; Twilio, the ``Referral`` parameters of a webhook.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from wa_omnichannel.instants import aware, in_utc

ANSWER_WITHIN = timedelta(hours=24)
"""How soon the business has to answer."""

FREE_FOR = timedelta(hours=72)
"""How long messages are free from the answer on, unless the settings say otherwise."""


def _referred_at(instant: datetime) -> datetime:
    return in_utc(instant, "referred_at")


def _answered_at(instant: datetime | None) -> datetime | None:
    return in_utc(instant, "answered_at") if instant is not None else None


@attrs.frozen
class FreeEntry:
    """A customer who came through an advertisement.

    Raises:
        InvalidValue: An instant is naive.
    """

    referred_at: datetime = attrs.field(converter=_referred_at)
    """Receipt of the message that the advertisement led to; kept in UTC."""
    source: str = ""
    """What the provider says about the advertisement, such as its id."""
    answered_at: datetime | None = attrs.field(default=None, converter=_answered_at)
    """The first answer within 24 hours; kept in UTC."""


def refer(known: FreeEntry | None, at: datetime, source: str = "") -> FreeEntry:
    """Return the free entry after a referred message at *at*; the latest one counts, in whatever order they arrive.

    >>> from datetime import UTC
    >>> refer(None, datetime(2026, 1, 1, tzinfo=UTC), "ad 7").source
    'ad 7'
    """
    fresh = FreeEntry(at, source)
    if known is None or (known.referred_at, known.source) < (fresh.referred_at, source):
        answered = known.answered_at if known is not None else None
        return answer(fresh, answered) if answered is not None else fresh
    return known


def answer(entry: FreeEntry, at: datetime) -> FreeEntry:
    """Return *entry* after the business wrote at *at*; the first answer in time counts.

    >>> from datetime import UTC
    >>> came = FreeEntry(datetime(2026, 1, 1, tzinfo=UTC))
    >>> answer(came, datetime(2026, 1, 1, 5, tzinfo=UTC)).answered_at.hour
    5
    """
    at = in_utc(at, "at")
    in_time = entry.referred_at <= at < entry.referred_at + ANSWER_WITHIN
    if not in_time or (entry.answered_at is not None and entry.answered_at <= at):
        return entry
    return FreeEntry(entry.referred_at, entry.source, at)


def merge(one: FreeEntry | None, other: FreeEntry | None) -> FreeEntry | None:
    """Return the free entry of a person who was known under two identities: the later referral."""
    if one is None or other is None:
        return one or other
    first, last = sorted((one, other), key=lambda entry: (entry.referred_at, entry.source))
    return answer(last, first.answered_at) if first.answered_at is not None else last


def free_until(entry: FreeEntry | None, duration: timedelta = FREE_FOR) -> datetime | None:
    """Return the instant until which messages are free of charge, or None if they are not.

    Args:
        entry: How the customer came, if through an advertisement.
        duration: How long it lasts, by the price list.
    """
    return entry.answered_at + duration if entry is not None and entry.answered_at is not None else None


def is_free(entry: FreeEntry | None, now: datetime, duration: timedelta = FREE_FOR) -> bool:
    """Tell whether a message at *now* is free of charge. Whether it may be sent is another question.

    Raises:
        InvalidValue: *now* is naive.
    """
    end = free_until(entry, duration)
    return end is not None and aware(now, "now") < end
