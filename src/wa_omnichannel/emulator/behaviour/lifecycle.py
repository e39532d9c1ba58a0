"""The life of an outbound message, from the queue to the customer's phone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from wa_omnichannel.emulator.behaviour.callbacks import notify
from wa_omnichannel.emulator.behaviour.failures import failure_text
from wa_omnichannel.emulator.behaviour.limits import check_limits
from wa_omnichannel.emulator.behaviour.media import MediaError, fetch_media, kind_of
from wa_omnichannel.emulator.state.addresses import whatsapp
from wa_omnichannel.emulator.state.records import MediaItem, MessageRecord
from wa_omnichannel.emulator.state.templates import MAX_APPROVED_BODY, UNSUBMITTED, refusal_of
from wa_omnichannel.emulator.state.world import World


def begin(world: World, record: MessageRecord, *, own: bool = False) -> MessageRecord:
    """Take a new outbound message in; its statuses follow in the background.

    With ``own`` it is a message of the platform itself, which no rule holds up.
    """
    kept = world.messages.add(record)
    world.end_typing(record.from_, record.to)
    launch = partial(_send, world, record.sid) if own else partial(_launch, world, record.sid)
    if record.send_at is not None:
        world.scheduler.submit_at(record.send_at, record.sid, launch)
    else:
        world.scheduler.submit(record.sid, world.options.delay, launch)
    return kept


def read(world: World, sid: str) -> None:
    """Let the customer read a message; its callback comes after those already under way."""
    world.scheduler.submit(sid, 0, partial(_advance, world, sid, "read"))


def outside_window(world: World, record: MessageRecord) -> bool:
    """Tell whether a message is free-form and the 24 hours are over at this moment of its life.

    Content that was never submitted for approval counts as free-form.
    """
    template = world.template(record.content_sid)
    free_form = template is None or template.status == UNSUBMITTED
    at = record.send_at or record.created_at
    return free_form and not world.people.window_is_open(record.from_, record.to, at)


async def _launch(world: World, sid: str) -> None:
    if world.messages.get(sid).status in {"accepted", "scheduled"}:
        await _advance(world, sid, "queued")
    record = world.messages.get(sid)
    if record.status != "queued":
        return
    code = next((code for check in _CHECKS if (code := check(world, record))), None)
    code = code or await _check_media(world, record)
    outcome = None if code else world.faults.take_outcome(at_once=False, ordinal=record.ordinal)
    if code or (outcome and outcome.status == "failed"):
        await _fail(world, sid, "failed", code or (outcome.code if outcome else 0))
    else:
        await _send(world, sid, outcome.code if outcome else 0)


async def _send(world: World, sid: str, refused: int = 0) -> None:
    if await _advance(world, sid, "sent"):
        world.scheduler.submit(sid, world.options.delay, partial(_deliver, world, sid, refused))


async def _deliver(world: World, sid: str, refused: int) -> None:
    if refused:
        await _fail(world, sid, "undelivered", refused)
    elif not world.people.is_blocked(world.messages.get(sid).to):
        await _advance(world, sid, "delivered")


async def _fail(world: World, sid: str, status: str, code: int) -> None:
    await _advance(world, sid, status, error_code=code, error_message=failure_text(code))


async def _advance(world: World, sid: str, status: str, **changes: object) -> bool:
    record = world.messages.move(sid, status, **changes)
    if record is not None:
        await notify(world, record)
    return record is not None


def _check_recipient(world: World, record: MessageRecord) -> int | None:
    return world.people.error(record.to) or None


def _check_sandbox(world: World, record: MessageRecord) -> int | None:
    sandbox = world.options.sandbox
    if sandbox is None or record.from_ != whatsapp(sandbox.number):
        return None
    return None if world.people.is_member(record.to, world.clock.now(), sandbox.membership) else 63015


def _check_template(world: World, record: MessageRecord) -> int | None:
    template = world.template(record.content_sid)
    if template is None:
        return None
    too_long = template.status != UNSUBMITTED and len(record.rendered_body) > MAX_APPROVED_BODY
    return refusal_of(template) or (63021 if too_long else None)


def _check_marketing(world: World, record: MessageRecord) -> int | None:
    template = world.template(record.content_sid)
    if template is None or template.category != "MARKETING":
        return None
    if world.people.refuses_marketing(record.to):
        return 63050
    return 63049 if record.to.startswith("whatsapp:+1") else None


def _check_window(world: World, record: MessageRecord) -> int | None:
    return 63016 if outside_window(world, record) else None


async def _check_media(world: World, record: MessageRecord) -> int | None:
    if record.media_url is None:
        return None
    sid, now = world.sids.new("ME"), world.clock.now()
    try:
        content_type, data = await asyncio.to_thread(fetch_media, record.media_url)
    except MediaError as failure:
        return failure.code
    item = MediaItem(sid, content_type, data, now)
    caption = record.body if kind_of(content_type) == "image" else ""
    world.messages.change(record.sid, media=(item,), rendered_body=caption)
    return None


Check = Callable[[World, MessageRecord], int | None]

# The first check that names a code decides.
_CHECKS: tuple[Check, ...] = (
    _check_recipient,
    _check_sandbox,
    _check_template,
    _check_marketing,
    _check_window,
    check_limits,
)
