"""Files: which kinds WhatsApp takes, and fetching a MediaUrl the way Twilio does."""

from __future__ import annotations

import requests

MAX_BYTES = 16 * 1024 * 1024
MAX_IMAGE_BYTES = 5 * 1024 * 1024
TIMEOUT = 5.0

_OFFICE = "application/vnd.openxmlformats-officedocument."

# Accepted content types and the MessageType an inbound one arrives with (Twilio's list of 2026-07-07).
KINDS: dict[str, str] = {
    "image/jpeg": "image",
    "image/jpg": "image",
    "image/png": "image",
    "image/webp": "sticker",
    "audio/ogg": "audio",
    "audio/amr": "audio",
    "audio/3gpp": "audio",
    "audio/aac": "audio",
    "audio/mpeg": "audio",
    "video/mp4": "video",
    "application/pdf": "document",
    "application/msword": "document",
    f"{_OFFICE}wordprocessingml.document": "document",
    f"{_OFFICE}presentationml.presentation": "document",
    f"{_OFFICE}spreadsheetml.sheet": "document",
    "text/vcard": "contacts",
}


class MediaError(Exception):
    """A MediaUrl that WhatsApp cannot take; the text says why, ``code`` how Twilio reports it."""

    def __init__(self, text: str, code: int = 63019) -> None:
        super().__init__(text)
        self.code = code


def kind_of(content_type: str) -> str:
    """Return the MessageType of a content type; an unknown one is a document."""
    return KINDS.get(bare_type(content_type), "document")


def bare_type(content_type: str) -> str:
    """Return a content type without its parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def fetch_media(url: str) -> tuple[str, bytes]:
    """Ask for ``url`` with HEAD, then GET, and return the content type and the bytes of the file.

    Raises:
        MediaError: On an HTTP error, a content type that is not accepted or differs between HEAD and
            GET, no bytes, or more than 16 MB (all 63019), or an image above 5 MB (63034).
    """
    try:
        with requests.Session() as session:
            session.trust_env = False
            announced = _accepted_type(session.head(url, timeout=TIMEOUT, allow_redirects=True))
            with session.get(url, timeout=TIMEOUT, stream=True) as answer:
                content_type = _accepted_type(answer)
                data = _read(answer)
    except (requests.RequestException, ValueError) as failure:
        raise MediaError(f"the file could not be fetched: {failure}") from failure
    if announced != content_type:
        raise MediaError(f"HEAD says {announced}, GET says {content_type}")
    if kind_of(content_type) == "image" and len(data) > MAX_IMAGE_BYTES:
        raise MediaError("the image is larger than 5 MB", 63034)
    return content_type, data


def _accepted_type(answer: requests.Response) -> str:
    answer.raise_for_status()
    content_type = bare_type(answer.headers.get("Content-Type", ""))
    if content_type not in KINDS:
        raise MediaError(f"the content type {content_type!r} is not accepted")
    return content_type


def _read(answer: requests.Response) -> bytes:
    data = bytearray()
    for chunk in answer.iter_content(65536):
        data += chunk
        if len(data) > MAX_BYTES:
            raise MediaError("the file is larger than 16 MB")
    if not data:
        raise MediaError("the file is empty")
    return bytes(data)
