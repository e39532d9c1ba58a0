"""The people on WhatsApp and what stands between each of them and the business."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from wa_omnichannel.emulator.state.addresses import CHANNEL
from wa_omnichannel.emulator.state.records import Profile

WINDOW = timedelta(hours=24)

Pair = tuple[str, str]


class People:
    """Profiles, windows, blocks, opt-outs and sandbox memberships. Any thread may ask."""

    def __init__(self, lock: threading.Condition) -> None:
        self._lock = lock
        self._profiles: dict[str, Profile] = {}
        self._blocks: set[Profile] = set()
        self._without_marketing: set[Profile] = set()
        self._errors: dict[str, int] = {}
        self._last_inbound: dict[Pair, datetime] = {}
        self._joined: dict[str, datetime] = {}
        self._opted_out: set[Pair] = set()

    def add(self, profile: Profile) -> Profile:
        """Let a person be reachable at their phone number and user id."""
        with self._lock:
            for address in addresses_of(profile):
                self._profiles[address] = profile
        return profile

    def get(self, address: str) -> Profile | None:
        """Return the person at a channel address, if known."""
        return self._profiles.get(address)

    # --- blocks and refusals

    def set_blocked(self, profile: Profile, *, blocked: bool) -> None:
        """Note that a person blocked the business, or no longer does."""
        with self._lock:
            (self._blocks.add if blocked else self._blocks.discard)(profile)

    def is_blocked(self, address: str) -> bool:
        """Tell whether the person at ``address`` blocked the business."""
        return bool(self._blocks) and self._profiles.get(address) in self._blocks

    def set_marketing(self, profile: Profile, *, wanted: bool) -> None:
        """Note whether a person wants marketing from the business."""
        with self._lock:
            (self._without_marketing.discard if wanted else self._without_marketing.add)(profile)

    def refuses_marketing(self, address: str) -> bool:
        """Tell whether the person at ``address`` stopped marketing messages."""
        return self._profiles.get(address) in self._without_marketing

    def set_error(self, address: str, code: int) -> None:
        """Let every message to ``address`` fail with an error code; 0 takes that back."""
        with self._lock:
            self._errors[address] = code

    def error(self, address: str) -> int:
        """Return the code that messages to ``address`` fail with, or 0."""
        return self._errors.get(address, 0)

    # --- the 24 hours

    def open_window(self, number: str, profile: Profile, at: datetime) -> None:
        """Start the 24 hours of a person with a sender address."""
        with self._lock:
            for address in addresses_of(profile):
                self._last_inbound[number, address] = at

    def window_is_open(self, number: str, address: str, at: datetime) -> bool:
        """Tell whether free-form messages may go to ``address``: less than 24 h since its last inbound."""
        opened = self._last_inbound.get((number, address))
        return opened is not None and at - opened < WINDOW

    # --- the sandbox

    def join(self, profile: Profile, at: datetime | None) -> None:
        """Make a person a member of the sandbox from ``at``, or end the membership with ``None``."""
        with self._lock:
            for address in addresses_of(profile):
                if at is None:
                    self._joined.pop(address, None)
                else:
                    self._joined[address] = at

    def is_member(self, address: str, at: datetime, membership: timedelta) -> bool:
        """Tell whether the person at ``address`` is a member of the sandbox at an instant."""
        joined = self._joined.get(address)
        return joined is not None and at - joined < membership

    # --- opt-outs

    def set_opted_out(self, service: str, profile: Profile, *, out: bool) -> None:
        """Note that a person stopped a Messaging Service's messages, or wants them again."""
        with self._lock:
            for address in addresses_of(profile):
                (self._opted_out.add if out else self._opted_out.discard)((service, address))

    def is_opted_out(self, service: str, address: str) -> bool:
        """Tell whether the person at ``address`` stopped a service's messages."""
        return (service, address) in self._opted_out


def addresses_of(profile: Profile) -> tuple[str, ...]:
    """Return the channel addresses at which a person can be reached."""
    return tuple(CHANNEL + bare for bare in (profile.phone, profile.user_id) if bare)


def visible_address(profile: Profile) -> str:
    """Return the address that webhooks show: the phone number if shared, else the user id."""
    shown = profile.phone if profile.shares_phone and profile.phone else profile.user_id
    return CHANNEL + (shown or "")
