"""The emulator as one object: a local Twilio to start, to populate and to watch."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import attrs

from wa_omnichannel.emulator.addresses import is_phone, is_user_id, new_sid
from wa_omnichannel.emulator.app import create_app
from wa_omnichannel.emulator.clock import VirtualClock
from wa_omnichannel.emulator.customer import Customer
from wa_omnichannel.emulator.faults import Faults
from wa_omnichannel.emulator.records import (
    MessageRecord,
    Number,
    Profile,
    RequestRecord,
    WebhookRecord,
)
from wa_omnichannel.emulator.server import Server
from wa_omnichannel.emulator.templates import ORDER_READY_SID, PEDIDO_LISTO_SID, Template
from wa_omnichannel.emulator.world import Options, World

DEFAULT_ACCOUNT_SID = "AC" + "0" * 32
DEFAULT_AUTH_TOKEN = "emulator-auth-token"  # noqa: S105 - a published default for loopback use


class Emulator:
    """A Twilio account with WhatsApp senders, on loopback.

    Use it as a context manager, or call ``start`` and ``stop``. ``delay`` is the real time in seconds
    before each status; ``synchronous_63016`` refuses a free-form send outside the 24 hours at once
    instead of by callback. Every method may be called from any thread.
    """

    pedido_listo_sid = PEDIDO_LISTO_SID
    order_ready_sid = ORDER_READY_SID

    def __init__(
        self,
        account_sid: str = DEFAULT_ACCOUNT_SID,
        auth_token: str = DEFAULT_AUTH_TOKEN,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        delay: float = 0.02,
        synchronous_63016: bool = False,
    ) -> None:
        options = Options(
            account_sid=account_sid,
            auth_token=auth_token,
            delay=delay,
            synchronous_63016=synchronous_63016,
        )
        self.world = World(options)
        self._server = Server(create_app(self.world), host, port)
        self.world.base_url = self._server.base_url

    def start(self) -> Self:
        """Start the server and the background jobs.

        Raises:
            TimeoutError: If the server does not come up within five seconds.
        """
        self.world.scheduler.start()
        self._server.start()
        return self

    def stop(self) -> None:
        """Stop the server and the background jobs; callbacks not yet due are not made."""
        self._server.stop()
        self.world.scheduler.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    # --- the account

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

    def add_number(self, phone: str, inbound_url: str | None = None, status_url: str | None = None) -> Number:
        """Add a WhatsApp sender, or replace it; ``status_url`` serves sends without a StatusCallback.

        The URLs may carry Twilio's connection overrides in the fragment (``#rc=2&rp=all``).

        Raises:
            ValueError: If ``phone`` is not in E.164 form.
        """
        if not is_phone(phone):
            raise ValueError(f"{phone!r} is not an E.164 phone number such as +14155550100")
        number = Number(phone=phone, inbound_url=inbound_url, status_url=status_url, install_sid=new_sid("XE"))
        return self.world.add_number(number)

    def add_messaging_service(self, *phones: str) -> str:
        """Add a Messaging Service that sends from these numbers, and return its sid."""
        return self.world.add_service(phones)

    def add_template(self, template: Template) -> Template:
        """Add a template, or replace the one with the same sid."""
        return self.world.put_template(template)

    def set_template_status(self, sid: str, status: str, rejection_reason: str = "") -> Template:
        """Change the approval of a template: ``approved``, ``paused``, ``disabled``, ``rejected`` ...

        Raises:
            KeyError: If there is no template ``sid``.
        """
        template = self.world.template(sid)
        if template is None:
            raise KeyError(sid)
        return self.world.put_template(attrs.evolve(template, status=status, rejection_reason=rejection_reason))

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
        sender = self.world.number(f"whatsapp:{number}")
        if sender is None:
            raise ValueError(f"{number!r} is not a number of this account; call add_number first")
        _check_person(phone, user_id, shares_phone=shares_phone)
        profile = Profile(phone=phone, name=name, user_id=user_id, shares_phone=shares_phone)
        return Customer(self.world, sender, self.world.add_profile(profile))

    # --- what happened

    @property
    def messages(self) -> tuple[MessageRecord, ...]:
        """Every message in both directions, oldest first."""
        return self.world.messages

    @property
    def requests(self) -> tuple[RequestRecord, ...]:
        """Every REST request, oldest first."""
        return self.world.requests

    @property
    def webhooks(self) -> tuple[WebhookRecord, ...]:
        """Every webhook made, oldest first."""
        return self.world.webhooks

    def message(self, sid: str) -> MessageRecord:
        """Return one message.

        Raises:
            KeyError: If there is none with this sid.
        """
        return self.world.message(sid)

    def wait_for(self, sid: str, status: str, timeout: float = 5.0) -> MessageRecord:
        """Wait up to ``timeout`` seconds until a message has had ``status``, and return it.

        Raises:
            KeyError: If there is no message ``sid``.
            TimeoutError: If the status does not come, or cannot come any more.
        """
        return self.world.wait_for(sid, status, timeout)

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
