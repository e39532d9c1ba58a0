"""Masking: what agents and transcripts do not show, such as card numbers.

Nothing that is stored or sent changes: the customer has what they wrote on their phone anyway, so on an
asynchronous channel it is hidden from those who look at it here (MSK-1). Source: Microsoft Learn, "Mask
sensitive data" (2025).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

import attrs

from wa_omnichannel.attachments import Party
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.messages import (
    ButtonReply,
    Content,
    FlowReply,
    ListReply,
    Location,
    Media,
    TemplateMessage,
    Text,
    Unsupported,
)

Spans: TypeAlias = Callable[[str], Iterable[tuple[int, int]]]
"""Finds the stretches of a text that a rule is about, in time that grows with the text only."""

MAX_RULES = 10
"""Most rules that may exist (MSK-1)."""

MASK = "#"
"""What stands in place of each hidden character."""

SHIPPED: Mapping[str, str] = {
    "Credit Card": r"\b(?:\d[ -]?){12,18}\d\b",
    "Email": r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}",
    "SSN": r"\b\d{3}[ -]?\d{2}[ -]?\d{4}\b",
}
"""Expressions to begin with, for ``adapters.patterns.spans``."""


def _parties(given: Iterable[Party]) -> frozenset[Party]:
    return frozenset(given)


@attrs.frozen
class MaskRule:
    """One kind of text that is hidden."""

    name: str
    spans: Spans = attrs.field(repr=False)
    parties: frozenset[Party] = attrs.field(default=frozenset(Party), converter=_parties)
    """Whose words it is looked for in: customers, agents, or both."""
    active: bool = True
    """Whether it counts."""


def _check_rules(_: object, __: object, value: tuple[MaskRule, ...]) -> None:
    if len(value) > MAX_RULES:
        raise InvalidValue("rules", str(len(value)), f"There are at most {MAX_RULES} masking rules (MSK-1).")


def _rules(given: Iterable[MaskRule]) -> tuple[MaskRule, ...]:
    return tuple(given)


@attrs.frozen
class Masking:
    """All masking rules.

    >>> import re
    >>> card = MaskRule("card", lambda text: (found.span() for found in re.finditer("[0-9]{4,}", text)))
    >>> Masking([card]).text("My card is 4111111111111111.", Party.CUSTOMERS)
    'My card is ################.'
    """

    rules: tuple[MaskRule, ...] = attrs.field(default=(), converter=_rules, validator=_check_rules)

    def text(self, text: str, party: Party) -> str:
        """Return *text*, written by *party*, with everything hidden that a rule finds; its length stays."""
        spans = [span for rule in self.rules if rule.active and party in rule.parties for span in rule.spans(text)]
        if not spans:
            return text
        letters = list(text)
        for begin, end in spans:
            letters[begin:end] = MASK * (end - begin)
        return "".join(letters)

    def content(self, content: Content, party: Party) -> Content:
        """Return *content* with every text in it masked; the original is not changed."""
        changes: dict[str, Any] = {}
        for name in _TEXTS[type(content)]:
            found = getattr(content, name)
            changes[name] = (
                self.text(found, party)
                if isinstance(found, str)
                else {key: self.text(value, party) for key, value in found.items()}
            )
        same = all(getattr(content, name) == value for name, value in changes.items())
        return content if same else attrs.evolve(content, **changes)


NO_MASKING = Masking()
"""Hides nothing."""

_TEXTS: Mapping[type[Content], tuple[str, ...]] = {
    Text: ("body",),
    Media: ("caption", "name"),
    Location: ("label", "address"),
    ButtonReply: ("text", "payload"),
    ListReply: ("id", "title", "description"),
    FlowReply: ("data",),
    TemplateMessage: ("variables",),
    Unsupported: (),
}
"""Which fields of each kind of content people wrote."""
