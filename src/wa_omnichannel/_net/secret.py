"""A secret that does not show itself."""

from __future__ import annotations

import hmac
from typing import NoReturn


class Secret:
    """A token or key. Its text is only had by :meth:`reveal`; printing, formatting and logging show ``***``.

    It can be compared and hashed, but neither pickled nor turned into JSON.

    >>> Secret("abc")
    ***
    >>> f"{Secret('abc')}", Secret("abc") == Secret("abc")
    ('***', True)
    """

    __slots__ = ("_text",)

    def __init__(self, text: str | Secret) -> None:
        """Hide *text*, which may be a secret already."""
        self._text: str = text.reveal() if isinstance(text, Secret) else text

    def reveal(self) -> str:
        """Return the text. Keep it in no variable that outlives the call."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other.reveal().encode())

    def __hash__(self) -> int:
        return hash(("Secret", self._text))

    def __reduce__(self) -> NoReturn:
        raise TypeError("A secret is not pickled.")
