"""A template, its translations, and the choice of a language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import Enum

import attrs

from wa_omnichannel.addresses import language_chain, parse_language
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.explain import Check
from wa_omnichannel.templates.checks import Settled, checks
from wa_omnichannel.templates.translation import Translation


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


_LANGUAGES_KEPT = 64


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


def _settle(template: Template) -> Mapping[str, Settled]:
    return {each.language: Settled.of(template.name, each) for each in template.translations}


def _default_language(text: str) -> str:
    return parse_language(text, "default_language")


def _check_default(template: Template, _: object, value: str) -> None:
    if all(translation.language != value for translation in template.translations):
        raise InvalidValue("default_language", value, f"Template {template.name!r} has no translation in it.")


@attrs.frozen
class Template:
    """A template with its translations."""

    name: str
    translations: tuple[Translation, ...] = attrs.field(converter=_by_language)
    default_language: str = attrs.field(converter=_default_language, validator=_check_default)
    category: Category = Category.UTILITY
    _index: Mapping[str, Translation] = attrs.field(
        init=False, eq=False, repr=False, default=attrs.Factory(_index, takes_self=True)
    )

    _settled: Mapping[str, Settled] = attrs.field(
        init=False, eq=False, repr=False, default=attrs.Factory(_settle, takes_self=True)
    )

    _selected: dict[str | None, tuple[Translation, Check]] = attrs.field(
        factory=dict[str | None, tuple[Translation, Check]], init=False, eq=False, repr=False
    )
    """What was selected for a language, worked out once; the latest few languages."""

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
        for spoken in language_chain(language):
            found = self._index.get(spoken)
            if found is not None:
                return found, Fit.EXACT if spoken == language else Fit.PARENT
        return self._index[self.default_language], Fit.DEFAULT

    def select(self, language: str | None) -> tuple[Translation, Check]:
        """Return the translation for somebody who speaks *language*, and the check that says why (TPL-10).

        >>> t = Template("hi", (Translation("es", "Hola"),), "es")
        >>> t.select("fr")[1].code
        'template_language_default'
        """
        found = self._selected.get(language)
        if found is None:
            translation, fit = self.choice(language)
            facts = {"template": self.name, "wanted": language, "language": translation.language}
            found = translation, Check("TPL-10", True, fit.value, facts)
            if len(self._selected) < _LANGUAGES_KEPT:
                self._selected[language] = found
        return found

    def choose(self, language: str | None) -> Translation:
        """Return the translation for somebody who speaks *language*, as :meth:`choice` does.

        >>> t = Template("hi", (Translation("es", "Hola"), Translation("en", "Hi")), "en")
        >>> t.choose("es_MX").language, t.choose("fr").language, t.choose(None).language
        ('es', 'en', 'en')
        """
        return self.choice(language)[0]

    def checks(self, translation: Translation, values: Mapping[str, object], now: datetime) -> Iterator[Check]:
        """Yield the checks of one of the translations with these *values* at *now*, in their order.

        >>> from datetime import UTC
        >>> t = Template("hi", (Translation("es", "Hola {{1}}"),), "es")
        >>> [(c.rule, c.met) for c in t.checks(t.choose("es"), {"1": "Ana"}, datetime(2026, 1, 1, tzinfo=UTC))]
        [('TPL-7', True), ('TPL-4', False), ('TPL-5', False), ('WA-VARIABLES', True)]
        """
        return checks(self._settled[translation.language], translation, values, now)
