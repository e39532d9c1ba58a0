"""Posting webhooks as Twilio does: signed forms, timeouts, retries, connection overrides in the fragment."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urldefrag

import attrs
import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from wa_omnichannel.emulator.records import Delivery, WebhookRecord
from wa_omnichannel.emulator.signing import webhook_headers
from wa_omnichannel.emulator.world import World

ANSWERED = "ok"


@attrs.frozen(kw_only=True)
class Policy:
    """Timeouts in seconds and what is retried: ``4xx``, ``5xx``, ``ct``, ``rt`` or ``all``."""

    connect: float = 5.0
    read: float = 15.0
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


def policy_of(url: str) -> Policy:
    """Read the connection overrides in the fragment of a webhook URL (``#ct=2000&rc=2&rp=all``)."""
    given = dict(parse_qsl(urldefrag(url).fragment))
    return Policy(
        connect=int(given.get("ct", 5000)) / 1000,
        read=int(given.get("rt", 15000)) / 1000,
        retries=int(given.get("rc", 1)),
        retry_on=frozenset(given.get("rp", "ct").split(",")),
    )


def post_webhook(world: World, kind: str, url: str, params: Mapping[str, str], *, copies: int = 1) -> Delivery:
    """Post a signed form ``copies`` times, log each and return how the last one fared."""
    target, policy = urldefrag(url).url, policy_of(url)
    headers = webhook_headers(world.options.auth_token, target, params)
    delivery = Delivery(None, "", params.get("MessageSid", ""), 0, "the webhook was lost by an ordered fault")
    for _ in range(copies):
        attempts = _attempts(target, params, headers, policy)
        delivery = _delivery(params, attempts)
        world.log_webhook(
            WebhookRecord(
                kind=kind,
                url=url,
                params=params,
                headers=headers,
                status_code=delivery.status_code,
                attempts=delivery.attempts,
                at=world.clock.now(),
            )
        )
    return delivery


def _attempts(url: str, params: Mapping[str, str], headers: Mapping[str, str], policy: Policy) -> list[Attempt]:
    made = [_attempt(url, params, headers, policy)]
    while len(made) <= policy.retries and policy.retries_after(made[-1].outcome):
        made.append(_attempt(url, params, headers, policy))
    return made


def _attempt(url: str, params: Mapping[str, str], headers: Mapping[str, str], policy: Policy) -> Attempt:
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(
                url,
                data=dict(params),
                headers=dict(headers),
                timeout=(policy.connect, policy.read),
                allow_redirects=False,
            )
    except requests.RequestException as failure:
        return Attempt(_failure_kind(failure), error=str(failure))
    return Attempt(
        _answer_kind(answer.status_code),
        answer.status_code,
        answer.content.decode("utf-8", "replace"),
        answer.headers.get("Content-Type", ""),
    )


def _answer_kind(status: int) -> str:
    return f"{status // 100}xx" if status >= 400 else ANSWERED


def _failure_kind(failure: requests.RequestException) -> str:
    cause = failure.args[0] if failure.args else None
    unconnected = isinstance(getattr(cause, "reason", None), NewConnectionError | ConnectTimeoutError)
    return "ct" if unconnected else "rt"


def _delivery(params: Mapping[str, str], attempts: list[Attempt]) -> Delivery:
    last = attempts[-1]
    sid = params.get("MessageSid", "")
    return Delivery(last.status_code, last.body, sid, len(attempts), last.error, last.content_type)
