"""The governors of the platform, applied when they are switched on."""

from __future__ import annotations

from wa_omnichannel.emulator.state.addresses import whatsapp
from wa_omnichannel.emulator.state.options import SANDBOX_LIMITS
from wa_omnichannel.emulator.state.records import MessageRecord
from wa_omnichannel.emulator.state.usage import DAY, SECOND
from wa_omnichannel.emulator.state.world import World

THROTTLED = 63018


def exceeds_daily(world: World) -> bool:
    """Tell whether the account sent all it may today; if not, this message is counted."""
    limit = world.options.limits.daily
    return limit is not None and not world.usage.allows("account", world.clock.now(), DAY, limit)


def check_limits(world: World, record: MessageRecord) -> int | None:
    """Return 63018 if a message is one too many for its recipient, its sender or the portfolio."""
    within = _pair_allows(world, record) and _sender_allows(world, record) and _portfolio_allows(world, record)
    return None if within else THROTTLED


def _pair_allows(world: World, record: MessageRecord) -> bool:
    sandbox = world.options.sandbox
    shared = sandbox is not None and record.from_ == whatsapp(sandbox.number)
    limits = SANDBOX_LIMITS if shared else world.options.limits
    if limits.pair_every is None:
        return True
    to = "" if shared else record.to
    return world.usage.pair_allows(record.from_, to, world.clock.now(), limits.pair_every, limits.pair_burst)


def _sender_allows(world: World, record: MessageRecord) -> bool:
    limit = world.options.limits.sender_per_second
    return limit is None or world.usage.allows(record.from_, world.clock.now(), SECOND, limit)


def _portfolio_allows(world: World, record: MessageRecord) -> bool:
    limit = world.options.limits.unique_users
    if limit is None or world.people.window_is_open(record.from_, record.to, record.created_at):
        return True
    return world.usage.user_allows(record.to, world.clock.now(), limit)
