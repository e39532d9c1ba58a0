"""The files of messages. A download may lead by 307 to a second host, whose signed URLs need no credentials."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import urlencode

from wa_omnichannel.emulator.behaviour.problems import RestError
from wa_omnichannel.emulator.rest.calls import Answer, Call, not_found
from wa_omnichannel.emulator.rest.messages import find_message
from wa_omnichannel.emulator.rest.paging import old_style, page_of
from wa_omnichannel.emulator.rest.resources import media_json, messages_uri
from wa_omnichannel.emulator.state.records import MediaItem, MessageRecord
from wa_omnichannel.emulator.state.world import World

VALID = timedelta(hours=4)
FILES = "/media-files"


def list_media(world: World, call: Call) -> Answer:
    """List the files of a message."""
    record = find_message(world, call)
    page = page_of(record.media, call, lambda item: item.sid)
    path = f"{messages_uri(world)}/{record.sid}/Media.json"
    return Answer(payload=old_style(path, "media_list", page, call, partial(media_json, world, record)))


def fetch_media_json(world: World, call: Call) -> Answer:
    """Describe one file."""
    record, item = _media(world, call)
    return Answer(payload=media_json(world, record, item))


def fetch_media_bytes(world: World, call: Call) -> Answer:
    """Return the bytes of one file, or lead to where they are."""
    record, item = _media(world, call)
    if not world.options.media_redirect:
        return Answer(content=item.data, content_type=item.content_type)
    return Answer(status=307, headers={"Location": _signed_url(world, record, item)})


def fetch_file(world: World, call: Call) -> Answer:
    """Return the bytes of one file to whoever has its signed URL."""
    record, item = _media(world, call)
    expires = call.argument("Expires")
    given = call.argument("Signature").encode()
    genuine = hmac.compare_digest(_signature(world, record, item, expires).encode(), given)
    if not genuine or world.clock.now() > datetime.fromtimestamp(int(expires), UTC):
        raise RestError(20403, "The signature of this URL is wrong or over")
    return Answer(content=item.data, content_type=item.content_type)


def delete_media(world: World, call: Call) -> Answer:
    """Delete one file."""
    record, item = _media(world, call)
    world.messages.change(record.sid, media=tuple(each for each in record.media if each != item))
    return Answer(status=204)


def _media(world: World, call: Call) -> tuple[MessageRecord, MediaItem]:
    record = find_message(world, call)
    for item in record.media:
        if item.sid == call.params["media"]:
            return record, item
    raise not_found(call)


def _signed_url(world: World, record: MessageRecord, item: MediaItem) -> str:
    expires = str(int((world.clock.now() + VALID).timestamp()))
    query = urlencode({"Expires": expires, "Signature": _signature(world, record, item, expires)})
    return f"{world.media_host}{FILES}/{record.sid}/{item.sid}?{query}"


def _signature(world: World, record: MessageRecord, item: MediaItem, expires: str) -> str:
    text = f"{record.sid}/{item.sid}/{expires}".encode()
    return hmac.new(world.options.auth_token.encode(), text, hashlib.sha256).hexdigest()
