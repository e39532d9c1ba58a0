"""How the emulated platform behaves, as one frozen value."""

from __future__ import annotations

from datetime import timedelta

import attrs


@attrs.frozen
class SharedKey:
    """A key of the Webhooks API: with it webhooks are signed by HMAC-SHA-256 instead of the account's token."""

    id: str
    secret: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Sandbox:
    """The shared test number: who writes ``join <code>`` is a member for 72 hours; ``stop`` leaves."""

    code: str = "quiet-river"
    number: str = "+14155238886"
    membership: timedelta = timedelta(hours=72)


@attrs.frozen(kw_only=True)
class Limits:
    """The governors of the platform; ``None`` switches one off, and all of them are off unless asked for.

    They go by the emulated clock. ``pair_every`` and ``pair_burst`` bound messages to one recipient,
    ``sender_per_second`` those of one sender and ``unique_users`` the people reached outside the window in 24 hours
    (all 63018); ``daily`` the messages of the account (63038, at once); ``concurrent`` the REST requests in progress
    (HTTP 429, 20429).
    """

    pair_every: timedelta | None = None
    pair_burst: int = 3
    sender_per_second: int | None = None
    unique_users: int | None = None
    daily: int | None = None
    concurrent: int | None = None


NO_LIMITS = Limits()
WHATSAPP_LIMITS = Limits(pair_every=timedelta(seconds=6), sender_per_second=80, unique_users=250)
SANDBOX_LIMITS = Limits(pair_every=timedelta(seconds=3), pair_burst=1)


@attrs.frozen(kw_only=True)
class Options:
    """How the emulated platform behaves.

    ``delay`` is the real time in seconds before each status; ``synchronous_63016`` refuses a free-form send outside
    the window at once instead of by callback. ``reviews`` lets submitted templates be approved or rejected without
    being asked. ``media_redirect`` answers a download with a 307 to a second host, as Twilio does. ``webhook_format``
    is ``form`` or ``json``. ``seed`` makes the sids, and the chances of a fault script, the same in each run.
    """

    account_sid: str
    auth_token: str = attrs.field(repr=False)
    delay: float = 0.02
    synchronous_63016: bool = False
    reviews: bool = True
    media_redirect: bool = False
    webhook_format: str = "form"
    shared_key: SharedKey | None = None
    debugger_url: str | None = None
    sandbox: Sandbox | None = None
    limits: Limits = NO_LIMITS
    seed: int | None = None
