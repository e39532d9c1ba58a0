"""The engine of a WhatsApp customer-service channel: rules, routing and delivery guarantees, over Twilio by default.

Names are loaded when they are first used, so importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wa_omnichannel.attachments import AttachmentRules as AttachmentRules
    from wa_omnichannel.attachments import Party as Party
    from wa_omnichannel.conditions import All as All
    from wa_omnichannel.conditions import AnyOf as AnyOf
    from wa_omnichannel.conditions import Not as Not
    from wa_omnichannel.conditions import Test as Test
    from wa_omnichannel.conversation import Contact as Contact
    from wa_omnichannel.conversation import Conversation as Conversation
    from wa_omnichannel.conversation import Decision as Decision
    from wa_omnichannel.conversation import Message as Message
    from wa_omnichannel.conversation import Status as Status
    from wa_omnichannel.conversation import Thread as Thread
    from wa_omnichannel.errors import ConfigurationError as ConfigurationError
    from wa_omnichannel.errors import InvalidValue as InvalidValue
    from wa_omnichannel.errors import NeedsTemplate as NeedsTemplate
    from wa_omnichannel.errors import NotFound as NotFound
    from wa_omnichannel.errors import Refused as Refused
    from wa_omnichannel.errors import StoreError as StoreError
    from wa_omnichannel.errors import TransportError as TransportError
    from wa_omnichannel.errors import WaOmnichannelError as WaOmnichannelError
    from wa_omnichannel.errors import WebhookError as WebhookError
    from wa_omnichannel.explain import Check as Check
    from wa_omnichannel.explain import Remedy as Remedy
    from wa_omnichannel.messages import DeliveryStatus as DeliveryStatus
    from wa_omnichannel.messages import Location as Location
    from wa_omnichannel.messages import Media as Media
    from wa_omnichannel.messages import TemplateMessage as TemplateMessage
    from wa_omnichannel.messages import Text as Text
    from wa_omnichannel.omnichannel import AsyncOmnichannel as AsyncOmnichannel
    from wa_omnichannel.omnichannel import Omnichannel as Omnichannel
    from wa_omnichannel.routing import ClassificationRule as ClassificationRule
    from wa_omnichannel.routing import Queue as Queue
    from wa_omnichannel.routing import RouteRule as RouteRule
    from wa_omnichannel.routing import Ruleset as Ruleset
    from wa_omnichannel.routing import Workstream as Workstream
    from wa_omnichannel.rules import Number as Number
    from wa_omnichannel.rules import Rules as Rules
    from wa_omnichannel.sending import Allowed as Allowed
    from wa_omnichannel.session import Window as Window
    from wa_omnichannel.templates import Approval as Approval
    from wa_omnichannel.templates import Category as Category
    from wa_omnichannel.templates import Template as Template
    from wa_omnichannel.templates import Translation as Translation
    from wa_omnichannel.webhooks import WebhookRequest as WebhookRequest
    from wa_omnichannel.webhooks import WebhookResponse as WebhookResponse
    from wa_omnichannel.workforce import Agent as Agent
    from wa_omnichannel.workforce import Presence as Presence

_MODULES = {
    "attachments": ("AttachmentRules", "Party"),
    "conditions": ("All", "AnyOf", "Not", "Test"),
    "conversation": ("Contact", "Conversation", "Decision", "Message", "Status", "Thread"),
    "errors": (
        "ConfigurationError",
        "InvalidValue",
        "NeedsTemplate",
        "NotFound",
        "Refused",
        "StoreError",
        "TransportError",
        "WaOmnichannelError",
        "WebhookError",
    ),
    "explain": ("Check", "Remedy"),
    "messages": ("DeliveryStatus", "Location", "Media", "TemplateMessage", "Text"),
    "omnichannel": ("AsyncOmnichannel", "Omnichannel"),
    "routing": ("ClassificationRule", "Queue", "RouteRule", "Ruleset", "Workstream"),
    "rules": ("Number", "Rules"),
    "sending": ("Allowed",),
    "session": ("Window",),
    "templates": ("Approval", "Category", "Template", "Translation"),
    "webhooks": ("WebhookRequest", "WebhookResponse"),
    "workforce": ("Agent", "Presence"),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "Agent",
    "All",
    "Allowed",
    "AnyOf",
    "Approval",
    "AsyncOmnichannel",
    "AttachmentRules",
    "Category",
    "Check",
    "ClassificationRule",
    "ConfigurationError",
    "Contact",
    "Conversation",
    "Decision",
    "DeliveryStatus",
    "InvalidValue",
    "Location",
    "Media",
    "Message",
    "NeedsTemplate",
    "Not",
    "NotFound",
    "Number",
    "Omnichannel",
    "Party",
    "Presence",
    "Queue",
    "Refused",
    "Remedy",
    "RouteRule",
    "Rules",
    "Ruleset",
    "Status",
    "StoreError",
    "Template",
    "TemplateMessage",
    "Test",
    "Text",
    "Thread",
    "Translation",
    "TransportError",
    "WaOmnichannelError",
    "WebhookError",
    "WebhookRequest",
    "WebhookResponse",
    "Window",
    "Workstream",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its module when it is first used."""
    module = _HOMES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(_HOMES)
