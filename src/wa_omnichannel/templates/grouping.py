"""Templates made of the provider's list, which keeps one content per language (TPL-6)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import attrs

from wa_omnichannel.templates.linking import strictest
from wa_omnichannel.templates.model import Category, Template
from wa_omnichannel.templates.wire import Held


@attrs.frozen
class Grouped:
    """Templates made of contents."""

    templates: tuple[Template, ...]
    """In the order in which their names come first."""
    left_out: tuple[Held, ...] = ()
    """Contents in whose place another one of the same name and language was taken."""


def grouped(held: Iterable[Held], default_language: str | None = None) -> Grouped:
    """Return one template per name, with a translation for each language (TPL-6).

    Of several contents with one name and language the approved one is taken, otherwise the first.

    Args:
        held: The provider's contents.
        default_language: Used where a template has it; otherwise the first language of the list.

    >>> grouped([]).templates
    ()
    """
    chosen: dict[str, dict[str, Held]] = {}
    left_out: list[Held] = []
    for item in sorted(held, key=lambda item: not item.translation.approved):
        languages = chosen.setdefault(item.name, {})
        if languages.setdefault(item.translation.language, item) is not item:
            left_out.append(item)
    made = tuple(_template(name, tuple(each.values()), default_language) for name, each in chosen.items())
    return Grouped(made, tuple(left_out))


def _template(name: str, held: Sequence[Held], default_language: str | None) -> Template:
    languages = [item.translation.language for item in held]
    default = default_language if default_language in languages else languages[0]
    category = strictest((item.category for item in held), Category.UTILITY)
    return Template(name, tuple(item.translation for item in held), default or languages[0], category)


def strangers(templates: Collection[Template], held: Iterable[Held]) -> tuple[Template, ...]:
    """Return the provider's templates that none of *templates* is, by content SID or by name.

    >>> strangers([], [])
    ()
    """
    known = {each.content_sid for template in templates for each in template.translations}
    names = {template.name for template in templates}
    return grouped(item for item in held if item.content_sid not in known and item.name not in names).templates
