"""Regular expressions that cannot hang: Google's RE2, which looks at each character once (extra ``rules``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from typing import Any

from wa_omnichannel.conditions import Pattern
from wa_omnichannel.errors import InvalidValue, MissingExtra
from wa_omnichannel.masking import SHIPPED, MaskRule, Spans

MAX_MEMORY = 1 << 20
"""Most bytes that one compiled expression may take."""

_ANCHORS = re.compile(r"\\b|[\^$]")
_SPECIAL = re.compile(r"[|()\[\]\\]|[^\x20-\x7e]")
_PIECES = re.compile(r".(?:[?*]|\{[^}]*\})\??|\+\??|\.")


def _literal(source: str) -> str:
    r"""Return a text that every match contains; empty if that takes more than a simple look.

    >>> _literal(r"\bpedidos? 12+"), _literal("a|b")
    ('pedido', '')
    """
    bare = _ANCHORS.sub("", source)
    if _SPECIAL.search(bare):
        return ""
    return max(_PIECES.split(bare), key=len)


def _search(compiled: Any, text: str) -> bool:
    return compiled.search(text) is not None


class _Search(partial[bool]):
    """A search that can be pickled: it is compiled again on the other side."""

    source: str
    ignore_case: bool

    def __reduce__(self) -> tuple[Any, ...]:
        return _compiled, (self.source, self.ignore_case)


class _Spans(partial[Iterator[tuple[int, int]]]):
    """What finds stretches of a text; can be pickled like :class:`_Search`."""

    source: str
    ignore_case: bool

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(spans, ignore_case=self.ignore_case), (self.source,)


def _find(compiled: Any, text: str) -> Iterator[tuple[int, int]]:
    return (found.span() for found in compiled.finditer(text))


def spans(source: str, *, ignore_case: bool = True) -> Spans:
    r"""Return what finds the stretches that a regular expression in RE2's syntax matches, for masking (MSK-1).

    Raises:
        InvalidValue: It is not such an expression, or takes too much memory.
        MissingExtra: google-re2 is not installed.

    >>> list(spans(r"\d+")("a 12 b 3"))
    [(2, 4), (7, 8)]
    """
    found = _Spans(_find, _expression(source, ignore_case))
    found.source, found.ignore_case = source, ignore_case
    return found


def shipped_masks() -> tuple[MaskRule, ...]:
    """Return the masking rules to begin with: card numbers, e-mail addresses, social security numbers (MSK-1)."""
    return tuple(MaskRule(name, spans(source)) for name, source in SHIPPED.items())


def _compiled(source: str, ignore_case: bool) -> _Search:
    search = _Search(_search, _expression(source, ignore_case))
    search.source, search.ignore_case = source, ignore_case
    return search


def _expression(source: str, ignore_case: bool) -> Any:
    """Compile an expression."""
    try:
        re2: Any = import_module("re2")
    except ImportError as error:
        raise MissingExtra.of("google-re2", "rules") from error
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MAX_MEMORY
    options.case_sensitive = not ignore_case
    try:
        return re2.compile(source, options)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        raise InvalidValue("matches", source, f"RE2 cannot read it: {reason}.") from error


def pattern(source: str, *, ignore_case: bool = True) -> Pattern:
    r"""Return the pattern for a regular expression in RE2's syntax (no look-around, no back-references).

    Raises:
        InvalidValue: It is not such an expression, or takes too much memory.
        MissingExtra: google-re2 is not installed.

    >>> from wa_omnichannel.conditions import where
    >>> where("body").matches(pattern(r"pedido \d+")).holds({"body": "Mi Pedido 42"})
    True
    """
    return Pattern(source, ignore_case, _literal(source), search=_compiled(source, ignore_case))
