"""A local Twilio that behaves like WhatsApp, for tests and demonstrations.

It imports nothing else of this package and signs with Twilio's own SDK, so that a fault of ours cannot
cancel itself out. It needs ``pip install 'wa-omnichannel[emulator]'``.
"""

from __future__ import annotations

try:
    import starlette as _starlette
    import uvicorn as _uvicorn
except ImportError as missing:
    raise ImportError(
        f"the emulator needs {missing.name}: pip install 'wa-omnichannel[emulator]'", name=missing.name
    ) from missing

from wa_omnichannel.emulator.customer import Customer
from wa_omnichannel.emulator.local_twilio import Emulator
from wa_omnichannel.emulator.state.clock import VirtualClock
from wa_omnichannel.emulator.state.faults import Faults
from wa_omnichannel.emulator.state.records import (
    Delivery,
    MediaItem,
    MessageRecord,
    RequestRecord,
    StatusChange,
    WebhookRecord,
)
from wa_omnichannel.emulator.state.templates import Template

del _starlette, _uvicorn

__all__ = [
    "Customer",
    "Delivery",
    "Emulator",
    "Faults",
    "MediaItem",
    "MessageRecord",
    "RequestRecord",
    "StatusChange",
    "Template",
    "VirtualClock",
    "WebhookRecord",
]
