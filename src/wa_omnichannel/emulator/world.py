"""The state of the emulated account, shared by the REST API, the customers and the background jobs."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import attrs

from wa_omnichannel.emulator.addresses import CHANNEL, new_sid, whatsapp
from wa_omnichannel.emulator.clock import VirtualClock
from wa_omnichannel.emulator.faults import Faults
from wa_omnichannel.emulator.records import (
    MessageRecord,
    Number,
    Profile,
    RequestRecord,
    StatusChange,
    WebhookRecord,
)
from wa_omnichannel.emulator.scheduler import Scheduler
from wa_omnichannel.emulator.templates import PRESETS, Template

WINDOW = timedelta(hours=24)

# Which statuses a message may leave for the one named; anything else is ignored.
PREDECESSORS: Mapping[str, frozenset[str]] = {
    "queued": frozenset({"accepted"}),
    "sent": frozenset({"queued"}),
    "delivered": frozenset({"sent"}),
    "read": frozenset({"sent", "delivered", "received"}),
    "failed": frozenset({"accepted", "queued"}),
    "canceled": frozenset({"accepted", "queued"}),
}
DEAD_ENDS = frozenset({"failed", "undelivered", "canceled"})


@attrs.frozen(kw_only=True)
class Options:
    """How the emulated platform behaves.

    ``delay`` is the real time in seconds before each status; ``synchronous_63016`` refuses a free-form
    send outside the window at once instead of by callback.
    """

    account_sid: str
    auth_token: str = attrs.field(repr=False)
    delay: float = 0.02
    synchronous_63016: bool = False


class World:
    """Everything the emulated account holds. Every method may be called from any thread."""

    def __init__(self, options: Options, clock: VirtualClock | None = None) -> None:
        self.options = options
        self.clock = clock or VirtualClock()
        self.faults = Faults()
        self.scheduler = Scheduler()
        self.base_url = "http://127.0.0.1"
        self._changed = threading.Condition(threading.RLock())
        self._numbers: dict[str, Number] = {}
        self._services: dict[str, tuple[str, ...]] = {}
        self._profiles: dict[str, Profile] = {}
        self._blocks: set[Profile] = set()
        self._last_inbound: dict[tuple[str, str], datetime] = {}
        self._messages: dict[str, MessageRecord] = {}
        self._templates: dict[str, Template] = {each.sid: each for each in PRESETS}
        self._requests: list[RequestRecord] = []
        self._webhooks: list[WebhookRecord] = []

    # --- senders and templates

    def add_number(self, number: Number) -> Number:
        """Add or replace a WhatsApp sender."""
        with self._changed:
            self._numbers[whatsapp(number.phone)] = number
        return number

    def number(self, address: str) -> Number | None:
        """Return the sender at a channel address, if it is one of ours."""
        return self._numbers.get(address)

    def add_service(self, phones: Iterable[str]) -> str:
        """Add a Messaging Service with these senders and return its ``MG`` sid."""
        sid = new_sid("MG")
        with self._changed:
            self._services[sid] = tuple(whatsapp(phone) for phone in phones)
        return sid

    def service(self, sid: str) -> tuple[str, ...] | None:
        """Return the sender addresses of a Messaging Service, if it exists."""
        return self._services.get(sid)

    def put_template(self, template: Template) -> Template:
        """Add a template, or replace the one with the same sid."""
        with self._changed:
            self._templates[template.sid] = template
        return template

    def template(self, sid: str | None) -> Template | None:
        """Return the template with this sid, if it exists."""
        return self._templates.get(sid or "")

    @property
    def templates(self) -> tuple[Template, ...]:
        """Every template, oldest first."""
        with self._changed:
            return tuple(self._templates.values())

    # --- people

    def add_profile(self, profile: Profile) -> Profile:
        """Let a person be reachable at their phone number and user id."""
        with self._changed:
            for address in addresses_of(profile):
                self._profiles[address] = profile
        return profile

    def profile(self, address: str) -> Profile | None:
        """Return the person at a channel address, if known."""
        return self._profiles.get(address)

    def set_blocked(self, profile: Profile, *, blocked: bool) -> None:
        """Note that a person blocked the business, or no longer does."""
        with self._changed:
            (self._blocks.add if blocked else self._blocks.discard)(profile)

    def is_blocked(self, address: str) -> bool:
        """Tell whether the person at ``address`` blocked the business."""
        with self._changed:
            return self._profiles.get(address) in self._blocks

    def open_window(self, number: str, profile: Profile, at: datetime) -> None:
        """Start the 24 hours of a person with a sender address."""
        with self._changed:
            for address in addresses_of(profile):
                self._last_inbound[number, address] = at

    def window_is_open(self, number: str, address: str, at: datetime) -> bool:
        """Tell whether free-form messages may go to ``address``: less than 24 h since its last inbound."""
        with self._changed:
            opened = self._last_inbound.get((number, address))
        return opened is not None and at - opened < WINDOW

    # --- messages

    def add_message(self, record: MessageRecord) -> MessageRecord:
        """Store a new message."""
        with self._changed:
            self._messages[record.sid] = record
            self._changed.notify_all()
        return record

    def message(self, sid: str) -> MessageRecord:
        """Return a message.

        Raises:
            KeyError: If there is none with this sid.
        """
        with self._changed:
            return self._messages[sid]

    def change_message(self, sid: str, **changes: Any) -> MessageRecord:
        """Replace fields of a message and return it; the status changes by ``move`` only."""
        with self._changed:
            return self.add_message(attrs.evolve(self._messages[sid], **changes))

    def move(self, sid: str, status: str, **changes: Any) -> MessageRecord | None:
        """Give a message its next status, or return ``None`` where its present one does not allow that."""
        with self._changed:
            record = self._messages[sid]
            if record.status not in PREDECESSORS[status]:
                return None
            history = (*record.history, StatusChange(status, self.clock.now()))
            return self.change_message(sid, history=history, **changes)

    @property
    def messages(self) -> tuple[MessageRecord, ...]:
        """Every message, oldest first, deleted ones included."""
        with self._changed:
            return tuple(self._messages.values())

    def wait_for(self, sid: str, status: str, timeout: float) -> MessageRecord:
        """Wait up to ``timeout`` seconds until a message has had ``status``.

        Raises:
            KeyError: If there is no such message.
            TimeoutError: If the status does not come, or cannot come any more.
        """
        with self._changed:
            self._changed.wait_for(lambda: _has_settled(self._messages[sid], status), timeout)
            record = self._messages[sid]
        if status not in record.statuses:
            raise TimeoutError(f"{sid} did not become {status!r}; it went {' > '.join(record.statuses)}")
        return record

    # --- logs

    def log_request(self, request: RequestRecord) -> None:
        """Remember a REST request."""
        with self._changed:
            self._requests.append(request)

    def log_webhook(self, webhook: WebhookRecord) -> None:
        """Remember a webhook that was made."""
        with self._changed:
            self._webhooks.append(webhook)

    @property
    def requests(self) -> tuple[RequestRecord, ...]:
        """Every REST request, oldest first."""
        with self._changed:
            return tuple(self._requests)

    @property
    def webhooks(self) -> tuple[WebhookRecord, ...]:
        """Every webhook made, oldest first; the ones a fault lost are not among them."""
        with self._changed:
            return tuple(self._webhooks)


def addresses_of(profile: Profile) -> tuple[str, ...]:
    """Return the channel addresses at which a person can be reached."""
    return tuple(CHANNEL + bare for bare in (profile.phone, profile.user_id) if bare)


def visible_address(profile: Profile) -> str:
    """Return the address that webhooks show: the phone number if shared, else the user id."""
    shown = profile.phone if profile.shares_phone and profile.phone else profile.user_id
    return CHANNEL + (shown or "")


def _has_settled(record: MessageRecord, status: str) -> bool:
    return status in record.statuses or record.status in DEAD_ENDS
