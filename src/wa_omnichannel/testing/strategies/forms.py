"""Strategies for webhooks as Twilio posts them: every kind of message and status, signed or not.

A form is a dictionary of parameters; :func:`posted` makes a request of it, and signs it if it is told the address
and the secret. ``extra`` adds parameters of your own.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import urlencode

from hypothesis import strategies as st

from wa_omnichannel.addresses import PREFIX, Address
from wa_omnichannel.attachments import MEDIA_TYPES
from wa_omnichannel.testing.strategies.identities import phones, sids, user_ids
from wa_omnichannel.webhooks import WebhookRequest

Form = Mapping[str, str]

ACCOUNT = "AC" + "0" * 32
"""The account of the forms."""

_WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
_BODIES = st.sampled_from(("Hola", "STOP", "¿Está listo?\nGracias 🙏")) | _WORDS
_MEDIA_URL = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/MM{'1' * 32}/Media/ME{'2' * 32}"
_STATUSES = ("queued", "sending", "sent", "delivered", "read", "failed", "undelivered", "canceled", "in_orbit")
_CODES = ("63016", "63024", "21610", "30008", "63999")


def _kind(body: st.SearchStrategy[str], message_type: str, **more: st.SearchStrategy[str]) -> st.SearchStrategy[Form]:
    return st.fixed_dictionaries({"Body": body, "NumMedia": st.just("0"), "MessageType": st.just(message_type), **more})


def _media(types: tuple[str, ...], message_type: str) -> st.SearchStrategy[Form]:
    file = {"MediaUrl0": st.just(_MEDIA_URL), "MediaContentType0": st.sampled_from(types)}
    return _kind(st.just("") | _BODIES, message_type, **file).map(lambda form: {**form, "NumMedia": "1"})


def _of_type(start: str) -> tuple[str, ...]:
    return tuple(name for name in MEDIA_TYPES if name.startswith(start))


_NOTHING = st.just("")
_LATITUDES = st.floats(-90, 90).map(lambda degrees: f"{degrees:.6f}")
_LONGITUDES = st.floats(-180, 180).map(lambda degrees: f"{degrees:.6f}")

KINDS: Mapping[str, st.SearchStrategy[Form]] = {
    "text": _kind(_BODIES, "text"),
    "button": _kind(_BODIES, "button", ButtonText=_WORDS, ButtonPayload=_WORDS),
    "list": _kind(_BODIES, "interactive", ListId=_WORDS, ListTitle=_WORDS, ListDescription=_WORDS),
    "flow": _kind(_NOTHING, "interactive", FlowData=st.just('{"city":"León"}')),
    "location": _kind(_NOTHING, "location", Latitude=_LATITUDES, Longitude=_LONGITUDES, Label=_WORDS),
    "image": _media(("image/jpeg", "image/png"), "image"),
    "sticker": _media(("image/webp",), "sticker"),
    "video": _media(_of_type("video/"), "video"),
    "audio": _media(_of_type("audio/"), "audio"),
    "document": _media(_of_type("application/"), "document"),
    "contacts": _media(("text/vcard",), "contacts"),
    "reaction": _kind(_NOTHING, "reaction"),
    "unknown": _kind(_NOTHING, "hologram"),
}
"""What a customer can send; each form has what only its kind has."""

_OPTIONAL = {
    "ProfileName": _WORDS,
    "Forwarded": st.sampled_from(("true", "false")),
    "OriginalRepliedMessageSid": sids(),
    "ReferralHeadline": _WORDS,
    "ReferralSourceType": st.just("ad"),
    "ParameterOfTomorrow": _WORDS,
}


def _address(address: Address) -> str:
    return PREFIX + address


@st.composite
def inbound_forms(
    draw: st.DrawFn,
    *,
    kinds: st.SearchStrategy[str] | None = None,
    numbers: st.SearchStrategy[Address] | None = None,
    customers: st.SearchStrategy[Address] | None = None,
    extra: Form | None = None,
) -> dict[str, str]:
    """Make messages of customers, some with their business-scoped id, a quote, a referral, or unknown parameters.

    Args:
        draw: Given by Hypothesis.
        kinds: Names of :data:`KINDS`; all by default.
        numbers: The business numbers they are sent to.
        customers: The addresses they come from; with any other than phone numbers there is no ``WaId``.
        extra: Parameters of your own; they replace those of the same name.
    """
    kind = draw(st.sampled_from(sorted(KINDS)) if kinds is None else kinds)
    sid, customer = draw(sids()), draw(phones() if customers is None else customers)
    ends = {"From": _address(customer), "To": _address(draw(phones() if numbers is None else numbers))}
    if customer.startswith("+"):
        ends["WaId"] = customer[1:]
    known = draw(st.fixed_dictionaries({}, optional={"ExternalUserId": user_ids().map(_address), **_OPTIONAL}))
    names = {"MessageSid": sid, "SmsMessageSid": sid, "SmsSid": sid, "SmsStatus": "received", "AccountSid": ACCOUNT}
    rest = {"ApiVersion": "2010-04-01", "NumSegments": "1", "ReferralNumMedia": "0"}
    return {**names, **rest, **ends, **draw(KINDS[kind]), **known, **(extra or {})}


@st.composite
def status_forms(
    draw: st.DrawFn,
    *,
    sid: st.SearchStrategy[str] | None = None,
    statuses: st.SearchStrategy[str] | None = None,
    extra: Form | None = None,
) -> dict[str, str]:
    """Make status callbacks: words we know and words of tomorrow, failures with a code, with and without text.

    Args:
        draw: Given by Hypothesis.
        sid: The messages they are about.
        statuses: What they report.
        extra: Parameters of your own; they replace those of the same name.
    """
    about, status = draw(sids() if sid is None else sid), draw(statuses or st.sampled_from(_STATUSES))
    failed = {"ErrorCode": draw(st.sampled_from(_CODES)), "ErrorMessage": draw(_NOTHING | _WORDS)}
    return {
        "MessageSid": about,
        "SmsSid": about,
        "MessageStatus": status,
        "SmsStatus": status,
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "ChannelPrefix": "whatsapp",
        "From": _address(draw(phones())),
        "To": _address(draw(phones())),
        **(failed if status in ("failed", "undelivered") else {}),
        **(extra or {}),
    }


def signature(url: str, form: Form, secret: str) -> str:
    """Return the ``X-Twilio-Signature`` of a form that is posted to *url*.

    Args:
        url: The whole address with its query, as the provider calls it.
        form: The parameters.
        secret: The account's auth token.

    >>> signature("https://example.com/inbound", {"Body": "Hola"}, "12345")
    'uXnUHovNIt+BdnnJtPQCLPkzcUM='
    """
    signed = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(secret.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def posted(form: Form, path: str, *, query: str = "", public_url: str = "", secret: str = "") -> WebhookRequest:
    """Return the request that posts *form*.

    Args:
        form: The parameters.
        path: The path below the mount point: ``/inbound`` or ``/status``.
        query: What follows the question mark.
        public_url: The address of the mount point, as the provider calls it.
        secret: The auth token to sign with; unsigned without.
    """
    url = public_url + path + (f"?{query}" if query else "")
    headers = [("content-type", "application/x-www-form-urlencoded; charset=UTF-8")]
    if secret:
        headers.append(("x-twilio-signature", signature(url, form, secret)))
    return WebhookRequest(urlencode(form).encode(), tuple(headers), path, query)


@functools.cache
def webhook_requests(*, public_url: str = "", secret: str = "") -> st.SearchStrategy[WebhookRequest]:
    """Make webhooks of messages and of statuses.

    Args:
        public_url: The address of the mount point, as the provider calls it.
        secret: The auth token to sign with; unsigned without.
    """

    def request(path: str) -> st.SearchStrategy[WebhookRequest]:
        forms = inbound_forms() if path == "/inbound" else status_forms()
        return forms.map(lambda form: posted(form, path, public_url=public_url, secret=secret))

    return request("/inbound") | request("/status")
