"""Which business numbers, with which token, at which address."""

from __future__ import annotations

import re
from collections.abc import Mapping

import attrs

from wa_omnichannel._net.secret import Secret
from wa_omnichannel._urls import checked_url
from wa_omnichannel.addresses import Address, parse_number
from wa_omnichannel.errors import InvalidValue

API_URL = "https://graph.facebook.com"
"""Meta's Graph API."""

VERSION = "v23.0"
"""The version of the API that is spoken unless another one is asked for."""

TIMEOUTS = (5.0, 15.0)
"""Longest time in seconds until a connection stands, and that the provider may be silent."""

_ID = re.compile(r"[0-9]{1,32}", re.ASCII)
_VERSION = re.compile(r"v[0-9]{1,3}\.[0-9]", re.ASCII)


@attrs.frozen
class MetaAccount:
    """The access to the API: a token and the numbers it is for."""

    token: Secret
    numbers: Mapping[Address, str]
    """The API's id of each business number."""
    base_url: str
    """Address and version, without a slash at the end."""
    timeouts: tuple[float, float] = TIMEOUTS

    @classmethod
    def of(
        cls,
        access_token: str | Secret,
        numbers: Mapping[str, str],
        base_url: str | None = None,
        version: str = VERSION,
        timeouts: tuple[float, float] = TIMEOUTS,
    ) -> MetaAccount:
        """Return the account after checking every part.

        Raises:
            InvalidValue: A part is wrong; names it.
        """
        token = Secret(access_token)
        if not token:
            raise InvalidValue("access_token", "", "Make a token for a system user in the business settings.")
        if min(timeouts) <= 0:
            raise InvalidValue("timeouts", str(timeouts), "Give seconds above zero for connecting and for reading.")
        if not _VERSION.fullmatch(version):
            raise InvalidValue("version", version, "Write a version of the Graph API such as v23.0.")
        known = {parse_number(number): _checked_id(found) for number, found in numbers.items()}
        root = checked_url(API_URL if base_url is None else base_url, "base_url")
        return cls(token, known, f"{root}/{version}", timeouts)

    def authorization(self) -> str:
        """Return the value of the ``Authorization`` header. Secret."""
        return "Bearer " + self.token.reveal()

    def number_of(self, phone_number_id: str) -> Address | None:
        """Return the business number that the API calls *phone_number_id*."""
        return next((number for number, known in self.numbers.items() if known == phone_number_id), None)


def _checked_id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise InvalidValue("numbers", text[:40], "Give the phone number id from the WhatsApp Manager: digits only.")
    return text
