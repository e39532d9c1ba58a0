"""Links under which the provider fetches the files we send: signed, for a while only, for one file each.

The provider asks with HEAD, then GET, and compares the ``Content-Type``; it takes the file's name from
``Content-Disposition``. A link holds everything that is answered, signed, so nothing has to be looked up and
nothing can be changed. Several secrets may be valid at once: the first one signs, all of them are accepted,
so a secret is replaced by putting the new one first and dropping the old one a day later.

Source: Twilio, "Guidance on WhatsApp Media Messages" (2026-07).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit

import attrs

from wa_omnichannel._urls import below, checked_url
from wa_omnichannel.errors import InvalidValue, LinkExpired, NotFound
from wa_omnichannel.instants import aware
from wa_omnichannel.ports import SharedFile

FOLDER = "/files/"
"""Where links begin, below the public address."""

LIFETIME = timedelta(hours=12)
"""How long a link works; longer than the provider holds a message that is waiting."""

SHORTEST_SECRET = 16
"""Fewest bytes of a secret."""

_PURPOSE = b"wa_omnichannel file link 1\0"
_DIGEST = hashlib.sha256().digest_size


class MediaLinks:
    """Makes and reads links; see :class:`~wa_omnichannel.ports.Links`.

    >>> from datetime import UTC, datetime
    >>> links = MediaLinks("https://shop.example/wa", [b"sixteen or more bytes"])
    >>> now = datetime(2026, 1, 1, tzinfo=UTC)
    >>> url = links.url(SharedFile("b1", "application/pdf", "a.pdf", 9), now)
    >>> links.read(url.removeprefix("https://shop.example/wa"), now).content_type
    'application/pdf'
    """

    def __init__(self, public_url: str, secrets: Sequence[bytes], *, lifetime: timedelta = LIFETIME) -> None:
        """Make links below *public_url*.

        Args:
            public_url: The address at which the provider reaches the application; that of the webhooks.
            secrets: The first one signs, all are accepted.
            lifetime: How long a link works.

        Raises:
            InvalidValue: An argument is wrong; never shows a secret.
        """
        if not secrets or min(len(secret) for secret in secrets) < SHORTEST_SECRET:
            raise InvalidValue("secrets", "…", f"Give at least one secret of {SHORTEST_SECRET} bytes or more.")
        if lifetime <= timedelta(0):
            raise InvalidValue("lifetime", str(lifetime), "Use a duration above zero.")
        self._base = checked_url(public_url, "public_url")
        self._path = urlsplit(self._base).path
        self._secrets = tuple(secrets)
        self._lifetime = lifetime

    def url(self, file: SharedFile, now: datetime) -> str:
        """Return a link to *file* that works for a while from *now* on.

        Raises:
            InvalidValue: *now* is naive.
        """
        aware(now, "now")
        expires = int((now + self._lifetime).timestamp())
        payload = json.dumps([expires, *attrs.astuple(file)], separators=(",", ":")).encode()
        token = base64.urlsafe_b64encode(_sign(self._secrets[0], payload) + payload).rstrip(b"=").decode()
        return f"{self._base}{FOLDER}{token}/{quote(file.name, safe='')}"

    def read(self, path: str, now: datetime) -> SharedFile:
        """Return the file that the *path* of a link leads to.

        Args:
            path: What follows the public address, or the whole path of the link.
            now: The current instant; aware.

        Raises:
            LinkExpired: The link is ours, but too old.
            NotFound: It is no link of ours.
        """
        signed = _decoded(below(path, self._path))
        signature, payload = signed[:_DIGEST], signed[_DIGEST:]
        # every secret is tried, so the time taken says nothing about which one it was
        if True not in [hmac.compare_digest(_sign(secret, payload), signature) for secret in self._secrets]:
            raise _no_link()
        expires, *fields = json.loads(payload)
        if now.timestamp() >= expires:
            raise LinkExpired("file", "behind this link any more")
        return SharedFile(*fields)


def _sign(secret: bytes, payload: bytes) -> bytes:
    return hmac.digest(secret, _PURPOSE + payload, "sha256")


def _decoded(path: str) -> bytes:
    """Return signature and payload of the token in *path*; each token has one spelling only."""
    token = path.removeprefix(FOLDER).partition("/")[0] if path.startswith(FOLDER) else ""
    try:
        signed = base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True)
    except ValueError:
        raise _no_link() from None
    if base64.urlsafe_b64encode(signed).rstrip(b"=").decode() != token:
        raise _no_link()
    return signed


def _no_link() -> NotFound:
    return NotFound("file", "behind this link")
