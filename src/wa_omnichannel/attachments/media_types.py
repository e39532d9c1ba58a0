"""What WhatsApp carries through the provider, by content type: the outer limit of every setting.

Sources: Twilio, "Guidance on WhatsApp Media Messages" and "Accepted content types for media" (2026-07);
Meta, supported media types. ``image/gif`` only arrives (ATT-6): Microsoft lists it for inbound, Twilio does
not list it for sending on WhatsApp.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

MEGABYTE = 1024 * 1024

CHANNEL_MAX_BYTES = 16 * MEGABYTE
"""Largest message with its file that the provider takes (Twilio, 2026-07; a later note says 20 MB)."""

STATIC_STICKER = 100 * 1024
"""Largest sticker that does not move, in bytes."""

ANIMATED_STICKER = 500 * 1024
"""Largest sticker that moves, in bytes."""


@attrs.frozen
class MediaType:
    """What WhatsApp accepts of one content type."""

    extensions: tuple[str, ...]
    """Usual extensions, the best one first."""
    max_bytes: int
    outbound: bool = True
    """Whether the provider documents it for sending; all types of the table arrive."""
    caption: bool = False
    """Whether text may go with it; the provider drops or refuses it elsewhere."""


_IMAGE = 5 * MEGABYTE
_SOUND = 16 * MEGABYTE
_DOCUMENT = 100 * MEGABYTE
_OFFICE = "application/vnd.openxmlformats-officedocument."

DOCX = _OFFICE + "wordprocessingml.document"
PPTX = _OFFICE + "presentationml.presentation"
XLSX = _OFFICE + "spreadsheetml.sheet"

MEDIA_TYPES: Mapping[str, MediaType] = {
    "image/jpeg": MediaType(("jpg", "jpeg"), _IMAGE, caption=True),
    "image/png": MediaType(("png",), _IMAGE, caption=True),
    "image/gif": MediaType(("gif",), _IMAGE, outbound=False),
    "image/webp": MediaType(("webp",), ANIMATED_STICKER),
    "audio/ogg": MediaType(("ogg", "oga", "opus"), _SOUND),
    "audio/amr": MediaType(("amr",), _SOUND),
    "audio/3gpp": MediaType(("3gp",), _SOUND),
    "audio/aac": MediaType(("aac",), _SOUND),
    "audio/mpeg": MediaType(("mp3",), _SOUND),
    "audio/mp4": MediaType(("m4a", "mp4"), _SOUND, outbound=False),
    "video/mp4": MediaType(("mp4",), _SOUND),
    "video/3gpp": MediaType(("3gp",), _SOUND, outbound=False),
    "application/pdf": MediaType(("pdf",), _DOCUMENT),
    "application/msword": MediaType(("doc",), _DOCUMENT),
    "application/vnd.ms-excel": MediaType(("xls",), _DOCUMENT, outbound=False),
    "application/vnd.ms-powerpoint": MediaType(("ppt",), _DOCUMENT, outbound=False),
    DOCX: MediaType(("docx",), _DOCUMENT),
    PPTX: MediaType(("pptx",), _DOCUMENT),
    XLSX: MediaType(("xlsx",), _DOCUMENT),
    "text/plain": MediaType(("txt",), _DOCUMENT, outbound=False),
    "text/vcard": MediaType(("vcf",), _SOUND),
}
"""What the platform carries, by canonical content type. The last row of an extension is the type of its files."""


def bare_type(content_type: str) -> str:
    """Return *content_type* in lower case without its parameters.

    >>> bare_type("Audio/OGG; codecs=opus")
    'audio/ogg'
    """
    return content_type.partition(";")[0].strip().lower()


ALIASES: Mapping[str, str] = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "audio/mp3": "audio/mpeg",
    "audio/m4a": "audio/mp4",
    "audio/x-m4a": "audio/mp4",
    "audio/opus": "audio/ogg",
    "audio/3gp": "audio/3gpp",
    "video/3gp": "video/3gpp",
    "text/x-vcard": "text/vcard",
    "text/directory": "text/vcard",
}
"""Other names of the same types."""


def canonical(content_type: str) -> str:
    """Return the usual name of a content type, in lower case without parameters.

    >>> canonical("video/3gp"), canonical("image/JPG")
    ('video/3gpp', 'image/jpeg')
    """
    bare = bare_type(content_type)
    return ALIASES.get(bare, bare)


def type_of_name(name_extension: str) -> str | None:
    """Return the content type that files with this extension have, or None for an unknown one.

    >>> type_of_name("pdf"), type_of_name("exe")
    ('application/pdf', None)
    """
    return _BY_EXTENSION.get(name_extension)


_BY_EXTENSION = {ext: name for name, known in MEDIA_TYPES.items() for ext in known.extensions}
