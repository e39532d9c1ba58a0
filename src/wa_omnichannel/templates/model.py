"""A template, its translations, and the choice of a language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum

import attrs

from wa_omnichannel.addresses import language_chain, parse_language, parse_sid
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.sources import Source
from wa_omnichannel.templates.approval import Approval, Standing, standing
from wa_omnichannel.templates.kinds import KINDS, TEXT, Button

PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z0-9_]{1,16})\s*\}\}")
"""A variable in a text: ``{{1}}`` or ``{{name}}``, at most 16 letters, digits and underscores."""

_NOTHING: Mapping[str, object] = {}


class Category(Enum):
    """What WhatsApp takes the template for; price and limits follow it."""

    UTILITY = "utility"
    MARKETING = "marketing"
    AUTHENTICATION = "authentication"

    @classmethod
    def parse(cls, text: str) -> Category | None:
        """Return the category that the provider calls *text*, or None for one we do not know.

        >>> Category.parse("TRANSACTIONAL"), Category.parse("in_orbit")
        (<Category.UTILITY: 'utility'>, None)
        """
        return _CATEGORIES.get(text.strip().lower())


_CATEGORIES: Mapping[str, Category] = {
    **{category.value: category for category in Category},
    "transactional": Category.UTILITY,  # its name in old records
}


def _language(text: str) -> str:
    return parse_language(text)


@attrs.frozen
class Variable:
    """What is known about one placeholder: where its value comes from, and an example for the reviewer."""

    name: str
    source: Source = Source.CALLER
    key: str = ""
    """What to ask the source for, such as ``first_name`` or ``OrderID``; unused for the caller."""
    sample: str = ""
    """Example value, mandatory for approval; never a real person's data."""


def _check_sid(_: object, __: object, value: str | None) -> None:
    if value is not None:
        parse_sid(value, "HX", "content_sid")


def _strings(value: object) -> Iterator[str]:
    """Yield every text inside *value*, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():  # pyright: ignore[reportUnknownVariableType]
            yield from _strings(item)  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(value, list | tuple):
        for item in value:  # pyright: ignore[reportUnknownVariableType]
            yield from _strings(item)  # pyright: ignore[reportUnknownArgumentType]


def _placeholders(translation: Translation) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for text in translation.texts() for name in PLACEHOLDER.findall(text)))


def _pieces(translation: Translation) -> tuple[str, ...]:
    return tuple(PLACEHOLDER.split(translation.body))


def _sendable(translation: Translation) -> bool:
    return translation.content_sid is not None and translation.approved


def _approvable(translation: Translation) -> bool:
    kind = KINDS.get(translation.kind)
    return kind is not None and kind.approvable


def _session_only(translation: Translation) -> bool:
    kind = KINDS.get(translation.kind)
    return kind is not None and kind.in_session and not kind.approvable


@attrs.frozen
class Translation:
    """A template in one language (TPL-6: one language each, approved on its own)."""

    language: str = attrs.field(converter=_language)
    body: str
    """Approved text with its placeholders, ``{{1}}`` or ``{{name}}``."""
    approval: Standing = attrs.field(default=Standing(), converter=standing)
    """What is known about its approval; a bare :class:`Approval` is the word of the program."""
    content_sid: str | None = attrs.field(default=None, validator=_check_sid)
    """Identifier at the provider (``HX…``), without which it cannot be sent."""
    kind: str = TEXT
    """Content type at the provider, a key of :data:`~wa_omnichannel.templates.kinds.KINDS`."""
    header: str = ""
    footer: str = ""
    media: str = ""
    """URL of the file in the header."""
    buttons: tuple[Button, ...] = attrs.field(default=(), converter=tuple[Button, ...])
    declared: tuple[Variable, ...] = attrs.field(default=(), converter=tuple[Variable, ...])
    """What is known about the placeholders; one that is not declared is given by the caller."""
    fields: Mapping[str, object] = attrs.field(default=_NOTHING, hash=False)
    """Other fields of the content type, as the provider writes them: ``items``, ``cards``, ``latitude``."""
    variables: tuple[str, ...] = attrs.field(
        init=False, eq=False, repr=False, default=attrs.Factory(_placeholders, takes_self=True)
    )
    """Names of the placeholders in the order of their first appearance."""
    pieces: tuple[str, ...] = attrs.field(
        init=False, eq=False, repr=False, default=attrs.Factory(_pieces, takes_self=True)
    )
    """The body taken apart: fixed text, a variable's name, fixed text, and so on; it begins and ends with text."""
    approvable: bool = attrs.field(
        init=False, eq=False, repr=False, default=attrs.Factory(_approvable, takes_self=True)
    )
    """Whether its content type can start a conversation at all (TPL-7)."""
    sendable: bool = attrs.field(init=False, eq=False, repr=False, default=attrs.Factory(_sendable, takes_self=True))
    """Whether it may be sent at any time: approved (TPL-2) and with the provider's identifier (TPL-5)."""
    session_only: bool = attrs.field(
        init=False, eq=False, repr=False, default=attrs.Factory(_session_only, takes_self=True)
    )
    """Whether it is of a kind that nobody approves and that goes out while the window is open (TPL-7)."""

    def texts(self) -> Iterator[str]:
        """Yield every text in which a placeholder may stand."""
        yield from (self.header, self.body, self.footer, self.media)
        for button in self.buttons:
            yield from (button.text, button.target)
        yield from _strings(self.fields)

    @property
    def approved(self) -> bool:
        """Whether WhatsApp approved it (TPL-2) and it is of a kind that can be approved (TPL-7)."""
        return self.approval.state is Approval.APPROVED and self.approvable


