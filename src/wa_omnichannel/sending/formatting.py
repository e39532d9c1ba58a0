"""Formatting of texts that agents write (ATT-15): what WhatsApp shows in the same way is translated, the rest is kept.

WhatsApp writes bold as ``*b*``, italics as ``_i_``, strikethrough as ``~s~`` and code between backticks. Agents are
used to ``**b**`` and ``~~s~~``. Headings, quotes, lists and links with a text have no counterpart here and stay as
they were typed; nothing inside code is touched.

Source: Microsoft Learn, "Rich text formatting"; WhatsApp, "How to format your messages".
"""

from __future__ import annotations

import re

_CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)
_DOUBLED = re.compile(r"(?<!\*)\*\*(?=[^\s*])([^*\n]*?[^\s*])\*\*(?!\*)|(?<!~)~~(?=[^\s~])([^~\n]*?[^\s~])~~(?!~)")


def translate(text: str) -> str:
    """Return *text* as WhatsApp formats it; doing it twice is doing it once.

    >>> translate("**Hola**, ~~hoy~~ _mañana_ y `**código**`")
    '*Hola*, ~hoy~ _mañana_ y `**código**`'
    """
    if "**" not in text and "~~" not in text:
        return text
    parts = _CODE.split(text)
    return "".join(part if place % 2 else _DOUBLED.sub(_single, part) for place, part in enumerate(parts))


def _single(found: re.Match[str]) -> str:
    return f"*{found[1]}*" if found[1] is not None else f"~{found[2]}~"
