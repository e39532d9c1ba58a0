"""Long texts in several messages: never inside a character as people see it, never inside a link."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import TypeAlias

Clusters: TypeAlias = Callable[[str], Iterable[str]]
"""Takes a text apart into characters as people see them (grapheme clusters); joined they are the text again.

:func:`wa_omnichannel.adapters.graphemes.clusters` is one; ``list`` is one where only plain letters occur.
"""

_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)


def split(text: str, limit: int, clusters: Clusters) -> tuple[str, ...] | None:
    """Return *text* in parts of at most *limit* characters, in order; None if it cannot be done.

    Parts end at a paragraph, a line or a word where there is one in the second half; blanks at the ends are dropped.
    A link or a character that alone is longer than a part cannot be kept whole, so such a text is not split.

    Args:
        text: The whole text.
        limit: The most characters of one part.
        clusters: Takes a text apart into what must not be broken.

    >>> split("uno dos tres", 8, list)
    ('uno dos', 'tres')
    >>> split("https://example.com", 8, list) is None
    True
    """
    parts: list[str] = []
    current: list[str] = []
    length = 0
    for unit in _units(text, clusters):
        if len(unit) > limit:
            return None
        while length + len(unit) > limit:
            cut = _cut(current)
            parts.append(_trimmed(current[:cut]))
            current = current[cut:]
            length = sum(map(len, current))
        current.append(unit)
        length += len(unit)
    parts.append(_trimmed(current))
    return tuple(part for part in parts if part)


def _units(text: str, clusters: Clusters) -> Iterator[str]:
    """Yield what must not be broken: links with all they touch, and the characters in between."""
    links = [found.span() for found in _LINK.finditer(text)]
    pieces = list(clusters(text))
    held = ""
    for piece, end in zip(pieces, accumulate(map(len, pieces)), strict=True):
        held += piece
        while links and links[0][1] <= end - len(piece):
            links.pop(0)
        goes_on = bool(links) and links[0][0] < end < links[0][1]
        if not goes_on:
            yield held
            held = ""
    if held:
        yield held


def _trimmed(units: Sequence[str]) -> str:
    """Return *units* as text without the blanks at both ends; an accent on a blank is a character."""
    seen = [place for place, unit in enumerate(units) if not unit.isspace()]
    return "".join(units[seen[0] : seen[-1] + 1]) if seen else ""


def _cut(units: Sequence[str]) -> int:
    """Return after how many *units* to break: the best place in the second half, otherwise all of them."""
    for good in (_ends_paragraph, _ends_line, _ends_word):
        for place in range(len(units), len(units) // 2, -1):
            if good(units, place):
                return place
    return len(units)


def _ends_paragraph(units: Sequence[str], place: int) -> bool:
    return place > 1 and _ends_line(units, place) and _ends_line(units, place - 1)


def _ends_line(units: Sequence[str], place: int) -> bool:
    return units[place - 1] in ("\n", "\r\n")


def _ends_word(units: Sequence[str], place: int) -> bool:
    return units[place - 1].isspace()
