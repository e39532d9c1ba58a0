"""Hypothesis strategies for the values that decisions read and make.

Each is a function named after the plural of what it makes. Without arguments it makes anything that is
legal; keyword arguments narrow that down. :func:`of` makes values of any public type, and so does Hypothesis's
``from_type``. Identifiers come from small sets, so that things drawn
independently of each other often belong together.

>>> from hypothesis import find
>>> find(windows(), lambda window: window.last_inbound_at is not None).refuted_at is None
True
"""

from __future__ import annotations

import importlib.util

from wa_omnichannel.errors import MissingExtra

if importlib.util.find_spec("hypothesis") is None:
    raise MissingExtra.of("hypothesis", "testing")

from wa_omnichannel.testing import hypothesis_entry
from wa_omnichannel.testing.models import What
from wa_omnichannel.testing.strategies.building import built, of
from wa_omnichannel.testing.strategies.consenting import blocks, consent_rules, consents, purposes, statements
from wa_omnichannel.testing.strategies.conversations import (
    contacts,
    conversations,
    events,
    messages,
    states,
    threads,
    waiting_items,
)
from wa_omnichannel.testing.strategies.dependent import holidays, quick_replies, refusals, route_rules
from wa_omnichannel.testing.strategies.files import directions, file_contents, scan_results, sniffs
from wa_omnichannel.testing.strategies.forms import inbound_forms, posted, signature, status_forms, webhook_requests
from wa_omnichannel.testing.strategies.identities import (
    addresses,
    languages,
    numbers_with_variants,
    phones,
    sids,
    user_ids,
)
from wa_omnichannel.testing.strategies.instants import clock_changes, instants, margins, zones
from wa_omnichannel.testing.strategies.outside import async_channels, channels, clocks, providers
from wa_omnichannel.testing.strategies.said import (
    contents,
    delivery_statuses,
    inbounds,
    media,
    outcomes,
    sendable_contents,
    sightings,
    status_reports,
    template_messages,
    texts,
)
from wa_omnichannel.testing.strategies.settings import (
    agents,
    attachment_rules,
    attributes,
    conditions,
    counters,
    rules,
    send_limits,
    send_policies,
    situations,
    templates,
    tests,
    translations,
    workstreams,
)
from wa_omnichannel.testing.strategies.stories import Story, stories
from wa_omnichannel.testing.strategies.windows import Happened, histories, moments, windows

__all__ = [
    "Happened",
    "Story",
    "What",
    "addresses",
    "agents",
    "async_channels",
    "attachment_rules",
    "attributes",
    "blocks",
    "built",
    "channels",
    "clock_changes",
    "clocks",
    "conditions",
    "consent_rules",
    "consents",
    "contacts",
    "contents",
    "conversations",
    "counters",
    "delivery_statuses",
    "directions",
    "events",
    "file_contents",
    "histories",
    "holidays",
    "inbound_forms",
    "inbounds",
    "instants",
    "languages",
    "margins",
    "media",
    "messages",
    "moments",
    "numbers_with_variants",
    "of",
    "outcomes",
    "phones",
    "posted",
    "providers",
    "purposes",
    "quick_replies",
    "refusals",
    "route_rules",
    "rules",
    "scan_results",
    "send_limits",
    "send_policies",
    "sendable_contents",
    "sids",
    "sightings",
    "signature",
    "situations",
    "sniffs",
    "statements",
    "states",
    "status_forms",
    "status_reports",
    "stories",
    "template_messages",
    "templates",
    "tests",
    "texts",
    "threads",
    "translations",
    "user_ids",
    "waiting_items",
    "webhook_requests",
    "windows",
    "workstreams",
    "zones",
]

hypothesis_entry.register()
