"""Attachments: who may send files, of which kinds, how large, and whether a file is what it claims to be.

* **ATT-1** one master switch and two independent permissions, customers and agents; all off by default.
* **ATT-2, ATT-3** a file must fit under the organisation's limit, the channel's and WhatsApp's own; the tightest
  one decides and is named.
* **ATT-4** extensions that are never accepted, whatever the file claims to be.
* **ATT-5, ATT-6, ATT-7, ATT-13** what Dynamics 365 lets through in each direction: a preset,
  :meth:`AttachmentRules.dynamics`. By default everything passes that WhatsApp carries.
* **ATT-8** order of the checks: permission, blocked extension, kind, size, and then the content itself.
* **ATT-9** an infected file is shown to nobody, and neither is one that could not be scanned.

Sources: Microsoft Learn, "Enable file attachments" and "Support for live chat and asynchronous channels";
Twilio, "Guidance on WhatsApp Media Messages" (2026-07).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import TypeAlias

import attrs

from wa_omnichannel.attachments.media_types import (
    CHANNEL_MAX_BYTES,
    MEDIA_TYPES,
    MEGABYTE,
    STATIC_STICKER,
    MediaType,
    bare_type,
    canonical,
    type_of_name,
)
from wa_omnichannel.attachments.names import EXECUTABLE, clean_name, extension, safe_name
from wa_omnichannel.attachments.sniffing import Probe, Sniffed, sniff
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.explain import Check
from wa_omnichannel.messages import Media, MediaKind, media_kind

__all__ = [
    "CHANNEL_MAX_BYTES",
    "EXECUTABLE",
    "MEDIA_TYPES",
    "MEGABYTE",
    "REMEDIES",
    "AttachmentRules",
    "Clean",
    "Direction",
    "Infected",
    "MediaType",
    "Party",
    "Probe",
    "ScanResult",
    "Sniffed",
    "Unavailable",
    "bare_type",
    "canonical",
    "check",
    "check_content",
    "clean_name",
    "extension",
    "fetch_limit",
    "safe_name",
    "sniff",
    "type_of_name",
]


class Party(Enum):
    """Who sends the file."""

    CUSTOMERS = "customers"
    AGENTS = "agents"


@attrs.frozen
class Clean:
    """A scanner found nothing in the file."""


@attrs.frozen
class Infected:
    """A scanner found something in the file."""

    signature: str
    """What the scanner calls it."""


@attrs.frozen
class Unavailable:
    """The file could not be scanned; it is withheld and tried again."""

    reason: str
    """What went wrong, without personal data."""


ScanResult: TypeAlias = Clean | Infected | Unavailable
"""What a scanner says about a file."""


def _not_negative(_: object, attribute: attrs.Attribute[int], value: int) -> None:
    if value < 0:
        raise InvalidValue(attribute.name, str(value), "Use a number of bytes from 0.")


def _extensions(names: frozenset[str]) -> frozenset[str]:
    return frozenset(name.strip().lstrip(".").lower() for name in names)


def _maybe_extensions(names: frozenset[str] | None) -> frozenset[str] | None:
    return None if names is None else _extensions(names)


@attrs.frozen
class Direction:
    """What may pass in one direction, inside the limits of WhatsApp; None lets everything through."""

    kinds: frozenset[MediaKind] | None = None
    """Kinds of files that pass."""
    extensions: frozenset[str] | None = attrs.field(default=None, converter=_maybe_extensions)
    """Extensions that pass, of the name and of the content type."""


EVERYTHING = Direction()
"""A direction without limits of its own."""


@attrs.frozen
class AttachmentRules:
    """The attachment settings of one business number (ATT-1: everything is off by default)."""

    enabled: bool = False
    """The master switch."""
    customers: bool = False
    """Customers may send files."""
    agents: bool = False
    """Agents, bots and the system may send files."""
    max_bytes: int = attrs.field(default=5 * MEGABYTE, validator=_not_negative)
    """The organisation's limit in bytes (ATT-2)."""
    blocked_extensions: frozenset[str] = attrs.field(default=EXECUTABLE, converter=_extensions)
    """Extensions that are never accepted (ATT-4); executable files by default."""
    channel_max_bytes: int = attrs.field(default=CHANNEL_MAX_BYTES, validator=_not_negative)
    """The channel's limit in bytes (ATT-3)."""
    inbound: Direction = EVERYTHING
    """What customers may send."""
    outbound: Direction = EVERYTHING
    """What agents may send."""

    @classmethod
    def dynamics(
        cls, *, customers: bool = False, agents: bool = False, max_bytes: int = 5 * MEGABYTE
    ) -> AttachmentRules:
        """Return the rules of Dynamics 365 for WhatsApp through Twilio (ATT-5, ATT-6, ATT-7, ATT-13).

        Agents send images, audio, video and PDF with a short list of extensions; customers also GIF. Other
        documents arrive as their name only, and stickers not at all.

        >>> rules = AttachmentRules.dynamics(customers=True)
        >>> rules.enabled, rules.customers, rules.agents
        (True, True, False)
        """
        return cls(
            enabled=True,
            customers=customers,
            agents=agents,
            max_bytes=max_bytes,
            inbound=Direction(_DYNAMICS_KINDS, _DYNAMICS_IN),
            outbound=Direction(_DYNAMICS_KINDS, _DYNAMICS_OUT),
        )

    def permits(self, party: Party) -> bool:
        """Tell whether *party* may send files at all (ATT-1).

        >>> AttachmentRules(enabled=True, customers=True).permits(Party.AGENTS)
        False
        """
        return self.enabled and (self.customers if party is Party.CUSTOMERS else self.agents)

    def direction(self, party: Party) -> Direction:
        """Return what may pass in the direction in which *party* sends."""
        return self.inbound if party is Party.CUSTOMERS else self.outbound


