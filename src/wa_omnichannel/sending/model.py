"""What a send decision reads, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypeAlias

import attrs

from wa_omnichannel import consent, session
from wa_omnichannel.addresses import Address
from wa_omnichannel.attachments import AttachmentRules, Party
from wa_omnichannel.consent import Consent, ConsentRules
from wa_omnichannel.errors import Refused
from wa_omnichannel.explain import Remedy, Trace
from wa_omnichannel.free_entry import FreeEntry
from wa_omnichannel.messages import Content
from wa_omnichannel.sending.limits import NO_LIMITS, NOTHING_COUNTED, Counters, SendLimits
from wa_omnichannel.sending.offers import offers
from wa_omnichannel.sending.pricing import Cost
from wa_omnichannel.sending.splitting import Clusters
from wa_omnichannel.session import Window
from wa_omnichannel.sources import NOTHING_KNOWN, Source, Sources
from wa_omnichannel.templates import Category, Template

MAX_VALIDITY = timedelta(hours=10)
"""Longest time the provider may hold a message (its ``ValidityPeriod``: 36,000 s)."""

_OFFERED_LANGUAGES = 64
_NO_TEMPLATES: Mapping[str, Template] = {}


def _secondary(policy: SendPolicy) -> bool:
    codes = any(template.category is Category.AUTHENTICATION for template in policy.templates.values())
    return policy.limits is not NO_LIMITS or codes


def _sourced(policy: SendPolicy) -> bool:
    return any(
        variable.source is not Source.CALLER
        for template in policy.templates.values()
        for translation in template.translations
        for variable in translation.declared
    )


@attrs.frozen
class SendPolicy:
    """What the settings say about sending from one business number."""

    language: str = "en"
    """The number's language (CH-8), used when the customer's is unknown."""
    templates: Mapping[str, Template] = _NO_TEMPLATES
    """The templates of the number by name."""
    attachments: AttachmentRules = AttachmentRules()
    margin: timedelta = session.NO_MARGIN
    """Safety margin before the window's end (SES-8)."""
    consent: ConsentRules = ConsentRules()
    """When an opt-in is needed, and the words that stop messages."""
    number: str = ""
    """The business number; a customer may have blocked it."""
    fallback: str | None = None
    """The template that goes out by itself instead of a message outside the window; None for none."""
    limits: SendLimits = NO_LIMITS
    """Secondary rules: countries, the messaging tier, prices."""
    split: Clusters | None = None
    """Takes a text apart so that a long one goes out in several messages; None to refuse it."""
    translate: bool = False
    """Whether the formatting of agents' texts is translated into WhatsApp's (ATT-15)."""
    _offers: dict[str, tuple[Remedy, ...]] = attrs.field(
        factory=dict[str, tuple[Remedy, ...]], init=False, eq=False, repr=False
    )
    """What can be offered in a language, worked out once: it depends on nothing but the settings."""
    _sourced: bool = attrs.field(init=False, eq=False, repr=False, default=attrs.Factory(_sourced, takes_self=True))
    """Whether any variable is filled in from what is known about people."""

    secondary: bool = attrs.field(init=False, eq=False, repr=False, default=attrs.Factory(_secondary, takes_self=True))
    """Whether any secondary rule can apply."""

    def offers(self, language: str, known: Sources = NOTHING_KNOWN) -> tuple[Remedy, ...]:
        """Return a remedy for each template that can be sent to somebody who speaks *language*.

        Args:
            language: Their language.
            known: What is known about the people and the conversation.
        """
        if self._sourced and known is not NOTHING_KNOWN:
            return tuple(offers(self.templates.values(), language, known))
        found = self._offers.get(language)
        if found is None:
            found = tuple(offers(self.templates.values(), language, NOTHING_KNOWN))
            if len(self._offers) < _OFFERED_LANGUAGES:
                self._offers[language] = found
        return found


@attrs.frozen
class Situation:
    """What is known about the customer and the sender."""

    window: Window = session.NEVER_OPENED
    language: str | None = None
    """The customer's language, if known."""
    party: Party = Party.AGENTS
    consent: Consent = consent.UNKNOWN
    """What the customer said about being written to."""
    known: Sources = NOTHING_KNOWN
    """What is known about the people and the conversation, for variables that are filled in by themselves."""
    addresses: tuple[Address, ...] = ()
    """The addresses of the customer; the first is where the message goes."""
    counters: Counters = NOTHING_COUNTED
    """What was counted for the secondary rules."""
    free_entry: FreeEntry | None = None
    """How the customer came through an advertisement; about price only."""
    free_at: tuple[tuple[str, datetime], ...] = ()
    """Rates that are kept: the rule's id, and from when on the next message keeps it."""
    replaced_at: datetime | None = None
    """When a template went out by itself the last time; None for never."""


@attrs.frozen
class Allowed:
    """The message may be sent now."""

    content: Content
    """What to send; a template message carries the chosen language, the content SID and all values."""
    trace: Trace
    deadline: datetime | None = None
    """The instant from which it may no longer be sent; None for approved templates."""
    validity: timedelta = MAX_VALIDITY
    """How long the provider may hold it: whole seconds, never beyond the deadline, but at least one (its minimum)."""
    rest: tuple[Content, ...] = ()
    """What goes out after it, in order: the other parts of a long text."""
    cost: Cost | None = None
    """What it is estimated to cost, where the settings have a rate card."""
    not_before: datetime | None = None
    """The instant from which on the rates that are kept allow it; None for at once."""


Verdict: TypeAlias = Allowed | Refused
"""The answer: :class:`Allowed`, or a :class:`~wa_omnichannel.errors.Refused` such as ``NeedsTemplate``.

Ask which one it is with ``isinstance``: a refusal is an error, and like every error it counts as true.
"""
