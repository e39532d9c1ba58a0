"""The life of an outbound message, from the queue to the customer's phone."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from wa_omnichannel.emulator.callbacks import notify
from wa_omnichannel.emulator.media import MediaError, fetch_media, kind_of
from wa_omnichannel.emulator.problems import FAILURES
from wa_omnichannel.emulator.records import MessageRecord
from wa_omnichannel.emulator.templates import UNSUBMITTED, refusal_of
from wa_omnichannel.emulator.world import World


def begin(world: World, record: MessageRecord) -> MessageRecord:
    """Take a new outbound message in; its statuses follow in the background."""
    world.add_message(record)
    world.scheduler.submit(record.sid, world.options.delay, partial(_launch, world, record.sid))
    return record


def read(world: World, sid: str) -> None:
    """Let the customer read a message; its callback comes after those already under way."""
    world.scheduler.submit(sid, 0, partial(_advance, world, sid, "read"))


def outside_window(world: World, record: MessageRecord) -> bool:
    """Tell whether a message is free-form and the 24 hours were over when it was created.

    Content that was never submitted for approval counts as free-form.
    """
    template = world.template(record.content_sid)
    free_form = template is None or template.status == UNSUBMITTED
    return free_form and not world.window_is_open(record.from_, record.to, record.created_at)


def _launch(world: World, sid: str) -> None:
    if world.message(sid).status == "accepted":
        _advance(world, sid, "queued")
    record = world.message(sid)
    code = next((code for check in _CHECKS if (code := check(world, record))), None)
    if code is not None:
        _advance(world, sid, "failed", error_code=code, error_message=FAILURES[code])
    elif _advance(world, sid, "sent"):
        world.scheduler.submit(sid, world.options.delay, partial(_deliver, world, sid))


def _deliver(world: World, sid: str) -> None:
    if not world.is_blocked(world.message(sid).to):
        _advance(world, sid, "delivered")


def _advance(world: World, sid: str, status: str, **changes: object) -> bool:
    record = world.move(sid, status, **changes)
    if record is not None:
        notify(world, record)
    return record is not None


def _check_template(world: World, record: MessageRecord) -> int | None:
    template = world.template(record.content_sid)
    return refusal_of(template) if template else None


def _check_window(world: World, record: MessageRecord) -> int | None:
    return 63016 if outside_window(world, record) else None


def _check_media(world: World, record: MessageRecord) -> int | None:
    if record.media_url is None:
        return None
    try:
        item = fetch_media(record.media_url, world.clock.now())
    except MediaError:
        return 63019
    caption = record.body if kind_of(item.content_type) == "image" else ""
    world.change_message(record.sid, media=(item,), rendered_body=caption)
    return None


Check = Callable[[World, MessageRecord], int | None]

_CHECKS: tuple[Check, ...] = (_check_template, _check_window, _check_media)
