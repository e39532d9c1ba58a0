"""The provider's error codes as data: what to do about each, and whether the same message may pass later.

The provider says that its codes may change, so an unknown one is not an error: it has :data:`UNKNOWN`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Advice(NamedTuple):
    """What an error code means to us."""

    text: str
    """What to do."""
    retryable: bool = False
    """Whether the same message may pass later without any change."""


UNKNOWN = Advice("Look the code up at the provider; do not repeat the message unchanged.")
"""For codes that are not in the table."""

_GROUPS: tuple[tuple[tuple[int, ...], Advice], ...] = (
    # requests
    (
        (20001, 20004, 20404, 20409, 20422, 21602, 21603, 21604, 21618, 21619, 21624, 21635, 21658),
        Advice("The request is wrong: report it, it is a fault of this library or of its settings."),
    ),
    (
        (20003, 20006, 20403, 401, 403),
        Advice("Check the account SID, auth token or API key, and that they are of the same account and region."),
    ),
    ((20005, 30002), Advice("The account is suspended or closed: stop sending and ask the provider.")),
    ((20008,), Advice("Test credentials do not send: use the live ones.")),
    ((20009,), Advice("Wait at least a minute before the message is deleted.", True)),
    ((20429, 429), Advice("Too many requests at once: wait, then send fewer at a time.", True)),
    ((20500, 20503), Advice("The provider failed: find out by callback or list whether the message was sent.")),
    # sender and account
    (
        (21212, 21606, 21701, 21703, 21704, 63007, 63112),
        Advice("The business number is not a WhatsApp sender of this account: check its settings."),
    ),
    ((63002, 63008, 63020, 63022, 63051, 63062), Advice("The sender is not in order: pause it and look at its page.")),
    ((21608, 63015), Advice("Trial or sandbox: the customer must be verified or must join first.")),
    ((21609, 21622), Advice("public_url is not an address the provider can call.")),
    # recipient and consent
    ((21211, 21614, 63003, 63024), Advice("The customer's address is not on WhatsApp: use another channel.")),
    ((21408, 63058), Advice("WhatsApp does not deliver to this country.")),
    ((21216, 21610, 63014, 63033), Advice("The customer has opted out or blocked the number: send nothing more.")),
    ((63050,), Advice("The customer wants no marketing: send them service messages only.")),
    # content
    ((21617, 63006, 63013, 63021, 63005), Advice("The content is refused: change it before it is sent again.")),
    ((63001, 63010, 63012), Advice("The channel had a fault: send it again a little later.", True)),
    ((63019,), Advice("The file could not be fetched: make it public and send it again.", True)),
    (
        (11200, 11751, 21620, 21623, 63025, 63034, 30122),
        Advice("The file is refused: check its address, type and size."),
    ),
    # window and templates
    ((63016,), Advice("The 24-hour window is closed: send an approved template.")),
    ((21654, 92005, 92006, 92007), Advice("The ContentSid is not one of this account.")),
    ((21655, 21656, 63028, 92001, 92002), Advice("The variables do not fit the template: fill in every one.")),
    ((92009,), Advice("A content is submitted once: make a new content for another submission.")),
    ((63027, 63030, 63040, 63042), Advice("The template does not exist or is not approved: switch it off.")),
    ((63041,), Advice("The template is paused for bad feedback: use another one until it is approved again.")),
    ((63032, 63049), Advice("WhatsApp held this marketing back: try again tomorrow at the earliest.")),
    ((63037, 63046), Advice("For information only.")),
    # speed
    ((14107, 21611, 30001), Advice("The sender's queue is full: send more slowly.", True)),
    ((63017, 63018), Advice("Too fast for this customer or number: wait some seconds.", True)),
    ((63038,), Advice("The day's limit is reached: go on tomorrow.", True)),
    # delivery
    ((30003, 30005, 30006), Advice("The customer cannot be reached now.")),
    ((30004, 30007), Advice("The message was blocked on its way.")),
    ((30008, 63009, 63023), Advice("A fault on the way: send it again a little later.", True)),
    ((30036,), Advice("The message waited longer than it was allowed to.")),
)

ADVICE: Mapping[int, Advice] = {code: advice for codes, advice in _GROUPS for code in codes}
"""What to do about each code that is known."""


def advice(code: int) -> Advice:
    """Return what to do about *code*.

    >>> advice(63016).text
    'The 24-hour window is closed: send an approved template.'
    >>> advice(1) is UNKNOWN
    True
    """
    return ADVICE.get(code, UNKNOWN)
