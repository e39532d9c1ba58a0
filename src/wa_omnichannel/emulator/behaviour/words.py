"""Words the platform understands itself: STOP and START with Advanced Opt-Out, join and stop in the sandbox."""

from __future__ import annotations

from datetime import datetime

from wa_omnichannel.emulator.state.people import addresses_of
from wa_omnichannel.emulator.state.records import Number, Profile, Service
from wa_omnichannel.emulator.state.world import World

# A whole message, in any case, to the type that the webhook's OptOutType names.
OPT_OUT_WORDS: dict[str, str] = {
    **dict.fromkeys(("STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"), "STOP"),
    **dict.fromkeys(("START", "UNSTOP", "YES"), "START"),
    **dict.fromkeys(("HELP", "INFO"), "HELP"),
}

JOINED = "You are all set! The sandbox can now send and receive messages. Reply stop to leave it."
LEFT = "You have left the sandbox."
NOT_JOINED = "Your number is not connected to a sandbox. Send join and its two words first."


def opt_out_type(world: World, service: Service | None, profile: Profile, body: str) -> str | None:
    """Note an opt-out or its end with a service that keeps them, and return the webhook's OptOutType."""
    kind = OPT_OUT_WORDS.get(body.strip().upper())
    if service is None or not service.opt_out or kind is None:
        return None
    if kind != "HELP":
        world.people.set_opted_out(service.sid, profile, out=kind == "STOP")
    return kind


def sandbox_answer(world: World, number: Number, profile: Profile, body: str, now: datetime) -> str | None:
    """Return what the sandbox answers itself instead of passing a message on, or ``None`` if it passes it on.

    ``join`` and its two words begin a membership, ``stop`` ends it; a message of anybody else goes nowhere.
    """
    sandbox = world.options.sandbox
    if sandbox is None or number.phone != sandbox.number:
        return None
    words = body.strip().lower()
    if words == f"join {sandbox.code}":
        world.people.join(profile, now)
        return JOINED
    if words == "stop":
        world.people.join(profile, None)
        return LEFT
    return None if world.people.is_member(addresses_of(profile)[0], now, sandbox.membership) else NOT_JOINED
