"""Contact cards (``text/vcard``) that customers send, read so that no card can do harm.

A card comes from a stranger: it may be broken, endless or hostile. Reading one never fails; what cannot be
read is left out, everything is bounded, and control characters are dropped. Pictures and other large fields
are not looked at. Versions 2.1 to 4.0 (RFC 6350) are read alike.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator, Mapping

import attrs

MAX_BYTES = 256 * 1024
"""How much of a file is read."""

MAX_CARDS, MAX_VALUES, MAX_LENGTH = 50, 20, 200
"""Cards of a file, values of a field, and characters of a value, at most."""

_FOLD = re.compile(r"\r?\n[ \t]")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


@attrs.frozen
class ContactCard:
    """One person or company, as somebody else wrote it down."""

    name: str = ""
    phones: tuple[str, ...] = ()
    whatsapp_ids: tuple[str, ...] = ()
    """WhatsApp ids of the phones, digits only, as WhatsApp writes them beside the number."""
    emails: tuple[str, ...] = ()
    organisation: str = ""


def read_cards(data: bytes) -> tuple[ContactCard, ...]:
    r"""Return the cards in a file; none if there is nothing to read.

    >>> read_cards(b"BEGIN:VCARD\nFN:Ana\nTEL;waid=34600000001:+34 600 00 00 01\nEND:VCARD")[0].whatsapp_ids
    ('34600000001',)
    """
    text = _FOLD.sub("", data[:MAX_BYTES].decode("utf-8", "replace"))
    return tuple(card for card in _cards(text) if any(attrs.astuple(card, recurse=False)))[:MAX_CARDS]


def _cards(text: str) -> Iterator[ContactCard]:
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        head, colon, value = line.partition(":")
        name, *parameters = head.split(";")
        name = name.rpartition(".")[2].strip().upper()
        if name == "BEGIN":
            found = {}
        elif name == "END" and any(found.values()):
            yield _card(found)
            found = {}
        elif colon and name in _FIELDS:
            _keep(found, name, _clean(value, parameters))
            for id_ in (part[5:] for part in parameters if part.lower().startswith("waid=")):
                _keep(found, "WAID", "".join(filter(str.isdecimal, id_)))


_FIELDS = frozenset({"FN", "N", "TEL", "EMAIL", "ORG"})


def _keep(found: dict[str, list[str]], name: str, value: str) -> None:
    values = found.setdefault(name, [])
    if value and len(values) < MAX_VALUES:
        values.append(value)


def _card(found: Mapping[str, list[str]]) -> ContactCard:
    def first(name: str) -> str:
        return next(iter(found.get(name, ())), "")

    parts = [part for part in first("N").split(";") if part]
    return ContactCard(
        first("FN") or " ".join([*parts[1:2], *parts[:1]]),
        tuple(found.get("TEL", ())),
        tuple(found.get("WAID", ())),
        tuple(found.get("EMAIL", ())),
        first("ORG").rstrip(";").replace(";", ", "),
    )


def _clean(value: str, parameters: list[str]) -> str:
    """Return *value* as one line of text without escapes and control characters, cut to a length."""
    if any("QUOTED-PRINTABLE" in part.upper() for part in parameters):
        value = quopri.decodestring(value.encode()).decode("utf-8", "replace")
    value = _ESCAPE.sub(lambda found: " " if found[1] in "nN" else found[1], value[: 10 * MAX_LENGTH])
    return "".join(each for each in value if each.isprintable()).strip()[:MAX_LENGTH]
