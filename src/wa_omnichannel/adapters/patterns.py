"""Regular expressions that cannot hang: Google's RE2, which looks at each character once (extra ``rules``)."""

from __future__ import annotations

import re
from functools import partial
from importlib import import_module
from typing import Any

from wa_omnichannel.conditions import Pattern
from wa_omnichannel.errors import InvalidValue, MissingExtra

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


def _compiled(source: str, ignore_case: bool) -> _Search:
    try:
        re2: Any = import_module("re2")
    except ImportError as error:
        raise MissingExtra.of("google-re2", "rules") from error
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MAX_MEMORY
    options.case_sensitive = not ignore_case
    try:
        search = _Search(_search, re2.compile(source, options))
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        raise InvalidValue("matches", source, f"RE2 cannot read it: {reason}.") from error
    search.source, search.ignore_case = source, ignore_case
    return search


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
