"""The account and its messages: each handler takes the world and a request, and returns the answer."""

from __future__ import annotations

from functools import partial

from wa_omnichannel.emulator.behaviour.callbacks import notify
from wa_omnichannel.emulator.behaviour.lifecycle import begin, outside_window
from wa_omnichannel.emulator.behaviour.limits import exceeds_daily
from wa_omnichannel.emulator.behaviour.problems import RestError
from wa_omnichannel.emulator.rest.calls import Answer, Call, not_found
from wa_omnichannel.emulator.rest.listing import matching_messages
from wa_omnichannel.emulator.rest.paging import old_style, page_of
from wa_omnichannel.emulator.rest.resources import account_json, message_json, messages_uri
from wa_omnichannel.emulator.rest.validation import draft_message
from wa_omnichannel.emulator.state.records import MessageRecord
from wa_omnichannel.emulator.state.world import World

IN_PROGRESS = frozenset({"accepted", "queued", "sending", "scheduled"})


def fetch_account(world: World, _call: Call) -> Answer:
    """Return the account."""
    return Answer(payload=account_json(world))


def create_message(world: World, call: Call) -> Answer:
    """Take a message in."""
    draft = draft_message(world, call)
    ordered = world.faults.take_outcome(at_once=True)
    if ordered is not None:
        raise RestError(ordered.code)
    if world.options.synchronous_63016 and draft.send_at is None and outside_window(world, draft):
        raise RestError(63016)
    if exceeds_daily(world):
        raise RestError(63038)
    return Answer(status=201, payload=message_json(world, begin(world, draft)))


def list_messages(world: World, call: Call) -> Answer:
    """List messages in both directions, newest first."""
    page = page_of(matching_messages(world, call), call, lambda record: record.sid)
    path = f"{messages_uri(world)}.json"
    return Answer(payload=old_style(path, "messages", page, call, partial(message_json, world)))


def fetch_message(world: World, call: Call) -> Answer:
    """Return one message."""
    return Answer(payload=message_json(world, find_message(world, call)))


def update_message(world: World, call: Call) -> Answer:
    """Cancel a message (``Status=canceled``) or redact it (a blank ``Body``)."""
    record = find_message(world, call)
    if call.field("Body"):
        raise RestError(20001, "Body can only be redacted, with a blank value")
    if call.field("Status") not in {"", "canceled"}:
        raise RestError(20001, "Status can only become canceled")
    if call.field("Status"):
        _cancel(world, record)
    if call.has("Body"):
        world.messages.change(record.sid, body="")
    return Answer(payload=message_json(world, world.messages.get(record.sid)))


def _cancel(world: World, record: MessageRecord) -> None:
    canceled = world.messages.move(record.sid, "canceled")
    if canceled is None:
        raise RestError(30409)
    world.scheduler.submit(record.sid, 0, partial(notify, world, canceled))


def delete_message(world: World, call: Call) -> Answer:
    """Hide a message from the API, unless it is still on its way."""
    record = find_message(world, call)
    if record.status in IN_PROGRESS:
        raise RestError(20009)
    world.messages.change(record.sid, deleted=True, media=())
    return Answer(status=204)


def find_message(world: World, call: Call) -> MessageRecord:
    """Return the message that the path names.

    Raises:
        RestError: If there is none, or it was deleted (20404).
    """
    try:
        record = world.messages.get(call.params["sid"])
    except KeyError:
        raise not_found(call) from None
    if record.deleted:
        raise not_found(call)
    return record
