"""Where the value of a placeholder comes from: the customer, the agent, the conversation, or the caller.

Templates and quick replies name their values by source and key (``customer`` / ``first_name``). What is known
about the people and the conversation is handed over as one :class:`Sources`; nothing is guessed, so a name
that is not known stays missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

import attrs

_NOTHING: Mapping[str, str] = {}


class Source(Enum):
    """Who knows a value."""

    CALLER = "caller"
    """Whoever sends gives it with the message."""
    CUSTOMER = "customer"
    AGENT = "agent"
    CONTEXT = "context"
    """The attributes of the conversation, such as an order number."""


@attrs.frozen
class Person:
    """What a text may say about somebody; an empty text means that it is not known."""

    full_name: str = ""
    first_name: str = ""
    last_name: str = ""
    nickname: str = ""


PERSON_KEYS = tuple(attrs.fields_dict(Person))
"""What a person can be asked for."""


@attrs.frozen
class Sources:
    """Everything known when a text is filled in."""

    customer: Person = Person()
    agent: Person = Person()
    context: Mapping[str, str] = _NOTHING

    def value(self, source: Source, key: str) -> str | None:
        """Return the value of *key* as *source* knows it, or None.

        >>> known = Sources(Person(first_name="Ana"), context={"OrderID": "4711"})
        >>> known.value(Source.CUSTOMER, "first_name"), known.value(Source.CONTEXT, "OrderID")
        ('Ana', '4711')
        >>> known.value(Source.AGENT, "nickname") is None
        True
        """
        if source is Source.CONTEXT:
            return self.context.get(key) or None
        person = _PEOPLE.get(source)
        if person is None or key not in PERSON_KEYS:
            return None
        return getattr(getattr(self, person), key) or None


_PEOPLE = {Source.CUSTOMER: "customer", Source.AGENT: "agent"}

NOTHING_KNOWN = Sources()
"""For texts that are filled in by the caller alone."""