def _by_language(translations: Sequence[Translation]) -> tuple[Translation, ...]:
    seen: set[str] = set()
    for translation in translations:
        if translation.language in seen:
            raise InvalidValue("translations", translation.language, "Give one translation per language.")
        seen.add(translation.language)
    return tuple(translations)


class Fit(Enum):
    """Why a translation was chosen (TPL-10)."""

    EXACT = "template_language_exact"
    PARENT = "template_language_parent"
    """The language without its region: es for es_MX."""
    DEFAULT = "template_language_default"
    """There is none in the wanted language."""
    UNASKED = "template_language_unasked"
    """No language is known, so the default one."""


def _index(template: Template) -> Mapping[str, Translation]:
    return {translation.language: translation for translation in template.translations}


def _check_default(template: Template, _: object, value: str) -> None:
    if all(translation.language != value for translation in template.translations):
        raise InvalidValue("default_language", value, f"Template {template.name!r} has no translation in it.")


@attrs.frozen
class Template:
    """A template with its translations."""

    name: str
    translations: tuple[Translation, ...] = attrs.field(converter=_by_language)
    default_language: str = attrs.field(converter=_language, validator=_check_default)
    category: Category = Category.UTILITY
    _index: Mapping[str, Translation] = attrs.field(
        init=False, eq=False, repr=False, default=attrs.Factory(_index, takes_self=True)
    )

    def translation(self, language: str) -> Translation | None:
        """Return the translation in exactly *language*, or None."""
        return self._index.get(language)

    def choice(self, language: str | None) -> tuple[Translation, Fit]:
        """Return the translation for somebody who speaks *language*, and why it is that one (TPL-10).

        es_MX, then es, then the default language.

        >>> t = Template("hi", (Translation("es", "Hola"), Translation("en", "Hi")), "en")
        >>> [fit.name for _, fit in (t.choice("es"), t.choice("es_MX"), t.choice("fr"), t.choice(None))]
        ['EXACT', 'PARENT', 'DEFAULT', 'UNASKED']
        """
        if not language:
            return self._index[self.default_language], Fit.UNASKED
        for tag in language_chain(language):
            found = self._index.get(tag)
            if found is not None:
                return found, Fit.EXACT if tag == language else Fit.PARENT
        return self._index[self.default_language], Fit.DEFAULT

    def choose(self, language: str | None) -> Translation:
        """Return the translation for somebody who speaks *language*, as :meth:`choice` does.

        >>> t = Template("hi", (Translation("es", "Hola"), Translation("en", "Hi")), "en")
        >>> t.choose("es_MX").language, t.choose("fr").language, t.choose(None).language
        ('es', 'en', 'en')
        """
        return self.choice(language)[0]
