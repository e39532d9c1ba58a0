"""Bots: what one is asked, what it may answer, and a bot of menus and keywords that is made from settings.

* **BOT-1** a workstream has at most one bot; every conversation goes to it first, after classification.
* **BOT-2** it may escalate, with facts and a summary for the agent; then the conversation is routed once more.
* **BOT-3** it may end the conversation. **BOT-4** it never gets the same conversation back.

A bot is any callable that takes a :class:`Turn` and returns a :class:`Reply`; it may be a coroutine function. One that
raises, takes too long or answers nonsense escalates, and the timeline says why.
Sources: Microsoft Learn, "Configure bots", "Bot best practices", "Hand off to an agent".
"""

from __future__ import annotations

from wa_omnichannel.bots.menu import Choice, Menu, MenuBot
from wa_omnichannel.bots.turns import (
    LONGEST_NAME,
    LONGEST_VALUE,
    MOST_MESSAGES,
    AsyncBot,
    Bot,
    Escalation,
    Failure,
    Reply,
    Turn,
    check_reply,
    said_in,
)

__all__ = [
    "LONGEST_NAME",
    "LONGEST_VALUE",
    "MOST_MESSAGES",
    "AsyncBot",
    "Bot",
    "Choice",
    "Escalation",
    "Failure",
    "Menu",
    "MenuBot",
    "Reply",
    "Turn",
    "check_reply",
    "said_in",
]
