"""The REST resources: each function takes the world and a request, and returns the answer."""

from __future__ import annotations

import base64
import secrets

from wa_omnichannel.emulator.calls import Answer, Call, Handler
from wa_omnichannel.emulator.lifecycle import begin, outside_window
from wa_omnichannel.emulator.listing import list_json
from wa_omnichannel.emulator.problems import RestError
from wa_omnichannel.emulator.records import MediaItem, MessageRecord
from wa_omnichannel.emulator.resources import approval_json, content_json, media_json, message_json
from wa_omnichannel.emulator.templates import Template
from wa_omnichannel.emulator.validation import draft_message
from wa_omnichannel.emulator.world import World

IN_PROGRESS = frozenset({"accepted", "queued", "sending"})


def answer_call(world: World, handler: Handler, call: Call) -> Answer:
    """Check the credentials and the account, run the handler, and turn refusals into error bodies."""
    try:
        _authenticate(world, call)
        return handler(world, call)
    except RestError as refusal:
        return refuse(refusal)


def refuse(refusal: RestError) -> Answer:
    """Return the answer of a refused request."""
    headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if refusal.code == 20003 else {}
    return Answer(status=refusal.status, payload=refusal.body, headers=headers)


def _authenticate(world: World, call: Call) -> None:
    options = world.options
    credentials = base64.b64encode(f"{options.account_sid}:{options.auth_token}".encode()).decode()
    given = call.authorization.removeprefix("Basic ")
    if not secrets.compare_digest(given.encode(), credentials.encode()):
        raise RestError(20003)
    if call.params.get("account", options.account_sid) != options.account_sid:
        raise RestError(20404, f"The requested resource {call.path} was not found")


# --- messages


def create_message(world: World, call: Call) -> Answer:
    """Take a message in: 201 with the new resource."""
    draft = draft_message(world, call)
    if world.options.synchronous_63016 and outside_window(world, draft):
        raise RestError(63016)
    return Answer(status=201, payload=message_json(world, begin(world, draft)))


def list_messages(world: World, call: Call) -> Answer:
    """List messages in both directions."""
    return Answer(payload=list_json(world, call))


def fetch_message(world: World, call: Call) -> Answer:
    """Return one message."""
    return Answer(payload=message_json(world, _message(world, call)))


def update_message(world: World, call: Call) -> Answer:
    """Cancel a message (``Status=canceled``) or redact it (a blank ``Body``)."""
    record = _message(world, call)
    if call.field("Body"):
        raise RestError(20001, "Body can only be redacted, with a blank value")
    if call.field("Status") == "canceled" and world.move(record.sid, "canceled") is None:
        raise RestError(30409)
    if call.has("Body"):
        world.change_message(record.sid, body="")
    return Answer(payload=message_json(world, world.message(record.sid)))


def delete_message(world: World, call: Call) -> Answer:
    """Hide a message from the API, unless it is still on its way."""
    record = _message(world, call)
    if record.status in IN_PROGRESS:
        raise RestError(20009)
    world.change_message(record.sid, deleted=True)
    return Answer(status=204)


def _message(world: World, call: Call) -> MessageRecord:
    try:
        record = world.message(call.params["sid"])
    except KeyError:
        raise _not_found(call) from None
    if record.deleted:
        raise _not_found(call)
    return record


def _not_found(call: Call) -> RestError:
    return RestError(20404, f"The requested resource {call.path} was not found")


# --- media


def list_media(world: World, call: Call) -> Answer:
    """List the files of a message."""
    record = _message(world, call)
    uri = call.path
    items = [media_json(world, record, item) for item in record.media]
    return Answer(
        payload={
            "end": max(len(items) - 1, 0),
            "first_page_uri": f"{uri}?PageSize=50&Page=0",
            "media_list": items,
            "next_page_uri": None,
            "page": 0,
            "page_size": 50,
            "previous_page_uri": None,
            "start": 0,
            "uri": uri,
        }
    )


def fetch_media_json(world: World, call: Call) -> Answer:
    """Describe one file."""
    record, item = _media(world, call)
    return Answer(payload=media_json(world, record, item))


def fetch_media_bytes(world: World, call: Call) -> Answer:
    """Return the bytes of one file with its content type."""
    _, item = _media(world, call)
    return Answer(content=item.data, content_type=item.content_type)


def delete_media(world: World, call: Call) -> Answer:
    """Delete one file."""
    record, item = _media(world, call)
    world.change_message(record.sid, media=tuple(each for each in record.media if each != item))
    return Answer(status=204)


def _media(world: World, call: Call) -> tuple[MessageRecord, MediaItem]:
    record = _message(world, call)
    for item in record.media:
        if item.sid == call.params["media"]:
            return record, item
    raise _not_found(call)


# --- content


def list_content(world: World, _call: Call) -> Answer:
    """List every template on one page."""
    url = f"{world.base_url}/v1/Content?PageSize=1000&Page=0"
    meta = {
        "first_page_url": url,
        "key": "contents",
        "next_page_url": None,
        "page": 0,
        "page_size": 1000,
        "previous_page_url": None,
        "url": url,
    }
    return Answer(payload={"contents": [content_json(world, each) for each in world.templates], "meta": meta})


def fetch_content(world: World, call: Call) -> Answer:
    """Return one template."""
    return Answer(payload=content_json(world, _template(world, call)))


def fetch_approval(world: World, call: Call) -> Answer:
    """Return the approval of one template."""
    return Answer(payload=approval_json(world, _template(world, call)))


def _template(world: World, call: Call) -> Template:
    template = world.template(call.params["content"])
    if template is None:
        raise _not_found(call)
    return template


_MESSAGES = "/2010-04-01/Accounts/{account}/Messages"

ROUTES: dict[str, dict[str, Handler]] = {
    f"{_MESSAGES}.json": {"GET": list_messages, "POST": create_message},
    f"{_MESSAGES}/{{sid}}.json": {"GET": fetch_message, "POST": update_message, "DELETE": delete_message},
    f"{_MESSAGES}/{{sid}}/Media.json": {"GET": list_media},
    f"{_MESSAGES}/{{sid}}/Media/{{media}}.json": {"GET": fetch_media_json, "DELETE": delete_media},
    f"{_MESSAGES}/{{sid}}/Media/{{media}}": {"GET": fetch_media_bytes, "DELETE": delete_media},
    "/v1/Content": {"GET": list_content},
    "/v1/Content/{content}/ApprovalRequests": {"GET": fetch_approval},
    "/v1/Content/{content}": {"GET": fetch_content},
}
