"""Message templates: the only thing that may be sent when the 24-hour window is closed.

A template has a name and one translation per language. Each translation is approved on its own (TPL-4) and
has its own content SID (TPL-5, TPL-6). Approval is a state that only the provider moves; a state we do not
know is never sendable (TPL-2).

What joins a template with the provider's list is in :mod:`~wa_omnichannel.templates.linking` (links, refreshes,
drift) and :mod:`~wa_omnichannel.templates.wire` (reading and writing the Content API's form).

Sources: Microsoft Learn, "Configure a WhatsApp channel through Twilio" and "Configure outbound messaging";
Twilio, "Content API"; Meta, "Template quality".
"""

from wa_omnichannel.templates.approval import (
    ALERTS,
    DOUBTS,
    TRANSITIONS,
    Approval,
    ApprovalEvent,
    Override,
    Standing,
    advance,
    observe,
    override,
)
from wa_omnichannel.templates.kinds import KINDS, Button, ButtonKind, Kind
from wa_omnichannel.templates.model import Category, Fit, Template
from wa_omnichannel.templates.recognition import Recognised, match, recognise
from wa_omnichannel.templates.translation import PLACEHOLDER, Translation, Variable
from wa_omnichannel.templates.variables import (
    MAX_FILLED,
    MAX_VALUE,
    Filled,
    VariableFaults,
    check_variables,
    fill,
    is_clean,
    preview,
    render,
    render_text,
)

__all__ = [
    "ALERTS",
    "DOUBTS",
    "KINDS",
    "MAX_FILLED",
    "MAX_VALUE",
    "PLACEHOLDER",
    "TRANSITIONS",
    "Approval",
    "ApprovalEvent",
    "Button",
    "ButtonKind",
    "Category",
    "Filled",
    "Fit",
    "Kind",
    "Override",
    "Recognised",
    "Standing",
    "Template",
    "Translation",
    "Variable",
    "VariableFaults",
    "advance",
    "check_variables",
    "fill",
    "is_clean",
    "match",
    "observe",
    "override",
    "preview",
    "recognise",
    "render",
    "render_text",
]
