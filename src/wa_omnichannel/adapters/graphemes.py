"""Characters as people see them, by Unicode's rules: an emoji of several code points is one (extra ``text``)."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from wa_omnichannel.errors import MissingExtra


@cache
def _cluster() -> Any:
    try:
        return import_module("regex").compile(r"\X")
    except ImportError:
        raise MissingExtra.of("regex", "text") from None


def clusters(text: str) -> list[str]:
    r"""Return *text* taken apart into grapheme clusters; joined they are the text again.

    Raises:
        MissingExtra: The package ``regex`` is not installed.

    >>> clusters("n\u0303o") == ["n\u0303", "o"]
    True
    """
    found: list[str] = _cluster().findall(text)
    return found
