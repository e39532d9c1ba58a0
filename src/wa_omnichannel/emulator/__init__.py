"""A local Twilio that behaves like WhatsApp, for tests and demonstrations.

It imports nothing else of this package and signs with Twilio's own SDK, so that a fault of ours cannot
cancel itself out. It needs ``pip install 'wa-omnichannel[emulator]'``.
"""

from __future__ import annotations

try:
    import uvicorn as _uvicorn
except ImportError as missing:
    raise ImportError(
        f"the emulator needs {missing.name}: pip install 'wa-omnichannel[emulator]'", name=missing.name
    ) from missing

from wa_omnichannel.emulator.account import Account
from wa_omnichannel.emulator.control.client import connect
from wa_omnichannel.emulator.customer import Customer
from wa_omnichannel.emulator.local_twilio import DEFAULT_ACCOUNT_SID, DEFAULT_AUTH_TOKEN, Emulator
from wa_omnichannel.emulator.script import apply_script, read_script
from wa_omnichannel.emulator.state.clock import VirtualClock
from wa_omnichannel.emulator.state.faults import Faults
from wa_omnichannel.emulator.state.options import WHATSAPP_LIMITS, Limits, Sandbox, SharedKey
from wa_omnichannel.emulator.state.records import (
    Alert,
    Delivery,
    MediaItem,
    MessageRecord,
    Number,
    RequestRecord,
    StatusChange,
    WebhookRecord,
)
from wa_omnichannel.emulator.state.templates import Template

del _uvicorn

__all__ = [
    "DEFAULT_ACCOUNT_SID",
    "DEFAULT_AUTH_TOKEN",
    "WHATSAPP_LIMITS",
    "Account",
    "Alert",
    "Customer",
    "Delivery",
    "Emulator",
    "Faults",
    "Limits",
    "MediaItem",
    "MessageRecord",
    "Number",
    "RequestRecord",
    "Sandbox",
    "SharedKey",
    "StatusChange",
    "Template",
    "VirtualClock",
    "WebhookRecord",
    "apply_script",
    "connect",
    "read_script",
]
