"""Secrets: a type that does not show itself, who may read, set and create one, and how they are kept.

* **CH-20** the token of an account is secret; its SID is not.
* **CH-21** reading, changing and creating are granted separately; who may set a token need not be able to read it.
"""

from __future__ import annotations

import hmac
from enum import Enum
from typing import NoReturn, Protocol

import attrs

from wa_omnichannel.errors import Refused
from wa_omnichannel.explain import Check, Remedy


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


@attrs.frozen
class Sealed:
    """An encrypted secret, as the store has it."""

    key: str
    """Name of the key it was encrypted with."""
    text: str
    """What was encrypted; only the key opens it."""
    by: str
    """Who set it."""


class Sealer(Protocol):
    """Encrypts secrets and opens them again (an adapter)."""

    @property
    def current(self) -> str:
        """Name of the key that is used to encrypt."""
        ...

    def seal(self, name: str, secret: Secret) -> str:
        """Return *secret* encrypted with the current key, bound to its *name*."""
        ...

    def open(self, name: str, sealed: Sealed) -> Secret:
        """Return the secret again.

        Raises:
            ConfigurationError: The key is not there, or it is not what was sealed under this name.
        """
        ...


class Capability(Enum):
    """What somebody may do with secrets (CH-21); none of them includes another."""

    READ = "read"
    UPDATE = "update"
    CREATE = "create"


@attrs.frozen
class Actor:
    """Who asks, and what they may do."""

    id: str
    capabilities: frozenset[Capability] = frozenset()


def check(actor: Actor, capability: Capability, name: str) -> Refused | None:
    """Return why *actor* may not do this with the secret *name*, or None if they may (CH-21).

    >>> check(Actor("ana", frozenset({Capability.UPDATE})), Capability.READ, "twilio").reason
    'secret_not_permitted'
    """
    if capability in actor.capabilities:
        return None
    facts = {"actor": actor.id, "capability": capability.value, "secret": name}
    trace = (Check("CH-21", False, "secret_not_permitted", facts),)
    return Refused("secret_not_permitted", facts, trace, (Remedy("grant_capability", facts=facts),))
