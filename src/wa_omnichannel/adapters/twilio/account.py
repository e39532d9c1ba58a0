"""Which account, with which credentials, at which address."""

from __future__ import annotations

import base64
from urllib.parse import urlsplit

import attrs

from wa_omnichannel._urls import checked_url, without_user
from wa_omnichannel.adapters.twilio.secret import Secret
from wa_omnichannel.addresses import parse_sid
from wa_omnichannel.errors import InvalidValue

API_URL = "https://api.twilio.com"
"""The provider's REST API; a region has its own, such as ``https://api.dublin.ie1.twilio.com``."""

CONNECT_TIMEOUT = 5.0
"""Longest time in seconds until a connection stands."""

READ_TIMEOUT = 15.0
"""Longest time in seconds the provider may be silent; both together stay below the lease of a lane."""


@attrs.frozen
class Account:
    """One account of the provider and how to reach it."""

    sid: str
    user: str
    password: Secret
    base_url: str = API_URL
    timeouts: tuple[float, float] = (CONNECT_TIMEOUT, READ_TIMEOUT)
    """For connecting and for reading, in seconds."""

    @classmethod
    def of(
        cls,
        account_sid: str,
        auth_token: str | Secret,
        api_key: tuple[str, str | Secret] | None = None,
        base_url: str | None = None,
        timeouts: tuple[float, float] = (CONNECT_TIMEOUT, READ_TIMEOUT),
    ) -> Account:
        """Return the account after checking every part.

        Args:
            account_sid: The account or sub-account (``AC…``) that everything belongs to.
            auth_token: Its auth token.
            api_key: What to sign in with instead: SID (``SK…``) and secret of an API key, or SID (``AC…``) and token
                of the main account, which may call for its sub-accounts (messages and files only).
            base_url: Address of the API, for a region (:func:`api_url`) or a local Twilio.
            timeouts: For connecting and for reading, in seconds.

        Raises:
            InvalidValue: A part is wrong; names it.
        """
        auth_token, api_key = Secret(auth_token), hidden(api_key)
        sid = parse_sid(account_sid, "AC", "account_sid")
        if not auth_token:
            raise InvalidValue("auth_token", "", "Copy it from the account's page in the console.")
        if min(timeouts) <= 0:
            raise InvalidValue("timeouts", str(timeouts), "Give seconds above zero for connecting and for reading.")
        url = checked_url(API_URL if base_url is None else base_url, "base_url")
        if api_key is None:
            return cls(sid, sid, auth_token, url, timeouts)
        kind = "AC" if api_key[0].startswith("AC") else "SK"
        user, password = parse_sid(api_key[0], kind, "api_key"), Secret(api_key[1])
        if not password:
            raise InvalidValue("api_key", user[:6] + "…", "Its secret is shown once, when it is made.")
        return cls(sid, user, password, url, timeouts)

    def url(self, product: str) -> str:
        """Return the address of another *product* of the provider in the same region; a local one serves them all.

        >>> account = Account.of("AC" + "0" * 32, "token", base_url=api_url("ie1", "dublin"))
        >>> account.url("content")
        'https://content.dublin.ie1.twilio.com'
        """
        host = urlsplit(self.base_url).netloc
        if not (host.startswith("api.") and host.endswith(".twilio.com")):
            return self.base_url
        return self.base_url.replace("://api.", f"://{product}.", 1)

    def authorization(self) -> str:
        """Return the value of the ``Authorization`` header. Secret."""
        return "Basic " + base64.b64encode(f"{self.user}:{self.password.reveal()}".encode()).decode()


def api_url(region: str | None = None, edge: str | None = None) -> str:
    """Return the address of the API in a region, entered at an edge; both have short names, such as ``ie1``.

    >>> api_url(), api_url("ie1", "dublin"), api_url("us1")
    ('https://api.twilio.com', 'https://api.dublin.ie1.twilio.com', 'https://api.us1.twilio.com')
    >>> api_url(edge="dublin")  # an edge alone leads to the first region
    'https://api.dublin.us1.twilio.com'
    """
    places = [each for each in (edge, region or (edge and "us1")) if each]
    return ".".join(["https://api", *places, "twilio.com"])


def hidden(api_key: tuple[str, str | Secret] | None) -> tuple[str, str | Secret] | None:
    """Return *api_key* with its secret as a :class:`Secret`."""
    return None if api_key is None else (api_key[0], Secret(api_key[1]))


def public_url_of(text: str) -> str:
    """Return *text* if the provider can call it.

    Raises:
        InvalidValue: It is not an absolute address, or has an underscore in its host name.
    """
    url = checked_url(text, "public_url")
    if "_" in (urlsplit(url).hostname or ""):
        raise InvalidValue("public_url", without_user(url), "The provider refuses host names with an underscore.")
    return url
