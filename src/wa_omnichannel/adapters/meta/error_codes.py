"""The provider's error codes as data: what to do about each, and whether the same message may pass later.

Source: Meta, "Error codes" of the Cloud API (2026). New codes may come at any time, so an unknown one is
not an error: it has :data:`UNKNOWN`.
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

THROTTLED = frozenset({4, 80007, 130429, 131056})
"""Codes of a message that was turned away because there were too many; it is safe to repeat."""

_GROUPS: tuple[tuple[tuple[int, ...], Advice], ...] = (
    # access
    ((0, 190), Advice("The access token has expired or was withdrawn: make a new one.")),
    (
        (3, 10, *range(200, 300), 131005),
        Advice("The access token lacks a permission: look at it in the token debugger."),
    ),
    ((368, 131031), Advice("The account is restricted or locked: stop sending and look at the account's page.")),
    ((131042,), Advice("There is a problem with the payment method of the account.")),
    ((131045, 133010), Advice("The business number is not registered: register it before it sends.")),
    ((131057,), Advice("The account is in maintenance: wait.", True)),
    # speed
    ((4, 80007, 130429), Advice("Too many requests at once: wait, then send fewer at a time.", True)),
    ((131056,), Advice("Too fast for this customer: wait some seconds.", True)),
    ((131048, 131064), Advice("Too many complaints about this number: send less, and look at its quality.")),
    # request
    (
        (33, 100, 131008, 131009),
        Advice("The request is wrong: report it, it is a fault of this library or of its settings."),
    ),
    ((1, 2, 131000, 131016), Advice("The provider failed: find out by callback whether the message was sent.", True)),
    # recipient and consent
    ((131021,), Advice("The customer's number is the business number itself.")),
    ((131026, 131030), Advice("The customer cannot be reached on WhatsApp: use another channel.")),
    ((131050,), Advice("The customer wants no marketing: send them service messages only.")),
    ((130472, 131049), Advice("WhatsApp held this marketing back: try again tomorrow at the earliest.")),
    ((130497,), Advice("WhatsApp does not deliver to this country.")),
    # content
    ((131051, 131053, 131052, 131014), Advice("The content or its file is refused: check its address, type and size.")),
    # window and templates
    ((131047,), Advice("The 24-hour window is closed: send an approved template.")),
    ((132000, 132012, 132018), Advice("The variables do not fit the template: fill in every one.")),
    ((132001,), Advice("The template does not exist in this language, or is not approved: switch it off.")),
    ((132005, 132007), Advice("The template's text is too long or breaks a policy once it is filled in.")),
    ((132015,), Advice("The template is paused for bad feedback: use another one until it is approved again.")),
    ((132016,), Advice("The template is disabled for good: use another one.")),
    ((132068, 132069), Advice("The flow of the template is blocked or throttled.")),
)

ADVICE: Mapping[int, Advice] = {code: advice for codes, advice in _GROUPS for code in codes}
"""What to do about each code that is known."""


def advice(code: int) -> Advice:
    """Return what to do about *code*.

    >>> advice(131047).text
    'The 24-hour window is closed: send an approved template.'
    >>> advice(987654) is UNKNOWN
    True
    """
    return ADVICE.get(code, UNKNOWN)
