"""Rules that are policy, not law: countries, the messaging tier, rates. Data of the settings; none is on by itself.

Sources: Twilio, error 63058 and "Forbidden countries"; Twilio, "Notice of US marketing messages" (2025-04-01);
Meta, "Messaging limits".
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import attrs

from wa_omnichannel.addresses import Address, is_phone
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.sending.pricing import RateCard
from wa_omnichannel.templates import Category

PERIOD = timedelta(hours=24)
"""Over how long the messaging tier counts."""

MAX_PAYLOAD = 28 * 1024
"""Most bytes of one message with all its values (ATT-14)."""


def _texts(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(given)


@attrs.frozen
class CountryRule:
    """To whom something is not sent.

    >>> US_MARKETING.covers(Address("+12125550100")), US_MARKETING.covers(Address("+14165550100"))
    (True, False)
    """

    rule: str
    """Its id in traces."""
    code: str
    """Code of its sentence."""
    prefixes: tuple[str, ...] = attrs.field(converter=_texts)
    """Beginnings of phone numbers."""
    regions: frozenset[str] = frozenset()
    """Countries of business-scoped ids, such as ``US``."""
    but: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    """Beginnings of phone numbers that are meant by a prefix and not covered."""
    categories: frozenset[Category] | None = None
    """Templates it is about; None for every message."""

    def covers(self, to: Address) -> bool:
        """Tell whether *to* is somebody to whom it is not sent."""
        if not is_phone(to):
            return to.partition(".")[0] in self.regions
        return to.startswith(self.prefixes) and not to.startswith(self.but)


FORBIDDEN_COUNTRIES = CountryRule(
    "WA-COUNTRY", "country_forbidden", ("+53", "+98", "+850", "+963"), frozenset({"CU", "IR", "KP", "SY"})
)
"""Countries that WhatsApp's businesses may not write to."""

_NOT_US = """
204 226 236 249 250 257 263 289 306 343 354 365 367 368 382 387 403 416 418 428 431 437 438 450 468 474 506 514 519 548
579 581 584 587 600 604 613 639 647 672 683 705 709 742 753 778 780 782 807 819 825 867 873 879 902 905 942
242 246 264 268 284 345 441 473 649 658 664 721 758 767 784 809 829 849 868 869 876
"""
"""Area codes behind the ``+1`` of other countries: Canada first, then the Caribbean."""

US_MARKETING = CountryRule(
    "WA-US-MARKETING",
    "us_marketing_not_delivered",
    ("+1",),
    frozenset({"US"}),
    tuple(f"+1{area}" for area in _NOT_US.split()),
    frozenset({Category.MARKETING}),
)
"""Marketing templates to the United States, which WhatsApp does not deliver; others share the ``+1``."""


def _positive(_: object, field: attrs.Attribute[int | None], value: int | None) -> None:
    if value is not None and value < 1:
        raise InvalidValue(field.name, str(value), "Use a number from 1, or None for no limit.")


def _share(_: object, field: attrs.Attribute[float], value: float) -> None:
    if not 0 < value <= 1:
        raise InvalidValue(field.name, str(value), "Use a share above 0 and up to 1.")


@attrs.frozen
class SendLimits:
    """The secondary rules of one business number."""

    countries: tuple[CountryRule, ...] = ()
    """To whom what is not sent; see :data:`FORBIDDEN_COUNTRIES` and :data:`US_MARKETING`."""
    daily_recipients: int | None = attrs.field(default=None, validator=_positive)
    """The messaging tier: customers that may be written to first within 24 hours, all numbers of the pool together."""
    warn_at: float = attrs.field(default=0.8, validator=_share)
    """The share of the tier from which on decisions warn."""
    rates: RateCard | None = None
    """The prices, for an estimate with every decision."""

    @property
    def counts_replies(self) -> bool:
        """Whether the service messages of a month have to be counted."""
        return self.rates is not None and self.rates.free_replies > 0


NO_LIMITS = SendLimits()
"""No secondary rule is on."""


@attrs.frozen
class Counters:
    """What was counted for the secondary rules; None where nobody counted."""

    recipients: int | None = None
    """Customers who were written to first in the last 24 hours, over all numbers of the pool."""
    counted: bool = False
    """Whether this customer is one of them."""
    replies: int | None = None
    """Service messages of the number in this calendar month."""


NOTHING_COUNTED = Counters()
