"""May this be sent, and if not, what can be done?

One pure function looks at the customer's consent, the content, the attachment switches, the 24-hour window
and the templates, and answers with a verdict that explains itself: every rule it looked at, the values it
compared, the instant after which the answer changes, and remedies. The same function is asked by ``can_send``,
before a message is accepted, and again when its turn to be dispatched comes.

Rules that are policy rather than law (countries, the messaging tier, rates, prices) are data of the settings:
:mod:`~wa_omnichannel.sending.limits`, :mod:`~wa_omnichannel.sending.pricing`. Long texts are split by
:mod:`~wa_omnichannel.sending.splitting`, formatting is translated by :mod:`~wa_omnichannel.sending.formatting`.
"""

from wa_omnichannel.sending.decision import decide, fallback
from wa_omnichannel.sending.limits import FORBIDDEN_COUNTRIES, US_MARKETING, Counters, CountryRule, SendLimits
from wa_omnichannel.sending.model import MAX_VALIDITY, Allowed, SendPolicy, Situation, Verdict
from wa_omnichannel.sending.pricing import Charge, Cost, Price, RateCard

__all__ = [
    "FORBIDDEN_COUNTRIES",
    "MAX_VALIDITY",
    "US_MARKETING",
    "Allowed",
    "Charge",
    "Cost",
    "Counters",
    "CountryRule",
    "Price",
    "RateCard",
    "SendLimits",
    "SendPolicy",
    "Situation",
    "Verdict",
    "decide",
    "fallback",
]
