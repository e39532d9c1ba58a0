"""The emulated account as a test sees it: what to add, to change and to watch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict, Unpack

import attrs

from wa_omnichannel.emulator.behaviour.reviews import lower_quality, review, set_status
from wa_omnichannel.emulator.customer import Customer
from wa_omnichannel.emulator.state.addresses import is_phone, is_user_id, whatsapp
from wa_omnichannel.emulator.state.clock import VirtualClock
from wa_omnichannel.emulator.state.faults import Faults
from wa_omnichannel.emulator.state.options import Limits, Sandbox, SharedKey
from wa_omnichannel.emulator.state.records import (
    Alert,
    MessageRecord,
    Number,
    Profile,
    RequestRecord,
    WebhookRecord,
)
from wa_omnichannel.emulator.state.templates import ORDER_READY_SID, PEDIDO_LISTO_SID, Template
from wa_omnichannel.emulator.state.world import World


class Settings(TypedDict, total=False):
    """The fields of ``Options`` that may be given by name."""

    delay: float
    synchronous_63016: bool
    reviews: bool
    media_redirect: bool
    webhook_format: str
    shared_key: SharedKey | None
    debugger_url: str | None
    sandbox: Sandbox | None
    limits: Limits
    seed: int | None


class NumberFields(TypedDict, total=False):
    """The fields of a ``Number`` beside its phone number and its two main URLs."""

    install_sid: str
    inbound_method: str
    fallback_url: str | None
    fallback_method: str
    status_method: str
    status: str
    quality_rating: str
    messaging_limit: str
    offline_reasons: tuple[Mapping[str, str], ...]
    profile: Mapping[str, object]
    configuration: Mapping[str, object]


class Account:
    """A Twilio account with WhatsApp senders. Every method may be called from any thread."""

    pedido_listo_sid = PEDIDO_LISTO_SID
    order_ready_sid = ORDER_READY_SID

    def __init__(self, world: World) -> None:
        self.world = world

    @property
    def account_sid(self) -> str:
        """The account's sid, the user name of the REST API."""
        return self.world.options.account_sid

    @property
    def auth_token(self) -> str:
        """The account's secret: the password of the REST API and the key of the signatures."""
        return self.world.options.auth_token

    @property
    def base_url(self) -> str:
        """Where the REST API answers, without a slash at the end."""
        return self.world.base_url

    @property
    def clock(self) -> VirtualClock:
        """The time the platform goes by."""
        return self.world.clock

    @property
    def faults(self) -> Faults:
        """The faults to come."""
        return self.world.faults

    def add_number(
        self, phone: str, inbound_url: str | None = None, status_url: str | None = None, **fields: Unpack[NumberFields]
    ) -> Number:
        """Add a WhatsApp sender, or replace it; ``status_url`` serves sends without a StatusCallback.

        The URLs may carry Twilio's connection overrides in the fragment (``#rc=2&rp=all``). Other fields of a
        ``Number`` (``fallback_url``, ``quality_rating`` ...) may be given by name.

        Raises:
            ValueError: If ``phone`` is not in E.164 form.
        """
        if not is_phone(phone):
            raise ValueError(f"{phone!r} is not an E.164 phone number such as +14155550100")
        return self.world.senders.put(Number(phone=phone, inbound_url=inbound_url, status_url=status_url, **fields))

    def add_messaging_service(self, *phones: str, opt_out: bool = False, **settings: object) -> str:
        """Add a Messaging Service that sends from these numbers, and return its sid.

        Inbound messages go to the numbers' own URLs unless ``inbound_request_url`` is given. With ``opt_out`` the
        service keeps STOP and START words (Advanced Opt-Out): sends to people who said STOP get 21610. Settings are
        named as in the API.
        """
        usual = {
            "friendly_name": "Local service",
            "use_inbound_webhook_on_number": "inbound_request_url" not in settings,
        }
        return self.world.senders.add_service(phones, opt_out=opt_out, settings={**usual, **settings}).sid

    def add_api_key(self) -> tuple[str, str]:
        """Add an API key and return its sid and secret, which may stand in for the account's sid and token."""
        sid, secret = self.world.sids.new("SK"), self.world.sids.new("")
        self.world.api_keys[sid] = secret
        return sid, secret

    def refuse_recipient(self, phone_or_user_id: str, code: int) -> None:
        """Let every message to a person fail with an error code, such as 63024: not on WhatsApp; 0 ends that."""
        self.world.people.set_error(whatsapp(phone_or_user_id), code)

    def configure(self, **options: Unpack[Settings]) -> None:
        """Change options while the emulator runs, for instance ``limits`` or ``shared_key``."""
        self.world.change_options(**options)

    # --- templates

    def add_template(self, template: Template) -> Template:
        """Add a template, or replace the one with the same sid."""
        return self.world.put_template(template)

    def set_template_status(self, sid: str, status: str, rejection_reason: str = "") -> Template:
        """Change the approval of a template: ``approved``, ``paused``, ``disabled``, ``rejected`` ...

        Raises:
            KeyError: If there is no template ``sid``.
        """
        return set_status(self.world, self._template(sid), status, rejection_reason)

    def review_template(self, sid: str) -> Template:
        """Approve or reject a template by the hard rules, now; for emulators without ``reviews`` of their own.

        Raises:
            KeyError: If there is no template ``sid``.
        """
        return review(self.world, self._template(sid))

    def lower_template_quality(self, sid: str) -> Template:
        """Pause a template for 3 h, the second time for 6 h, and disable it the third time.

        Raises:
            KeyError: If there is no template ``sid``.
        """
        return lower_quality(self.world, self._template(sid))

    def set_template_category(self, sid: str, category: str) -> Template:
        """Let WhatsApp move a template to another category.

        Raises:
            KeyError: If there is no template ``sid``.
        """
        return self.world.put_template(attrs.evolve(self._template(sid), category=category))

    def _template(self, sid: str) -> Template:
        template = self.world.template(sid)
        if template is None:
            raise KeyError(sid)
        return template

    # --- people

    def customer(
        self,
        phone: str | None,
        name: str = "",
        number: str = "",
        user_id: str | None = None,
        *,
        shares_phone: bool = True,
    ) -> Customer:
        """Return a person who writes to the business number ``number``.

        With ``shares_phone`` false (or without a phone) webhooks show the business-scoped ``user_id``
        alone, as for people who use a WhatsApp username.

        Raises:
            ValueError: If ``number`` was not added, or the person has no valid address to be shown.
        """
        sender = self.world.senders.get(whatsapp(number))
        if sender is None:
            raise ValueError(f"{number!r} is not a number of this account; call add_number first")
        _check_person(phone, user_id, shares_phone=shares_phone)
        profile = Profile(phone=phone, name=name, user_id=user_id, shares_phone=shares_phone)
        return Customer(self.world, sender, self.world.people.add(profile))

    # --- what happened

    @property
    def messages(self) -> tuple[MessageRecord, ...]:
        """Every message in both directions, oldest first."""
        return self.world.messages.all

    @property
    def requests(self) -> tuple[RequestRecord, ...]:
        """Every REST request, oldest first."""
        return self.world.requests

    @property
    def webhooks(self) -> tuple[WebhookRecord, ...]:
        """Every webhook made, oldest first."""
        return self.world.webhooks

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """Every entry of the Debugger, oldest first."""
        return self.world.alerts

    def message(self, sid: str) -> MessageRecord:
        """Return one message.

        Raises:
            KeyError: If there is none with this sid.
        """
        return self.world.messages.get(sid)

    def wait_for(self, sid: str, status: str, timeout: float = 5.0) -> MessageRecord:
        """Wait up to ``timeout`` seconds until a message has had ``status``, and return it.

        Raises:
            KeyError: If there is no message ``sid``.
            TimeoutError: If the status does not come, or cannot come any more.
        """
        return self.world.messages.wait_for(sid, status, timeout)

    def wait_idle(self, timeout: float = 5.0) -> None:
        """Wait until every status is reached and every callback is made.

        Raises:
            TimeoutError: If that takes more than ``timeout`` seconds.
        """
        if not self.world.scheduler.wait_idle(timeout):
            raise TimeoutError(f"the emulator was still busy after {timeout} s")


def _check_person(phone: str | None, user_id: str | None, *, shares_phone: bool) -> None:
    if phone is not None and not is_phone(phone):
        raise ValueError(f"{phone!r} is not an E.164 phone number such as +34600000001")
    if user_id is not None and not is_user_id(user_id):
        raise ValueError(f"{user_id!r} is not a business-scoped user id such as ES.123")
    if user_id is None and (phone is None or not shares_phone):
        raise ValueError("a person who shows no phone number needs a user_id")
