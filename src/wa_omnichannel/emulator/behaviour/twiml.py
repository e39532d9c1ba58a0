"""Reading the TwiML a webhook answers with."""

from __future__ import annotations

from xml.etree import ElementTree

import attrs

from wa_omnichannel.emulator.behaviour.media import bare_type

MAX_BYTES = 64 * 1024
MAX_REPLIES = 10

_XML_TYPES = ("text/xml", "application/xml", "text/html")


@attrs.frozen(kw_only=True)
class Reply:
    """One ``<Message>``: its text, its file and where its status callbacks go."""

    body: str
    media_url: str | None = None
    action: str | None = None


class TwimlError(ValueError):
    """TwiML that cannot be used; ``code`` is how Twilio reports it."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(text)
        self.code = code


def is_twiml(content_type: str) -> bool:
    """Tell whether an answer of this content type is read as TwiML."""
    return bare_type(content_type) in _XML_TYPES


def parse_replies(text: str) -> tuple[Reply, ...]:
    """Return the messages a TwiML document asks for, at most ten.

    Raises:
        TwimlError: If the document is too long (11750), declares a document type or is not well-formed (12100).
    """
    if not text.strip():
        return ()
    if len(text.encode()) > MAX_BYTES:
        raise TwimlError("TwiML must be at most 64 kB", 11750)
    if "<!" in text.replace("<!--", ""):
        raise TwimlError("TwiML must be without a document type", 12100)
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - no document type, so no entities to expand
    except ElementTree.ParseError as failure:
        raise TwimlError(f"TwiML is not well-formed: {failure}", 12100) from failure
    return tuple(_reply(node) for node in root.findall("Message")[:MAX_REPLIES])


def _reply(node: ElementTree.Element) -> Reply:
    body = node.find("Body")
    media = node.findtext("Media", "").strip()
    text = "".join((node if body is None else body).itertext()) if body is not None or not media else ""
    return Reply(body=text.strip(), media_url=media or None, action=node.get("action"))
