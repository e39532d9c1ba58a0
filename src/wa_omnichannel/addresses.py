"""Who is who: E.164 numbers, business-scoped user ids, provider identifiers, language tags.

An :data:`Address` is a plain string in one of two forms:

* a phone number in E.164, with its plus sign: ``+34600000001``;
* a business-scoped user id, which WhatsApp gives to people who hide their number: ``ES.1349120865``.

A person may have several addresses; they are matched, never rewritten: an answer goes to the address the
customer wrote from. Sources: Twilio, "Key concepts" of WhatsApp (2026); rules CH-5 and CH-43.
"""

from __future__ import annotations

import functools
import re
from typing import NewType

from wa_omnichannel.errors import InvalidValue

Address = NewType("Address", str)
"""A customer's or a business's WhatsApp address without the ``whatsapp:`` prefix."""

PREFIX = "whatsapp:"

_PHONE = re.compile(rf"(?:{PREFIX})?\+?([1-9][0-9]{{6,14}})", re.ASCII)
_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_USER_ID = re.compile(r"[A-Z]{2}(?:\.[A-Z]{3})?\.[A-Za-z0-9]{1,128}", re.ASCII)
_SID = re.compile(r"[A-Z]{2}[0-9a-fA-F]{32}", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*", re.ASCII)


def parse(text: str, field: str = "address") -> Address:
    """Return the address in *text*, with or without ``whatsapp:``; digits alone get their plus sign.

    Args:
        text: ``whatsapp:+34600000001``, ``+34600000001``, ``34600000001`` or ``whatsapp:ES.1349120865``.
        field: The name to use in the error.

    Raises:
        InvalidValue: *text* is neither a phone number nor a business-scoped user id.

    >>> parse("whatsapp:+34600000001")
    '+34600000001'
    >>> parse("whatsapp:US.13491208655302741918")
    'US.13491208655302741918'
    """
    phone = _PHONE.fullmatch(text)
    if phone is not None:
        return Address(f"+{phone[1]}")
    bare = text.removeprefix(PREFIX)
    if _USER_ID.fullmatch(bare):
        return Address(bare)
    raise InvalidValue(field, text, "Use a number in E.164 such as +34600000001, or a user id such as ES.1349120865.")


def parse_number(text: str, field: str = "number") -> Address:
    """Return the business number in *text*, which must be written with its plus sign (CH-5).

    Raises:
        InvalidValue: The plus sign is missing, or it is not a phone number.

    >>> parse_number("+14155550100")
    '+14155550100'
    """
    bare = text.removeprefix(PREFIX)
    if not _E164.fullmatch(bare):
        raise InvalidValue(field, text, "Write the number in E.164 with a leading +, such as +14155550100.")
    return Address(bare)


def is_phone(address: Address) -> bool:
    """Tell whether *address* is a phone number (otherwise it is a business-scoped user id).

    >>> is_phone(Address("ES.1349120865"))
    False
    """
    return address.startswith("+")


def wire(address: Address) -> str:
    """Return *address* as the provider writes it.

    >>> wire(Address("+34600000001"))
    'whatsapp:+34600000001'
    """
    return PREFIX + address


def masked(address: Address) -> str:
    """Return *address* for logs: the last two digits and the country prefix at most.

    >>> masked(Address("+34600000001"))
    '+34…01'
    """
    return f"{address[:3]}…{address[-2:]}"


def variants(address: Address) -> tuple[Address, ...]:
    """Return other spellings under which the same phone may be known, the given one left out.

    Mexico (+52 or +521), Argentina (+54 or +549) and Brazil (mobile numbers with or without the ninth
    digit). Only for finding a known customer: the address of a conversation is never rewritten.

    >>> variants(Address("+5215512345678"))
    ('+525512345678',)
    >>> variants(Address("+556281234567"))
    ('+5562981234567',)
    >>> variants(Address("+34600000001"))
    ()
    """
    rule = _VARIANTS.get(address[:3])
    return rule(address) if rule is not None else ()


def _mexico(address: Address) -> tuple[Address, ...]:
    return _optional_digit(address, "+52", "1", 10)


def _argentina(address: Address) -> tuple[Address, ...]:
    return _optional_digit(address, "+54", "9", 10)


def _optional_digit(address: Address, country: str, digit: str, length: int) -> tuple[Address, ...]:
    """Return the twin of a national number that may or may not begin with *digit*."""
    national = address[len(country) :]
    if len(national) == length:
        return (Address(country + digit + national),)
    if len(national) == length + 1 and national.startswith(digit):
        return (Address(country + national[1:]),)
    return ()


def _brazil(address: Address) -> tuple[Address, ...]:
    area, local = address[3:5], address[5:]
    if len(local) == 8 and local[0] in "6789":
        return (Address(f"+55{area}9{local}"),)
    if len(local) == 9 and local[0] == "9" and local[1] in "6789":
        return (Address(f"+55{area}{local[1:]}"),)
    return ()


_VARIANTS = {"+52": _mexico, "+54": _argentina, "+55": _brazil}


def parse_sid(text: str, prefix: str, field: str) -> str:
    """Return the provider identifier in *text* (two letters and 32 hexadecimal digits).

    For what we send or configure; identifiers in webhooks are taken as they come.

    Raises:
        InvalidValue: It has another prefix or another form.

    >>> parse_sid("AC" + "0" * 32, "AC", "account_sid")
    'AC00000000000000000000000000000000'
    """
    if not (_SID.fullmatch(text) and text.startswith(prefix)):
        raise InvalidValue(field, text[:6] + "…", f"It starts with {prefix} and has 32 hexadecimal digits.")
    return text


def parse_language(text: str, field: str = "language") -> str:
    """Return the language tag in *text*, with underscores, as WhatsApp writes it.

    Raises:
        InvalidValue: It is not a language tag.

    >>> parse_language("es-MX")
    'es_MX'
    """
    if not _LANGUAGE.fullmatch(text):
        raise InvalidValue(field, text, "Use a language tag such as es, es_MX or en_US.")
    return "_".join(_language_parts(text))


def _language_parts(text: str) -> list[str]:
    head, *rest = text.replace("-", "_").split("_")
    return [head.lower(), *(part.upper() if len(part) == 2 else part for part in rest)]


@functools.lru_cache(maxsize=256)
def language_chain(language: str) -> tuple[str, ...]:
    """Return *language* and its parents, the most specific first, as WhatsApp writes them.

    >>> language_chain("es-MX")
    ('es_MX', 'es')
    """
    parts = _language_parts(language)
    return tuple("_".join(parts[:size]) for size in range(len(parts), 0, -1))
