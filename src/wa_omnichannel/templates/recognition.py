"""Recognising an approved text in what somebody typed.

Before content SIDs a template was sent by typing its text; such a text is refused outside the window today
(TPL-7). The template it came from is found by matching the fixed parts of the approved text in order, as a
wildcard pattern does: linear in the length of the text, without regular expressions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs

from wa_omnichannel.templates.model import Template
from wa_omnichannel.templates.translation import Translation
from wa_omnichannel.templates.variables import check_variables, render


@attrs.frozen
class Recognised:
    """A sendable translation whose text is what somebody typed."""

    template: str
    language: str
    values: Mapping[str, str]
    """The values of the variables, as they stand in the typed text."""


def recognise(text: str, templates: Iterable[Template]) -> Iterator[Recognised]:
    """Yield every sendable translation that gives exactly *text* once its variables are filled in.

    >>> from wa_omnichannel.templates import Approval
    >>> hello = Translation("es", "Hola {{1}}, listo.", Approval.APPROVED, "HX" + "0" * 32)
    >>> [found.values for found in recognise("Hola Ana, listo.", [Template("hola", (hello,), "es")])]
    [{'1': 'Ana'}]
    """
    for template in templates:
        for translation in template.translations:
            if translation.sendable:
                values = match(translation, text)
                if values is not None:
                    yield Recognised(template.name, translation.language, values)


def match(translation: Translation, text: str) -> Mapping[str, str] | None:
    """Return the values with which *translation* reads *text*, or None if there are none that could be sent.

    >>> match(Translation("es", "Pedido {{1}} listo"), "Pedido 7 listo")
    {'1': '7'}
    >>> match(Translation("es", "Pedido {{1}} listo"), "Pedido listo") is None
    True
    """
    literals, names = translation.pieces[::2], translation.pieces[1::2]
    found = _split(text, literals) if text.startswith(literals[0]) else None
    if found is None:
        return None
    values = dict(zip(names, found, strict=True))
    right = render(translation, values) == text and not check_variables(translation, values)
    return values if right else None


def _split(text: str, literals: Sequence[str]) -> list[str] | None:
    """Return what stands between the *literals* in *text*, which begins with the first one; else None.

    Every value has at least one character.
    """
    first, *rest = literals
    if not rest:
        return [] if text == first else None
    *middle, last = rest
    end = len(text) - len(last)
    if not text.endswith(last):
        return None
    values: list[str] = []
    at = len(first)
    for literal in middle:
        found = text.find(literal, at + 1, end)
        if found < 0:
            return None
        values.append(text[at:found])
        at = found + len(literal)
    return [*values, text[at:end]] if at < end else None