_DYNAMICS_KINDS = frozenset({MediaKind.IMAGE, MediaKind.AUDIO, MediaKind.VIDEO, MediaKind.DOCUMENT})
_DYNAMICS_OUT = frozenset({"jpg", "jpeg", "png", "mp3", "oga", "ogg", "amr", "mp4", "pdf"})
_DYNAMICS_IN = frozenset(
    extension
    for name, known in MEDIA_TYPES.items()
    if media_kind(name) in (MediaKind.IMAGE, MediaKind.AUDIO, MediaKind.VIDEO)
    for extension in known.extensions
) | {"pdf"}


@attrs.frozen
class _Case:
    """What one decision looks at."""

    rules: AttachmentRules
    party: Party
    media: Media
    known: MediaType | None
    """What WhatsApp accepts of the declared type."""
    ending: str
    """Extension of the file's name, or of what stands for it in its address."""
    sniffed: Sniffed | None = None
    scan: ScanResult | None = None


def _case(
    rules: AttachmentRules, party: Party, media: Media, sniffed: Sniffed | None = None, scan: ScanResult | None = None
) -> _Case:
    name = media.name or media.url.partition("?")[0].partition("://")[2].partition("/")[2]
    known = MEDIA_TYPES.get(canonical(media.content_type))
    return _Case(rules, party, media, known, extension(name), sniffed, scan)


def check(rules: AttachmentRules, party: Party, media: Media) -> tuple[Check, ...]:
    """Return the checks of one file as far as it is announced, in the order of ATT-8.

    The first check that is not met is the last one made.

    Args:
        rules: The settings of the business number.
        party: Who sends the file.
        media: The file, as far as it is known: the size may still be missing.

    >>> [c.code for c in check(AttachmentRules(), Party.AGENTS, Media("https://example.com/a.pdf", "application/pdf"))]
    ['attachments_off']
    """
    return tuple(_run(_ANNOUNCED, _case(rules, party, media)))


def check_content(
    rules: AttachmentRules, party: Party, media: Media, sniffed: Sniffed, scan: ScanResult | None = None
) -> tuple[Check, ...]:
    r"""Return all checks of a file whose bytes are known (ATT-8, ATT-9).

    Args:
        rules: The settings of the business number.
        party: Who sends the file.
        media: The file with its size.
        sniffed: What its bytes say.
        scan: What the scanner says; None if no scanner is configured.

    >>> picture = Media("", "image/jpeg", size=3)
    >>> checks = check_content(AttachmentRules(True, True), Party.CUSTOMERS, picture, sniff(b"MZ\x90\x00"))
    >>> checks[-1].code, checks[-1].facts["found"]
    ('media_type_lies', ('application/vnd.microsoft.portable-executable',))
    """
    return tuple(_run((*_ANNOUNCED, *_CONTENT), _case(rules, party, media, sniffed, scan)))


REMEDIES: Mapping[str, str] = {
    "attachments_off": "switch_attachments_on",
    "extension_blocked": "send_as_pdf",
    "media_kind_unknown": "send_as_pdf",
    "file_kind_not_allowed": "send_as_pdf",
    "caption_dropped": "send_caption_apart",
    "media_too_large": "send_smaller_file",
    "media_empty": "send_clean_file",
    "media_type_lies": "send_true_type",
    "media_type_unproven": "send_true_type",
    "media_polyglot": "send_clean_file",
    "media_infected": "send_clean_file",
    "media_not_scanned": "scan_again",
}
"""What can be done about a check that was not met, by its code."""


def fetch_limit(rules: AttachmentRules, content_type: str) -> int:
    """Return the most bytes worth fetching of a file: one more would be refused anyway."""
    known = MEDIA_TYPES.get(canonical(content_type))
    return min(rules.max_bytes, rules.channel_max_bytes, *((known.max_bytes,) if known else ()))


