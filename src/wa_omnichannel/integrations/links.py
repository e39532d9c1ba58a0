"""Signed links: to the files that the provider fetches from us, and to the surveys that customers answer.

A file link is for one file, for a while only; a survey link is for one conversation (SUR-10).
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
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import attrs

from wa_omnichannel._urls import below, checked_url
from wa_omnichannel.errors import InvalidValue, LinkExpired, NotFound
from wa_omnichannel.instants import aware
from wa_omnichannel.ports import SharedFile
from wa_omnichannel.surveys import Invitation

FOLDER = "/files/"
"""Where links begin, below the public address."""

LIFETIME = timedelta(hours=12)
"""How long a link works; longer than the provider holds a message that is waiting."""

SHORTEST_SECRET = 16
"""Fewest bytes of a secret."""

SURVEYS = "/survey/"
"""Where links to surveys begin, below the public address."""

_DIGEST = hashlib.sha256().digest_size


@attrs.frozen
class _Tokens:
    """Signed texts for one purpose; a token for one purpose is none for another."""

    purpose: bytes
    folder: str
    base: str
    secrets: tuple[bytes, ...] = attrs.field(repr=False)

    def url(self, payload: list[object], tail: str = "") -> str:
        """Return a link that holds *payload*."""
        text = json.dumps(payload, separators=(",", ":")).encode()
        token = base64.urlsafe_b64encode(self._sign(self.secrets[0], text) + text).rstrip(b"=").decode()
        return f"{self.base}{self.folder}{token}{tail}"

    def read(self, path: str, now: datetime, what: str) -> list[Any]:
        """Return the payload of the link with this *path*; it begins with the second at which it expires.

        Raises:
            LinkExpired: The link is ours, but too old.
            NotFound: It is no link of ours.
        """
        signed = _decoded(below(path, urlsplit(self.base).path), self.folder, what)
        signature, payload = signed[:_DIGEST], signed[_DIGEST:]
        # every secret is tried, so the time taken says nothing about which one it was
        if True not in [hmac.compare_digest(self._sign(secret, payload), signature) for secret in self.secrets]:
            raise NotFound(what, "behind this link")
        fields: list[Any] = json.loads(payload)
        if now.timestamp() >= fields[0]:
            raise LinkExpired(what, "behind this link any more")
        return fields

    def _sign(self, secret: bytes, payload: bytes) -> bytes:
        return hmac.digest(secret, self.purpose + payload, "sha256")


def _tokens(purpose: bytes, folder: str, public_url: str, secrets: Sequence[bytes]) -> _Tokens:
    if not secrets or min(len(secret) for secret in secrets) < SHORTEST_SECRET:
        raise InvalidValue("secrets", "…", f"Give at least one secret of {SHORTEST_SECRET} bytes or more.")
    return _Tokens(purpose, folder, checked_url(public_url, "public_url"), tuple(secrets))


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
        if lifetime <= timedelta(0):
            raise InvalidValue("lifetime", str(lifetime), "Use a duration above zero.")
        self._tokens = _tokens(b"wa_omnichannel file link 1\0", FOLDER, public_url, secrets)
        self._lifetime = lifetime

    def url(self, file: SharedFile, now: datetime) -> str:
        """Return a link to *file* that works for a while from *now* on.

        Raises:
            InvalidValue: *now* is naive.
        """
        aware(now, "now")
        expires = int((now + self._lifetime).timestamp())
        return self._tokens.url([expires, *attrs.astuple(file)], f"/{quote(file.name, safe='')}")

    def read(self, path: str, now: datetime) -> SharedFile:
        """Return the file that the *path* of a link leads to.

        Args:
            path: What follows the public address, or the whole path of the link.
            now: The current instant; aware.

        Raises:
            LinkExpired: The link is ours, but too old.
            NotFound: It is no link of ours.
        """
        return SharedFile(*self._tokens.read(path, now, "file")[1:])


class PersonalLinks:
    """Makes and reads the links to surveys; see :class:`~wa_omnichannel.ports.SurveyLinks`.

    >>> from datetime import UTC, datetime
    >>> links = PersonalLinks("https://shop.example/wa", [b"sixteen or more bytes"])
    >>> link = links.url(Invitation("c1", "after", "+14155550100", "es", datetime(2026, 1, 8, tzinfo=UTC)))
    >>> links.read(link.removeprefix("https://shop.example/wa"), datetime(2026, 1, 1, tzinfo=UTC)).conversation
    'c1'
    """

    def __init__(self, public_url: str, secrets: Sequence[bytes]) -> None:
        """Make links below *public_url*.

        Args:
            public_url: The address at which customers reach the application; that of the webhooks.
            secrets: The first one signs, all are accepted.

        Raises:
            InvalidValue: An argument is wrong; never shows a secret.
        """
        self._tokens = _tokens(b"wa_omnichannel survey link 1\0", SURVEYS, public_url, secrets)

    def url(self, invitation: Invitation) -> str:
        """Return the personal link for *invitation*; the same each time."""
        expires = int(aware(invitation.expires_at, "expires_at").timestamp())
        about = (invitation.conversation, invitation.survey, invitation.number, invitation.language)
        return self._tokens.url([expires, *about])

    def read(self, path: str, now: datetime) -> Invitation:
        """Return the invitation that the *path* of a link stands for.

        Args:
            path: What follows the public address, or the whole path of the link.
            now: The current instant; aware.

        Raises:
            LinkExpired: The link is ours, but too old.
            NotFound: It is no link of ours.
        """
        expires, conversation, survey, number, language = self._tokens.read(path, now, "survey")
        return Invitation(conversation, survey, number, language, datetime.fromtimestamp(expires, UTC))


def _decoded(path: str, folder: str, what: str) -> bytes:
    """Return signature and payload of the token in *path*; each token has one spelling only."""
    token = path.removeprefix(folder).partition("/")[0] if path.startswith(folder) else ""
    try:
        signed = base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True)
    except ValueError:
        raise NotFound(what, "behind this link") from None
    if base64.urlsafe_b64encode(signed).rstrip(b"=").decode() != token:
        raise NotFound(what, "behind this link")
    return signed
