"""Strategies for what is said, and for what became of it."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import timedelta

from hypothesis import strategies as st

from wa_omnichannel.addresses import Address
from wa_omnichannel.attachments import MEDIA_TYPES
from wa_omnichannel.messages import (
    MAX_TEXT,
    Accepted,
    Ambiguous,
    ButtonReply,
    Content,
    DeliveryStatus,
    FlowReply,
    Inbound,
    ListReply,
    Location,
    Media,
    NotSent,
    Outcome,
    Rejected,
    Sighting,
    StatusReport,
    TemplateMessage,
    Text,
    Unsupported,
)
from wa_omnichannel.testing.strategies.identities import addresses, languages, phones, sids
from wa_omnichannel.testing.strategies.instants import instants

MESSAGE_IDS = ("m1", "m2", "m3")
TEMPLATE_NAMES = ("order_ready", "greeting", "gone")
VARIABLE_NAMES: tuple[str, ...] = ("1", "2", "name")
_WORDS = st.text(max_size=40)
_TRICKY = ("", " ", "Hola", "ñandú", "👩‍👩‍👧", "STOP", "a\nb", "{{1}}", "{x}", "x" * MAX_TEXT, "x" * (MAX_TEXT + 1))


@functools.cache
def texts() -> st.SearchStrategy[Text]:
    """Make texts: empty ones, words of all scripts, and lengths around the limit."""
    return st.builds(Text, st.sampled_from(_TRICKY) | _WORDS)


@functools.cache
def media() -> st.SearchStrategy[Media]:
    """Make files: types that WhatsApp carries and others, sizes known or not, with and without caption."""
    types = st.sampled_from((*MEDIA_TYPES, "application/zip", "image/gif", "Audio/OGG; codecs=opus", "", "text"))
    names = st.sampled_from(("", "a.pdf", "photo.JPG", "run.exe", "noextension", ".hidden")) | _WORDS
    sizes = st.none() | st.sampled_from((0, 1, 5 * 1024 * 1024, 16 * 1024 * 1024)) | st.integers(0, 2**31)
    return st.builds(Media, st.just("https://example.com/file"), types, st.sampled_from(("", "Look")), names, sizes)


@functools.cache
def _locations() -> st.SearchStrategy[Location]:
    anywhere = st.floats(-180, 180) | st.floats()
    return st.builds(Location, anywhere, anywhere, _WORDS)


@functools.cache
def _values() -> st.SearchStrategy[Mapping[str, str]]:
    values: st.SearchStrategy[str] = st.sampled_from(("Ana", "4711", "", "a\nb", "x" * 1100)) | _WORDS
    return st.dictionaries(st.sampled_from(VARIABLE_NAMES), values)


@functools.cache
def template_messages() -> st.SearchStrategy[TemplateMessage]:
    """Make messages from templates: known and unknown names, variables that fit and that do not."""
    return st.builds(TemplateMessage, st.sampled_from(TEMPLATE_NAMES), _values(), st.none() | languages())


@functools.cache
def sendable_contents() -> st.SearchStrategy[Content]:
    """Make contents of the kinds that a business can send, not all of them allowed."""
    return st.one_of(texts(), media(), _locations(), template_messages())


@functools.cache
def contents() -> st.SearchStrategy[Content]:
    """Make contents of every kind, those that only arrive included."""
    return st.one_of(
        sendable_contents(),
        st.builds(ButtonReply, _WORDS, _WORDS),
        st.builds(ListReply, _WORDS, _WORDS, _WORDS),
        st.builds(FlowReply, st.just('{"a": 1}')),
        st.builds(Unsupported, st.sampled_from(("unknown_kind", "no_body")), _WORDS),
    )


def inbounds(
    *,
    numbers: st.SearchStrategy[Address] | None = None,
    customers: st.SearchStrategy[Address] | None = None,
) -> st.SearchStrategy[Inbound]:
    """Make messages of customers.

    Args:
        numbers: The business numbers they are sent to.
        customers: The addresses they come from.
    """
    return st.builds(
        Inbound,
        sids(),
        phones() if numbers is None else numbers,
        st.lists(addresses() if customers is None else customers, min_size=1, max_size=2, unique=True).map(tuple),
        contents().filter(lambda content: not isinstance(content, TemplateMessage)),
        st.sampled_from(("", "Ana", "Ana María 👋")),
    )


@functools.cache
def delivery_statuses() -> st.SearchStrategy[DeliveryStatus]:
    """Make delivery statuses."""
    return st.sampled_from(DeliveryStatus)


_CODES = (None, 63016, 63024, 30008, 21610)


@functools.cache
def status_reports() -> st.SearchStrategy[StatusReport]:
    """Make status callbacks: known words and unknown ones, with and without our own id and an error."""
    words = st.sampled_from(("queued", "sent", "delivered", "read", "failed", "undelivered", "in_orbit", "SENT"))
    ours = st.none() | st.sampled_from(MESSAGE_IDS)
    return st.builds(StatusReport, sids(), words, ours, st.sampled_from(_CODES), _WORDS, retryable=st.booleans())


@functools.cache
def outcomes() -> st.SearchStrategy[Outcome]:
    """Make everything that can come of handing a message to the provider."""
    pauses = st.none() | st.timedeltas(timedelta(0), timedelta(minutes=5))
    codes = st.sampled_from([code for code in _CODES if code is not None])
    accepted = st.sampled_from((DeliveryStatus.ACCEPTED, DeliveryStatus.QUEUED, DeliveryStatus.SENT))
    return st.one_of(
        st.builds(Accepted, sids(), accepted),
        st.builds(Rejected, codes, _WORDS, st.booleans()),
        st.builds(NotSent, st.just("connection_refused"), pauses),
        st.builds(Ambiguous, st.just("timeout")),
    )


@functools.cache
def sightings() -> st.SearchStrategy[Sighting]:
    """Make messages as the provider's list shows them."""
    statuses = st.sampled_from((DeliveryStatus.QUEUED, DeliveryStatus.SENT, DeliveryStatus.READ))
    return st.builds(Sighting, sids(), statuses, _WORDS, st.none() | sids("HX"), instants(), st.booleans())
