"""Is a business number set up as this application needs it, and what has to change?

A survey compares the provider's settings with the addresses of the webhooks, in both places where they can be:
at the sender and at the Messaging Services it is in. What differs becomes a plan; applying it writes the
settings one place after the other and reads them back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from wa_omnichannel.adapters.twilio.calls import Question
from wa_omnichannel.adapters.twilio.senders import Sender, Service, senders, services, set_service, set_webhook
from wa_omnichannel.addresses import Address, wire
from wa_omnichannel.explain import Facts, sentence


@attrs.frozen
class Wanted:
    """What a business number needs."""

    number: Address
    inbound_url: str
    status_url: str


@attrs.frozen
class Finding:
    """Something about a number that people should know; an error keeps it from working and nobody here can mend it."""

    code: str
    facts: Facts
    error: bool = False

    def sentence(self, language: str = "en") -> str:
        """Return it as a sentence."""
        return sentence(self.code, self.facts, language)


READY = Finding("setup_ready", {})
"""Nothing has to change."""


@attrs.frozen
class Step:
    """One setting that has to change."""

    place: str
    """SID of the sender or the Messaging Service."""
    setting: str
    """The provider's name of the setting."""
    before: str
    after: str

    def sentence(self, language: str = "en") -> str:
        """Return it as a sentence."""
        return sentence("setup_step", {**attrs.asdict(self), "before": self.before or "-"}, language)


@attrs.frozen
class Survey:
    """One business number at the provider, compared with what it needs."""

    wanted: Wanted
    sender: Sender | None
    services: tuple[Service, ...]
    """Those it is in."""
    findings: tuple[Finding, ...]
    plan: tuple[Step, ...]
    """What has to change; empty if everything is as it should be."""

    @property
    def ready(self) -> bool:
        """Whether the number sends, receives and calls this application."""
        return not self.plan and not any(finding.error for finding in self.findings)


def survey(wanted: Wanted) -> Question[Survey]:
    """Compare the provider's settings with what is wanted."""
    address = wire(wanted.number)
    found = {each.address: each for each in (yield from senders())}.get(address)
    places = tuple(each for each in (yield from services()) if address in each.senders)
    plan = tuple(_plan(wanted, found, places))
    return Survey(wanted, found, places, tuple(_findings(wanted, found)), plan)


def apply(surveyed: Survey) -> Question[Survey]:
    """Carry out the plan of a survey and survey again.

    Raises:
        TransportError: A setting was refused, or does not show; the ones before it are made.
    """
    for place in dict.fromkeys(step.place for step in surveyed.plan):
        settings = {step.setting: step.after for step in surveyed.plan if step.place == place}
        write = set_webhook if place.startswith("XE") else set_service
        yield from write(place, settings)
    return (yield from survey(surveyed.wanted))


def _findings(wanted: Wanted, sender: Sender | None) -> Iterator[Finding]:
    facts: Facts = {"number": wanted.number}
    if sender is None:
        yield Finding("setup_no_sender", facts, error=True)
        return
    facts = {**facts, "status": sender.status, "quality": sender.quality, "tier": sender.tier}
    if not sender.online:
        yield Finding("setup_offline", {**facts, "reasons": sender.offline_reasons}, error=True)
    if sender.quality.upper() == "LOW":
        yield Finding("setup_low_quality", facts)
    yield Finding("setup_limit", facts)


def _plan(wanted: Wanted, sender: Sender | None, places: tuple[Service, ...]) -> Iterator[Step]:
    if sender is not None:
        own = {
            "callback_url": wanted.inbound_url,
            "callback_method": "POST",
            "status_callback_url": wanted.status_url,
            "status_callback_method": "POST",
        }
        yield from _steps(sender.sid, own, sender.webhook)
    for service in places:
        settings = {"status_callback": wanted.status_url}
        if service.overrules_sender:
            settings |= {"inbound_request_url": wanted.inbound_url, "inbound_method": "POST"}
        yield from _steps(service.sid, settings, service.settings)


def _steps(place: str, wanted: Mapping[str, str], known: Mapping[str, object]) -> Iterator[Step]:
    for setting, after in wanted.items():
        before = str(known.get(setting) or "")
        if before != after:
            yield Step(place, setting, before, after)
