"""Posting webhooks as Twilio does: signed, with timeouts and retries by the overrides in the URL's fragment.

The fragment's keys: ``ct``, ``rt`` and ``tt`` are the connect, read and total timeouts in milliseconds, ``rc`` the
number of retries, ``rp`` what is retried (``4xx``, ``5xx``, ``ct``, ``rt``, ``all``, comma-separated). Values out of
range are brought into it; ``e`` (edge) and ``sni`` have no meaning on loopback.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from functools import lru_cache, partial
from urllib.parse import parse_qsl, quote_plus, urldefrag, urlsplit

import attrs

from wa_omnichannel.emulator.behaviour.alerts import alert_params
from wa_omnichannel.emulator.behaviour.failures import failure_text
from wa_omnichannel.emulator.behaviour.signing import webhook_headers, with_body_hash
from wa_omnichannel.emulator.http import ConnectFailed, ReadFailed
from wa_omnichannel.emulator.state.records import Delivery, WebhookRecord
from wa_omnichannel.emulator.state.world import World

ANSWERED = "ok"
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

# Bounds and defaults of the overrides.
_RANGES = {"ct": (100, 10000, 5000), "rt": (100, 15000, 15000), "tt": (100, 15000, 15000), "rc": (0, 5, 1)}


@attrs.frozen(kw_only=True)
class Policy:
    """Timeouts in seconds and what is retried: ``4xx``, ``5xx``, ``ct``, ``rt`` or ``all``."""

    connect: float = 5.0
    read: float = 15.0
    total: float = 15.0
    retries: int = 1
    retry_on: frozenset[str] = frozenset({"ct"})

    def retries_after(self, outcome: str) -> bool:
        """Tell whether this outcome of an attempt calls for another one."""
        return outcome != ANSWERED and bool(self.retry_on & {outcome, "all"})


@attrs.frozen
class Attempt:
    """One HTTP request of a webhook: its outcome, and the answer if there was one."""

    outcome: str
    status_code: int | None = None
    body: str = ""
    content_type: str = ""
    error: str = ""


@attrs.frozen(kw_only=True)
class Request:
    """A webhook ready to be sent, as often as the policy asks."""

    method: str
    url: str
    body: bytes
    headers: Mapping[str, str]
    policy: Policy


@attrs.frozen(kw_only=True)
class Target:
    """Where a webhook goes: the URL, the verb, and who is called with the error when it fails."""

    url: str
    method: str = "POST"
    fallback_url: str | None = None
    fallback_method: str = "POST"


DEFAULT_POLICY = Policy()


def policy_of(url: str) -> Policy:
    """Read the connection overrides in the fragment of a webhook URL (``#ct=2000&rc=2&rp=all``)."""
    if "#" not in url:
        return DEFAULT_POLICY
    given = dict(parse_qsl(urldefrag(url).fragment))
    return Policy(
        connect=_bounded(given, "ct") / 1000,
        read=_bounded(given, "rt") / 1000,
        total=_bounded(given, "tt") / 1000,
        retries=_bounded(given, "rc"),
        retry_on=frozenset(given.get("rp", "ct").split(",")),
    )


def _bounded(given: Mapping[str, str], name: str) -> int:
    low, high, default = _RANGES[name]
    text = given.get(name, "")
    return min(max(int(text), low), high) if text.isdecimal() else default


async def post_webhook(
    world: World, kind: str, target: Target, params: Mapping[str, str], *, copies: int = 1
) -> Delivery:
    """Send a signed webhook ``copies`` times, log each and return how the last one fared.

    If it fails and the target has a fallback URL, that is called with ``ErrorCode`` and ``ErrorUrl`` besides, and its
    answer counts.
    """
    request = _request(world, target.method, target.url, params)
    delivery = Delivery(None, "", params.get("MessageSid", ""), 0, "the webhook was lost by an ordered fault")
    outcome = ANSWERED
    for _ in range(copies):
        delivery, outcome = await _send(world, kind, target.url, params, request)
    if outcome == ANSWERED:
        return delivery
    code = _error_code(outcome)
    if kind != "debugger":
        raise_alert(world, code, "error", delivery.sid, urldefrag(target.url).url)
    if target.fallback_url is None:
        return delivery
    error = {"ErrorCode": str(code), "ErrorUrl": urldefrag(target.url).url}
    fallback = Target(url=target.fallback_url, method=target.fallback_method)
    return await post_webhook(world, "fallback", fallback, {**params, **error})


def raise_alert(world: World, code: int, level: str, resource_sid: str, url: str = "") -> None:
    """Put an alert into the Debugger and, if it has a webhook, tell that soon."""
    alert = world.add_alert(code, level, failure_text(code), resource_sid, url)
    if world.options.debugger_url:
        target = Target(url=world.options.debugger_url)
        post = partial(post_webhook, world, "debugger", target, alert_params(world, alert))
        world.scheduler.submit(alert.sid, 0, post)


def _request(world: World, method: str, url: str, params: Mapping[str, str]) -> Request:
    address = urldefrag(url).url
    nothing: dict[str, str] = {}
    content_type, body, signed = FORM, b"", params
    if method == "GET":
        address, signed = f"{address}{'&' if urlsplit(address).query else '?'}{_form(params)}", nothing
    elif world.options.webhook_format == "json":
        content_type, body, signed = JSON, json.dumps(dict(params)).encode(), nothing
        address = with_body_hash(address, body)
    else:
        body = _form(params).encode()
    headers = webhook_headers(world.options, address, signed, content_type)
    return Request(method=method, url=address, body=body, headers=headers, policy=policy_of(url))


_quoted = lru_cache(4096)(quote_plus)  # names, addresses and sids recur from one webhook to the next


def _form(params: Mapping[str, str]) -> str:
    return "&".join([f"{_quoted(name)}={_quoted(value)}" for name, value in params.items()])


async def _send(world: World, kind: str, url: str, params: Mapping[str, str], request: Request) -> tuple[Delivery, str]:
    attempts = await _attempts(world, request)
    last = attempts[-1]
    world.log_webhook(
        WebhookRecord(
            kind=kind,
            url=url,
            params=params,
            headers=request.headers,
            status_code=last.status_code,
            attempts=len(attempts),
            at=world.clock.now(),
        )
    )
    sid = params.get("MessageSid", "")
    delivery = Delivery(last.status_code, last.body, sid, len(attempts), last.error, last.content_type)
    return delivery, last.outcome


async def _attempts(world: World, request: Request) -> list[Attempt]:
    policy = request.policy
    deadline = time.monotonic() + policy.total
    made = [await _attempt(world, request, policy.total)]
    while len(made) <= policy.retries and policy.retries_after(made[-1].outcome):
        left = deadline - time.monotonic()
        if left <= 0:
            break
        made.append(await _attempt(world, request, left))
    return made


async def _attempt(world: World, request: Request, seconds: float) -> Attempt:
    policy = request.policy
    try:
        answer = await world.connections.request(
            request.method,
            request.url,
            request.headers.items(),
            request.body,
            connect=policy.connect,
            read=policy.read,
            total=seconds,
        )
    except ConnectFailed as failure:
        return Attempt("ct", error=str(failure))
    except ReadFailed as failure:
        return Attempt("rt", error=str(failure))
    outcome = f"{answer.status // 100}xx" if answer.status >= 400 else ANSWERED
    return Attempt(outcome, answer.status, answer.body.decode("utf-8", "replace"), answer.content_type)


def _error_code(outcome: str) -> int:
    return 11205 if outcome in {"ct", "rt"} else 11200
