"""Addresses of web sites, as settings give them; user and password in them are secrets."""

from __future__ import annotations

from urllib.parse import urlsplit

from wa_omnichannel.errors import InvalidValue


def checked_url(text: str, field: str) -> str:
    """Return *text* without a slash at the end if it is an absolute address of a web site.

    Raises:
        InvalidValue: It is not.

    >>> checked_url("https://example.com/wa/", "public_url")
    'https://example.com/wa'
    """
    try:
        parts = urlsplit(text)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise _not_a_url(text, field) from None
    if not fits or parts.query or parts.fragment or not (text.isascii() and text.isprintable()) or " " in text:
        raise _not_a_url(text, field)
    return text.rstrip("/")


def _not_a_url(text: str, field: str) -> InvalidValue:
    fix = "Write an absolute address without query, such as https://example.com/wa."
    return InvalidValue(field, without_user(text), fix)


def without_user(url: str) -> str:
    """Leave out user and password, which are secrets."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://…@{rest.rpartition('@')[2]}" if "@" in rest else url


def below(path: str, prefix: str) -> str:
    """Return what follows *prefix* in *path*; the whole path if it does not begin with whole steps of it.

    So an application finds its way whether or not it is mounted where its public address says.

    >>> below("/wa/inbound", "/wa"), below("/inbound", "/wa"), below("/inbound", "/in")
    ('/inbound', '/inbound', '/inbound')
    """
    rest = path.removeprefix(prefix)
    return rest if not rest or rest.startswith("/") else path
