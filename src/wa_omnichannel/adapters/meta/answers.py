"""From the provider's answers to outcomes."""

from __future__ import annotations

from wa_omnichannel._net.calls import Reply, doubtful, json_object, too_many
from wa_omnichannel.adapters.meta.error_codes import THROTTLED, advice
from wa_omnichannel.adapters.meta.shapes import child, children, code, text
from wa_omnichannel.messages import Accepted, Ambiguous, DeliveryStatus, Outcome, Rejected

NOT_SENDABLE = Rejected(0, "This content cannot be sent.", advice="Send text, a file, a place or a linked template.")
"""For content that is not even tried."""

UNKNOWN_NUMBER = Rejected(33, "The business number has no phone number id.", advice="Add it to numbers=.")
"""For a business number that was not configured."""


def outcome_of(reply: Reply) -> Outcome:
    """Return the outcome that an answer stands for.

    >>> outcome_of(Reply(200, '{"messages": [{"id": "wamid.1"}]}', {}))
    Accepted(sid='wamid.1', status=<DeliveryStatus.ACCEPTED: 'accepted'>)
    >>> outcome_of(Reply(302, "", {})).message
    'HTTP status 302'
    """
    body = json_object(reply.text)
    if reply.good:
        sid = next((text(each, "id") for each in children(body, "messages")), "")
        return Accepted(sid, DeliveryStatus.ACCEPTED) if sid else Ambiguous("answer_unreadable")
    error = child(body, "error")
    known = code(error)
    if reply.status == 429 or known in THROTTLED:
        return too_many(reply.headers)
    doubt = doubtful(reply.status)
    if doubt is not None:
        return doubt
    number = reply.status if known is None else known
    told = advice(number)
    details = text(child(error, "error_data"), "details") or text(error, "message") or f"HTTP status {reply.status}"
    return Rejected(number, details, told.retryable, told.text)
