"""WhatsApp through Meta's Cloud API: the transport and the source of customers' files, in two colours.

Importing this package loads no HTTP library; the first message sent does (extra ``meta``).
"""

from __future__ import annotations

from wa_omnichannel._net.secret import Secret
from wa_omnichannel.adapters.meta.media import AsyncMetaMedia, MetaMedia
from wa_omnichannel.adapters.meta.transport import AsyncMetaTransport, MetaTransport
from wa_omnichannel.adapters.meta.webhook import MAX_BODY

__all__ = ["MAX_BODY", "AsyncMetaMedia", "AsyncMetaTransport", "MetaMedia", "MetaTransport", "Secret"]
