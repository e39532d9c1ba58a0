"""Values of placeholders: filled in, checked before the call, and shown offline.

The provider silently sends the sample value of a variable that has none, so a missing value is refused here.
Source: Twilio, "Using variables with content templates" and error page 63021.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import attrs

from wa_omnichannel.messages import MAX_TEXT
from wa_omnichannel.sources import NOTHING_KNOWN, Sources
from wa_omnichannel.templates.kinds import Button
from wa_omnichannel.templates.translation import PLACEHOLDER, Translation

MAX_FILLED = 1024
"""Longest body in characters once the variables are filled in (Twilio error 63021)."""

MAX_VALUE = MAX_TEXT
"""Longest value of a variable in characters."""

_BAD_VALUE = re.compile(r"[\n\t\r]| {5,}|\A\s*\Z")
_NOTHING: Mapping[str, str] = {}


@attrs.frozen
class VariableFaults:
    """What is wrong with the values given for a translation; false when all is well."""

    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()
    """Names whose values are empty, no text, or hold a newline, a tab or more than four spaces in a row."""
    too_long: int | None = None
    """Length of the filled body where it exceeds 1,024 characters."""
    overlong: tuple[str, ...] = ()
    """Names whose values alone exceed 1,600 characters."""

    def __bool__(self) -> bool:
        return bool(self.missing or self.extra or self.bad or self.too_long or self.overlong)


def check_variables(translation: Translation, values: Mapping[str, object]) -> VariableFaults:
    """Compare *values* with the placeholders of *translation*.

    >>> check_variables(Translation("es", "Hola {{1}}"), {"2": "x"})
    VariableFaults(missing=('1',), extra=('2',), bad=(), too_long=None, overlong=())
    """
    wanted = translation.variables
    missing: list[str] = []
    bad: list[str] = []
    longest = 0
    for name in wanted:
        value = values.get(name)
        if value is None and name not in values:
            missing.append(name)
        elif not isinstance(value, str) or _BAD_VALUE.search(value):
            bad.append(name)
        elif len(value) > longest:
            longest = len(value)
    extra = () if len(values) == len(wanted) - len(missing) else tuple(name for name in values if name not in wanted)
    short = not bad and len(translation.body) + longest * (len(translation.pieces) // 2) <= MAX_FILLED
    if short and longest <= MAX_VALUE:  # nearly every message is like that
        return VariableFaults(tuple(missing), extra) if missing or extra else _NO_FAULTS
    texts = {name: value for name, value in values.items() if isinstance(value, str)}
    length = len(render(translation, texts))
    overlong = tuple(name for name in wanted if len(texts.get(name, "")) > MAX_VALUE)
    return VariableFaults(tuple(missing), extra, tuple(bad), length if length > MAX_FILLED else None, overlong)


_NO_FAULTS = VariableFaults()


def is_clean(value: object) -> bool:
    r"""Tell whether the provider takes *value* for a variable: a text, not empty, on one line, no wide gaps.

    >>> is_clean("Ana María"), is_clean(" "), is_clean("a\nb"), is_clean("a     b"), is_clean(7)
    (True, False, False, False, False)
    """
    return isinstance(value, str) and _BAD_VALUE.search(value) is None


def fill(translation: Translation, given: Mapping[str, str], known: Sources) -> Mapping[str, str]:
    """Return the values *given* by the caller and those that *known* has for the others.

    What the caller gives wins. Blanks and line breaks in what is known (a profile name is anybody's text) become
    single spaces, so that they cannot make the message unsendable.

    >>> from wa_omnichannel.sources import Person, Source
    >>> from wa_omnichannel.templates import Variable
    >>> hello = Translation("es", "Hola {{1}}", declared=(Variable("1", Source.CUSTOMER, "first_name"),))
    >>> fill(hello, {}, Sources(Person(first_name="Ana")))
    {'1': 'Ana'}
    """
    if known is NOTHING_KNOWN:
        return given
    filled = dict(given)
    for variable in translation.declared:
        if variable.name not in filled and variable.name in translation.variables:
            value = known.value(variable.source, variable.key)
            if value is not None and value.strip():
                filled[variable.name] = " ".join(value.split())
    return filled


def render_text(text: str, values: Mapping[str, str]) -> str:
    """Return *text* with its placeholders filled in; those without a value stay visible."""
    return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def render(translation: Translation, values: Mapping[str, str]) -> str:
    """Return the body the customer will read; placeholders without a value stay visible.

    >>> render(Translation("es", "Hola {{1}}, {{2}}"), {"1": "Ana"})
    'Hola Ana, {{2}}'
    """
    return render_text(translation.body, values)


@attrs.frozen
class Filled:
    """A translation as the customer sees it."""

    body: str
    header: str = ""
    footer: str = ""
    media: str = ""
    buttons: tuple[Button, ...] = ()

    @property
    def text(self) -> str:
        """Everything in reading order, one part per line."""
        media = f"[{self.media}]" if self.media else ""
        buttons = (f"[{button.text}]" + (f" {button.target}" if button.target else "") for button in self.buttons)
        return "\n".join(part for part in (media, self.header, self.body, self.footer, *buttons) if part)


def preview(translation: Translation, values: Mapping[str, str] = _NOTHING, known: Sources = NOTHING_KNOWN) -> Filled:
    r"""Return *translation* as the customer would see it, with samples where a value is missing. Asks nobody.

    >>> from wa_omnichannel.templates import Variable
    >>> preview(Translation("es", "Hola {{1}}", footer="Tienda", declared=(Variable("1", sample="Ana"),))).text
    'Hola Ana\nTienda'
    """
    samples = {variable.name: variable.sample for variable in translation.declared if variable.sample}
    full = {**samples, **fill(translation, values, known)}
    return Filled(
        render(translation, full),
        render_text(translation.header, full),
        render_text(translation.footer, full),
        render_text(translation.media, full),
        tuple(attrs.evolve(button, target=render_text(button.target, full)) for button in translation.buttons),
    )
