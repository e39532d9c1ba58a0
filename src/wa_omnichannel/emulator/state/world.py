"""The state of the emulated account, shared by the REST API, the customers and the background jobs."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import attrs

from wa_omnichannel.emulator.http import Connections
from wa_omnichannel.emulator.state.addresses import Sids
from wa_omnichannel.emulator.state.clock import VirtualClock
from wa_omnichannel.emulator.state.faults import Faults
from wa_omnichannel.emulator.state.messages import Messages
from wa_omnichannel.emulator.state.options import Options
from wa_omnichannel.emulator.state.people import People
from wa_omnichannel.emulator.state.records import Alert, RequestRecord, WebhookRecord
from wa_omnichannel.emulator.state.scheduler import Job, Scheduler
from wa_omnichannel.emulator.state.senders import Senders
from wa_omnichannel.emulator.state.templates import PRESETS, Template
from wa_omnichannel.emulator.state.usage import Usage

TYPING = timedelta(seconds=25)


class World:
    """Everything the emulated account holds. Every method may be called from any thread."""

    def __init__(self, options: Options, clock: VirtualClock | None = None) -> None:
        self.options = options
        self.clock = clock or VirtualClock()
        self.created_at = self.clock.now()
        self.sids = Sids(options.seed)
        self.faults = Faults(options.seed)
        self.scheduler = Scheduler(self.clock)
        self.connections = Connections()
        self.base_url = "http://127.0.0.1"
        self.media_host = "http://127.0.0.1"
        self.api_keys: dict[str, str] = {}
        changed = threading.Condition(threading.RLock())
        self.people = People(changed)
        self.senders = Senders(changed, self.clock, self.sids)
        self.messages = Messages(changed, self.clock)
        self.usage = Usage()
        self._lock = changed
        self._templates: dict[str, Template] = {each.sid: each for each in PRESETS}
        self._graveyard: dict[str, datetime] = {}
        self._held: dict[str, list[Job]] = {}
        self._typing: dict[tuple[str, str], datetime] = {}
        self._requests: list[RequestRecord] = []
        self._webhooks: list[WebhookRecord] = []
        self._alerts: list[Alert] = []

    # --- templates

    def put_template(self, template: Template) -> Template:
        """Add a template, or replace the one with the same sid."""
        with self._lock:
            self._templates[template.sid] = template
        return template

    def remove_template(self, template: Template) -> None:
        """Delete a template; its name stays blocked for a while."""
        with self._lock:
            self._templates.pop(template.sid, None)
            if template.name:
                self._graveyard[template.name] = self.clock.now()

    def template(self, sid: str | None) -> Template | None:
        """Return the template with this sid, if it exists."""
        return self._templates.get(sid or "")

    @property
    def templates(self) -> tuple[Template, ...]:
        """Every template, oldest first."""
        with self._lock:
            return tuple(self._templates.values())

    def deleted_at(self, name: str) -> datetime | None:
        """Return when a template of this name was deleted last."""
        return self._graveyard.get(name)

    # --- callbacks held back

    def hold(self, sid: str, post: Job) -> None:
        """Keep a status callback back until the next one of the message."""
        with self._lock:
            self._held.setdefault(sid, []).append(post)

    def take_held(self, sid: str) -> list[Job]:
        """Return and forget the callbacks of a message that were held back."""
        if not self._held:
            return []
        with self._lock:
            return self._held.pop(sid, [])

    # --- typing

    def note_typing(self, business: str, address: str) -> None:
        """Let the person at ``address`` see that the business number ``business`` types."""
        self._typing[business, address] = self.clock.now()

    def end_typing(self, business: str, address: str) -> None:
        """End the typing indicator, as a reply does."""
        self._typing.pop((business, address), None)

    def is_typing(self, business: str, address: str) -> bool:
        """Tell whether the person at ``address`` sees ``business`` typing: for 25 seconds, or until a reply."""
        since = self._typing.get((business, address))
        return since is not None and self.clock.now() - since < TYPING

    # --- logs

    def log_request(self, request: RequestRecord) -> None:
        """Remember a REST request."""
        self._requests.append(request)

    def log_webhook(self, webhook: WebhookRecord) -> None:
        """Remember a webhook that was made."""
        self._webhooks.append(webhook)

    def add_alert(self, code: int, level: str, text: str, resource_sid: str, url: str = "") -> Alert:
        """Add an entry to the Debugger."""
        alert = Alert(
            sid=self.sids.new("NO"),
            code=code,
            level=level,
            text=text,
            resource_sid=resource_sid,
            url=url,
            at=self.clock.now(),
        )
        self._alerts.append(alert)
        return alert

    @property
    def requests(self) -> tuple[RequestRecord, ...]:
        """Every REST request, oldest first."""
        return tuple(self._requests)

    @property
    def webhooks(self) -> tuple[WebhookRecord, ...]:
        """Every webhook made, oldest first; the ones a fault lost are not among them."""
        return tuple(self._webhooks)

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """Every entry of the Debugger, oldest first."""
        return tuple(self._alerts)

    def change_options(self, **changes: object) -> Options:
        """Replace options while the emulator runs."""
        self.options = attrs.evolve(self.options, **changes)  # type: ignore[arg-type, unused-ignore]
        return self.options
