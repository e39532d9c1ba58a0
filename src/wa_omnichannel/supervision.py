"""What a supervisor does with many conversations at once, for ``in_bulk`` of the channel (§9.8).

Source: Microsoft Learn, "Manage conversations in bulk".
"""

from __future__ import annotations

from typing import TypeAlias

import attrs

from wa_omnichannel.errors import NotFound, Refused

MOST_AT_ONCE = 1000
"""Most conversations of one bulk action (§9.8)."""

LONGEST_BULK_TEXT = 1000
"""Most characters of a text that is sent in bulk (§9.8)."""


@attrs.frozen
class AssignTo:
    """Give each open conversation to an agent."""

    agent: str


@attrs.frozen
class MoveTo:
    """Put each conversation into a queue."""

    queue: str


@attrs.frozen
class CloseAll:
    """Close each conversation by force."""


@attrs.frozen
class SayToAll:
    """Send each customer a text; the 24-hour rule counts for each."""

    text: str


BulkAction: TypeAlias = AssignTo | MoveTo | CloseAll | SayToAll
"""What a supervisor does with many conversations."""


@attrs.frozen
class BulkResult:
    """What became of one conversation of a bulk action."""

    conversation: str
    problem: Refused | NotFound | None = None
    """Why nothing was done; None if it was."""
