"""What all integrations share: raw HTTP parts to a neutral request, and errors to a status."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

import attrs

from wa_omnichannel._urls import checked_url
from wa_omnichannel.errors import InvalidValue, LinkExpired, NotFound, WaOmnichannelError
from wa_omnichannel.omnichannel import Health
from wa_omnichannel.ports import SharedFile
from wa_omnichannel.webhooks import WebhookRequest, WebhookResponse

_log = logging.getLogger("wa_omnichannel")

METHODS = frozenset({"GET", "POST", "PUT"})
"""Methods the provider may use for webhooks."""

NOT_ALLOWED = WebhookResponse(405, b"Webhooks are sent with POST, PUT or GET.")
"""Answer to any other method."""


def too_large(limit: int) -> WebhookResponse:
    """Return the answer to a body of more than *limit* bytes."""
    return WebhookResponse(413, f"A webhook has at most {limit} bytes.".encode())


def request_of(
    method: str, path: str, query: bytes, headers: Iterable[tuple[bytes, bytes]], body: bytes
) -> WebhookRequest:
    """Return the neutral request for the raw parts of an HTTP request."""
    named = tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers)
    return WebhookRequest(body, named, path or "/", query.decode("latin-1"), method)


class Proxies:
    """The proxies whose word about the public address counts.

    >>> request = WebhookRequest(b"", (("x-forwarded-host", "shop.example"), ("x-forwarded-proto", "https")))
    >>> proxies = Proxies(["10.0.0.0/8"])
    >>> proxies.told(request, "10.1.2.3").origin, proxies.told(request, "203.0.113.5").origin
    ('https://shop.example', '')
    """

    def __init__(self, trusted: Iterable[str]) -> None:
        """Trust these addresses and networks.

        Raises:
            InvalidValue: One is neither.
        """
        self._networks = tuple(_network(text) for text in trusted)

    def told(self, request: WebhookRequest, client: str) -> WebhookRequest:
        """Return *request* with the public address that *client* tells, if it is trusted and tells one."""
        if not self._networks or not self._trusts(client):
            return request
        host = _first(request, "x-forwarded-host")
        prefix = (_first(request, "x-forwarded-prefix") or "").rstrip("/")
        origin = f"{_first(request, 'x-forwarded-proto') or 'https'}://{host}{prefix}"
        try:
            return attrs.evolve(request, origin=checked_url(origin, "x-forwarded-host")) if host else request
        except InvalidValue:
            return request

    def _trusts(self, client: str) -> bool:
        try:
            address = ip_address(client)
        except ValueError:
            return False
        return any(address in network for network in self._networks)


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        raise InvalidValue("trusted_proxies", text, "Write an address or a network, such as 10.0.0.0/8.") from None


def _first(request: WebhookRequest, name: str) -> str | None:
    """Return the first value of a header that proxies add values to."""
    value = request.header(name)
    return value and value.partition(",")[0].strip()


def failure(error: WaOmnichannelError) -> WebhookResponse:
    """Return the answer when a webhook could not be taken: the provider should try again."""
    _log.error("webhook not taken: %s", error.code)
    return WebhookResponse(503, b"Not taken; try again.")


FILE_METHODS = frozenset({"GET", "HEAD"})
"""Methods with which the provider fetches files."""


def file_headers(file: SharedFile) -> tuple[tuple[str, str], ...]:
    """Return the headers of a file that the provider fetches; the same for HEAD and GET.

    A browser that comes across the link shows the file as what it is, and runs nothing in it.
    """
    return (
        ("content-type", file.content_type),
        ("content-length", str(file.size)),
        ("content-disposition", f'inline; filename="{file.name}"'),
        ("cache-control", "private, no-store"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("x-content-type-options", "nosniff"),
    )


def no_file(error: NotFound) -> WebhookResponse:
    """Return the answer to a link that leads nowhere, or not any more."""
    if isinstance(error, LinkExpired):
        return WebhookResponse(410, b"This link is too old.")
    return WebhookResponse(404, b"There is no such file.")


def health_response(health: Health, asked: str) -> WebhookResponse:
    """Return the answer to a monitor: *asked* is ``health`` or ``ready``."""
    good = health.ready if asked == "ready" else health.well
    told = {"store": health.problem or "ok", "overdue_seconds": health.overdue.total_seconds(), "dead": health.dead}
    return WebhookResponse(200 if good else 503, json.dumps(told).encode(), "application/json")
