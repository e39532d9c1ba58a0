"""A person's data as values: the file about them, what erasing came to, and how long data is kept."""

from __future__ import annotations

from datetime import timedelta

import attrs

from wa_omnichannel.addresses import Address
from wa_omnichannel.conversation import Contact, Message, Thread
from wa_omnichannel.ports import Happening, Listing


@attrs.frozen
class PersonFile:
    """Everything that is known about one person."""

    contacts: tuple[Contact, ...] = ()
    """The contact, and those that were merged into it."""
    threads: tuple[Thread, ...] = ()
    conversations: tuple[Listing, ...] = ()
    messages: tuple[Message, ...] = ()
    events: tuple[Happening, ...] = ()

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Every address of the person."""
        replied = (thread.reply_to for thread in self.threads)
        return tuple(dict.fromkeys([each for it in self.contacts for each in it.addresses] + list(replied)))


@attrs.frozen
class Retention:
    """How long data is kept after a conversation was closed; None for ever."""

    files: timedelta | None = None
    """Files of customers and agents."""
    conversations: timedelta | None = None
    """The conversation itself: messages, words of events, results of requests, and its files."""


@attrs.frozen
class Retained:
    """What applying a retention came to."""

    conversations: int = 0
    """Conversations that are gone."""
    files: int = 0
    """Files that are gone."""


@attrs.frozen
class Erasure:
    """What erasing a person came to."""

    rows: int
    """Rows that were removed, and events that were emptied."""
    files: int = 0
    redacted: tuple[str, ...] = ()
    """Messages whose copy at the provider was emptied, by the provider's identifier."""
    left: tuple[str, ...] = ()
    """Messages whose copy at the provider is still there: remove it by hand."""
