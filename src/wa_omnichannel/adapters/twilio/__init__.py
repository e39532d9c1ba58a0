"""WhatsApp through Twilio: the transport and the source of customers' files, in two colours.

Importing this package loads neither Twilio's SDK nor an HTTP library; the first message sent does.
"""

from __future__ import annotations

from wa_omnichannel._net.secret import Secret
from wa_omnichannel.adapters.twilio.account import Account, api_url
from wa_omnichannel.adapters.twilio.api import AsyncTwilioApi, TwilioApi
from wa_omnichannel.adapters.twilio.media import AsyncTwilioMedia, TwilioMedia
from wa_omnichannel.adapters.twilio.signature import SigningKey
from wa_omnichannel.adapters.twilio.transport import AsyncTwilioTransport, TwilioTransport

__all__ = [
    "Account",
    "AsyncTwilioApi",
    "AsyncTwilioMedia",
    "AsyncTwilioTransport",
    "Secret",
    "SigningKey",
    "TwilioApi",
    "TwilioMedia",
    "TwilioTransport",
    "api_url",
]
