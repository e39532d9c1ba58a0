"""Consent: who may be written to, since when, from which source, and who said stop.

* WhatsApp requires an opt-in before a business writes first, and respect for every opt-out. The provider's own
  handling of STOP covers text messages, not WhatsApp, so the words are recognised here, before any automation.
* There are two scopes: everything, and marketing only. Whoever stopped marketing still gets an invoice.
* What the provider reports means different things: **21610** the customer said STOP to it, so everything stops;
  **63050** they stopped the marketing of this business inside WhatsApp; **63014** and **63033** they blocked the
  number, which is over as soon as they write to it again.
* Statements are kept per scope with instant and source. The latest counts, and stop wins a tie, so the order in
  which they arrive does not matter. When two contacts turn out to be one person, the stricter record counts.

Sources: Meta, "Opt-in for WhatsApp"; Twilio, errors 21610, 63014, 63033 and 63050 and "Advanced Opt-Out".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum

import attrs

from wa_omnichannel.consent import words
from wa_omnichannel.consent.words import LONGEST, Words, normalised
from wa_omnichannel.explain import Check, Facts
from wa_omnichannel.instants import in_utc

__all__ = [
    "OPT_OUT_CODES",
    "UNKNOWN",
    "Block",
    "Consent",
    "ConsentRules",
    "Purpose",
    "Scope",
    "Statement",
    "check",
    "hear",
    "learn",
    "merge",
    "normalised",
    "record",
    "update",
]


class Scope(Enum):
    """What a statement is about."""

    EVERYTHING = "everything"
    MARKETING = "marketing"


def _utc(instant: datetime) -> datetime:
    return in_utc(instant, "at")


@attrs.frozen
class Statement:
    """The customer agreed, or said stop.

    Raises:
        InvalidValue: *at* is naive.
    """

    scope: Scope
    granted: bool
    """Whether they agreed; otherwise they said stop."""
    at: datetime = attrs.field(converter=_utc)
    """When; kept in UTC."""
    source: str
    """Where it comes from: ``web form``, ``word: baja``, ``provider: 63050``."""

    @property
    def strictness(self) -> tuple[bool, datetime, str]:
        """Which of two statements counts when two records become one: stop before agreement, then the later."""
        return (not self.granted, self.at, self.source)

    @property
    def recency(self) -> tuple[datetime, bool, str]:
        """Which of two statements of one person counts: the later, and stop in a tie."""
        return (self.at, not self.granted, self.source)


@attrs.frozen
class Block:
    """The customer blocked a business number, as the provider found out.

    Raises:
        InvalidValue: *at* is naive.
    """

    number: str
    at: datetime = attrs.field(converter=_utc)
    code: int
    """The provider's error code."""


@attrs.frozen
class Consent:
    """What is known about one person's consent."""

    everything: Statement | None = None
    marketing: Statement | None = None
    blocks: tuple[Block, ...] = ()
    """The latest block of each business number, by number."""

    @property
    def silent(self) -> bool:
        """Whether nobody said anything."""
        return self.everything is None and self.marketing is None and not self.blocks

    def of(self, scope: Scope) -> Statement | None:
        """Return the statement that counts for *scope*."""
        return self.everything if scope is Scope.EVERYTHING else self.marketing

    def stopped(self, scope: Scope) -> bool:
        """Tell whether the customer said stop in *scope*.

        >>> UNKNOWN.stopped(Scope.EVERYTHING)
        False
        """
        known = self.of(scope)
        return known is not None and not known.granted

    def block(self, number: str) -> Block | None:
        """Return the latest block of a business number."""
        return next((block for block in self.blocks if block.number == number), None)


UNKNOWN = Consent()
"""Nobody said anything."""


@attrs.frozen
class ConsentRules:
    """What the settings of a business number say about consent."""

    required: bool = False
    """Whether an opt-in is needed for marketing templates, and for any template while the window is closed."""
    stop: Words = words.STOP
    start: Words = words.START
    stop_marketing: Words = words.STOP_MARKETING
    start_marketing: Words = words.START_MARKETING
    _meanings: Mapping[str, tuple[Scope, bool]] = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        # a word in two lists means the stricter one, which is put in last
        lists = (
            (self.start_marketing, (Scope.MARKETING, True)),
            (self.start, (Scope.EVERYTHING, True)),
            (self.stop_marketing, (Scope.MARKETING, False)),
            (self.stop, (Scope.EVERYTHING, False)),
        )
        found = {normalised(word): meaning for table, meaning in lists for spoken in table.values() for word in spoken}
        object.__setattr__(self, "_meanings", found)

    def meaning(self, text: str) -> tuple[Scope, bool] | None:
        """Return the scope a whole message is about and whether it agrees, or None if it is no such word.

        >>> ConsentRules().meaning("¡BAJA!"), ConsentRules().meaning("La caja es baja")
        ((<Scope.EVERYTHING: 'everything'>, False), None)
        """
        return self._meanings.get(normalised(text)) if len(text) <= LONGEST else None