_Step: TypeAlias = Callable[[_Case], Check | None]


def _run(steps: tuple[_Step, ...], case: _Case) -> Iterator[Check]:
    for step in steps:
        made = step(case)
        if made is not None:
            yield made
            if not made.met:
                return


def _permission(case: _Case) -> Check:
    met = case.rules.permits(case.party)
    facts = {"party": case.party.value, "enabled": case.rules.enabled}
    return Check("ATT-1", met, "attachments_on" if met else "attachments_off", facts)


def _blocked(case: _Case) -> Check:
    found = case.ending
    met = found not in case.rules.blocked_extensions
    return Check("ATT-4", met, "extension_free" if met else "extension_blocked", {"extension": found})


def _carried(case: _Case) -> Check:
    known = case.known
    met = known is not None and (case.party is Party.CUSTOMERS or known.outbound)
    facts = {"content_type": bare_type(case.media.content_type)}
    return Check("WA-KIND", met, "media_kind_known" if met else "media_kind_unknown", facts)


def _direction(case: _Case) -> Check | None:
    """Apply the channel's own list of kinds and extensions; no list, no check."""
    allowed = case.rules.direction(case.party)
    if allowed.kinds is None and allowed.extensions is None:
        return None
    kind, given = case.media.kind, case.ending
    usual = case.known.extensions if case.known else ("",)
    named = given or usual[0]
    listed = allowed.extensions is None or (named in allowed.extensions and not allowed.extensions.isdisjoint(usual))
    met = listed and (allowed.kinds is None or kind in allowed.kinds)
    facts = {"kind": kind.value, "extension": named, "party": case.party.value}
    rule = _DIRECTION_RULES.get((case.party, kind), "ATT-6" if case.party is Party.CUSTOMERS else "ATT-5")
    return Check(rule, met, "file_kind_allowed" if met else "file_kind_not_allowed", facts)


_DIRECTION_RULES = {
    (Party.CUSTOMERS, MediaKind.DOCUMENT): "ATT-7",
    (Party.CUSTOMERS, MediaKind.STICKER): "ATT-13",
    (Party.AGENTS, MediaKind.STICKER): "ATT-13",
}


def _caption(case: _Case) -> Check:
    met = case.party is Party.CUSTOMERS or not case.media.caption or (case.known is not None and case.known.caption)
    facts = {"content_type": bare_type(case.media.content_type)}
    return Check("WA-CAPTION", met, "caption_fits" if met else "caption_dropped", facts)


def _size(case: _Case) -> Check:
    size = case.media.size
    limit, source = min(_limits(case))
    facts: dict[str, object] = {"size": size, "limit": limit, "source": source}
    if size is None:
        return Check("ATT-3", True, "media_size_open", facts)
    if size <= 0:
        return Check("WA-EMPTY", False, "media_empty", facts)
    met = size <= limit
    rule = "ATT-2" if source == "max_bytes" else "ATT-3"
    return Check(rule, met, "media_size_fits" if met else "media_too_large", facts)


def _limits(case: _Case) -> Iterator[tuple[int, str]]:
    """Yield every limit with the name of what sets it (ATT-3)."""
    yield case.rules.max_bytes, "max_bytes"
    yield case.rules.channel_max_bytes, "channel_max_bytes"
    if case.known is not None:
        yield case.known.max_bytes, "WhatsApp"
    if case.media.kind is MediaKind.STICKER and case.sniffed is not None and not case.sniffed.animated:
        yield STATIC_STICKER, "WhatsApp"


def _truth(case: _Case) -> Check:
    """Compare what the file says it is with what it is."""
    sniffed = case.sniffed or Sniffed()
    declared = canonical(case.media.content_type)
    facts = {"content_type": declared, "found": sniffed.types, "also": sniffed.also}
    if not sniffed.types:
        return Check("WA-TYPE", False, "media_type_unproven", facts)
    if declared not in sniffed.types:
        return Check("WA-TYPE", False, "media_type_lies", facts)
    return Check("WA-TYPE", not sniffed.also, "media_polyglot" if sniffed.also else "media_type_true", facts)


def _scanned(case: _Case) -> Check | None:
    match case.scan:
        case None:
            return None
        case Clean():
            return Check("ATT-9", True, "media_clean")
        case Infected(signature):
            return Check("ATT-9", False, "media_infected", {"signature": signature})
        case Unavailable(reason):
            return Check("ATT-9", False, "media_not_scanned", {"reason": reason})


_ANNOUNCED: tuple[_Step, ...] = (_permission, _blocked, _carried, _direction, _caption, _size)
_CONTENT: tuple[_Step, ...] = (_truth, _scanned)
