"""A bot behind an HTTP address: each turn is posted as signed JSON, the answer is JSON.

What is posted::

    {"conversation": "…", "message": "…", "number": "+14155550100", "language": "es", "name": "Ana",
     "text": "Hola", "kind": "text", "context": {"topic": "bill"}}

with the headers ``X-Bot-Timestamp`` (seconds since 1970) and ``X-Bot-Signature``: ``sha256=`` and the HMAC of the
timestamp, a full stop and the body, in hexadecimal digits. What is answered, every part optional::

    {"messages": [{"text": "…"}, {"template": "order_ready", "variables": {"1": "Ana"}}],
     "context": {"topic": "bill"}, "escalate": {"summary": "…"}, "end": false}

The same turn may be posted twice, after a crash; ``message`` tells.
"""

from __future__ import annotations

import contextlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, cast
from urllib.parse import urlsplit

from wa_omnichannel._urls import checked_url
from wa_omnichannel.bots import Escalation, Reply, Turn
from wa_omnichannel.errors import InvalidValue, TransportError
from wa_omnichannel.messages import Content, TemplateMessage, Text
from wa_omnichannel.ports import Clock

LARGEST_ANSWER = 64 * 1024
"""Most bytes of an answer."""

SHORTEST_SECRET = 16
"""Fewest bytes of a secret."""


class HttpBot:
    """Asks a bot behind an HTTP address; call it like any bot, it runs in a worker thread."""

    def __init__(self, url: str, secret: bytes, *, clock: Clock, limit: timedelta = timedelta(seconds=10)) -> None:
        """Prepare a bot.

        Args:
            url: The address that turns are posted to; redirects are not followed.
            secret: Signs what is posted.
            clock: Tells the time that is signed.
            limit: How long one network step may take; the channel limits the whole turn.

        Raises:
            InvalidValue: The address or the secret is wrong; never shows the secret.
        """
        if len(secret) < SHORTEST_SECRET:
            raise InvalidValue("secret", "…", f"Use {SHORTEST_SECRET} bytes or more.")
        self._url = checked_url(url, "url")
        self._secret = secret
        self._clock = clock
        self._limit = limit

    def __call__(self, turn: Turn) -> Reply:
        """Answer one message.

        Raises:
            TransportError: The bot could not be asked, or its answer makes no sense.
        """
        body = json.dumps(_asked(turn), ensure_ascii=False, default=_shown).encode()
        headers = sign(self._secret, body, self._clock.now())
        try:
            with contextlib.closing(self._connection()) as connection:
                connection.request("POST", urlsplit(self._url).path or "/", body, headers)
                answer = connection.getresponse()
                content = answer.read(LARGEST_ANSWER + 1)
        except (OSError, HTTPException) as error:
            raise TransportError(f"The bot could not be asked: {type(error).__name__}.") from error
        if answer.status != HTTPStatus.OK:
            raise TransportError(f"The bot answered with status {answer.status}.", http_status=answer.status)
        return read_reply(content)

    def _connection(self) -> HTTPConnection:
        parts = urlsplit(self._url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        return kind(parts.hostname or "", parts.port, timeout=self._limit.total_seconds())


def sign(secret: bytes, body: bytes, now: datetime) -> dict[str, str]:
    """Return the headers of a turn that is posted at *now*.

    >>> from datetime import UTC
    >>> sign(b"sixteen or more bytes", b"{}", datetime(2026, 1, 1, tzinfo=UTC))["X-Bot-Timestamp"]
    '1767225600'
    """
    stamp = str(int(now.timestamp()))
    signature = hmac.digest(secret, f"{stamp}.".encode() + body, "sha256").hex()
    return {
        "Content-Type": "application/json",
        "X-Bot-Timestamp": stamp,
        "X-Bot-Signature": f"sha256={signature}",
    }


def _asked(turn: Turn) -> dict[str, Any]:
    return {
        "conversation": turn.conversation,
        "message": turn.message,
        "number": turn.number,
        "language": turn.language,
        "name": turn.name,
        "text": turn.text,
        "kind": type(turn.content).__name__.lower(),
        "context": dict(turn.context),
    }


def _shown(value: object) -> str:
    """Return what JSON does not know, such as dates, as text."""
    return str(value)


def read_reply(body: bytes) -> Reply:
    """Return what the bot answered.

    Raises:
        TransportError: It makes no sense.

    >>> read_reply(b'{"messages": [{"text": "Hello"}], "end": true}')
    Reply(messages=(Text(body='Hello'),), context={}, escalate=None, end=True)
    """
    if len(body) > LARGEST_ANSWER:
        raise TransportError(f"The bot's answer has more than {LARGEST_ANSWER} bytes.")
    try:
        answer = cast("dict[str, Any]", _object(json.loads(body)))
        escalate = answer.get("escalate")
        return Reply(
            tuple(_content(_object(part)) for part in cast("list[Any]", answer.get("messages", []))),
            _object(answer.get("context", {})),
            None if escalate is None else Escalation(str(_object(escalate).get("summary", ""))),
            answer.get("end", False) is True,
        )
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise TransportError(f"The bot's answer makes no sense: {type(error).__name__}.") from error


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("not a JSON object")
    return cast("dict[str, Any]", value)


def _content(part: Mapping[str, Any]) -> Content:
    if "text" in part:
        return Text(str(part["text"]))
    variables = {str(name): str(value) for name, value in _object(part.get("variables", {})).items()}
    return TemplateMessage(str(part["template"]), variables)
