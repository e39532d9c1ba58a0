"""Business numbers and Messaging Services at the provider: their state, and where their webhooks go.

Each function returns a question for :class:`~wa_omnichannel.adapters.twilio.api.TwilioApi` or its twin. Changes
are read, merged, written and read back, because a write replaces a block and takes effect a little later.

Source: Twilio, "Senders API" and "Messaging Services" (2026).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from datetime import timedelta

import attrs

from wa_omnichannel.adapters.twilio.calls import Call, Json, Pause, Question, T, ask, pages
from wa_omnichannel.addresses import parse_sid
from wa_omnichannel.errors import TransportError, TransportUnavailable

PRODUCT = "messaging"

ONLINE = frozenset({"ONLINE", "ONLINE:UPDATING"})
"""Statuses in which a sender sends and receives."""

UNLIMITED = 2**31
"""Daily limit of a sender without one."""

_PATIENCE = tuple(timedelta(seconds=n) for n in (1, 1, 2, 4, 8, 15, 30))
_TIER = re.compile(r"(?:TIER_)?\s*([\d.,]+)\s*([KM]?)", re.IGNORECASE)
_UNITS = {"": 1, "K": 1000, "M": 1_000_000}


def daily_limit(tier: str) -> int | None:
    """Return how many customers a sender may reach in 24 hours, or None if *tier* does not say.

    >>> daily_limit("10K Customers/24hr"), daily_limit("TIER_250"), daily_limit("TIER_UNLIMITED") == UNLIMITED
    (10000, 250, True)
    >>> daily_limit("TIER_NOT_SET") is None
    True
    """
    if "unlimited" in tier.lower():
        return UNLIMITED
    found = _TIER.match(tier)
    return int(float(found[1].replace(",", "")) * _UNITS[found[2].upper()]) if found else None


@attrs.frozen
class Sender:
    """One business number as the provider has it."""

    sid: str
    address: str
    """Such as ``whatsapp:+14155550100``."""
    status: str
    quality: str = ""
    """``HIGH``, ``MEDIUM`` or ``LOW``; empty if the provider does not say."""
    tier: str = ""
    """The provider's words for the daily limit."""
    offline_reasons: tuple[str, ...] = ()
    webhook: Mapping[str, str] = attrs.field(factory=dict[str, str])
    """Its webhook settings by the provider's names; blank ones are left out."""

    @property
    def online(self) -> bool:
        """Whether it sends and receives."""
        return self.status in ONLINE

    @property
    def daily_limit(self) -> int | None:
        """How many customers it may reach in 24 hours outside their windows; None if the provider does not say."""
        return daily_limit(self.tier)


@attrs.frozen
class Service:
    """One Messaging Service."""

    sid: str
    name: str
    settings: Mapping[str, object]
    """By the provider's names."""
    senders: tuple[str, ...] = ()
    """Addresses of the WhatsApp senders in it."""

    @property
    def overrules_sender(self) -> bool:
        """Whether its own webhook is called and not that of the sender."""
        return not self.settings.get("use_inbound_webhook_on_number")


def senders() -> Question[tuple[Sender, ...]]:
    """Return every WhatsApp sender of the account."""
    found = yield from pages(Call("GET", PRODUCT, "/v2/Channels/Senders", {"Channel": "whatsapp"}), "senders")
    return tuple(_sender(each) for each in found)


def sender(sid: str) -> Question[Sender]:
    """Return one sender (``XE…``)."""
    return _sender((yield from ask(Call("GET", PRODUCT, _sender_path(sid)))))


def services() -> Question[tuple[Service, ...]]:
    """Return every Messaging Service with the WhatsApp senders in it."""
    found = yield from pages(Call("GET", PRODUCT, "/v1/Services"), "services")
    made: tuple[Service, ...] = ()
    for each in found:
        made += ((yield from _with_senders(each)),)
    return made


def service(sid: str) -> Question[Service]:
    """Return one Messaging Service (``MG…``)."""
    found = yield from ask(Call("GET", PRODUCT, _service_path(sid)))
    return (yield from _with_senders(found))


def set_webhook(sid: str, wanted: Mapping[str, str]) -> Question[Sender]:
    """Set some of a sender's webhook settings, leave the others, and return the sender once it has them.

    Args:
        sid: The sender.
        wanted: Settings by the provider's names, such as ``callback_url``.

    Raises:
        TransportError: It does not show them after a minute.
    """
    known = yield from sender(sid)
    merged = {**known.webhook, **wanted}
    yield from ask(Call("POST", PRODUCT, _sender_path(sid), json={"webhook": merged}))
    return (yield from _until(lambda: sender(sid), lambda found: wanted.items() <= found.webhook.items()))


def set_service(sid: str, wanted: Mapping[str, str]) -> Question[Service]:
    """Set some settings of a Messaging Service, and return it once it has them; the others stay.

    Args:
        sid: The service.
        wanted: Settings by the names of the answer, such as ``inbound_request_url``.
    """
    form = {"".join(part.capitalize() for part in name.split("_")): value for name, value in wanted.items()}
    yield from ask(Call("POST", PRODUCT, _service_path(sid), form=form))
    return (yield from _until(lambda: service(sid), lambda found: _shows(found.settings, wanted)))


def _until(read: Callable[[], Question[T]], fits: Callable[[T], bool]) -> Question[T]:
    """Read until what was written shows; it does so a little later."""
    for pause in _PATIENCE:
        with contextlib.suppress(TransportUnavailable):
            found = yield from read()
            if fits(found):
                return found
        yield Pause(pause)
    raise TransportError("The provider took the settings, but does not show them.", advice="Look again in a minute.")


def _shows(settings: Mapping[str, object], wanted: Mapping[str, str]) -> bool:
    return all(str(settings.get(name) or "") == value for name, value in wanted.items())


def _with_senders(told: Json) -> Question[Service]:
    path = f"{_service_path(told['sid'])}/ChannelSenders"
    members = yield from pages(Call("GET", PRODUCT, path), "senders")
    found = tuple(str(each["sender"]) for each in members)
    return Service(told["sid"], str(told.get("friendly_name") or ""), dict(told), found)


def _sender(told: Json) -> Sender:
    properties: Json = told.get("properties") or {}
    webhook: Json = told.get("webhook") or {}
    reasons: list[Json] = told.get("offline_reasons") or []
    return Sender(
        told["sid"],
        told["sender_id"],
        told["status"],
        str(properties.get("quality_rating") or ""),
        str(properties.get("messaging_limit") or ""),
        tuple(f"{each.get('code', '')} {each.get('message', '')}".strip() for each in reasons),
        {name: str(value) for name, value in webhook.items() if value},
    )


def _sender_path(sid: str) -> str:
    return f"/v2/Channels/Senders/{parse_sid(sid, 'XE', 'sender')}"


def _service_path(sid: str) -> str:
    return f"/v1/Services/{parse_sid(sid, 'MG', 'service')}"
