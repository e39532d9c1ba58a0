"""Why a decision came out as it did: checks, remedies, and their sentences in English and Spanish.

Every decision of the library carries the checks it made, in the order it made them. A check names the
rule it applied (``SES-2``, ``TPL-4``), whether the rule was met, and the values it compared. The text is
rendered only when somebody asks for it, so an explanation costs next to nothing when nobody reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TypeAlias, cast

import attrs

from wa_omnichannel.explain.texts import SENTENCES

Facts: TypeAlias = Mapping[str, object]
"""Named values that a check compared, or that a remedy refers to."""

LANGUAGES = ("en", "es")
"""The languages in which explanations are written."""

_NO_FACTS: Facts = {}


@attrs.frozen
class Check:
    """One rule that a decision looked at."""

    rule: str
    """Identifier of the rule, for example ``SES-2``."""
    met: bool
    """Whether the rule was met, so that the decision could go on."""
    code: str
    """Which sentence describes this check; a key of the catalogue of texts."""
    facts: Facts = _NO_FACTS
    """The values compared."""

    def sentence(self, language: str = "en") -> str:
        """Return the check as one sentence.

        >>> Check("SES-4", False, "window_closed", {"closed_at": "10:00"}).sentence("en")
        'The 24-hour window closed at 10:00.'
        """
        return sentence(self.code, self.facts, language)


@attrs.frozen
class Remedy:
    """Something that the caller can do about a refusal."""

    code: str
    """Which remedy this is; a key of the catalogue of texts."""
    sufficient: bool = False
    """Whether this remedy alone makes the same request allowed."""
    facts: Facts = _NO_FACTS
    """What the remedy refers to: a template, a switch, an instant."""

    def sentence(self, language: str = "en") -> str:
        """Return the remedy as one sentence."""
        return sentence(self.code, self.facts, language)


Trace: TypeAlias = tuple[Check, ...]
"""The checks of one decision, in the order they were made."""


def sentence(code: str, facts: Facts, language: str = "en") -> str:
    """Return the sentence of *code* with *facts* filled in.

    An unknown language falls back to English; an unknown code is shown with its facts, so that nothing
    is hidden.

    >>> sentence("window_never_opened", {}, "es")
    'El cliente todavía no ha escrito a este número, así que no hay ventana de 24 horas.'
    """
    texts = SENTENCES.get(code)
    if texts is None:
        details = ", ".join(f"{name}={show(value)}" for name, value in facts.items())
        return f"{code} ({details})" if details else code
    template = texts.get(language) or texts["en"]
    return template.format_map(_Shown(facts))


def show(value: object) -> str:
    """Return *value* as a person would read it; instants in UTC, durations in hours and minutes.

    >>> show(timedelta(hours=25, minutes=3))
    '25 h 3 min'
    """
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} {value.tzname() or ''}".rstrip()
    if isinstance(value, timedelta):
        hours, rest = divmod(int(value.total_seconds()), 3600)
        return f"{hours} h {rest // 60} min"
    if isinstance(value, tuple | list | frozenset | set):
        return ", ".join(show(item) for item in cast("Iterable[object]", value)) or "-"
    return str(value)


class _Shown(dict[str, object]):
    """Facts for ``format_map``: values as people read them, missing ones as a question mark."""

    def __init__(self, facts: Facts) -> None:
        super().__init__({name: show(value) for name, value in facts.items()})

    def __missing__(self, key: str) -> str:
        return "?"
