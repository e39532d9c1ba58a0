"""What a message costs, by a rate card that is the user's own data. No price is built in.

Sources: Meta, "Pricing on the WhatsApp Business Platform": by delivered message, category and the recipient's
country; free entry points; free service messages per number and month.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum

import attrs

from wa_omnichannel import free_entry
from wa_omnichannel.addresses import Address
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.free_entry import FREE_FOR, FreeEntry


class Charge(Enum):
    """What a message is charged as."""

    SERVICE = "service"
    """Anything that is not a template."""
    UTILITY = "utility"
    MARKETING = "marketing"
    AUTHENTICATION = "authentication"


def _amount(value: Decimal | str | int) -> Decimal:
    return Decimal(value)


def _not_negative(_: object, field: attrs.Attribute[Decimal], value: Decimal) -> None:
    if not value >= 0:
        raise InvalidValue(field.name, str(value), "Use an amount from 0.")


@attrs.frozen
class Price:
    """The price of one message to one part of the world.

    Raises:
        InvalidValue: The amount is negative.
    """

    prefix: str
    """Beginning of the recipient's address: ``+34``, or ``ES.`` for business-scoped ids; empty for everybody else."""
    charge: Charge
    amount: Decimal = attrs.field(converter=_amount, validator=_not_negative)


def _prices(given: Iterable[Price]) -> tuple[Price, ...]:
    return tuple(sorted(given, key=lambda price: -len(price.prefix)))


@attrs.frozen
class RateCard:
    """The prices of one business number."""

    currency: str
    prices: tuple[Price, ...] = attrs.field(converter=_prices)
    free_replies: int = 0
    """How many service messages per number and calendar month (UTC) cost nothing."""
    free_in_window: frozenset[Charge] = frozenset()
    """What costs nothing while the 24-hour window is open."""
    free_entry_for: timedelta = FREE_FOR
    """How long messages are free after an advertisement led the customer here and they were answered."""

    def price(self, to: str, charge: Charge) -> Decimal | None:
        """Return the price of a message to *to*, by the longest prefix; None if the card has none."""
        return next((p.amount for p in self.prices if p.charge is charge and to.startswith(p.prefix)), None)


@attrs.frozen
class Cost:
    """What one message is estimated to cost."""

    amount: Decimal
    currency: str
    charge: Charge
    code: str
    """Why: ``cost_by_card``, ``cost_free_entry``, ``cost_free_reply`` or ``cost_free_in_window``."""


@attrs.frozen
class Occasion:
    """What the price of a message depends on, beside the card."""

    to: Address
    window_open: bool
    entry: FreeEntry | None = None
    replies: int | None = None
    """Service messages of the number in this month; None if nobody counted, and then none is taken for free."""


def estimate(card: RateCard, charge: Charge, occasion: Occasion, now: datetime) -> Cost | None:
    """Return what a message costs, or None if the card has no price for it.

    >>> from datetime import UTC
    >>> card = RateCard("EUR", [Price("+34", Charge.UTILITY, "0.0166")])
    >>> ana = Occasion(Address("+34600000001"), window_open=False)
    >>> str(estimate(card, Charge.UTILITY, ana, datetime(2026, 1, 1, tzinfo=UTC)).amount)
    '0.0166'
    """
    free = (
        ("cost_free_entry", free_entry.is_free(occasion.entry, now, card.free_entry_for)),
        ("cost_free_in_window", occasion.window_open and charge in card.free_in_window),
        ("cost_free_reply", charge is Charge.SERVICE and _left(card, occasion)),
    )
    code = next((code for code, applies in free if applies), "cost_by_card")
    amount = card.price(occasion.to, charge) if code == "cost_by_card" else Decimal(0)
    return Cost(amount, card.currency, charge, code) if amount is not None else None


def _left(card: RateCard, occasion: Occasion) -> bool:
    return occasion.replies is not None and occasion.replies < card.free_replies
