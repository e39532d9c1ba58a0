"""May this be sent, and if not, what can be done?

One pure function looks at the customer's consent, the content, the attachment switches, the 24-hour window
and the templates, and answers with a verdict that explains itself: every rule it looked at, the values it
compared, the instant after which the answer changes, and remedies. The same function is asked by ``can_send``,
before a message is accepted, and again when its turn to be dispatched comes.
"""

from wa_omnichannel.sending.decision import decide, fallback
from wa_omnichannel.sending.model import MAX_VALIDITY, Allowed, SendPolicy, Situation, Verdict

__all__ = ["MAX_VALIDITY", "Allowed", "SendPolicy", "Situation", "Verdict", "decide", "fallback"]
