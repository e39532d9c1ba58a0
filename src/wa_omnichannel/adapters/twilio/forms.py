"""Forms (``application/x-www-form-urlencoded``) from raw bytes, fast and strict.

One ``translate`` turns ``+ % = &`` into space, ``=``, NUL and SOH; ``a2b_qp`` then decodes every escape in C.
Whether that was exact is proved by counting: each escape makes the text two bytes shorter, ``=`` and ``&``
alternate without a line break between them, and there are no more NULs and SOHs than they. Anything else (broken
escapes, missing ``=``, control characters) is read again by a slow path that knows every case.
"""

from __future__ import annotations

import re
from binascii import a2b_qp
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from wa_omnichannel.errors import MalformedWebhook

_SEPARATORS = bytes.maketrans(b"+%=&", b" =\0\1")
_ORDINARY = bytes(set(range(256)) - set(b"=&\n\r"))
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


class Form(NamedTuple):
    """A form that was read."""

    values: dict[str, str]
    """Values by name, blank ones included; of a repeated name the last."""
    signed: bytes
    """What the provider signs: each distinct name and value, sorted, without separators."""


def parse(body: bytes) -> Form:
    """Read a form.

    Raises:
        MalformedWebhook: An escape is broken, or the text is not UTF-8.

    >>> parse(b"b=%C3%A9+1&a=").values
    {'b': 'é 1', 'a': ''}
    >>> parse(b"b=2&a=1&b=1&b=2").signed
    b'a1b1b2'
    """
    raw = body.translate(_SEPARATORS)
    decoded = a2b_qp(raw)
    layout = body.translate(None, _ORDINARY)
    pairs = decoded.split(b"\1")
    if len(raw) - len(decoded) != 2 * body.count(b"%") or layout != (b"=&" * len(pairs))[:-1]:
        return _parse_slowly(body)
    try:
        parts = decoded.replace(b"\1", b"\0").decode().split("\0")
    except UnicodeDecodeError:
        raise _not_utf8() from None
    if len(parts) != len(layout) + 1:
        return _parse_slowly(body)
    each = iter(parts)
    values = dict(zip(each, each, strict=False))  # there is an even number of them, see above
    distinct = pairs if len(values) == len(pairs) else set(pairs)
    return Form(values, b"".join(sorted(distinct)).replace(b"\0", b""))


def _parse_slowly(body: bytes) -> Form:
    """Read any form, pair by pair; empty pairs are left out and a missing ``=`` means a blank value."""
    if _BROKEN_ESCAPE.search(body):
        raise MalformedWebhook("The form has a broken percent escape.")
    try:
        pairs = [_pair(part) for part in body.split(b"&") if part]
    except UnicodeDecodeError:
        raise _not_utf8() from None
    signed = "".join(name + value for name, value in sorted(set(pairs)))
    return Form(dict(pairs), signed.encode())


def _pair(part: bytes) -> tuple[str, str]:
    name, _, value = part.replace(b"+", b" ").partition(b"=")
    return unquote_to_bytes(name).decode(), unquote_to_bytes(value).decode()


def _not_utf8() -> MalformedWebhook:
    return MalformedWebhook("The form is not UTF-8.")
