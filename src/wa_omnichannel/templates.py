"""Message templates: the only thing that may be sent when the 24-hour window is closed.

A template has a name and one translation per language. Each translation is approved on its own (TPL-4) and
has its own content SID (TPL-5, TPL-6). Approval is a state that only the provider moves; a state we do not
know is never sendable (TPL-2).

Sources: Microsoft Learn, "Configure a WhatsApp channel through Twilio" and "Configure outbound messaging";
Twilio, "Content API"; Meta, "Template quality".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum

import attrs

from wa_omnichannel.addresses import language_chain, parse_language, parse_sid
from wa_omnichannel.errors import InvalidValue

MAX_FILLED = 1024
"""Longest body in characters once the variables are filled in (Twilio error 63021)."""

_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z0-9_]{1,16})\s*\}\}")
_BAD_VALUE = re.compile(r"[\n\t\r]| {5,}")


class Category(Enum):
    """What WhatsApp takes the template for; price and limits follow it."""

    UTILITY = "utility"
    MARKETING = "marketing"
    AUTHENTICATION = "authentication"


class Approval(Enum):
    """Where a translation stands with WhatsApp."""

    UNSUBMITTED = "unsubmitted"
    RECEIVED = "received"
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    PAUSED = "paused"
    DISABLED = "disabled"
    UNKNOWN = "unknown"
    """A word of the provider that we do not know; not sendable."""

    @classmethod
    def parse(cls, text: str) -> Approval:
        """Return the state that the provider calls *text*; unknown words give ``UNKNOWN``, never approval.

        >>> Approval.parse("APPROVED"), Approval.parse("in_orbit")
        (<Approval.APPROVED: 'approved'>, <Approval.UNKNOWN: 'unknown'>)
        """
        try:
            return cls(text.strip().lower())
        except ValueError:
            return cls.UNKNOWN


def _language(text: str) -> str:
    return parse_language(text)


def _check_sid(_: object, __: object, value: str | None) -> None:
    if value is not None:
        parse_sid(value, "HX", "content_sid")


@attrs.frozen
class Translation:
    """A template in one language."""

    language: str = attrs.field(converter=_language)
    body: str
    """Approved text with its placeholders, ``{{1}}`` or ``{{name}}``."""
    approval: Approval = Approval.UNSUBMITTED
    content_sid: str | None = attrs.field(default=None, validator=_check_sid)
    """Identifier at the provider (``HX…``), without which it cannot be sent."""

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the placeholders in the order of their first appearance.

        >>> Translation("es", "Hola {{1}}, su pedido {{2}} está listo, {{1}}.").variables
        ('1', '2')
        """
        return tuple(dict.fromkeys(_PLACEHOLDER.findall(self.body)))

    @property
    def sendable(self) -> bool:
        """Whether WhatsApp approved it and the provider's identifier is known (TPL-2, TPL-5)."""
        return self.approval is Approval.APPROVED and self.content_sid is not None


def _by_language(translations: tuple[Translation, ...]) -> tuple[Translation, ...]:
    seen: set[str] = set()
    for translation in translations:
        if translation.language in seen:
            raise InvalidValue("translations", translation.language, "Give one translation per language.")
        seen.add(translation.language)
    return tuple(translations)


def _check_default(template: Template, _: object, value: str) -> None:
    if template.translation(value) is None:
        raise InvalidValue("default_language", value, f"Template {template.name!r} has no translation in it.")


@attrs.frozen
class Template:
    """A template with its translations."""

    name: str
    translations: tuple[Translation, ...] = attrs.field(converter=_by_language)
    default_language: str = attrs.field(converter=_language, validator=_check_default)
    category: Category = Category.UTILITY

    def translation(self, language: str) -> Translation | None:
        """Return the translation in exactly *language*, or None."""
        for translation in self.translations:
            if translation.language == language:
                return translation
        return None

    def choose(self, language: str | None) -> Translation:
        """Return the translation for somebody who speaks *language*: es_MX, then es, then the default (TPL-10).

        >>> t = Template("hi", (Translation("es", "Hola"), Translation("en", "Hi")), "en")
        >>> t.choose("es_MX").language, t.choose("fr").language, t.choose(None).language
        ('es', 'en', 'en')
        """
        for candidate in language_chain(language) if language else ():
            found = self.translation(candidate)
            if found is not None:
                return found
        return self.translation(self.default_language) or self.translations[0]


@attrs.frozen
class VariableFaults:
    """What is wrong with the values given for a translation; empty when all is well."""

    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()
    """Names whose values are empty or hold a newline, a tab or more than four spaces in a row."""
    too_long: int | None = None
    """Length of the filled body where it exceeds 1,024 characters."""

    def __bool__(self) -> bool:
        return bool(self.missing or self.extra or self.bad or self.too_long)


def check_variables(translation: Translation, values: Mapping[str, str]) -> VariableFaults:
    """Compare *values* with the placeholders of *translation*.

    The provider silently sends the sample value of a missing variable, so it is refused here.

    >>> check_variables(Translation("es", "Hola {{1}}"), {"2": "x"})
    VariableFaults(missing=('1',), extra=('2',), bad=(), too_long=None)
    """
    wanted = translation.variables
    missing = tuple(name for name in wanted if name not in values)
    extra = tuple(name for name in values if name not in wanted)
    bad = tuple(name for name in wanted if name in values and not _is_clean(values[name]))
    length = len(render(translation, values))
    return VariableFaults(missing, extra, bad, length if length > MAX_FILLED else None)


def _is_clean(value: str) -> bool:
    return bool(value.strip()) and not _BAD_VALUE.search(value)


def render(translation: Translation, values: Mapping[str, str]) -> str:
    """Return the text the customer will read; placeholders without a value stay visible.

    >>> render(Translation("es", "Hola {{1}}, {{2}}"), {"1": "Ana"})
    'Hola Ana, {{2}}'
    """
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), translation.body)
