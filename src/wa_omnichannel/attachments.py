"""Attachments: who may send files, of which kinds, how large.

* **ATT-1** one master switch and two independent permissions, customers and agents; all off by default.
* **ATT-3** a file must fit under the organisation's limit *and* the channel's.
* **ATT-8** order of the checks: permission, blocked extension, kind, size.

The table of types is the platform's outer limit (Twilio, "Accepted content types", 2026-07).

Sources: Microsoft Learn, "Enable file attachments" and "Support for live chat and asynchronous channels".
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

import attrs

from wa_omnichannel.explain import Check
from wa_omnichannel.messages import Media

MEGABYTE = 1024 * 1024


class Party(Enum):
    """Who sends the file."""

    CUSTOMERS = "customers"
    AGENTS = "agents"


@attrs.frozen
class MediaType:
    """What WhatsApp accepts of one content type."""

    extensions: tuple[str, ...]
    max_bytes: int
    outbound: bool = True
    caption: bool = False
    """Whether text may go with it; the provider drops or refuses it elsewhere."""


_IMAGE = 5 * MEGABYTE
_FILE = 16 * MEGABYTE
_OFFICE = "application/vnd.openxmlformats-officedocument."

MEDIA_TYPES: Mapping[str, MediaType] = {
    "image/jpeg": MediaType(("jpg", "jpeg"), _IMAGE, caption=True),
    "image/jpg": MediaType(("jpg",), _IMAGE, caption=True),
    "image/png": MediaType(("png",), _IMAGE, caption=True),
    "image/webp": MediaType(("webp",), 500 * 1024),
    "audio/ogg": MediaType(("ogg", "oga", "opus"), _FILE),
    "audio/amr": MediaType(("amr",), _FILE),
    "audio/3gpp": MediaType(("3gp",), _FILE),
    "audio/aac": MediaType(("aac",), _FILE),
    "audio/mpeg": MediaType(("mp3",), _FILE),
    "audio/mp4": MediaType(("m4a",), _FILE),
    "video/mp4": MediaType(("mp4",), _FILE),
    "video/3gpp": MediaType(("3gp",), _FILE),
    "application/pdf": MediaType(("pdf",), _FILE),
    "application/msword": MediaType(("doc",), _FILE),
    _OFFICE + "wordprocessingml.document": MediaType(("docx",), _FILE),
    _OFFICE + "presentationml.presentation": MediaType(("pptx",), _FILE),
    _OFFICE + "spreadsheetml.sheet": MediaType(("xlsx",), _FILE),
    "text/vcard": MediaType(("vcf",), _FILE),
    "text/x-vcard": MediaType(("vcf",), _FILE),
}
"""What the platform carries, by content type in lower case without parameters."""


@attrs.frozen
class AttachmentRules:
    """The attachment settings of one business number (ATT-1: everything is off by default)."""

    enabled: bool = False
    """The master switch."""
    customers: bool = False
    """Customers may send files."""
    agents: bool = False
    """Agents, bots and the system may send files."""
    max_bytes: int = 5 * MEGABYTE
    """The organisation's limit in bytes (ATT-2)."""
    blocked_extensions: frozenset[str] = frozenset()
    """Extensions that are never accepted, in lower case without a dot (ATT-4)."""

    def permits(self, party: Party) -> bool:
        """Tell whether *party* may send files at all (ATT-1).

        >>> AttachmentRules(enabled=True, customers=True).permits(Party.AGENTS)
        False
        """
        return self.enabled and (self.customers if party is Party.CUSTOMERS else self.agents)


def bare_type(content_type: str) -> str:
    """Return *content_type* in lower case without its parameters.

    >>> bare_type("Audio/OGG; codecs=opus")
    'audio/ogg'
    """
    return content_type.partition(";")[0].strip().lower()


def extension(name: str) -> str:
    """Return the extension of a file *name* in lower case without the dot, or an empty string.

    >>> extension("Factura.PDF"), extension("factura")
    ('pdf', '')
    """
    stem, dot, tail = name.rpartition(".")
    return tail.lower() if dot and stem else ""


def check(rules: AttachmentRules, party: Party, media: Media) -> tuple[Check, ...]:
    """Return the checks of one file, in the order of ATT-8; the first that is not met is the last.

    Args:
        rules: The settings of the business number.
        party: Who sends the file.
        media: The file, as far as it is known: the size may still be missing.

    >>> [c.code for c in check(AttachmentRules(), Party.AGENTS, Media("https://example.com/a.pdf", "application/pdf"))]
    ['attachments_off']
    """
    made: list[Check] = []
    for step in (_permission, _blocked, _kind, _caption, _size):
        made.append(step(rules, party, media))
        if not made[-1].met:
            break
    return tuple(made)


def _permission(rules: AttachmentRules, party: Party, _: Media) -> Check:
    met = rules.permits(party)
    code = "attachments_on" if met else "attachments_off"
    return Check("ATT-1", met, code, {"party": party.value, "enabled": rules.enabled})


def _blocked(rules: AttachmentRules, _: Party, media: Media) -> Check:
    found = extension(media.name) or extension(media.url.partition("?")[0].rpartition("/")[2])
    met = found not in rules.blocked_extensions
    return Check("ATT-4", met, "extension_free" if met else "extension_blocked", {"extension": found})


def _kind(_: AttachmentRules, party: Party, media: Media) -> Check:
    bare = bare_type(media.content_type)
    known = MEDIA_TYPES.get(bare)
    met = known is not None and (party is Party.CUSTOMERS or known.outbound)
    return Check("WA-KIND", met, "media_kind_known" if met else "media_kind_unknown", {"content_type": bare})


def _caption(_: AttachmentRules, party: Party, media: Media) -> Check:
    met = party is Party.CUSTOMERS or not media.caption or MEDIA_TYPES[bare_type(media.content_type)].caption
    return Check("WA-CAPTION", met, "caption_fits" if met else "caption_dropped", {"content_type": media.content_type})


def _size(rules: AttachmentRules, _: Party, media: Media) -> Check:
    limit = min(rules.max_bytes, MEDIA_TYPES[bare_type(media.content_type)].max_bytes)
    met = media.size is None or 0 < media.size <= limit
    return Check("ATT-3", met, "media_size_fits" if met else "media_too_large", {"size": media.size, "limit": limit})
