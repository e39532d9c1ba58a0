"""A file of our own: checked before, while and after it streams into the blob store."""

from __future__ import annotations

from typing import Any

import attrs

from wa_omnichannel import attachments
from wa_omnichannel._flows.steps import Discard, Flow, Keep, Stored, new_ids
from wa_omnichannel.addresses import Address
from wa_omnichannel.attachments import Party
from wa_omnichannel.errors import Refused
from wa_omnichannel.explain import Remedy, Trace
from wa_omnichannel.messages import Media
from wa_omnichannel.rules import Rules


def attach(rules: Rules, number: Address, chunks: Any, media: Media) -> Flow[Media]:
    """Put a file into the blob store and return it ready to be sent.

    Args:
        rules: The compiled settings.
        number: The business number it is for.
        chunks: The content.
        media: Its name, caption and type.

    Raises:
        Refused: A rule says no; nothing of the file is kept.
    """
    settings = rules.number(number)
    if settings is None:
        raise Refused("number_unknown", {"number": number})
    allowed = settings.attachments
    _insist(attachments.check(allowed, Party.AGENTS, media))
    (blob,) = yield from new_ids(1)
    limit = attachments.fetch_limit(allowed, media.content_type)
    stored: Stored = yield Keep(chunks, blob, media.content_type, limit)
    file = attrs.evolve(media, size=stored.size, blob=blob)
    try:
        _insist(attachments.check_content(allowed, Party.AGENTS, file, stored.sniffed, stored.scan))
    except Refused:
        yield Discard(blob)
        raise
    return file


def _insist(checks: Trace) -> None:
    last = checks[-1]
    if not last.met:
        remedy = Remedy(attachments.REMEDIES[last.code], False, last.facts)
        raise Refused(last.code, last.facts, checks, (remedy,))
