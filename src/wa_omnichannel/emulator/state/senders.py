"""The account's WhatsApp senders and Messaging Services."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping

import attrs

from wa_omnichannel.emulator.state.addresses import Sids, whatsapp
from wa_omnichannel.emulator.state.clock import VirtualClock
from wa_omnichannel.emulator.state.records import Number, Service

# The settings of a new service, by their names in the API.
SERVICE_DEFAULTS: Mapping[str, object] = {
    "friendly_name": "",
    "inbound_request_url": None,
    "inbound_method": "POST",
    "fallback_url": None,
    "fallback_method": "POST",
    "status_callback": None,
    "sticky_sender": True,
    "mms_converter": True,
    "smart_encoding": True,
    "scan_message_content": "inherit",
    "fallback_to_long_code": True,
    "area_code_geomatch": True,
    "synchronous_validation": False,
    "validity_period": 36000,
    "usecase": "undeclared",
    "us_app_to_person_registered": False,
    "use_inbound_webhook_on_number": False,
}


class Senders:
    """Senders by channel address and services by sid. Any thread may ask."""

    def __init__(self, lock: threading.Condition, clock: VirtualClock, sids: Sids) -> None:
        self._lock = lock
        self._clock = clock
        self._sids = sids
        self._numbers: dict[str, Number] = {}
        self._services: dict[str, Service] = {}
        self._sticky: dict[tuple[str, str], str] = {}

    def put(self, number: Number) -> Number:
        """Add a sender, or replace the one with the same phone number, which keeps its sid."""
        with self._lock:
            known = self._numbers.get(number.address)
            sid = number.install_sid or (known.install_sid if known else self._sids.new("XE"))
            self._numbers[number.address] = kept = attrs.evolve(number, install_sid=sid)
        return kept

    def remove(self, number: Number) -> None:
        """Take a sender out of the account and of its services."""
        with self._lock:
            self._numbers.pop(number.address, None)
            for service in self._services.values():
                rest = tuple(each for each in service.senders if each != number.address)
                self._services[service.sid] = attrs.evolve(service, senders=rest)

    def get(self, address: str) -> Number | None:
        """Return the sender at a channel address, if it is one of ours."""
        return self._numbers.get(address)

    def by_sid(self, sid: str) -> Number | None:
        """Return the sender with this ``XE`` sid."""
        return next((each for each in self.all if each.install_sid == sid), None)

    @property
    def all(self) -> tuple[Number, ...]:
        """Every sender, oldest first."""
        with self._lock:
            return tuple(self._numbers.values())

    # --- services

    def add_service(
        self, phones: Iterable[str] = (), *, opt_out: bool = False, settings: Mapping[str, object] | None = None
    ) -> Service:
        """Add a Messaging Service with these senders and settings over the defaults."""
        now = self._clock.now()
        return self.put_service(
            Service(
                sid=self._sids.new("MG"),
                senders=tuple(whatsapp(phone) for phone in phones),
                settings={**SERVICE_DEFAULTS, **(settings or {})},
                created_at=now,
                updated_at=now,
                opt_out=opt_out,
            )
        )

    def put_service(self, service: Service) -> Service:
        """Store a service as it is now."""
        with self._lock:
            self._services[service.sid] = service
        return service

    def change_service(self, service: Service, **changes: object) -> Service:
        """Replace settings of a service."""
        settings = {**service.settings, **changes}
        return self.put_service(attrs.evolve(service, settings=settings, updated_at=self._clock.now()))

    def remove_service(self, service: Service) -> None:
        """Delete a service; its senders stay."""
        with self._lock:
            self._services.pop(service.sid, None)

    def service(self, sid: str) -> Service | None:
        """Return a Messaging Service, if it exists."""
        return self._services.get(sid)

    @property
    def services(self) -> tuple[Service, ...]:
        """Every service, oldest first."""
        with self._lock:
            return tuple(self._services.values())

    def service_of(self, address: str) -> Service | None:
        """Return the service a sender is in."""
        return next((each for each in self.services if address in each.senders), None)

    def choose(self, service: Service, to: str) -> str:
        """Return the sender a service uses for a recipient: the one it used before, if it may, else the first."""
        with self._lock:
            sticky = self._sticky.get((service.sid, to), "") if service.settings["sticky_sender"] else ""
            online = [each for each in service.senders if self.is_online(each)]
            chosen = sticky if sticky in online else next(iter(online), "")
            self._sticky[service.sid, to] = chosen
        return chosen

    def is_online(self, address: str) -> bool:
        """Tell whether a sender exists and may send."""
        number = self._numbers.get(address)
        return number is not None and number.status.startswith("ONLINE")
