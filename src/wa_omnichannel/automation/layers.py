"""Three layers of automated messages: shipped texts, the channel's, those of one number (AM-1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from wa_omnichannel.addresses import Address, language_chain, parse_language, parse_number
from wa_omnichannel.automation.slugs import Named, fill
from wa_omnichannel.automation.texts import CATALOGUE, LANGUAGES
from wa_omnichannel.automation.triggers import OFF_BY_DEFAULT, OVERFLOW, Trigger
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.explain import Check
from wa_omnichannel.messages import TemplateMessage

LONGEST_TEXT = 2000
"""Most characters of the text of an automated message (AM-3)."""

_NO_TEXTS: Mapping[str, str] = {}


def _by_language(texts: Mapping[str, str]) -> Mapping[str, str]:
    return {parse_language(language): text for language, text in texts.items()}


def _check_lengths(_: object, attribute: attrs.Attribute[Mapping[str, str]], texts: Mapping[str, str]) -> None:
    for language, text in texts.items():
        if not text.strip() or len(text) > LONGEST_TEXT:
            raise InvalidValue(
                f"{attribute.name}[{language}]", text[:40], f"Use 1 to {LONGEST_TEXT} characters (AM-3)."
            )


@attrs.frozen
class Fallback:
    """The template that is sent where free text may not be: after the 24-hour window."""

    template: str
    variables: Mapping[str, str] = _NO_TEXTS
    """Values of its variables; slugs are filled in."""

    def content(self, named: Named) -> TemplateMessage:
        """Return the message with its slugs filled in."""
        return TemplateMessage(self.template, {name: fill(text, named) for name, text in self.variables.items()})


def texts_of(texts: Mapping[str, str], language: str) -> str | None:
    """Return the text for somebody who speaks *language*: of the language, its parent, or the first there is.

    >>> texts_of({"en": "Hello", "es": "Hola"}, "es-MX"), texts_of({"en": "Hello"}, "fr"), texts_of({}, "fr")
    ('Hola', 'Hello', None)
    """
    found = (texts[spoken] for spoken in language_chain(language) if spoken in texts)
    return next(found, None) or next(iter(texts.values()), None)


@attrs.frozen
class CustomMessage:
    """What an administrator made of one automated message, for the channel or for one number.

    Raises:
        InvalidValue: A text is empty or longer than 2,000 characters (AM-3).
    """

    trigger: Trigger
    texts: Mapping[str, str] = attrs.field(default=_NO_TEXTS, converter=_by_language, validator=_check_lengths)
    """By language; the first one stands in for languages that are not here. Without any the shipped text stays."""
    active: bool = True
    """Whether it is sent at all (AM-2)."""
    fallback: Fallback | None = None
    """What is sent after the 24-hour window; without one nothing is, and the timeline says why."""


@attrs.frozen
class Resolved:
    """The text of an automated message, and what decided about it."""

    text: str
    """With its slugs; empty if nothing is sent."""
    check: Check
    fallback: Fallback | None = None


Layer = Mapping[Trigger, CustomMessage]


def _layer(messages: Iterable[CustomMessage]) -> Layer:
    found: dict[Trigger, CustomMessage] = {}
    for message in messages:
        if message.trigger in found:
            raise InvalidValue("messages", message.trigger.value, "Give each trigger one message in a layer.")
        found[message.trigger] = message
    return found


def _by_number(numbers: Mapping[str, Iterable[CustomMessage]]) -> Mapping[Address, Layer]:
    return {parse_number(number): _layer(messages) for number, messages in numbers.items()}


_NO_MESSAGES: Layer = {}
_NO_NUMBERS: Mapping[Address, Layer] = {}


@attrs.frozen
class Automation:
    """The automated messages of a channel.

    A channel without any setting sends none; one with ``Automation()`` sends the shipped texts.

    Raises:
        InvalidValue: A layer has two messages for one trigger.
    """

    channel: Layer = attrs.field(default=_NO_MESSAGES, converter=_layer)
    """What the channel says instead of the shipped texts."""
    numbers: Mapping[Address, Layer] = attrs.field(default=_NO_NUMBERS, converter=_by_number)
    """What single numbers say instead of the channel."""

    def resolve(self, number: Address, trigger: Trigger, language: str) -> Resolved:
        """Return what is said on *trigger* from *number*, in the number's *language* (AM-1, AM-2, AM-5).

        >>> quiet = Automation([CustomMessage(Trigger.GREETING, active=False)])
        >>> quiet.resolve(Address("+14155550100"), Trigger.GREETING, "es").check.code
        'automated_message_off'
        """
        own, common = self.numbers.get(number, {}).get(trigger), self.channel.get(trigger)
        custom = own or common
        layer = "number" if own else "channel" if common else "shipped"
        facts = {"trigger": trigger.value, "layer": layer, "language": language}
        shipped = texts_of(CATALOGUE[trigger], language if language_chain(language)[-1] in LANGUAGES else LANGUAGES[0])
        fallback = custom.fallback if custom else None
        if _silent(custom, trigger):
            if trigger not in OVERFLOW:
                return Resolved("", Check("AM-2", False, "automated_message_off", facts))
            return Resolved(shipped or "", Check("AM-2", True, "automated_message_anyway", facts), fallback)
        text = texts_of(custom.texts, language) if custom else None
        return Resolved(text or shipped or "", Check("AM-1", True, "automated_message_found", facts), fallback)


def _silent(custom: CustomMessage | None, trigger: Trigger) -> bool:
    return trigger in OFF_BY_DEFAULT if custom is None else not custom.active
