"""One turn of a bot: a message of the customer goes in, messages and decisions come out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeAlias

import attrs

from wa_omnichannel.conditions import Attributes
from wa_omnichannel.explain import Check
from wa_omnichannel.messages import ButtonReply, Content, ListReply, Media, Text

LONGEST_NAME = 100
"""Most characters of the name of a context variable (WA-CONTEXT)."""

LONGEST_VALUE = 4000
"""Most characters of its value."""

MOST_MESSAGES = 10
"""Most messages that a bot may send in one turn."""

BotValue: TypeAlias = str | int
"""What a bot may set a context variable to."""

_NO_ATTRIBUTES: Attributes = {}
_NO_VALUES: Mapping[str, BotValue] = {}


@attrs.frozen
class Turn:
    """What a bot is asked: the customer wrote."""

    conversation: str
    message: str
    """Id of the customer's message; a turn that is asked again after a crash has the same."""
    content: Content
    number: str
    """The business number."""
    language: str
    """Of the customer if it is known, otherwise of the number."""
    name: str = ""
    """Display name of the customer."""
    context: Attributes = _NO_ATTRIBUTES
    """What is known about the conversation; what a bot sets comes back here in its next turn."""

    @property
    def text(self) -> str:
        """What the customer said in words: the text, the caption, or the button or item that was chosen."""
        return said_in(self.content)


def said_in(content: Content) -> str:
    """Return what was said in words; nothing for a place, a form or an unknown kind.

    >>> said_in(ListReply("2", "Invoices"))
    'Invoices'
    """
    match content:
        case Text(words) | Media(_, _, words) | ButtonReply(words) | ListReply(_, words):
            return words
        case _:
            return ""


@attrs.frozen
class Escalation:
    """The bot hands the conversation over to people (BOT-2)."""

    summary: str = ""
    """For the agent; the customer never sees it."""


@attrs.frozen
class Reply:
    """What a bot answers. It escalates, ends, or waits for the customer's next message."""

    messages: tuple[Content, ...] = ()
    """What the customer is sent, in order; each is a send like any other."""
    context: Mapping[str, BotValue] = _NO_VALUES
    """Context variables to set: numbers without a fraction, or texts."""
    escalate: Escalation | None = None
    end: bool = False
    """Whether the conversation is closed (BOT-3)."""


@attrs.frozen
class Failure:
    """A bot that gave no answer."""

    reason: str
    """``bot_timed_out``, ``bot_failed`` or ``bot_unknown``."""
    details: str = ""
    """The kind of error; no personal data."""


class Bot(Protocol):
    """Answers customers. It is called in a worker thread and never blocks the event loop."""

    def __call__(self, turn: Turn, /) -> Reply:
        """Answer one message.

        After a crash the same turn may be asked again; what the customer gets, they get once.
        """
        ...


class AsyncBot(Protocol):
    """:class:`Bot` as a coroutine function."""

    async def __call__(self, turn: Turn, /) -> Reply:
        """Answer one message."""
        ...


def check_reply(reply: object) -> Check:
    """Tell whether *reply* is one that a bot may give; the check is not met with ``bot_reply_invalid``.

    >>> check_reply(Reply((Text("Hello"),))).met, check_reply("Hello").met
    (True, False)
    """
    problem = _problem(reply)
    if problem is None:
        return Check("BOT-2", True, "bot_reply_valid")
    return Check("BOT-2", False, "bot_reply_invalid", {"problem": problem})


def _problem(reply: object) -> str | None:
    if not isinstance(reply, Reply):
        return f"it is a {type(reply).__name__}, not a Reply"
    if len(reply.messages) > MOST_MESSAGES:
        return f"more than {MOST_MESSAGES} messages"
    if reply.end and reply.escalate is not None:
        return "it both escalates and ends"
    return next((problem for item in reply.context.items() if (problem := _variable(*item))), None)


def _variable(name: object, value: object) -> str | None:
    if not isinstance(name, str) or not 1 <= len(name) <= LONGEST_NAME:
        return f"the name of a variable has 1 to {LONGEST_NAME} characters"
    if isinstance(value, bool) or not isinstance(value, str | int):
        return f"variable {name}: a {type(value).__name__} is neither a text nor a whole number"
    return f"variable {name}: more than {LONGEST_VALUE} characters" if len(str(value)) > LONGEST_VALUE else None
