"""Hypothesis strategies for the values that decisions read and make.

Each is a function named after the plural of what it makes. Without arguments it makes anything that is
legal; keyword arguments narrow that down. Identifiers come from small sets, so that things drawn
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
from wa_omnichannel.testing.strategies.files import directions, file_contents, scan_results, sniffs
from wa_omnichannel.testing.strategies.identities import (
    addresses,
    languages,
    numbers_with_variants,
    phones,
    sids,
    user_ids,
)
from wa_omnichannel.testing.strategies.instants import instants, margins, zones
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
    rules,
    send_policies,
    situations,
    templates,
    translations,
    workstreams,
)
from wa_omnichannel.testing.strategies.setups import accounts, operating_hours, secret_names, settings
from wa_omnichannel.testing.strategies.windows import Happened, What, histories, moments, windows

__all__ = [
    "Happened",
    "What",
    "accounts",
    "addresses",
    "agents",
    "attachment_rules",
    "attributes",
    "blocks",
    "conditions",
    "consent_rules",
    "consents",
    "contacts",
    "contents",
    "conversations",
    "delivery_statuses",
    "directions",
    "events",
    "file_contents",
    "histories",
    "inbounds",
    "instants",
    "languages",
    "margins",
    "media",
    "messages",
    "moments",
    "numbers_with_variants",
    "operating_hours",
    "outcomes",
    "phones",
    "purposes",
    "rules",
    "scan_results",
    "secret_names",
    "send_policies",
    "sendable_contents",
    "settings",
    "sids",
    "sightings",
    "situations",
    "sniffs",
    "statements",
    "states",
    "status_reports",
    "template_messages",
    "templates",
    "texts",
    "threads",
    "translations",
    "user_ids",
    "waiting_items",
    "windows",
    "workstreams",
    "zones",
]
