"""What customers sent, from the provider's list: for messages whose webhook never arrived.

The list knows addresses, text and files. What only the webhook says (profile name, buttons, places, quoted
messages, user ids) is not in it; a message that has neither text nor file comes as one of unknown kind, and
still counts as a message of the customer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, timedelta
from typing import Any

from wa_omnichannel.adapters.twilio import webhook
from wa_omnichannel.adapters.twilio.account import Account
from wa_omnichannel.addresses import wire
from wa_omnichannel.errors import MalformedWebhook
from wa_omnichannel.messages import Inbound
from wa_omnichannel.ports import HistoryQuery, PastInbound

_SECOND = timedelta(seconds=1)
_PAGE = 500


def filters_of(query: HistoryQuery) -> dict[str, Any]:
    """Return the keyword arguments of the SDK's ``messages.list``, which takes UTC and whole seconds only."""
    return {
        "to": wire(query.number),
        "date_sent_after": query.since.astimezone(UTC) - _SECOND,
        "date_sent_before": query.until.astimezone(UTC) + _SECOND,
        "page_size": _PAGE,
    }


def received_of(messages: Iterable[Any], query: HistoryQuery) -> list[Any]:
    """Return those of the listed messages that customers sent in the time asked for, the oldest first."""
    found = [
        message
        for message in messages
        if str(message.direction) == "inbound" and query.since - _SECOND < message.date_created < query.until + _SECOND
    ]
    found.reverse()  # the list begins with the newest, and several may be of one second
    return sorted(found, key=lambda message: message.date_created)


def has_files(message: Any) -> bool:
    """Tell whether a listed message came with a file, which must be asked for."""
    return str(message.num_media or "0") != "0"


def past(account: Account, message: Any, files: Iterable[Any]) -> PastInbound | None:
    """Return a listed message as its webhook would have shown it, or None if its addresses make no sense."""
    form = {"MessageSid": message.sid, "From": message.from_, "To": message.to, "Body": message.body or ""}
    file = next(iter(files), None)
    if file is not None:
        path = f"/2010-04-01/Accounts/{account.sid}/Messages/{message.sid}/Media/{file.sid}"
        form |= {"MediaUrl0": account.base_url + path, "MediaContentType0": file.content_type}
    try:
        inbound = webhook.read(form)
    except MalformedWebhook:
        return None
    if not isinstance(inbound, Inbound):
        return None
    return PastInbound(inbound, message.date_created)