def hear(rules: ConsentRules, consent: Consent, text: str, at: datetime) -> Statement | None:
    """Return what a customer's message says about consent, or None if it says nothing.

    A stop word always counts. A start word only lifts a stop: it does not make an opt-in out of a greeting.

    Args:
        rules: The words, per language.
        consent: What was known before.
        text: The whole message, or the title of the button they tapped.
        at: When the message arrived; aware.

    >>> from datetime import UTC, datetime
    >>> hear(ConsentRules(), UNKNOWN, "Stop.", datetime(2026, 1, 1, tzinfo=UTC)).source
    'word: stop'
    """
    meant = rules.meaning(text)
    if meant is None or (meant[1] and not consent.stopped(meant[0])):
        return None
    return Statement(meant[0], meant[1], at, f"word: {normalised(text)}")


def record(consent: Consent, statement: Statement) -> Consent:
    """Return *consent* with one more statement; late and repeated ones change nothing.

    >>> from datetime import UTC, datetime
    >>> agreed = Statement(Scope.MARKETING, True, datetime(2026, 1, 1, tzinfo=UTC), "web form")
    >>> record(UNKNOWN, agreed).marketing.source
    'web form'
    """
    known = consent.of(statement.scope)
    if known is not None and known.recency >= statement.recency:
        return consent
    if statement.scope is Scope.EVERYTHING:
        return attrs.evolve(consent, everything=statement)
    return attrs.evolve(consent, marketing=statement)


def update(consent: Consent, news: Consent) -> Consent:
    """Return *consent* with everything that *news* says about the same person; of each scope the latest counts."""
    for statement in (news.everything, news.marketing):
        consent = record(consent, statement) if statement is not None else consent
    return attrs.evolve(consent, blocks=_latest((*consent.blocks, *news.blocks)))


OPT_OUT_CODES: Mapping[int, Scope | None] = {
    21610: Scope.EVERYTHING,
    63050: Scope.MARKETING,
    63014: None,
    63033: None,
    131050: Scope.MARKETING,  # Meta
}
"""Error codes of the providers about consent: what the customer stopped, or None for a blocked number."""


def learn(consent: Consent, code: int | None, number: str, at: datetime) -> Consent:
    """Return *consent* after the provider gave the error *code* for a message from *number* sent at *at*.

    Codes that say nothing about consent change nothing.

    >>> from datetime import UTC, datetime
    >>> learn(UNKNOWN, 63050, "+14155550100", datetime(2026, 1, 1, tzinfo=UTC)).stopped(Scope.MARKETING)
    True
    """
    if code is None or code not in OPT_OUT_CODES:
        return consent
    scope = OPT_OUT_CODES[code]
    if scope is not None:
        return record(consent, Statement(scope, False, at, f"provider: {code}"))
    return attrs.evolve(consent, blocks=_latest((*consent.blocks, Block(number, at, code))))


def merge(one: Consent, other: Consent) -> Consent:
    """Return the consent of a person who was known under two identities: the stricter of each scope.

    A stop counts even if the other identity agreed later; agreement counts where the other said nothing.
    """
    return Consent(
        _stricter(one.everything, other.everything),
        _stricter(one.marketing, other.marketing),
        _latest((*one.blocks, *other.blocks)),
    )


def _stricter(one: Statement | None, other: Statement | None) -> Statement | None:
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda statement: statement.strictness)


def _latest(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return the latest block of each number, by number."""
    ordered = sorted(blocks, key=lambda block: (block.number, block.at, block.code))
    return tuple({block.number: block for block in ordered}.values())


@attrs.frozen
class Purpose:
    """What somebody wants to send, as far as consent is concerned."""

    number: str = ""
    """The business number it is sent from."""
    template: bool = False
    """Whether it is a template."""
    marketing: bool = False
    """Whether the template is a marketing one."""
    window_open: bool = False
    """Whether the customer wrote within the last 24 hours, so that nobody writes first."""
    last_inbound_at: datetime | None = None
    """The customer's latest message to this number; it proves that they do not block it any more."""


def check(rules: ConsentRules, consent: Consent, purpose: Purpose) -> Check:
    """Tell whether the customer's consent covers a message.

    Args:
        rules: The settings of the business number.
        consent: What the customer said.
        purpose: What is to be sent, and whether the customer asked for it.

    >>> check(ConsentRules(required=True), UNKNOWN, Purpose(template=True)).code
    'consent_missing'
    """
    agreed = None
    for known in (consent.everything, consent.marketing if purpose.marketing else None):
        if known is not None and not known.granted:
            return Check("WA-OPTOUT", False, _STOPPED[known.scope], _facts(known))
        agreed = agreed or known
    block = consent.block(purpose.number) if consent.blocks else None
    if block is not None and (purpose.last_inbound_at is None or purpose.last_inbound_at <= block.at):
        facts = {"number": block.number, "at": block.at, "source": f"provider: {block.code}"}
        return Check("WA-BLOCKED", False, "number_blocked", facts)
    if agreed is not None:
        return Check("WA-OPTIN", True, "consent_given", _facts(agreed))
    needed = rules.required and purpose.template and (purpose.marketing or not purpose.window_open)
    return Check("WA-OPTIN", not needed, "consent_missing" if needed else "consent_not_needed")


_STOPPED = {Scope.EVERYTHING: "opted_out", Scope.MARKETING: "opted_out_of_marketing"}

REMEDIES: Mapping[str, str] = {
    "opted_out": "customer_starts_again",
    "opted_out_of_marketing": "customer_wants_marketing",
    "number_blocked": "customer_unblocks",
    "consent_missing": "record_opt_in",
}
"""What can be done about a check that was not met, by its code."""


def _facts(known: Statement) -> Facts:
    return {"scope": known.scope.value, "at": known.at, "source": known.source}
